import { sleep as realSleep } from './http/retry.ts';

/** Slots in a row: slot i may be used `startsInMs + i * spacingMs` after the lease was taken. */
export interface Lease {
  readonly slots: number;
  /** From the moment of the call, not a clock time: leases are taken on the database's clock, waits on ours. */
  readonly startsInMs: number;
  readonly spacingMs: number;
}

/** Takes a block of slots from the budget all processes share; `functionality` is a key of the connector's rates. */
export type LeaseBlock = (functionality: string, slots: number) => Promise<Lease>;

/** Keeps to a rate. */
export interface Limiter {
  /** Resolves when one call of this functionality may start; rejects with the signal's reason when aborted. */
  acquire(functionality: string, signal: AbortSignal): Promise<void>;
  /** Nobody starts a call of this functionality for that long: the app said that its budget is used up. */
  hold(functionality: string, ms: number): void;
}

/** Requests a second by functionality; one that is not named shares the budget of `default`. */
export type Rates = Readonly<Record<string, number>> & { readonly default: number };

export interface LimiterOptions {
  readonly rates: Rates;
  readonly leaseBlock: LeaseBlock;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** A block holds this much time's worth of slots: small enough to share among processes, large enough to cost nothing. */
const BLOCK_MS = 100;
const MAX_BLOCK = 10_000;
/** Shorter waits are not slept: a timer is no finer. */
const MIN_SLEEP_MS = 1;

/** How many slots to lease at once for this rate: 1 up to 19 a second, 10,000 from 100,000 a second on. */
export function blockSize(ratePerSecond: number): number {
  return Math.max(1, Math.min(MAX_BLOCK, Math.floor((ratePerSecond * BLOCK_MS) / 1000)));
}

/**
 * A limiter that leases its budget in blocks. Callers of one functionality start in the order they asked. A block's
 * slots expire with its time, so that an idle process cannot save up a burst.
 */
export function createLimiter(options: LimiterOptions): Limiter {
  const nowMs = options.nowMs ?? (() => performance.now());
  const sleep = options.sleep ?? realSleep;
  const buckets = new Map<string, Bucket>();
  const bucketOf = (functionality: string): Bucket => {
    const name = Object.hasOwn(options.rates, functionality) ? functionality : 'default';
    let bucket = buckets.get(name);
    if (bucket === undefined) {
      const slots = blockSize(options.rates[name] ?? options.rates.default);
      bucket = createBucket(() => options.leaseBlock(name, slots), nowMs, sleep);
      buckets.set(name, bucket);
    }
    return bucket;
  };
  return {
    acquire: (functionality, signal) => bucketOf(functionality).acquire(signal),
    hold: (functionality, ms) => bucketOf(functionality).hold(ms),
  };
}

type Bucket = { acquire(signal: AbortSignal): Promise<void>; hold(ms: number): void };

function createBucket(
  lease: () => Promise<Lease>,
  nowMs: () => number,
  sleep: (ms: number, signal: AbortSignal) => Promise<void>,
): Bucket {
  let nextMs = 0;
  let spacingMs = 0;
  let left = 0;
  let endsMs = 0;
  let heldUntilMs = 0;
  let queue: Promise<unknown> = Promise.resolve();

  /** The moment of the next slot, from the block in hand or a new one. */
  const takeSlot = async (): Promise<number> => {
    if (left === 0 || nowMs() > endsMs) {
      const askedMs = nowMs();
      const block = await lease();
      nextMs = askedMs + block.startsInMs;
      spacingMs = block.spacingMs;
      left = block.slots;
      // What is left when its time is over has been lost to others already, unless the lease itself was slow.
      endsMs = Math.max(nextMs + block.slots * block.spacingMs, nowMs() + block.spacingMs);
    }
    const slotMs = nextMs;
    nextMs += spacingMs;
    left -= 1;
    return slotMs;
  };
  const turn = async (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    const slotMs = Math.max(await takeSlot(), heldUntilMs);
    const waitMs = slotMs - nowMs();
    if (waitMs >= MIN_SLEEP_MS) await sleep(waitMs, signal);
  };
  return {
    acquire(signal) {
      const mine = queue.then(() => turn(signal));
      queue = mine.catch(() => undefined);
      return mine;
    },
    hold(ms) {
      heldUntilMs = Math.max(heldUntilMs, nowMs() + ms);
    },
  };
}

/**
 * Leases without a database: for tests, and for a process that has the connection to itself. The same arithmetic as the
 * shared row: one time from which on slots are free, moved on by every lease.
 */
export function localLeases(rates: Rates, nowMs: () => number = () => performance.now()): LeaseBlock {
  const freeFromMs = new Map<string, number>();
  return async (functionality, slots) => {
    const spacingMs = 1000 / (rates[functionality] ?? rates.default);
    const now = nowMs();
    const startsAtMs = Math.max(now, freeFromMs.get(functionality) ?? now);
    freeFromMs.set(functionality, startsAtMs + slots * spacingMs);
    return { slots, startsInMs: startsAtMs - now, spacingMs };
  };
}
