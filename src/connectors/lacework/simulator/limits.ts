import type { Clock } from '../../../connector-kit/connector.ts';
import type { LaceworkSwitches } from './switches.ts';

/** What `RateLimit-*` headers say after a request. */
export interface RateStanding {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until a request is possible. */
  readonly resetSeconds: number;
}

/** Counts requests, a bucket for each user and functionality. */
export interface RateLimiter {
  /** Takes a request from a bucket; null where nothing is limited. */
  take(bucket: string, perHour: LaceworkSwitches['rateLimitPerHour']): RateStanding | null;
}

interface Bucket {
  tokens: number;
  at: number;
}

const HOUR_MS = 3_600_000;

/** Token buckets as the reference describes: as many as an hour allows, filled again evenly. */
export function rateLimiter(clock: Clock): RateLimiter {
  const buckets = new Map<string, Bucket>();
  return {
    take(name, perHour) {
      if (perHour === 'off') return null;
      const now = clock.now().getTime();
      const bucket = buckets.get(name) ?? { tokens: perHour, at: now };
      const gained = (Math.max(0, now - bucket.at) / HOUR_MS) * perHour;
      const tokens = Math.min(perHour, bucket.tokens + gained);
      const isAllowed = tokens >= 1;
      const left = isAllowed ? tokens - 1 : tokens;
      buckets.set(name, { tokens: left, at: now });
      return {
        isAllowed,
        limit: perHour,
        remaining: Math.floor(left),
        resetSeconds: left >= 1 ? 0 : Math.ceil(((1 - left) * HOUR_MS) / perHour / 1_000),
      };
    },
  };
}
