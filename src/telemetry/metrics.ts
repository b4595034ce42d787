import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { OperationFigures } from '../model/figures.ts';

/** What the house knows about itself at the moment somebody asks: read once for each look at the figures. */
export interface HouseFigures extends OperationFigures {
  /** Connections to the database. */
  readonly pool: { readonly total: number; readonly idle: number; readonly waiting: number };
}

export interface MetricsOptions {
  readonly version: string;
  /** Called at each look; where it fails the figures of the process itself are still told. */
  readonly figures: () => Promise<HouseFigures>;
}

/**
 * The figures for Prometheus. Labels are names an administrator gave (connections), names from our own code (routes,
 * functionalities, collections) and fixed words: never a person, an address or anything an app sent.
 */
export interface Metrics {
  /** `route` is the pattern (`/v1/syncs/:run`), null where there was none. */
  httpAnswered(request: {
    readonly method: string;
    readonly route: string | null;
    readonly status: number;
    readonly seconds: number;
  }): void;
  /** One attempt of one call to an app. `outcome`: answered, repeated (failed, tried again), failed. */
  vendorCalled(call: {
    readonly connection: string;
    readonly functionality: string;
    readonly outcome: 'answered' | 'repeated' | 'failed';
    readonly status: number | null;
    readonly seconds: number;
  }): void;
  /** How long a call waited for its turn in the connection's budget. */
  limiterWaited(connection: string, functionality: string, seconds: number): void;
  pagePulled(connection: string, collection: string, records: number): void;
  /** A sync run ended or was paused; seconds since it began. */
  syncEnded(connection: string, state: string, seconds: number): void;
  /** Changes of runs that ended: done, skipped, failed, uncertain. */
  changesEnded(connection: string, ends: readonly string[]): void;
  /** The text that Prometheus reads (text format 0.0.4). */
  text(): Promise<string>;
  readonly contentType: string;
}

const HTTP_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const VENDOR_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const WAIT_BUCKETS = [0.001, 0.01, 0.1, 0.5, 1, 5, 15, 60, 300];
const SYNC_BUCKETS = [1, 5, 15, 60, 300, 900, 3600, 4 * 3600];

/** Makes the figures of one process, in a registry of their own. */
export function createMetrics({ version, figures }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({ name: 'usher_info', help: 'The version that runs.', labelNames: ['version'], registers })
    .labels(version)
    .set(1);
  const http = new Histogram({
    name: 'usher_http_request_duration_seconds',
    help: 'HTTP requests, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: HTTP_BUCKETS,
    registers,
  });
  const vendor = new Histogram({
    name: 'usher_vendor_call_duration_seconds',
    help: 'Attempts of calls to apps, by how they ended.',
    labelNames: ['connection', 'functionality', 'outcome', 'status'],
    buckets: VENDOR_BUCKETS,
    registers,
  });
  const waits = new Histogram({
    name: 'usher_limiter_wait_seconds',
    help: "How long calls waited for their turn in a connection's rate.",
    labelNames: ['connection', 'functionality'],
    buckets: WAIT_BUCKETS,
    registers,
  });
  const pages = new Counter({
    name: 'usher_sync_pages_total',
    help: 'Pages pulled and staged.',
    labelNames: ['connection', 'collection'],
    registers,
  });
  const records = new Counter({
    name: 'usher_sync_records_total',
    help: 'Records pulled and staged.',
    labelNames: ['connection', 'collection'],
    registers,
  });
  const syncs = new Histogram({
    name: 'usher_sync_duration_seconds',
    help: 'Syncs that ended or were paused, by state.',
    labelNames: ['connection', 'state'],
    buckets: SYNC_BUCKETS,
    registers,
  });
  const changes = new Counter({
    name: 'usher_changes_total',
    help: 'Changes of runs, by how they ended.',
    labelNames: ['connection', 'end'],
    registers,
  });
  const show = houseGauges(registry);
  return {
    httpAnswered: ({ method, route, status, seconds }) =>
      http.labels(method, route ?? 'none', String(status)).observe(seconds),
    vendorCalled: ({ connection, functionality, outcome, status, seconds }) =>
      vendor.labels(connection, functionality, outcome, status === null ? 'none' : String(status)).observe(seconds),
    limiterWaited: (connection, functionality, seconds) => waits.labels(connection, functionality).observe(seconds),
    pagePulled(connection, collection, count) {
      pages.labels(connection, collection).inc();
      records.labels(connection, collection).inc(count);
    },
    syncEnded: (connection, state, seconds) => syncs.labels(connection, state).observe(seconds),
    changesEnded(connection, ends) {
      for (const end of ends) changes.labels(connection, end).inc();
    },
    async text() {
      show(await figures().catch(() => null));
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

/** The gauges that are read from the database at each look; the returned function sets them. */
function houseGauges(registry: Registry): (figures: HouseFigures | null) => void {
  const registers = [registry];
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []): Gauge<Label> =>
    new Gauge({ name, help, labelNames, registers });
  const isUp = gauge('usher_database_up', '1 where the database answered when these figures were read.');
  const runs = gauge('usher_sync_runs', 'Sync runs that have not ended, by state.', ['state']);
  const unplaced = gauge('usher_events_unplaced', 'Committed events that wait for their place in the feed.');
  const waitingPlans = gauge('usher_plans_waiting', 'Plans that wait for the approval of a person.');
  const waitingTasks = gauge('usher_tasks_waiting', 'Runs that wait for a person to do something outside of Usher.');
  const uncertain = gauge('usher_changes_uncertain', 'Changes of which it is not known whether they were made.');
  const unlinked = gauge('usher_audit_unlinked', 'Entries of the audit log that wait to be linked into its chain.');
  const lag = gauge('usher_events_lag_seconds', 'How long the oldest of them has waited.');
  const state = gauge('usher_connection_active', '1 where a connection is active, 0 where it is paused.', [
    'connection',
  ]);
  const success = gauge(
    'usher_connection_last_success_timestamp_seconds',
    'When the last sync that succeeded ended (Unix time).',
    ['connection'],
  );
  const left = gauge('usher_rate_budget_left', 'Calls left of a budget that an app grants.', [
    'connection',
    'functionality',
  ]);
  const limit = gauge('usher_rate_budget_limit', 'Calls such a budget holds when it is full.', [
    'connection',
    'functionality',
  ]);
  const pool = gauge('usher_database_connections', 'Database connections of this process, by what they do.', ['use']);
  return (figures) => {
    isUp.set(figures === null ? 0 : 1);
    // A connection that was removed is no longer told of; what cannot be known now is not told as it was.
    for (const each of [
      runs,
      unplaced,
      waitingPlans,
      waitingTasks,
      uncertain,
      unlinked,
      lag,
      state,
      success,
      left,
      limit,
      pool,
    ])
      each.reset();
    if (figures === null) {
      for (const each of [unplaced, waitingPlans, waitingTasks, uncertain, unlinked, lag]) each.remove();
      return;
    }
    for (const [name, count] of Object.entries(figures.runs)) runs.labels(name).set(count);
    unplaced.set(figures.unplacedEvents);
    waitingPlans.set(figures.waitingPlans);
    waitingTasks.set(figures.waitingTasks);
    uncertain.set(figures.uncertainChanges);
    unlinked.set(figures.unlinkedEntries);
    lag.set(figures.oldestUnplacedSeconds);
    for (const { id, state: is, lastSuccessAt } of figures.connections) {
      state.labels(id).set(is === 'active' ? 1 : 0);
      if (lastSuccessAt !== null) success.labels(id).set(lastSuccessAt);
    }
    for (const { connectionId, functionality, ...budget } of figures.budgets) {
      left.labels(connectionId, functionality).set(budget.left);
      limit.labels(connectionId, functionality).set(budget.limit);
    }
    const { total, idle, waiting } = figures.pool;
    pool.labels('busy').set(total - idle);
    pool.labels('idle').set(idle);
    pool.labels('awaited').set(waiting);
  };
}
