import { UsherError } from '../model/errors.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import type { SyncRunRow } from '../store/sync/runs.ts';
import { cancelRun, confirmRun, findRun, openRunOf, requestRun, unfinishedRuns } from '../store/sync/runs.ts';
import { connectionsDue, setNextSync } from '../store/sync/schedule.ts';
import { syncEntry } from './audit.ts';
import type { SyncDependencies } from './dependencies.ts';

type ServiceDependencies = Pick<SyncDependencies, 'database' | 'clock' | 'newId'> & {
  /** Starts the carrying-out of a stored run; the engine in `serve`. */
  start(runId: string, connectionId: string): Promise<void>;
  /** Throws where nothing may be started now: after a restore. */
  assertMayStart?(): Promise<void>;
  /** A number from 0 to 1, for the jitter of schedules. */
  random(): number;
};

/** What the surfaces ask of the sync room. */
export interface SyncService {
  /** Starts a sync of a connection, or joins the one under way. */
  request(connectionId: string, requestedBy: string): Promise<{ readonly runId: string; readonly isJoined: boolean }>;
  /** Confirms what the anomaly guard paused; `conflict` when nothing is paused. */
  confirm(runId: string, confirmedBy: string): Promise<SyncRunRow>;
  /** Confirms the paused run of a connection. */
  confirmConnection(connectionId: string, confirmedBy: string): Promise<SyncRunRow>;
  /** Stops a run at the next page; nothing it pulled is kept. */
  cancel(runId: string): Promise<SyncRunRow>;
  /** Starts what is due by schedule. Answers the connections whose sync was asked for. */
  startDue(): Promise<readonly string[]>;
  /** Starts again whatever should be under way and is not (after a crash, or when the database was gone). */
  resumeUnfinished(): Promise<void>;
}

/** Share of the interval by which scheduled syncs are spread, so that connections do not all start at once. */
const JITTER = 0.1;

/** Makes the service over the stored runs. */
export function createSyncService(deps: ServiceDependencies): SyncService {
  const now = (): string => deps.clock.now().toISOString();
  const request: SyncService['request'] = async (connectionId, requestedBy) => {
    await deps.assertMayStart?.();
    const requested = await deps.database.transaction(async (client) => {
      const made = await requestRun(client, { id: deps.newId(), connectionId, requestedBy, now: now() });
      const details = { requested_by: requestedBy, is_joined: made.isJoined };
      await addAuditEntries(client, [syncEntry('requested', { ...made, connectionId }, now(), details)]);
      return made;
    });
    await deps.start(requested.runId, connectionId);
    return requested;
  };
  const confirm: SyncService['confirm'] = async (runId, confirmedBy) => {
    const run = await mustFind(deps, runId);
    await deps.assertMayStart?.();
    const isConfirmed = await deps.database.transaction(async (client) => {
      if (!(await confirmRun(client, runId, confirmedBy))) return false;
      const sync = { runId, connectionId: run.connection_id };
      await addAuditEntries(client, [syncEntry('confirmed', sync, now(), { confirmed_by: confirmedBy })]);
      return true;
    });
    if (!isConfirmed) {
      throw new UsherError('conflict', `Sync ${runId} of ${run.connection_id} is ${run.state}, not paused.`, {
        connection: run.connection_id,
        code: 'notPaused',
        next: `See \`usher sync status ${run.connection_id}\`.`,
      });
    }
    await deps.start(runId, run.connection_id);
    return mustFind(deps, runId);
  };
  return {
    request,
    confirm,
    async confirmConnection(connectionId, confirmedBy) {
      const run = await openRunOf(deps.database.pool, connectionId);
      if (run?.state !== 'paused') {
        throw new UsherError('conflict', `No sync of ${connectionId} is paused.`, {
          connection: connectionId,
          code: 'notPaused',
          next: `See \`usher sync status ${connectionId}\`.`,
        });
      }
      return confirm(run.id, confirmedBy);
    },
    async cancel(runId) {
      const run = await mustFind(deps, runId);
      const state = await deps.database.transaction(async (client) => {
        const stopped = await cancelRun(client, runId, now());
        const sync = { runId, connectionId: run.connection_id };
        if (stopped !== null) await addAuditEntries(client, [syncEntry('cancelled', sync, now())]);
        return stopped;
      });
      if (state === null) {
        throw new UsherError('conflict', `Sync ${runId} of ${run.connection_id} has ended already: ${run.state}.`, {
          connection: run.connection_id,
          code: 'alreadyEnded',
        });
      }
      return mustFind(deps, runId);
    },
    async startDue() {
      const due = await connectionsDue(deps.database.pool, now());
      const from = deps.clock.now().getTime();
      await setNextSync(
        deps.database.pool,
        due.map(({ id, schedule_seconds }) => ({
          id,
          nextSyncAt: new Date(
            from + schedule_seconds * 1000 * (1 - JITTER + 2 * JITTER * deps.random()),
          ).toISOString(),
        })),
      );
      for (const { id } of due) await request(id, 'schedule');
      return due.map(({ id }) => id);
    },
    async resumeUnfinished() {
      for (const run of await unfinishedRuns(deps.database.pool)) await deps.start(run.id, run.connection_id);
    },
  };
}

async function mustFind(deps: ServiceDependencies, runId: string): Promise<SyncRunRow> {
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(runId);
  const run = isId ? await findRun(deps.database.pool, runId) : null;
  if (run) return run;
  throw new UsherError('notFound', `There is no sync ${runId.slice(0, 80)}.`, {
    next: 'List them with `usher sync status`.',
  });
}
