import { sql } from 'kysely';
import type { RecordKind } from '../../model/records.ts';
import { inScope } from './scope.ts';
import type { ConnectionScope } from './scope.ts';
import type { Query } from './sql.ts';

/** How much of what a snapshot holds. */
export interface Figures {
  readonly accounts: {
    readonly total: number;
    readonly byStatus: Readonly<Record<string, number>>;
    /** Accounts, not disabled, with a role of type `admin`. */
    readonly administrators: number;
    /** Those of them the app says have none; not those of which it does not tell. */
    readonly administratorsWithoutSecondFactor: number;
  };
  readonly groups: number;
  readonly roles: number;
  readonly resources: number;
  readonly grants: number;
  readonly credentials: number;
  /** How old the oldest part of it is: when each collection was last seen whole, the least of them; null: never. */
  readonly snapshotAt: string | null;
}

/** The figures of the connections in scope, together. Counts every row: for people, not for loops. */
export async function figures(query: Query, scope: ConnectionScope): Promise<Figures> {
  const within = inScope(sql`connection_id`, scope);
  const { rows } = await sql<{
    by_status: Record<string, number> | null;
    administrators: number;
    without_second_factor: number;
    groups: number;
    roles: number;
    resources: number;
    grants: number;
    credentials: number;
    snapshot_at: string | null;
  }>`
    with admin_role as materialized (select connection_id, key from role where ${within} and type = 'admin'),
    counted as (
      select status, is_admin, is_admin and mfa = '{}' as lacks_second_factor, count(*) as accounts
        from (select status, mfa, status <> 'disabled' and exists (
                select from admin_role r where r.connection_id = a.connection_id and r.key = any(a.roles)) as is_admin
                from account a where ${inScope(sql`a.connection_id`, scope)}) a
       group by 1, 2, 3)
    select (select json_object_agg(status, accounts)
              from (select status, sum(accounts) as accounts from counted group by status) s) as by_status,
           coalesce((select sum(accounts) from counted where is_admin), 0)::bigint as administrators,
           coalesce((select sum(accounts) from counted where lacks_second_factor), 0)::bigint as without_second_factor,
           (select count(*) from "group" where ${within}) as groups,
           (select count(*) from role where ${within}) as roles,
           (select count(*) from resource where ${within}) as resources,
           (select count(*) from "grant" where ${within}) as grants,
           (select count(*) from credential where ${within}) as credentials,
           (select min(complete_as_of) from collection_state where ${within}) as snapshot_at`.execute(query);
  const row = rows[0];
  const byStatus = row?.by_status ?? {};
  return {
    accounts: {
      total: Object.values(byStatus).reduce((sum, count) => sum + count, 0),
      byStatus,
      administrators: row?.administrators ?? 0,
      administratorsWithoutSecondFactor: row?.without_second_factor ?? 0,
    },
    groups: row?.groups ?? 0,
    roles: row?.roles ?? 0,
    resources: row?.resources ?? 0,
    grants: row?.grants ?? 0,
    credentials: row?.credentials ?? 0,
    snapshotAt: row?.snapshot_at ?? null,
  };
}

/** How fresh a connection's snapshot is, what it holds, and how its newest sync stands. */
export interface Freshness {
  readonly snapshotAt: string | null;
  readonly lastSync: { readonly runId: string; readonly state: string; readonly finishedAt: string | null } | null;
  readonly counts: Readonly<Record<RecordKind, number>>;
}

/** The freshness of connections, by id; one that holds nothing has zeros and nulls. */
export async function freshness(
  query: Query,
  connectionIds: readonly string[],
): Promise<ReadonlyMap<string, Freshness>> {
  if (connectionIds.length === 0) return new Map();
  const { rows } = await sql<{
    id: string;
    snapshot_at: string | null;
    run_id: string | null;
    state: string | null;
    finished_at: string | null;
    account: number;
    group: number;
    role: number;
    resource: number;
    grant: number;
    credential: number;
  }>`
    select c.id,
           (select min(complete_as_of) from collection_state where connection_id = c.id) as snapshot_at,
           run.id as run_id, run.state, run.finished_at,
           (select count(*) from account where connection_id = c.id) as account,
           (select count(*) from "group" where connection_id = c.id) as "group",
           (select count(*) from role where connection_id = c.id) as role,
           (select count(*) from resource where connection_id = c.id) as resource,
           (select count(*) from "grant" where connection_id = c.id) as "grant",
           (select count(*) from credential where connection_id = c.id) as credential
      from unnest(${[...connectionIds]}::text[]) c(id)
      left join lateral (select id, state, finished_at from sync_run where connection_id = c.id
                          order by requested_at desc, id limit 1) run on true`.execute(query);
  return new Map(
    rows.map((row) => {
      const { account, group, role, resource, grant, credential } = row;
      const counts = { account, group, role, resource, grant, credential };
      const lastSync =
        row.run_id === null ? null : { runId: row.run_id, state: row.state ?? '', finishedAt: row.finished_at };
      return [row.id, { snapshotAt: row.snapshot_at, lastSync, counts }];
    }),
  );
}

/** When the oldest part of a connection's snapshot was last seen whole; null: never. */
export async function snapshotAt(query: Query, connectionId: string): Promise<string | null> {
  const { rows } = await sql<{ snapshot_at: string | null }>`
    select min(complete_as_of) as snapshot_at from collection_state where connection_id = ${connectionId}`.execute(
    query,
  );
  return rows[0]?.snapshot_at ?? null;
}
