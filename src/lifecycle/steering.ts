import type { Caller } from '../model/access.ts';
import { UsherError } from '../model/errors.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import { lockConnectionForPlans, moveRun, requestStop } from '../store/lifecycle/applying.ts';
import { confirmTask, hasWaited, taskState } from '../store/lifecycle/holds.ts';
import { replanFailed } from '../store/lifecycle/journal.ts';
import type { PlanRow } from '../store/lifecycle/plans.ts';
import { runById, type RunRow } from '../store/lifecycle/runs.ts';
import { expired } from './answers.ts';
import { cancelWaiting } from './apply/run-end.ts';
import { taskEntry } from './audit.ts';
import { assertMay, keptText, othersRun } from './callers.ts';
import { assertClock } from './decisions.ts';
import type { MadePlan, Planner } from './plan.ts';
import type { Records } from './records.ts';
import type { LifecycleDependencies } from './service.ts';
import { verifyPlan } from './sign.ts';
import type { PlanHeader } from './stored-plan.ts';
import type { Lifecycle, PlanView, RunView } from './surface.ts';
import { undoDrafts } from './undo.ts';
import { isRunEnd } from './views.ts';

/** What steering runs goes by beside the room's own needs. */
export interface SteeringParts {
  readonly records: Pick<Records, 'findRun' | 'viewRun'>;
  readonly planner: Pick<Planner, 'planDrafts'>;
  readonly visiblePlan: (id: string, by: Caller) => Promise<PlanRow>;
  readonly viewMade: (made: MadePlan) => Promise<PlanView>;
}

/** Stops runs, lets them go on, tries again, and takes back. */
export function createSteering(
  deps: LifecycleDependencies,
  { records, planner, visiblePlan, viewMade }: SteeringParts,
): Pick<Lifecycle, 'pause' | 'resume' | 'cancelRun' | 'confirmTask' | 'retry' | 'undo'> {
  const { database, vault, clock } = deps;
  const { pool } = database;
  const viewRun = (runId: string): Promise<RunView> => records.viewRun(runId);

  /** A run the caller may steer: an agent its own only. Who approved one may stop it, though start none. */
  const steered = async (id: string, by: Caller, isStop = false): Promise<RunRow> => {
    if (!isStop || !by.permissions.has('plan:approve')) assertMay(by, 'plan:make');
    const run = await records.findRun(id, by);
    if (by.principalKind === 'agent' && run.requestedBy !== by.principalId) throw othersRun(run.id);
    return run;
  };

  const stop = async (id: string, what: 'pause' | 'cancel', by: Caller): Promise<RunView> => {
    const run = await steered(id, by, true);
    const isAsked = await database.transaction(async (client) => {
      // One that waits is in nobody's hands: it stops at once.
      if (what === 'pause' && (await moveRun(client, run.id, ['waiting'], 'paused', 'Paused by hand.'))) return true;
      if (what === 'cancel' && (await cancelWaiting(client, run.id))) return true;
      // Nobody carries out a paused one: let it be carried on once, to its cancellation. Never queued without that.
      if (what === 'cancel' && run.state === 'paused') await moveRun(client, run.id, ['paused'], 'queued', null);
      return requestStop(client, run.id, what);
    });
    if (!isAsked) {
      throw new UsherError('conflict', `Run ${run.id} ${STANDS[run.state]}: there is nothing to ${what}.`, {
        code: 'notUnderWay', next: `Look at it: usher runs show ${run.id}.`,
      }); // prettier-ignore
    }
    await deps.startApply(run.id, run.connectionId);
    return viewRun(run.id);
  };

  /** Waiting is no delay of whoever retries: a run that has waited is in time for as long after its end as its plan was good. */
  const isInTime = async ({ createdAt, expiresAt }: PlanHeader, run: RunRow): Promise<boolean> => {
    const nowMs = clock.now().getTime();
    if (nowMs < Date.parse(expiresAt)) return true;
    const goodMs = Date.parse(expiresAt) - Date.parse(createdAt);
    const isLate = run.finishedAt === null || nowMs >= Date.parse(run.finishedAt) + goodMs;
    return !isLate && hasWaited(pool, run.id);
  };

  return {
    pause: (id, by) => stop(id, 'pause', by),
    cancelRun: (id, by) => stop(id, 'cancel', by),

    async resume(id, by) {
      const run = await steered(id, by);
      await deps.assertMayStart?.();
      if (!(await moveRun(pool, run.id, ['paused'], 'queued', null))) {
        throw new UsherError('conflict', `Run ${run.id} ${STANDS[run.state]}: only a paused one is resumed.`, {
          code: 'notPaused', next: `Look at it: usher runs show ${run.id}.`,
        }); // prettier-ignore
      }
      await deps.startApply(run.id, run.connectionId);
      return viewRun(run.id);
    },

    async confirmTask(id, ordinal, note, by) {
      const run = await steered(id, by, true);
      if (by.principalKind !== 'person') throw personsTask(by, run.id, ordinal);
      await deps.assertMayStart?.();
      const kept = keptText('note', note);
      await database.transaction(async (client) => {
        // Whoever lets the run wait comes before this or after it, and sees it.
        await runById(client, run.id, { lock: true });
        const state = await taskState(client, run.id, ordinal);
        if (state === 'none') throw noTask(run.id, ordinal);
        if (state === 'confirmed') return;
        await confirmTask(client, { runId: run.id, ordinal, by: by.principalId, note: kept });
        await addAuditEntries(client, [taskEntry(run, ordinal, kept, clock.now().toISOString(), by)]);
      });
      await deps.startApply(run.id, run.connectionId);
      return viewRun(run.id);
    },

    async retry(id, by) {
      const run = await steered(id, by);
      await deps.assertMayStart?.();
      const row = await visiblePlan(run.planId, by);
      const header = verifyPlan(vault, row);
      assertClock(header, clock.now());
      if (!(await isInTime(header, run))) throw expired(header);
      const count = await database.transaction(async (client) => {
        await lockConnectionForPlans(client, run.connectionId);
        if (!(await moveRun(client, run.id, ['partial', 'failed', 'cancelled'], 'queued', null))) return null;
        const replanned = await replanFailed(client, run.id);
        if (replanned === 0) throw nothingTo('retry', run);
        return replanned;
      });
      if (count === null) throw nothingTo('retry', run);
      await deps.startApply(run.id, run.connectionId);
      return viewRun(run.id);
    },

    async undo(id, reason, by) {
      const run = await steered(id, by);
      const header = verifyPlan(vault, await visiblePlan(run.planId, by));
      // A run that waits is ended by this: not where there is nothing to take back.
      if (run.state === 'waiting') await undoDrafts(pool, vault, run);
      // What is to be taken back must not go on meanwhile.
      const hasEnded = isRunEnd(run.state) || (await database.transaction((client) => cancelWaiting(client, run.id)));
      if (!hasEnded) throw nothingTo('undo', run);
      const drafts = await undoDrafts(pool, vault, run);
      const planned = planner.planDrafts(
        {
          connectionId: run.connectionId,
          action: header.action,
          title: `Undo: ${header.title}`,
          reason: reason ?? `Takes back run ${run.id}.`,
          undoes: run.id,
          draft: () => Promise.resolve(drafts),
        },
        by,
      );
      return viewMade(await planned.catch(withoutOverride));
    },
  };
}

/** An undo is asked for by its run alone, so what guards advise elsewhere is no way on here. */
function withoutOverride(thrown: unknown): never {
  if (!(thrown instanceof UsherError) || thrown.kind !== 'guarded') throw thrown;
  throw new UsherError('guarded', thrown.message, {
    ...thrown.details,
    next: 'An undo takes no override. Lift what stops it (usher policy set, usher accounts mark) and ask again, or make the changes by their own actions.',
  });
}

/** How a run stands, after `the run`. */
const STANDS: Readonly<Record<RunRow['state'], string>> = {
  queued: 'waits for its turn',
  running: 'is under way',
  waiting: 'waits',
  paused: 'is paused',
  succeeded: 'has succeeded',
  partial: 'has ended, with failures',
  failed: 'has failed',
  cancelled: 'was cancelled',
};

function personsTask({ principalName }: Caller, runId: string, ordinal: number): UsherError {
  return new UsherError('permission', `${principalName} is no person: only people say that a task is done.`, {
    code: 'personsOnly',
    run: runId,
    next: `Ask a person: usher runs task ${runId} ${ordinal} --done.`,
  });
}

function noTask(runId: string, ordinal: number): UsherError {
  return new UsherError('conflict', `Change ${ordinal} of run ${runId} does not wait for a person now.`, {
    code: 'notWaiting',
    run: runId,
    next: `See what it waits for: usher runs show ${runId}.`,
  });
}

function nothingTo(what: 'retry' | 'undo', { id, state }: RunRow): UsherError {
  return new UsherError('conflict', `There is nothing to ${what} in run ${id}: it ${STANDS[state]}.`, {
    code: what === 'retry' ? 'nothingToRetry' : 'nothingToUndo',
    next: `Look at it: usher runs show ${id}.`,
  });
}
