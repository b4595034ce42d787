import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { silentLog } from '../log.ts';
import type { Migration } from '../migrate.ts';
import { type Database, openDatabase } from '../open.ts';
import { TEMPLATE } from './global-setup.ts';

/** A database of its own for a test file: fresh and migrated. `close()` drops it. */
export interface TestDatabase extends Database {
  /** Its address, for code under test that opens it itself. */
  readonly url: string;
}

/**
 * Makes a fresh database in the test run's Postgres. Use it in a file's `beforeAll` and close it in its `afterAll`;
 * or at the top of the file: `const database = await testDatabase()`.
 * `migrations` starts from an empty database with those instead of all.
 */
export async function testDatabase(
  options: { readonly migrations?: readonly Migration[] } = {},
): Promise<TestDatabase> {
  const server = inject('testPostgres');
  const name = `t_${randomBytes(8).toString('hex')}`;
  await administer(`create database ${name} template ${options.migrations === undefined ? TEMPLATE : 'template0'}`);
  const password = server.password === null ? '' : `:${server.password}`;
  const url = `postgresql://${server.user}${password}@localhost:${server.port}/${name}?host=${encodeURIComponent(server.host)}`;
  const database = await openDatabase({
    dataDir: '',
    databaseUrl: url,
    log: silentLog,
    migrations: options.migrations,
  });
  return {
    ...database,
    url,
    async close() {
      await database.close();
      await administer(`drop database if exists ${name} with (force)`);
    },
  };
}

/** Empties all tables of a test's database, but for those that a fresh one has rows in. */
export async function emptyTables({ pool }: Pick<TestDatabase, 'pool'>): Promise<void> {
  const { rows } = await pool.query<{ tables: string }>(
    `select string_agg(format('%I', tablename), ', ') as tables from pg_tables
      where schemaname = 'public' and tablename not in ('feed', 'migration')`,
  );
  await pool.query(`truncate ${rows[0]?.tables} cascade`);
}

async function administer(statement: string): Promise<void> {
  const { host, port, user, password } = inject('testPostgres');
  const client = new Client({ host, port, user, database: 'postgres', ...(password === null ? {} : { password }) });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
