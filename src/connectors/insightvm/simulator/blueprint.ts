import { CAST_IDS } from '../../../connector-kit/simulator-kit/northwind/cast.ts';
import type { Northwind, Person } from '../../../connector-kit/simulator-kit/northwind/northwind.ts';
import { hashAt } from '../../../connector-kit/simulator-kit/random.ts';
import { castUsers, localPart, type UserParts } from './cast.ts';
import type { StoredUser } from './model.ts';
import { DEFAULT_SITES, DEPARTMENT_SITES } from './places.ts';

/** How many sites and asset groups there are: ids from 1. */
export interface Extent {
  readonly sites: number;
  readonly assetGroups: number;
}

const LOCALES: Readonly<Record<string, string>> = {
  DE: 'de-DE',
  FR: 'fr-FR',
  ES: 'es-ES',
  JP: 'ja-JP',
  GB: 'en-GB',
};
const DEFAULT_LOCALE = { default: 'en-US', reports: 'en-US' };

/**
 * The users of Northwind's console on its first day, by rising id: the cast, then everybody else. 250 people come to 250
 * users, 20,000 to 20,000.
 */
export function* firstUsers(company: Northwind, seedHash: number, extent: Extent): Generator<StoredUser, void, void> {
  const cast = castUsers(company);
  for (const [place, parts] of cast.entries()) yield userOf(place + 1, parts, extent);
  for (let index = CAST_IDS.length; index < company.size; index++) {
    const person = company.person(index);
    yield userOf(cast.length + 1 + index - CAST_IDS.length, crowdParts(person, seedHash, extent), extent);
  }
}

function userOf(id: number, { role, ...parts }: UserParts, extent: Extent): StoredUser {
  return {
    login: '',
    name: '',
    email: null,
    enabled: true,
    locked: false,
    failures: 0,
    locale: DEFAULT_LOCALE,
    source: 4,
    password: null,
    passwordResetOnLogin: false,
    twoFactorKey: null,
    ...parts,
    id,
    role: { id: 'user', allSites: false, allAssetGroups: false, superuser: false, ...role },
    sites: (parts.sites ?? []).filter((site) => site <= extent.sites),
    assetGroups: (parts.assetGroups ?? []).filter((group) => group <= extent.assetGroups),
  };
}

function crowdParts(person: Person, seedHash: number, extent: Extent): UserParts {
  const luck = (purpose: number, below: number) => hashAt(seedHash, 70 + purpose, person.index) % below;
  const role = roleOf(person, luck(0, 20));
  const locale = LOCALES[person.country];
  const isLocked = luck(2, 125) === 0;
  return {
    login: localPart(person.email),
    name: person.displayName,
    email: person.email,
    enabled: luck(1, 28) !== 0,
    locked: isLocked,
    failures: isLocked ? 4 : 0,
    source: person.isContractor ? 2 : ([4, 4, 4, 4, 4, 4, 3, 3, 2, 2][luck(3, 10)] ?? 4),
    locale: luck(4, 9) === 0 ? null : locale === undefined ? DEFAULT_LOCALE : { default: locale, reports: locale },
    role,
    sites: role.allSites ? [] : sitesOf(person, extent.sites, luck),
    assetGroups: role.allAssetGroups || luck(5, 4) > 0 ? [] : [1 + luck(6, Math.max(1, extent.assetGroups))],
    twoFactorKey: luck(7, 40) === 0 ? 'NBSWY3DPEB3W64TM' : null,
  };
}

type Role = Partial<StoredUser['role']> & { readonly id: string };

function roleOf({ department, managerIndex }: Person, luck: number): Role {
  if (managerIndex === null) return { id: 'company-reviewer', allSites: true };
  switch (department) {
    case 'Security':
      return luck < 5 ? { id: 'company-reviewer', allSites: true } : { id: 'security-manager', allSites: luck < 12 };
    case 'IT':
      return luck < 6 ? { id: 'site-admin' } : luck < 8 ? { id: 'access-manager' } : { id: 'system-admin' };
    case 'Legal':
      return luck < 4 ? { id: 'auditor', allSites: true, allAssetGroups: true } : { id: 'user' };
    default:
      return { id: luck === 0 ? 'site-admin' : 'user', allAssetGroups: luck === 1 };
  }
}

/** A site of the department, and up to three more: of the whole company where there are many. */
function sitesOf(person: Person, sites: number, luck: (purpose: number, below: number) => number): number[] {
  const own = DEPARTMENT_SITES[person.department];
  const chosen = new Set([own[luck(8, own.length)] ?? 2]);
  const [from, spread] = sites > DEFAULT_SITES ? [DEFAULT_SITES, sites - DEFAULT_SITES] : [1, sites - 1];
  // Site 1 is on nobody's list: it is seen through a role.
  const more = spread > 0 ? luck(9, 4) : 0;
  for (let draw = 0; draw < more; draw++) chosen.add(from + 1 + luck(11 + draw, spread));
  return [...chosen].sort((left, right) => left - right);
}
