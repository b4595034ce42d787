// What a pull is worth to a process of another version, which maps the app's records in another way.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findRun } from '../store/sync/runs.ts';
import { type TestDatabase, testDatabase } from '../store/testing/index.ts';
import { account, fakeSync } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const people = (count: number) => Array.from({ length: count }, (_, index) => account(String(100 + index)));

it('a pull that another version began begins anew, so that all of it is mapped in one way', async () => {
  const fake = await fakeSync(database, 'taken-over');
  const pages = [[account('1')], [account('2')], [account('3')]];
  fake.app.collections = { directory: { pages, yields: ['account'] } };
  const { runId } = await fake.service.request('taken-over', 'test');
  const stop = new AbortController();
  fake.app.onPage = (_, page) => {
    if (page === 1) stop.abort();
  };
  await fake.carryOut(runId, stop.signal);
  fake.app.onPage = () => undefined;
  fake.app.mappingVersion = 2;
  fake.app.asked.length = 0;
  await fake.carryOut(runId);
  expect(fake.app.asked).toEqual(['directory/0', 'directory/1', 'directory/2']);
  const run = await findRun(database.pool, runId);
  expect(run).toMatchObject({ state: 'succeeded', mapping_version: 2, changes: { added: 3 } });
});

it('a pull that is confirmed under another version stays what it was, and the next one is a re-base', async () => {
  const fake = await fakeSync(database, 'confirmed');
  fake.app.collections = { directory: { pages: [people(10)], yields: ['account'] } };
  await fake.sync();
  fake.app.collections = { directory: { pages: [people(7)], yields: ['account'] } };
  const runId = await fake.sync();
  expect(await findRun(database.pool, runId)).toMatchObject({ state: 'paused' });
  fake.app.mappingVersion = 2;
  await fake.service.confirmConnection('confirmed', 'ada');
  await fake.carryOut(runId);
  expect(await findRun(database.pool, runId)).toMatchObject({ state: 'succeeded', mapping_version: 1 });
  const pages = [people(7).map((each) => ({ ...each, extra: { more: true } }))];
  fake.app.collections = { directory: { pages, yields: ['account'] } };
  await fake.sync();
  const { rows } = await database.pool.query<{ type: string }>(
    `select distinct type from change_event where connection_id = 'confirmed' and type like '%updated'`,
  );
  expect(rows).toEqual([]);
});
