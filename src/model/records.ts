import { z } from 'zod';
import { compoundKey, fold } from './ids.ts';

/**
 * The kinds of record a connection is pulled for. What connectors hand over and what the store keeps: one table a kind.
 * A record's `key` is unique within its connection and kind.
 */
export const RECORD_KINDS = ['account', 'group', 'role', 'resource', 'grant', 'credential'] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** invited: asked to join; pending: made, never signed in. `locked` and `protected` are flags beside it. */
export const ACCOUNT_STATUSES = ['invited', 'pending', 'active', 'disabled'] as const;
export const accountStatusSchema = z.enum(ACCOUNT_STATUSES);
export type AccountStatus = z.infer<typeof accountStatusSchema>;

/** Values that only a connector knows, JSON only. Keys in any order: the kit sorts them before hashing. */
export type Extra = Readonly<Record<string, JsonValue>>;
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

interface RecordBase {
  /** Unique within the connection and kind; the app's immutable id where it has one. */
  readonly key: string;
  /** What the app sent, for `raw`; kept beside the record and never compared field by field. */
  readonly raw?: unknown;
}

/** A person's or service's record in an app. */
export interface AccountRecord extends RecordBase {
  readonly kind: 'account';
  readonly email: string | null;
  readonly username: string | null;
  readonly displayName: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly status: AccountStatus;
  /** null: the app does not tell. */
  readonly isLocked: boolean | null;
  /** A service's account as far as the app tells; null: it does not tell. */
  readonly isService: boolean | null;
  /** Second factors set up, in the unified vocabulary (`totp`, `push`, `unknown` …); []: none; null: the app does not tell. */
  readonly mfa: readonly string[] | null;
  /** Keys of the roles it has (`admin`); sorted. */
  readonly roles: readonly string[];
  readonly employeeNumber: string | null;
  /** ISO 8601, UTC. */
  readonly createdAt: string | null;
  readonly extra: Extra;
  /** Values that change without meaning: they make no event and no version. */
  readonly volatile: {
    /** ISO 8601, UTC; null: never, or the app does not tell (see `status`). */
    readonly lastLoginAt: string | null;
    readonly extra: Extra;
  };
}

/**
 * An account that is mapped when somebody needs more of it than that it is the same as last time. A pull compares it by
 * its key, `raw`, the connector's mapping version and `mappedBy`, so these must decide all that `map` returns.
 */
export interface DeferredAccount {
  readonly key: string;
  /** What the app sent, as the record will have it. */
  readonly raw: unknown;
  /** The settings that decide how it is mapped, as text: the zone of its times; '' for none. */
  readonly mappedBy: string;
  /** The record. Does not throw: what cannot be understood was refused before. */
  map(): AccountRecord;
}

export interface GroupRecord extends RecordBase {
  readonly kind: 'group';
  readonly name: string;
  readonly description: string | null;
  readonly extra: Extra;
}

export interface RoleRecord extends RecordBase {
  readonly kind: 'role';
  readonly name: string;
  readonly description: string | null;
  /** In the unified vocabulary: admin, viewer, editor, basic … */
  readonly type: string;
  readonly extra: Extra;
}

/** What access is to: a shared folder, a site. */
export interface ResourceRecord extends RecordBase {
  readonly kind: 'resource';
  /** `shared_folder`, `site`, `asset_group`, `sub_account` … */
  readonly type: string;
  readonly name: string;
  readonly extra: Extra;
  /** Values that change without meaning (scores): they make no event and no version. */
  readonly volatile: { readonly extra: Extra };
}

/** Holder X holds entitlement Y: membership of a group, a role, or a permission on a resource. */
export interface GrantRecord extends RecordBase {
  readonly kind: 'grant';
  readonly holderKind: 'account' | 'group';
  readonly holderKey: string;
  readonly targetKind: 'group' | 'role' | 'resource';
  readonly targetKey: string;
  /** `member` of a group, `holder` of a role, `admin | editor | viewer …` on a resource. */
  readonly permission: string;
  /** '' for a direct grant; else through what it is held (`group:Platform`). */
  readonly path: string;
  readonly extra: Extra;
}

/** What makes a grant the same grant: its key is made from these and nothing else. */
export type GrantIdentity = Pick<
  GrantRecord,
  'holderKind' | 'holderKey' | 'targetKind' | 'targetKey' | 'permission' | 'path'
>;

/** The key of a grant. */
export function grantKey(grant: GrantIdentity): string {
  return compoundKey(
    `${grant.holderKind}:${grant.holderKey}`,
    `${grant.targetKind}:${grant.targetKey}`,
    grant.permission,
    grant.path,
  );
}

const EMAIL_HOLDER = 'email:';

/**
 * The holder key of an account that the app names by e-mail address only. The sync replaces it by the account's own key
 * where an account of the connection has that address; otherwise it stays: a share with somebody unknown.
 */
export function emailHolderKey(address: string): string {
  return EMAIL_HOLDER + fold(address);
}

/** The folded address of a holder key made by `emailHolderKey`, or null for any other key. */
export function addressOfHolderKey(holderKey: string): string | null {
  return holderKey.startsWith(EMAIL_HOLDER) ? holderKey.slice(EMAIL_HOLDER.length) : null;
}

/** An API key or token an account owns. Its secret is never in a record, `raw` included. */
export interface CredentialRecord extends RecordBase {
  readonly kind: 'credential';
  /** `api_key`, `agent_token`. */
  readonly type: string;
  /** What people call it: its description or its id. */
  readonly name: string;
  /** The key of the account it acts for, or its `emailHolderKey`; null: the app does not tell. */
  readonly ownerKey: string | null;
  /** null: the app does not tell. */
  readonly isEnabled: boolean | null;
  /** ISO 8601, UTC; null: the app does not tell. */
  readonly createdAt: string | null;
  /** ISO 8601, UTC; null: never, or the app does not tell. */
  readonly expiresAt: string | null;
  readonly extra: Extra;
  /** Values that change without meaning: they make no event and no version. */
  readonly volatile: { readonly lastUsedAt: string | null; readonly extra: Extra };
}

export type AnyRecord = AccountRecord | GroupRecord | RoleRecord | ResourceRecord | GrantRecord | CredentialRecord;
export type RecordOf<K extends RecordKind> = Extract<AnyRecord, { kind: K }>;

/** The folded address by which a record names its account: a grant its holder, a credential its owner. Else null. */
export function addressOfHolder(record: AnyRecord): string | null {
  if (record.kind === 'grant') return addressOfHolderKey(record.holderKey);
  return record.kind === 'credential' && record.ownerKey !== null ? addressOfHolderKey(record.ownerKey) : null;
}

/** The same grant or credential with its account named by key. Records of other kinds belong to nobody. */
export function heldBy(record: AnyRecord, accountKey: string): AnyRecord {
  if (record.kind === 'credential') return { ...record, ownerKey: accountKey };
  if (record.kind !== 'grant') return record;
  const held = { ...record, holderKey: accountKey };
  return { ...held, key: grantKey(held) };
}
