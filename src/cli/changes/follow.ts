import { ERROR_KINDS } from '../../model/errors.ts';
import type { Context } from '../context.ts';
import { problemSchema } from '../contract.ts';
import { EXIT, Failure, refused } from '../failure.ts';
import { counted, localTime, printable } from '../text.ts';
import { handoffListSchema, planChangeSchema, runChangeSchema, runSchema } from './contract.ts';
import type { PlanChange, RunAnswer, RunChange } from './contract.ts';
import { endLine, hasEnded, outcomeLine, paintState, runLine, runSeconds } from './run-text.ts';

/** Up to so many changes each gets its line on a terminal too; of more only what went wrong. */
const MOST_LINES = 20;
/** A server that is gone is waited for, a minute in all: a restart takes a few seconds. */
const RECONNECT_MS = 500;
const MOST_BREAKS = 120;
const TICK_MS = 1000;
/** A run that goes on by itself within this is followed on. */
const LOOK_ON_MS = 60_000;
/** How many failed changes are told with their reason; the rest is counted. */
const MOST_TOLD = 20;

/**
 * Follows a run live until it has ended, is paused or has to wait, and tells what came of it. A bar on a terminal, a line a finished
 * change on a pipe. Ctrl-C stops the watching alone, and says so. Returns the exit code: 0 when everything is done or was
 * so already.
 */
export async function followRun(context: Context, started: RunAnswer): Promise<number> {
  const run = await watched(context, started);
  context.out.status(null);
  // Of a few changes each was told already; of many, what went wrong is said again where it can be found.
  return tellEnd(context, run, { isBrief: run.total <= MOST_LINES });
}

/** The same without a word on the way, for `--json`; answers the run as it ended. */
export async function waitForRun(context: Context, started: RunAnswer): Promise<RunAnswer> {
  return watched(context, started);
}

/** A run by its id or its plan's. */
export async function getRun(context: Context, id: string): Promise<RunAnswer> {
  const client = await context.client();
  return client.read(runSchema, (usher) => usher.GET('/v1/runs/{id}', { params: { path: { id } } }));
}

/** Every message of a run as a JSON line; ends with the run. */
export async function streamRun(context: Context, started: RunAnswer): Promise<number> {
  let run = started;
  for await (const message of progress(context, started.id)) {
    context.out.jsonLine(message);
    if (message.event === 'run') run = message.data;
  }
  return exitCodeOf(context, run);
}

type Progress =
  | { readonly event: 'run'; readonly data: RunAnswer }
  | { readonly event: 'change'; readonly data: RunChange };

async function watched(context: Context, started: RunAnswer): Promise<RunAnswer> {
  const { out, isJson, now } = context;
  let run = started;
  const states = new Map<number, string>();
  const told = new Set<string>();
  const counts: Record<string, number> = { planned: started.total };
  const isVerbose = !out.isTerminal || started.total <= MOST_LINES;
  const showStatus = (): void => {
    if (!isJson) out.status(runLine(run, runSeconds(run, now())).slice(0, out.statusWidth - 1));
  };
  // The clock goes on while the app lets a call wait.
  const ticking = out.hasStatus ? setInterval(showStatus, TICK_MS) : undefined;
  try {
    showStatus();
    for await (const message of progress(context, started.id)) {
      if (message.event === 'run') {
        run = message.data;
      } else {
        const { ordinal, state } = message.data;
        const before = states.get(ordinal) ?? 'planned';
        if (!isJson && before !== state) tellChange(context, message.data, isVerbose, told);
        states.set(ordinal, state);
        counts[before] = (counts[before] ?? 0) - 1;
        counts[state] = (counts[state] ?? 0) + 1;
        run = { ...run, counts };
      }
      showStatus();
    }
  } catch (error) {
    if (!isJson && error instanceof Failure && error.details.code === 'interrupted') tellHowToGoOn(context, run);
    throw error;
  } finally {
    clearInterval(ticking);
  }
  return run;
}

/** The run's messages until it has ended, is paused or has to wait; taken up where they broke off. */
async function* progress(context: Context, runId: string): AsyncGenerator<Progress, void> {
  const client = await context.client();
  let after: string | null = null;
  let breaks = 0;
  for (;;) {
    let isOver = false;
    try {
      for await (const { event, data, id } of client.stream(`/v1/runs/${encodeURIComponent(runId)}/events`, after)) {
        after = id ?? after;
        breaks = 0;
        const message = messageOf(event, data);
        if (message !== null) yield message;
        if (message?.event !== 'run') continue;
        // A stream of a run that has ended ends by itself, after what is left to tell; that of a paused one waits.
        if (message.data.state === 'paused' || isAway(message.data, context.now())) return;
        isOver = hasEnded(message.data);
      }
      if (isOver) return;
    } catch (error) {
      if (!isBreak(error) || breaks >= MOST_BREAKS) throw error;
    }
    breaks += 1;
    if (breaks > MOST_BREAKS) throw brokeOff(runId);
    await context.wait(RECONNECT_MS);
  }
}

/** A run that has to wait for a person, or for longer than somebody would look on. */
function isAway({ state, wake_at: wakeAt }: RunAnswer, now: Date): boolean {
  if (state !== 'waiting') return false;
  return wakeAt == null || Date.parse(wakeAt) - now.getTime() > LOOK_ON_MS;
}

function messageOf(event: string, data: string): Progress | null {
  if (event === 'problem') {
    const problem = problemSchema.parse(JSON.parse(data));
    throw refused(problem, problem.status ?? 0);
  }
  if (event === 'run') return { event, data: runSchema.parse(JSON.parse(data)) };
  return event === 'change' ? { event, data: runChangeSchema.parse(JSON.parse(data)) } : null;
}

/** The server is gone, or could not go on for the moment. */
function isBreak(error: unknown): boolean {
  if (!(error instanceof Failure)) return false;
  return error.details.exitCode === EXIT.unreachable.code || error.details.problem?.retry === true;
}

function brokeOff(runId: string): Failure {
  return new Failure(`The progress of the run ${runId} breaks off again and again.`, {
    code: 'progressBroken',
    exitCode: EXIT.unreachable.code,
    next: `The run goes on in the server. See how it stands: usher runs show ${runId}`,
  });
}

/** A further step on the same subject, or one on something without an address, is told by what it is. */
function tellChange({ out }: Context, change: RunChange, isVerbose: boolean, told: Set<string>): void {
  const { state, subject, summary, outcome } = change;
  const isEnd = state === 'done' || state === 'skipped' || state === 'failed' || state === 'uncertain';
  const isBad = state === 'failed' || state === 'uncertain';
  if (!isEnd || !(isVerbose || isBad)) return;
  const isStep = told.has(subject) || !subject.includes('@');
  told.add(subject);
  const name = printable(isStep ? summary : subject);
  const text = printable(outcome ?? summary);
  out.line(`  ${paintState(out.paint, state, state.padEnd(9))} ${text.includes(name) ? text : `${name}: ${text}`}`);
}

function tellHowToGoOn({ out }: Context, run: RunAnswer): void {
  out.status(null);
  out.note(`The run ${run.id} goes on in the server.`);
  out.note(`  Follow it: usher runs follow ${run.id}`);
  out.note(`  Stop it:   usher runs pause ${run.id}      for good: usher runs cancel ${run.id}`);
}

/**
 * Says how a run stands or ended, what failed and why (not where `isBrief`), and what can be done next. Returns the exit
 * code.
 */
export async function tellEnd(context: Context, run: RunAnswer, { isBrief = false } = {}): Promise<number> {
  const { out, now } = context;
  out.line(endLine(out, run, runSeconds(run, now())));
  const bad = isBrief ? 0 : (run.counts['failed'] ?? 0) + (run.counts['uncertain'] ?? 0);
  const changes = bad === 0 ? [] : await badChanges(context, run.id, MOST_TOLD);
  for (const change of changes) out.line(outcomeLine(out, change));
  if (bad > changes.length)
    out.note(`  … and ${counted(bad - changes.length, 'more')}: usher runs show ${run.id} --all`);
  for (const line of await nextSteps(context, run)) out.note(`  ${line}`);
  return exitCodeOf(context, run);
}

/** The changes of a run that failed or are uncertain, `limit` of them at most. */
async function badChanges(context: Context, id: string, limit: number): Promise<PlanChange[]> {
  const client = await context.client();
  const found: PlanChange[] = [];
  const pages = client.pages(
    planChangeSchema,
    (usher, page) =>
      usher.GET('/v1/runs/{id}/changes', { params: { path: { id }, query: { state: 'failed,uncertain', ...page } } }),
    { limit },
  );
  for await (const { items } of pages) found.push(...items);
  return found;
}

async function nextSteps(context: Context, run: RunAnswer): Promise<string[]> {
  const steps: string[] = [];
  if (run.state === 'paused') steps.push(`Go on: usher runs resume ${run.id}      End it: usher runs cancel ${run.id}`);
  if (run.state === 'waiting') {
    const when = run.wake_at == null ? '' : `, ${localTime(run.wake_at)}`;
    steps.push(`It goes on by itself when that is over${when}. Follow it then: usher runs follow ${run.id}`);
    steps.push(`Stop it: usher runs pause ${run.id}      for good: usher runs cancel ${run.id}`);
  }
  if ((run.counts['uncertain'] ?? 0) > 0) {
    steps.push('Uncertain: Usher asks the app again by itself and settles it as soon as the app answers.');
  }
  if (run.can_retry === true) steps.push(`Try the failed again: usher runs retry ${run.id}`);
  if (run.can_undo === true) steps.push(`Take it back: usher runs undo ${run.id}`);
  if (hasEnded(run) && (run.counts['done'] ?? 0) > 0) steps.push(...(await waitingSecrets(context, run)));
  return steps;
}

/** One-time secrets that were made for whoever asks, by this run. */
async function waitingSecrets(context: Context, run: RunAnswer): Promise<string[]> {
  const client = await context.client();
  const { data } = await client.read(handoffListSchema, (usher) => usher.GET('/v1/handoffs'));
  return data
    .filter(({ connection, created_at: at }) => {
      return connection === run.connection && Date.parse(at) >= Date.parse(run.created_at);
    })
    .map(({ id, label }) => `${printable(label)}, to be seen once: usher secret take ${id}`);
}

/**
 * 0: everything is done or was so already. What failed alone ends with the exit code of its own error, anything else
 * with that of `partialFailure`; paused, or waiting, with that of `guarded`.
 */
async function exitCodeOf(context: Context, run: RunAnswer): Promise<number> {
  if (run.state === 'succeeded') return EXIT.ok.code;
  if (run.state === 'paused' || run.state === 'waiting') return ERROR_KINDS.guarded.exitCode;
  if (!hasEnded(run)) return EXIT.ok.code;
  if (run.total !== 1 || run.state === 'cancelled') return ERROR_KINDS.partialFailure.exitCode;
  const [only] = await badChanges(context, run.id, 1);
  const code = only?.outcome?.receipt?.code ?? '';
  const kind = Object.entries(ERROR_KINDS).find(([name]) => name === code)?.[1];
  return (kind ?? ERROR_KINDS.partialFailure).exitCode;
}

/** The exit code of a run that has ended. */
export async function runExitCode(context: Context, run: RunAnswer): Promise<number> {
  return exitCodeOf(context, run);
}
