import type { PoolClient } from 'pg';
import { FINAL_FAILURES } from '../../model/changes.ts';
import type { ChangeEnd, ChangeState, Receipt, RunState, Subject } from '../../model/changes.ts';
import type { JsonValue } from '../../model/records.ts';
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
}

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
}

/** Only one plan of a connection is judged at a time: what one reserves the next one counts. Held to the transaction's end. */
export async function lockConnectionForPlans(client: PoolClient, connectionId: string): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('usher plans ' || $1, 0))`, [connectionId]);
}

/** Makes a run with its changes, all planned, which reserves its subjects in the window; tells the audit log. */
export async function insertRun(
  client: PoolClient,
  run: { readonly id: string; readonly planId: string; readonly connectionId: string; readonly requestedBy: string },
): Promise<void> {
  const { id, planId, connectionId, requestedBy } = run;
  await client.query(
    `with made as (
       insert into run (id, plan_id, connection_id, requested_by, state) values ($1, $2, $3, $4, 'queued')
       returning id, plan_id, connection_id
     )
     ${PLAN_APPLIED}`,
    [id, planId, connectionId, requestedBy, ...originParameters()],
  );
  await client.query(
    `insert into run_change (run_id, ordinal, connection_id, requested_by, subject_key)
     select $1, ordinal, $3, $4, subject_key from plan_change where plan_id = $2 order by ordinal`,
    [id, planId, connectionId, requestedBy],
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

/** Runs that somebody has to carry out: asked for, or interrupted. */
export async function unfinishedRuns(on: Queryable): Promise<readonly { id: string; connectionId: string }[]> {
  const { rows } = await on.query<{ id: string; connectionId: string }>(
    `select id, connection_id as "connectionId" from run where state in ('queued', 'running') order by created_at, id`,
  );
  return rows;
}

/**
 * Takes a run in hand where it is in one of `from`: whoever had it before can write nothing more of it. null: it is in
 * another state. It is `running` from then on where it is to be carried out.
 */
export async function takeRun(
  on: Queryable,
  runId: string,
  from: readonly RunState[],
  workerId: string | null,
): Promise<HeldRun | null> {
  const { rows } = await on.query<HeldRun>(
    `update run set epoch = epoch + 1, worker = $3,
            state = case when state in ('queued', 'running') then 'running' else state end,
            reason = case when state in ('queued', 'running') then null else reason end,
            started_at = case when state in ('queued', 'running') then coalesce(started_at, clock_timestamp()) else started_at end,
            finished_at = case when state in ('queued', 'running') then null else finished_at end
      where id = $1 and state = any($2::text[]) returning id, epoch`,
    [runId, from, workerId],
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

/** Moves a run on where it is in one of `from`, and tells the audit log; false where it is not. */
export async function moveRun(
  on: Queryable,
  runId: string,
  from: readonly RunState[],
  to: RunState,
  reason: string | null,
): Promise<boolean> {
  const { rowCount } = await on.query(
    `with moved as (
       update run set state = $3, reason = $4,
              started_at = case when $3 = 'running' then coalesce(started_at, clock_timestamp()) else started_at end,
              finished_at = case when $3 in ('succeeded', 'partial', 'failed', 'cancelled') then clock_timestamp() end,
              pause_requested = pause_requested and $3 in ('running'),
              cancel_requested = cancel_requested and $3 in ('running')
        where id = $1 and state = any($2::text[])
       returning id, plan_id, connection_id, state, reason
     )
     ${RUN_MOVED}`,
    [runId, from, to, reason, ...originParameters()],
  );
  return rowCount === 1;
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

/**
 * The changes of a run that have not ended, by rank: those of rank 0 are the first of their subject still open, so they
 * may run side by side. In the order of the plan, after an ordinal.
 */
export async function firstOpenChanges(
  on: Queryable,
  runId: string,
  input: { readonly after: number; readonly limit: number },
): Promise<readonly OpenChange[]> {
  const { rows } = await on.query<OpenChange>(
    `select c.ordinal, c.subject_key as "subjectKey", c.state, c.attempt, c.called_at as "calledAt",
            (extract(epoch from clock_timestamp() - c.called_at) * 1000)::float8 as "calledAgoMs", c.held
       from run_change c
      where c.run_id = $1 and c.state in ('planned', 'calling', 'called') and c.ordinal > $2
        and not exists (select from run_change b where b.run_id = $1 and b.subject_key = c.subject_key
                          and b.ordinal < c.ordinal and b.state in ('planned', 'calling', 'called'))
      order by c.ordinal limit $3`,
    [runId, input.after, input.limit],
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

/**
 * Leases keys for changes, all or none of each change's; answers the ordinals that have theirs. An expired lease may be
 * taken over, and one of the same change is its own. By the database's clock.
 */
export async function takeLeases(
  on: Queryable,
  input: {
    readonly connectionId: string;
    readonly runId: string;
    readonly keys: readonly { readonly ordinal: number; readonly key: string }[];
    readonly seconds: number;
  },
): Promise<ReadonlySet<number>> {
  const { connectionId, runId, keys, seconds } = input;
  // In one order everywhere, so that two runs never wait for each other.
  const sorted = [...keys].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.ordinal - b.ordinal));
  const { rows } = await on.query<{ ordinal: number; key: string }>(
    `insert into change_lease as l (connection_id, key, run_id, ordinal, expires_at)
     select distinct on (k.key) $1, k.key, $2, k.ordinal, clock_timestamp() + make_interval(secs => $5)
       from unnest($3::text[], $4::int[]) k(key, ordinal) order by k.key, k.ordinal
     on conflict (connection_id, key) do update
        set run_id = excluded.run_id, ordinal = excluded.ordinal, expires_at = excluded.expires_at
      where l.expires_at < clock_timestamp() or (l.run_id = excluded.run_id and l.ordinal = excluded.ordinal)
     returning l.ordinal, l.key`,
    [connectionId, runId, sorted.map(({ key }) => key), sorted.map(({ ordinal }) => ordinal), seconds],
  );
  const got = new Set(rows.map(({ ordinal, key }) => `${ordinal} ${key}`));
  const complete = new Set(keys.map(({ ordinal }) => ordinal));
  for (const { ordinal, key } of keys) if (!got.has(`${ordinal} ${key}`)) complete.delete(ordinal);
  const halfTaken = rows.filter(({ ordinal }) => !complete.has(ordinal));
  if (halfTaken.length > 0) {
    await on.query('delete from change_lease where connection_id = $1 and run_id = $2 and key = any($3::text[])', [
      connectionId,
      runId,
      halfTaken.map(({ key }) => key),
    ]);
  }
  return complete;
}

/** Prolongs the leases of a run that are still needed. */
export async function prolongLeases(on: Queryable, runId: string, seconds: number): Promise<void> {
  await on.query(
    `update change_lease set expires_at = clock_timestamp() + make_interval(secs => $2) where run_id = $1`,
    [runId, seconds],
  );
}

/** Gives all leases of a run back, unless somebody else has it in hand now. */
export async function releaseLeases(on: Queryable, { id, epoch }: HeldRun): Promise<void> {
  await on.query(
    'delete from change_lease where run_id = $1 and exists (select from run where id = $1 and epoch = $2)',
    [id, epoch],
  );
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

/**
 * Notes how far changes are, before and after they are called; `calling` once more is the same call, that goes out later.
 * Throws `WorkTaken` where the run is in other hands: the lock on it keeps anybody from taking it in between.
 */
export async function journal(on: Queryable, run: HeldRun, marks: readonly JournalMark[]): Promise<void> {
  const { rows } = await on.query<{ isMine: boolean }>({
    name: 'journal_changes',
    text: `with mine as materialized (select id from run where id = $1 and epoch = $5 for share),
      marked as (
        update run_change c
           set state = m.state,
               attempt = case when m.state = 'calling' and c.state <> 'calling' then c.attempt + 1 else c.attempt end,
               called_at = case when m.state = 'calling' then clock_timestamp() else c.called_at end,
               held = coalesce(m.held, c.held),
               seq = nextval('run_change_seq')
          from mine, unnest($2::int[], $3::text[], $4::jsonb[]) m(ordinal, state, held)
         where c.run_id = mine.id and c.ordinal = m.ordinal and c.state in ('planned', 'calling', 'called')
      )
      select exists (select from mine) as "isMine"`,
    values: [
      run.id,
      marks.map(({ ordinal }) => ordinal),
      marks.map(({ state }) => state),
      marks.map(({ held }) => (held === null ? null : JSON.stringify(held))),
      run.epoch,
    ],
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
    text: `with mine as materialized (select id from run where id = $1 and epoch = $6 for share),
      written as (
        update run_change c
           set state = e.state, ended_at = clock_timestamp(), receipt = e.receipt, inverse = e.inverse,
               held = case when e.state = 'uncertain' then c.held end, seq = nextval('run_change_seq')
          from mine, unnest($2::int[], $3::text[], $4::jsonb[], $5::jsonb[]) e(ordinal, state, receipt, inverse)
         where c.run_id = mine.id and c.ordinal = e.ordinal
      ),
      released as (
        delete from change_lease l using mine where l.run_id = mine.id and l.ordinal = any($2::int[])
      )
      select exists (select from mine) as "isMine"`,
    values: [
      run.id,
      ended.map(({ ordinal }) => ordinal),
      ended.map(({ end }) => end),
      ended.map(({ receipt }) => JSON.stringify(receipt)),
      ended.map(({ inverse }) => (inverse === null ? null : JSON.stringify(inverse))),
      run.epoch,
    ],
  });
  if (rows[0]?.isMine !== true) throw new WorkTaken(`Run ${run.id}`);
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

/** Puts the failed changes of an ended run back to planned, but those that trying again cannot mend; answers how many. */
export async function replanFailed(client: PoolClient, runId: string): Promise<number> {
  const { rowCount } = await client.query(
    `update run_change set state = 'planned', ended_at = null, receipt = null, inverse = null, held = null,
            reserved_at = clock_timestamp(), seq = nextval('run_change_seq')
      where run_id = $1 and state = 'failed' and coalesce(receipt ->> 'code', '') <> all($2)`,
    [runId, FINAL_FAILURES],
  );
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

/** An uncertain change that may be settled now. */
export interface UncertainChange {
  readonly runId: string;
  readonly planId: string;
  readonly ordinal: number;
  readonly receipt: Receipt;
  readonly calledAt: string | null;
  readonly calledAgoMs: number;
  readonly held: HeldBefore | null;
}

/** The uncertain changes of each connection that were called within `days`, oldest first, no more than `limit`. */
export async function uncertainChanges(
  on: Queryable,
  connectionId: string,
  days: number,
  limit: number,
): Promise<readonly UncertainChange[]> {
  const { rows } = await on.query<UncertainChange>(
    `select c.run_id as "runId", r.plan_id as "planId", c.ordinal, c.receipt, c.called_at as "calledAt",
            (extract(epoch from clock_timestamp() - c.called_at) * 1000)::float8 as "calledAgoMs", c.held
       from run_change c join run r on r.id = c.run_id
      where c.connection_id = $1 and c.state = 'uncertain'
        and c.called_at > clock_timestamp() - make_interval(days => $2)
        and r.state not in ('queued', 'running')
      order by c.called_at limit $3`,
    [connectionId, days, limit],
  );
  return rows;
}

/** Connections that have uncertain changes young enough to be settled. */
export async function connectionsWithUncertain(on: Queryable, days: number): Promise<readonly string[]> {
  const { rows } = await on.query<{ connection_id: string }>(
    `select distinct connection_id from run_change
      where state = 'uncertain' and called_at > clock_timestamp() - make_interval(days => $1)`,
    [days],
  );
  return rows.map(({ connection_id }) => connection_id);
}

/** What would take back the done changes of a run, last first. */
export async function inversesOf(on: Queryable, runId: string): Promise<readonly StoredInverse[]> {
  const { rows } = await on.query<{ inverse: StoredInverse }>(
    `select inverse from run_change where run_id = $1 and state = 'done' and inverse is not null order by ordinal desc`,
    [runId],
  );
  return rows.map(({ inverse }) => inverse);
}
