/** Works on items side by side, as they come. */
export interface Lanes<Item> {
  /** Resolves when all of these have been begun, or nothing more is to be. Throws the first failure so far. */
  add(items: readonly Item[]): Promise<void>;
  /** Resolves when nothing is under way; throws the first failure. */
  drained(): Promise<void>;
}

/**
 * Lanes for `width` items at a time. Nothing new is begun when `mayGoOn` says no, or when one has failed; those that have
 * begun are waited for.
 */
export function lanes<Item>(width: number, mayGoOn: () => boolean, work: (item: Item) => Promise<void>): Lanes<Item> {
  const busy = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const begin = (item: Item): void => {
    const lane: Promise<void> = work(item)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => busy.delete(lane));
    busy.add(lane);
  };
  const drained = async (): Promise<void> => {
    await Promise.all(busy);
    if (failures.length > 0) throw failures[0];
  };
  return {
    async add(items) {
      for (const item of items) {
        while (busy.size >= width) await Promise.race(busy);
        if (failures.length > 0) await drained();
        if (!mayGoOn()) return;
        begin(item);
      }
    },
    drained,
  };
}
