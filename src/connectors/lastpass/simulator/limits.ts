import type { Clock } from '../../../connector-kit/connector.ts';

/** Counts what happened within the last second, by key. */
export interface SecondLimiter {
  /** Counts one more; false where that is more than `most` within a second. */
  allows(key: string, most: number): boolean;
}

/** A limiter by the simulator's clock. */
export function secondLimiter(clock: Clock): SecondLimiter {
  const recent = new Map<string, number[]>();
  return {
    allows(key, most) {
      const now = clock.now().getTime();
      const kept = (recent.get(key) ?? []).filter((at) => at > now - 1_000);
      if (kept.length >= most) return false;
      recent.set(key, [...kept, now]);
      return true;
    },
  };
}
