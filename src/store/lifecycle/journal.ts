import type { PoolClient } from 'pg';
import { FINAL_FAILURES } from '../../model/changes.ts';
import type { ChangeEnd, ChangeState, Receipt, Subject } from '../../model/changes.ts';
import type { JsonValue } from '../../model/records.ts';
import { WorkTaken } from '../../model/taken.ts';
import { tellingAudit } from '../audit/sql.ts';
import type { Queryable } from '../principals.ts';
import type { HeldRun } from './applying.ts';

/** A change of a run that has not ended. */
export interface OpenChange {
  readonly ordinal: number;
  readonly subjectKey: string;
  readonly state: Extract<ChangeState, 'planned' | 'calling' | 'called'>;
  readonly attempt: number;
  /** By the database's clock; null: never called. */
  readonly calledAt: string | null;
  /** How long ago that was, by the database's clock. */
  readonly calledAgoMs: number | null;
  /** null: it was never about to be called. */
  readonly held: HeldBefore | null;
  /** What the answer told of what was made; null: nothing, or there was none. */
  readonly made: Facts | null;
  /** Who said that the task is done which it waited for; null: nobody. */
  readonly confirmed: NonNullable<Receipt['confirmed']> | null;
}

/** What an answer told, secrets apart. */
export type Facts = Readonly<Record<string, JsonValue>>;

/** What would take a change back. */
export interface StoredInverse {
  readonly change: string;
  readonly params: Readonly<Record<string, JsonValue>>;
  readonly subject: Subject;
}

/** How a change ended. */
export interface EndedChange {
  readonly ordinal: number;
  readonly end: ChangeEnd;
  readonly receipt: Receipt;
  readonly inverse: StoredInverse | null;
  /** Whether the connection went over to credentials that it made. */
  readonly adopted: boolean;
}

/**
 * The ordinals of the changes of a run that are the first of their subject still open, in the order of the plan: they may
 * run side by side. All at once: to find those of a page alone takes as long.
 */
export async function firstOpenOrdinals(on: Queryable, runId: string): Promise<readonly number[]> {
  const { rows } = await on.query<{ ordinals: readonly number[] | null }>(
    `select array_agg(ordinal order by ordinal) as ordinals
       from (select min(ordinal) as ordinal from run_change
              where run_id = $1 and state in ('planned', 'calling', 'called') group by subject_key) c`,
    [runId],
  );
  return rows[0]?.ordinals ?? [];
}

/** Those of these changes of a run that have not ended, in the order of the plan. */
export async function openChanges(
  on: Queryable,
  runId: string,
  ordinals: readonly number[],
): Promise<readonly OpenChange[]> {
  const { rows } = await on.query<OpenChange>(
    `select c.ordinal, c.subject_key as "subjectKey", c.state, c.attempt, c.called_at as "calledAt",
            (extract(epoch from clock_timestamp() - c.called_at) * 1000)::float8 as "calledAgoMs", c.held, c.made,
            case when c.confirmed_at is not null then json_build_object(
              'by', coalesce((select name from principal where id = c.confirmed_by), c.confirmed_by),
              'at', to_char(c.confirmed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
              'note', c.confirmed_note) end as confirmed
       from run_change c
      where c.run_id = $1 and c.ordinal = any($2::int[]) and c.state in ('planned', 'calling', 'called')
      order by c.ordinal`,
    [runId, ordinals],
  );
  return rows;
}

/** Subjects of a run with a change whose end is uncertain: what comes after it must not be built on it. */
export async function uncertainSubjects(on: Queryable, runId: string): Promise<ReadonlySet<string>> {
  const { rows } = await on.query<{ subject_key: string }>(
    `select distinct subject_key from run_change where run_id = $1 and state = 'uncertain'`,
    [runId],
  );
  return new Set(rows.map(({ subject_key }) => subject_key));
}

/** What is known of a change before its call: for whoever goes on after a crash. */
export interface HeldBefore {
  /** Status, roles, groups of the subject, for the receipt. */
  readonly before: JsonValue;
  readonly inverse: Omit<StoredInverse, 'subject'> | null;
}

/** A step of a change that is written down. */
export interface JournalMark {
  readonly ordinal: number;
  readonly state: 'planned' | 'calling' | 'called';
  /** Goes with `calling`. */
  readonly held: HeldBefore | null;
}

/** The run, where it is still in the hands of whoever writes. $1 run, $3 epoch. */
const MINE = 'with mine as materialized (select id from run where id = $1 and epoch = $3 for share)';

/**
 * Joins a given row with its own by the whole key. Told of the run alone, the planner would expect a handful of rows until
 * its statistics know better, and go through all of them for each that is given.
 */
const GIVEN_ONE = 'c.run_id = g.run_id and c.ordinal = g.ordinal';

/**
 * Notes how far changes are, before and after they are called; `calling` once more is the same call, that goes out later.
 * Throws `WorkTaken` where the run is in other hands: the lock on it keeps anybody from taking it in between.
 */
export async function journal(on: Queryable, run: HeldRun, marks: readonly JournalMark[]): Promise<void> {
  const { rows } = await on.query<{ isMine: boolean }>({
    name: 'journal_changes',
    text: `${MINE},
      given as materialized (
        select $1::uuid as run_id, m.* from jsonb_to_recordset($2::jsonb) m(ordinal int, state text, held jsonb)
      ),
      marked as (
        update run_change c
           set state = g.state,
               attempt = case when g.state = 'calling' and c.state <> 'calling' then c.attempt + 1 else c.attempt end,
               called_at = case when g.state = 'calling' then clock_timestamp() else c.called_at end,
               held = coalesce(g.held, c.held),
               seq = nextval('run_change_seq')
          from given g
         where ${GIVEN_ONE} and c.state in ('planned', 'calling', 'called') and exists (select from mine)
      )
      select exists (select from mine) as "isMine"`,
    // One JSON text: texts of an array would be escaped once more, one by one. As jsonb its parts are parsed but once.
    values: [run.id, JSON.stringify(marks), run.epoch],
  });
  if (rows[0]?.isMine !== true) throw new WorkTaken(`Run ${run.id}`);
}

/**
 * Writes how changes ended, with their receipts, and gives their leases back; in the caller's transaction. Throws
 * `WorkTaken` where the run is in other hands.
 */
export async function endChanges(client: PoolClient, run: HeldRun, ended: readonly EndedChange[]): Promise<void> {
  const { rows } = await client.query<{ isMine: boolean }>({
    name: 'end_changes',
    text: `${MINE},
      given as materialized (
        select $1::uuid as run_id, e.*
          from jsonb_to_recordset($2::jsonb) e(ordinal int, "end" text, receipt jsonb, inverse jsonb, adopted boolean)
      ),
      written as (
        update run_change c
           set state = g."end", ended_at = clock_timestamp(), receipt = g.receipt, inverse = g.inverse,
               adopted = g.adopted, held = case when g."end" = 'uncertain' then c.held end,
               seq = nextval('run_change_seq')
          from given g
         where ${GIVEN_ONE} and exists (select from mine)
      ),
      released as (
        delete from change_lease c using given g where ${GIVEN_ONE} and exists (select from mine)
      )
      select exists (select from mine) as "isMine"`,
    values: [run.id, JSON.stringify(ended), run.epoch],
  });
  if (rows[0]?.isMine !== true) throw new WorkTaken(`Run ${run.id}`);
}

/**
 * Forgets what would take back the changes before these on the same subjects: what has come to an end for good is not
 * brought back by them.
 */
export async function forgetInverses(client: PoolClient, runId: string, ordinals: readonly number[]): Promise<void> {
  if (ordinals.length === 0) return;
  await client.query(
    `update run_change b set inverse = null
       from run_change c
      where c.run_id = $1 and c.ordinal = any($2::int[])
        and b.run_id = c.run_id and b.subject_key = c.subject_key and b.ordinal < c.ordinal and b.inverse is not null`,
    [runId, ordinals],
  );
}

/** Ends all changes of a run that nothing was sent for, and tells the audit log of each. */
export async function endPlanned(
  on: Queryable,
  runId: string,
  end: 'skipped' | 'failed',
  receipt: Receipt,
): Promise<void> {
  await on.query(
    `with ended as (
       update run_change set state = $2, ended_at = clock_timestamp(), receipt = $3, seq = nextval('run_change_seq')
        where run_id = $1 and state = 'planned'
       returning run_id, ordinal, connection_id, subject_key, state, receipt
     )
     ${CHANGES_ENDED}`,
    [runId, end, JSON.stringify(receipt)],
  );
}

/**
 * Leaves open what may have been called when nobody goes on with the run: it is looked at again from outside. Tells the
 * audit log of each.
 */
export async function leaveUncertain(on: Queryable, runId: string, receipt: Receipt): Promise<void> {
  await on.query(
    `with ended as (
       update run_change set state = 'uncertain', ended_at = clock_timestamp(),
              receipt = $2::jsonb || jsonb_build_object('before', held -> 'before'), seq = nextval('run_change_seq')
        where run_id = $1 and state in ('calling', 'called')
       returning run_id, ordinal, connection_id, subject_key, state, receipt
     )
     ${CHANGES_ENDED}`,
    [runId, JSON.stringify(receipt)],
  );
}

const CHANGES_ENDED = tellingAudit('ended e join run r on r.id = e.run_id order by e.ordinal', {
  kind: `'change'`,
  action: `'change.' || e.state`,
  outcome: `case when e.state = 'skipped' then 'ok' else 'failed' end`,
  summary: `e.receipt ->> 'summary'`,
  connection: 'e.connection_id',
  subject: `json_build_object('kind', 'subject', 'key', e.subject_key, 'name', null)`,
  plan: 'r.plan_id',
  run: 'e.run_id',
  ordinal: 'e.ordinal',
  details: `json_build_object('end', e.state, 'proof', 'nothing', 'code', e.receipt -> 'code')`,
});

/**
 * Puts the failed changes of an ended run back to planned, but those that trying again cannot mend, and reserves their
 * subjects in the window; answers how many.
 */
export async function replanFailed(client: PoolClient, runId: string): Promise<number> {
  const { rowCount } = await client.query(
    `update run_change set state = 'planned', ended_at = null, receipt = null, inverse = null, held = null, made = null,
            reserved_at = clock_timestamp(), seq = nextval('run_change_seq')
      where run_id = $1 and state = 'failed' and coalesce(receipt ->> 'code', '') <> all($2)`,
    [runId, FINAL_FAILURES],
  );
  await client.query('update run set reserved_at = clock_timestamp() where id = $1', [runId]);
  return rowCount ?? 0;
}

/** How many changes of a run are in each state. */
export async function countStates(on: Queryable, runId: string): Promise<Readonly<Record<ChangeState, number>>> {
  const counts: Record<ChangeState, number> = {
    planned: 0, calling: 0, called: 0, done: 0, skipped: 0, failed: 0, uncertain: 0,
  }; // prettier-ignore
  const { rows } = await on.query<{ state: ChangeState; count: number }>(
    'select state, count(*)::int as count from run_change where run_id = $1 group by state',
    [runId],
  );
  for (const { state, count } of rows) counts[state] = count;
  return counts;
}
