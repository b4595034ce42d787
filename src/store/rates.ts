import { UsherError } from '../model/errors.ts';
import type { Queryable } from './principals.ts';

/** A budget of a connection: so many calls at once, and so many a second from then on. */
export interface SharedBudget {
  readonly name: string;
  readonly perSecond: number;
  /** 1: evenly spaced. */
  readonly burst: number;
}

/**
 * Leases `slots` calls of a connection's budget, for all processes on this database, and returns how far ahead of now, in
 * ms, the budget was spoken for before (0: not at all). One row holds up to when that is and every lease moves it on (the
 * generic cell rate algorithm; a burst may run ahead of that line). All on the database's clock; the answer is a duration,
 * so the clocks of the processes do not matter.
 * Throws `notFound` when the connection was removed: who still works for it should stop.
 */
export async function leaseRate(
  on: Queryable,
  connectionId: string,
  budget: SharedBudget,
  slots: number,
): Promise<number> {
  const { rows } = await on.query<{ aheadMs: number }>(
    `insert into rate_budget as budget (connection_id, functionality, free_at, burst, per_second)
     select $1, $2, clock_timestamp() + $3 * interval '1 millisecond', $4, $5
       where exists (select from connection where id = $1)
     on conflict (connection_id, functionality) do update
       set free_at = greatest(budget.free_at, clock_timestamp()) + $3 * interval '1 millisecond',
         burst = excluded.burst, per_second = excluded.per_second
     returning greatest(0, extract(epoch from free_at - $3 * interval '1 millisecond' - clock_timestamp()) * 1000)::float8
       as "aheadMs"`,
    [connectionId, budget.name, (slots * 1000) / budget.perSecond, budget.burst, budget.perSecond],
  );
  const [row] = rows;
  if (row !== undefined) return row.aheadMs;
  throw new UsherError('notFound', `The connection ${connectionId} was removed.`, { connection: connectionId });
}

/** The budget is spoken for until `aheadMs` from now at least: the app said that less is left. Never gives any back. */
export async function pushRateBack(
  on: Queryable,
  connectionId: string,
  budget: SharedBudget,
  aheadMs: number,
): Promise<void> {
  await on.query(
    `insert into rate_budget as budget (connection_id, functionality, free_at, burst, per_second)
     select $1, $2, clock_timestamp() + $3 * interval '1 millisecond', $4, $5
       where exists (select from connection where id = $1)
     on conflict (connection_id, functionality) do update set free_at = greatest(budget.free_at, excluded.free_at)`,
    [connectionId, budget.name, aheadMs, budget.burst, budget.perSecond],
  );
}

/** What is left of a budget, as far as this instance and the app's own word tell. */
export interface BudgetLeft {
  readonly connectionId: string;
  readonly functionality: string;
  /** Calls at once after a rest. */
  readonly limit: number;
  readonly left: number;
  /** Until all of it is there again; 0: it is. */
  readonly resetSeconds: number;
  /** ISO 8601, UTC, by the database's clock. */
  readonly asOf: string;
}

/** The budgets of one connection (null: of all) as they are now, by connection and functionality. Plain rates are none. */
export async function budgetsLeft(on: Queryable, connectionId: string | null): Promise<readonly BudgetLeft[]> {
  const { rows } = await on.query<BudgetLeft>(
    `select connection_id as "connectionId", functionality, burst as "limit",
       greatest(0, floor(burst - ahead * per_second + 1e-6))::int as "left",
       ceil(ahead)::float8 as "resetSeconds", at as "asOf"
     from rate_budget, clock_timestamp() as at,
       lateral (select greatest(0, extract(epoch from free_at - at)::float8) as ahead) as spoken
     where burst > 1 and per_second is not null and ($1::text is null or connection_id = $1)
     order by connection_id, functionality`,
    [connectionId],
  );
  return rows;
}
