import { DBOS } from '@dbos-inc/dbos-sdk';
import { type EnginePool, inTurn } from '../store/engine-pool.ts';
import type { Log } from '../store/log.ts';
import { engineLog } from './engine-log.ts';
import { APPLICATION, KINDS } from './queue.ts';

/** What the engine carries out: given once at the start, by the process that knows all rooms. */
export interface EngineWork {
  /** Carries a sync run on until it ended, paused or `signal` was aborted; called again after a crash. */
  sync(runId: string, signal: AbortSignal): Promise<void>;
  /** Reads what is new in an app's own log. */
  pollAppEvents(connectionId: string, signal: AbortSignal): Promise<void>;
  /** Carries the run of a plan on until it ended, paused or `signal` was aborted; called again after a crash. */
  apply(runId: string, signal: AbortSignal): Promise<void>;
  /** Looks for what is due; called about twice a minute, on one of the workers. */
  tick(now: Date, signal: AbortSignal): Promise<void>;
  /** Asks again for whatever should be under way and is not: called when the work of a dead worker was taken away from it. */
  recover(): Promise<void>;
}

/** The part of a process that carries work out, under one lease. */
export interface Executor {
  /** What it has in hand, by the ids of the queue. */
  inHand(): ReadonlySet<string>;
  /** From now on workers of this version take what is asked for; those of others end what they have in hand. */
  lead(): Promise<void>;
  /**
   * Tells what runs to stop, with the reason, and waits for it a while. What was not finished goes on at the next start,
   * or elsewhere.
   */
  stop(reason?: Error): Promise<void>;
}

export interface ExecutorOptions {
  readonly pool: EnginePool;
  readonly log: Log;
  readonly work: EngineWork;
  /** Under which the queue knows who has claimed what. */
  readonly workerId: string;
  /** Of this process. Only workers of the version that leads take new work. */
  readonly version: string;
  readonly tickCron: string;
  /** Before each tick. */
  readonly beforeTick: () => Promise<void>;
}

const STOP_PATIENCE_MS = 15_000;
/** Finished workflows say nothing that our own tables do not: a day is for looking into trouble. */
const KEEP_FINISHED_MS = 24 * 3600_000;

/** Launches the library in this process. One at a time: it keeps its state in globals. */
export async function startExecutor(options: ExecutorOptions): Promise<Executor> {
  const { log, work, pool } = options;
  const stopping = new AbortController();
  const active = new Map<string, Promise<void>>();
  const inHand = new Set<string>();

  /** One at a time by name: two workflows for the same thing share one carrying-out. */
  const once = (name: string, carryOut: () => Promise<void>): Promise<void> => {
    const present = active.get(name);
    if (present) return present;
    const started = carryOut().finally(() => active.delete(name));
    active.set(name, started);
    return started;
  };

  // Each is at-least-once: a crash between the work and its record repeats it, so all of it is safe to repeat.
  const register = <Input>(name: string, carryOut: (input: Input) => Promise<void>) =>
    DBOS.registerWorkflow(
      async (input: Input) => {
        const id = DBOS.workflowID ?? '';
        inHand.add(id);
        try {
          await DBOS.runStep(() => carryOut(input), { name: 'carry out' });
        } finally {
          inHand.delete(id);
        }
      },
      { name, maxRecoveryAttempts: 1_000_000 },
    );
  const { signal } = stopping;
  register(KINDS.sync.workflow, (id: string) => once(`sync ${id}`, () => work.sync(id, signal)));
  register(KINDS.poll.workflow, (id: string) => once(`poll ${id}`, () => work.pollAppEvents(id, signal)));
  register(KINDS.apply.workflow, (id: string) => once(`apply ${id}`, () => work.apply(id, signal)));
  const tick = register('tick', (scheduledAt: Date) =>
    once('tick', async () => {
      await options.beforeTick();
      await work.tick(new Date(scheduledAt), signal);
      await forgetFinished();
    }),
  );

  DBOS.setConfig({
    name: APPLICATION,
    systemDatabasePool: pool,
    applicationVersion: options.version,
    executorID: options.workerId,
    enablePatching: true,
    logger: engineLog(log),
    useListenNotify: false, // a pooler in between would lose the notifications; polling is enough
  });
  await inTurn(pool, async () => {
    await DBOS.launch();
    for (const { queue, aConnection, pollMs } of Object.values(KINDS)) {
      await DBOS.registerQueue(queue, { partitionConcurrency: aConnection, minPollingIntervalMs: pollMs });
    }
    // A tick has an id made of its time: however many workers fire it, it is carried out once.
    await DBOS.applySchedules([{ scheduleName: 'tick', workflowFn: tick, schedule: options.tickCron }]);
  }).catch(async (error: unknown) => {
    await DBOS.shutdown({ deregister: true }).catch(() => undefined);
    throw error;
  });

  return {
    inHand: () => inHand,
    async lead() {
      const { versionName } = await DBOS.getLatestApplicationVersion();
      if (versionName !== options.version) await DBOS.setLatestApplicationVersion(options.version);
    },
    async stop(reason) {
      stopping.abort(reason);
      await Promise.race([Promise.allSettled(active.values()), patience(STOP_PATIENCE_MS)]);
      await DBOS.shutdown({ deregister: true, workflowCompletionTimeoutMS: STOP_PATIENCE_MS });
    },
  };
}

function patience(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
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
