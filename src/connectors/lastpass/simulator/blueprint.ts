import { CAST_IDS } from '../../../connector-kit/simulator-kit/northwind/cast.ts';
import type { Northwind, Person } from '../../../connector-kit/simulator-kit/northwind/northwind.ts';
import { hashAt, type Shuffle, shuffle } from '../../../connector-kit/simulator-kit/random.ts';
import { castAccounts, castInvitations } from './cast.ts';
import type { Invitation, StoredUser } from './model.ts';

/**
 * Northwind's LastPass company on its first day: users are made when asked for, by their slot (their order in answers).
 * The cast comes first, then the crowd; the last of the crowd are invited, and two have no LastPass.
 */
export interface Blueprint {
  /** How many users there are: slots 0 to size-1. */
  readonly size: number;
  readonly anchorMs: number;
  readonly seedHash: number;
  readonly invitations: readonly Invitation[];
  readonly groupNames: readonly string[];
  user(slot: number): StoredUser;
  /** What filters ask for, without making the whole user. */
  flags(slot: number): { readonly disabled: boolean; readonly admin: boolean };
  groups(slot: number): readonly string[];
  /** The slot of the user with this folded address, or null. */
  slotOfAddress(folded: string): number | null;
}

const DAY_MS = 86_400_000;
const WITHOUT_LASTPASS = 2;
const BASE_TEAMS = [
  'Platform',
  'On-call',
  'Project Aurora',
  'Payroll',
  'Sales EMEA',
  'Support Tier 2',
  'Travel',
  '東京オフィス',
  'Café & Facilities',
];
const DEPARTMENT_GROUPS = [
  'Engineering',
  'Security',
  'IT',
  'Finance',
  'Sales',
  'Support',
  'People',
  'Legal',
  'Operations',
];
const FACTORS = [
  'googleauth',
  'googleauth',
  'googleauth',
  'lastpassauth',
  'lastpassauth',
  'microsoftauth',
  'duo',
  'yubikey',
];

/** The company of these people. `anchorMs`: the moment all its dates are relative to. */
export function blueprint(company: Northwind, seedHash: number, anchorMs: number): Blueprint {
  const cast = castAccounts(company, anchorMs);
  const crowd = crowdOf(company, cast.length, seedHash, anchorMs);
  const castSlots = new Map(cast.map(({ username }, slot) => [username, slot]));
  return {
    size: cast.length + crowd.size,
    anchorMs,
    seedHash,
    invitations: [...castInvitations(company), ...crowdInvitations(company, crowd)],
    groupNames: [...DEPARTMENT_GROUPS, ...crowd.teams],
    user: (slot) => cast[slot] ?? crowdUser(company, crowd, slot - cast.length),
    flags: (slot) => cast[slot] ?? crowdStanding(crowd, slot - cast.length),
    groups: (slot) => cast[slot]?.groups ?? crowdGroups(company.person(slot - cast.length + CAST_IDS.length), crowd),
    slotOfAddress(folded) {
      const slot = castSlots.get(folded);
      if (slot !== undefined) return slot;
      const index = company.indexOfEmail(folded);
      const place = index === null ? -1 : index - CAST_IDS.length;
      return place >= 0 && place < crowd.size ? cast.length + place : null;
    },
  };
}

interface Crowd {
  /** Users of the crowd; `invited` more follow them in the company. */
  readonly size: number;
  readonly invited: number;
  readonly ranks: Shuffle;
  readonly disabled: number;
  readonly pending: number;
  readonly admins: number;
  readonly teams: readonly string[];
  readonly seedHash: number;
  readonly anchorMs: number;
}

/** Figures at 250 people, cast included: 250 accounts, 6 administrators, 9 disabled, 14 never signed in, 5 invited, 18 groups. */
function crowdOf(company: Northwind, castAccountCount: number, seedHash: number, anchorMs: number): Crowd {
  const accounts = Math.max(0, company.size - castAccountCount - WITHOUT_LASTPASS);
  const beyond = Math.max(0, company.size - 250);
  const invited = Math.min(accounts, 3 + Math.floor(beyond / 2_000));
  const size = accounts - invited;
  const teams = Array.from(
    { length: 9 + Math.floor(beyond / 250) },
    (_, team) => BASE_TEAMS[team] ?? `Team ${team + 1}`,
  );
  return {
    size,
    invited,
    ranks: shuffle(size, hashAt(seedHash, 11, 0)),
    disabled: Math.round((company.size * 9) / 250),
    pending: Math.max(0, Math.round((company.size * 14) / 250) - 1),
    admins: 2 + Math.floor(beyond / 1_000),
    teams,
    seedHash,
    anchorMs,
  };
}

interface Standing {
  readonly disabled: boolean;
  readonly pending: boolean;
  readonly admin: boolean;
  /** The one administrator of the crowd without a second factor. */
  readonly isCareless: boolean;
}

function crowdStanding(crowd: Crowd, place: number): Standing {
  const rank = crowd.ranks.placeOf(place);
  const firstAdmin = crowd.disabled + crowd.pending;
  return {
    disabled: rank < crowd.disabled,
    pending: rank >= crowd.disabled && rank < firstAdmin,
    admin: rank >= firstAdmin && rank < firstAdmin + crowd.admins,
    isCareless: rank === firstAdmin,
  };
}

function crowdUser(company: Northwind, crowd: Crowd, place: number): StoredUser {
  const person = company.person(place + CAST_IDS.length);
  const standing = crowdStanding(crowd, place);
  const luck = (purpose: number, below: number) => hashAt(crowd.seedHash, 20 + purpose, place) % below;
  const created =
    Math.max(Date.parse(person.startDate) + 14 * 3_600_000, crowd.anchorMs - 1_100 * DAY_MS) + luck(0, 7_200) * 1_000;
  const lastLogin = standing.pending ? null : Math.max(created + DAY_MS, crowd.anchorMs - sinceLogin(standing, luck));
  const hasFactor = lastLogin !== null && !standing.isCareless && (standing.admin || luck(3, 100) < 85);
  return {
    username: person.email,
    fullname: person.displayName,
    mpstrength: lastLogin === null ? 0 : 40 + luck(4, 13) * 5,
    created,
    lastPasswordChange:
      lastLogin === null ? created : created + Math.floor(((lastLogin - created) * luck(5, 90)) / 100_000) * 1_000,
    lastLogin,
    disabled: standing.disabled,
    admin: standing.admin,
    superAdmin: false,
    totalscore: lastLogin === null ? null : scoreText(luck(6, 1_000)),
    multifactor: hasFactor ? (FACTORS[luck(7, FACTORS.length)] ?? null) : null,
    duousername: luck(8, 6) === 0 ? null : person.email,
    securidusername: null,
    linked: luck(9, 10) === 0 && lastLogin !== null ? `home${place}@mail.example` : null,
    vault: lastLogin === null ? null : [luck(10, 160), luck(11, 20), luck(12, 4), luck(13, 2), luck(14, 5)],
    passwordResetRequired: lastLogin === null,
    groups: crowdGroups(person, crowd),
    attribs: luck(15, 10) < 6 ? { EmployeeNumber: person.employeeNumber, Department: person.department } : null,
    pendingEmail: null,
  };
}

function sinceLogin(standing: Standing, luck: (purpose: number, below: number) => number): number {
  const share = luck(1, 10_000) / 10_000;
  const days = standing.disabled ? 40 + share * 300 : 0.05 + share ** 3 * 27;
  return Math.floor(days * 86_400) * 1_000;
}

function scoreText(tenths: number): string {
  return tenths % 10 === 0 ? String(tenths / 10) : (tenths / 10).toFixed(1);
}

/** Most are in their department's group, a quarter in a team's. */
function crowdGroups(person: Person, crowd: Crowd): string[] {
  const place = person.index - CAST_IDS.length;
  const chance = hashAt(crowd.seedHash, 40, place);
  const team = crowd.teams[(chance >>> 8) % crowd.teams.length];
  return [...(chance % 20 < 17 ? [person.department] : []), ...(chance % 4 === 0 && team ? [team] : [])];
}

function crowdInvitations(company: Northwind, crowd: Crowd): Invitation[] {
  return Array.from({ length: crowd.invited }, (_, place) => {
    const person = company.person(CAST_IDS.length + crowd.size + place);
    return { email: person.email, fullname: person.displayName, groups: [person.department], attribs: null };
  });
}
