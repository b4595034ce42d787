import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../log.ts';
import { type Database, openDatabase } from '../open.ts';
import { takeLock } from './lock.ts';
import { isRunning } from './process.ts';
import { attachEmbedded } from './server.ts';
import { UNSAFE_BUT_FAST } from './settings.ts';

const owner = fileURLToPath(new URL('../testing/owner.ts', import.meta.url));

let dataDir: string;
let opened: Database[] = [];
let owners: ChildProcess[] = [];

beforeAll(async () => {
  dataDir = await realpath(await mkdtemp(join(tmpdir(), `usher-test-${process.pid}-`)));
});

afterEach(async () => {
  for (const database of opened) await database.close();
  for (const child of owners) child.kill('SIGKILL');
  opened = [];
  owners = [];
});

afterAll(async () => {
  const pid = await postmasterPid();
  if (pid !== null) process.kill(pid, 'SIGQUIT');
  await rm(dataDir, { recursive: true, force: true, maxRetries: 20 });
});

async function openHere(options: { readonly settings?: Record<string, string>; readonly attach?: boolean } = {}) {
  const settings = { ...UNSAFE_BUT_FAST, ...options.settings };
  const database = await openDatabase({ dataDir, log: silentLog, migrations: [], ...options, settings });
  opened.push(database);
  return database;
}

/** Another Usher on the same data directory, ready. */
async function startOwner(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [owner, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] });
  owners.push(child);
  const [chunk] = await once(child.stdout, 'data');
  expect(String(chunk)).toBe('ready\n');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function postmasterPid(): Promise<number | null> {
  const text = await readFile(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8').catch(() => '');
  return Number(text.split('\n')[0]) || null;
}

async function runningPostmaster(): Promise<number> {
  const pid = await postmasterPid();
  expect(pid).not.toBeNull();
  return pid ?? 0;
}

const count = async (database: Database) =>
  (await database.pool.query<{ n: number }>('select count(*) as n from kept')).rows[0]?.n;

describe('the embedded Postgres', () => {
  test('is made at the first start, whole or not at all', async () => {
    await mkdir(join(dataDir, 'postgres/data.new-1'), { recursive: true, mode: 0o700 });
    await writeFile(join(dataDir, 'postgres/data.new-1/PG_VERSION'), '18\n');
    const database = await openHere();
    expect(database.postgres).toMatchObject({ mode: 'embedded', version: expect.stringMatching(/^18\./) });
    expect(await readdir(join(dataDir, 'postgres'))).not.toContain('data.new-1');
    const { rows } = await database.pool.query(
      `select datcollate as collate, pg_encoding_to_char(encoding) as encoding from pg_database where datname = 'usher'`,
    );
    expect(rows).toEqual([{ collate: 'C', encoding: 'UTF8' }]);
    await database.pool.query('create table kept (n int)');
    await database.pool.query('insert into kept select generate_series(1, 3)');
  });

  test('is as durable as can be, with room for large first syncs', async () => {
    const database = await openDatabase({ dataDir, log: silentLog, migrations: [] });
    opened.push(database);
    const { rows } = await database.pool.query<{ name: string; setting: string }>(
      `select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses', 'max_wal_size')`,
    );
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on', listen_addresses: '', max_wal_size: '4096',
    }); // prettier-ignore
  });

  test('is stopped when the database is closed, and has its data at the next start', async () => {
    const first = await openHere();
    const pid = await runningPostmaster();
    await first.close();
    expect(await isRunning(pid)).toBe(false);
    expect(await readdir(dataDir)).not.toContain('usher.lock');
    expect(await count(await openHere())).toBe(3);
  });

  test('is closed to other users of the machine', async () => {
    await openHere();
    for (const folder of ['postgres', 'postgres/data', 'postgres/run']) {
      expect((await stat(join(dataDir, folder))).mode & 0o077).toBe(0);
    }
  });

  test('is adopted by the next Usher when the one that started it was killed', async () => {
    const first = await startOwner();
    const pid = await runningPostmaster();
    await kill(first);
    expect(await isRunning(pid)).toBe(true);
    const database = await openHere();
    expect(await postmasterPid()).toBe(pid);
    expect(await count(database)).toBe(3);
  });

  test('that was adopted is stopped at the end like a child', async () => {
    await kill(await startOwner());
    const pid = await runningPostmaster();
    await (await openHere()).close();
    expect(await isRunning(pid)).toBe(false);
  });

  test('is not adopted but started anew when it runs with other settings', async () => {
    await kill(await startOwner());
    const pid = await runningPostmaster();
    const database = await openHere({ settings: { work_mem: '5MB' } });
    expect(await postmasterPid()).not.toBe(pid);
    expect((await database.pool.query('show work_mem')).rows).toEqual([{ work_mem: '5MB' }]);
  });

  test('comes back when both it and Usher were killed', async () => {
    const first = await startOwner();
    const pid = await runningPostmaster();
    first.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    expect(await count(await openHere())).toBe(3);
  });

  test('is started again when it is killed under a running Usher', async () => {
    const database = await openHere();
    for (const round of [1, 2]) {
      const pid = await runningPostmaster();
      process.kill(pid, 'SIGKILL');
      expect({ round, found: await countAfter(pid, database) }).toEqual({ round, found: 3 });
    }
  });

  test('is started again when it was adopted and is killed', async () => {
    await kill(await startOwner());
    const database = await openHere();
    const pid = await runningPostmaster();
    process.kill(pid, 'SIGKILL');
    expect(await countAfter(pid, database)).toBe(3);
  });

  test('is not hindered by a pid file whose number belongs to another process now', async () => {
    await (await openHere()).close();
    const cluster = join(dataDir, 'postgres/data');
    await writeFile(join(cluster, 'postmaster.pid'), `${process.ppid}\n${cluster}\n1\n5432\n${dataDir}\n\n`);
    expect(await count(await openHere())).toBe(3);
  });

  test('keeps statements and what clients did wrong out of its log', async () => {
    const database = await openHere();
    await expect(database.pool.query(`select 'canary-7f3a'::int`)).rejects.toThrow('canary-7f3a');
    expect(await readFile(join(dataDir, 'postgres/postgres.log'), 'utf8')).not.toContain('canary-7f3a');
  });

  test('has its socket elsewhere when the data directory has a long path', async () => {
    const long = join(dataDir, 'x'.repeat(100));
    const database = await openDatabase({ dataDir: long, log: silentLog, migrations: [], settings: UNSAFE_BUT_FAST });
    opened.push(database);
    const host = database.connection.host ?? '';
    expect(host).toMatch(/^\/tmp\/usher-[0-9a-f]{16}$/);
    expect((await stat(host)).mode & 0o077).toBe(0);
    await database.close();
    await rm(host, { recursive: true });
  });
});

describe('a data directory', () => {
  test('is refused to a second Usher, naming the first', async () => {
    const first = await startOwner();
    await expect(openHere()).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining(`process ${first.pid}`),
      details: { code: 'dataDirectoryInUse' },
    });
  });

  test('goes to one of several that start at once, even over the lock of one that was killed', async () => {
    await kill(await startOwner());
    const rivals = [1, 2, 3, 4].map(() =>
      spawn(process.execPath, [owner, dataDir], { stdio: ['pipe', 'pipe', 'ignore'] }),
    );
    owners.push(...rivals);
    const outcomes = await Promise.all(
      rivals.map((child) =>
        Promise.race([once(child.stdout, 'data').then(String), once(child, 'exit').then(([code]) => `exit ${code}`)]),
      ),
    );
    expect(outcomes.toSorted()).toEqual(['exit 1', 'exit 1', 'exit 1', 'ready\n']);
  });

  test('can be attached to beside a running Usher, which goes on afterwards', async () => {
    const first = await startOwner();
    const beside = await openHere({ attach: true });
    expect(await count(beside)).toBe(3);
    await beside.close();
    expect(await isRunning(await runningPostmaster())).toBe(true);
    first.stdin?.end();
    const [chunk] = await once(first.stdout ?? first, 'data');
    expect(String(chunk)).toBe('closed\n');
    expect(await attachEmbedded(dataDir)).toBeNull();
  });

  test('opened with attach while nobody runs is run like any other', async () => {
    expect(await count(await openHere({ attach: true }))).toBe(3);
  });

  test('is waited for while a command looks at it, and not while a server has it', async () => {
    const file = join(dataDir, 'command.lock');
    const command = await takeLock(file, { isBrief: true });
    const server = takeLock(file);
    await command.release();
    const lock = await server;
    await expect(takeLock(file)).rejects.toMatchObject({ details: { code: 'dataDirectoryInUse' } });
    await lock.release();
  });

  test('whose lock names a number that another process has now is taken over', async () => {
    await writeFile(join(dataDir, 'usher.lock'), JSON.stringify({ pid: process.ppid, startedAt: 'long ago' }));
    expect(await count(await openHere())).toBe(3);
  });

  test('whose lock file is damaged is taken over', async () => {
    await writeFile(join(dataDir, 'usher.lock'), '{"pid":');
    expect(await count(await openHere())).toBe(3);
  });
});

/** What is found once another Postgres than `pid` answers; there is no event for that. */
async function countAfter(pid: number, database: Database): Promise<number | undefined> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      expect(await runningPostmaster()).not.toBe(pid);
      return await count(database);
    } catch (error) {
      if (attempt === 600) throw error;
      await wait(50);
    }
  }
}
