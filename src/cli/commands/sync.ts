import { EXIT, Failure, refused } from '../failure.ts';
import type { CommonOptions, Context } from '../context.ts';
import { confirmedSyncSchema, startedSyncSchema, syncRunListSchema, syncRunSchema, type SyncRun } from '../contract.ts';
import { elapsedSeconds, isSettled, progressLine, progressText } from '../progress.ts';
import { ERROR_KINDS } from '../../model/errors.ts';
import { explainIfFailed, explainIfPaused } from '../sync-text.ts';
import { limitOf, type ListOptions } from '../list.ts';
import { allConnections } from './connections.ts';
import { localTime, number, printable } from '../text.ts';
import type { Column } from '../table.ts';

export interface SyncOptions extends CommonOptions {
  /** False for `--no-wait`. */
  readonly wait: boolean;
}

export interface SyncStatusOptions extends CommonOptions, ListOptions {}

/** Of one connection that is named, unless flags say otherwise; of all connections the latest each. */
const STATUS_RUNS = 20;
const POLL_FIRST_MS = 150;
const POLL_LONGEST_MS = 1000;
/** A pipe gets a line at most this often while nothing but the numbers move. */
const PLAIN_LINE_EVERY_MS = 5000;

/** `usher sync CONNECTION`: starts a sync, or joins the one that runs, and follows it to its end. */
export async function sync(
  context: Context,
  [connection = '']: readonly string[],
  options: SyncOptions,
): Promise<number> {
  const client = await context.client();
  const { run, joined } = await client.read(startedSyncSchema, (usher) => {
    return usher.POST('/v1/connections/{connection}/syncs', { params: { path: { connection } } });
  });
  if (!options.wait) {
    if (context.isJson) context.out.json(run);
    else {
      context.out.line(
        `Sync of ${printable(connection)} ${joined === true ? 'runs already' : 'started'}: ${printable(run.id)}`,
      );
      context.out.note(`Follow it: usher sync ${connection}`);
    }
    return EXIT.ok.code;
  }
  if (joined === true && !context.isJson)
    context.out.note(`A sync of ${printable(connection)} runs already; following it.`);
  return followSync(context, run);
}

/**
 * `usher sync confirm CONNECTION`: says that what a paused sync found is true, and follows it to its end. What is
 * confirmed is the run whose findings are shown here; a newer pull that took its place meanwhile is not.
 */
export async function confirm(
  context: Context,
  [connection = '']: readonly string[],
  options: SyncOptions,
): Promise<number> {
  const client = await context.client();
  const { data } = await client.read(syncRunListSchema, (usher) => {
    return usher.GET('/v1/connections/{connection}/syncs', {
      params: { path: { connection }, query: { page_size: 1 } },
    });
  });
  const [found] = data;
  if (found?.state === 'paused' && !context.isJson) {
    for (const { message } of found.anomalies) context.out.note(printable(message));
    if (context.prompt.isPossible && !(await context.prompt.confirm('Is this true?', false))) {
      throw new Failure('Nothing was changed.', { code: 'notConfirmed', exitCode: ERROR_KINDS.guarded.exitCode });
    }
  }
  const { run } = await client.read(confirmedSyncSchema, (usher) => {
    return found?.state === 'paused'
      ? usher.POST('/v1/syncs/{run}/confirm', { params: { path: { run: found.id } } })
      : usher.POST('/v1/connections/{connection}/syncs/confirm', { params: { path: { connection } } });
  });
  if (options.wait) return followSync(context, run);
  if (context.isJson) context.out.json(run);
  else context.out.line(`Confirmed; the sync ${printable(run.id)} goes on.`);
  return EXIT.ok.code;
}

/** `usher sync status [CONNECTION]`: the latest syncs of a connection, newest first; the latest one of each without. */
export async function status(
  context: Context,
  [connection]: readonly string[],
  options: SyncStatusOptions,
): Promise<number> {
  const client = await context.client();
  const isAsked = options.limit !== undefined || options.all === true;
  const limit = isAsked ? limitOf(options, false) : connection === undefined ? 1 : STATUS_RUNS;
  const runs: SyncRun[] = [];
  let hasMore = false;
  const connections = connection === undefined ? (await allConnections(context)).map(({ id }) => id) : [connection];
  for (const id of connections) {
    const pages = client.pages(
      syncRunSchema,
      (usher, page) => {
        return usher.GET('/v1/connections/{connection}/syncs', { params: { path: { connection: id }, query: page } });
      },
      { limit },
    );
    for await (const page of pages) {
      runs.push(...page.items);
      hasMore = page.hasMore;
    }
  }
  if (context.isJson) {
    context.out.json({ data: runs });
    return EXIT.ok.code;
  }
  if (runs.length === 0) {
    context.out.line('No sync yet.');
    context.out.note(`Start one: usher sync ${connection ?? 'CONNECTION'}`);
    return EXIT.ok.code;
  }
  context.out.table(RUN_COLUMNS)(runs);
  for (const run of runs) explainIfPaused(context, run);
  // Of those before the latest, whatever made them fail may be over.
  for (const run of connection === undefined ? runs : runs.slice(0, 1)) explainIfFailed(context, run);
  if (connection !== undefined && hasMore) {
    context.out.note(`The latest ${runs.length}; there are more: --limit N or --all.`);
  }
  return EXIT.ok.code;
}

const RUN_COLUMNS: readonly Column<SyncRun>[] = [
  { title: 'Connection', value: (run) => run.connection },
  { title: 'State', value: (run) => run.state, isWhole: true },
  { title: 'Started', value: (run) => localTime(run.started_at), isWhole: true },
  { title: 'Finished', value: (run) => localTime(run.finished_at), isExtra: true },
  { title: 'Records', value: (run) => number(run.progress?.records), align: 'right' },
  { title: 'Added', value: (run) => number(run.changes?.added), align: 'right' },
  { title: 'Updated', value: (run) => number(run.changes?.updated), align: 'right' },
  { title: 'Removed', value: (run) => number(run.changes?.removed), align: 'right' },
  { title: 'Run', value: (run) => run.id, isExtra: true },
];

/**
 * Shows a run's progress until it is settled, then how it ended: a bar on a terminal, a plain line now and then on a
 * pipe, the run as one document with `--json`. Returns the exit code: 0 when it succeeded. Ctrl-C stops watching only.
 */
export async function followSync(context: Context, started: SyncRun): Promise<number> {
  const run = await watch(context, started);
  context.out.status(null);
  if (context.isJson) {
    context.out.json(run);
    return exitCodeOf(run);
  }
  const elapsed = elapsedSeconds(run, context.now());
  context.out.line(context.out.isTerminal ? progressLine(run, elapsed) : progressText(run, elapsed));
  explainEnd(context, run);
  return exitCodeOf(run);
}

async function watch(context: Context, started: SyncRun): Promise<SyncRun> {
  const client = await context.client();
  let run = started;
  let pauseMs = POLL_FIRST_MS;
  let plainLineAt = context.now().getTime();
  let shownState = '';
  while (!isSettled(run)) {
    if (!context.isJson) {
      const elapsed = elapsedSeconds(run, context.now());
      context.out.status(progressLine(run, elapsed).slice(0, context.out.statusWidth - 1));
      const stateNow = [run.state, ...run.collections.map(({ id, state }) => `${id} ${state}`)].join();
      const isDue = context.now().getTime() - plainLineAt >= PLAIN_LINE_EVERY_MS;
      if (!context.out.hasStatus && (stateNow !== shownState || isDue)) {
        context.out.note(progressText(run, elapsed));
        plainLineAt = context.now().getTime();
        shownState = stateNow;
      }
    }
    await context.wait(pauseMs);
    pauseMs = Math.min(POLL_LONGEST_MS, pauseMs * 1.3);
    const params = { path: { run: run.id } };
    run = await client.read(syncRunSchema, (usher) => usher.GET('/v1/syncs/{run}', { params }));
  }
  return run;
}

function explainEnd(context: Context, run: SyncRun): void {
  const { out } = context;
  for (const { id, scope, state, reason } of run.collections) {
    if (state === 'partial') {
      const name = scope ? `${id} (${scope})` : id;
      out.line(`  Partial: ${printable(name)}: ${printable(reason ?? 'no reason given')} Nothing of it was removed.`);
    }
  }
  if (run.changes != null && run.is_baseline !== true) {
    const { added, updated, removed, missing } = run.changes;
    out.line(
      `  ${number(added)} added  ${number(updated)} updated  ${number(removed)} removed  ${number(missing)} missing`,
    );
  }
  if (run.state === 'succeeded') out.note(`Look around: usher accounts --connection ${run.connection}`);
  explainIfPaused(context, run);
  if (run.state === 'failed') throw failureOf(run);
}

function exitCodeOf(run: SyncRun): number {
  if (run.state === 'succeeded') return EXIT.ok.code;
  if (run.state === 'paused') return ERROR_KINDS.guarded.exitCode;
  return run.state === 'failed' ? failureOf(run).details.exitCode : EXIT.unexpected.code;
}

function failureOf(run: SyncRun): Failure {
  if (run.error != null) return refused(run.error, run.error.status ?? 0);
  return new Failure(`The sync of ${run.connection} failed.`, {
    code: 'syncFailed',
    exitCode: EXIT.unexpected.code,
    next: 'The log of the server says why.',
  });
}
