import type { UsherError } from '../model/errors.ts';
import { ERROR_KINDS, problemType, toUsherError, UsherError as Failure } from '../model/errors.ts';
import type { JsonValue } from '../model/records.ts';
import { WorkTaken } from '../model/taken.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import type { KindChanges } from '../store/sync/commit.ts';
import { commitRun, forecast, refreshStatistics } from '../store/sync/commit.ts';
import { dropOutdated, forgetReadBacks } from '../store/sync/outdated.ts';
import { unstageRun } from '../store/sync/unstage.ts';
import { yieldedKinds } from '../store/sync/kinds.ts';
import { countRecords, countsAfter, lockConnection, markSynced } from '../store/sync/connection.ts';
import { addBaselineEvent, countEvents } from '../store/sync/events.ts';
import type { SyncRunRow } from '../store/sync/runs.ts';
import {
  collectionsOf,
  findRun,
  finishRun,
  holdSyncRun,
  forgetOldRuns,
  forgetPull,
  markPulled,
  pauseRun,
  planCollections,
  requestRun,
  startRun,
  takeSyncRun,
} from '../store/sync/runs.ts';
import { inSpan } from '../telemetry/tracing.ts';
import { syncEntry } from './audit.ts';
import { findAnomalies } from './anomaly.ts';
import { databaseRetryMs, isDatabaseLoss } from './database-loss.ts';
import type { OpenedConnection, SyncDependencies } from './dependencies.ts';
import { inOrder, pullParts } from './parts.ts';
import { PullStopped } from './pull.ts';
import { withRetries } from './retries.ts';

const KEPT_RUNS = 200;

/**
 * Carries a stored sync run on from wherever it stands until it has ended, is paused or Usher shuts down: pull, check,
 * commit. Safe to call again after a crash at any point. While the database is gone, or its disk full, it waits and goes on.
 */
export async function carryOutRun(deps: SyncDependencies, runId: string, signal: AbortSignal): Promise<void> {
  for (let attempts = 0; ; attempts += 1) {
    try {
      await attempt(deps, runId, signal);
      return;
    } catch (thrown) {
      if (signal.aborted) return; // the next start goes on from the last page
      if (thrown instanceof WorkTaken) {
        deps.log.warn({ run: runId }, 'Another worker has taken this sync in hand; it stops here.');
        return;
      }
      if (!isDatabaseLoss(thrown)) throw thrown;
      deps.log.warn({ run: runId, error: String(thrown) }, 'The database does no work; the sync waits for it.');
      await deps.delay(databaseRetryMs(thrown, attempts), signal);
    }
  }
}

async function attempt(deps: SyncDependencies, runId: string, signal: AbortSignal): Promise<void> {
  const run = await takeSyncRun(deps.database.pool, runId, deps.workerId?.() ?? null);
  if (run === null) return;
  let opened: OpenedConnection | null = null;
  try {
    opened = await deps.openConnection(run.connection_id, signal);
    if (run.pulled_at === null) await pullAll(deps, run, opened, signal);
    const pulled = opened;
    await inSpan('sync.commit', {}, () => settle(deps, run, pulled));
  } catch (thrown) {
    if (isDatabaseLoss(thrown) || thrown instanceof WorkTaken) throw thrown;
    const isCancelled = thrown instanceof PullStopped && thrown.isCancelled;
    // Calls that the shutdown cut off fail, and say nothing of the app: the next start goes on from the last page.
    if (!isCancelled && (signal.aborted || thrown instanceof PullStopped)) return;
    await endBadly(deps, run, thrown);
  } finally {
    await opened?.close().catch((error: unknown) => {
      deps.log.warn({ run: runId, error: String(error) }, 'What was noticed during the pull could not be kept.');
    });
  }
}

async function pullAll(
  deps: SyncDependencies,
  run: SyncRunRow,
  opened: OpenedConnection,
  signal: AbortSignal,
): Promise<void> {
  const { connection, definition, connector } = opened;
  if (run.mapping_version !== null && run.mapping_version !== definition.mappingVersion) await beginAnew(deps, run);
  const isStarted = await startRun(deps.database.pool, {
    runId: run.id,
    isBaseline: connection.baselinedAt === null,
    mappingVersion: definition.mappingVersion,
    now: now(deps),
  });
  if (!isStarted) throw new PullStopped(true);
  const planned = await collectionsOf(deps.database.pool, run.id);
  if (planned.length === 0) {
    const plans = [];
    for (const { id } of inOrder(definition.collections)) {
      const scopes = await withRetries(deps, signal, () => connector.scopes(id));
      for (const scope of scopes) plans.push({ collection: id, scope });
    }
    await planCollections(deps.database.pool, run.id, plans);
  }
  const isCompared = connection.baselinedAt !== null || (await holdsRecords(deps, connection.id));
  await pullParts(deps, { runId: run.id, epoch: run.epoch, opened, isCompared, signal });
  await markPulled(deps.database.pool, run.id, now(deps));
}

/** What was staged by another version of Usher, which maps records in another way, cannot be compared with ours. */
async function beginAnew(deps: SyncDependencies, run: SyncRunRow): Promise<void> {
  deps.log.info({ run: run.id, connection: run.connection_id }, 'Another version began this pull; it begins anew.');
  await deps.database.transaction(async (client) => {
    await holdSyncRun(client, run);
    await unstageRun(client, run.id);
    await forgetPull(client, run.id);
  });
}

async function holdsRecords(deps: SyncDependencies, connectionId: string): Promise<boolean> {
  const counts = await deps.database.transaction((client) => countRecords(client, connectionId));
  return Object.values(counts).some((count) => count > 0);
}

/** Checks what was pulled and commits it, in one transaction that holds the connection. */
async function settle(deps: SyncDependencies, held: SyncRunRow, opened: OpenedConnection): Promise<void> {
  const { connection, definition } = opened;
  const { id: runId } = held;
  const pulled = { runId, connectionId: connection.id, kinds: yieldedKinds(definition.collections) };
  const committed = await deps.database.transaction(async (client) => {
    const locked = await lockConnection(client, connection.id);
    const run = await findRun(client, runId);
    const isWanted = run !== null && (run.state === 'running' || run.state === 'queued') && !run.cancel_requested;
    if (locked === null || !isWanted) throw new PullStopped(true);
    await holdSyncRun(client, held);
    const needsAnotherPull = await dropOutdated(client, pulled);
    const isBaselined = locked.baselined_at !== null;
    const isForecast = isBaselined && !run.is_confirmed;
    if (isForecast) {
      const forecasts = await forecast(client, pulled);
      const anomalies = findAnomalies(forecasts, deps.anomalyLimits, connection.id);
      if (anomalies.length > 0) {
        await pauseRun(client, runId, anomalies);
        const told = anomalies.map(({ message }) => message);
        await addAuditEntries(client, [syncEntry('paused', { runId, connectionId: connection.id }, now(deps), told)]);
        return [];
      }
    }
    const isWhole = (await collectionsOf(client, runId)).every((collection) => isWholeEnough(collection, definition));
    // A pull that waited for somebody to confirm it may have been mapped by an older version than this one.
    const mappedBy = run.mapping_version ?? definition.mappingVersion;
    const changes = await commitRun(client, {
      ...pulled,
      emitsEvents: isBaselined,
      isRebase: isBaselined && connection.mappingVersion !== mappedBy,
      isForecast,
      now: now(deps),
    });
    const counts = await countsAfter(client, connection.id, changes);
    const becomesBaseline = !isBaselined && isWhole;
    if (becomesBaseline) await addBaselineEvent(client, { connectionId: connection.id, runId, now: now(deps), counts });
    await markSynced(client, {
      connectionId: connection.id,
      mappingVersion: mappedBy,
      isBaseline: becomesBaseline,
      now: now(deps),
    });
    const events = await countEvents(client, runId);
    await forgetReadBacks(client, runId, connection.id);
    await unstageRun(client, runId);
    await finishRun(client, runId, { state: 'succeeded', changes: summary(changes, events, counts), now: now(deps) });
    const ended = { events, counts };
    await addAuditEntries(client, [syncEntry('succeeded', { runId, connectionId: connection.id }, now(deps), ended)]);
    if (needsAnotherPull) {
      // Started by whoever looks for unfinished runs, within half a minute.
      const next = { id: deps.newId(), connectionId: connection.id, requestedBy: 'read-back', now: now(deps) };
      await requestRun(client, next);
    }
    await forgetOldRuns(client, connection.id, KEPT_RUNS);
    return changes;
  });
  await refreshStatistics(deps.database.pool, committed);
}

/** Accounts must have been seen whole before the snapshot counts; other collections may be partial by their nature. */
function isWholeEnough(
  collection: { readonly collection: string; readonly state: string },
  definition: OpenedConnection['definition'],
): boolean {
  if (collection.state === 'complete') return true;
  const yields = definition.collections.find(({ id }) => id === collection.collection)?.yields ?? [];
  return collection.state === 'partial' && !yields.includes('account');
}

async function endBadly(deps: SyncDependencies, run: SyncRunRow, thrown: unknown): Promise<void> {
  const isCancelled = thrown instanceof PullStopped;
  const error = isCancelled ? null : describe(toUsherError(thrown, 'upstreamBug'));
  if (!isCancelled) {
    // What is not an UsherError is a fault of ours: where it happened is for whoever mends it, not for the run.
    const stack = thrown instanceof Error && !(thrown instanceof Failure) ? thrown.stack : undefined;
    deps.log.error({ run: run.id, connection: run.connection_id, error, stack }, 'A sync failed.');
  }
  await deps.database.transaction(async (client) => {
    await holdSyncRun(client, run);
    await unstageRun(client, run.id);
    await finishRun(client, run.id, { state: isCancelled ? 'cancelled' : 'failed', error, now: now(deps) });
    const sync = { runId: run.id, connectionId: run.connection_id };
    await addAuditEntries(client, [syncEntry(isCancelled ? 'cancelled' : 'failed', sync, now(deps), error)]);
    await forgetOldRuns(client, run.connection_id, KEPT_RUNS);
  });
}

/** An error as it is stored with the run and shown by every surface. */
export function describe(error: UsherError): JsonValue {
  const { next, field, code, help, retryAfterSeconds } = error.details;
  const { title, status } = ERROR_KINDS[error.kind];
  return {
    type: problemType(error.kind),
    title,
    status,
    code: code ?? error.kind,
    detail: error.message,
    next: next ?? null,
    field: field ?? null,
    help: help ?? null,
    retry: error.canRetry,
    retry_after_seconds: retryAfterSeconds ?? null,
  };
}

function summary(
  changes: readonly KindChanges[],
  events: number,
  counts: { readonly [kind: string]: number },
): JsonValue {
  const sum = (field: 'added' | 'updated' | 'removed' | 'missing'): number =>
    changes.reduce((total, change) => total + change[field], 0);
  return {
    added: sum('added'),
    updated: sum('updated'),
    removed: sum('removed'),
    missing: sum('missing'),
    events,
    by_kind: Object.fromEntries(changes.map(({ kind, ...numbers }) => [kind, numbers])),
    counts,
  };
}

function now(deps: SyncDependencies): string {
  return deps.clock.now().toISOString();
}
