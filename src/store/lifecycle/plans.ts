import type { ChangeEffect, PlanState } from '../../model/changes.ts';
import { tellingAudit } from '../audit/sql.ts';
import type { Queryable } from '../principals.ts';

/** A stored plan. `header`, `rootHash` and `mac` are what was signed; what stands beside them is for queries alone. */
export interface PlanRow {
  readonly id: string;
  readonly connectionId: string;
  /** Canonical JSON of a plan's header. */
  readonly header: string;
  readonly rootHash: string;
  readonly mac: string;
  readonly state: PlanState;
  readonly action: string;
  readonly effect: ChangeEffect;
  readonly requestedBy: string;
  /** How many changes. */
  readonly changes: number;
  /** Times are ISO 8601, UTC. */
  readonly createdAt: string;
  readonly expiresAt: string;
  /** When it left the state `waiting` or was withdrawn; null: it did not yet. */
  readonly decidedAt: string | null;
}

/** A stored change of a plan: canonical JSON, signed by itself. */
export interface PlanChangeRow {
  readonly ordinal: number;
  readonly subjectKey: string;
  readonly content: string;
  readonly mac: string;
}

/** A plan as lists have it: with the run that carries it out, if any. */
export interface ListedPlanRow extends PlanRow {
  readonly runId: string | null;
}

/** Which plans or runs a list is of, and where it goes on. */
export interface LifecycleListQuery<State extends string> {
  /** null: those of all connections. */
  readonly connectionIds: readonly string[] | null;
  /** null: in any state. */
  readonly states: readonly State[] | null;
  /** The last one handed out; null: from the newest. */
  readonly before: { readonly createdAt: string; readonly id: string } | null;
  readonly limit: number;
}

/** How many changes of a plan are read at a time. */
const CHANGES_A_PAGE = 1000;
const COLUMNS = `p.id, p.connection_id as "connectionId", p.header, p.root_hash as "rootHash", p.mac, p.state, p.action,
  p.effect, p.requested_by as "requestedBy", p.changes, p.created_at as "createdAt", p.expires_at as "expiresAt",
  p.decided_at as "decidedAt"`;

/** Adds a plan with its changes, however many; run it in a transaction. */
export async function insertPlan(on: Queryable, plan: PlanRow, changes: readonly PlanChangeRow[]): Promise<void> {
  await on.query(
    `insert into plan (id, connection_id, header, root_hash, mac, state, action, effect, requested_by, changes,
       created_at, expires_at, decided_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      plan.id, plan.connectionId, plan.header, plan.rootHash, plan.mac, plan.state, plan.action, plan.effect,
      plan.requestedBy, plan.changes, plan.createdAt, plan.expiresAt, plan.decidedAt,
    ],
  ); // prettier-ignore
  await on.query(
    `insert into plan_change (plan_id, ordinal, subject_key, content, mac)
     select $1, c.ordinal, c.subject_key, c.content, c.mac
       from unnest($2::int[], $3::text[], $4::text[], $5::text[]) c(ordinal, subject_key, content, mac)`,
    [
      plan.id,
      changes.map(({ ordinal }) => ordinal),
      changes.map(({ subjectKey }) => subjectKey),
      changes.map(({ content }) => content),
      changes.map(({ mac }) => mac),
    ],
  );
}

/** The plan with this id, or null; locked until the transaction ends when asked for. */
export async function planById(
  on: Queryable,
  id: string,
  options: { readonly lock?: boolean } = {},
): Promise<PlanRow | null> {
  const lock = options.lock === true ? 'for update' : '';
  return (await on.query<PlanRow>(`select ${COLUMNS} from plan p where p.id = $1 ${lock}`, [id])).rows[0] ?? null;
}

/** The plans with these ids, by id; those that are not there are left out. */
export async function plansByIds(on: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, PlanRow>> {
  const { rows } = await on.query<PlanRow>(`select ${COLUMNS} from plan p where p.id = any($1::text[])`, [ids]);
  return new Map(rows.map((row) => [row.id, row]));
}

/** The changes of a plan after an ordinal (-1: from the first), in their order. */
export async function planChanges(
  on: Queryable,
  planId: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly PlanChangeRow[]> {
  const { rows } = await on.query<PlanChangeRow>(
    `select ordinal, subject_key as "subjectKey", content, mac from plan_change
      where plan_id = $1 and ordinal > $2 order by ordinal limit $3`,
    [planId, after, limit],
  );
  return rows;
}

/** All changes of a plan in their order, read page by page. */
export async function* eachPlanChange(on: Queryable, planId: string): AsyncGenerator<PlanChangeRow, void, void> {
  for (let after = -1; ;) {
    const rows = await planChanges(on, planId, { after, limit: CHANGES_A_PAGE });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < CHANGES_A_PAGE) return;
    after = last.ordinal;
  }
}

/** These changes of a plan, in their order; ordinals it has not are left out. */
export async function planChangesByOrdinal(
  on: Queryable,
  planId: string,
  ordinals: readonly number[],
): Promise<readonly PlanChangeRow[]> {
  const { rows } = await on.query<PlanChangeRow>(
    `select ordinal, subject_key as "subjectKey", content, mac from plan_change
      where plan_id = $1 and ordinal = any($2::int[]) order by ordinal`,
    [planId, ordinals],
  );
  return rows;
}

/** Puts a plan into a state; `at` is when it was first decided, applied or withdrawn. One that waits is not decided. */
export async function setPlanState(on: Queryable, id: string, state: PlanState, at: string): Promise<void> {
  await on.query(
    `update plan set state = $2, decided_at = case when $2 = 'waiting' then null else coalesce(decided_at, $3) end
      where id = $1`,
    [id, state, at],
  );
}

/** Plans, newest first, with the run of each. */
export async function listPlans(
  on: Queryable,
  { connectionIds, states, before, limit }: LifecycleListQuery<PlanState>,
): Promise<readonly ListedPlanRow[]> {
  const { rows } = await on.query<ListedPlanRow>(
    `select ${COLUMNS}, r.id as "runId"
       from connection c
       cross join lateral (
         select * from plan
          where connection_id = c.id and ($2::text[] is null or state = any($2::text[]))
            and ($3::timestamptz is null or created_at < $3::timestamptz or (created_at = $3::timestamptz and id > $4))
          order by created_at desc, id limit $5
       ) p
       left join run r on r.plan_id = p.id
      where $1::text[] is null or c.id = any($1::text[])
      order by p.created_at desc, p.id limit $5`,
    [connectionIds, states, before?.createdAt ?? null, before?.id ?? null, limit],
  );
  return rows;
}

/**
 * Ends all plans that nobody decided or applied in time, and tells the audit log; answers their ids. Delete their secrets in the same
 * transaction (`deletePlanSecrets`).
 */
export async function expirePlans(on: Queryable, now: string): Promise<readonly string[]> {
  const { rows } = await on.query<{ id: string }>(
    `with expired as (
       update plan set state = 'expired' where state in ('waiting', 'ready') and expires_at <= $1
       returning id, connection_id
     ),
     told as (
       ${tellingAudit('expired', {
         kind: `'plan'`,
         action: `'plan.expired'`,
         summary: `'Plan ' || id || ' expired: nobody decided or applied it in time.'`,
         connection: 'connection_id',
         plan: 'id',
       })}
     )
     select id from expired`,
    [now],
  );
  return rows.map(({ id }) => id);
}

/**
 * Deletes what the changes of these plans hold in secrets. `keep`: but what their connection had before (`prior`), or also
 * what their answers told (`chain`), which a retry goes on with; or but what they take and hand on themselves (`own`).
 */
export async function deletePlanSecrets(
  on: Queryable,
  planIds: readonly string[],
  keep: 'nothing' | 'prior' | 'chain' | 'own' = 'nothing',
): Promise<void> {
  // Owners are `plan:<id>:<ordinal>`, some with a further `:<what>`; the character after `:` is `;`.
  await on.query(
    `delete from secret s using unnest($1::text[]) p(id)
      where s.owner >= 'plan:' || p.id || ':' and s.owner < 'plan:' || p.id || ';'
        and split_part(s.owner, ':', 4) <> all($2::text[])`,
    [planIds, { nothing: [], prior: ['prior'], chain: ['prior', 'made'], own: [''] }[keep]],
  );
}

/**
 * Deletes the secrets of changes left uncertain for longer than `days`: nobody looks at them again. So with all that is left
 * of runs that ended as long ago.
 */
export async function deleteForgottenSecrets(on: Queryable, days: number): Promise<void> {
  await on.query(
    `delete from secret s using run_change c join run r on r.id = c.run_id
      where c.state = 'uncertain' and c.called_at < clock_timestamp() - make_interval(days => $1)
        and s.owner = 'plan:' || r.plan_id || ':' || c.ordinal`,
    [days],
  );
  await on.query(
    `delete from secret s using run r
      where s.owner >= 'plan:' and s.owner < 'plan;'
        and r.plan_id = split_part(s.owner, ':', 2)
        and r.state in ('succeeded', 'partial', 'failed', 'cancelled')
        and r.finished_at < clock_timestamp() - make_interval(days => $1)`,
    [days],
  );
}

/** Puts a header that was signed anew in the place of a plan's own. */
export async function replacePlanHeader(
  on: Queryable,
  id: string,
  signed: { readonly header: string; readonly mac: string },
): Promise<void> {
  await on.query('update plan set header = $2, mac = $3 where id = $1', [id, signed.header, signed.mac]);
}
