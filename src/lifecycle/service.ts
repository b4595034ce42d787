import type { Caller } from '../model/access.ts';
import { UsherError } from '../model/errors.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import { insertRun, lockConnectionForPlans } from '../store/lifecycle/applying.ts';
import { decisionsOf } from '../store/lifecycle/decisions.ts';
import { planById, eachPlanChange, type PlanRow, replacePlanHeader, setPlanState } from '../store/lifecycle/plans.ts';
import { runByPlan, type RunRow } from '../store/lifecycle/runs.ts';
import { expired, needsApproval, stillRunning, throwFailures, waits } from './answers.ts';
import { guardStopEntry } from './audit.ts';
import { assertMay, isId, maySee, notFound, othersRun } from './callers.ts';
import { approvedBy, assertClock } from './decisions.ts';
import { gatherFacts } from './facts.ts';
import { approvalReasons, guardFindings } from './guards.ts';
import { createPlanner, guarded, type MadePlan, type PlanDependencies } from './plan.ts';
import { createRecords, type RecordDependencies } from './records.ts';
import { signHeader, verifyChange, verifyPlan } from './sign.ts';
import { createSteering } from './steering.ts';
import type { PlanChangeContent, PlanHeader } from './stored-plan.ts';
import type { Lifecycle, PlanRequest, PlanView, RunView } from './surface.ts';
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
          beginsAt: header.applyAt ?? null,
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
    ...createSteering(deps, { records, planner, visiblePlan, viewMade }),
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
  };
}

function assertApplicable({ id, state }: PlanRow, header: PlanHeader): void {
  if (state === 'ready' || state === 'waiting') return;
  if (state === 'expired') throw expired(header);
  throw new UsherError('conflict', `Plan ${id} was ${state}.`, { code: 'alreadyDecided', next: 'Make it again.' });
}
