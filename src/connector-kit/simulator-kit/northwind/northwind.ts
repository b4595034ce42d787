import { type Seed, hashAt, hashText, type Shuffle, shuffle } from '../random.ts';
import { CAST, CAST_IDS, type CastId, type CastMember, type Department } from './cast.ts';
import { NAME_PAIRS } from './names.ts';

const NORTHWIND_NAME = 'Northwind Trading';
const NORTHWIND_DOMAIN = 'northwind.example';

export interface Person {
  /** Its place in the company, from 0: the cast first. */
  readonly index: number;
  /** Who of the cast it is; null for the crowd. */
  readonly castId: CastId | null;
  readonly givenName: string;
  /** '' for people with a single name. */
  readonly familyName: string;
  readonly displayName: string;
  readonly email: string;
  readonly employeeNumber: string;
  readonly department: Department;
  readonly title: string;
  readonly country: string;
  /** Its manager's place; null for heads of departments. */
  readonly managerIndex: number | null;
  readonly isContractor: boolean;
  /** `YYYY-MM-DD` */
  readonly startDate: string;
  readonly endDate: string | null;
  /** `YYYY-MM-DD`; null: not on leave. */
  readonly onLeaveSince: string | null;
  /** The department of before a move, and its day; null: never moved. */
  readonly movedFrom: { readonly department: Department; readonly on: string } | null;
}

export interface NorthwindOptions {
  readonly seed?: Seed;
  /** How many people work there, cast included; never fewer than the cast. Default 250. */
  readonly people?: number;
  /** All dates are relative to this day. */
  readonly today: Date;
}

/**
 * The invented company that all simulators draw their accounts from. Nothing is kept: a person is made when asked for,
 * always the same for the same options, so that a million people cost nothing until they are read.
 */
export interface Northwind {
  readonly name: string;
  readonly domain: string;
  /** How many people there are: places 0 to size-1. */
  readonly size: number;
  /** The person at a place. Throws a RangeError outside of the company. */
  person(index: number): Person;
  /** Everybody, in order. */
  people(): Generator<Person, void, void>;
  cast(id: CastId): Person;
  /** The place of the person with this address of the company's own domain (letter case aside), if there is one. */
  indexOfEmail(email: string): number | null;
}

/** One slot a twentieth of the crowd: the departments' shares. */
const DEPARTMENT_SLOTS: readonly Department[] = [
  'Engineering', 'Sales', 'Support', 'Engineering', 'Operations', 'Finance', 'Engineering', 'Sales', 'IT', 'Support',
  'Engineering', 'Security', 'Sales', 'Engineering', 'People', 'Support', 'Operations', 'Engineering', 'Legal', 'Sales',
]; // prettier-ignore

const TITLES: Readonly<Record<Department, readonly string[]>> = {
  Engineering: ['Software engineer', 'Senior software engineer', 'Test engineer', 'Platform engineer', 'Designer'],
  Security: ['Security analyst', 'Security engineer', 'Compliance specialist'],
  IT: ['Systems administrator', 'Service desk analyst', 'Network engineer'],
  Finance: ['Accountant', 'Finance analyst', 'Payroll specialist'],
  Sales: ['Account executive', 'Sales engineer', 'Sales representative', 'Customer manager'],
  Support: ['Support specialist', 'Senior support specialist', 'Support engineer'],
  People: ['People partner', 'Recruiter'],
  Legal: ['Counsel', 'Paralegal'],
  Operations: ['Logistics planner', 'Buyer', 'Operations analyst', 'Warehouse lead'],
};

const PLACE_OF_SLUG: ReadonlyMap<string, number> = new Map(NAME_PAIRS.map(({ slug }, place) => [slug, place]));
const INDEX_OF_CAST_EMAIL: ReadonlyMap<string, number> = new Map(CAST_IDS.map((id, index) => [CAST[id].email, index]));
const DAY_MS = 86_400_000;
const FIRST_EMPLOYEE_NUMBER = 10_001;
const REPORTS_A_MANAGER = 6;

/** The company for these options. */
export function northwind(options: NorthwindOptions): Northwind {
  const seedHash = hashText(String(options.seed ?? 'northwind'));
  const size = Math.max(CAST_IDS.length, options.people ?? 250);
  const crowd = {
    seedHash,
    size: size - CAST_IDS.length,
    names: shuffle(NAME_PAIRS.length, seedHash),
    day: dayTeller(options.today),
  };
  const person = (index: number): Person => {
    const castId = CAST_IDS[index];
    if (castId) return castPerson(castId, index, crowd);
    if (!Number.isInteger(index) || index < 0 || index >= size) throw new RangeError(`Nobody is at place ${index}.`);
    return crowdPerson(index - CAST_IDS.length, crowd);
  };
  return {
    name: NORTHWIND_NAME,
    domain: NORTHWIND_DOMAIN,
    size,
    person,
    *people() {
      for (let index = 0; index < size; index++) yield person(index);
    },
    cast: (id) => person(CAST_IDS.indexOf(id)),
    indexOfEmail: (email) => indexOfEmail(email.toLowerCase(), crowd),
  };
}

interface Crowd {
  readonly seedHash: number;
  readonly size: number;
  readonly names: Shuffle;
  /** `YYYY-MM-DD` so many days from today. */
  day(inDays: number): string;
}

function castPerson(id: CastId, index: number, crowd: Crowd): Person {
  const member: CastMember = CAST[id];
  return {
    index,
    castId: id,
    givenName: member.givenName,
    familyName: member.familyName,
    displayName: `${member.givenName} ${member.familyName}`,
    email: member.email,
    employeeNumber: String(FIRST_EMPLOYEE_NUMBER + index),
    department: member.department,
    title: member.title,
    country: member.country,
    managerIndex: headOf(member.department, crowd),
    isContractor: member.isContractor ?? false,
    startDate: crowd.day(member.startsInDays),
    endDate: member.endsInDays === undefined ? null : crowd.day(member.endsInDays),
    onLeaveSince: member.onLeaveSinceDays === undefined ? null : crowd.day(member.onLeaveSinceDays),
    movedFrom: member.moved ? { department: member.moved.from, on: crowd.day(member.moved.inDays) } : null,
  };
}

function crowdPerson(place: number, crowd: Crowd): Person {
  const round = Math.floor(place / NAME_PAIRS.length);
  const pair = NAME_PAIRS[crowd.names.at(place % NAME_PAIRS.length)];
  const slot = place % DEPARTMENT_SLOTS.length;
  const department = DEPARTMENT_SLOTS[slot];
  if (!pair || !department) throw new RangeError(`Nobody is at place ${place} of the crowd.`);
  const managerIndex = managerOf(place, slot, department, crowd);
  const isContractor = managerIndex !== null && hashAt(crowd.seedHash, 1, place) % 10 === 0;
  return {
    index: place + CAST_IDS.length,
    castId: null,
    givenName: pair.givenName,
    familyName: pair.familyName,
    displayName: pair.familyName === '' ? pair.givenName : `${pair.givenName} ${pair.familyName}`,
    email: `${pair.slug}${round === 0 ? '' : round + 1}@${NORTHWIND_DOMAIN}`,
    employeeNumber: String(FIRST_EMPLOYEE_NUMBER + CAST_IDS.length + place),
    department,
    title: titleOf(place, department, managerIndex, crowd),
    country: pair.country,
    managerIndex,
    isContractor,
    startDate: crowd.day(startsInDays(place, crowd)),
    endDate: isContractor ? crowd.day(20 + (hashAt(crowd.seedHash, 3, place) % 300)) : null,
    onLeaveSince: null,
    movedFrom: null,
  };
}

/** Who came first has the lowest number: from eight years ago to a month ago. */
function startsInDays(place: number, crowd: Crowd): number {
  return -30 - Math.round((1 - (place + 1) / (crowd.size + 1)) * 2_900);
}

function titleOf(place: number, department: Department, managerIndex: number | null, crowd: Crowd): string {
  if (managerIndex === null) return `Head of ${department}`;
  const titles = TITLES[department];
  return titles[hashAt(crowd.seedHash, 2, place) % titles.length] ?? department;
}

/** A tree a slot: the first block's people report to the head, each later block's to one of an earlier block. */
function managerOf(place: number, slot: number, department: Department, crowd: Crowd): number | null {
  const block = Math.floor(place / DEPARTMENT_SLOTS.length);
  if (block > 0) {
    const managerBlock = Math.floor((block - 1) / REPORTS_A_MANAGER);
    return CAST_IDS.length + managerBlock * DEPARTMENT_SLOTS.length + slot;
  }
  return slot === DEPARTMENT_SLOTS.indexOf(department) ? null : headOf(department, crowd);
}

function headOf(department: Department, crowd: Crowd): number | null {
  const slot = DEPARTMENT_SLOTS.indexOf(department);
  return slot < crowd.size ? CAST_IDS.length + slot : null;
}

function indexOfEmail(email: string, crowd: Crowd): number | null {
  const cast = INDEX_OF_CAST_EMAIL.get(email);
  if (cast !== undefined) return cast;
  const parts = /^(?<slug>[a-z.-]+)(?<round>[1-9]\d*)?@northwind\.example$/.exec(email)?.groups;
  const pair = PLACE_OF_SLUG.get(parts?.slug ?? '');
  const round = parts?.round === undefined ? 0 : Number(parts.round) - 1;
  if (pair === undefined || (parts?.round !== undefined && round < 1)) return null;
  const place = round * NAME_PAIRS.length + crowd.names.placeOf(pair);
  return place < crowd.size ? CAST_IDS.length + place : null;
}

/** The same few thousand days come up again and again: each is written once. */
function dayTeller(today: Date): (inDays: number) => string {
  const known = new Map<number, string>();
  return (inDays) => {
    const text = known.get(inDays) ?? new Date(today.getTime() + inDays * DAY_MS).toISOString().slice(0, 10);
    known.set(inDays, text);
    return text;
  };
}
