import type { PoolClient } from 'pg';
import type { Hold } from '../../model/changes.ts';
import type { Queryable } from '../principals.ts';
import { type HeldRun, holdRun } from './applying.ts';

/** What changes wait for before they are made, and who said that it is done. Times are the database's. */

/** A change whose turn has come, with how long it waits after the one before it; null: for a person. */
export interface NewHold {
  readonly ordinal: number;
  readonly seconds: number | null;
}

/**
 * Notes what changes wait for now that their turn has come; what was noted before stays as it was. Answers those that need
 * wait no longer. In the caller's transaction; throws `WorkTaken` where the run is in other hands.
 */
export async function noteHolds(
  client: PoolClient,
  run: HeldRun,
  holds: readonly NewHold[],
): Promise<ReadonlySet<number>> {
  await holdRun(client, run);
  const ordinals = holds.map(({ ordinal }) => ordinal);
  await client.query(
    `update run_change c
        set hold = case when h.seconds is null then 'task' else 'wait' end,
            hold_until = coalesce((select b.ended_at from run_change b
                                    where b.run_id = c.run_id and b.subject_key = c.subject_key and b.ordinal < c.ordinal
                                    order by b.ordinal desc limit 1), clock_timestamp())
                         + make_interval(secs => h.seconds),
            seq = nextval('run_change_seq')
       from unnest($2::int[], $3::float8[]) h(ordinal, seconds)
      where c.run_id = $1 and c.ordinal = h.ordinal and c.hold is null`,
    [run.id, ordinals, holds.map(({ seconds }) => seconds)],
  );
  const { rows } = await client.query<{ ordinal: number }>(
    `select ordinal from run_change where run_id = $1 and ordinal = any($2::int[]) and ${IS_OVER}`,
    [run.id, ordinals],
  );
  return new Set(rows.map(({ ordinal }) => ordinal));
}

const IS_OVER = `(confirmed_at is not null or coalesce(hold_until <= clock_timestamp(), false))`;

/** What a run waits for. `summary` and `hold` are as the plan's bytes have them, unchecked. */
export interface OpenHold {
  readonly ordinal: number;
  readonly summary: string;
  readonly hold: Hold;
  /** When it is over by itself, now where it is over; null: a person has to say so. ISO 8601, UTC. */
  readonly until: string | null;
}

/** All that the changes of a run wait for whose turn has come, what ends first first. */
export async function openHolds(on: Queryable, runId: string): Promise<readonly OpenHold[]> {
  const { rows } = await on.query<OpenHold>(
    `select c.ordinal, p.content::jsonb ->> 'summary' as summary, p.content::jsonb -> 'hold' as hold,
            case when ${IS_OVER} then clock_timestamp() else c.hold_until end as until
       from run_change c
       join run r on r.id = c.run_id
       join plan_change p on p.plan_id = r.plan_id and p.ordinal = c.ordinal
      where c.run_id = $1 and c.state = 'planned' and c.hold is not null
      order by until nulls last, c.ordinal`,
    [runId],
  );
  return rows;
}

/** Whether a run has had to wait for something. */
export async function hasWaited(on: Queryable, runId: string): Promise<boolean> {
  const { rowCount } = await on.query('select from run_change where run_id = $1 and hold is not null limit 1', [runId]);
  return rowCount === 1;
}

/** How the task of a change stands. */
export type TaskState = 'open' | 'confirmed' | 'none';

/** Whether a change waits for a person to do something. */
export async function taskState(on: Queryable, runId: string, ordinal: number): Promise<TaskState> {
  const { rows } = await on.query<{ isOpen: boolean; isConfirmed: boolean }>(
    `select state = 'planned' as "isOpen", confirmed_at is not null as "isConfirmed"
       from run_change where run_id = $1 and ordinal = $2 and hold = 'task'`,
    [runId, ordinal],
  );
  const [found] = rows;
  if (found === undefined) return 'none';
  if (found.isConfirmed) return 'confirmed';
  return found.isOpen ? 'open' : 'none';
}

/** Notes that a task is done, and has the run go on that waits for it; in the caller's transaction, under the run's lock. */
export async function confirmTask(
  client: PoolClient,
  task: { readonly runId: string; readonly ordinal: number; readonly by: string; readonly note: string | null },
): Promise<void> {
  await client.query(
    `update run_change set confirmed_by = $3, confirmed_at = clock_timestamp(), confirmed_note = $4,
            seq = nextval('run_change_seq')
      where run_id = $1 and ordinal = $2`,
    [task.runId, task.ordinal, task.by, task.note],
  );
  await client.query(`update run set wake_at = clock_timestamp() where id = $1 and state = 'waiting'`, [task.runId]);
}
