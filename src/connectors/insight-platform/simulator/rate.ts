import type { Clock } from '../../../connector-kit/connector.ts';

/** Counts calls by key in windows of a minute, as the gateway does. */
export interface MinuteBudget {
  take(
    key: string,
    limit: number,
  ): { readonly isExceeded: boolean; readonly remaining: number; readonly resetSeconds: number };
}

const MINUTE_MS = 60_000;

/** A budget a minute, by the simulator's clock. */
export function minuteBudget(clock: Clock): MinuteBudget {
  let minute = -1;
  const used = new Map<string, number>();
  return {
    take(key, limit) {
      const now = clock.now().getTime();
      const current = Math.floor(now / MINUTE_MS);
      if (current !== minute) {
        minute = current;
        used.clear();
      }
      const count = (used.get(key) ?? 0) + 1;
      used.set(key, count);
      const resetSeconds = Math.max(1, Math.ceil(((current + 1) * MINUTE_MS - now) / 1000));
      return { isExceeded: count > limit, remaining: Math.max(0, limit - count), resetSeconds };
    },
  };
}
