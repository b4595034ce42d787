import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { migrations } from '../src/store/migrations/index.ts';
import { testDatabase, type TestDatabase } from '../src/store/testing/index.ts';
import {
  type SimulatorProcess,
  startSimulator,
  startUsher,
  temporaryDirectory,
  type UsherProcess,
} from './processes.ts';
import { listAll, RELEASES, releases } from './releases.ts';

const runSchema = z.object({ state: z.string(), error: z.unknown(), changes: z.unknown() });
const accountSchema = z.array(z.object({ key: z.string(), email: z.string().nullable(), status: z.string() }));

it('there is a fixture to upgrade from', () => {
  expect(releases().length).toBeGreaterThan(0);
});

describe.each(releases())('a database left by Usher $version', (release) => {
  let simulator: SimulatorProcess;
  let database: TestDatabase;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let usher: UsherProcess;

  beforeAll(async () => {
    const { people, seed, changed } = release.simulator;
    simulator = await startSimulator('lastpass', ['--people', String(people), '--seed', seed]);
    await simulator.inspect('POST', 'mutate', { op: 'change-share', share: changed });
    directory = await temporaryDirectory();
    database = await testDatabase({ migrations: [] });
    await database.pool.query('drop table schema_migration');
    await database.pool.query(await readFile(join(RELEASES, `${release.version}.sql`), 'utf8'));
    // The app has another port in each run.
    await database.pool.query(
      `update connection set settings = jsonb_set(settings, '{base_url}', to_jsonb($1::text))`,
      [simulator.url],
    );
    usher = await startUsher({
      allow: [new URL(simulator.url).host],
      dataDir: directory.path,
      environment: { DATABASE_URL: database.url, USHER_MASTER_KEY: release.masterKey },
    });
  });
  afterAll(async () => {
    await usher?.end('SIGTERM');
    await database?.close();
    await directory?.remove();
    await simulator?.stop();
  });

  const accounts = async (query = ''): Promise<string[]> =>
    accountSchema
      .parse(await listAll(usher, `/v1/accounts?connection=lastpass${query}`))
      .map(({ key, email, status }) => `${key} ${email ?? '-'} ${status}`)
      .toSorted();

  it('has the schema of this version', async () => {
    const { rows } = await database.pool.query<{ id: string }>('select id from schema_migration order by id');
    expect(rows.map(({ id }) => id)).toEqual(migrations.map(({ id }) => id));
  });

  it('goes on with the sync that was cut off, with the secrets sealed then, and takes nothing for changed', async () => {
    let run: z.infer<typeof runSchema>;
    do {
      await wait(50);
      run = runSchema.parse(await usher.call('GET', `/v1/syncs/${release.unfinishedRun}`));
    } while (run.state === 'queued' || run.state === 'running');
    const changes = { added: 0, updated: 0, removed: 0, missing: 0 };
    expect(run).toMatchObject({ state: 'succeeded', error: null, changes });
  });

  it('shows the same accounts, now and in the past', async () => {
    expect(await accounts()).toEqual(release.accounts);
    expect(await accounts(`&as_of=${release.before}`)).toEqual(release.accountsBefore);
  });

  it('has the same events, each in its place', async () => {
    const events = z.array(z.object({ position: z.coerce.number() })).parse(await listAll(usher, '/v1/events'));
    expect(events.map(({ position }) => position).slice(0, release.events)).toEqual(
      Array.from({ length: release.events }, (_, index) => index + 1),
    );
  });

  it('knows the tokens that were made then', async () => {
    const answer = await fetch(`${usher.url}/v1/me`, { headers: { authorization: `Bearer ${release.token}` } });
    expect(answer.status).toBe(200);
  });
});
