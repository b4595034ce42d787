import { afterAll, beforeAll, expect, it } from 'vitest';
import { operationFigures } from './figures.ts';
import { testDatabase, type TestDatabase } from './testing/index.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => database.close());

it('an empty instance has nothing under way and no lag', async () => {
  expect(await operationFigures(database.pool)).toEqual({
    runs: { queued: 0, running: 0, paused: 0 },
    unplacedEvents: 0,
    oldestUnplacedSeconds: 0,
    waitingPlans: 0,
    waitingTasks: 0,
    uncertainChanges: 0,
    unlinkedEntries: 0,
    connections: [],
    budgets: [],
  });
});

it('tells what is under way, what waits for the feed, and when each connection last succeeded', async () => {
  await database.pool.query(`
    insert into connection (id, connector, settings, state, paused_reason, mapping_version, created_at, updated_at)
      values ('a', 'fake', '{}', 'active', null, 1, now(), now()), ('b', 'fake', '{}', 'paused', 'by hand', 1, now(), now());
    insert into sync_run (id, connection_id, state, requested_by, requested_at, finished_at) values
      (gen_random_uuid(), 'a', 'succeeded', 'x', '2026-01-01Z', '2026-01-01T01:00:00Z'),
      (gen_random_uuid(), 'a', 'succeeded', 'x', '2026-01-02Z', '2026-01-02T00:00:10Z'),
      (gen_random_uuid(), 'a', 'failed', 'x', '2026-01-03Z', '2026-01-03T00:00:10Z'),
      (gen_random_uuid(), 'a', 'running', 'x', '2026-01-04Z', null),
      (gen_random_uuid(), 'b', 'paused', 'x', '2026-01-04Z', null);
    insert into change_event (position, connection_id, source, type, subject_kind, subject_key, occurred_at, recorded_at, data)
      values (1, 'a', 'sync', 'account.created', 'account', '1', now(), now() - interval '9 hours', '{}'),
             (null, 'a', 'sync', 'account.created', 'account', '2', now(), now() - interval '2 hours', '{}'),
             (null, 'a', 'sync', 'account.created', 'account', '3', now(), now(), '{}')`);
  const figures = await operationFigures(database.pool);
  expect(figures).toMatchObject({
    runs: { queued: 0, running: 1, paused: 1 },
    unplacedEvents: 2,
    connections: [
      { id: 'a', state: 'active', lastSuccessAt: Date.parse('2026-01-02T00:00:10Z') / 1000 },
      { id: 'b', state: 'paused', lastSuccessAt: null },
    ],
  });
  expect(figures.oldestUnplacedSeconds).toBeGreaterThanOrEqual(2 * 3600);
  expect(figures.oldestUnplacedSeconds).toBeLessThan(3 * 3600);
});
