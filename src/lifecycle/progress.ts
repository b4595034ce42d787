import type { Caller } from '../model/access.ts';
import { progressAfter, type ProgressRow, runById, type RunRow } from '../store/lifecycle/runs.ts';
import type { Database } from '../store/open.ts';
import type { Reading } from './reading.ts';
import type { RunProgress } from './surface.ts';
import { isRunEnd, viewRunChange } from './views.ts';

/** What following a run needs of the world. */
export interface ProgressDependencies {
  readonly database: Pick<Database, 'pool'>;
  readonly reading: Pick<Reading, 'findRun' | 'viewRun'>;
  /** Waits; rejects when aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

const POLL_MS = 300;
const PAGE = 1000;
/** Positions are given before they are committed: so many are read again, for so many polls (about five seconds). */
const REREAD_POSITIONS = 500;
const REREAD_POLLS = 16;

/**
 * Follows a run from a position: the run, then every change as it goes on and the run whenever its state is another, and
 * the run when it has ended. A position that was committed late is told late, at the latest at the end; going on after an
 * interruption may tell a few changes again. Ends quietly when `signal` is aborted. Throws `notFound`.
 */
export async function* followRun(
  { database: { pool }, reading, wait }: ProgressDependencies,
  request: { readonly id: string; readonly after: number; readonly by: Caller; readonly signal: AbortSignal },
): AsyncGenerator<RunProgress, void, void> {
  const { after, by, signal } = request;
  const { id } = await reading.findRun(request.id, by);
  const start = Math.max(0, after - REREAD_POSITIONS);
  const told = new Told(after);
  let shown: string | null = null;
  while (!signal.aborted) {
    // Read before its changes: when it has ended, all of them are there.
    const run = await runById(pool, id);
    if (run === null) return; // removed with its connection
    const hasEnded = isRunEnd(run.state);
    if (shown === null) {
      yield { kind: 'run', run: await reading.viewRun(id) };
      shown = faceOf(run);
    }
    for await (const row of changesAfter(pool, id, hasEnded ? start : Math.max(start, told.floor()))) {
      if (signal.aborted) return;
      if (told.isNew(row)) yield { kind: 'change', position: row.seq, change: viewRunChange(row) };
    }
    if (hasEnded || faceOf(run) !== shown) yield { kind: 'run', run: await reading.viewRun(id) };
    if (hasEnded) return;
    shown = faceOf(run);
    await wait(POLL_MS, signal).catch(() => undefined);
  }
}

async function* changesAfter(pool: Database['pool'], runId: string, from: number): AsyncGenerator<ProgressRow> {
  let position = from;
  for (;;) {
    const rows = await progressAfter(pool, runId, position, PAGE);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    position = last.seq;
  }
}

/** What of a run is told again when it changes. */
function faceOf({ state, pauseRequested, cancelRequested, reason }: RunRow): string {
  return JSON.stringify([state, pauseRequested, cancelRequested, reason]);
}

/** Remembers what was told, and from where to read on. */
class Told {
  private readonly positions = new Map<number, number>();
  private readonly highest: number[] = [];
  private last: number;

  constructor(after: number) {
    this.last = after;
  }

  /** Where the next poll begins: what was read lately is read again. Call it once a poll. */
  floor(): number {
    this.highest.push(this.last);
    const settled = this.highest.length > REREAD_POLLS ? this.highest.shift() : this.highest[0];
    return Math.max(settled ?? 0, this.last - REREAD_POSITIONS);
  }

  /** Whether a row is to be told: its position is another than the one it was told with. */
  isNew({ ordinal, seq }: ProgressRow): boolean {
    if (this.positions.get(ordinal) === seq) return false;
    this.positions.set(ordinal, seq);
    this.last = Math.max(this.last, seq);
    return true;
  }
}
