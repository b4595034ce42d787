import { setTimeout as wait } from 'node:timers/promises';
import { UsherError } from '../model/errors.ts';
import { type EnginePool, enginePool } from '../store/engine-pool.ts';
import type { Log } from '../store/log.ts';
import type { Database } from '../store/open.ts';
import { livingVersions } from '../store/workers.ts';
import { type EngineWork, type Executor, startExecutor } from './executor.ts';
import { type Lease, takeLease, type WorkerIdentity } from './lease.ts';
import { openQueue } from './queue.ts';
import { compareVersions } from './versions.ts';

export type { EngineWork } from './executor.ts';

/** The durable engine: work that was started is carried out, whatever is killed in between. */
export interface Engine {
  /** Starts, or goes on with, the carrying-out of a stored sync run. Asking twice starts nothing twice. */
  startSync(runId: string, connectionId: string): Promise<void>;
  /** Starts a poll of an app's log unless one is under way. */
  startPoll(connectionId: string): Promise<void>;
  /** Starts, or goes on with, the carrying-out of a plan's run. Asking twice starts nothing twice. */
  startApply(runId: string, connectionId: string): Promise<void>;
  /** Whether it was launched and not stopped, and where it carries work out itself, whether its lease holds. */
  isRunning(): boolean;
  /** Under which name this process takes work in hand now; null: it carries none out. */
  workerId(): string | null;
  /** Throws `transient` where this process may not go on with its work: called right before anything is asked of an app. */
  assertHeld(): void;
  /** Lets what runs stop at the next safe point, then stops. What was not finished goes on at the next start. */
  stop(): Promise<void>;
}

export interface EngineOptions {
  /** The engine makes pools of its own: its polling must not starve requests. */
  readonly connection: Database['connection'];
  readonly log: Log;
  readonly work: EngineWork;
  /** How this process carries work out; null: it only asks for it, and others carry it out. */
  readonly worker: WorkerOptions | null;
  readonly tickCron?: string;
}

export interface WorkerOptions extends WorkerIdentity {
  /** No other process can be on this database: what others left behind is taken over at once. */
  readonly isAlone: boolean;
  readonly leaseSeconds?: number;
  /** Called before this worker registers anew; throws where it must not, as what it was made for is no more. */
  readonly mayRegister?: () => Promise<void>;
}

/** A worker that gives no sign of life for so long is dead to the others. */
const LEASE_SECONDS = 15;
/** Everything else a process does with the queue and its lease, beside carrying out. */
const QUEUE_POOL = { size: 3, timeoutMs: 10_000 };
const RETRY_MS = 1000;

/** Starts the engine; resolves when work is carried out, or can be asked for where others do that. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { log } = options;
  const pool = enginePool(options.connection, log, QUEUE_POOL);
  const queue = await openQueue(pool, log).catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  const stopping = new AbortController();
  const endQueue = async (): Promise<void> => {
    await queue.close();
    if (!pool.ended) await pool.end();
  };
  let worker: Worker | null = null;
  try {
    if (options.worker !== null) worker = await startWorker(options, options.worker, pool, queue, stopping.signal);
  } catch (error) {
    await endQueue();
    throw error;
  }
  return {
    startSync: (runId, connectionId) => queue.ask('sync', runId, connectionId),
    startPoll: (connectionId) => queue.ask('poll', connectionId, connectionId),
    startApply: (runId, connectionId) => queue.ask('apply', runId, connectionId),
    isRunning: () => !stopping.signal.aborted && (worker === null || worker.isHeld()),
    workerId: () => worker?.id() ?? null,
    assertHeld() {
      if (worker === null || worker.isHeld()) return;
      throw new UsherError('transient', 'This worker has not been able to prolong its lease; nothing was sent.', {
        code: 'leaseExpired',
        next: 'It goes on, here or on another worker, when the database answers.',
      });
    },
    async stop() {
      stopping.abort();
      await worker?.ended;
      await endQueue();
    },
  };
}

interface Worker {
  id(): string | null;
  isHeld(): boolean;
  /** Resolves when it has stopped. */
  readonly ended: Promise<void>;
}

/** Carries work out under one lease after the other; a lost one ends all that was begun under it. */
async function startWorker(
  options: EngineOptions,
  worker: WorkerOptions,
  pool: EnginePool,
  queue: Awaited<ReturnType<typeof openQueue>>,
  stopping: AbortSignal,
): Promise<Worker> {
  const { log, work } = options;
  let current: { readonly lease: Lease; readonly executor: Executor; readonly end: () => Promise<void> } | null = null;
  let epoch = 0;

  const begin = async (): Promise<NonNullable<typeof current>> => {
    epoch += 1;
    let executor: Executor | null = null;
    let unseen: ReadonlySet<string> = new Set();
    /** What was claimed under our name and never arrived here, as when the answer to the claim was lost. */
    const strikeUnseen = async (): Promise<number> => {
      const claimed = await queue.claimedBy(lease.id);
      const inHand = executor?.inHand();
      const missing = claimed.filter((id) => inHand !== undefined && !inHand.has(id));
      const twice = missing.filter((id) => unseen.has(id));
      unseen = new Set(missing);
      await queue.strike(twice);
      return twice.length;
    };
    /**
     * The newest version that lives takes new work: what it asks for may be more than older ones know. Where all its
     * workers are gone, those that live take it again.
     */
    const leadIfNewest = async (): Promise<void> => {
      const versions = await livingVersions(pool);
      if (versions.every((version) => compareVersions(version, worker.version) <= 0)) await executor?.lead();
    };
    if (epoch > 1) await worker.mayRegister?.();
    const lease = await takeLease({
      on: pool,
      log,
      identity: { process: worker.process, host: worker.host, version: worker.version },
      epoch,
      leaseSeconds: worker.leaseSeconds ?? LEASE_SECONDS,
      isAlone: worker.isAlone,
      nowMs: () => performance.now(),
      async onBeat(dead) {
        const orphans = dead.length > 0 ? await queue.strikeOrphans() : 0;
        if (orphans + (await strikeUnseen()) > 0) await work.recover();
        await leadIfNewest();
      },
    });
    const enginesPool = enginePool(options.connection, log);
    const end = async (): Promise<void> => {
      const reason: unknown = lease.lost.reason;
      await executor?.stop(reason instanceof Error ? reason : undefined);
      await lease.release();
      if (!enginesPool.ended) await enginesPool.end();
    };
    try {
      executor = await startExecutor({
        pool: enginesPool,
        log,
        work,
        workerId: lease.id,
        version: worker.version,
        tickCron: options.tickCron ?? '*/30 * * * * *',
        beforeTick: async () => void (await queue.strikeOrphans()),
      });
      await leadIfNewest();
      await queue.strikeOrphans();
      return { lease, executor, end };
    } catch (error) {
      await end();
      throw error;
    }
  };

  const beginAgain = async (): Promise<typeof current> => {
    let told = '';
    while (!stopping.aborted) {
      try {
        return await begin();
      } catch (error) {
        if (String(error) !== told) {
          const next = error instanceof UsherError ? error.details.next : undefined;
          log.error({ room: 'engine', error: String(error), next }, 'This worker cannot register; it keeps trying.');
        }
        told = String(error);
        await wait(RETRY_MS, undefined, { signal: stopping }).catch(() => undefined);
      }
    }
    return null;
  };

  /** What this process has not finished is asked for again, so that others need not wait for the next tick. */
  const handOver = async (): Promise<void> => {
    try {
      await queue.strikeOrphans();
      await work.recover();
    } catch (error) {
      log.warn(
        { room: 'engine', error: String(error) },
        'What is not finished goes on at the next tick of another worker.',
      );
    }
  };

  const run = async (): Promise<void> => {
    while (current !== null) {
      await aborted(AbortSignal.any([current.lease.lost, stopping]));
      const { lease, end } = current;
      const isLost = lease.lost.aborted;
      if (isLost)
        log.error(
          { room: 'engine', worker: lease.id },
          'This worker lost its lease: all its work stops here and goes on elsewhere.',
        );
      await end().catch((error: unknown) =>
        log.warn({ room: 'engine', error: String(error) }, 'the engine did not stop in order'),
      );
      if (stopping.aborted && !worker.isAlone) await handOver();
      current = stopping.aborted ? null : await beginAgain();
      if (current !== null) {
        log.warn({ room: 'engine', worker: current.lease.id }, 'This worker has registered anew.');
        await work.recover().catch(() => undefined); // the next tick does it
      }
    }
  };

  current = await begin();
  return {
    id: () => current?.lease.id ?? null,
    isHeld: () => current?.lease.isHeld() ?? false,
    ended: run(),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
