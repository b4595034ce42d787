import { AsyncLocalStorage } from 'node:async_hooks';
import { DBOS, type DLogger } from '@dbos-inc/dbos-sdk';
import { enginePool } from '../store/engine-pool.ts';
import type { Log } from '../store/log.ts';
import type { Database } from '../store/open.ts';

/** What the engine carries out: given once at the start, by the process that knows all rooms. */
export interface EngineWork {
  /** Carries a sync run on until it ended, paused or `signal` was aborted; called again after a crash. */
  sync(runId: string, signal: AbortSignal): Promise<void>;
  /** Reads what is new in an app's own log. */
  pollAppEvents(connectionId: string, signal: AbortSignal): Promise<void>;
  /** Carries the run of a plan on until it ended, paused or `signal` was aborted; called again after a crash. */
  apply(runId: string, signal: AbortSignal): Promise<void>;
  /** Looks for what is due; called about twice a minute. */
  tick(now: Date, signal: AbortSignal): Promise<void>;
}

/** The durable engine: work that was started is carried out, whatever is killed in between. */
export interface Engine {
  /** Starts, or goes on with, the carrying-out of a stored sync run. Asking twice starts nothing twice. */
  startSync(runId: string, connectionId: string): Promise<void>;
  /** Starts a poll of an app's log unless one is under way. */
  startPoll(connectionId: string): Promise<void>;
  /** Starts, or goes on with, the carrying-out of a plan's run. Asking twice starts nothing twice. */
  startApply(runId: string, connectionId: string): Promise<void>;
  /** Whether it was launched and not stopped. */
  isRunning(): boolean;
  /** Lets what runs stop at the next safe point, then stops. What was not finished goes on at the next start. */
  stop(): Promise<void>;
}

export interface EngineOptions {
  /** The engine makes a pool of its own: its polling must not starve requests. */
  readonly connection: Database['connection'];
  readonly log: Log;
  readonly work: EngineWork;
  /** Names this process among the workers of one database. */
  readonly executorId: string;
  readonly tickCron?: string;
}

const APPLICATION = 'usher';
/** Raised only when a workflow changes so that one begun before cannot go on under the new code. */
const APPLICATION_VERSION = '1';
const SYNC_QUEUE = 'usher-sync';
const POLL_QUEUE = 'usher-poll';
const APPLY_QUEUE = 'usher-apply';
/** Runs of one connection side by side: a large one must not hold up the one account that is to be closed now. */
const RUNS_A_CONNECTION = 4;
const STOP_PATIENCE_MS = 15_000;
/** Finished workflows say nothing that our own tables do not: a day is for looking into trouble. */
const KEEP_FINISHED_MS = 24 * 3600_000;
const UNDER_WAY = ['PENDING', 'ENQUEUED', 'DELAYED'] as const;

/** Launches the engine in this process. One at a time: the library keeps its state in globals. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { log, work } = options;
  const pool = enginePool(options.connection, log);
  const stopping = new AbortController();
  const active = new Map<string, Promise<void>>();
  let isLaunched = false;
  // The library refuses to start a workflow from within a step; what the tick starts belongs to nobody's workflow.
  const outside = AsyncLocalStorage.snapshot();

  /** One at a time by name: a recovered and a newly started workflow for the same thing share one carrying-out. */
  const once = (name: string, carryOut: () => Promise<void>): Promise<void> => {
    const present = active.get(name);
    if (present) return present;
    const started = carryOut().finally(() => active.delete(name));
    active.set(name, started);
    return started;
  };

  // Each is at-least-once: a crash between the work and its record repeats it, so all of it is safe to repeat.
  const sync = DBOS.registerWorkflow(
    async (runId: string) =>
      DBOS.runStep(() => once(`sync ${runId}`, () => work.sync(runId, stopping.signal)), { name: 'carry out' }),
    { name: 'sync', maxRecoveryAttempts: 1_000_000 },
  );
  const poll = DBOS.registerWorkflow(
    async (connectionId: string) =>
      DBOS.runStep(() => once(`poll ${connectionId}`, () => work.pollAppEvents(connectionId, stopping.signal)), {
        name: 'poll',
      }),
    { name: 'poll app events', maxRecoveryAttempts: 1_000_000 },
  );
  const apply = DBOS.registerWorkflow(
    async (runId: string) =>
      DBOS.runStep(() => once(`apply ${runId}`, () => work.apply(runId, stopping.signal)), { name: 'carry out plan' }),
    { name: 'apply', maxRecoveryAttempts: 1_000_000 },
  );
  const tick = DBOS.registerWorkflow(
    async (scheduledAt: Date) =>
      DBOS.runStep(
        () =>
          once('tick', async () => {
            await work.tick(new Date(scheduledAt), stopping.signal);
            await forgetFinished();
          }),
        { name: 'tick' },
      ),
    { name: 'tick', maxRecoveryAttempts: 1_000_000 },
  );

  DBOS.setConfig({
    name: APPLICATION,
    systemDatabasePool: pool,
    applicationVersion: APPLICATION_VERSION,
    executorID: options.executorId,
    enablePatching: true,
    logger: engineLog(log),
    useListenNotify: false, // a pooler in between would lose the notifications; polling is enough
  });
  await DBOS.launch();
  isLaunched = true;
  await DBOS.registerQueue(SYNC_QUEUE, { partitionConcurrency: 1, minPollingIntervalMs: 500 });
  await DBOS.registerQueue(POLL_QUEUE, { partitionConcurrency: 1, minPollingIntervalMs: 2000 });
  await DBOS.registerQueue(APPLY_QUEUE, { partitionConcurrency: RUNS_A_CONNECTION, minPollingIntervalMs: 200 });
  await DBOS.applySchedules([
    { scheduleName: 'tick', workflowFn: tick, schedule: options.tickCron ?? '*/30 * * * * *' },
  ]);

  const start = async (
    workflow: (id: string) => Promise<void>,
    input: { readonly prefix: string; readonly argument: string; readonly queue: string; readonly partition: string },
  ): Promise<void> => {
    const known = await DBOS.listWorkflows({
      workflow_id_prefix: `${input.prefix}/`,
      sortDesc: true,
      limit: 1,
      loadInput: false,
      loadOutput: false,
    });
    const newest = known[0];
    if (newest && UNDER_WAY.some((status) => status === newest.status)) return;
    const number = newest ? Number(newest.workflowID.slice(newest.workflowID.lastIndexOf('/') + 1)) + 1 : 1;
    await DBOS.startWorkflow(workflow, {
      workflowID: `${input.prefix}/${number}`,
      queueName: input.queue,
      enqueueOptions: { queuePartitionKey: input.partition },
    })(input.argument);
  };

  return {
    startSync: (runId, connectionId) =>
      outside(start, sync, { prefix: `sync/${runId}`, argument: runId, queue: SYNC_QUEUE, partition: connectionId }),
    startPoll: (connectionId) =>
      outside(start, poll, {
        prefix: `poll/${connectionId}`,
        argument: connectionId,
        queue: POLL_QUEUE,
        partition: connectionId,
      }),
    startApply: (runId, connectionId) =>
      outside(start, apply, { prefix: `apply/${runId}`, argument: runId, queue: APPLY_QUEUE, partition: connectionId }),
    isRunning: () => isLaunched && !stopping.signal.aborted,
    async stop() {
      stopping.abort();
      await Promise.allSettled(active.values());
      if (isLaunched) await DBOS.shutdown({ deregister: true, workflowCompletionTimeoutMS: STOP_PATIENCE_MS });
      isLaunched = false;
      if (!pool.ended) await pool.end();
    },
  };
}

async function forgetFinished(): Promise<void> {
  const finished = await DBOS.listWorkflows({
    status: ['SUCCESS', 'ERROR', 'CANCELLED'],
    endTime: new Date(Date.now() - KEEP_FINISHED_MS).toISOString(),
    limit: 1000,
    loadInput: false,
    loadOutput: false,
  });
  if (finished.length > 0) await DBOS.deleteWorkflows(finished.map((workflow) => workflow.workflowID));
}

/** The library's chatter goes to our log a level down: only its errors are ours to show. */
function engineLog(log: Log): DLogger {
  return {
    info: (entry) => log.debug({ room: 'engine' }, String(entry)),
    debug: () => undefined,
    warn: (entry) => log.warn({ room: 'engine' }, String(entry)),
    error: (entry, metadata) => log.error({ room: 'engine', stack: metadata?.stack }, String(entry)),
  };
}
