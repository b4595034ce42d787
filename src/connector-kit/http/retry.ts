/** How often and how long to try a call that is safe to repeat. */
export interface RetryPolicy {
  /** Attempts at most, the first included; 1: nothing is ever repeated. */
  readonly attempts: number;
  /** The n-th wait is a random time up to `baseMs * 2^(n-1)`, at most `maxMs` (full jitter). */
  readonly baseMs: number;
  readonly maxMs: number;
  /** A longer wait that the app asks for is not waited for, but where a budget allows it: the caller is told instead. */
  readonly maxRetryAfterMs: number;
}

export const defaultRetry: RetryPolicy = { attempts: 4, baseMs: 500, maxMs: 20_000, maxRetryAfterMs: 60_000 };

/** Full-jitter backoff before attempt `attempt + 1`; `random` gives [0, 1). */
export function backoffMs(policy: RetryPolicy, attempt: number, random: () => number): number {
  return Math.floor(random() * Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1)));
}

/** Reads `Retry-After`: seconds, or an HTTP date against `now`; null where absent or senseless. */
function retryAfterMs(headers: Readonly<Record<string, string>>, now: Date): number | null {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return null;
  if (/^\d{1,9}(?:\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now.getTime());
}

/** What an answer says of the budget its call was taken from. */
export interface BudgetSaid {
  /** Calls left. */
  readonly left: number;
  /** Until there is more; null where the app does not say. */
  readonly resetMs: number | null;
}

/**
 * Reads `RateLimit-Remaining` and `RateLimit-Reset` (also with `X-`), or the one-header form
 * `RateLimit: "default";r=0;t=12`; null where the app does not say. A reset in the form of an epoch time is understood
 * as well.
 */
export function budgetSaid(headers: Readonly<Record<string, string>>, now: Date): BudgetSaid | null {
  const combined = headers['ratelimit'] ?? '';
  const remaining =
    headers['ratelimit-remaining'] ?? headers['x-ratelimit-remaining'] ?? /\br=(\d+)/.exec(combined)?.[1];
  const left = remaining === undefined || remaining.trim() === '' ? Number.NaN : Number(remaining);
  return Number.isFinite(left) && left >= 0 ? { left, resetMs: resetMs(headers, now) } : null;
}

/**
 * How long a refused call should wait, as far as the answer says: `Retry-After`, and for a 429 without it
 * `RateLimit-Reset`. null where it does not.
 */
export function waitAskedMs(status: number, headers: Readonly<Record<string, string>>, now: Date): number | null {
  return retryAfterMs(headers, now) ?? (status === 429 ? resetMs(headers, now) : null);
}

function resetMs(headers: Readonly<Record<string, string>>, now: Date): number | null {
  const reset =
    headers['ratelimit-reset'] ?? headers['x-ratelimit-reset'] ?? /\bt=(\d+)/.exec(headers['ratelimit'] ?? '')?.[1];
  const seconds = reset === undefined || reset.trim() === '' ? Number.NaN : Number(reset);
  if (!Number.isFinite(seconds) || seconds < 0) return null;
  const isEpoch = seconds > 1_000_000_000;
  return Math.max(0, isEpoch ? seconds * 1000 - now.getTime() : seconds * 1000);
}

/** Waits, unless the signal aborts first: then rejects with its reason. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const done = (): void => {
      signal.removeEventListener('abort', stop);
      resolve();
    };
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
