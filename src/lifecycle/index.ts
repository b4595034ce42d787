import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { OpenedConnection } from '../connections/views.ts';
import type { Clock } from '../connector-kit/connector.ts';
import type { Vault } from '../secrets/vault.ts';
import { unfinishedRuns, wakingOf } from '../store/lifecycle/applying.ts';
import { expireHandoffs } from '../store/lifecycle/handoffs.ts';
import { forgetOldKeys } from '../store/lifecycle/idempotency.ts';
import { deleteForgottenSecrets, deletePlanSecrets, expirePlans } from '../store/lifecycle/plans.ts';
import type { Log } from '../store/log.ts';
import type { Database } from '../store/open.ts';
import type { Reads } from '../store/read/index.ts';
import type { ApplyDependencies } from './apply/dependencies.ts';
import { carryOutPlan } from './apply/run.ts';
import { openGates } from './apply/seats.ts';
import { settleUncertain, UNCERTAIN_DAYS } from './apply/uncertain.ts';
import type { ApplySettings } from './apply/work.ts';
import { createLifecycle } from './service.ts';
import type { Lifecycle } from './surface.ts';

export interface LifecycleOptions {
  readonly database: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly log: Log;
  readonly reads: Reads;
  openConnection(connectionId: string, signal: AbortSignal): Promise<OpenedConnection>;
  /** Under which name this process takes runs in hand. */
  workerId?(): string | null;
  startApply(runId: string, connectionId: string): Promise<void>;
  /** Throws where nothing may be carried out now: after a restore. */
  assertMayStart?(): Promise<void>;
  readonly onEnded: NonNullable<ApplyDependencies['onEnded']>;
  /** Aborted on shutdown. */
  readonly signal: AbortSignal;
  readonly settings: Partial<ApplySettings>;
}

/** The room of changes: what surfaces ask of it, and what the engine has it do. */
export interface LifecycleRoom {
  readonly changes: Lifecycle;
  carryOut(runId: string, signal: AbortSignal): Promise<void>;
  /** Starts what was interrupted, ends what has expired, and looks again at what is uncertain. */
  tick(signal: AbortSignal): Promise<void>;
  resumeUnfinished(): Promise<void>;
  close(): Promise<void>;
}

const SETTINGS: ApplySettings = {
  settleMs: 10_000,
  verifyMs: 30_000,
  patienceMs: 120_000,
  attempts: 5,
  leaseSeconds: 300,
  readDelaysMs: [0, 250, 500, 1000, 2000, 5000],
};

const WAKE_HERE_MS = 60_000;
/** The engine has to be done with the run before it starts it again. */
const WAKE_SLACK_MS = 100;

/** Opens the room. */
export function openLifecycle(options: LifecycleOptions): LifecycleRoom {
  const { database, clock } = options;
  // An embedded database has one process that carries work out.
  const isAlone = database.postgres.mode === 'embedded' || options.workerId === undefined;
  const workerId = isAlone ? undefined : () => options.workerId?.() ?? null;
  const gates = openGates({ database, log: options.log, workerId });
  const delay = (ms: number, signal: AbortSignal): Promise<void> => wait(ms, undefined, { signal });
  const applying: ApplyDependencies = {
    ...options,
    settings: { ...SETTINGS, ...options.settings },
    gates,
    nowMs: () => performance.now(),
    delay,
    newId: () => `handoff_${randomBytes(9).toString('hex')}`,
  };
  let settling: Promise<void> | null = null;
  const resumeUnfinished = async (): Promise<void> => {
    for (const { id, connectionId } of await unfinishedRuns(database.pool)) await options.startApply(id, connectionId);
  };
  const timers = new Set<NodeJS.Timeout>();
  /** A run that waits for less than two ticks is woken to the second, where this process lives on; else a tick does it. */
  const wakeLater = async (runId: string): Promise<void> => {
    const waking = await wakingOf(database.pool, runId);
    if (waking === null || waking.inMs > WAKE_HERE_MS) return;
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        options.startApply(runId, waking.connectionId).catch((error: unknown) => {
          options.log.info({ run: runId, error: String(error) }, 'a run that waits goes on at the next tick');
        });
      },
      Math.max(waking.inMs, 0) + WAKE_SLACK_MS,
    );
    timer.unref();
    timers.add(timer);
  };
  return {
    changes: createLifecycle({
      ...options,
      newPlanId: () => `plan_${randomBytes(6).toString('hex')}`,
      newRunId: randomUUID,
      delay,
    }),
    async carryOut(runId, signal) {
      await carryOutPlan(applying, runId, signal);
      if (signal.aborted) return;
      await wakeLater(runId).catch((error: unknown) => {
        options.log.info({ run: runId, error: String(error) }, 'where this run has to wait, a tick wakes it');
      });
    },
    resumeUnfinished,
    async tick(signal) {
      await resumeUnfinished();
      const now = clock.now().toISOString();
      await database.transaction(async (client) => {
        await deletePlanSecrets(client, await expirePlans(client, now));
        await deleteForgottenSecrets(client, UNCERTAIN_DAYS);
        await expireHandoffs(client, now);
        await forgetOldKeys(client);
      });
      // It may have to wait for an app; nothing else that is due should wait with it.
      settling ??= settleUncertain(applying, signal)
        .catch((error: unknown) => {
          options.log.warn({ error: String(error) }, 'uncertain changes could not be settled');
        })
        .finally(() => {
          settling = null;
        });
    },
    async close() {
      for (const timer of timers) clearTimeout(timer);
      await settling;
      await gates.close();
    },
  };
}
