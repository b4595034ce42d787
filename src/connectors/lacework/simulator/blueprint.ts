import { CAST_IDS } from '../../../connector-kit/simulator-kit/northwind/cast.ts';
import type { Northwind, Person } from '../../../connector-kit/simulator-kit/northwind/northwind.ts';
import { hashAt } from '../../../connector-kit/simulator-kit/random.ts';
import {
  castStories,
  EUROPE,
  type KeyRole,
  LAB,
  LAB_GROUPS,
  type Place,
  PRIMARY,
  SERVICE_STORIES,
  type Story,
} from './cast.ts';
import { guidOf, hexOf } from './guids.ts';
import { agentTokensOf, keysOf, resourceGroupsOf } from './holdings.ts';
import {
  type Account,
  ADMIN_GROUP,
  type AgentToken,
  type ApiKey,
  type CustomGroup,
  type Member,
  type OrgRole,
  READ_ONLY_GROUP,
  type ResourceGroup,
} from './model.ts';

/** Northwind's Lacework on its first day, whole: made of the seed, the same every time. */
export interface Blueprint {
  readonly accounts: readonly Account[];
  readonly customGroups: readonly CustomGroup[];
  readonly resourceGroups: readonly ResourceGroup[];
  readonly keys: readonly ApiKey[];
  readonly keyRoles: ReadonlyMap<KeyRole, string>;
  readonly agentTokens: readonly AgentToken[];
  /** Everybody, made as they are asked for: account rows of the cast, of service users, of the crowd. */
  members(): Generator<Member, void, void>;
}

export interface BlueprintOptions {
  readonly company: Northwind;
  readonly seedHash: number;
  /** The moment all dates are relative to, in epoch milliseconds. */
  readonly anchorMs: number;
  /** Accounts beside the primary one; 0: no organization. */
  readonly subAccounts: number;
}

export const COMPANY_NAME = 'Northwind Trading';
const DAY_MS = 86_400_000;
const FIRST_SUB_ACCOUNTS = [EUROPE, LAB];
/** Whose the laboratory is. */
const LAB_DEPARTMENTS: ReadonlySet<string> = new Set(['Engineering', 'Security', 'IT', 'Support']);
const EUROPEANS: ReadonlySet<string> = new Set(['SE', 'DE', 'FR', 'ES', 'PT', 'PL', 'IE', 'GB', 'NL']);

/** The organization of these people. */
export function blueprint(options: BlueprintOptions): Blueprint {
  const accounts = accountsOf(options);
  const customGroups = accounts.some(({ name }) => name === LAB)
    ? LAB_GROUPS.map((name, index) => ({
        guid: `group${hexOf(options.seedHash, 'customGroup', index, 32)}`,
        account: LAB,
        name,
      }))
    : [];
  const world = { ...options, accounts, customGroups };
  const services = serviceUsers(world);
  const { keys, keyRoles } = keysOf(world, services);
  return {
    accounts,
    customGroups,
    resourceGroups: resourceGroupsOf(world),
    keys,
    keyRoles,
    agentTokens: agentTokensOf(world),
    *members() {
      let index = 0;
      const next = () => index++;
      for (const story of castStories(world.company)) yield* castRows(world, story, next);
      yield* services;
      for (let place = CAST_IDS.length; place < world.company.size; place++) {
        yield* crowdRows(world, world.company.person(place), next);
      }
    },
  };
}

interface World extends BlueprintOptions {
  readonly accounts: readonly Account[];
  readonly customGroups: readonly CustomGroup[];
}

/** Every fourth of the further accounts has RBAC on, as the laboratory has. */
function accountsOf({ seedHash, subAccounts }: BlueprintOptions): Account[] {
  const names = Array.from(
    { length: subAccounts },
    (_, place) => FIRST_SUB_ACCOUNTS[place] ?? `${PRIMARY}-${String(place + 1).padStart(3, '0')}`,
  );
  return [PRIMARY, ...names].map((name, index) => ({
    name,
    custGuid: guidOf(name, seedHash, 'account', index),
    model: name === LAB || (index > 2 && index % 4 === 0) ? 'rbac' : 'legacy',
  }));
}

function* castRows(world: World, story: Story, next: () => number): Generator<Member, void, void> {
  const places = new Map(story.places.map((place) => [place.account, place]));
  for (const account of world.accounts) {
    const placed = places.get(account.name);
    if (!placed && story.orgRole === null) continue;
    const place = placed ?? placeByRole(account, story);
    const created = wholeSecond(world.anchorMs - story.createdDaysAgo * DAY_MS);
    const lastLogin = place.loginDaysAgo === null ? null : wholeSecond(world.anchorMs - place.loginDaysAgo * DAY_MS);
    yield makeMember(world, account, next(), {
      email: story.email,
      firstName: story.firstName,
      lastName: story.lastName,
      isEnabled: place.isDisabled !== true,
      role: place.role,
      orgRole: world.accounts.length > 1 ? story.orgRole : null,
      extraGroups: place.groups ?? [],
      isJit: story.isJit ?? false,
      created,
      updated: place.isDisabled ? world.anchorMs - 12 * DAY_MS : null,
      lastLogin,
    });
  }
}

/** An account somebody is in by their role in the organization alone. */
function placeByRole({ name }: Account, { orgRole, loginDaysAgo }: Story): Place {
  return { account: name, role: orgRole === 'admin' ? 'admin' : 'user', loginDaysAgo };
}

/** Everybody has one account, a third a second one, a few a third; the laboratory is for those who build. */
function* crowdRows(world: World, person: Person, next: () => number): Generator<Member, void, void> {
  const luck = (purpose: number, below: number) => hashAt(world.seedHash, 20 + purpose, person.index) % below;
  const chosen = new Set<number>([homeOf(world, person, luck(0, 1_000_000))]);
  const more = luck(1, 100);
  if (more < 33) chosen.add(luck(2, world.accounts.length));
  if (more < 6) chosen.add(luck(3, world.accounts.length));
  const standing = luck(4, 1_000);
  const created = Math.max(Date.parse(person.startDate) + 15 * 3_600_000, world.anchorMs - 1_300 * DAY_MS);
  for (const [place, account] of world.accounts.entries()) {
    if (!chosen.has(place)) continue;
    if (account.name === LAB && chosen.size > 1 && !LAB_DEPARTMENTS.has(person.department)) continue;
    const days = 0.05 + (luck(30 + place, 10_000) / 10_000) ** 3 * 27;
    const isDisabled = standing < 40 || (standing < 55 && place === [...chosen][0]);
    const isInvited = !isDisabled && standing >= 940;
    yield makeMember(world, account, next(), {
      email: person.email,
      firstName: person.givenName,
      lastName: person.familyName === '' ? person.givenName : person.familyName,
      isEnabled: !isDisabled,
      role: roleOf(luck(50 + place, 100)),
      orgRole: null,
      extraGroups: [],
      isJit: luck(5, 5) === 0,
      created: wholeSecond(created + luck(6, 7_200) * 1_000),
      updated: isDisabled ? wholeSecond(world.anchorMs - luck(7, 300) * DAY_MS) : null,
      lastLogin: isInvited
        ? null
        : wholeSecond(Math.max(created + DAY_MS, world.anchorMs - (isDisabled ? days + 40 : days) * DAY_MS)),
    });
  }
}

/** With the first three accounts alone: Europeans in Europe's, most others in the primary one. */
function homeOf(world: World, person: Person, luck: number): number {
  if (world.accounts.length > 3) return luck % world.accounts.length;
  if (world.accounts.length > 1 && EUROPEANS.has(person.country)) return 1;
  return world.accounts.length > 2 && person.department === 'Engineering' && luck % 4 === 0 ? 2 : 0;
}

function roleOf(luck: number): Place['role'] {
  return luck < 3 ? 'admin' : luck < 12 ? 'power' : 'user';
}

interface Row {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly isEnabled: boolean;
  readonly role: Place['role'];
  readonly orgRole: OrgRole;
  readonly extraGroups: readonly string[];
  readonly isJit: boolean;
  readonly created: number;
  readonly updated: number | null;
  readonly lastLogin: number | null;
}

function makeMember(world: World, account: Account, index: number, row: Row): Member {
  const extra = world.customGroups.filter(
    ({ name, account: of }) => of === account.name && row.extraGroups.includes(name),
  );
  return {
    guid: guidOf(account.name, world.seedHash, 'member', index),
    account: account.name,
    type: 'StandardUser',
    email: row.email,
    firstName: row.firstName,
    lastName: row.lastName,
    displayName: row.firstName === row.lastName ? row.firstName : `${row.firstName} ${row.lastName}`,
    company: COMPANY_NAME,
    description: '',
    isEnabled: row.isEnabled,
    isAdmin: row.role === 'admin',
    orgRole: row.orgRole,
    groups: account.model === 'rbac' ? [groupOfRole(row.role), ...extra.map(({ guid }) => guid)] : [],
    isJit: row.isJit,
    created: row.created,
    updated: row.updated,
    updatedBy: row.updated === null ? null : 'ada.okonkwo@northwind.example',
    lastLogin: row.lastLogin,
  };
}

function groupOfRole(role: Place['role']): string {
  if (role === 'admin') return ADMIN_GROUP;
  return role === 'power' ? 'LACEWORK_USER_GROUP_POWER_USER' : READ_ONLY_GROUP;
}

function serviceUsers(world: World): readonly Member[] {
  return SERVICE_STORIES.flatMap((story, index) => {
    const account = world.accounts.find(({ name }) => name === story.account);
    if (!account) return [];
    return [
      {
        guid: guidOf(account.name, world.seedHash, 'member', 900_000_000 + index),
        account: account.name,
        type: 'ServiceUser' as const,
        email: '',
        firstName: '',
        lastName: '',
        displayName: story.name,
        company: '',
        description: story.description,
        isEnabled: true,
        isAdmin: story.role === 'admin',
        orgRole: null,
        groups: [groupOfRole(story.role)],
        isJit: false,
        created: wholeSecond(world.anchorMs - story.createdDaysAgo * DAY_MS),
        updated: null,
        updatedBy: null,
        lastLogin: null,
      },
    ];
  });
}

function wholeSecond(epochMs: number): number {
  return Math.floor(epochMs / 1_000) * 1_000;
}
