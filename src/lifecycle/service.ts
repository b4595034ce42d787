import type { Caller } from '../model/access.ts';
import { UsherError } from '../model/errors.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import { insertRun, lockConnectionForPlans, moveRun, requestStop } from '../store/lifecycle/applying.ts';
import { replanFailed } from '../store/lifecycle/journal.ts';
import { decisionsOf } from '../store/lifecycle/decisions.ts';
import { planById, eachPlanChange, type PlanRow, replacePlanHeader, setPlanState } from '../store/lifecycle/plans.ts';
import { confirmTask, taskState } from '../store/lifecycle/holds.ts';
import { runById, runByPlan, type RunRow } from '../store/lifecycle/runs.ts';
import { cancelWaiting } from './apply/run-end.ts';
import { guardStopEntry, taskEntry } from './audit.ts';
import { assertMay, isId, keptText, maySee, notFound } from './callers.ts';
import { approvedBy, assertClock } from './decisions.ts';
import { approvalReasons, guardFindings } from './guards.ts';
import { createPlanner, gatherFacts, guarded, type MadePlan, type PlanDependencies } from './plan.ts';
import { createRecords, type RecordDependencies } from './records.ts';
import { signHeader, verifyChange, verifyPlan } from './sign.ts';
import type { PlanChangeContent, PlanHeader } from './stored-plan.ts';
import type { Lifecycle, PlanRequest, PlanView, RunView } from './surface.ts';
import { undoDrafts } from './undo.ts';
import { isRunEnd, viewPlanChange, viewPlanWhole } from './views.ts';

export interface LifecycleDependencies extends PlanDependencies, RecordDependencies {
  newRunId(): string;
  /** Has the engine carry a run out; asking twice starts nothing twice. */
  startApply(runId: string, connectionId: string): Promise<void>;
  /** Throws where nothing may be carried out now: after a restore. */
  assertMayStart?(): Promise<void>;
  /** Waits; rejects when aborted. */
  delay(ms: number, signal: AbortSignal): Promise<void>;
}

/** How often a run that somebody waits for is looked at. */
const LOOK_MS = 100;
const PREVIEWED = 100;

/** Opens the one door for writes. */
export function createLifecycle(deps: LifecycleDependencies): Lifecycle {
  const { database, vault, clock } = deps;
  const { pool } = database;
  const planner = createPlanner(deps);
  const records = createRecords(deps);
  const viewPlan = (row: PlanRow): Promise<PlanView> => records.viewPlan(row);
  const viewRun = (runId: string): Promise<RunView> => records.viewRun(runId);

  const viewMade = async (made: MadePlan): Promise<PlanView> => {
    if (made.row.id !== '') return viewPlan(made.row);
    return viewPlanWhole({
      row: made.row, header: made.header, runId: null, people: new Map(), decisions: [], hasOtherApprover: true,
      firstChanges: made.contents.slice(0, PREVIEWED).map((content) => viewPlanChange(content, null)),
    }); // prettier-ignore
  };

  /** Starts the run of a plan, or finds the one there is. */
  const apply = async (id: string, by: Caller): Promise<RunRow> => {
    const known = await visiblePlan(id, by);
    await deps.assertMayStart?.();
    const present = await runByPlan(pool, known.id);
    if (present !== null) return present;
    const header = verifyPlan(vault, known);
    const contents = await contentsOf(known);
    const opened = await deps.openConnection(header.connectionId, deps.signal);
    let held: readonly string[] | null = null;
    try {
      const { writes } = opened.definition;
      if (writes === null) throw new UsherError('unsupported', `${opened.definition.title} can only be read.`);
      held = await database.transaction(async (client) => {
        await lockConnectionForPlans(client, header.connectionId);
        const row = await planById(client, id, { lock: true });
        if (row === null) throw notFound('plan', id);
        if (row.state === 'applied') return null;
        assertApplicable(row, header);
        assertClock(header, clock.now());
        // The sweep that marks it comes by only now and then.
        if (Date.parse(header.expiresAt) <= clock.now().getTime()) throw expired(header);
        // The window counts by whoever asked, whoever applies it.
        const facts = await gatherFacts(
          client, opened, writes, contents, { principalId: header.requestedBy.id }, clock.now(),
        ); // prettier-ignore
        const findings = guardFindings(facts, new Set(header.override));
        // Every change is read anew before it is called: the age of the snapshot no longer matters here.
        const stop = findings.find(({ guard, isOverridden }) => guard !== 'staleSnapshot' && !isOverridden);
        if (stop !== undefined) throw guarded(header.connectionId, stop, by);
        const approval = approvedBy(vault, row, await decisionsOf(client, [id]));
        const reasons = approvalReasons(facts, { requesterKind: header.requestedBy.kind, findings });
        if (approval === null && header.approvalReasons.length + reasons.length > 0) {
          if (header.approvalReasons.length === 0)
            await holdForApproval(client, row, { ...header, approvalReasons: reasons });
          return reasons.length > 0 ? reasons : header.approvalReasons;
        }
        await insertRun(client, {
          id: deps.newRunId(), planId: id, connectionId: header.connectionId, requestedBy: header.requestedBy.id,
        }); // prettier-ignore
        await setPlanState(client, id, 'applied', clock.now().toISOString());
        return null;
      });
    } catch (error) {
      const stopped = { connectionId: header.connectionId, plan: id, at: clock.now().toISOString() };
      const entry = guardStopEntry(error, stopped, by);
      if (entry !== null) await addAuditEntries(pool, [entry]);
      throw error;
    } finally {
      await opened.close();
    }
    if (held !== null) throw needsApproval(header, held);
    const run = await runByPlan(pool, id);
    if (run === null) throw notFound('run', id);
    await deps.startApply(run.id, run.connectionId);
    return run;
  };

  /** The window has filled since: a person has to look at it now. The plan is signed again with that in it. */
  const holdForApproval = async (
    client: Parameters<typeof replacePlanHeader>[0],
    row: PlanRow,
    header: PlanHeader,
  ): Promise<void> => {
    await replacePlanHeader(client, row.id, signHeader(vault, header, row.rootHash));
    await setPlanState(client, row.id, 'waiting', clock.now().toISOString());
  };

  const contentsOf = async (row: PlanRow): Promise<readonly PlanChangeContent[]> => {
    const contents: PlanChangeContent[] = [];
    for await (const each of eachPlanChange(pool, row.id)) contents.push(verifyChange(vault, row.id, each));
    return contents;
  };

  const visiblePlan = async (id: string, by: Caller): Promise<PlanRow> => {
    const row = isId(id) ? await planById(pool, id) : null;
    if (row === null || !maySee(by, row.connectionId)) throw notFound('plan', id);
    return row;
  };

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

  const waitForEnd = async (runId: string, options: { readonly waitMs: number; readonly signal: AbortSignal }) => {
    const endMs = performance.now() + options.waitMs;
    for (;;) {
      const view = await viewRun(runId);
      if (isRunEnd(view.state) || view.state === 'paused') return view;
      if (view.state === 'waiting') throw waits(view);
      if (performance.now() >= endMs) throw stillRunning(view);
      await deps.delay(LOOK_MS, options.signal);
    }
  };

  return {
    ...records,
    plan: async (request, by) => viewMade(await planner.plan(request, by)),

    async approve(id, reason, by) {
      await deps.assertMayStart?.();
      const row = await records.approve(id, reason, by);
      const header = verifyPlan(vault, row);
      if (header.appliesWhenApproved) await apply(id, by);
      return viewPlan((await planById(pool, id)) ?? row);
    },

    async apply(id, by) {
      assertMay(by, 'plan:make');
      const row = await visiblePlan(id, by);
      if (by.principalKind === 'agent' && row.requestedBy !== by.principalId) throw othersRun(id);
      return viewRun((await apply(id, by)).id);
    },

    async perform(request: PlanRequest, by, options) {
      if (request.dryRun !== true) await deps.assertMayStart?.();
      const made = await planner.plan(request, by);
      if (request.dryRun === true) return { plan: await viewMade(made), run: null };
      if (made.row.state === 'waiting') throw needsApproval(made.header, made.header.approvalReasons);
      const run = await waitForEnd((await apply(made.row.id, by)).id, options);
      const plan = await viewPlan((await planById(pool, made.row.id)) ?? made.row);
      throwFailures(plan, run);
      return { plan, run };
    },

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
      if (Date.parse(header.expiresAt) <= clock.now().getTime()) throw expired(header);
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

function assertApplicable({ id, state }: PlanRow, header: PlanHeader): void {
  if (state === 'ready' || state === 'waiting') return;
  if (state === 'expired') throw expired(header);
  throw new UsherError('conflict', `Plan ${id} was ${state}.`, { code: 'alreadyDecided', next: 'Make it again.' });
}

function expired({ id, expiresAt }: PlanHeader): UsherError {
  return new UsherError('conflict', `Plan ${id} expired at ${expiresAt}.`, {
    code: 'planExpired',
    next: 'Make it again.',
  });
}

/** What a caller is told when a person has to decide first. */
export function needsApproval({ id }: PlanHeader, reasons: readonly string[]): UsherError {
  return new UsherError('guarded', `Plan ${id} waits for the approval of a person. ${reasons.join(' ')}`, {
    code: 'needsApproval',
    plan: id,
    next: `A person with the role approver or admin decides: usher plan approve ${id}.`,
  });
}

function stillRunning({ id, planId }: RunView): UsherError {
  return new UsherError('conflict', `Run ${id} is still under way; it goes on by itself.`, {
    code: 'stillRunning',
    plan: planId,
    run: id,
    next: `See how it goes: usher runs follow ${id}.`,
  });
}

function waits({ id, planId, reason }: RunView): UsherError {
  return new UsherError('conflict', `Run ${id} has to wait, and goes on afterwards. ${reason ?? ''}`.trim(), {
    code: 'waiting',
    plan: planId,
    run: id,
    next: `See how it stands: usher runs show ${id}.`,
  });
}

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

function othersRun(id: string): UsherError {
  return new UsherError('permission', `${id} was asked for by somebody else; an agent acts on its own alone.`, {
    next: 'Ask a person to do it.',
  });
}

/** One change: its own failure. Several: that some failed, and where to look. */
function throwFailures(plan: PlanView, run: RunView): void {
  if (run.state === 'succeeded') return;
  if (run.state === 'paused' || run.state === 'cancelled') {
    throw new UsherError('conflict', `Run ${run.id} was ${run.state} by somebody.`, { code: run.state, run: run.id });
  }
  const bad = plan.firstChanges.filter(({ outcome }) => outcome?.state === 'failed' || outcome?.state === 'uncertain');
  const [first] = bad;
  const receipt = first?.outcome?.receipt;
  const where = { plan: plan.id, run: run.id, next: `See what came of each: usher runs show ${run.id}.` };
  if (run.total > 1 || first === undefined) {
    const { failed, uncertain } = run.counts;
    throw new UsherError(
      'partialFailure',
      `${failed} of ${run.total} changes failed${uncertain === 0 ? '' : ` and ${uncertain} are uncertain`}.`,
      where,
    );
  }
  const message = `${first.summary}: ${receipt?.summary ?? 'it failed.'}`;
  if (first.outcome?.state === 'uncertain') throw new UsherError('transient', message, { ...where, code: 'uncertain' });
  throw new UsherError(kindOf(receipt?.code ?? null), message, { ...where, code: receipt?.code ?? undefined });
}

const KINDS_BY_CODE: Readonly<Record<string, UsherError['kind']>> = {
  stale: 'stale',
  addressMoved: 'stale',
  protectedAccount: 'guarded',
  lastAdministrator: 'guarded',
  notFound: 'notFound',
  alreadyExists: 'alreadyExists',
  invalidInput: 'invalidInput',
  unsupported: 'unsupported',
  auth: 'auth',
  permission: 'permission',
  rateLimited: 'rateLimited',
};

function kindOf(code: string | null): UsherError['kind'] {
  return (code === null ? undefined : KINDS_BY_CODE[code]) ?? 'transient';
}
