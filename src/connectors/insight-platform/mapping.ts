import { isObject } from '../../connector-kit/json.ts';
import { fold } from '../../model/ids.ts';
import { grantKey } from '../../model/records.ts';
import type {
  AccountRecord,
  Extra,
  GrantRecord,
  GroupRecord,
  JsonValue,
  ResourceRecord,
  RoleRecord,
} from '../../model/records.ts';
import { unexpectedShape } from './answers.ts';
import type { Row } from './paging.ts';
import { USER_STATUSES } from './schemas.ts';

export const PRODUCT = 'product';
export const ORGANIZATION = 'organization';

const PLATFORM_ADMIN = 'platform_admin';

/** Platform Admin is a flag of the user and none of the roles that the API lists. */
export const PLATFORM_ADMIN_ROLE: RoleRecord = {
  kind: 'role',
  key: PLATFORM_ADMIN,
  name: 'Platform Admin',
  description: 'Administers users, products and keys of the organization; has no product unless given',
  type: 'admin',
  extra: {},
};

/**
 * Maps a user of the Account API. Throws `upstreamBug` naming the field where one that decides about access makes no
 * sense. A status that nobody has seen yet counts as active: whoever has it may have access.
 */
export function toAccount(operation: string, row: Row): AccountRecord {
  const id = textIn(operation, row, 'id');
  const email = textIn(operation, row, 'email');
  const status = textIn(operation, row, 'status');
  const admin = row['platform_admin'] ?? false;
  if (typeof admin !== 'boolean') throw unexpectedShape(operation, ['*', 'platform_admin']);
  const [givenName, familyName] = [nameIn(row, 'first_name'), nameIn(row, 'last_name')];
  const names = [givenName, familyName].filter((name) => name !== null).join(' ');
  return {
    kind: 'account',
    key: id,
    email,
    username: email,
    displayName: names === '' ? null : names,
    givenName,
    familyName,
    status: STATUS[status] ?? 'active',
    isLocked: null,
    isService: null,
    mfa: null,
    roles: admin ? [PLATFORM_ADMIN] : [],
    employeeNumber: null,
    createdAt: null,
    extra: userExtra(row, status),
    volatile: { lastLoginAt: timeOf(row['last_login']), extra: {} },
    raw: row,
  };
}

const STATUS: Readonly<Record<string, AccountRecord['status']>> = {
  ACTIVE: 'active',
  PENDING: 'invited',
  DISABLED: 'disabled',
};

function userExtra(row: Row, status: string): Extra {
  const extra: Record<string, JsonValue> = {};
  if (typeof row['federated'] === 'boolean') extra['federated'] = row['federated'];
  if (!USER_STATUSES.has(status)) extra['status'] = status;
  if (typeof row['timezone'] === 'string') extra['timezone'] = row['timezone'];
  return extra;
}

/** Maps a user of the guide's list, which tells a number, a login and an address; that it can sign in is assumed. */
export function toVmAccount(operation: string, row: Row): AccountRecord {
  const id = row['id'];
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) throw unexpectedShape(operation, ['*', 'id']);
  const email = typeof row['email'] === 'string' && row['email'] !== '' ? row['email'] : null;
  return {
    kind: 'account',
    key: String(id),
    email,
    username: textIn(operation, row, 'login'),
    displayName: null,
    givenName: null,
    familyName: null,
    status: 'active',
    isLocked: null,
    isService: null,
    mfa: null,
    roles: [],
    employeeNumber: null,
    createdAt: null,
    extra: {},
    volatile: { lastLoginAt: null, extra: {} },
    raw: row,
  };
}

/** What kind each of the three attested roles is; the organization's own are of no known kind. */
const ROLE_TYPES: Readonly<Record<string, string>> = {
  admin: 'admin',
  readwrite: 'editor',
  'read write': 'editor',
  readonly: 'viewer',
  'read only': 'viewer',
};

export function toRole(operation: string, row: Row): RoleRecord {
  const name = textIn(operation, row, 'name');
  return {
    kind: 'role',
    key: textIn(operation, row, 'id'),
    name,
    description: nameIn(row, 'description'),
    type: ROLE_TYPES[fold(name)] ?? 'custom',
    extra: organizationOf(row),
    raw: row,
  };
}

export function toGroup(operation: string, row: Row): GroupRecord {
  return {
    kind: 'group',
    key: textIn(operation, row, 'id'),
    name: textIn(operation, row, 'name'),
    description: nameIn(row, 'description'),
    extra: {},
  };
}

/** Ids of the members of a group; null: this answer does not tell. */
export function membersOf(operation: string, row: Row): readonly string[] | null {
  const told = row['users'] ?? row['members'];
  if (told === undefined) return null;
  if (!Array.isArray(told)) throw unexpectedShape(operation, ['users']);
  return told.map((member: unknown) => {
    if (typeof member === 'string' && member !== '') return member;
    if (isObject(member)) return textIn(operation, member, 'id');
    throw unexpectedShape(operation, ['users', '*']);
  });
}

/** A product; `isTold`: whether the platform shows who has it, which decides how a change of it is proven. */
export function toProduct(operation: string, row: Row, isTold: boolean): ResourceRecord {
  const { key, code } = productOf(operation, row);
  const organization = nameIn(row, 'organization_name');
  return {
    kind: 'resource',
    key,
    type: PRODUCT,
    name: PRODUCT_NAMES[code] ?? code,
    extra: { code, ...organizationOf(row), ...(organization !== null && { organization }), holdersTold: isTold },
    volatile: { extra: {} },
    raw: row,
  };
}

/** Token and code of a product. */
export function productOf(operation: string, row: Row): { readonly key: string; readonly code: string } {
  return { key: textIn(operation, row, 'product_token'), code: textIn(operation, row, 'product_code') };
}

/** What the codes stand for (JupiterOne's recordings; the vendor's list of product APIs). */
const PRODUCT_NAMES: Readonly<Record<string, string>> = {
  IVM: 'InsightVM',
  IDR: 'InsightIDR',
  OPS: 'InsightOps',
  AS: 'InsightAppSec',
  ICON: 'InsightConnect',
  SC: 'Surface Command',
};

export function toOrganization(operation: string, row: Row): ResourceRecord {
  const [region, externalId] = [nameIn(row, 'region'), nameIn(row, 'external_id')];
  return {
    kind: 'resource',
    key: textIn(operation, row, 'id'),
    type: ORGANIZATION,
    name: textIn(operation, row, 'name'),
    extra: { ...(region !== null && { region }), ...(externalId !== null && { externalId }) },
    volatile: { extra: {} },
    raw: row,
  };
}

/** Who administers the platform holds that role. */
export function adminGrant(account: AccountRecord): GrantRecord | null {
  if (!account.roles.includes(PLATFORM_ADMIN)) return null;
  return grant(account.key, 'role', PLATFORM_ADMIN, 'holder');
}

export function membership(accountKey: string, group: string): GrantRecord {
  return grant(accountKey, 'group', group, 'member');
}

export function productGrant(accountKey: string, token: string): GrantRecord {
  return grant(accountKey, 'resource', token, 'user');
}

/** Products told within a user; null: they are not. */
export function inlineProducts(operation: string, row: Row): readonly string[] | null {
  const told = row['products'];
  if (told === undefined) return null;
  if (!Array.isArray(told)) throw unexpectedShape(operation, ['*', 'products']);
  return tokensOf(operation, told);
}

/** Tokens of a list of products. */
export function tokensOf(operation: string, rows: readonly unknown[]): readonly string[] {
  return rows.map((row) => {
    if (isObject(row)) return textIn(operation, row, 'product_token');
    throw unexpectedShape(operation, ['products', '*']);
  });
}

function grant(
  holderKey: string,
  targetKind: GrantRecord['targetKind'],
  targetKey: string,
  permission: string,
): GrantRecord {
  const identity = { holderKind: 'account', holderKey, targetKind, targetKey, permission, path: '' } as const;
  return { kind: 'grant', key: grantKey(identity), ...identity, extra: {} };
}

function organizationOf(row: Row): Extra {
  const id = nameIn(row, 'organization_id');
  return id === null ? {} : { organizationId: id };
}

function textIn(operation: string, row: Row, field: string): string {
  const value = row[field];
  if (typeof value === 'string' && value !== '') return value;
  throw unexpectedShape(operation, ['*', field]);
}

function nameIn(row: Row, field: string): string | null {
  const value = row[field];
  return typeof value === 'string' && value !== '' ? value : null;
}

function timeOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
