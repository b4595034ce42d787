import { UsherError } from '../model/errors.ts';
import type { Queryable } from './principals.ts';

/** A block of slots leased: slot i may be used `startsInMs + i * spacingMs` after the call. */
export interface RateLease {
  readonly slots: number;
  readonly startsInMs: number;
  readonly spacingMs: number;
}

/**
 * Leases `slots` calls of a connection's budget at `ratePerSecond`, for all processes on this database: one row holds
 * the time from which on slots are free and every lease moves it on (the generic cell rate algorithm without burst).
 * All on the database's clock; the answer is a duration, so the clocks of the processes do not matter.
 * Throws `notFound` when the connection was removed: who still works for it should stop.
 */
export async function leaseRate(
  on: Queryable,
  connectionId: string,
  functionality: string,
  slots: number,
  ratePerSecond: number,
): Promise<RateLease> {
  const spacingMs = 1000 / ratePerSecond;
  const { rows } = await on.query<{ startsInMs: number }>(
    `insert into rate_budget as budget (connection_id, functionality, free_at)
     select $1, $2, clock_timestamp() + $3 * interval '1 millisecond' where exists (select from connection where id = $1)
     on conflict (connection_id, functionality) do update
       set free_at = greatest(budget.free_at, clock_timestamp()) + $3 * interval '1 millisecond'
     returning greatest(0, extract(epoch from free_at - $3 * interval '1 millisecond' - clock_timestamp()) * 1000)::float8
       as "startsInMs"`,
    [connectionId, functionality, slots * spacingMs],
  );
  const [lease] = rows;
  if (lease !== undefined) return { slots, startsInMs: lease.startsInMs, spacingMs };
  throw new UsherError('notFound', `The connection ${connectionId} was removed.`, { connection: connectionId });
}

/** Nobody starts a call before `ms` from now: the app said that the budget is used up. Never shortens a wait. */
export async function holdRate(on: Queryable, connectionId: string, functionality: string, ms: number): Promise<void> {
  await on.query(
    `insert into rate_budget as budget (connection_id, functionality, free_at)
     select $1, $2, clock_timestamp() + $3 * interval '1 millisecond' where exists (select from connection where id = $1)
     on conflict (connection_id, functionality) do update set free_at = greatest(budget.free_at, excluded.free_at)`,
    [connectionId, functionality, ms],
  );
}
