/** How much may be asked: so many at once, refilled at so many a second. */
export interface Allowance {
  readonly perSecond: number;
  readonly burst: number;
}

/** What a bucket says after it was asked. */
export interface BucketState {
  /** How many more may follow at once. */
  readonly remaining: number;
  /** Until the bucket is full again. */
  readonly resetMs: number;
  /** 0: it may pass. Otherwise how long to wait. */
  readonly waitMs: number;
}

export interface Buckets {
  /** Takes one from the bucket of a key, where there is one to take. */
  take(key: string): BucketState;
  /** Whether the bucket of a key is empty, without taking anything; the wait in milliseconds, 0 where it is not. */
  waitMs(key: string): number;
}

const MAX_KEYS = 10_000;

/**
 * A token bucket a key, each kept as one number: when it will be full again (the generic cell rate algorithm), so a
 * request costs a look-up and a few sums. A bucket that is full needs no memory. `nowMs` is any clock that never goes back.
 */
export function createBuckets({ perSecond, burst }: Allowance, nowMs: () => number): Buckets {
  const interval = 1000 / perSecond;
  const depth = burst * interval;
  const fullAt = new Map<string, number>();
  const tidy = (now: number): void => {
    for (const [key, at] of fullAt) if (at <= now) fullAt.delete(key);
    if (fullAt.size < MAX_KEYS) return;
    // More keys in use than are kept: the oldest half is forgotten, which is generous to them and bounded for us.
    const keys = fullAt.keys();
    for (let dropped = 0; dropped < MAX_KEYS / 2; dropped += 1) fullAt.delete(keys.next().value ?? '');
  };
  return {
    take(key) {
      const now = nowMs();
      const from = Math.max(fullAt.get(key) ?? 0, now);
      const next = from + interval;
      if (next - now > depth) return { remaining: 0, resetMs: from - now, waitMs: next - now - depth };
      if (fullAt.size >= MAX_KEYS && !fullAt.has(key)) tidy(now);
      fullAt.set(key, next);
      return { remaining: Math.floor((depth - (next - now)) / interval), resetMs: next - now, waitMs: 0 };
    },
    waitMs(key) {
      const now = nowMs();
      const from = Math.max(fullAt.get(key) ?? 0, now);
      return Math.max(0, from + interval - now - depth);
    },
  };
}
