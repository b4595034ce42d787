import { compoundKey } from '../../model/ids.ts';
import type {
  AccountRecord, Extra, GrantRecord, JsonValue, ResourceRecord, RoleRecord,
} from '../../model/records.ts'; // prettier-ignore
import { grantKey } from '../../model/records.ts';
import type { AssetGroup, Role, Site, Source, User } from './schemas.ts';

/** The types of resource; ids of one type are numbers, so that keys have to tell types apart. */
export const SITE = 'site';
export const ASSET_GROUP = 'asset_group';
export const AUTHENTICATION_SOURCE = 'authentication_source';
/** What access is given to. */
export type Area = typeof SITE | typeof ASSET_GROUP;

/** `site:7`, `asset_group:61`. */
export function resourceKey(type: Area | typeof AUTHENTICATION_SOURCE, id: number): string {
  return `${type}:${id}`;
}

/** The number in a resource's key; null for a key of another type. */
export function idOfResource(type: Area | typeof AUTHENTICATION_SOURCE, key: string): number | null {
  const [, id] = key.split(`${type}:`);
  return id !== undefined && key.startsWith(`${type}:`) && /^\d+$/.test(id) ? Number(id) : null;
}

/** The flag of a user that opens all of an area. */
export const ALL_FLAGS = { [SITE]: 'allSites', [ASSET_GROUP]: 'allAssetGroups' } as const;

export const GLOBAL_ADMIN = 'global-admin';
/** Of a role: its holder may do everything. The reliable sign of an administrator. */
const ALL_PERMISSIONS = 'all-permissions';

/** Privileges without which a flag makes no sense (rapid7/insightconnect-plugins corrects them before sending). */
const FORCING: Readonly<Record<Area, readonly string[]>> = {
  [SITE]: [ALL_PERMISSIONS, 'manage-sites', 'manage-tags'],
  [ASSET_GROUP]: [ALL_PERMISSIONS, 'manage-dynamic-asset-groups'],
};

/** A role as far as it decides what its holders see. */
export interface RoleRights {
  readonly id: string;
  readonly privileges: readonly string[];
}

/** The first privilege of a role that opens all of an area to its holders; null: the flag decides. */
export function forcedBy(area: Area, { id, privileges }: RoleRights): string | null {
  if (id === GLOBAL_ADMIN) return ALL_PERMISSIONS;
  return FORCING[area].find((privilege) => privileges.includes(privilege)) ?? null;
}

/** Whether a role lets its holders administer the console. */
export function isAdministering({ id, privileges }: RoleRights): boolean {
  return id === GLOBAL_ADMIN || privileges.includes(ALL_PERMISSIONS);
}

/** Through what a user sees all of an area: `role:…`, `all_sites`; null: only what is granted. */
export function wayToAll(area: Area, { role }: Pick<User, 'role'>): string | null {
  if (role.superuser === true) return `role:${role.id}`;
  if (role[ALL_FLAGS[area]] !== true) return null;
  const rights = { id: role.id, privileges: role.privileges ?? [] };
  return forcedBy(area, rights) === null ? `all_${area}s` : `role:${role.id}`;
}

/**
 * Maps a user. `hasTwoFactor`: null where it was not asked. The console tells no dates: neither when an account was made
 * nor when it was last used.
 */
export function toAccount(user: User, hasTwoFactor: boolean | null): AccountRecord {
  return {
    kind: 'account',
    key: String(user.id),
    email: textOf(user.email),
    username: user.login,
    displayName: textOf(user.name),
    givenName: null,
    familyName: null,
    status: user.enabled ? 'active' : 'disabled',
    isLocked: user.locked ?? null,
    isService: null,
    mfa: hasTwoFactor === null ? null : hasTwoFactor ? ['totp'] : [],
    roles: [user.role.id],
    employeeNumber: null,
    createdAt: null,
    extra: extraOf(user),
    volatile: { lastLoginAt: null, extra: {} },
    raw: withoutLinks(user),
  };
}

/** The one role of a user. */
export function toRoleGrant(user: Pick<User, 'id' | 'role'>): GrantRecord {
  return toGrant({
    holderKind: 'account', holderKey: String(user.id), targetKind: 'role', targetKey: user.role.id, permission: 'holder',
    path: '', extra: {},
  }); // prettier-ignore
}

const NOTHING: Extra = Object.freeze({});

/**
 * Access of these users to a site or asset group; `path` is '' where it was given to this very user. What it allows, the
 * role says. There are hundreds of thousands of these on a large console: what is the same for all is worked out once.
 */
export function toAccessGrants(area: Area, resource: number, userKeys: readonly string[], path: string): GrantRecord[] {
  const targetKey = resourceKey(area, resource);
  const tail = compoundKey(`resource:${targetKey}`, 'access', path);
  return userKeys.map((holderKey) => ({
    kind: 'grant',
    key: `${compoundKey(`account:${holderKey}`)} ${tail}`,
    holderKind: 'account',
    holderKey,
    targetKind: 'resource',
    targetKey,
    permission: 'access',
    path,
    extra: NOTHING,
  }));
}

export function toRole(role: Role): RoleRecord {
  const privileges = [...role.privileges].sort();
  return {
    kind: 'role',
    key: role.id,
    name: textOf(role.name) ?? role.id,
    description: textOf(role.description),
    type: isAdministering(role) ? 'admin' : role.id === 'user' ? 'basic' : 'restricted',
    extra: { privileges },
    raw: withoutLinks(role),
  };
}

/** A role that a user has and that the list of roles does not have (the XML API showed `custom` for ad-hoc rights). */
export function roleOfUser({ role }: Pick<User, 'role'>): RoleRecord {
  return toRole({ id: role.id, name: role.name, description: null, privileges: role.privileges ?? [] });
}

export function toSite({ id, name, description, type, ...rest }: Site): ResourceRecord {
  return {
    kind: 'resource',
    key: resourceKey(SITE, id),
    type: SITE,
    name: textOf(name) ?? `Site ${id}`,
    extra: { ...given({ description, type }), id },
    volatile: { extra: counts(rest) },
  };
}

export function toAssetGroup({ id, name, description, type, ...rest }: AssetGroup): ResourceRecord {
  return {
    kind: 'resource',
    key: resourceKey(ASSET_GROUP, id),
    type: ASSET_GROUP,
    name: textOf(name) ?? `Asset group ${id}`,
    extra: { ...given({ description, type }), id },
    volatile: { extra: counts(rest) },
  };
}

/** Where sign-ins are checked: kept as resources, so that plans can name one. Nobody has access to them. */
export function toSource({ id, name, type, external }: Source): ResourceRecord {
  return {
    kind: 'resource',
    key: resourceKey(AUTHENTICATION_SOURCE, id),
    type: AUTHENTICATION_SOURCE,
    name: textOf(name) ?? type,
    extra: { external: external ?? !isLocalType(type), id, type },
    volatile: { extra: {} },
  };
}

/** Whether the console itself keeps the passwords of accounts of this type of source. */
export function isLocalType(type: string): boolean {
  return type === 'normal' || type === 'admin';
}

function extraOf({ role, authentication, locale }: User): Extra {
  return {
    allAssetGroups: role.allAssetGroups ?? false,
    allSites: role.allSites ?? false,
    ...(authentication === null || authentication === undefined
      ? {}
      : {
          authentication: {
            external: authentication.external ?? !isLocalType(authentication.type),
            id: authentication.id ?? null,
            name: textOf(authentication.name),
            type: authentication.type,
          },
        }),
    ...(locale === null || locale === undefined
      ? {}
      : { locale: given({ default: locale.default, reports: locale.reports }) }),
    superuser: role.superuser ?? false,
  };
}

/** A grant with its key. */
function toGrant(grant: Omit<GrantRecord, 'kind' | 'key' | 'raw'>): GrantRecord {
  return { kind: 'grant', key: grantKey(grant), ...grant };
}

/** Those of these texts that are there. */
function given(texts: Readonly<Record<string, string | null | undefined>>): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, value]) =>
      typeof value === 'string' && value !== '' ? [[name, value]] : [],
    ),
  );
}

/** Scores and counts move with every scan and mean no change of access. */
function counts(resource: Readonly<Record<string, unknown>>): Extra {
  const found: Record<string, JsonValue> = {};
  for (const name of ['assets', 'lastScanTime', 'riskScore'] as const) {
    const value = resource[name];
    if (typeof value === 'number' || typeof value === 'string') found[name] = value;
  }
  return found;
}

/** Links say nothing that is not known, and name the console's own address. */
function withoutLinks(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => {
      if (name === 'links') return [];
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[name, value]];
      return [[name, Object.fromEntries(Object.entries(value).filter(([inner]) => inner !== 'links'))]];
    }),
  );
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
