import type { HttpRequest } from './http/types.ts';

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
  acquire(functionality: NonNullable<HttpRequest['functionality']>, signal: AbortSignal): Promise<void>;
}
