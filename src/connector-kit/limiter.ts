import { sleep as realSleep } from './http/retry.ts';

/** A budget as apps document it: so many calls at once, and so many a second from then on (a token bucket). */
export interface RateBudget {
  readonly perSecond: number;
  /** That many may start at once after a rest. */
  readonly burst: number;
  /**
   * On `default` alone: a functionality that is not named has a budget of its own of this size. Absent: all that are not
   * named share one.
   */
  readonly perFunctionality?: true;
  /** How long the app is waited for when it says that the budget is used up; a minute where absent, an hour at most. */
  readonly maxWaitMs?: number;
}

/** A number: calls a second, evenly spaced. */
export type Rate = number | RateBudget;

/** Rates by functionality; one that is not named shares the budget of `default`, or has one of its own like it. */
export type Rates = Readonly<Record<string, Rate>> & { readonly default: Rate };

/** What a functionality takes its calls from. */
export interface Budget {
  /** The same for all functionalities that share it. */
  readonly name: string;
  readonly perSecond: number;
  /** 1: evenly spaced. */
  readonly burst: number;
  /** null: the app has not said how much it grants, so what it says of a single call is waited for as of any app. */
  readonly maxWaitMs: number | null;
}

/** Slots in a row: slot i may be used `startsInMs + i * spacingMs` after the lease was taken. */
export interface Lease {
  readonly slots: number;
  /**
   * From the moment of the call, not a clock time: leases are taken on the database's clock, waits on ours. Negative
   * where calls may start at once and more of them after.
   */
  readonly startsInMs: number;
  readonly spacingMs: number;
  /** What is not used by then is lost: others count on it. */
  readonly endsInMs: number;
  /** How far ahead of now the budget is spoken for with this lease. */
  readonly aheadMs: number;
}

/** Takes a block of slots from the budget all processes share. */
export type LeaseBlock = (budget: Budget, slots: number) => Promise<Lease>;

/** Where the slots come from. */
export interface Leases {
  readonly leaseBlock: LeaseBlock;
  /** Takes so much time's worth away from the budget that it is free no earlier than `aheadMs` from now, before burst. */
  readonly pushBack: (budget: Budget, aheadMs: number) => void;
}

/** Keeps to a rate. */
export interface Limiter {
  /** Resolves when one call of this functionality may start; rejects with the signal's reason when aborted. */
  acquire(functionality: string, signal: AbortSignal): Promise<void>;
  /** Nobody starts a call of this functionality for that long: the app said that its budget is used up. */
  hold(functionality: string, ms: number): void;
  /** The app said how many calls are left. Fewer than believed: somebody else uses the same key, so it is believed. */
  told(functionality: string, left: number): void;
  budget(functionality: string): Budget;
}

export interface LimiterOptions extends Leases {
  readonly rates: Rates;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** A block holds this much time's worth of slots: small enough to share among processes, large enough to cost nothing. */
const BLOCK_MS = 100;
const MAX_BLOCK = 10_000;
/** Shorter waits are not slept: a timer is no finer. */
const MIN_SLEEP_MS = 1;
const DEFAULT_WAIT_MS = 60_000;
const MAX_WAIT_MS = 3_600_000;

/** How many slots to lease at once for this rate: 1 up to 19 a second, 10,000 from 100,000 a second on. */
export function blockSize(ratePerSecond: number): number {
  return Math.max(1, Math.min(MAX_BLOCK, Math.floor((ratePerSecond * BLOCK_MS) / 1000)));
}

/** The budget a functionality takes its calls from. */
export function budgetOf(rates: Rates, functionality: string): Budget {
  const own = Object.hasOwn(rates, functionality) ? rates[functionality] : undefined;
  const rate = own ?? rates.default;
  if (typeof rate === 'number') {
    return { name: own === undefined ? 'default' : functionality, perSecond: rate, burst: 1, maxWaitMs: null };
  }
  const hasItsOwn = own !== undefined || rate.perFunctionality === true;
  return {
    name: hasItsOwn ? functionality : 'default',
    perSecond: rate.perSecond,
    burst: Math.max(1, Math.floor(rate.burst)),
    maxWaitMs: Math.min(rate.maxWaitMs ?? DEFAULT_WAIT_MS, MAX_WAIT_MS),
  };
}

/**
 * When slots leased together may be used, from how far ahead of now the budget was spoken for (in ms, 0: not at all). A
 * burst is what may run ahead of that line; a block's own slots count in it, as they may all be used late, at its end.
 * Without a burst a block is as exact as a timer: what it is late with is made up for by its end.
 */
export function leaseAt(budget: Pick<Budget, 'perSecond' | 'burst'>, slots: number, aheadMs: number): Lease {
  const spacingMs = 1000 / budget.perSecond;
  const startsInMs = aheadMs - Math.max(0, budget.burst - slots) * spacingMs;
  const lastMs = (budget.burst === 1 ? slots : slots - 1) * spacingMs;
  return { slots, startsInMs, spacingMs, endsInMs: aheadMs + lastMs, aheadMs: aheadMs + slots * spacingMs };
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
    const budget = budgetOf(options.rates, functionality);
    let bucket = buckets.get(budget.name);
    if (bucket === undefined) {
      bucket = createBucket(budget, options, nowMs, sleep);
      buckets.set(budget.name, bucket);
    }
    return bucket;
  };
  return {
    acquire: (functionality, signal) => bucketOf(functionality).acquire(signal),
    hold: (functionality, ms) => bucketOf(functionality).hold(ms),
    told: (functionality, left) => bucketOf(functionality).told(left),
    budget: (functionality) => bucketOf(functionality).budget,
  };
}

type Bucket = {
  readonly budget: Budget;
  acquire(signal: AbortSignal): Promise<void>;
  hold(ms: number): void;
  told(left: number): void;
};

function createBucket(
  budget: Budget,
  { leaseBlock, pushBack }: Leases,
  nowMs: () => number,
  sleep: (ms: number, signal: AbortSignal) => Promise<void>,
): Bucket {
  const spacingMs = 1000 / budget.perSecond;
  const most = budget.burst === 1 ? MAX_BLOCK : Math.max(1, Math.floor(budget.burst / 10));
  const slots = Math.min(blockSize(budget.perSecond), most);
  let nextMs = 0;
  let left = 0;
  let endsMs = 0;
  let heldUntilMs = 0;
  /** Until then the budget is spoken for, as far as this process knows: others may have taken more. */
  let spokenForMs = 0;
  let queue: Promise<unknown> = Promise.resolve();

  /** The moment of the next slot, from the block in hand or a new one. */
  const takeSlot = async (): Promise<number> => {
    if (left === 0 || nowMs() > endsMs) {
      const askedMs = nowMs();
      const block = await leaseBlock(budget, slots);
      nextMs = askedMs + block.startsInMs;
      left = block.slots;
      spokenForMs = Math.max(spokenForMs, askedMs + block.aheadMs);
      // What is left when its time is over has been lost to others already, unless the lease itself was slow.
      endsMs = Math.max(askedMs + block.endsInMs, nowMs() + block.spacingMs);
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
  const speakFor = (aheadMs: number): void => {
    spokenForMs = Math.max(spokenForMs, nowMs() + aheadMs);
    pushBack(budget, aheadMs);
  };
  return {
    budget,
    acquire(signal) {
      const mine = queue.then(() => turn(signal));
      queue = mine.catch(() => undefined);
      return mine;
    },
    hold(ms) {
      if (ms <= 0) return;
      heldUntilMs = Math.max(heldUntilMs, nowMs() + ms);
      left = 0;
      speakFor(ms + Math.max(0, budget.burst - slots) * spacingMs);
    },
    told(appLeft) {
      const believed = budget.burst - Math.max(0, spokenForMs - nowMs()) / spacingMs;
      // One beside is not somebody else: the app counts at another moment than we do.
      if (budget.burst === 1 || appLeft + 1 >= believed) return;
      left = 0;
      speakFor((budget.burst - appLeft) * spacingMs);
    },
  };
}

/**
 * Leases without a database: for tests, and for a process that has the connection to itself. The same arithmetic as the
 * shared row: one time up to which the budget is spoken for, moved on by every lease.
 */
export function localLeases(nowMs: () => number = () => performance.now()): Leases {
  const spokenForMs = new Map<string, number>();
  return {
    leaseBlock: async (budget, slots) => {
      const now = nowMs();
      const aheadMs = Math.max(0, (spokenForMs.get(budget.name) ?? now) - now);
      const lease = leaseAt(budget, slots, aheadMs);
      spokenForMs.set(budget.name, now + lease.aheadMs);
      return lease;
    },
    pushBack(budget, aheadMs) {
      const now = nowMs();
      spokenForMs.set(budget.name, Math.max(spokenForMs.get(budget.name) ?? now, now + aheadMs));
    },
  };
}
