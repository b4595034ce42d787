import type { PoolClient } from 'pg';

/** A worker's part of the calls that an app takes at a time. */
export interface Seats {
  /** So many it may have under way now. */
  readonly held: number;
  /** So many it would have if nobody else still had more than theirs. */
  readonly share: number;
}

/**
 * Takes a worker's share of the `width` calls that an app takes at a time, in the caller's transaction, and answers what
 * it got; asked again and again while it has changes for that app in hand. The seats are divided evenly, one more for
 * those who came first. What others still hold is theirs until they ask again, and what this one has under way (`busy`)
 * stays its own: together they never hold more than there are. Nobody waits for a worker whose lease has expired, as its
 * row goes with it.
 *
 * null: the worker is no longer registered, or the connection is gone.
 */
export async function takeSeats(
  client: PoolClient,
  input: { readonly connectionId: string; readonly worker: string; readonly width: number; readonly busy: number },
): Promise<Seats | null> {
  const { connectionId, worker, width, busy } = input;
  await client.query(`select pg_advisory_xact_lock(hashtextextended('seats ' || $1, 0))`, [connectionId]);
  const { rows } = await client.query<Seats>(
    `with mine as (select came_at from connection_seat where connection_id = $1 and worker = $2),
      others as (
        select coalesce(sum(s.seats), 0)::int as taken, count(*)::int as number,
               (count(*) filter (where (s.came_at, s.worker) < (coalesce(m.came_at, 'infinity'), $2)))::int as before
          from connection_seat s left join mine m on true
         where s.connection_id = $1 and s.worker <> $2
      ),
      fair as (
        select taken, $3::int / (number + 1) + case when before < $3::int % (number + 1) then 1 else 0 end as share
          from others
      ),
      written as (
        insert into connection_seat as s (connection_id, worker, seats)
        select c.id, w.id, greatest($4::int, least(f.share, $3::int - f.taken))
          from fair f, connection c, worker w
         where c.id = $1 and w.id = $2
        on conflict (connection_id, worker) do update set seats = excluded.seats
        returning s.seats
      )
      select w.seats as held, f.share from written w, fair f`,
    [connectionId, worker, width, busy],
  );
  return rows[0] ?? null;
}

/** Gives back what a worker holds of an app's seats: it has nothing more to ask. */
export async function leaveSeats(on: Pick<PoolClient, 'query'>, connectionId: string, worker: string): Promise<void> {
  await on.query('delete from connection_seat where connection_id = $1 and worker = $2', [connectionId, worker]);
}
