import type { JsonValue } from '../model/records.ts';
import type { Database } from '../store/open.ts';
import type { Anomaly, CollectionState, SyncCollectionRow, SyncRunRow, SyncState } from '../store/sync/runs.ts';
import { collectionsOf, countsAfterLastSync } from '../store/sync/runs.ts';

/** A sync run as the surfaces show it. */
export interface SyncRunView {
  readonly id: string;
  readonly connectionId: string;
  readonly state: SyncState;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly isBaseline: boolean;
  readonly progress: Progress;
  readonly collections: readonly {
    readonly id: string;
    readonly scope: string;
    readonly state: CollectionState;
    readonly pages: number;
    readonly records: number;
    readonly total: number | null;
    readonly reason: string | null;
  }[];
  readonly changes: Readonly<Record<'added' | 'updated' | 'removed' | 'missing' | 'events', number>> | null;
  readonly anomalies: readonly {
    readonly kind: string;
    readonly gone: number;
    readonly statusChanged: number;
    readonly before: number;
    readonly after: number;
    readonly limitPercent: number;
    readonly message: string;
  }[];
  /** As the run's row keeps it: a problem, never a secret. */
  readonly error: JsonValue;
  /** Rows of each kind the snapshot held after the last committed sync. */
  readonly counts: Readonly<Record<string, number>>;
}

/** How far a pull is. `total` is an estimate in records, where the app tells a total of its own (of accounts, mostly). */
interface Progress {
  readonly pages: number;
  readonly records: number;
  readonly ratePerSecond: number | null;
  readonly total: number | null;
  readonly etaSeconds: number | null;
}

/** Puts together what is known of a run: its collections, how fast it goes, what the snapshot holds now. */
export async function viewRun(database: Database, run: SyncRunRow, now: Date): Promise<SyncRunView> {
  const collections = await collectionsOf(database.pool, run.id);
  // Counting large tables for everybody who watches a run would slow that run: what the last commit counted will do.
  const counts = await countsAfterLastSync(database.pool, run.connection_id);
  return {
    id: run.id,
    connectionId: run.connection_id,
    state: run.state,
    requestedBy: run.requested_by,
    requestedAt: run.requested_at,
    startedAt: run.started_at,
    finishedAt: run.finished_at,
    isBaseline: run.is_baseline,
    progress: progressOf(run, collections, now),
    collections: collections.map(({ collection, scope, state, pages, records, total, reason }) => ({
      id: collection,
      scope,
      state,
      pages,
      records,
      total,
      reason,
    })),
    changes: changesOf(run.changes),
    anomalies: run.anomalies.map(viewAnomaly),
    error: run.error,
    counts,
  };
}

function progressOf(run: SyncRunRow, collections: readonly SyncCollectionRow[], now: Date): Progress {
  const sum = (field: 'pages' | 'records'): number => collections.reduce((total, row) => total + row[field], 0);
  const pages = sum('pages');
  const records = sum('records');
  const end = run.pulled_at ?? run.finished_at;
  const elapsedMs = run.started_at === null ? 0 : (end ? Date.parse(end) : now.getTime()) - Date.parse(run.started_at);
  const ratePerSecond = elapsedMs > 0 ? Math.round((records * 10_000) / elapsedMs) / 10 : null;
  const totals = collections.map(estimatedTotal).filter((total) => total !== null);
  return {
    pages,
    records,
    ratePerSecond,
    total: totals.length > 0 ? totals.reduce((all, total) => all + total, 0) : null,
    etaSeconds: run.state === 'running' && end === null ? etaOf(collections, now) : null,
  };
}

/** Records a collection will have, as far as can be told: memberships come with their accounts, so they grow alike. */
function estimatedTotal(row: SyncCollectionRow): number | null {
  if (row.state === 'complete' || row.state === 'partial') return row.records;
  if (row.total === null) return null;
  return row.seen === 0 ? row.total : Math.max(row.records, Math.round((row.total * row.records) / row.seen));
}

/** From the collection under way: how long its pages took so far, and how much of its total is left. */
function etaOf(collections: readonly SyncCollectionRow[], now: Date): number | null {
  const pulling = collections.find((row) => row.state === 'pulling');
  if (!pulling || pulling.total === null || pulling.started_at === null || pulling.pages === 0) return null;
  const done = pulling.seen;
  if (done === 0 || done > pulling.total) return null;
  const elapsedMs = now.getTime() - Date.parse(pulling.started_at);
  return Math.max(0, Math.round((elapsedMs * (pulling.total - done)) / done / 1000));
}

function changesOf(changes: JsonValue): SyncRunView['changes'] {
  if (changes === null || typeof changes !== 'object' || Array.isArray(changes)) return null;
  const number = (field: string): number => {
    const value = Object.entries(changes).find(([name]) => name === field)?.[1];
    return typeof value === 'number' ? value : 0;
  };
  return {
    added: number('added'),
    updated: number('updated'),
    removed: number('removed'),
    missing: number('missing'),
    events: number('events'),
  };
}

function viewAnomaly(anomaly: Anomaly): SyncRunView['anomalies'][number] {
  const { kind, gone, before, after, message } = anomaly;
  return {
    kind,
    gone,
    before,
    after,
    message,
    statusChanged: anomaly.status_changed,
    limitPercent: anomaly.limit_percent,
  };
}
