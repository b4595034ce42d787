/** Gathers what is written at the same time into one write: whoever asks waits until theirs is durable. */
export interface GroupWriter<Item> {
  /** Resolves when all of these are written; rejects with the error of the write that failed. */
  write(items: readonly Item[]): Promise<void>;
  /** Resolves when nothing is waiting or under way; never rejects. */
  idle(): Promise<void>;
}

/** A writer that never has two writes under way; what comes in meanwhile goes with the next one, `limit` at most. */
export function groupWriter<Item>(flush: (items: readonly Item[]) => Promise<void>, limit = 500): GroupWriter<Item> {
  let waiting: { readonly items: readonly Item[]; resolve(): void; reject(error: unknown): void }[] = [];
  let running: Promise<void> | null = null;

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch: typeof waiting = [];
      let size = 0;
      while (waiting[0] !== undefined && (size === 0 || size + waiting[0].items.length <= limit)) {
        const next = waiting.shift();
        if (next === undefined) break;
        batch.push(next);
        size += next.items.length;
      }
      try {
        await flush(batch.flatMap(({ items }) => items));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running = null;
  };

  return {
    write(items) {
      if (items.length === 0) return Promise.resolve();
      return new Promise((resolve, reject) => {
        waiting.push({ items, resolve, reject });
        running ??= drain();
      });
    },
    idle: async () => {
      while (running !== null) await running;
    },
  };
}

/** Lets so many at a time pass; the others wait in their order. */
export interface Gate {
  pass<T>(work: () => Promise<T>): Promise<T>;
}

/** A gate for `width` at a time. */
export function gate(width: number): Gate {
  let free = width;
  const waiting: (() => void)[] = [];
  return {
    async pass(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}

/** Runs `work` for each item, `width` at a time; stops taking new ones when `mayGoOn` says no. The first error is thrown. */
export async function inParallel<Item>(
  items: readonly Item[],
  width: number,
  mayGoOn: () => boolean,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failure: { readonly error: unknown } | null = null;
  const worker = async (): Promise<void> => {
    for (;;) {
      const item = items[next];
      if (item === undefined || failure !== null || !mayGoOn()) return;
      next += 1;
      try {
        await work(item);
      } catch (error) {
        failure ??= { error };
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
}
