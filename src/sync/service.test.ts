import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../store/testing/index.ts';
import { createSyncService } from './service.ts';
import { account, fakeSync } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const schedule = (id: string, seconds: number | null, nextSyncAt: string | null): Promise<unknown> =>
  database.pool.query('update connection set schedule_seconds = $2, next_sync_at = $3 where id = $1', [
    id,
    seconds,
    nextSyncAt,
  ]);

const nextSync = async (id: string): Promise<string> =>
  (await database.pool.query<{ at: string }>('select next_sync_at as at from connection where id = $1', [id])).rows[0]
    ?.at ?? '';

it('starts what is due and nothing else, and spreads the next times around the interval', async () => {
  const due = await fakeSync(database, 'due');
  await fakeSync(database, 'later');
  await fakeSync(database, 'by-hand');
  await fakeSync(database, 'held');
  await schedule('due', 1000, '2026-01-01T00:00:00Z');
  await schedule('later', 1000, '2999-01-01T00:00:00Z');
  await schedule('by-hand', null, null);
  await schedule('held', 1000, '2026-01-01T00:00:00Z');
  await database.pool.query(`update connection set state = 'paused', paused_reason = 'test' where id = 'held'`);

  const delays: number[] = [];
  for (const random of [0, 0.5, 1]) {
    const started: string[] = [];
    const service = createSyncService({
      ...due.deps,
      start: async (_runId, connectionId) => void started.push(connectionId),
      random: () => random,
    });
    await schedule('due', 1000, '2026-01-01T00:00:00Z');
    const before = due.now();
    expect(await service.startDue()).toEqual(['due']);
    expect(started).toEqual(['due']);
    delays.push(Math.round((Date.parse(await nextSync('due')) - Date.parse(before)) / 1000));
    expect(await service.startDue()).toEqual([]);
  }
  expect(delays.map((seconds) => Math.round(seconds / 10) * 10)).toEqual([900, 1000, 1100]);
});

it('starts again what should be under way, as after a crash', async () => {
  const fake = await fakeSync(database, 'crashed');
  fake.app.collections = { directory: { pages: [[account('1')]], yields: ['account'] } };
  const { runId } = await fake.service.request('crashed', 'test');
  const started: string[] = [];
  const service = createSyncService({ ...fake.deps, start: async (id) => void started.push(id), random: () => 0 });
  await service.resumeUnfinished();
  expect(started).toContain(runId);
  await fake.carryOut(runId);
  started.length = 0;
  await service.resumeUnfinished();
  expect(started).not.toContain(runId);
});
