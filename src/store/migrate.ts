import { hash } from 'node:crypto';
import type pg from 'pg';
import { UsherError } from '../model/errors.ts';

/** One step forward of the schema. `id` orders and names it (`0001_access`); `sql` runs in one transaction. */
export interface Migration {
  readonly id: string;
  readonly sql: string;
  /**
   * Processes of the versions before cannot go on beside what it makes, as where a column that they read is gone: it is
   * refused while a worker lives. Without it they go on, so it adds and does not take away.
   */
  readonly endsOthers?: true;
}

/** Guards against two processes that migrate one database at once; any constant would do. */
const ADVISORY_LOCK = 728_311_001;
const HISTORY_TABLE = `create table if not exists schema_migration (
  id text collate "C" primary key, checksum text not null, applied_at timestamptz not null default clock_timestamp())`;

/**
 * Brings the database up to the last of `migrations` and returns the ids that were applied now. Each runs in one
 * transaction, recorded with its checksum in `schema_migration`. Two processes may call it at once: one waits for the
 * other and finds the work done. `isAlone`: no other process can be on this database.
 *
 * Throws `conflict` when the database was made by a newer Usher, when a migration that ran here has another text now, or
 * when workers live beside which one of them cannot run.
 */
export async function migrate(
  pool: pg.Pool,
  migrations: readonly Migration[],
  isAlone = false,
): Promise<readonly string[]> {
  const applied: string[] = [];
  // A step a transaction: the lock is scoped to it, so that it works behind a pooler and dies with its session.
  const next = (): Promise<string | null> => step(pool, migrations, isAlone);
  for (let done = await next(); done !== null; done = await next()) applied.push(done);
  return applied;
}

/**
 * How many of `migrations` the database still lacks; nothing is changed. Throws `conflict` as `migrate` does where the
 * database is of a newer Usher or of another history.
 */
export async function missingMigrations(pool: pg.Pool, migrations: readonly Migration[]): Promise<number> {
  const applied = await appliedMigrations(pool);
  firstMissing(applied, migrations);
  return migrations.length - applied.length;
}

/** What ran in a database: which changes to its schema, and the checksum of each. */
export interface AppliedMigration {
  readonly id: string;
  readonly checksum: string;
}

/** The changes that the schema of the database has seen, oldest first; none where there is no schema yet. */
export async function appliedMigrations(on: Pick<pg.Pool, 'query'>): Promise<readonly AppliedMigration[]> {
  const { rows: found } = await on.query<{ isThere: boolean }>(
    `select to_regclass('schema_migration') is not null as "isThere"`,
  );
  if (found[0]?.isThere !== true) return [];
  return (await on.query<AppliedMigration>('select id, checksum from schema_migration order by id')).rows;
}

/**
 * Makes the schema that had seen `applied`, in an empty database and in the caller's transaction, under the lock of
 * `migrate`. Throws `conflict` as `migrate` does where this version does not know them.
 */
export async function makeSchema(
  client: pg.PoolClient,
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[],
): Promise<void> {
  firstMissing(applied, migrations);
  await client.query(HISTORY_TABLE);
  for (const migration of migrations.slice(0, applied.length)) await apply(client, migration);
}

/** Waits until nobody else changes the schema, and keeps others from it until the transaction ends. */
export async function lockSchema(client: pg.PoolClient): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
}

/** Whether the database's user has the right that migrations need. */
export async function mayMakeTables(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ may: boolean }>(
    `select coalesce(has_schema_privilege(current_user, current_schema(), 'create'), false) as may`,
  );
  return rows[0]?.may === true;
}

/** Applies the first migration that is missing; null where none is. */
async function step(pool: pg.Pool, migrations: readonly Migration[], isAlone: boolean): Promise<string | null> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query('begin');
    await lockSchema(client);
    await client.query(HISTORY_TABLE);
    const { rows } = await client.query<AppliedMigration>('select id, checksum from schema_migration order by id');
    const missing = firstMissing(rows, migrations);
    if (missing?.endsOthers && !isAlone) await assertNoWorkers(client, missing);
    if (missing !== null) await apply(client, missing);
    await client.query('commit');
    return missing?.id ?? null;
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release(failure);
  }
}

/** Whoever is found here has been there before; one that comes later is stopped by the lock and by what it does not know. */
async function assertNoWorkers(client: pg.PoolClient, { id }: Migration): Promise<void> {
  const { rows: found } = await client.query<{ isThere: boolean }>(
    `select to_regclass('worker') is not null as "isThere"`,
  );
  const workers = found[0]?.isThere === true ? await livingWorkers(client) : [];
  if (workers.length === 0) return;
  throw new UsherError(
    'conflict',
    `The schema change ${id} needs all other processes stopped, and workers carry work out: ${workers.join(', ')}.`,
    {
      code: 'workersLive',
      next: 'Stop them, and servers without a worker too, then start this one again. One that was killed is forgotten after 15 seconds.',
    },
  );
}

async function livingWorkers(client: pg.PoolClient): Promise<readonly string[]> {
  const { rows } = await client.query<{ id: string; version: string }>(
    'select id, version from worker where expires_at >= clock_timestamp() order by id',
  );
  return rows.map(({ id, version }) => `${id} (${version})`);
}

async function apply(client: pg.PoolClient, migration: Migration): Promise<void> {
  await client.query(migration.sql);
  await client.query('insert into schema_migration (id, checksum) values ($1, $2)', [
    migration.id,
    checksum(migration),
  ]);
}

function firstMissing(applied: readonly AppliedMigration[], migrations: readonly Migration[]): Migration | null {
  const unknown = applied.filter(({ id }) => !migrations.some((migration) => migration.id === id));
  if (unknown.length > 0) {
    throw new UsherError(
      'conflict',
      `The database was made by a newer Usher: it holds the schema change ${unknown.map(({ id }) => id).join(', ')}, which this version does not know.`,
      { code: 'databaseTooNew', next: 'Start the newer Usher again, or restore a backup made by this version.' },
    );
  }
  for (const [index, migration] of migrations.entries()) {
    const before = applied[index];
    if (before === undefined) return migration;
    if (before.id !== migration.id || before.checksum !== checksum(migration)) {
      throw new UsherError(
        'conflict',
        `The schema change ${before.id} in the database is not the ${migration.id} of this version.`,
        { code: 'migrationChanged', next: 'Start the Usher version that made this database, or restore a backup.' },
      );
    }
  }
  return null;
}

function checksum(migration: Migration): string {
  return hash('sha256', migration.sql, 'hex');
}
