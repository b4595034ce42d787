import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../store/testing/index.ts';
import { findRun, takeSyncRun } from '../store/sync/runs.ts';
import { account, fakeSync } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

it('a sync that another worker has taken stages nothing more and does not end it; the other goes on', async () => {
  const fake = await fakeSync(database, 'shared');
  const pages = [[account('1')], [account('2')], [account('3')]];
  fake.app.collections = { directory: { pages, yields: ['account'] } };
  const { runId } = await fake.service.request('shared', 'test');
  let isTaken = false;
  // While the second page is asked for, the first may still be on its way into staging.
  fake.app.onPage = async (_, page) => {
    if (page !== 1 || isTaken) return;
    isTaken = true;
    await takeSyncRun(database.pool, runId, 'another');
  };
  await fake.carryOut(runId);
  expect(await findRun(database.pool, runId)).toMatchObject({ state: 'running', error: null, pulled_at: null });
  const { rows } = await database.pool.query<{ page: number }>('select page from staged_page where run_id = $1', [
    runId,
  ]);
  expect(rows.filter(({ page }) => page > 0)).toEqual([]);
  await fake.carryOut(runId);
  expect(await findRun(database.pool, runId)).toMatchObject({ state: 'succeeded', changes: { added: 3 } });
});
