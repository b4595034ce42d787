import { noSuchConnection } from '../connections/errors.ts';
import type { Caller } from '../model/access.ts';
import type { ChangeState, PlanState, RunState } from '../model/changes.ts';
import { type CursorBinding, decodeCursor, encodeCursor } from '../model/cursor.ts';
import { invalidInput, UsherError } from '../model/errors.ts';
import type { Vault } from '../secrets/vault.ts';
import { knownConnectionIds } from '../store/connections.ts';
import { decisionsOf } from '../store/lifecycle/decisions.ts';
import { hasOtherApprover, peopleByIds } from '../store/lifecycle/people.ts';
import {
  type LifecycleListQuery,
  type ListedPlanRow,
  listPlans,
  planById,
  type PlanRow,
  plansByIds,
} from '../store/lifecycle/plans.ts';
import {
  listRuns, planChangeOutcomes, runById, runByPlan, runCounts, type RunCounts, type RunRow,
} from '../store/lifecycle/runs.ts'; // prettier-ignore
import type { Database } from '../store/open.ts';
import { isId, isRunId, maySee, notFound } from './callers.ts';
import { genuineDecisions } from './decisions.ts';
import { planAltered, verifyChange, verifyPlan } from './sign.ts';
import type { PlanHeader } from './stored-plan.ts';
import type {
  ChangesQuery, Lifecycle, ListQuery, Page, PlanChangeView, PlanSummary, PlanView, RunView,
} from './surface.ts'; // prettier-ignore
import { type People, viewPlanChange, viewPlanSummary, viewPlanWhole, viewRunWhole } from './views.ts';

/** What readers of plans and runs need of the world. */
export interface ReadingDependencies {
  readonly database: Pick<Database, 'pool'>;
  readonly vault: Pick<Vault, 'sign' | 'isSigned'>;
}

/**
 * Plans and runs as they are shown. Everything of a plan is checked against its signature first: who approves must see
 * what would be done. Throws `notFound` for what the caller may not see, `stale` (code `planAltered`) for an edit.
 */
export interface Reading extends Pick<Lifecycle, 'listPlans' | 'getPlan' | 'planChanges' | 'listRuns' | 'getRun'> {
  viewPlan(row: PlanRow): Promise<PlanView>;
  viewRun(runId: string): Promise<RunView>;
  /** The run with this id or of the plan with this id. */
  findRun(id: string, by: Caller): Promise<RunRow>;
}

const FIRST_CHANGES = 100;
const NO_COUNTS: RunCounts = {
  states: { planned: 0, calling: 0, called: 0, done: 0, skipped: 0, failed: 0, uncertain: 0 },
  undoable: 0,
  retryable: 0,
};

/** A plan that names no run, as none was started: somebody follows it too early, or in vain. */
function notApplied({ id, state }: PlanRow): UsherError {
  const [how, next] = {
    waiting: ['it waits for approval', `An approver runs: usher plan approve ${id}.`],
    ready: ['it was not applied yet', `Apply it: usher plan apply ${id}.`],
    applied: ['it is being started', 'Ask again.'],
    rejected: ['it was rejected', `See why: usher plan show ${id}.`],
    cancelled: ['it was withdrawn', 'Make it again if it should be done after all.'],
    expired: ['it has expired', 'Make it again if it should be done after all.'],
  }[state];
  return new UsherError('notFound', `Plan ${id} has no run: ${how}.`, { code: 'notApplied', next });
}

/** Opens the reading room of plans and runs. */
export function createReading({ database: { pool }, vault }: ReadingDependencies): Reading {
  const visiblePlan = async (id: string, by: Caller): Promise<PlanRow> => {
    const row = isId(id) ? await planById(pool, id) : null;
    if (row === null || !maySee(by, row.connectionId)) throw notFound('plan', id);
    return row;
  };

  const findRun = async (id: string, by: Caller): Promise<RunRow> => {
    const row = isRunId(id) ? await runById(pool, id) : isId(id) ? await runByPlan(pool, id) : null;
    if (row !== null && maySee(by, row.connectionId)) return row;
    const plan = row === null && isId(id) ? await planById(pool, id) : null;
    throw plan !== null && maySee(by, plan.connectionId) ? notApplied(plan) : notFound('run', id);
  };

  /** Also shows runs of a plan that was altered since: what happened has happened. */
  const viewRuns = async (runs: readonly RunRow[]): Promise<readonly RunView[]> => {
    const counts = await runCounts(
      pool,
      runs.map(({ id }) => id),
    );
    const people = await peopleByIds(
      pool,
      runs.map(({ requestedBy }) => requestedBy),
    );
    const plans = await plansByIds(
      pool,
      runs.map(({ planId }) => planId),
    );
    return runs.flatMap((run) => {
      const plan = plans.get(run.planId); // it is there: the run refers to it
      return plan === undefined ? [] : [viewRunWhole(run, shownHeader(plan), counts.get(run.id) ?? NO_COUNTS, people)];
    });
  };

  /** What cannot be trusted is listed all the same, and says so. */
  const shownHeader = (row: PlanRow): PlanHeader => {
    try {
      return verifyPlan(vault, row);
    } catch (error) {
      if (!(error instanceof UsherError)) throw error;
      return alteredHeader(row);
    }
  };

  const changes = async (
    planId: string,
    query: { readonly states: readonly ChangeState[] | null; readonly after: number; readonly limit: number },
  ): Promise<readonly PlanChangeView[]> => {
    const rows = await planChangeOutcomes(pool, planId, query);
    return rows.map((row) => viewPlanChange(verifyChange(vault, planId, row), row));
  };

  const viewPlan = async (row: PlanRow): Promise<PlanView> => {
    const header = verifyPlan(vault, row);
    const decisions = genuineDecisions(vault, row, await decisionsOf(pool, [row.id]));
    const firstChanges = await changes(row.id, { states: null, after: -1, limit: FIRST_CHANGES });
    if (firstChanges.length !== Math.min(header.changes, FIRST_CHANGES)) throw planAltered(row.id);
    const run = await runByPlan(pool, row.id);
    const people = await peopleByIds(pool, [header.requestedBy.id, ...decisions.map(({ principalId }) => principalId)]);
    const isOther = await hasOtherApprover(pool, header.requestedBy.id);
    return viewPlanWhole({
      row, header, decisions, firstChanges, people, runId: run?.id ?? null, hasOtherApprover: isOther,
    }); // prettier-ignore
  };

  const viewRun = async (row: RunRow): Promise<RunView> => {
    const [view] = await viewRuns([row]);
    if (view === undefined) throw notFound('run', row.id);
    return view;
  };

  return {
    findRun,
    viewPlan,

    async viewRun(runId) {
      const row = await runById(pool, runId);
      if (row === null) throw notFound('run', runId);
      return viewRun(row);
    },

    async listPlans(query, by) {
      const list = await listOf<PlanState>('plans', query, by);
      const rows = await listPlans(pool, list.query);
      const people = await peopleByIds(
        pool,
        rows.map(({ requestedBy }) => requestedBy),
      );
      return list.page(rows, (row) => summaryOf(row, people));
    },

    getPlan: async (id, by) => viewPlan(await visiblePlan(id, by)),

    async planChanges(id, query, by) {
      const row = await visiblePlan(id, by);
      const header = verifyPlan(vault, row);
      const binding = { list: 'plan changes', filters: { id, states: query.states } };
      const after = ordinalOf(query, binding);
      const found = await changes(row.id, { states: query.states ?? null, after, limit: query.limit + 1 });
      const items = found.slice(0, query.limit);
      const last = items.at(-1);
      const hasMore = found.length > items.length && last !== undefined;
      const isWhole = items.every(({ ordinal }, index) => ordinal === after + 1 + index);
      const isEnd = hasMore || after + 1 + items.length === header.changes;
      if (query.states === undefined && !(isWhole && isEnd)) throw planAltered(row.id);
      return { items, next: hasMore ? encodeCursor(binding, [String(last.ordinal)]) : null };
    },

    async listRuns(query, by) {
      const list = await listOf<RunState>('runs', query, by);
      const rows = await listRuns(pool, list.query);
      const views = new Map((await viewRuns(rows.slice(0, query.limit))).map((view) => [view.id, view]));
      return list.page(rows, ({ id }) => views.get(id));
    },

    getRun: async (id, by) => viewRun(await findRun(id, by)),
  };

  function summaryOf(row: ListedPlanRow, people: People): PlanSummary {
    return viewPlanSummary({ row, header: shownHeader(row), runId: row.runId, people });
  }

  /** What a caller's list is of, and how its rows become a page. */
  async function listOf<State extends string>(
    list: string,
    { connectionId, states, limit, next }: ListQuery<State>,
    by: Caller,
  ) {
    if (connectionId !== undefined) await assertConnection(pool, connectionId, by);
    const binding = { list, filters: { connectionId, states, of: by.connections } };
    return {
      query: {
        connectionIds: connectionId === undefined ? by.connections : [connectionId],
        states: states ?? null,
        before: positionOf(next, binding),
        limit: limit + 1,
      },
      page<Row extends { readonly createdAt: string; readonly id: string }, Item>(
        rows: readonly Row[],
        view: (row: Row) => Item | undefined,
      ): Page<Item> {
        const shown = rows.slice(0, limit);
        const last = rows.length > limit ? shown.at(-1) : undefined;
        return {
          items: shown.map(view).filter((item) => item !== undefined),
          next: last === undefined ? null : encodeCursor(binding, [last.createdAt, last.id]),
        };
      },
    };
  }
}

/** Throws `notFound` where there is no such connection, or the caller's token is not good for it. */
export async function assertConnection(
  pool: Database['pool'],
  connectionId: string,
  by: Pick<Caller, 'connections'>,
): Promise<void> {
  const isThere = isId(connectionId) && (await knownConnectionIds(pool, [connectionId])).length === 1;
  if (!isThere || !maySee(by, connectionId)) throw noSuchConnection(connectionId);
}

/** The position in a list of plans or runs that a cursor stands for; null: the newest. */
function positionOf(next: string | undefined, binding: CursorBinding): LifecycleListQuery<string>['before'] {
  const [createdAt, id] = decodeCursor(next, binding, 2) ?? [];
  if (createdAt === undefined || id === undefined) return null;
  const isOurs = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(createdAt) && !Number.isNaN(Date.parse(createdAt));
  if (!isOurs || !(binding.list === 'runs' ? isRunId(id) : isId(id))) throw noCursor();
  return { createdAt, id };
}

function ordinalOf({ next }: ChangesQuery, binding: CursorBinding): number {
  const [position = '-1'] = decodeCursor(next, binding, 1) ?? [];
  if (!/^(?:-1|\d{1,9})$/.test(position)) throw noCursor();
  return Number(position);
}

function noCursor(): UsherError {
  return invalidInput('next', 'next is not a cursor that this list handed out.', 'Start the list again without it.');
}

/** Stands for a header whose signature does not hold: what the columns say, and that it is not to be trusted. */
function alteredHeader(row: PlanRow): PlanHeader {
  const { id, connectionId, action, effect, createdAt, expiresAt, changes } = row;
  return {
    version: 1, id, connectionId, connector: '', mappingVersion: 0, action, title: 'Altered in the database', input: null,
    effect, requestedBy: { id: row.requestedBy, name: row.requestedBy, kind: 'person' }, reason: null, createdAt,
    expiresAt, appliesWhenApproved: false, approvalReasons: [], guards: [], override: [], changes, undoes: null,
  }; // prettier-ignore
}
