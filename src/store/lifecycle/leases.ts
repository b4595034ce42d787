import type { Queryable } from '../principals.ts';
import type { HeldRun } from './applying.ts';

/**
 * Leases keys for changes, all or none of each change's; answers the ordinals that have theirs. An expired lease may be
 * taken over, and one of the same change is its own. By the database's clock.
 */
export async function takeLeases(
  on: Queryable,
  input: {
    readonly connectionId: string;
    readonly runId: string;
    readonly keys: readonly { readonly ordinal: number; readonly key: string }[];
    readonly seconds: number;
  },
): Promise<ReadonlySet<number>> {
  const { connectionId, runId, keys, seconds } = input;
  // In one order everywhere, so that two runs never wait for each other.
  const sorted = [...keys].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.ordinal - b.ordinal));
  const { rows } = await on.query<{ ordinal: number; key: string }>(
    `insert into change_lease as l (connection_id, key, run_id, ordinal, expires_at)
     select distinct on (k.key) $1, k.key, $2, k.ordinal, clock_timestamp() + make_interval(secs => $5)
       from unnest($3::text[], $4::int[]) k(key, ordinal) order by k.key, k.ordinal
     on conflict (connection_id, key) do update
        set run_id = excluded.run_id, ordinal = excluded.ordinal, expires_at = excluded.expires_at
      where l.expires_at < clock_timestamp() or (l.run_id = excluded.run_id and l.ordinal = excluded.ordinal)
     returning l.ordinal, l.key`,
    [connectionId, runId, sorted.map(({ key }) => key), sorted.map(({ ordinal }) => ordinal), seconds],
  );
  const got = new Set(rows.map(({ ordinal, key }) => `${ordinal} ${key}`));
  const complete = new Set(keys.map(({ ordinal }) => ordinal));
  for (const { ordinal, key } of keys) if (!got.has(`${ordinal} ${key}`)) complete.delete(ordinal);
  const halfTaken = rows.filter(({ ordinal }) => !complete.has(ordinal));
  if (halfTaken.length > 0) {
    await on.query('delete from change_lease where connection_id = $1 and run_id = $2 and key = any($3::text[])', [
      connectionId,
      runId,
      halfTaken.map(({ key }) => key),
    ]);
  }
  return complete;
}

/** Prolongs the leases of a run that are still needed. */
export async function prolongLeases(on: Queryable, runId: string, seconds: number): Promise<void> {
  await on.query(
    `update change_lease set expires_at = clock_timestamp() + make_interval(secs => $2) where run_id = $1`,
    [runId, seconds],
  );
}

/** Gives all leases of a run back, unless somebody else has it in hand now. */
export async function releaseLeases(on: Queryable, { id, epoch }: HeldRun): Promise<void> {
  await on.query(
    'delete from change_lease where run_id = $1 and exists (select from run where id = $1 and epoch = $2)',
    [id, epoch],
  );
}
