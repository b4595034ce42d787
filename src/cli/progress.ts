import type { Counts, SyncRun } from './contract.ts';
import { counted, duration, number, printable } from './text.ts';

const BAR_WIDTH = 28;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A run that has come to an end, or waits for somebody's decision. */
export function isSettled(run: SyncRun): boolean {
  return run.state !== 'queued' && run.state !== 'running';
}

/**
 * A sync run as one line of a terminal: a bar where the total is known (full when it ended well), what was pulled so
 * far, the rate and the remaining time. `elapsedSeconds` is since its start; null: not known.
 */
export function progressLine(run: SyncRun, elapsedSeconds: number | null): string {
  const share = shareDone(run);
  const bar = share === null ? '·'.repeat(BAR_WIDTH) : progressBar(share);
  const facts = isSettled(run) ? settledFacts(run, elapsedSeconds) : runningFacts(run, elapsedSeconds);
  return `  ${bar}  ${facts.join('  ')}`;
}

/** The same for a pipe: `lastpass  running  2,000 of 10,000 records  1,200/s  7 s left`. */
export function progressText(run: SyncRun, elapsedSeconds: number | null): string {
  const facts = isSettled(run) ? settledFacts(run, elapsedSeconds) : [run.state, ...runningFacts(run, null)];
  return [printable(run.connection), ...facts].join('  ');
}

/** What a connection holds: `250 accounts  18 groups  31 resources  412 grants`; kinds with none are left out. */
export function countsText(counts: Counts | null | undefined): string {
  return countFacts(counts).join('  ');
}

/** Seconds since the run's start, null where it has none. */
export function elapsedSeconds(run: SyncRun, now: Date): number | null {
  if (run.started_at == null) return null;
  const end = run.finished_at == null ? now.getTime() : Date.parse(run.finished_at);
  return Math.max(0, (end - Date.parse(run.started_at)) / 1000);
}

/** A bar of blocks for a share from 0 to 1. */
export function progressBar(share: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH * 8);
  const full = '█'.repeat(Math.floor(eighths / 8));
  const part = EIGHTHS[eighths % 8] ?? '';
  return (full + part).padEnd(BAR_WIDTH, '░');
}

function shareDone(run: SyncRun): number | null {
  if (run.state === 'succeeded') return 1;
  const { records, total } = run.progress ?? {};
  return records == null || total == null || total === 0 ? null : records / total;
}

function runningFacts(run: SyncRun, elapsed: number | null): string[] {
  const { records, total, rate_per_second: rate, eta_seconds: eta } = run.progress ?? {};
  const pulled =
    total == null ? counted(records ?? 0, 'record') : `${number(records ?? 0)} of ${counted(total, 'record')}`;
  // A collection of several scopes is named once.
  const pulling = run.collections.filter(({ state }) => state === 'pulling').map(({ id }) => printable(id));
  return [
    pulled,
    ...(rate == null || rate === 0 ? [] : [`${number(rate)}/s`]),
    ...(elapsed === null ? [] : [duration(elapsed)]),
    ...(eta == null ? [] : [`${duration(eta)} left`]),
    ...(pulling.length === 0 ? [] : [[...new Set(pulling)].join(', ')]),
  ];
}

function settledFacts(run: SyncRun, elapsed: number | null): string[] {
  return [...countFacts(run.counts), ...(elapsed === null ? [] : [duration(elapsed)]), endWord(run)];
}

function endWord(run: SyncRun): string {
  if (run.state !== 'succeeded') return printable(run.state);
  return run.collections.some(({ state }) => state === 'partial') ? 'partial' : 'complete';
}

function countFacts(counts: Counts | null | undefined): string[] {
  const { account, group, role, resource, grant, credential } = counts ?? {};
  const kinds: [number | null | undefined, string][] = [
    [account, 'account'],
    [group, 'group'],
    [role, 'role'],
    [resource, 'resource'],
    [grant, 'grant'],
    [credential, 'credential'],
  ];
  return kinds.flatMap(([value, word]) => (value == null || value === 0 ? [] : [counted(value, word)]));
}
