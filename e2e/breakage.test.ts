// What an operator breaks: each is told in a sentence that says what to do, harms nothing, and is over when it is mended.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UNSAFE_BUT_FAST } from '../src/store/embedded/settings.ts';
import { silentLog } from '../src/store/log.ts';
import { openDatabase } from '../src/store/open.ts';
import { fillDisk, makeRoom } from './breakage/full-disk.ts';
import { type UsherProcess, freePort, startUsher, temporaryDirectory } from './processes.ts';
import { type Scene, setScene } from './scene.ts';

describe('a data directory', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  const place = (...names: readonly string[]) => join(directory.path, 'postgres', ...names);
  const open = () =>
    openDatabase({ dataDir: directory.path, log: silentLog, migrations: [], settings: UNSAFE_BUT_FAST });

  beforeAll(async () => {
    directory = await temporaryDirectory();
    const database = await open();
    await database.pool.query('create table kept as select 7 as number');
    await database.close();
  });
  afterAll(() => directory.remove());

  /** What the start says while it is broken; afterwards all that there was is there, and nobody holds the directory. */
  async function broken(breakIt: () => Promise<void>, mendIt: () => Promise<void>): Promise<unknown> {
    await breakIt();
    const said: unknown = await open().catch((error: unknown) => error);
    expect(await readdir(directory.path)).not.toContain('usher.lock');
    await mendIt();
    const database = await open();
    const { rows } = await database.pool.query('select number from kept');
    expect(rows).toEqual([{ number: 7 }]);
    await database.close();
    return said;
  }

  it.each(['16', '99'])('of Postgres %s is left as it is, and the version is named', async (version) => {
    const file = place('data', 'PG_VERSION');
    const right = await readFile(file, 'utf8');
    const said = await broken(
      () => writeFile(file, `${version}\n`),
      () => writeFile(file, right),
    );
    expect(said).toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining(`Postgres ${version}`),
      details: { code: 'databaseOfOtherVersion', next: expect.stringContaining('usher backup') },
    });
  });

  it.each(['PG_VERSION', 'global'])('that lost its %s is told to be damaged, and no new one is made in it', async (name) => {
    const said = await broken(
      () => rename(place('data', name), place('aside')),
      () => rename(place('aside'), place('data', name)),
    );
    expect(said).toMatchObject({
      kind: 'conflict',
      details: { code: 'databaseDamaged', next: expect.stringContaining('usher restore') },
    });
  }); // prettier-ignore

  it('in which a first start was cut short is made whole', async () => {
    const other = await temporaryDirectory();
    await mkdir(join(other.path, 'postgres', 'data.new-1', 'base'), { recursive: true, mode: 0o700 });
    await mkdir(join(other.path, 'postgres', 'data'), { mode: 0o700 });
    await writeFile(join(other.path, 'usher.lock.1'), '');
    const dataDir = other.path;
    const database = await openDatabase({ dataDir, log: silentLog, migrations: [], settings: UNSAFE_BUT_FAST });
    expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await database.close();
    await other.remove();
  });
});

describe('a running Usher', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await setScene({ people: 40, environment: { USHER_SETTLE_SECONDS: '1' } });
    await scene.connect();
    await scene.sync();
  });
  afterAll(() => scene?.[Symbol.asyncDispose]());

  it('whose disk is full says so, still answers what is read, and carries on with all that waited', async () => {
    const before = JSON.stringify(await scene.call('GET', '/v1/accounts?page_size=100'));
    const planned = await plan('lena.fischer@northwind.example');
    await scene.mutate({ op: 'set-user', username: 'oskar.brandt@northwind.example', fields: { fullname: 'Oskar Neu' } });
    await scene.simulator.inspect('PUT', 'faults', ['slow=400']);
    const { run } = z.object({ run: z.object({ id: z.string() }) }).parse(
      await scene.call('POST', '/v1/connections/lastpass/syncs', {}),
    );
    const { id } = z.object({ id: z.string() }).parse(await scene.call('POST', `/v1/plans/${planned}/apply`, {}));
    await fillDisk(scene.dataDir);
    const refused = await ask('POST', '/v1/principals', { name: 'Nobody', kind: 'service', role: 'viewer' });
    expect(refused).toMatchObject({
      status: 503,
      body: { code: 'databaseFull', next: expect.stringContaining('Make room'), retry: true },
    });
    expect(JSON.stringify(await scene.call('GET', '/v1/accounts?page_size=100'))).toBe(before);
    while (!/disk is full for a test/.test(scene.output())) await wait(50);
    await makeRoom(scene.dataDir);
    await scene.simulator.inspect('DELETE', 'faults');
    expect(await scene.follow(run.id)).toMatchObject({ state: 'succeeded', error: null });
    expect(await ended(id)).toMatchObject({ state: 'succeeded', counts: { done: 1 } });
    const effects = z
      .array(z.object({ kind: z.string(), request: z.number().nullable() }))
      .parse(await scene.simulator.inspect('GET', 'effects'));
    expect(effects.filter(({ kind }) => kind === 'user.disabled')).toHaveLength(1);
    const account = await scene.call('GET', '/v1/accounts?search=Oskar%20Neu');
    expect(JSON.stringify(account)).toContain('Oskar Neu');
  }); // prettier-ignore

  it('does not start where its port is taken or without its key, and goes on when it has them again', async () => {
    const file = join(scene.dataDir, 'master.key');
    const key = await readFile(file, 'utf8');
    await scene.usher.end('SIGTERM');
    const port = await freePort();
    const taken = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
    expect(await refusal(port)).toMatch(/Port \d+ of 127.0.0.1 is in use\.\s+Stop the other program, or choose a port/);
    taken.close();
    await rm(file);
    expect(await refusal()).toMatch(/master\.key is missing\.\s+Put .*master\.key back or set USHER_MASTER_KEY/);
    await writeFile(file, key, { mode: 0o600 });
    await scene.restart('SIGTERM');
    // Its secrets open: the app can be asked.
    expect(await scene.sync()).toMatchObject({ state: 'succeeded', changes: { removed: 0, missing: 0 } });
  });

  async function plan(user: string): Promise<string> {
    const body = { connection: 'lastpass', action: 'lastpass_disable_user', input: { user } };
    return z.object({ id: z.string() }).parse(await scene.call('POST', '/v1/plans', body)).id;
  }

  async function ended(run: string): Promise<unknown> {
    for (;;) {
      const now = z
        .object({ state: z.string() })
        .loose()
        .parse(await scene.call('GET', `/v1/runs/${run}`));
      if (now.state !== 'queued' && now.state !== 'running') return now;
      await wait(50);
    }
  }

  async function ask(method: string, path: string, body: unknown): Promise<{ status: number; body: unknown }> {
    const response = await fetch(new URL(path, scene.usher.url), {
      method,
      headers: { authorization: `Bearer ${scene.usher.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }

  /** What `usher serve` says when it does not start. */
  async function refusal(port?: number): Promise<string> {
    const started: UsherProcess | Error = await startUsher({ allow: [], dataDir: scene.dataDir, port }).catch(
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    );
    if (started instanceof Error) return started.message;
    await started.end('SIGTERM');
    return 'It started.';
  }
});
