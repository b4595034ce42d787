import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Receipt } from '../../model/changes.ts';
import { WorkTaken } from '../../model/taken.ts';
import { type TestDatabase, testDatabase } from '../testing/index.ts';
import { type HeldRun, holdRun, takeRun } from './applying.ts';
import { endChanges, journal } from './journal.ts';
import { releaseLeases, takeLeases } from './leases.ts';

let database: TestDatabase;
let runId = '';
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  runId = randomUUID();
  await database.pool.query(
    `insert into plan (id, connection_id, header, root_hash, mac, state, action, effect, requested_by, changes, created_at, expires_at)
     values ($1, 'c', '{}', '', '', 'applied', 'a', 'write', 'ada', 1, now(), now())`,
    [`plan of ${runId}`],
  );
  await database.pool.query(
    `insert into run (id, plan_id, connection_id, requested_by, state) values ($1, $2, 'c', 'ada', 'queued')`,
    [runId, `plan of ${runId}`],
  );
  await database.pool.query(
    `insert into run_change (run_id, ordinal, connection_id, requested_by, subject_key) values ($1, 0, 'c', 'ada', 'k')`,
    [runId],
  );
});
afterAll(() => database.close());

async function take(worker: string): Promise<HeldRun> {
  const held = await takeRun(database.pool, runId, ['queued', 'running'], worker);
  if (held === null) throw new Error('The run cannot be taken.');
  return held;
}

const calling = [{ ordinal: 0, state: 'calling', held: null }] as const;
const change = async () =>
  (await database.pool.query('select state, attempt from run_change where run_id = $1', [runId])).rows[0];
const RECEIPT: Receipt = {
  summary: 'Done.', code: null, proof: 'state', calls: [], before: null, after: null, verifiedAt: null, handoff: null,
}; // prettier-ignore

it('whoever had a run in hand writes down no call once another has taken it', async () => {
  const before = await take('one');
  const now = await take('two');
  await expect(journal(database.pool, before, calling)).rejects.toBeInstanceOf(WorkTaken);
  expect(await change()).toEqual({ state: 'planned', attempt: 0 });
  await journal(database.pool, now, calling);
  expect(await change()).toEqual({ state: 'calling', attempt: 1 });
});

it('a call that is written down anew before it goes out is still one call', async () => {
  const held = await take('one');
  await journal(database.pool, held, calling);
  await journal(database.pool, held, calling);
  expect(await change()).toEqual({ state: 'calling', attempt: 1 });
});

it('a run is not taken between the word that a call is coming and its being durable', async () => {
  const before = await take('one');
  const taking: Promise<HeldRun>[] = [];
  await database.transaction(async (client) => {
    await journal(client, before, calling);
    taking.push(take('two'));
    // Whoever takes it waits for us: it will find the call.
    const { rows } = await client.query<{ epoch: number }>('select epoch from run where id = $1', [runId]);
    expect(rows[0]?.epoch).toBe(before.epoch);
  });
  const [now] = await Promise.all(taking);
  expect(now?.epoch).toBe(before.epoch + 1);
  expect(await change()).toEqual({ state: 'calling', attempt: 1 });
});

it('ends, leases and the end of the run are the new owner’s alone', async () => {
  const before = await take('one');
  const now = await take('two');
  await takeLeases(database.pool, { connectionId: 'c', runId, keys: [{ ordinal: 0, key: runId }], seconds: 60 });
  const ended = [{ ordinal: 0, end: 'done', receipt: RECEIPT, inverse: null, adopted: false }] as const;
  await expect(database.transaction((client) => endChanges(client, before, ended))).rejects.toBeInstanceOf(WorkTaken);
  await expect(database.transaction((client) => holdRun(client, before))).rejects.toBeInstanceOf(WorkTaken);
  await releaseLeases(database.pool, before);
  const leases = async () =>
    (await database.pool.query('select ordinal from change_lease where run_id = $1', [runId])).rows;
  expect(await leases()).toEqual([{ ordinal: 0 }]);
  expect(await change()).toMatchObject({ state: 'planned' });
  await database.transaction((client) => endChanges(client, now, ended));
  expect(await change()).toMatchObject({ state: 'done' });
  expect(await leases()).toEqual([]);
});
