/** Gathers what is written at the same time into one write: whoever asks waits until theirs is durable. */
export interface GroupWriter<Item> {
  /** Resolves when all of these are written; rejects with the error of the write that failed. */
  write(items: readonly Item[]): Promise<void>;
  /** Resolves when nothing is waiting or under way; never rejects. */
  idle(): Promise<void>;
}

interface Waiting<Item> {
  readonly items: readonly Item[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A writer that never has two writes under way; what comes in meanwhile goes with the next one, `limit` at most. */
export function groupWriter<Item>(flush: (items: readonly Item[]) => Promise<void>, limit = 500): GroupWriter<Item> {
  const waiting: Waiting<Item>[] = [];
  const state: { running: Promise<void> | null } = { running: null };

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
    while (waiting.length > 0) {
      const batch = takeBatch();
      try {
        await flush(batch.flatMap(({ items }) => items));
        for (const each of batch) each.resolve();
      } catch (error) {
        for (const each of batch) each.reject(error);
      }
    }
    state.running = null;
  };

  return {
    write(items) {
      if (items.length === 0) return Promise.resolve();
      return new Promise((resolve, reject) => {
        waiting.push({ items, resolve, reject });
        state.running ??= drain();
      });
    },
    idle: async () => {
      while (state.running !== null) await state.running;
    },
  };
}

/**
 * Runs `work` for each item, `width` at a time, and stops taking new ones when `mayGoOn` says no, or one has failed. Waits
 * for all that began; throws the first failure.
 */
export async function inParallel<Item>(
  items: readonly Item[],
  width: number,
  mayGoOn: () => boolean,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const remaining = items.values();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const item of remaining) {
      if (failures.length > 0 || !mayGoOn()) return;
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
