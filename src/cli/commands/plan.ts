import { assertConfirmable, carryOut, followOut, goOnLine, showPlan } from '../changes/carry-out.ts';
import type { CarryOutOptions } from '../changes/carry-out.ts';
import { planChangeSchema, planSchema, planSummarySchema } from '../changes/contract.ts';
import type { PlanAnswer, PlanChange, PlanSummaryAnswer } from '../changes/contract.ts';
import { getRun } from '../changes/follow.ts';
import { changeLines, planFacts } from '../changes/plan-text.ts';
import { outcomeLine } from '../changes/run-text.ts';
import type { CommonOptions, Context } from '../context.ts';
import { EXIT } from '../failure.ts';
import { listPages, type ListOptions } from '../list.ts';
import type { Column } from '../table.ts';
import { counted, localTime, printable } from '../text.ts';

export interface PlanListOptions extends CommonOptions, ListOptions {
  readonly connection?: string;
  /** A comma list. */
  readonly state?: string;
}

/** `usher plan list`: plans, newest first. */
export async function list(context: Context, _: readonly string[], options: PlanListOptions): Promise<number> {
  const { connection, state } = options;
  const shown = await listPages(
    context,
    planSummarySchema,
    (usher, page) => usher.GET('/v1/plans', { params: { query: { connection, state, ...page } } }),
    COLUMNS,
    options,
  );
  if (shown === 0 && !context.isJson) {
    context.out.line('No plan fits.');
    context.out.note('Calling an action that writes makes one: usher actions --search disable');
  }
  return EXIT.ok.code;
}

const COLUMNS: readonly Column<PlanSummaryAnswer>[] = [
  { title: 'Plan', value: ({ id }) => id, isWhole: true },
  { title: 'State', value: ({ state }) => state, isWhole: true },
  { title: 'What', value: ({ title }) => title },
  { title: 'Changes', value: ({ changes }) => String(changes), align: 'right' },
  { title: 'When', value: ({ created_at }) => localTime(created_at), isExtra: true },
  { title: 'Asked by', value: ({ requested_by }) => requested_by.name },
  { title: 'Connection', value: ({ connection }) => connection, isExtra: true },
];

export interface PlanShowOptions extends CommonOptions {
  readonly showCalls?: boolean;
  /** All changes rather than the first hundred. */
  readonly all?: boolean;
}

/** `usher plan show ID`: the plan like a diff, who decided what, and what came of it. */
export async function show(context: Context, [id = '']: readonly string[], options: PlanShowOptions): Promise<number> {
  const plan = await getPlan(context, id);
  const first = plan.first_changes.length;
  const rest = options.all === true && plan.changes > first ? (await planChanges(context, id)).slice(first) : [];
  if (context.isJson) {
    context.out.json({ ...plan, first_changes: [...plan.first_changes, ...rest] });
    return EXIT.ok.code;
  }
  const { out } = context;
  const showCalls = options.showCalls === true;
  showPlan(context, plan, showCalls);
  for (const line of changeLines(out.paint, rest, { showCalls })) out.line(line);
  for (const line of planFacts(plan)) out.line(line);
  for (const change of [...plan.first_changes, ...rest]) {
    if (change.outcome != null) out.line(outcomeLine(out, change));
  }
  if (plan.state === 'waiting' || plan.state === 'ready') out.note(goOnLine(plan));
  return EXIT.ok.code;
}

/** `usher plan approve ID`: shows the plan, asks, approves it, and follows the run where that starts one. */
export async function approve(
  context: Context,
  [id = '']: readonly string[],
  options: CarryOutOptions,
): Promise<number> {
  assertConfirmable(context, options.yes === true);
  const plan = await getPlan(context, id);
  showPlan(context, plan, options.showCalls === true);
  if (options.yes !== true && !(await context.prompt.confirm(`Approve ${counted(plan.changes, 'change')}?`, false))) {
    context.out.note('Nothing was decided; the plan stays as it is.');
    return EXIT.unexpected.code;
  }
  const client = await context.client();
  const { reason } = options;
  const body = reason === undefined ? {} : { reason };
  const approved = await client.read(planSchema, (usher) => {
    return usher.POST('/v1/plans/{id}/approve', { params: { path: { id } }, body });
  });
  if (!context.isJson) context.out.line(`Approved ${approved.id}.`);
  const run = approved.run_id == null ? null : await getRun(context, approved.run_id);
  if (run !== null && options.wait !== false) return followOut(context, run, approved);
  if (context.isJson) context.out.json(approved);
  else context.out.note(run === null ? goOnLine(approved) : `Follow it: usher runs follow ${run.id}`);
  return EXIT.ok.code;
}

/** `usher plan apply ID`: shows the plan, asks, carries it out and follows the run. */
export async function apply(context: Context, [id = '']: readonly string[], options: CarryOutOptions): Promise<number> {
  assertConfirmable(context, options.yes === true);
  return carryOut(context, await getPlan(context, id), { ...options, isOlder: true });
}

/** `usher plan reject ID`: says no to a plan that waits for approval. */
export async function reject(
  context: Context,
  [id = '']: readonly string[],
  options: CarryOutOptions,
): Promise<number> {
  const client = await context.client();
  const plan = await client.read(planSchema, (usher) => {
    return usher.POST('/v1/plans/{id}/reject', { params: { path: { id } }, body: bodyOf(options) });
  });
  return said(context, plan, 'Rejected');
}

/** `usher plan cancel ID`: withdraws a plan that was not applied. */
export async function cancel(context: Context, [id = '']: readonly string[]): Promise<number> {
  const client = await context.client();
  const plan = await client.read(planSchema, (usher) => {
    return usher.POST('/v1/plans/{id}/cancel', { params: { path: { id } }, body: {} });
  });
  return said(context, plan, 'Withdrawn');
}

function said({ out, isJson }: Context, plan: PlanAnswer, word: string): number {
  if (isJson) out.json(plan);
  else out.line(`${word}: ${plan.id}, ${printable(plan.title)}. Nothing was changed.`);
  return EXIT.ok.code;
}

function bodyOf({ reason }: CarryOutOptions): { reason?: string } {
  return reason === undefined ? {} : { reason };
}

async function getPlan(context: Context, id: string): Promise<PlanAnswer> {
  const client = await context.client();
  return client.read(planSchema, (usher) => usher.GET('/v1/plans/{id}', { params: { path: { id } } }));
}

async function planChanges(context: Context, id: string): Promise<PlanChange[]> {
  const client = await context.client();
  const found: PlanChange[] = [];
  const pages = client.pages(planChangeSchema, (usher, query) => {
    return usher.GET('/v1/plans/{id}/changes', { params: { path: { id }, query } });
  });
  for await (const { items } of pages) found.push(...items);
  return found;
}
