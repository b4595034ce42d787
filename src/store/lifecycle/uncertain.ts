import type { Receipt } from '../../model/changes.ts';
import type { Queryable } from '../principals.ts';
import type { Facts, HeldBefore } from './journal.ts';

/** An uncertain change that may be settled now. */
export interface UncertainChange {
  readonly runId: string;
  readonly planId: string;
  readonly ordinal: number;
  readonly receipt: Receipt;
  readonly calledAt: string | null;
  readonly calledAgoMs: number;
  readonly held: HeldBefore | null;
  readonly made: Facts | null;
}

/** The uncertain changes of each connection that were called within `days`, oldest first, no more than `limit`. */
export async function uncertainChanges(
  on: Queryable,
  connectionId: string,
  days: number,
  limit: number,
): Promise<readonly UncertainChange[]> {
  const { rows } = await on.query<UncertainChange>(
    `select c.run_id as "runId", r.plan_id as "planId", c.ordinal, c.receipt, c.called_at as "calledAt",
            (extract(epoch from clock_timestamp() - c.called_at) * 1000)::float8 as "calledAgoMs", c.held, c.made
       from run_change c join run r on r.id = c.run_id
      where c.connection_id = $1 and c.state = 'uncertain'
        and c.called_at > clock_timestamp() - make_interval(days => $2)
        and r.state not in ('queued', 'running')
      order by c.called_at limit $3`,
    [connectionId, days, limit],
  );
  return rows;
}

/** Connections that have uncertain changes young enough to be settled. */
export async function connectionsWithUncertain(on: Queryable, days: number): Promise<readonly string[]> {
  const { rows } = await on.query<{ connection_id: string }>(
    `select distinct connection_id from run_change
      where state = 'uncertain' and called_at > clock_timestamp() - make_interval(days => $1)`,
    [days],
  );
  return rows.map(({ connection_id }) => connection_id);
}
