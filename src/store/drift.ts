import type { Queryable } from './principals.ts';

/** A difference between what an app sent and what its connector knows, without the value. */
export interface DriftCount {
  readonly operation: string;
  readonly path: string;
  readonly problem: string;
  readonly sample: string;
  readonly occurrences: number;
}

/** A stored difference. Times are ISO 8601, UTC. */
export interface StoredDrift extends DriftCount {
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

/** What is kept of one connection: an app that names its fields by people's ids must not fill the table. */
const MAX_ROWS = 1000;

/** Adds what was seen to what is known; differences beyond a thousand a connection are dropped. */
export async function addDrift(
  on: Queryable,
  connectionId: string,
  seen: readonly DriftCount[],
  now: Date,
): Promise<void> {
  if (seen.length === 0) return;
  await on.query(
    `insert into api_drift as known (connection_id, operation, path, problem, sample, first_seen_at, last_seen_at, occurrences)
     select $1, s.operation, s.path, s.problem, s.sample, $7, $7, s.occurrences
     from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[]) with ordinality
       s(operation, path, problem, sample, occurrences, ordinal)
     where exists (select from connection where id = $1)
       and (exists (select from api_drift d
                     where (d.connection_id, d.operation, d.path, d.problem) = ($1, s.operation, s.path, s.problem))
            or s.ordinal <= ${MAX_ROWS} - (select count(*) from api_drift d where d.connection_id = $1))
     order by s.operation, s.path, s.problem
     on conflict (connection_id, operation, path, problem) do update
       set last_seen_at = excluded.last_seen_at, sample = excluded.sample,
           occurrences = known.occurrences + excluded.occurrences`,
    [
      connectionId,
      seen.map(({ operation }) => operation),
      seen.map(({ path }) => path),
      seen.map(({ problem }) => problem),
      seen.map(({ sample }) => sample),
      seen.map(({ occurrences }) => occurrences),
      now,
    ],
  );
}

/** What is known of a connection, latest first. */
export async function driftOf(on: Queryable, connectionId: string): Promise<readonly StoredDrift[]> {
  const { rows } = await on.query<StoredDrift>(
    `select operation, path, problem, sample, first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt", occurrences
     from api_drift where connection_id = $1 order by last_seen_at desc, operation, path, problem`,
    [connectionId],
  );
  return rows;
}
