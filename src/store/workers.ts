import type { Queryable } from './principals.ts';

/** A process that carries work out, as others see it. Times are ISO 8601, UTC, by the database's clock. */
export interface WorkerRow {
  readonly id: string;
  readonly process: string;
  readonly epoch: number;
  readonly startedAt: string;
  readonly heartbeatAt: string;
  readonly version: string;
  readonly host: string;
}

/**
 * Writes a worker down with a lease of so many seconds. `isAlone`: no other process can be on this database, so whatever
 * else is written there is of processes that ended without a word.
 */
export async function registerWorker(
  on: Queryable,
  worker: Pick<WorkerRow, 'id' | 'process' | 'epoch' | 'version' | 'host'>,
  options: { readonly leaseSeconds: number; readonly isAlone: boolean },
): Promise<void> {
  const { id, process, epoch, version, host } = worker;
  if (options.isAlone) await on.query('delete from worker');
  await on.query(
    `insert into worker (id, process, epoch, version, host, expires_at)
     values ($1, $2, $3, $4, $5, clock_timestamp() + make_interval(secs => $6))`,
    [id, process, epoch, version, host, options.leaseSeconds],
  );
}

/** Prolongs the lease of a worker; false where it was taken away: somebody else has its work in hand then. */
export async function renewWorker(on: Queryable, id: string, leaseSeconds: number): Promise<boolean> {
  const { rowCount } = await on.query(
    `update worker set heartbeat_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(secs => $2)
      where id = $1`,
    [id, leaseSeconds],
  );
  return rowCount === 1;
}

/** Takes a worker off the list, as it ends. */
export async function removeWorker(on: Queryable, id: string): Promise<void> {
  await on.query('delete from worker where id = $1', [id]);
}

/**
 * Takes away the leases that were not prolonged in time and answers whose they were. A worker whose row is gone can
 * never prolong it again, so from here on it is dead even if its process lives.
 */
export async function removeExpiredWorkers(on: Queryable): Promise<readonly string[]> {
  const { rows } = await on.query<{ id: string }>(
    'delete from worker where expires_at < clock_timestamp() returning id',
  );
  return rows.map(({ id }) => id);
}

/** The workers that hold a lease, or have only just let it expire; oldest first. */
export async function listWorkers(on: Queryable): Promise<readonly WorkerRow[]> {
  const { rows } = await on.query<WorkerRow>(
    `select id, process, epoch, started_at as "startedAt", heartbeat_at as "heartbeatAt", version, host
       from worker order by started_at, id`,
  );
  return rows;
}

/** The versions of the workers that hold a lease now. */
export async function livingVersions(on: Queryable): Promise<readonly string[]> {
  const { rows } = await on.query<{ version: string }>(
    'select distinct version from worker where expires_at >= clock_timestamp()',
  );
  return rows.map(({ version }) => version);
}

/** How many workers hold a lease now. */
export async function countWorkers(on: Queryable): Promise<number> {
  const { rows } = await on.query<{ count: number }>(
    'select count(*)::int as count from worker where expires_at >= clock_timestamp()',
  );
  return rows[0]?.count ?? 0;
}
