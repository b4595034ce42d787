import type { Output } from '../output.ts';
import { counted, duration, localTime, localTimeExactly, number, printable } from '../text.ts';
import { progressBar } from '../progress.ts';
import type { PlanChange, RunAnswer } from './contract.ts';
import { nowText, subjectText } from './plan-text.ts';

/** Ends of a run; a paused one goes on when somebody says so. */
const ENDED = new Set(['succeeded', 'partial', 'failed', 'cancelled']);
/** Ends of a change, best first. */
const CHANGE_ENDS = ['done', 'skipped', 'failed', 'uncertain'] as const;

export function hasEnded({ state }: RunAnswer): boolean {
  return ENDED.has(state);
}

/** How many changes have come to an end. */
export function endedChanges({ counts }: RunAnswer): number {
  return CHANGE_ENDS.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
}

/** A run as one line of a terminal: `███░░  12 of 40  1 failed  3.2 s`. */
export function runLine(run: RunAnswer, elapsedSeconds: number | null): string {
  const ended = endedChanges(run);
  const share = run.total === 0 ? 1 : ended / run.total;
  const bad = (['failed', 'uncertain'] as const).flatMap((state) => {
    const count = run.counts[state] ?? 0;
    return count === 0 ? [] : [`${number(count)} ${state}`];
  });
  const facts = [
    `${number(ended)} of ${counted(run.total, 'change')}`,
    ...bad,
    ...(elapsedSeconds === null ? [] : [duration(elapsedSeconds)]),
    ...(run.pending == null ? [] : [`${run.pending} asked for`]),
    ...(run.state === 'queued' && ended === 0 ? ['waiting for its turn'] : []),
  ];
  return `  ${progressBar(share)}  ${facts.join('  ')}`;
}

/** How a run ended: `Done: 38 done  1 skipped  1 failed  3.2 s`. */
export function endLine({ paint }: Pick<Output, 'paint'>, run: RunAnswer, elapsedSeconds: number | null): string {
  const counts = Object.entries(run.counts).flatMap(([state, count]) =>
    count === 0 ? [] : [paintState(paint, state, `${number(count)} ${NOT_BEGUN.has(state) ? 'not begun' : state}`)],
  );
  const time = elapsedSeconds === null ? [] : [duration(elapsedSeconds)];
  const reason = run.reason ? [printable(run.reason)] : [];
  return `${WORDS[run.state] ?? printable(run.state)}: ${[...counts, ...time, ...reason].join('  ')}`;
}

const NOT_BEGUN = new Set(['planned']);
const WORDS: Readonly<Record<string, string>> = {
  succeeded: 'Done',
  partial: 'Partly done',
  failed: 'Failed',
  cancelled: 'Cancelled',
  paused: 'Paused',
  waiting: 'Waiting',
};

/** A word of a change's state in its colour. */
export function paintState(paint: Output['paint'], state: string, text: string): string {
  if (state === 'done') return paint('green', text);
  if (state === 'failed') return paint('red', text);
  if (state === 'uncertain') return paint('yellow', text);
  return state === 'skipped' ? paint('dim', text) : text;
}

/** What came of a change: `done      jane@example.com: Read back as disabled.`; what is still to come says its summary. */
export function outcomeLine({ paint }: Pick<Output, 'paint'>, change: PlanChange): string {
  const { state, receipt } = shownOutcome(change);
  const text = printable(receipt?.summary ?? `${change.summary}${waitsText(change)}`);
  const isStep = change.follows === true || change.subject.kind === 'credential';
  const label = isStep ? printable(change.summary) : subjectText(change);
  const code = receipt?.code == null ? '' : ` (${printable(receipt.code)})`;
  const made = factsText(receipt?.made);
  return `  ${paintState(paint, state, state.padEnd(9))} ${text.includes(label) ? text : `${label}: ${text}`}${code}${made}`;
}

function shownOutcome({ outcome }: PlanChange): Pick<NonNullable<PlanChange['outcome']>, 'state' | 'receipt'> {
  if (outcome == null) return { state: 'planned', receipt: null };
  return outcome.waits_for == null ? outcome : { ...outcome, state: 'waits' };
}

function waitsText({ outcome, hold }: PlanChange): string {
  if (outcome?.waits_for === 'wait') return `, not before ${localTime(outcome.held_until)}`;
  return outcome?.waits_for === 'task' ? `, after a task for a person: ${hold?.task ?? ''}` : '';
}

/** What an answer told of what was made, such as the id of a key: whoever takes its secret needs that, too. */
function factsText(made: Readonly<Record<string, unknown>> | null | undefined): string {
  const facts = Object.entries(made ?? {}).map(([name, value]) => printable(`${name} ${textOf(value)}`));
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`;
}

/** Who said that a task was done. */
function factLines({ confirmed }: NonNullable<NonNullable<PlanChange['outcome']>['receipt']>): string[] {
  if (confirmed == null) return [];
  const note = confirmed.note == null ? '' : `: ${printable(confirmed.note)}`;
  return [`the task was done, says ${printable(confirmed.by)}, ${localTime(confirmed.at)}${note}`];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What a receipt rests on: each call with its answer, and what showed that it was so. */
export function receiptLines({ paint }: Pick<Output, 'paint'>, { outcome }: PlanChange): string[] {
  const receipt = outcome?.receipt;
  if (receipt == null) return [];
  const calls = receipt.calls.map(({ at, method, url, operation, status, error }) => {
    const answer = status == null ? 'no answer' : String(status);
    const why = error == null ? '' : `: ${printable(error)}`;
    return `${localTimeExactly(at)}  ${printable(`${method} ${url}`)}  ${printable(operation)}  ${answer}${why}`;
  });
  const proof = PROOFS[receipt.proof ?? ''];
  const when = receipt.verified_at == null ? '' : `, ${localTimeExactly(receipt.verified_at)}`;
  const now = nowText(receipt.after);
  const shown = [...(now === '' ? [] : [`then ${now}`]), ...(proof === undefined ? [] : [`shown by ${proof}${when}`])];
  return [...factLines(receipt), ...calls, ...(shown.length === 0 ? [] : [shown.join('; ')])].map((line) =>
    paint('dim', `            ${line}`),
  );
}

const PROOFS: Readonly<Record<string, string>> = {
  state: 'what the app has',
  log: "the app's own log",
  answer: "the app's answer alone",
  nothing: 'nothing',
};

/** Seconds from the run's start to its end, or until now; null where it has not begun. */
export function runSeconds(run: RunAnswer, now: Date): number | null {
  if (run.started_at == null) return null;
  const end = run.finished_at == null ? now.getTime() : Date.parse(run.finished_at);
  return Math.max(0, (end - Date.parse(run.started_at)) / 1000);
}
