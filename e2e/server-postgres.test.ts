import { execFile } from 'node:child_process';
import { access, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { installedPostgres, type PostgresServer, startPostgresServer } from './postgres-server.ts';
import {
  type SimulatorProcess,
  startSimulator,
  startUsher,
  temporaryDirectory,
  type UsherProcess,
} from './processes.ts';

const installed = installedPostgres();
const PEOPLE = 60;

const runSchema = z.object({
  id: z.string(),
  state: z.string(),
  finished_at: z.string().nullable(),
  error: z.unknown(),
  changes: z.object({ added: z.number(), updated: z.number(), missing: z.number(), removed: z.number() }).nullable(),
});
const accountsSchema = z.object({
  data: z.array(z.object({ key: z.string(), email: z.string().nullable(), display_name: z.string().nullable() })),
});

const which = installed
  ? `Postgres ${installed.major}`
  : 'skipped: nothing in /usr/lib/postgresql; install the Debian package postgresql';

describe.skipIf(installed === null)(`on a Postgres server (${which})`, () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let postgres: PostgresServer;
  let simulator: SimulatorProcess;
  let usher: UsherProcess;
  let baselinedAt = '';

  beforeAll(async () => {
    directory = await temporaryDirectory();
    postgres = await startPostgresServer(installed?.bin ?? '', directory.path);
    simulator = await startSimulator('lastpass', ['--people', String(PEOPLE)]);
    usher = await start(postgres.url);
  });

  afterAll(async () => {
    await usher?.end('SIGTERM');
    await simulator?.stop();
    await postgres?.stop();
    await directory?.remove();
  });

  function start(databaseUrl: string): Promise<UsherProcess> {
    const allow = [new URL(simulator.url).host];
    return startUsher({ allow, dataDir: join(directory.path, 'data'), environment: { DATABASE_URL: databaseUrl } });
  }

  it('starts as the owner of an empty database, says where that is, and makes none of its own', async () => {
    expect(usher.output()).toMatch(
      new RegExp(`Postgres ${installed?.major}\\.\\d+ at 127.0.0.1:${postgres.port}/usher`),
    );
    expect(usher.output()).not.toContain(postgres.password);
    expect(usher.output()).not.toContain(encodeURIComponent(postgres.password));
    await expect(access(join(usher.dataDir, 'postgres'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('speaks TLS in all its sessions where the address asks for it, those of the engine too', async () => {
    const { all, encrypted } = await postgres.sessions();
    expect(all).toBeGreaterThan(1);
    expect(encrypted).toBe(all);
  });

  it('pulls a company', async () => {
    const { company_id, provisioning_hash } = simulator.credentials;
    await usher.call('POST', '/v1/connections', {
      id: 'lastpass',
      connector: 'lastpass',
      settings: { company_id, region: 'custom', base_url: simulator.url, requests_per_second: 1000 },
      secrets: { provisioning_hash },
      schedule_seconds: null,
    });
    const run = await sync();
    expect(run).toMatchObject({ state: 'succeeded', error: null });
    baselinedAt = run.finished_at ?? '';
    expect((await accounts()).length).toBeGreaterThanOrEqual(PEOPLE);
  });

  it('finds what changed, and still knows what was', async () => {
    const before = await accounts();
    const [renamed, gone] = before.filter(({ email }) => email?.includes('.'));
    await simulator.inspect('POST', 'mutate', {
      op: 'set-user',
      username: renamed?.email,
      fields: { fullname: 'Renamed Person' },
    });
    await simulator.inspect('POST', 'mutate', { op: 'delete-user', username: gone?.email });
    expect(await sync()).toMatchObject({ state: 'succeeded', changes: { updated: 1, removed: 0 } });
    expect(await sync()).toMatchObject({ state: 'succeeded', changes: { updated: 0 } });
    const after = await accounts();
    expect(after.find(({ key }) => key === renamed?.key)).toMatchObject({ display_name: 'Renamed Person' });
    expect(after.map(({ key }) => key)).not.toContain(gone?.key);
    expect(await accounts(`&as_of=${baselinedAt}`)).toEqual(before);
    const events = JSON.stringify(await usher.call('GET', '/v1/events?source=sync&page_size=500'));
    expect(events).toContain('account.updated');
    expect(events).toContain('account.removed');
  });

  it('answers every list', async () => {
    const own = [
      '/v1/grants?page_size=5',
      '/v1/groups',
      '/v1/resources',
      '/v1/figures',
      '/v1/connections',
      '/v1/connections/lastpass/syncs',
      '/v1/principals',
      '/v1/tokens',
      `/v1/grants?as_of=${baselinedAt}&page_size=5`,
      '/v1/accounts?search=ada&status=active&mfa=none',
      '/actions?page_size=5',
    ];
    for (const path of own) await usher.call('GET', path);
    for (const list of ['users', 'groups', 'roles', 'policies']) {
      const response = await fetch(`${usher.url}/unified/iam/${list}?page_size=5`, {
        headers: { authorization: `Bearer ${usher.token}`, 'x-account-id': 'lastpass' },
      });
      expect([list, response.status, await response.text()]).toEqual([list, 200, expect.stringContaining('"data"')]);
    }
  });

  it('goes on when the server was restarted', async () => {
    await postgres.restart();
    expect(await sync()).toMatchObject({ state: 'succeeded', error: null });
  });

  it('goes on with the same data at the next start, over the Unix socket', async () => {
    const before = await accounts();
    await usher.end('SIGTERM');
    usher = await start(postgres.socketUrl);
    expect(await accounts()).toEqual(before);
    expect(await sync()).toMatchObject({ state: 'succeeded', changes: { added: 0, updated: 0, removed: 0 } });
  });

  it('is backed up while it runs, and restored into an embedded database of another version', async () => {
    const [file, dataDir] = [join(directory.path, 'one.usher'), join(directory.path, 'restored')];
    await mkdir(dataDir, { mode: 0o755 });
    await copyFile(join(usher.dataDir, 'master.key'), join(dataDir, 'master.key'));
    await command(['backup', file], { DATABASE_URL: postgres.url });
    await command(['restore', file], { USHER_DATA_DIR: dataDir });
    const restored = await startUsher({ allow: [], dataDir });
    const list = z.object({ data: z.array(z.unknown()) });
    const all = '/v1/accounts?page_size=500';
    expect(list.parse(await restored.call('GET', all))).toEqual(list.parse(await usher.call('GET', all)));
    await restored.end('SIGTERM');
  });

  function command(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<string> {
    const env = { ...process.env, USHER_DATA_DIR: usher.dataDir, DATABASE_URL: '', ...environment };
    const program = join(import.meta.dirname, '..', 'bin', 'usher.js');
    return new Promise((resolve, reject) => {
      execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) => {
        if (error) reject(new Error(stderr));
        else resolve(stdout);
      });
    });
  }

  async function accounts(more = ''): Promise<z.infer<typeof accountsSchema>['data']> {
    return accountsSchema.parse(await usher.call('GET', `/v1/accounts?page_size=500${more}`)).data;
  }

  /** Asks for a sync and follows it to its end; while the server is away the API refuses for a moment. */
  async function sync(): Promise<z.infer<typeof runSchema>> {
    const started = await patiently(() => usher.call('POST', '/v1/connections/lastpass/syncs', {}));
    const { id } = z.object({ run: runSchema }).parse(started).run;
    for (;;) {
      const run = runSchema.parse(await patiently(() => usher.call('GET', `/v1/syncs/${id}`)));
      if (!['queued', 'running'].includes(run.state)) return run;
      await wait(50);
    }
  }

  async function patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await ask();
      } catch (error) {
        if (attempt === 50) throw error;
        await wait(100);
      }
    }
  }
});
