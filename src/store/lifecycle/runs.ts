import { FINAL_FAILURES } from '../../model/changes.ts';
import type { ChangeState, Hold, Receipt, RunState, Subject } from '../../model/changes.ts';
import type { Queryable } from '../principals.ts';
import type { LifecycleListQuery, PlanChangeRow } from './plans.ts';

/** A stored run. Times are ISO 8601, UTC. */
export interface RunRow {
  readonly id: string;
  readonly planId: string;
  readonly connectionId: string;
  readonly requestedBy: string;
  readonly state: RunState;
  readonly pauseRequested: boolean;
  readonly cancelRequested: boolean;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly reason: string | null;
  /** When it goes on by itself; null: it does not wait for a time. */
  readonly wakeAt: string | null;
}

/** A run in figures. */
export interface RunCounts {
  readonly states: Readonly<Record<ChangeState, number>>;
  /** Changes that are done and can be taken back. */
  readonly undoable: number;
  /** Changes that have failed and may be tried again. */
  readonly retryable: number;
}

/** A change of a plan with what came of it; `state` null: no run carries the plan out. */
export interface PlanChangeOutcomeRow extends PlanChangeRow {
  readonly state: ChangeState | null;
  readonly attempt: number | null;
  readonly endedAt: string | null;
  readonly receipt: Receipt | null;
  /** What it waits for now; null: nothing. */
  readonly waitsFor: Hold['kind'] | null;
  /** When that is over by itself; null: it does not wait for a time. */
  readonly holdUntil: string | null;
}

/** One step forward of a run. `subject` and `summary` are as the plan's bytes have them, unchecked. */
export interface ProgressRow {
  readonly ordinal: number;
  readonly seq: number;
  readonly state: ChangeState;
  readonly attempt: number;
  readonly subject: Subject;
  readonly summary: string;
  /** The sentence of its receipt; null: it has none yet. */
  readonly outcome: string | null;
}

const COLUMNS = `r.id, r.plan_id as "planId", r.connection_id as "connectionId", r.requested_by as "requestedBy", r.state,
  r.pause_requested as "pauseRequested", r.cancel_requested as "cancelRequested", r.created_at as "createdAt",
  r.started_at as "startedAt", r.finished_at as "finishedAt", r.reason, r.wake_at as "wakeAt"`;

/** The run with this id (a UUID), or null; locked until the transaction ends when asked for. */
export async function runById(
  on: Queryable,
  id: string,
  options: { readonly lock?: boolean } = {},
): Promise<RunRow | null> {
  const lock = options.lock === true ? 'for update' : '';
  return (await on.query<RunRow>(`select ${COLUMNS} from run r where r.id = $1 ${lock}`, [id])).rows[0] ?? null;
}

/** The run that carries this plan out, or null; locked until the transaction ends when asked for. */
export async function runByPlan(
  on: Queryable,
  planId: string,
  options: { readonly lock?: boolean } = {},
): Promise<RunRow | null> {
  const lock = options.lock === true ? 'for update' : '';
  return (
    (await on.query<RunRow>(`select ${COLUMNS} from run r where r.plan_id = $1 ${lock}`, [planId])).rows[0] ?? null
  );
}

/** Runs, newest first. */
export async function listRuns(
  on: Queryable,
  { connectionIds, states, before, limit }: LifecycleListQuery<RunState>,
): Promise<readonly RunRow[]> {
  const { rows } = await on.query<RunRow>(
    `select ${COLUMNS}
       from connection c
       cross join lateral (
         select * from run
          where connection_id = c.id and ($2::text[] is null or state = any($2::text[]))
            and ($3::timestamptz is null or created_at < $3::timestamptz
                 or (created_at = $3::timestamptz and id > $4::uuid))
          order by created_at desc, id limit $5
       ) r
      where $1::text[] is null or c.id = any($1::text[])
      order by r.created_at desc, r.id limit $5`,
    [connectionIds, states, before?.createdAt ?? null, before?.id ?? null, limit],
  );
  return rows;
}

/** The figures of runs, by id; all zero for a run without changes. */
export async function runCounts(on: Queryable, runIds: readonly string[]): Promise<ReadonlyMap<string, RunCounts>> {
  const { rows } = await on.query<{
    runId: string;
    state: ChangeState;
    count: number;
    undoable: number;
    retryable: number;
  }>(
    // Credentials that a connection went over to are given back only until the run has ended well.
    `select c.run_id as "runId", c.state, count(*)::int as count,
            count(*) filter (where c.state = 'done' and (c.inverse is not null or (c.adopted and r.state <> 'succeeded')))::int
              as undoable,
            count(*) filter (where c.state = 'failed' and coalesce(c.receipt ->> 'code', '') <> all($2))::int as retryable
       from run_change c join run r on r.id = c.run_id
      where c.run_id = any($1::uuid[]) group by c.run_id, c.state`,
    [runIds, FINAL_FAILURES],
  );
  return new Map(
    runIds.map((id) => {
      const own = rows.filter(({ runId }) => runId === id);
      const count = (state: ChangeState): number => own.find((row) => row.state === state)?.count ?? 0;
      const sum = (what: 'undoable' | 'retryable'): number => own.reduce((total, row) => total + row[what], 0);
      return [id, { states: perState(count), undoable: sum('undoable'), retryable: sum('retryable') }];
    }),
  );
}

/**
 * The changes of a plan after an ordinal (-1: from the first), in their order, with what came of each. With `states`
 * only those in one of them; what no run carries out counts as `planned`.
 */
export async function planChangeOutcomes(
  on: Queryable,
  planId: string,
  {
    states,
    after,
    limit,
  }: { readonly states: readonly ChangeState[] | null; readonly after: number; readonly limit: number },
): Promise<readonly PlanChangeOutcomeRow[]> {
  const { rows } = await on.query<PlanChangeOutcomeRow>(
    `select p.ordinal, p.subject_key as "subjectKey", p.content, p.mac, c.state, c.attempt, c.ended_at as "endedAt",
            c.receipt,
            case when c.state = 'planned' and c.confirmed_at is null
                      and coalesce(c.hold_until > clock_timestamp(), true) then c.hold end as "waitsFor",
            c.hold_until as "holdUntil"
       from plan_change p
       left join run r on r.plan_id = p.plan_id
       left join run_change c on c.run_id = r.id and c.ordinal = p.ordinal
      where p.plan_id = $1 and p.ordinal > $2
        and ($3::text[] is null or coalesce(c.state, 'planned') = any($3::text[]))
      order by p.ordinal limit $4`,
    [planId, after, states, limit],
  );
  return rows;
}

/**
 * What moved in a run after a position, in the order of positions. Positions are given before they are committed: one
 * that is lower than what was read already can still appear, so read a little of it again.
 */
export async function progressAfter(
  on: Queryable,
  runId: string,
  seq: number,
  limit: number,
): Promise<readonly ProgressRow[]> {
  const { rows } = await on.query<ProgressRow>(
    `select c.ordinal, c.seq, c.state, c.attempt, p.content::jsonb -> 'subject' as subject,
            p.content::jsonb ->> 'summary' as summary, c.receipt ->> 'summary' as outcome
       from run_change c
       join run r on r.id = c.run_id
       join plan_change p on p.plan_id = r.plan_id and p.ordinal = c.ordinal
      where c.run_id = $1 and c.seq > $2 order by c.seq limit $3`,
    [runId, seq, limit],
  );
  return rows;
}

function perState(count: (state: ChangeState) => number): Record<ChangeState, number> {
  return {
    planned: count('planned'), calling: count('calling'), called: count('called'), done: count('done'),
    skipped: count('skipped'), failed: count('failed'), uncertain: count('uncertain'),
  }; // prettier-ignore
}
