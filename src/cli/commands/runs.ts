import { assertConfirmable, carryOut, goOnLine, showPlan, type CarryOutOptions } from '../changes/carry-out.ts';
import { planChangeSchema, planSchema, runSchema } from '../changes/contract.ts';
import type { PlanChange, RunAnswer } from '../changes/contract.ts';
import { followRun, getRun, streamRun, tellEnd, waitForRun, runExitCode } from '../changes/follow.ts';
import { endedChanges, hasEnded, outcomeLine, receiptLines } from '../changes/run-text.ts';
import type { CommonOptions, Context } from '../context.ts';
import { EXIT, Failure } from '../failure.ts';
import { listPages, type ListOptions } from '../list.ts';
import type { Column } from '../table.ts';
import { counted, localTime, number, printable } from '../text.ts';

export interface RunListOptions extends CommonOptions, ListOptions {
  readonly connection?: string;
  /** A comma list. */
  readonly state?: string;
}

/** `usher runs list`: runs, newest first. */
export async function list(context: Context, _: readonly string[], options: RunListOptions): Promise<number> {
  const { connection, state } = options;
  const shown = await listPages(
    context,
    runSchema,
    (usher, page) => usher.GET('/v1/runs', { params: { query: { connection, state, ...page } } }),
    COLUMNS,
    options,
  );
  if (shown === 0 && !context.isJson) {
    context.out.line('No run fits.');
    context.out.note('A run carries out a plan: usher plan list');
  }
  return EXIT.ok.code;
}

const COLUMNS: readonly Column<RunAnswer>[] = [
  { title: 'Run', value: ({ id }) => id, isWhole: true },
  {
    title: 'State',
    value: stateOf,
    isWhole: true,
  },
  { title: 'What', value: ({ title }) => title },
  { title: 'Changes', value: changesText },
  { title: 'Started', value: ({ started_at }) => localTime(started_at), isExtra: true },
  { title: 'Connection', value: ({ connection }) => connection, isExtra: true },
  { title: 'Asked by', value: ({ requested_by }) => requested_by.name, isExtra: true },
];

/** `running`, `running, pause asked`, `waiting, 2026-03-02 14:00` */
function stateOf({ state, pending, wake_at: wakeAt }: RunAnswer): string {
  if (pending != null) return `${state}, ${pending} asked`;
  return state === 'waiting' ? `${state}, ${wakeAt == null ? 'for a person' : localTime(wakeAt)}` : state;
}

/** `24 of 25, 1 failed` */
function changesText(run: RunAnswer): string {
  const bad = ['failed', 'uncertain'].flatMap((state) => {
    const count = run.counts[state] ?? 0;
    return count === 0 ? [] : [`${number(count)} ${state}`];
  });
  return [`${number(endedChanges(run))} of ${number(run.total)}`, ...bad].join(', ');
}

/** How many changes `runs show` prints without `--all`. */
const FIRST_CHANGES = 100;

export interface RunShowOptions extends CommonOptions {
  readonly all?: boolean;
  readonly showCalls?: boolean;
  /** Only changes in these states; a comma list. */
  readonly state?: string;
}

/** `usher runs show ID`: how a run stands, each change with its receipt, and what can be done next. */
export async function show(context: Context, [id = '']: readonly string[], options: RunShowOptions): Promise<number> {
  const run = await getRun(context, id);
  const limit = options.all === true || context.isJson ? Number.POSITIVE_INFINITY : FIRST_CHANGES;
  const changes = await runChanges(context, run.id, options.state, limit);
  if (context.isJson) {
    context.out.json({ ...run, changes });
    return EXIT.ok.code;
  }
  const { out } = context;
  out.line(`${out.paint('bold', `Run ${run.id}`)}   ${printable(run.title)}   in ${printable(run.connection)}`);
  out.line(`  Plan: ${run.plan_id}   asked by ${printable(run.requested_by.name)}, ${localTime(run.created_at)}`);
  for (const change of changes) {
    out.line(outcomeLine(out, change));
    if (options.showCalls === true) for (const line of receiptLines(out, change)) out.line(line);
  }
  if (changes.length === limit && run.total > limit) {
    out.note(`  The first ${FIRST_CHANGES} of ${counted(run.total, 'change')}; all: --all`);
  }
  await tellEnd(context, run, { isBrief: true });
  return EXIT.ok.code;
}

/** `usher runs follow ID`: shows it live until it has ended, is paused or has to wait; JSON lines with `--json`. */
export async function follow(context: Context, [id = '']: readonly string[]): Promise<number> {
  const run = await getRun(context, id);
  return context.isJson ? streamRun(context, run) : followRun(context, run);
}

/** `usher runs pause ID`: stops at the next safe point; what is under way ends first. */
export async function pause(context: Context, [id = '']: readonly string[]): Promise<number> {
  const client = await context.client();
  const run = await client.read(runSchema, (usher) => {
    return usher.POST('/v1/runs/{id}/pause', { params: { path: { id } }, body: {} });
  });
  const when = run.state === 'paused' ? 'is paused' : 'pauses when what is under way has ended';
  return said(context, run, `${run.id} ${when}.`, `Go on: usher runs resume ${run.id}`);
}

/** `usher runs cancel ID`: what was not called yet never is. */
export async function cancel(context: Context, [id = '']: readonly string[]): Promise<number> {
  const client = await context.client();
  const run = await client.read(runSchema, (usher) => {
    return usher.POST('/v1/runs/{id}/cancel', { params: { path: { id } }, body: {} });
  });
  const when = hasEnded(run) ? `is ${run.state}` : 'is cancelled when what is under way has ended';
  return said(context, run, `${run.id} ${when}.`, `What was done stays done: usher runs show ${run.id}`);
}

export interface TaskOptions extends CommonOptions {
  readonly done?: boolean;
  readonly note?: string;
}

/** `usher runs task ID CHANGE --done`: says that the task is done which a change waits for; without, shows the task. */
export async function task(
  context: Context,
  [id = '', change = '']: readonly string[],
  { done, note }: TaskOptions,
): Promise<number> {
  if (!/^\d{1,6}$/.test(change)) {
    throw new Failure(`"${change}" is no number of a change.`, { code: 'invalidInput', exitCode: EXIT.usage.code });
  }
  const ordinal = Number(change);
  const client = await context.client();
  if (done !== true) return showTask(context, id, ordinal);
  const body = note === undefined ? {} : { note };
  const run = await client.read(runSchema, (usher) => {
    return usher.POST('/v1/runs/{id}/changes/{ordinal}/confirm', { params: { path: { id, ordinal } }, body });
  });
  return said(context, run, 'Noted with your name; the run goes on.', `Follow it: usher runs follow ${run.id}`);
}

async function showTask(context: Context, id: string, ordinal: number): Promise<number> {
  const run = await getRun(context, id);
  const found = (await runChanges(context, run.id, undefined, ordinal + 1)).find((each) => each.ordinal === ordinal);
  if (context.isJson) context.out.json(found ?? null);
  else if (found?.outcome?.waits_for === 'task') {
    context.out.line(outcomeLine(context.out, found));
    context.out.note(`  When it is done: usher runs task ${run.id} ${ordinal} --done`);
  } else context.out.line('It waits for no person now.');
  return EXIT.ok.code;
}

export interface GoOnOptions extends CommonOptions {
  /** False for `--no-wait`. */
  readonly wait?: boolean;
}

/** `usher runs resume ID`: goes on with a paused run, and follows it. */
export async function resume(context: Context, [id = '']: readonly string[], options: GoOnOptions): Promise<number> {
  const client = await context.client();
  const run = await client.read(runSchema, (usher) => {
    return usher.POST('/v1/runs/{id}/resume', { params: { path: { id } }, body: {} });
  });
  return goesOn(context, run, options);
}

/** `usher runs retry ID`: tries the failed changes again, and follows it. */
export async function retry(context: Context, [id = '']: readonly string[], options: GoOnOptions): Promise<number> {
  const client = await context.client();
  const run = await client.read(runSchema, (usher) => {
    return usher.POST('/v1/runs/{id}/retry', { params: { path: { id } }, body: {} });
  });
  return goesOn(context, run, options);
}

export interface UndoOptions extends CarryOutOptions {
  /** False for `--no-apply`. */
  readonly apply?: boolean;
}

/** `usher runs undo ID`: plans what takes the run back, as far as it can be; shown, asked for and followed as any plan. */
export async function undo(context: Context, [id = '']: readonly string[], options: UndoOptions): Promise<number> {
  assertConfirmable(context, options.yes === true || options.apply === false);
  const client = await context.client();
  const body = options.reason === undefined ? {} : { reason: options.reason };
  const plan = await client.read(planSchema, (usher) => {
    return usher.POST('/v1/runs/{id}/undo', { params: { path: { id } }, body });
  });
  if (options.apply !== false) return carryOut(context, plan, options);
  if (context.isJson) context.out.json(plan);
  showPlan(context, plan, options.showCalls === true);
  if (!context.isJson) context.out.note(goOnLine(plan));
  return EXIT.ok.code;
}

async function goesOn(context: Context, run: RunAnswer, { wait }: GoOnOptions): Promise<number> {
  if (wait === false) return said(context, run, `${run.id} goes on.`, `Follow it: usher runs follow ${run.id}`);
  if (!context.isJson) return followRun(context, run);
  const ended = await waitForRun(context, run);
  context.out.json(ended);
  return runExitCode(context, ended);
}

function said({ out, isJson }: Context, run: RunAnswer, text: string, next: string): number {
  if (isJson) out.json(run);
  else {
    out.line(text);
    out.note(`  ${next}`);
  }
  return EXIT.ok.code;
}

async function runChanges(
  context: Context,
  id: string,
  state: string | undefined,
  limit: number,
): Promise<PlanChange[]> {
  const client = await context.client();
  const found: PlanChange[] = [];
  const pages = client.pages(
    planChangeSchema,
    (usher, page) => usher.GET('/v1/runs/{id}/changes', { params: { path: { id }, query: { state, ...page } } }),
    { limit },
  );
  for await (const { items } of pages) found.push(...items);
  return found;
}
