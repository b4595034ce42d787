import { fold } from '../../model/ids.ts';
import type {
  AccountRecord,
  CredentialRecord,
  GrantRecord,
  GroupRecord,
  ResourceRecord,
  RoleRecord,
} from '../../model/records.ts';
import type { Queryable } from '../principals.ts';
import {
  accountOf, type AccountRow, credentialOf, type CredentialRow, grantOf, type GrantRow, groupOf, type GroupRow, resourceOf, type ResourceRow,
  roleOf, type RoleRow,
} from '../read/records.ts'; // prettier-ignore

/** An account of the snapshot with what it holds. */
export interface HeldAccount {
  readonly account: AccountRecord;
  readonly grants: readonly GrantRecord[];
}

/** A reference as it was given, and an account it may mean. */
export interface ReferencedAccount extends HeldAccount {
  readonly reference: string;
}

/**
 * The accounts that references (addresses in any letter case, or keys) may mean, in two statements however many there
 * are. A reference can have several: its address belongs to more than one account.
 */
export async function accountsByReferences(
  on: Queryable,
  connectionId: string,
  references: readonly string[],
): Promise<readonly ReferencedAccount[]> {
  if (references.length === 0) return [];
  const { rows } = await on.query<AccountRow & { reference: string }>(
    `select r.reference, a.*, v.last_login_at, v.volatile_extra
       from unnest($2::text[], $3::text[]) r(reference, folded)
       cross join lateral (
         select key from account where connection_id = $1 and key = r.reference
         union
         select key from account where connection_id = $1 and email_folded = r.folded
       ) found
       join account a on a.connection_id = $1 and a.key = found.key
       left join account_volatile v on v.connection_id = $1 and v.key = a.key`,
    [connectionId, references, references.map(fold)],
  );
  const grants = await grantsOf(on, connectionId, [...new Set(rows.map(({ key }) => key))]);
  return rows.map((row) => ({
    reference: row.reference,
    account: accountOf(row).record,
    grants: grants.get(row.key) ?? [],
  }));
}

async function grantsOf(
  on: Queryable,
  connectionId: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, readonly GrantRecord[]>> {
  const { rows } = await on.query<GrantRow>(
    `select * from "grant" where connection_id = $1 and holder_kind = 'account' and holder_key = any($2::text[])
      order by holder_key, key`,
    [connectionId, keys],
  );
  const found = new Map<string, GrantRecord[]>();
  for (const row of rows) {
    const list = found.get(row.holder_key);
    if (list) list.push(grantOf(row).record);
    else found.set(row.holder_key, [grantOf(row).record]);
  }
  return found;
}

/** Those of these groups' keys that the snapshot has. */
export async function knownGroups(
  on: Queryable,
  connectionId: string,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await on.query<{ key: string }>(
    'select key from "group" where connection_id = $1 and key = any($2::text[])',
    [connectionId, keys],
  );
  return new Set(rows.map(({ key }) => key));
}

/** The groups that the snapshot has, by key. */
export async function allGroups(on: Queryable, connectionId: string): Promise<readonly GroupRecord[]> {
  const { rows } = await on.query<GroupRow>('select * from "group" where connection_id = $1 order by key', [
    connectionId,
  ]);
  return rows.map((row) => groupOf(row).record);
}

/** Those of these keys that the snapshot has among resources of a type, by key; null: all of that type. */
export async function knownResources(
  on: Queryable,
  connectionId: string,
  type: string,
  keys: readonly string[] | null,
): Promise<readonly ResourceRecord[]> {
  const { rows } = await on.query<ResourceRow>(
    `select * from resource
      where connection_id = $1 and type = $2 and ($3::text[] is null or key = any($3)) order by key`,
    [connectionId, type, keys],
  );
  return rows.map((row) => resourceOf(row).record);
}

/** Those of these roles' keys that the snapshot has, by key; null: all. */
export async function knownRoles(
  on: Queryable,
  connectionId: string,
  keys: readonly string[] | null,
): Promise<readonly RoleRecord[]> {
  const { rows } = await on.query<RoleRow>(
    'select * from role where connection_id = $1 and ($2::text[] is null or key = any($2)) order by key',
    [connectionId, keys],
  );
  return rows.map((row) => roleOf(row).record);
}

/** Those of these credentials' keys that the snapshot has, by key; null: all. */
export async function knownCredentials(
  on: Queryable,
  connectionId: string,
  keys: readonly string[] | null,
): Promise<readonly CredentialRecord[]> {
  const { rows } = await on.query<CredentialRow>(
    `select c.*, v.last_used_at, v.volatile_extra from credential c
       left join credential_volatile v on v.connection_id = $1 and v.key = c.key
      where c.connection_id = $1 and ($2::text[] is null or c.key = any($2)) order by c.key`,
    [connectionId, keys],
  );
  return rows.map((row) => credentialOf(row).record);
}

/** Keys of the roles of a connection that let their holder administer it. */
export async function administratorRoles(on: Queryable, connectionId: string): Promise<readonly string[]> {
  const { rows } = await on.query<{ key: string }>(
    `select key from role where connection_id = $1 and type = 'admin' order by key`,
    [connectionId],
  );
  return rows.map(({ key }) => key);
}

/** Keys of the accounts that can sign in and have one of these roles. */
export async function accountsWithRoles(
  on: Queryable,
  connectionId: string,
  roles: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await on.query<{ key: string }>(
    `select key from account where connection_id = $1 and status = 'active' and roles && $2::text[] order by key`,
    [connectionId, roles],
  );
  return rows.map(({ key }) => key);
}

/** How many accounts the snapshot of a connection has, and how old the oldest complete view of its accounts is. */
export async function snapshotFacts(
  on: Queryable,
  connectionId: string,
): Promise<{ readonly accounts: number; readonly completeAsOf: string | null }> {
  const { rows } = await on.query<{ accounts: number; completeAsOf: string | null }>(
    `select (select count(*) from account where connection_id = $1)::int as accounts,
            (select min(complete_as_of) from collection_state where connection_id = $1 and complete_as_of is not null)
              as "completeAsOf"`,
    [connectionId],
  );
  return rows[0] ?? { accounts: 0, completeAsOf: null };
}

/** Distinct subjects that were touched, or may be, within a sliding window, together with those of a plan. */
export interface WindowCounts {
  /** On the connection, by anybody. */
  readonly connection: number;
  /** By this requester, on all connections. */
  readonly requester: number;
}

/**
 * Counts the subjects of a window by the database's clock. What lies in the future counts too: a clock that jumped back
 * must not empty the window. Changes that were skipped, or failed before anything was called, do not count.
 */
export async function windowCounts(
  on: Queryable,
  input: {
    readonly connectionId: string;
    readonly requestedBy: string;
    readonly subjectKeys: readonly string[];
    readonly minutes: number;
  },
): Promise<WindowCounts> {
  const { rows } = await on.query<WindowCounts>(
    `with planned as materialized (select distinct unnest($3::text[]) collate "C" as subject_key),
     recent as materialized (
       select c.connection_id, c.subject_key, c.requested_by
         from (select clock_timestamp() - make_interval(mins => $4) as start) w
         join run r on greatest(r.reserved_at, coalesce(r.finished_at, timestamptz 'infinity')) > w.start
         join run_change c on c.run_id = r.id
        where (r.connection_id = $1 or r.requested_by = $2)
          and c.reserved_at > w.start and c.state <> 'skipped' and not (c.state = 'failed' and c.called_at is null)
     )
     select (select count(*) from (select subject_key from recent where connection_id = $1
                                   union select subject_key from planned) s)::int as connection,
            (select count(*) from (select connection_id, subject_key from recent where requested_by = $2
                                   union select $1, subject_key from planned) s)::int as requester`,
    [input.connectionId, input.requestedBy, input.subjectKeys, input.minutes],
  );
  return rows[0] ?? { connection: 0, requester: 0 };
}

/** How many accounts are members of these groups, each counted once. */
export async function membersOfGroups(on: Queryable, connectionId: string, groups: readonly string[]): Promise<number> {
  const { rows } = await on.query<{ members: number }>(
    `select count(distinct holder_key)::int as members from "grant"
      where connection_id = $1 and target_kind = 'group' and target_key = any($2::text[]) and holder_kind = 'account'`,
    [connectionId, groups],
  );
  return rows[0]?.members ?? 0;
}
