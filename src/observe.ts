import type { Clock } from './connector-kit/connector.ts';
import type { CallTrace } from './connector-kit/http/client.ts';
import { operationFigures } from './store/figures.ts';
import type { Database } from './store/open.ts';
import { findRun, type SyncRunRow } from './store/sync/runs.ts';
import { named } from './telemetry/log.ts';
import { createMetrics, type HouseFigures, type Metrics } from './telemetry/metrics.ts';
import { inSpan, recordSpan } from './telemetry/tracing.ts';

/** What the rooms tell of themselves, brought to the figures and traces. */
export interface Observer {
  readonly metrics: Metrics;
  /** An attempt of a call to an app. */
  called(connectionId: string, trace: CallTrace): void;
  waited(connectionId: string, functionality: string, ms: number): void;
  pulled(page: { readonly connectionId: string; readonly collection: string; readonly records: number }): void;
  /** Carries out a sync run with its name in every line of the log, in a span, and counts how it ended. */
  sync(runId: string, carryOut: () => Promise<void>): Promise<void>;
  /** Carries out a plan's run with its name in every line of the log, in a span. */
  apply(runId: string, carryOut: () => Promise<void>): Promise<void>;
  /** Changes of a run that ended. */
  changed(ended: { readonly connectionId: string; readonly ends: readonly string[] }): void;
  /** Reads an app's own log with the connection's name in every line, in a span. */
  poll(connectionId: string, carryOut: () => Promise<void>): Promise<void>;
}

/** Makes the observer of a house over its database. */
export function observe(database: Database, clock: Clock, version: string): Observer {
  const metrics = createMetrics({ version, figures: () => figuresOf(database) });
  return {
    metrics,
    called(connection, { functionality, outcome, status, ms, startedAt, operation, attempt, error }) {
      metrics.vendorCalled({ connection, functionality, outcome, status, seconds: ms / 1000 });
      recordSpan(`call ${operation}`, {
        startedAt,
        ms,
        error,
        attributes: {
          'usher.connection': connection,
          'usher.functionality': functionality,
          'usher.attempt': attempt,
          ...(status === null ? {} : { 'http.response.status_code': status }),
        },
      });
    },
    waited: (connection, functionality, ms) => metrics.limiterWaited(connection, functionality, ms / 1000),
    pulled: ({ connectionId, collection, records }) => metrics.pagePulled(connectionId, collection, records),
    apply: (run, carryOut) => named({ run }, () => inSpan('apply', { 'usher.run': run }, carryOut)),
    changed: ({ connectionId, ends }) => metrics.changesEnded(connectionId, ends),
    poll: (connection, carryOut) =>
      named({ connection }, () => inSpan('app events', { 'usher.connection': connection }, carryOut)),
    async sync(runId, carryOut) {
      const before = await findRun(database.pool, runId).catch(() => null);
      const connection = before?.connection_id;
      await named({ run: runId, connection }, () =>
        inSpan('sync', { 'usher.run': runId, 'usher.connection': connection ?? 'unknown' }, carryOut),
      );
      const after = await findRun(database.pool, runId).catch(() => null);
      if (before === null || after === null || !isUnderWay(before) || isUnderWay(after)) return;
      const endMs = after.finished_at === null ? clock.now().getTime() : Date.parse(after.finished_at);
      const startMs = after.started_at === null ? endMs : Date.parse(after.started_at);
      metrics.syncEnded(after.connection_id, after.state, (endMs - startMs) / 1000);
    },
  };
}

async function figuresOf({ pool }: Database): Promise<HouseFigures> {
  return {
    ...(await operationFigures(pool)),
    pool: { total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount },
  };
}

function isUnderWay({ state }: SyncRunRow): boolean {
  return state === 'queued' || state === 'running';
}
