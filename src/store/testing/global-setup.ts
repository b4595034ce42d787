import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type ClientConfig } from 'pg';
import type { TestProject } from 'vitest/node';
import { startOf, commandLine } from '../embedded/process.ts';
import { startEmbedded } from '../embedded/server.ts';
import { UNSAFE_BUT_FAST } from '../embedded/settings.ts';
import { silentLog } from '../log.ts';
import { openDatabase } from '../open.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the Postgres of this run; `testDatabase` makes databases in it. */
    testPostgres: {
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string | null;
    };
  }
}

/** The migrated database of which each test database is a copy. */
export const TEMPLATE = 'usher_template';
const PREFIX = 'usher-test-';

/**
 * Starts one embedded Postgres for the whole test run, with the template in it; the returned function removes it.
 * `USHER_TEST_POSTGRES` names a server to use instead, as a superuser: `postgresql://postgres:…@127.0.0.1:5432/postgres`.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env['USHER_TEST_POSTGRES'];
  if (url) return useServer(project, new URL(url));
  await sweep();
  const dataDir = await realpath(await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`)));
  const server = await startEmbedded({
    dataDir,
    log: silentLog,
    settings: { ...UNSAFE_BUT_FAST, max_connections: '200' },
  });
  const { host = '', port = 0, user = '', password } = server.connection;
  await makeTemplate(server.connection, dataDir);
  project.provide('testPostgres', { host, port, user, password: typeof password === 'string' ? password : null });
  return async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}

async function useServer(project: TestProject, url: URL): Promise<() => Promise<void>> {
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const connection = { host: url.hostname, port: Number(url.port), user, password, database: 'postgres' };
  const dropTemplate = async () => {
    const client = new Client(connection);
    await client.connect();
    try {
      await client.query(`drop database if exists ${TEMPLATE}`);
    } finally {
      await client.end();
    }
  };
  await dropTemplate();
  await makeTemplate(connection, '');
  project.provide('testPostgres', connection);
  return dropTemplate;
}

async function makeTemplate(connection: ClientConfig, dataDir: string): Promise<void> {
  const client = new Client(connection);
  await client.connect();
  await client.query(`create database ${TEMPLATE}`);
  await client.end();
  const host = encodeURIComponent(connection.host ?? '');
  const password = typeof connection.password === 'string' ? `:${connection.password}` : '';
  const databaseUrl = `postgresql://${connection.user}${password}@localhost:${connection.port}/${TEMPLATE}?host=${host}`;
  const database = await openDatabase({ dataDir, databaseUrl, log: silentLog });
  await database.close();
}

/** Removes what earlier runs that were killed left behind: their Postgres and their folders. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (!Number.isInteger(owner) || (await startOf(owner)) !== null) continue;
    const folder = join(tmpdir(), name);
    const processes = await readdir('/proc').catch(() => []);
    for (const pid of processes.map(Number).filter((number) => number > 0)) {
      if ((await commandLine(pid)).includes(`-D ${folder}/`)) end(pid);
    }
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Another user's leftovers are theirs to end. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'EPERM' || error.code === 'ESRCH'))) throw error;
  }
}
