import { sql } from 'kysely';
import type {
  AccountRecord, AccountStatus, CredentialRecord, Extra, GrantRecord, GroupRecord, ResourceRecord, RoleRecord,
} from '../../model/records.ts'; // prettier-ignore

/** A record as the store holds it, with what the store knows beside it. */
export interface Stored<Record> {
  readonly connectionId: string;
  readonly record: Record;
  /** When this version was first seen. ISO 8601, UTC. */
  readonly seenFrom: string;
  /** Since when a pull no longer finds it, while that is not confirmed; null as of a past moment. */
  readonly missingSince: string | null;
}

interface StoredRow {
  readonly connection_id: string;
  readonly key: string;
  readonly extra: Extra;
  readonly seen_from: string;
  readonly missing_since: string | null;
}

export interface AccountRow extends StoredRow {
  readonly email: string | null;
  readonly username: string | null;
  readonly display_name: string | null;
  readonly given_name: string | null;
  readonly family_name: string | null;
  readonly status: AccountStatus;
  readonly is_locked: boolean | null;
  readonly is_service: boolean | null;
  readonly mfa: string[] | null;
  readonly roles: string[];
  readonly employee_number: string | null;
  readonly created_at: string | null;
  readonly last_login_at?: string | null;
  readonly volatile_extra?: Extra | null;
}

export interface GroupRow extends StoredRow {
  readonly name: string;
  readonly description: string | null;
}

export interface RoleRow extends GroupRow {
  readonly type: string;
}

export interface ResourceRow extends StoredRow {
  readonly type: string;
  readonly name: string;
}

export interface GrantRow extends StoredRow {
  readonly holder_kind: GrantRecord['holderKind'];
  readonly holder_key: string;
  readonly target_kind: GrantRecord['targetKind'];
  readonly target_key: string;
  readonly permission: string;
  readonly path: string;
}

export interface CredentialRow extends StoredRow {
  readonly type: string;
  readonly name: string;
  readonly owner_key: string | null;
  readonly is_enabled: boolean | null;
  readonly created_at: string | null;
  readonly expires_at: string | null;
  readonly last_used_at?: string | null;
  readonly volatile_extra?: Extra | null;
}

const common = 'connection_id, key, extra, seen_from';
/** The columns of each kind that current and history tables share. */
export const COLUMNS = {
  account: sql.raw(
    `${common}, email, username, display_name, given_name, family_name, status, is_locked, is_service, mfa, roles, employee_number, created_at`,
  ),
  group: sql.raw(`${common}, name, description`),
  role: sql.raw(`${common}, name, description, type`),
  resource: sql.raw(`${common}, type, name`),
  grant: sql.raw(`${common}, holder_kind, holder_key, target_kind, target_key, permission, path`),
  credential: sql.raw(`${common}, type, name, owner_key, is_enabled, created_at, expires_at`),
} as const;

export function accountOf(row: AccountRow): Stored<AccountRecord> {
  return stored(row, {
    kind: 'account',
    key: row.key,
    email: row.email,
    username: row.username,
    displayName: row.display_name,
    givenName: row.given_name,
    familyName: row.family_name,
    status: row.status,
    isLocked: row.is_locked,
    isService: row.is_service,
    mfa: row.mfa,
    roles: row.roles,
    employeeNumber: row.employee_number,
    createdAt: row.created_at,
    extra: row.extra,
    volatile: { lastLoginAt: row.last_login_at ?? null, extra: row.volatile_extra ?? {} },
  });
}

export function groupOf(row: GroupRow): Stored<GroupRecord> {
  return stored(row, { kind: 'group', key: row.key, name: row.name, description: row.description, extra: row.extra });
}

export function roleOf(row: RoleRow): Stored<RoleRecord> {
  const { key, name, description, type, extra } = row;
  return stored(row, { kind: 'role', key, name, description, type, extra });
}

export function resourceOf(row: ResourceRow): Stored<ResourceRecord> {
  const { key, type, name, extra } = row;
  return stored(row, { kind: 'resource', key, type, name, extra, volatile: { extra: {} } });
}

export function grantOf(row: GrantRow): Stored<GrantRecord> {
  return stored(row, {
    kind: 'grant',
    key: row.key,
    holderKind: row.holder_kind,
    holderKey: row.holder_key,
    targetKind: row.target_kind,
    targetKey: row.target_key,
    permission: row.permission,
    path: row.path,
    extra: row.extra,
  });
}

export function credentialOf(row: CredentialRow): Stored<CredentialRecord> {
  return stored(row, {
    kind: 'credential',
    key: row.key,
    type: row.type,
    name: row.name,
    ownerKey: row.owner_key,
    isEnabled: row.is_enabled,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    extra: row.extra,
    volatile: { lastUsedAt: row.last_used_at ?? null, extra: row.volatile_extra ?? {} },
  });
}

function stored<Record>(row: StoredRow, record: Record): Stored<Record> {
  return {
    connectionId: row.connection_id,
    record,
    seenFrom: row.seen_from,
    missingSince: row.missing_since,
  };
}
