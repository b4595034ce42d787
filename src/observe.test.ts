import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { observe } from './observe.ts';
import { testDatabase, type TestDatabase } from './store/testing/index.ts';
import { createLog } from './telemetry/log.ts';

const clock = { now: () => new Date('2026-03-02T10:01:00Z') };

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => database.close());

async function run(state: string): Promise<string> {
  const id = randomUUID();
  await database.pool.query(
    `insert into sync_run (id, connection_id, state, requested_by, requested_at, started_at)
     values ($1::uuid, $1::uuid::text, $2, 'test', '2026-03-02T10:00:00Z', '2026-03-02T10:00:00Z')`,
    [id, state],
  );
  return id;
}

const set = async (id: string, state: string, finishedAt: string | null): Promise<void> => {
  await database.pool.query('update sync_run set state = $2, finished_at = $3 where id = $1', [id, state, finishedAt]);
};

it('a sync that ends or is paused is counted once, with how long it took; one that goes on is not', async () => {
  const observer = observe(database, clock, '1');
  const [ended, paused, stopped] = [await run('queued'), await run('running'), await run('running')];
  await observer.sync(ended, () => set(ended, 'succeeded', '2026-03-02T10:00:12Z'));
  await observer.sync(ended, async () => undefined);
  await observer.sync(paused, () => set(paused, 'paused', null));
  await observer.sync(stopped, async () => undefined);
  const text = await observer.metrics.text();
  const sum = 'usher_sync_duration_seconds_sum';
  const count = 'usher_sync_duration_seconds_count';
  expect(text).toContain(`${sum}{connection="${ended}",state="succeeded"} 12\n`);
  expect(text).toContain(`${count}{connection="${ended}",state="succeeded"} 1\n`);
  expect(text).toContain(`${sum}{connection="${paused}",state="paused"} 60\n`);
  expect(text).not.toContain(`${count}{connection="${stopped}"`);
});

it('every line of a sync carries its run and connection', async () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line)) });
  const id = await run('queued');
  await observe(database, clock, '1').sync(id, async () => {
    await set(id, 'running', null);
    log.warn({ page: 3 }, 'The app is away.');
  });
  expect(lines).toMatchObject([{ run: id, connection: id, page: 3, level: 'warn' }]);
});

it("every line of a look at an app's log carries its connection", async () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line)) });
  await observe(database, clock, '1').poll('lastpass', async () => log.warn({}, 'The app is away.'));
  expect(lines).toMatchObject([{ connection: 'lastpass', msg: 'The app is away.' }]);
});

it('a failure of a sync is thrown on', async () => {
  const id = await run('queued');
  const failed = observe(database, clock, '1').sync(id, async () => Promise.reject(new Error('a fault of ours')));
  await expect(failed).rejects.toThrow('a fault of ours');
});

it('calls to apps are counted by connection, functionality and outcome, with waits before them', async () => {
  const observer = observe(database, clock, '1');
  observer.called('lastpass', {
    operation: 'getuserdata',
    functionality: 'default',
    attempt: 1,
    startedAt: '2026-03-02T10:00:00.000Z',
    ms: 250,
    status: 503,
    outcome: 'repeated',
    error: 'serverError',
    request: { method: 'POST', url: 'https://lastpass.example/x?who=ada@northwind.example', headers: {}, body: null },
    response: null,
  });
  observer.waited('lastpass', 'default', 1500);
  observer.pulled({ connectionId: 'lastpass', collection: 'directory', records: 20 });
  const text = await observer.metrics.text();
  const labels = 'connection="lastpass",functionality="default"';
  expect(text).toContain(`usher_vendor_call_duration_seconds_sum{${labels},outcome="repeated",status="503"} 0.25\n`);
  expect(text).toContain(`usher_limiter_wait_seconds_sum{${labels}} 1.5\n`);
  expect(text).toContain('usher_sync_records_total{connection="lastpass",collection="directory"} 20\n');
  expect(text).not.toContain('ada@');
});
