import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import { UsherError } from '../model/errors.ts';
import { attachEmbedded, type EmbeddedServer, startEmbedded } from './embedded/server.ts';
import type { Settings } from './embedded/settings.ts';
import type { Log } from './log.ts';
import { appliedMigrations, migrate, type Migration, missingMigrations } from './migrate.ts';
import { migrations as allMigrations } from './migrations/index.ts';
import { createPool } from './pool.ts';

/** The oldest Postgres that Usher runs on. */
const MINIMUM_MAJOR = 15;
const INSUFFICIENT_PRIVILEGE = '42501';
const POOL_SIZE = 10;
/** A process that is stopped within a transaction gives its locks back: others may have to go on with its work. */
const BEGIN = 'begin; set local idle_in_transaction_session_timeout = 15000';

/** Usher's only store. */
export interface Database {
  /** int8 comes as number, timestamptz as ISO 8601 in UTC. */
  readonly pool: pg.Pool;
  /** For queries put together with kysely's `sql` template; the rows' types are given there. */
  readonly query: Kysely<unknown>;
  /**
   * Runs `work` in one transaction (read committed): committed when it resolves, rolled back when it throws.
   * What `work` throws is thrown on. `settings` are `set local` statements for it, sent with its begin.
   */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>, settings?: string): Promise<T>;
  readonly postgres: {
    /** As the server says it: `18.4`. */
    readonly version: string;
    readonly mode: 'embedded' | 'server';
    /** For people, without secrets: `Postgres 18.4 embedded`, `Postgres 16.2 at db.example:5432/usher`. */
    readonly description: string;
  };
  /** For libraries that make their own connections (the engine). It may hold a password: never log it. */
  readonly connection: pg.ClientConfig;
  /** Ends all connections and stops the embedded Postgres, if this process runs it. */
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly dataDir: string;
  /** A Postgres server instead of the embedded one; null or '' for the embedded one. */
  readonly databaseUrl?: string | null;
  readonly log: Log;
  /** Also works beside another Usher that runs on the same data directory, on its embedded Postgres. */
  readonly attach?: boolean;
  /** Leaves the schema as it is, for whoever only looks: queries may then meet another schema than they know. */
  readonly keepsSchema?: boolean;
  /**
   * Called before the schema of an embedded database that is in use is brought up to date; where it throws, nothing is
   * changed. Whoever runs a server has backups of their own.
   */
  readonly beforeUpgrade?: (database: { readonly pool: pg.Pool; readonly version: string }) => Promise<void>;
  /** For tests. */
  readonly migrations?: readonly Migration[];
  readonly settings?: Settings;
  readonly poolSize?: number;
}

/**
 * Opens the database and brings its schema up to date.
 *
 * Throws `conflict` where another Usher uses the data directory or the database is of a newer version, `unsupported`
 * where the server is older than Postgres 15, `transient` where it cannot be reached.
 */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const { dataDir, databaseUrl, log } = options;
  if (databaseUrl) return open({ connectionString: databaseUrl }, null, 'server', options);
  const attached = options.attach === true ? await attachEmbedded(dataDir) : null;
  if (attached !== null) return open(attached, null, 'embedded', options);
  const server = await startEmbedded({ dataDir, log, settings: options.settings, isBrief: options.attach === true });
  try {
    return await open(server.connection, server, 'embedded', options);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function open(
  connection: pg.ClientConfig,
  server: EmbeddedServer | null,
  mode: 'embedded' | 'server',
  { log, migrations = allMigrations, poolSize = POOL_SIZE, keepsSchema = false, beforeUpgrade }: OpenOptions,
): Promise<Database> {
  const pool = createPool({ ...connection, max: poolSize, application_name: 'usher' });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) => {
    if (!pool.ending) log.warn({ error: error.message }, 'a database connection broke');
  });
  try {
    const version = await checkedVersion(pool, mode);
    if (!keepsSchema) {
      if (beforeUpgrade && mode === 'embedded' && (await isUpgrade(pool, migrations))) {
        await beforeUpgrade({ pool, version });
      }
      await migrate(pool, migrations, mode === 'embedded').catch(explainMissingRights);
    }
    const where = mode === 'embedded' ? 'embedded' : `at ${describeServer(connection)}`;
    return {
      pool,
      query: new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) }),
      transaction: (work, settings) => transaction(pool, work, settings),
      postgres: { version, mode, description: `Postgres ${version} ${where}` },
      connection,
      close: onlyOnce(async () => {
        await endPool(pool);
        await server?.stop();
      }),
    };
  } catch (error) {
    await endPool(pool);
    throw error;
  }
}

/** Whether a schema is there, and older than this version's. */
async function isUpgrade(pool: pg.Pool, migrations: readonly Migration[]): Promise<boolean> {
  return (await appliedMigrations(pool)).length > 0 && (await missingMigrations(pool, migrations)) > 0;
}

async function transaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  settings?: string,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(settings === undefined ? BEGIN : `${BEGIN}; ${settings}`);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error(String(failure));
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

async function checkedVersion(pool: pg.Pool, mode: 'embedded' | 'server'): Promise<string> {
  const { version, encoding } = await serverFacts(pool, mode);
  if (encoding !== 'UTF8') {
    throw new UsherError('unsupported', `The database has the encoding ${encoding}; Usher needs UTF8.`, {
      code: 'databaseEncoding',
      next: `Make one: create database usher encoding 'UTF8' template template0.`,
    });
  }
  if (Number.parseInt(version, 10) >= MINIMUM_MAJOR) return version;
  throw new UsherError('unsupported', `The server is Postgres ${version}; Usher needs ${MINIMUM_MAJOR} or later.`, {
    code: 'databaseTooOld',
    next: 'Point DATABASE_URL at a newer server, or leave it out for the embedded one.',
  });
}

async function serverFacts(
  pool: pg.Pool,
  mode: 'embedded' | 'server',
): Promise<{ readonly version: string; readonly encoding: string }> {
  try {
    const { rows } = await pool.query<{ version: string; encoding: string }>(
      `select split_part(current_setting('server_version'), ' ', 1) as version, current_setting('server_encoding') as encoding`,
    );
    return rows[0] ?? { version: '', encoding: '' };
  } catch (error) {
    // The driver's messages name host, user and database, never the password.
    const why = error instanceof AggregateError ? error.errors.map(String).join(', ') : String(error);
    throw new UsherError('transient', `The database cannot be reached: ${why}`, {
      code: 'databaseUnreachable',
      next:
        mode === 'server'
          ? 'Check DATABASE_URL and that the server runs and lets this machine in.'
          : 'Look at postgres/postgres.log in the data directory, then start Usher again.',
      cause: error,
    });
  }
}

/** Throws what was thrown, with what to grant where the database's user may not make tables. */
export function explainMissingRights(error: unknown): never {
  if (!(error instanceof Error && 'code' in error && error.code === INSUFFICIENT_PRIVILEGE)) throw error;
  throw new UsherError('permission', `The database's user may not make tables: ${error.message}.`, {
    code: 'databaseRights',
    next: 'Let it own the database: alter database ... owner to ...; or grant create on schema public to it.',
    cause: error,
  });
}

/** Host, port and database of a connection string; nothing else of it may be shown. */
function describeServer({ connectionString = '' }: pg.ClientConfig): string {
  try {
    const { host, pathname, searchParams } = new URL(connectionString);
    return `${searchParams.get('host') ?? (host || 'localhost')}${pathname}`;
  } catch {
    return 'DATABASE_URL';
  }
}

/** Ends a pool; connections that somebody does not give back are not waited for longer than a few seconds. */
async function endPool(pool: pg.Pool): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 5000);
  });
  await Promise.race([pool.end(), patience]);
  clearTimeout(timer);
}

function onlyOnce(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
