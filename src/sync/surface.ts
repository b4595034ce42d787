import { UsherError } from '../model/errors.ts';
import { pageOf, type Page } from '../store/read/page.ts';
import { findRun, openRunOf, runsOf, type SyncRunPosition } from '../store/sync/runs.ts';
import type { SyncDependencies } from './dependencies.ts';
import type { SyncService } from './service.ts';
import type { SyncRunView } from './view.ts';
import { viewRun } from './view.ts';

/** Syncs as the surfaces speak of them: requests and decisions of the service, runs as views. */
export interface SyncSurface {
  /** Asks for a sync; joins the one under way. */
  request(
    connectionId: string,
    requestedBy: string,
  ): Promise<{ readonly run: SyncRunView; readonly isJoined: boolean }>;
  /** A page of a connection's runs, newest first; from `before` on, which is the last run of the page before. */
  list(connectionId: string, before: SyncRunPosition | null, pageSize: number): Promise<Page<SyncRunView>>;
  /** Throws `notFound`. */
  get(runId: string): Promise<SyncRunView>;
  /** The run of a connection that waits for confirmation, or null. */
  paused(connectionId: string): Promise<SyncRunView | null>;
  /** Throws `conflict` where the run is not paused. */
  confirm(runId: string, confirmedBy: string): Promise<SyncRunView>;
  /** Throws `conflict` where the run has ended. */
  cancel(runId: string): Promise<SyncRunView>;
}

/** Binds the service to the stored runs. */
export function createSyncSurface(
  { database, clock }: Pick<SyncDependencies, 'database' | 'clock'>,
  service: SyncService,
): SyncSurface {
  const get = async (runId: string): Promise<SyncRunView> => {
    const run = await findRun(database.pool, runId);
    if (run === null) throw new UsherError('notFound', `There is no sync ${runId}.`);
    return viewRun(database, run, clock.now());
  };
  return {
    get,
    async request(connectionId, requestedBy) {
      const { runId, isJoined } = await service.request(connectionId, requestedBy);
      return { run: await get(runId), isJoined };
    },
    async list(connectionId, before, pageSize) {
      const { rows, hasMore } = pageOf(await runsOf(database.pool, connectionId, pageSize + 1, before), pageSize);
      return { rows: await Promise.all(rows.map((run) => viewRun(database, run, clock.now()))), hasMore };
    },
    async paused(connectionId) {
      const run = await openRunOf(database.pool, connectionId);
      return run?.state === 'paused' ? viewRun(database, run, clock.now()) : null;
    },
    async confirm(runId, confirmedBy) {
      return get((await service.confirm(runId, confirmedBy)).id);
    },
    async cancel(runId) {
      return get((await service.cancel(runId)).id);
    },
  };
}
