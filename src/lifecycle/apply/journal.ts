import { setImmediate as immediate } from 'node:timers/promises';

/** Gathers what is written at the same time into one write: whoever asks waits until theirs is durable. */
export interface GroupWriter<Item> {
  /** Resolves when all of these are written; rejects with the error of the write that failed. */
  write(items: readonly Item[]): Promise<void>;
  /** Resolves while there is room for more behind them; rejects once a write has failed, of these or of those before. */
  writeBehind(items: readonly Item[]): Promise<void>;
  /** Resolves when nothing is waiting or under way; never rejects. */
  idle(): Promise<void>;
  /** The same, and rejects where one that was written behind has failed. */
  settled(): Promise<void>;
}

interface Waiting<Item> {
  readonly items: readonly Item[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** How much goes into a write, and what is written beside it. */
export interface GroupWriterOptions {
  /** Items that one write takes at most; so many may wait behind it as well. */
  readonly limit: number;
  /** Writes that are under way at most. */
  readonly width: number;
  /** As many items must wait before another write is begun beside one that is under way. */
  readonly besideFrom: number;
}

/** A writer that gathers: what comes in while its writes are under way goes with the next one. */
export function groupWriter<Item>(
  flush: (items: readonly Item[]) => Promise<void>,
  { limit, width, besideFrom }: GroupWriterOptions,
): GroupWriter<Item> {
  const waiting: Waiting<Item>[] = [];
  const running = new Set<Promise<void>>();
  const state: { busy: number; failure: { readonly error: unknown } | null } = { busy: 0, failure: null };
  const waits = (): number => waiting.reduce((sum, { items }) => sum + items.length, 0);

  /** The next write: whole requests, in their order, as many as fit. */
  const takeBatch = (): readonly Waiting<Item>[] => {
    let size = 0;
    let count = 0;
    for (const { items } of waiting) {
      if (count > 0 && size + items.length > limit) break;
      size += items.length;
      count += 1;
    }
    return waiting.splice(0, count);
  };

  const drain = async (): Promise<void> => {
    state.busy += 1;
    // What comes in the same moment goes along.
    await immediate();
    while (waiting.length > 0) {
      const batch = takeBatch();
      try {
        await flush(batch.flatMap(({ items }) => items));
        for (const each of batch) each.resolve();
      } catch (error) {
        for (const each of batch) each.reject(error);
      }
    }
    state.busy -= 1;
  };
  const begin = (): void => {
    if (state.busy >= width || (state.busy > 0 && waits() < besideFrom)) return;
    const one: Promise<void> = drain().finally(() => running.delete(one));
    running.add(one);
  };

  const write = (items: readonly Item[]): Promise<void> => {
    if (items.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      waiting.push({ items, resolve, reject });
      begin();
    });
  };
  const throwFailure = (): void => {
    if (state.failure !== null) throw state.failure.error;
  };
  const idle = async (): Promise<void> => {
    while (running.size > 0) await Promise.all(running);
  };

  return {
    write,
    async writeBehind(items) {
      throwFailure();
      const written = write(items).catch((error: unknown) => {
        state.failure ??= { error };
      });
      if (waits() > limit) await written;
      throwFailure();
    },
    idle,
    async settled() {
      await idle();
      // Whoever failed has been told by now.
      await Promise.resolve();
      throwFailure();
    },
  };
}
