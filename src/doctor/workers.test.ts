import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../store/testing/index.ts';
import { registerWorker } from '../store/workers.ts';
import { examineWorkers } from './workers.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const onServer = () => ({ ...database, postgres: { ...database.postgres, mode: 'server' as const } });
const register = (process: string, version: string) =>
  registerWorker(
    database.pool,
    { id: `${process}.1`, process, epoch: 1, version, host: 'here' },
    { leaseSeconds: 15, isAlone: false },
  );

it('says that nobody carries work out, who does, and who is of another version', async () => {
  expect(await examineWorkers(onServer(), '1.0.0')).toMatchObject({ state: 'problem' });
  await register('one', '1.0.0');
  expect(await examineWorkers(onServer(), '1.0.0')).toMatchObject({ state: 'ok', detail: 'one (1.0.0)' });
  await register('two', '0.9.0');
  expect(await examineWorkers(onServer(), '1.0.0')).toMatchObject({
    state: 'warning',
    detail: expect.stringContaining('two (0.9.0)'),
  });
});

it('counts nobody whose lease is over, and asks nothing of an embedded database', async () => {
  await database.pool.query(`update worker set heartbeat_at = clock_timestamp() - interval '1 minute'`);
  expect(await examineWorkers(onServer(), '1.0.0')).toMatchObject({ state: 'problem' });
  const embedded = { ...database, postgres: { ...database.postgres, mode: 'embedded' as const } };
  expect(await examineWorkers(embedded, '1.0.0')).toMatchObject({ state: 'ok' });
});
