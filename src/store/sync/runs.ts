import type { Pool, PoolClient } from 'pg';
import type { JsonValue } from '../../model/records.ts';
import { WorkTaken } from '../../model/taken.ts';
import { unstageRun } from './unstage.ts';

export type SyncState = 'queued' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled';
export type CollectionState = 'pending' | 'pulling' | 'complete' | 'partial' | 'failed';

/** A stored sync run. Times are ISO 8601, UTC. */
export interface SyncRunRow {
  readonly id: string;
  readonly connection_id: string;
  readonly state: SyncState;
  readonly requested_by: string;
  readonly is_baseline: boolean;
  readonly is_confirmed: boolean;
  readonly cancel_requested: boolean;
  readonly attempt: number;
  /** Raised whenever a process takes the run in hand. */
  readonly epoch: number;
  readonly requested_at: string;
  readonly started_at: string | null;
  readonly pulled_at: string | null;
  readonly finished_at: string | null;
  readonly mapping_version: number | null;
  readonly anomalies: readonly Anomaly[];
  readonly changes: JsonValue;
  readonly error: JsonValue;
}

/** Why a run was paused: more is gone or changed than the guard allows. */
export interface Anomaly {
  readonly kind: string;
  readonly gone: number;
  readonly status_changed: number;
  readonly before: number;
  readonly after: number;
  readonly limit_percent: number;
  readonly message: string;
}

/** A collection of a run, with its checkpoint. */
export interface SyncCollectionRow {
  readonly collection: string;
  readonly scope: string;
  readonly ordinal: number;
  readonly state: CollectionState;
  readonly checkpoint: JsonValue;
  readonly checkpoint_at: string | null;
  readonly started_at: string | null;
  readonly pages: number;
  readonly records: number;
  /** Records of the kind that `total` counts: how far the collection is. */
  readonly seen: number;
  readonly staged: number;
  readonly total: number | null;
  readonly restarts: number;
  readonly reason: string | null;
}

type Queryable = Pool | PoolClient;

/**
 * Asks for a sync of a connection: joins the one that is queued or running, replaces one that is paused (its staged
 * pull is dropped: the new one sees the present), else makes a new one. Safe when asked twice at once.
 */
export async function requestRun(
  client: PoolClient,
  input: { readonly id: string; readonly connectionId: string; readonly requestedBy: string; readonly now: string },
): Promise<{ readonly runId: string; readonly isJoined: boolean }> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('sync ' || $1, 0))`, [input.connectionId]);
  const { rows } = await client.query<{ id: string; state: SyncState }>(
    `select id, state from sync_run where connection_id = $1 and state in ('queued', 'running', 'paused')`,
    [input.connectionId],
  );
  const present = rows[0];
  if (present && present.state !== 'paused') return { runId: present.id, isJoined: true };
  if (present) {
    await client.query(
      `update sync_run set state = 'cancelled', finished_at = $2,
              error = jsonb_build_object('code', 'superseded', 'detail', 'A newer pull took its place.') where id = $1`,
      [present.id, input.now],
    );
    await unstageRun(client, present.id);
  }
  await client.query(
    `insert into sync_run (id, connection_id, state, requested_by, requested_at) values ($1, $2, 'queued', $3, $4)`,
    [input.id, input.connectionId, input.requestedBy, input.now],
  );
  return { runId: input.id, isJoined: false };
}

/** A run by id, or null. */
export async function findRun(db: Queryable, runId: string): Promise<SyncRunRow | null> {
  const { rows } = await db.query<SyncRunRow>('select * from sync_run where id = $1', [runId]);
  return rows[0] ?? null;
}

/**
 * Takes a run that is queued or running in hand: whoever had it before stages and commits nothing more of it. null: it is
 * in another state.
 */
export async function takeSyncRun(db: Queryable, runId: string, workerId: string | null): Promise<SyncRunRow | null> {
  const { rows } = await db.query<SyncRunRow>(
    `update sync_run set epoch = epoch + 1, worker = $2 where id = $1 and state in ('queued', 'running') returning *`,
    [runId, workerId],
  );
  return rows[0] ?? null;
}

/** Sees to it that nobody takes a run until the transaction ends; throws `WorkTaken` where somebody has already. */
export async function holdSyncRun(
  client: PoolClient,
  { id, epoch }: { readonly id: string; readonly epoch: number },
): Promise<void> {
  const { rowCount } = await client.query('select from sync_run where id = $1 and epoch = $2 for no key update', [
    id,
    epoch,
  ]);
  if (rowCount !== 1) throw new WorkTaken(`Sync ${id}`);
}

/** The run that a connection is busy with or paused at, or null. */
export async function openRunOf(db: Queryable, connectionId: string): Promise<SyncRunRow | null> {
  const { rows } = await db.query<SyncRunRow>(
    `select * from sync_run where connection_id = $1 and state in ('queued', 'running', 'paused')`,
    [connectionId],
  );
  return rows[0] ?? null;
}

/** Where a list of a connection's runs goes on: the last row's. */
export interface SyncRunPosition {
  readonly requestedAt: string;
  readonly id: string;
}

/** A connection's runs, newest first; `before` a position where one is given: those that come after it in the list. */
export async function runsOf(
  db: Queryable,
  connectionId: string,
  limit: number,
  before: SyncRunPosition | null = null,
): Promise<SyncRunRow[]> {
  const { rows } = await db.query<SyncRunRow>(
    `select * from sync_run
      where connection_id = $1 and ($3::timestamptz is null or (requested_at, id) < ($3::timestamptz, $4::uuid))
      order by requested_at desc, id desc limit $2`,
    [connectionId, limit, before?.requestedAt ?? null, before?.id ?? null],
  );
  return rows;
}

/** How many records of each kind the snapshot of a connection held after its last committed sync; empty before the first. */
export async function countsAfterLastSync(
  db: Queryable,
  connectionId: string,
): Promise<{ readonly [kind: string]: number }> {
  const { rows } = await db.query<{ counts: { readonly [kind: string]: number } | null }>(
    `select changes -> 'counts' as counts from sync_run
      where connection_id = $1 and state = 'succeeded' order by requested_at desc limit 1`,
    [connectionId],
  );
  return rows[0]?.counts ?? {};
}

/** Runs that should be under way: what the engine starts again after a crash. */
export async function unfinishedRuns(db: Queryable): Promise<{ id: string; connection_id: string; attempt: number }[]> {
  const { rows } = await db.query<{ id: string; connection_id: string; attempt: number }>(
    `select id, connection_id, attempt from sync_run where state in ('queued', 'running') order by requested_at`,
  );
  return rows;
}

/** The collections of a run in pulling order. */
export async function collectionsOf(db: Queryable, runId: string): Promise<SyncCollectionRow[]> {
  const { rows } = await db.query<SyncCollectionRow>(
    'select * from sync_collection where run_id = $1 order by ordinal',
    [runId],
  );
  return rows;
}

/** Marks a run as running; `isBaseline` and the mapping version are settled at its first start and kept. */
export async function startRun(
  db: Queryable,
  input: {
    readonly runId: string;
    readonly isBaseline: boolean;
    readonly mappingVersion: number;
    readonly now: string;
  },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update sync_run set state = 'running', started_at = coalesce(started_at, $2), attempt = attempt + 1,
            is_baseline = case when started_at is null then $3 else is_baseline end,
            mapping_version = coalesce(mapping_version, $4), error = null
      where id = $1 and state in ('queued', 'running')`,
    [input.runId, input.now, input.isBaseline, input.mappingVersion],
  );
  return rowCount === 1;
}

/** Takes a run back to where nothing of it was planned or pulled; what it staged goes by `unstageRun`. */
export async function forgetPull(client: PoolClient, runId: string): Promise<void> {
  await client.query('delete from sync_collection where run_id = $1', [runId]);
  await client.query('update sync_run set mapping_version = null, pulled_at = null where id = $1', [runId]);
}

/** Plans the collections of a run, once. */
export async function planCollections(
  db: Queryable,
  runId: string,
  planned: readonly { readonly collection: string; readonly scope: string }[],
): Promise<void> {
  await db.query(
    `insert into sync_collection (run_id, collection, scope, ordinal, state)
     select $1, p.collection, p.scope, p.i - 1, 'pending'
       from unnest($2::text[], $3::text[]) with ordinality as p(collection, scope, i)
     on conflict do nothing`,
    [runId, planned.map((plan) => plan.collection), planned.map((plan) => plan.scope)],
  );
}

/** Notes that a collection is being pulled (its absences count from `startedAt`), or counts a restart. */
export async function startCollection(
  db: Queryable,
  address: { readonly runId: string; readonly collection: string; readonly scope: string },
  startedAt: string,
  isRestart: boolean,
): Promise<void> {
  await db.query(
    `update sync_collection set state = 'pulling', started_at = $4, restarts = restarts + case when $5 then 1 else 0 end
      where run_id = $1 and collection = $2 and scope = $3`,
    [address.runId, address.collection, address.scope, startedAt, isRestart],
  );
}

/** Ends a collection, whole or not. */
export async function endCollection(
  db: Queryable,
  address: { readonly runId: string; readonly collection: string; readonly scope: string },
  state: 'complete' | 'partial' | 'failed',
  reason: string | null,
  now: string,
): Promise<void> {
  await db.query(
    `update sync_collection set state = $4, reason = $5, finished_at = $6 where run_id = $1 and collection = $2 and scope = $3`,
    [address.runId, address.collection, address.scope, state, reason, now],
  );
}

/** Everything was pulled; the run waits for its commit. */
export async function markPulled(db: Queryable, runId: string, now: string): Promise<void> {
  await db.query('update sync_run set pulled_at = coalesce(pulled_at, $2) where id = $1', [runId, now]);
}

/** Pauses a run until somebody confirms it. */
export async function pauseRun(db: Queryable, runId: string, anomalies: readonly Anomaly[]): Promise<void> {
  await db.query(`update sync_run set state = 'paused', anomalies = $2 where id = $1`, [
    runId,
    JSON.stringify(anomalies),
  ]);
}

/** Somebody says that what the guard stopped is true. Answers whether the run was paused. */
export async function confirmRun(db: Queryable, runId: string, confirmedBy: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update sync_run set state = 'queued', is_confirmed = true, confirmed_by = $2 where id = $1 and state = 'paused'`,
    [runId, confirmedBy],
  );
  return rowCount === 1;
}

/** Asks a run to stop; a queued or paused one is cancelled at once. Answers the state it is in then, or null. */
export async function cancelRun(client: PoolClient, runId: string, now: string): Promise<SyncState | null> {
  const { rows } = await client.query<{ state: SyncState }>(
    `update sync_run set cancel_requested = true,
            state = case when state in ('queued', 'paused') then 'cancelled' else state end,
            finished_at = case when state in ('queued', 'paused') then $2 else finished_at end
      where id = $1 and state in ('queued', 'running', 'paused') returning state`,
    [runId, now],
  );
  const state = rows[0]?.state ?? null;
  if (state === 'cancelled') await unstageRun(client, runId);
  return state;
}

/** Ends a run for good. */
export async function finishRun(
  db: Queryable,
  runId: string,
  end: {
    readonly state: 'succeeded' | 'failed' | 'cancelled';
    readonly changes?: JsonValue;
    readonly error?: JsonValue;
    readonly now: string;
  },
): Promise<void> {
  await db.query(
    `update sync_run set state = $2, changes = $3, error = $4, finished_at = $5
      where id = $1 and state in ('queued', 'running', 'paused')`,
    [runId, end.state, asJson(end.changes), asJson(end.error), end.now],
  );
}

/** Deletes all but the newest `keep` ended runs of a connection. */
export async function forgetOldRuns(db: Queryable, connectionId: string, keep: number): Promise<void> {
  await db.query(
    `delete from sync_run where connection_id = $1 and state in ('succeeded', 'failed', 'cancelled') and id not in (
       select id from sync_run where connection_id = $1 order by requested_at desc limit $2)`,
    [connectionId, keep],
  );
}

function asJson(value: JsonValue | undefined): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}
