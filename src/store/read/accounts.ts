import { sql } from 'kysely';
import { fold } from '../../model/ids.ts';
import type { AccountRecord, AccountStatus, JsonValue } from '../../model/records.ts';
import { pageOf } from './page.ts';
import type { Page } from './page.ts';
import { COLUMNS, accountOf } from './records.ts';
import type { AccountRow, Stored } from './records.ts';
import { inScope } from './scope.ts';
import type { ConnectionScope } from './scope.ts';
import { allOf, containsPattern } from './sql.ts';
import type { Query, RawBuilder, Sql } from './sql.ts';

/** What a list of accounts is narrowed to; absent or null: not narrowed. */
export interface AccountFilter {
  readonly scope: ConnectionScope;
  readonly statuses?: readonly AccountStatus[] | null;
  /** Key of a role it has. */
  readonly role?: string | null;
  /** none: known to have no second factor; unknown: the app does not tell. */
  readonly mfa?: 'none' | 'some' | 'unknown' | null;
  readonly email?: string | null;
  /** Part of name, e-mail address or username, in any letter case. */
  readonly search?: string | null;
  /** Part of the display name, in any letter case. */
  readonly name?: string | null;
  /** Key of a group it is a member of. */
  readonly group?: string | null;
  /** Only versions first seen after this moment. */
  readonly changedAfter?: string | null;
  /** The accounts as they were known then; their volatile values (last login) are not kept and come back empty. */
  readonly asOf?: string | null;
}

/** Where a list of accounts goes on: the last row's. */
export interface AccountPosition {
  readonly connectionId: string;
  readonly key: string;
}

/** A page of accounts in order of connection and key: stable while rows come and go. */
export async function listAccounts(
  query: Query,
  filter: AccountFilter,
  after: AccountPosition | null,
  pageSize: number,
): Promise<Page<Stored<AccountRecord>>> {
  const { rows } = await accountsStatement(filter, after, pageSize + 1).execute(query);
  return pageOf(rows.map(accountOf), pageSize);
}

/** The statement of `listAccounts`, apart so that a test can read its plan. */
export function accountsStatement(
  filter: AccountFilter,
  after: AccountPosition | null,
  limit: number,
): RawBuilder<AccountRow> {
  const { asOf } = filter;
  const where = (extra: Sql | null) => allOf([...conditions(filter), position(after), extra]);
  if (asOf === undefined || asOf === null) {
    return sql<AccountRow>`
      select a.*, v.last_login_at, v.volatile_extra
        from (select ${COLUMNS.account}, missing_since from account a where ${where(null)}
               order by connection_id, key limit ${limit}) a
        left join account_volatile v on v.connection_id = a.connection_id and v.key = a.key
       order by a.connection_id, a.key`;
  }
  // `order by … limit` in both branches: without it all closed versions alive then would be read.
  return sql<AccountRow>`
    select * from (
      (select ${COLUMNS.account}, null::timestamptz as missing_since from account a
        where ${where(sql`seen_from <= ${asOf}::timestamptz`)} order by connection_id, key limit ${limit})
      union all
      (select ${COLUMNS.account}, null::timestamptz as missing_since from account_history a
        where ${where(sql`seen_from <= ${asOf}::timestamptz and seen_to > ${asOf}::timestamptz`)}
        order by connection_id, key limit ${limit})
    ) versions order by connection_id, key limit ${limit}`;
}

function conditions(filter: AccountFilter): (Sql | null)[] {
  return [
    inScope(sql`a.connection_id`, filter.scope),
    given(filter.statuses, (statuses) => sql`a.status = any(${[...statuses]}::text[])`),
    given(filter.role, (role) => sql`${role} = any(a.roles)`),
    given(filter.mfa, (mfa) => MFA[mfa]),
    given(filter.email, (email) => sql`a.email_folded = ${fold(email)}`),
    given(filter.name, (name) => sql`a.display_name ~ ${containsPattern(name)}`),
    given(filter.search, (search) => searched(containsPattern(search))),
    given(filter.group, (group) => memberOf(group, filter)),
    given(filter.changedAfter, (moment) => sql`a.seen_from > ${moment}::timestamptz`),
  ];
}

const MFA = {
  none: sql`a.mfa = '{}'`,
  some: sql`cardinality(a.mfa) > 0`,
  unknown: sql`a.mfa is null`,
} as const;

function searched(pattern: string): Sql {
  return sql`(a.display_name ~ ${pattern} or a.email ~ ${pattern} or a.username ~ ${pattern})`;
}

function memberOf(group: string, { scope, asOf }: AccountFilter): Sql {
  const membership = sql`${inScope(sql`g.connection_id`, scope)} and g.target_kind = 'group' and g.target_key = ${group}
    and g.holder_kind = 'account'`;
  if (asOf === undefined || asOf === null) {
    return sql`(a.connection_id, a.key) in (select g.connection_id, g.holder_key from "grant" g where ${membership})`;
  }
  return sql`(a.connection_id, a.key) in (
    select g.connection_id, g.holder_key from "grant" g where ${membership} and g.seen_from <= ${asOf}::timestamptz
    union all
    select g.connection_id, g.holder_key from grant_history g
     where ${membership} and g.seen_from <= ${asOf}::timestamptz and g.seen_to > ${asOf}::timestamptz)`;
}

function position(after: AccountPosition | null): Sql | null {
  return after && sql`(a.connection_id, a.key) > (${after.connectionId}, ${after.key})`;
}

function given<T>(value: T | null | undefined, condition: (value: T) => Sql): Sql | null {
  return value === null || value === undefined ? null : condition(value);
}

/**
 * One account by its key or its e-mail address, now or as of a past moment; null where there is none. Where an address
 * stands for several (an invitation beside an account), one that is not an invitation is preferred.
 */
export async function findAccount(
  query: Query,
  connectionId: string,
  keyOrEmail: string,
  asOf: string | null = null,
): Promise<Stored<AccountRecord> | null> {
  const scope = [connectionId];
  const [byKey] = await accountsByKeys(query, connectionId, [keyOrEmail], asOf);
  if (byKey) return byKey;
  const { rows } = await listAccounts(query, { scope, email: keyOrEmail, asOf }, null, 10);
  return rows.find(({ record }) => record.status !== 'invited') ?? rows[0] ?? null;
}

/** Accounts by key, now or as of a past moment, in key order. Keys that are not there are left out. */
export async function accountsByKeys(
  query: Query,
  connectionId: string,
  keys: readonly string[],
  asOf: string | null = null,
): Promise<Stored<AccountRecord>[]> {
  if (keys.length === 0) return [];
  const { rows } = await accountsByKeysStatement(connectionId, keys, asOf).execute(query);
  return rows.map(accountOf);
}

/** The statement of `accountsByKeys`. */
export function accountsByKeysStatement(
  connectionId: string,
  keys: readonly string[],
  asOf: string | null = null,
): RawBuilder<AccountRow> {
  const named = sql`a.connection_id = ${connectionId} and a.key = any(${[...keys]}::text[])`;
  if (asOf === null) {
    return sql<AccountRow>`
      select ${COLUMNS.account}, missing_since, v.last_login_at, v.volatile_extra
        from account a
        left join lateral (select last_login_at, volatile_extra from account_volatile
                            where connection_id = a.connection_id and key = a.key) v on true
       where ${named} order by key`;
  }
  return sql<AccountRow>`
    select ${COLUMNS.account}, null::timestamptz as missing_since from account a
     where ${named} and seen_from <= ${asOf}::timestamptz
    union all
    select ${COLUMNS.account}, null::timestamptz as missing_since from account_history a
     where ${named} and seen_from <= ${asOf}::timestamptz and seen_to > ${asOf}::timestamptz
    order by key`;
}

/** One version of an account; `seenTo` is null for the present one. */
export interface AccountVersion {
  readonly record: AccountRecord;
  readonly seenFrom: string;
  readonly seenTo: string | null;
  /** Whether the account was gone after this version. */
  readonly wasRemoved: boolean;
}

/** All kept versions of an account, oldest first; empty where it was never seen. */
export async function accountVersions(query: Query, connectionId: string, key: string): Promise<AccountVersion[]> {
  const { rows } = await sql<AccountRow & { seen_to: string | null; was_removed: boolean }>`
    select ${COLUMNS.account}, null::timestamptz as missing_since, seen_to, was_removed from account_history
     where connection_id = ${connectionId} and key = ${key}
    union all
    select ${COLUMNS.account}, missing_since, null, false from account
     where connection_id = ${connectionId} and key = ${key}
    order by seen_from`.execute(query);
  return rows.map((row) => {
    return { ...accountOf(row), seenTo: row.seen_to, wasRemoved: row.was_removed };
  });
}

/** What the app sent for records, by key, as it was kept at the last pull that changed it. */
export async function rawByKeys(
  query: Query,
  kind: 'account' | 'resource' | 'credential',
  connectionId: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, JsonValue>> {
  if (keys.length === 0) return new Map();
  const { rows } = await sql<{ key: string; raw: JsonValue }>`
    select key, raw from ${sql.table(`${kind}_volatile`)}
     where connection_id = ${connectionId} and key = any(${[...keys]}::text[]) order by key`.execute(query);
  return new Map(rows.map(({ key, raw }) => [key, raw]));
}
