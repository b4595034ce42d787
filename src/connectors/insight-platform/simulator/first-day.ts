import { createHash } from 'node:crypto';
import {
  type CastId,
  type Department,
  DEPARTMENTS,
  JORG_SPELLINGS,
  SPECIAL_ACCOUNTS,
  VIKTOR_OTHER_CASE_EMAIL,
} from '../../../connector-kit/simulator-kit/northwind/cast.ts';
import { northwind, type Person } from '../../../connector-kit/simulator-kit/northwind/northwind.ts';
import { hashAt, hashText } from '../../../connector-kit/simulator-kit/random.ts';
import type {
  AuditEntry,
  StoredGroup,
  StoredKey,
  StoredOrganization,
  StoredProduct,
  StoredRole,
  StoredUser,
} from './model.ts';

/** All of the organization on its first day. */
export interface FirstDay {
  readonly name: string;
  readonly users: readonly StoredUser[];
  readonly groups: readonly StoredGroup[];
  readonly roles: readonly StoredRole[];
  readonly keys: readonly StoredKey[];
  readonly organizations: readonly StoredOrganization[];
  readonly products: readonly StoredProduct[];
  readonly audit: readonly AuditEntry[];
}

const DAY_MS = 86_400_000;
/** Who works with the platform. */
const USING: ReadonlySet<Department> = new Set<Department>(['Engineering', 'Security', 'IT', 'Support', 'Operations']);
const PRODUCTS = ['IVM', 'IDR', 'OPS', 'AS', 'ICON'] as const;
/** Groups beside those of the departments. Yuki Tanaka of Support is in the last three, and nobody else of Support. */
const TEAM_GROUPS = ['Platform operations', 'Vulnerability owners', 'Investigations', 'Automation builders'] as const;
const YUKIS_GROUPS: readonly string[] = TEAM_GROUPS.slice(1);
const MANAGED = ['Northwind Europe', 'Northwind Lab', 'Acme Finance', 'Northwind Logistics'] as const;

/** How people of the cast stand on the platform where it is not as for everybody. */
const CAST_STANDING: Partial<Record<CastId, Partial<StoredUser> & { readonly loginDaysAgo?: number | null }>> = {
  adaOkonkwo: { platformAdmin: true, loginDaysAgo: 0 },
  lenaFischer: { platformAdmin: true, loginDaysAgo: 1 },
  viktorHansen: { email: VIKTOR_OTHER_CASE_EMAIL, loginDaysAgo: 2 },
  samAdeyemi: { status: 'DISABLED', loginDaysAgo: 46 },
  jorgMuller: { firstName: JORG_SPELLINGS[1].givenName, lastName: JORG_SPELLINGS[1].familyName },
  priyaRaman: { status: 'PENDING', loginDaysAgo: null },
  graceKim: { status: 'PENDING', loginDaysAgo: null },
  meiLingChu: { loginDaysAgo: 5 },
  tomasRuiz: { loginDaysAgo: 80 },
};

/** Northwind on the platform: the same for the same seed, size and day. */
export function firstDay(options: {
  readonly seed: string;
  readonly people: number;
  readonly anchorMs: number;
  readonly region: string;
}): FirstDay {
  const { seed, anchorMs, region } = options;
  const company = northwind({ seed, people: options.people, today: new Date(anchorMs) });
  const id = (kind: string, name: string): string => uuidOf(`${seed}/${kind}/${name}`);
  const organizations = [company.name, ...MANAGED].map((name, index) => ({
    id: id('organization', name),
    name,
    region: index === 1 ? 'eu' : region,
    externalId: index === 0 ? null : `NW-${index}`,
  }));
  const home = organizations[0];
  if (home === undefined) throw new Error('There is no organization.');
  const products = PRODUCTS.map((code) => ({
    token: createHash('sha256').update(`${seed}/product/${code}`).digest('hex').slice(0, 20).toUpperCase(),
    code,
    organizationId: home.id,
    organizationName: home.name,
  }));
  const roles = [
    ['admin', 'Admin'], ['readwrite', 'Read Write'], ['readonly', 'Read Only'],
  ].map(([name = '', description = '']) => ({ id: id('role', name), name, description, organizationId: home.id })); // prettier-ignore
  const place = {
    seed,
    seedHash: hashText(`${seed}/insight-platform`),
    anchorMs,
    homeId: home.id,
    products,
    roles,
    id,
  };
  const members = [...company.people()].filter(({ department, castId }) => castId !== null || USING.has(department));
  const people = members.map((person) => ({ person, user: userOf(person, place) }));
  const breakGlass = specialUser('breakglass', place);
  const users = [...people.map(({ user }) => user), breakGlass];
  return {
    name: home.name,
    users,
    groups: groupsOf(people, place),
    roles,
    keys: keysOf(users, place),
    organizations,
    products,
    audit: historyOf(users, place),
  };
}

/** A UUID made of a text, version 4 in form. */
export function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

interface Place {
  readonly seed: string;
  readonly seedHash: number;
  readonly anchorMs: number;
  readonly homeId: string;
  readonly products: readonly StoredProduct[];
  readonly roles: readonly StoredRole[];
  id(kind: string, name: string): string;
}

function userOf(person: Person, place: Place): StoredUser {
  const { castId, index } = person;
  const { loginDaysAgo, ...told } = (castId === null ? null : CAST_STANDING[castId]) ?? {};
  const luck = hashAt(place.seedHash, 1, index);
  const crowdStatus = luck % 29 === 0 ? 'PENDING' : luck % 41 === 0 ? 'DISABLED' : 'ACTIVE';
  const status = told.status ?? (castId === null ? crowdStatus : 'ACTIVE');
  const days = loginDaysAgo === undefined ? 1 + (hashAt(place.seedHash, 2, index) % 40) : loginDaysAgo;
  const lastLogin =
    status === 'PENDING' || days === null ? null : wholeSecond(place.anchorMs - days * DAY_MS - index * 61_000);
  const product = place.products[index % place.products.length];
  const role = place.roles[index % place.roles.length];
  return {
    id: place.id('user', person.email),
    email: person.email,
    firstName: person.givenName,
    // A single name is both: the platform wants two.
    lastName: person.familyName === '' ? person.givenName : person.familyName,
    timezone: 'UTC',
    platformAdmin: false,
    federated: luck % 3 === 0,
    products: product === undefined || status === 'PENDING' ? [] : [product.token],
    roles: role === undefined ? {} : { [place.homeId]: [role.id] },
    sessions: status === 'ACTIVE' && days !== null && days < 3 ? 1 : 0,
    ...told,
    status,
    lastLogin,
  };
}

function specialUser(which: 'breakglass', place: Place): StoredUser {
  const { email } = SPECIAL_ACCOUNTS[which];
  return {
    id: place.id('user', email), email, firstName: 'Break', lastName: 'Glass', timezone: 'UTC', status: 'ACTIVE',
    platformAdmin: true, federated: false, lastLogin: null, products: [], roles: {}, sessions: 0,
  }; // prettier-ignore
}

function groupsOf(
  people: readonly { readonly person: Person; readonly user: StoredUser }[],
  place: Place,
): readonly StoredGroup[] {
  const group = (name: string, description: string, isIn: (person: Person) => boolean): StoredGroup => ({
    id: place.id('group', name),
    name,
    description,
    members: people.flatMap(({ person, user }) => (isIn(person) ? [user.id] : [])),
  });
  const departments = DEPARTMENTS.filter((department) => USING.has(department)).map((department) =>
    // Who moved is still in the group of before.
    group(department, `Everybody of ${department}`, (person) => {
      return person.department === department || person.movedFrom?.department === department;
    }),
  );
  const teams = TEAM_GROUPS.map((name, team) =>
    group(name, '', (person) => {
      if (person.castId === 'yukiTanaka') return YUKIS_GROUPS.includes(name);
      return person.department !== 'Support' && hashAt(place.seedHash, 10 + team, person.index) % 12 === 0;
    }),
  );
  return [
    ...departments,
    ...teams,
    group('東京オフィス', '', ({ country, department }) => country === 'JP' && department !== 'Support'),
  ];
}

/** Told from real keys by the word they begin with. */
function keyOf(seed: string, name: string): string {
  return `facade00-${uuidOf(`${seed}/key/${name}`).slice(9)}`;
}

function keysOf(users: readonly StoredUser[], place: Place): readonly StoredKey[] {
  const owned = (name: string, address: string | null, daysAgo: number): StoredKey => ({
    id: place.id('key', name),
    key: keyOf(place.seed, name),
    name,
    kind: address === null ? 'organization' : 'user',
    ownerId: address === null ? null : (users.find(({ email }) => email.toLowerCase() === address)?.id ?? null),
    createdAt: wholeSecond(place.anchorMs - daysAgo * DAY_MS),
  });
  return [
    owned('Usher (Ada)', 'ada.okonkwo@northwind.example', 30),
    owned('Usher (organization)', null, 30),
    owned('Dashboards', 'viktor.hansen@northwind.example', 200),
    owned('Sales export', 'jonas.lind@northwind.example', 300),
  ];
}

/** A week of who did what, oldest first. */
function historyOf(users: readonly StoredUser[], place: Place): readonly AuditEntry[] {
  const active = users.filter(({ status }) => status === 'ACTIVE');
  const count = Math.min(400, 3 * active.length);
  const from = place.anchorMs - 6 * DAY_MS;
  return Array.from({ length: count }, (_, index) => {
    const luck = hashAt(place.seedHash, 20, index);
    const actor = active[luck % active.length]?.email ?? '';
    const [action, target] = luck % 7 === 0 ? ['LOG_CREATED', 'Dashboards'] : ['USER_LOGGED_IN', actor];
    const at = from + Math.floor(((index + 0.5) / count) * 6 * DAY_MS);
    return { at, sequence: index + 1, action: action ?? '', actor, target: target ?? '', address: '198.51.100.24' };
  });
}

function wholeSecond(epochMs: number): number {
  return Math.floor(epochMs / 1000) * 1000;
}
