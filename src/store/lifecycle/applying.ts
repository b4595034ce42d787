import type { PoolClient } from 'pg';
import type { RunState } from '../../model/changes.ts';
import { WorkTaken } from '../../model/taken.ts';
import { originParameters, tellingAudit } from '../audit/sql.ts';
import type { Queryable } from '../principals.ts';

/** A run as whoever carries it out needs it. */
export interface ApplyingRun {
  readonly id: string;
  readonly planId: string;
  readonly connectionId: string;
  readonly state: RunState;
  readonly pauseRequested: boolean;
  readonly cancelRequested: boolean;
  readonly epoch: number;
}

/** A run in somebody's hands: good for as long as nobody has taken it since. */
export interface HeldRun {
  readonly id: string;
  readonly epoch: number;
}

/** A run that was just taken in hand. */
export interface TakenRun extends HeldRun {
  /** How it was before. */
  readonly was: RunState;
}

/** Only one plan of a connection is judged at a time: what one reserves the next one counts. Held to the transaction's end. */
export async function lockConnectionForPlans(client: PoolClient, connectionId: string): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('usher plans ' || $1, 0))`, [connectionId]);
}

/**
 * Makes a run with its changes, all planned, which reserves its subjects in the window, from `beginsAt` on where that is
 * still to come; tells the audit log.
 */
export async function insertRun(
  client: PoolClient,
  run: {
    readonly id: string;
    readonly planId: string;
    readonly connectionId: string;
    readonly requestedBy: string;
    /** ISO 8601; null: at once. */
    readonly beginsAt: string | null;
  },
): Promise<void> {
  const { id, planId, connectionId, requestedBy, beginsAt } = run;
  await client.query(
    `with made as (
       insert into run (id, plan_id, connection_id, requested_by, state, reserved_at)
       values ($1, $2, $3, $4, 'queued', greatest(clock_timestamp(), $7::timestamptz))
       returning id, plan_id, connection_id
     )
     ${PLAN_APPLIED}`,
    [id, planId, connectionId, requestedBy, ...originParameters(), beginsAt],
  );
  await client.query(
    `insert into run_change (run_id, ordinal, connection_id, requested_by, subject_key, reserved_at)
     select $1, ordinal, $3, $4, subject_key, greatest(clock_timestamp(), $5::timestamptz)
       from plan_change where plan_id = $2 order by ordinal`,
    [id, planId, connectionId, requestedBy, beginsAt],
  );
}

const PLAN_APPLIED = tellingAudit('made', {
  kind: `'plan'`,
  action: `'plan.applied'`,
  summary: `'Plan ' || plan_id || ' is carried out.'`,
  actor: '$5::jsonb',
  connection: 'connection_id',
  plan: 'plan_id',
  run: 'id',
  request: '$6::text',
});

/** A run as it stands, or null. */
export async function applyingRun(on: Queryable, runId: string): Promise<ApplyingRun | null> {
  const { rows } = await on.query<ApplyingRun>(
    `select id, plan_id as "planId", connection_id as "connectionId", state, pause_requested as "pauseRequested",
            cancel_requested as "cancelRequested", epoch from run where id = $1`,
    [runId],
  );
  return rows[0] ?? null;
}

/** Runs that somebody has to carry out: asked for, interrupted, or done with waiting. */
export async function unfinishedRuns(on: Queryable): Promise<readonly { id: string; connectionId: string }[]> {
  const { rows } = await on.query<{ id: string; connectionId: string }>(
    `select id, connection_id as "connectionId" from run
      where state in ('queued', 'running') or (state = 'waiting' and wake_at <= clock_timestamp())
      order by created_at, id`,
  );
  return rows;
}

/** In how many milliseconds a run that waits is to go on, by the database's clock; null: it does not wait for a time. */
export async function wakingOf(
  on: Queryable,
  runId: string,
): Promise<{ readonly connectionId: string; readonly inMs: number } | null> {
  const { rows } = await on.query<{ connectionId: string; inMs: number }>(
    `select connection_id as "connectionId", (extract(epoch from wake_at - clock_timestamp()) * 1000)::float8 as "inMs"
       from run where id = $1 and state = 'waiting' and wake_at is not null`,
    [runId],
  );
  return rows[0] ?? null;
}

/**
 * Takes a run in hand where it is in one of `from`: whoever had it before can write nothing more of it. null: it is in
 * another state. It is `running` from then on where `from` are states of runs that are to be carried out.
 */
export async function takeRun(
  on: Queryable,
  runId: string,
  from: readonly RunState[],
  workerId: string | null,
): Promise<TakenRun | null> {
  const { rows } = await on.query<TakenRun>(
    `update run r set epoch = r.epoch + 1, worker = $3,
            state = case when $4 then 'running' else r.state end,
            reason = case when $4 then null else r.reason end,
            wake_at = case when $4 then null else r.wake_at end,
            started_at = case when $4 then coalesce(r.started_at, clock_timestamp()) else r.started_at end,
            finished_at = case when $4 then null else r.finished_at end
       from (select id, state from run where id = $1 for no key update) before
      where r.id = before.id and before.state = any($2::text[]) returning r.id, r.epoch, before.state as was`,
    [runId, from, workerId, from.includes('queued')],
  );
  return rows[0] ?? null;
}

/** Sees to it that nobody takes a run until the transaction ends; throws `WorkTaken` where somebody has already. */
export async function holdRun(client: Queryable, { id, epoch }: HeldRun): Promise<void> {
  const { rowCount } = await client.query('select from run where id = $1 and epoch = $2 for no key update', [
    id,
    epoch,
  ]);
  if (rowCount !== 1) throw new WorkTaken(`Run ${id}`);
}

/**
 * Moves a run on where it is in one of `from`, and tells the audit log; false where it is not. `wakeAt`: when one that is
 * to wait goes on by itself.
 */
export async function moveRun(
  on: Queryable,
  runId: string,
  from: readonly RunState[],
  to: RunState,
  reason: string | null,
  wakeAt: string | null = null,
): Promise<boolean> {
  const { rowCount } = await on.query(
    `with moved as (
       update run set state = $3, reason = $4, wake_at = $7::timestamptz,
              started_at = case when $3 = 'running' then coalesce(started_at, clock_timestamp()) else started_at end,
              finished_at = case when $3 in ('succeeded', 'partial', 'failed', 'cancelled') then clock_timestamp() end,
              pause_requested = pause_requested and $3 in ('running'),
              cancel_requested = cancel_requested and $3 in ('running')
        where id = $1 and state = any($2::text[])
       returning id, plan_id, connection_id, state, reason
     )
     ${RUN_MOVED}`,
    [runId, from, to, reason, ...originParameters(), wakeAt],
  );
  return rowCount === 1;
}

/**
 * Whether a run is to begin later, by the database's clock, and nothing of it was begun. In a transaction that holds it, for
 * whoever puts it away.
 */
export async function isEarlyFor(client: PoolClient, runId: string, at: string): Promise<boolean> {
  const { rows } = await client.query<{ isEarly: boolean }>(
    `select $2::timestamptz > clock_timestamp()
            and not exists (select from run_change where run_id = $1 and state <> 'planned') as "isEarly"`,
    [runId, at],
  );
  return rows[0]?.isEarly === true;
}

/** Puts a run away that is to begin then; in a transaction that holds it. */
export async function waitToBegin(client: PoolClient, runId: string, at: string, reason: string): Promise<void> {
  if (!(await moveRun(client, runId, ['running'], 'waiting', reason, at))) return;
  await client.query('update run set started_at = null where id = $1', [runId]);
}

const RUN_MOVED = tellingAudit('moved', {
  kind: `'run'`,
  action: `'run.' || state`,
  outcome: `case when state in ('failed', 'partial') then 'failed' else 'ok' end`,
  summary: `'Run ' || id || ' is ' || state || coalesce(': ' || reason, '.')`,
  actor: '$5::jsonb',
  connection: 'connection_id',
  plan: 'plan_id',
  run: 'id',
  request: '$6::text',
});

/** Asks a run to stop at the next safe point, and tells the audit log; false where it is not under way. */
export async function requestStop(on: Queryable, runId: string, what: 'pause' | 'cancel'): Promise<boolean> {
  const { rowCount } = await on.query(
    `with asked as (
       update run set ${what}_requested = true where id = $1 and state in ('queued', 'running')
       returning id, plan_id, connection_id
     )
     ${tellingAudit('asked', {
       kind: `'run'`,
       action: `'run.${what}Requested'`,
       summary: `'Run ' || id || ' was asked to ${what}.'`,
       actor: '$2::jsonb',
       connection: 'connection_id',
       plan: 'plan_id',
       run: 'id',
       request: '$3::text',
     })}`,
    [runId, ...originParameters()],
  );
  return rowCount === 1;
}
