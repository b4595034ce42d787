import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { silentLog } from '../../store/log.ts';
import { type TestDatabase, testDatabase } from '../../store/testing/index.ts';
import { registerWorker, removeWorker } from '../../store/workers.ts';
import { type EnteredGate, type Gates, openGates } from './seats.ts';

const APP = 'app';
const WIDTH = 4;
const CALL_MS = 5;

let database: TestDatabase;
const open: Gates[] = [];
const entered = new Set<EnteredGate>();
beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query(
    `insert into connection (id, connector, settings, mapping_version, created_at, updated_at) values ($1, 'x', '{}', 1, now(), now())`,
    [APP],
  );
});
afterEach(async () => {
  for (const gate of entered) leave(gate);
  await Promise.all(open.splice(0).map((gates) => gates.close()));
  await database.pool.query('delete from worker');
});
afterAll(() => database.close());

/** The app, which counts the calls it has at a time. */
function appThatCounts() {
  const calls = { now: 0, most: 0 };
  const call = async (): Promise<void> => {
    calls.now += 1;
    calls.most = Math.max(calls.most, calls.now);
    await wait(CALL_MS);
    calls.now -= 1;
  };
  return { calls, call };
}

async function enter(id: string, width = WIDTH): Promise<EnteredGate> {
  const worker = { id, process: id, epoch: 1, version: '0.0.0', host: 'here' };
  await registerWorker(database.pool, worker, { leaseSeconds: 60, isAlone: false });
  const gates = openGates({ database, log: silentLog, workerId: () => id, lookMs: 20, waitMs: 5 });
  open.push(gates);
  const gate = gates.enter(APP, width);
  entered.add(gate);
  return gate;
}

function leave(gate: EnteredGate): void {
  entered.delete(gate);
  gate.leave();
}

async function seatsOf(): Promise<Record<string, number>> {
  const { rows } = await database.pool.query<{ worker: string; seats: number }>(
    'select worker, seats from connection_seat order by worker',
  );
  return Object.fromEntries(rows.map(({ worker, seats }) => [worker, seats]));
}

async function expectSeats(seats: Record<string, number>): Promise<void> {
  await expect.poll(seatsOf, { timeout: 5000, interval: 5 }).toEqual(seats);
}

/** Calls without end until told to stop; answers how many there were. */
function callOn(gate: EnteredGate, call: () => Promise<void>, stop: AbortSignal): Promise<number> {
  let made = 0;
  const one = async (): Promise<void> => {
    while (!stop.aborted) {
      await gate.pass(call);
      made += 1;
    }
  };
  return Promise.all(Array.from({ length: WIDTH }, one)).then(() => made);
}

it('a worker alone has all of an app, and gives it back when it leaves', async () => {
  const gate = await enter('one');
  await expect.poll(seatsOf).toEqual({ one: 4 });
  leave(gate);
  await expect.poll(seatsOf).toEqual({});
});

it('an app never has more calls at a time than it takes, whichever workers come and go, and all of them get on', async () => {
  const { calls, call } = appThatCounts();
  const stop = new AbortController();
  const names = ['one', 'two', 'three'];
  const made: Promise<number>[] = [];
  const gates: EnteredGate[] = [];
  for (const name of names) {
    const gate = await enter(name);
    gates.push(gate);
    made.push(callOn(gate, call, stop.signal));
    await wait(60);
  }
  // One more for who came first.
  await expectSeats({ one: 2, two: 1, three: 1 });
  await wait(100);
  stop.abort();
  expect((await Promise.all(made)).every((count) => count > 0)).toBe(true);
  expect(calls.most).toBe(WIDTH);
  for (const gate of gates.slice(0, 1)) leave(gate);
  await expectSeats({ two: 2, three: 2 });
});

it('whoever comes when there are no seats left waits for those that were first', async () => {
  const [first, second] = [await enter('one', 1), await enter('two', 1)];
  await expect.poll(async () => Object.values(await seatsOf()).toSorted((a, b) => a - b)).toEqual([0, 1]);
  const seats = await seatsOf();
  const [holder, other] = seats['one'] === 1 ? [first, second] : [second, first];
  let hasPassed = false;
  const passing = other.pass(async () => {
    hasPassed = true;
  });
  await wait(50);
  expect(hasPassed).toBe(false);
  leave(holder);
  await passing;
  leave(other);
});

it('what a worker held that lost its lease goes to the others, and it has its share again when it is registered anew', async () => {
  const [one] = [await enter('one'), await enter('two')];
  await expectSeats({ one: 2, two: 2 });
  await removeWorker(database.pool, 'one');
  await expectSeats({ two: 4 });
  await registerWorker(
    database.pool,
    { id: 'one', process: 'one', epoch: 2, version: '0.0.0', host: 'here' },
    { leaseSeconds: 60, isAlone: false },
  );
  await expectSeats({ one: 2, two: 2 });
  expect(await one.pass(async () => 'passed')).toBe('passed');
});

it('a call under way keeps its seat until it ends, whoever else has come', async () => {
  const one = await enter('one');
  await expectSeats({ one: 4 });
  const end = Promise.withResolvers<void>();
  const calls = Array.from({ length: WIDTH }, () => one.pass(() => end.promise));
  const two = await enter('two');
  await expectSeats({ one: 4, two: 0 });
  await wait(60);
  expect(await seatsOf()).toEqual({ one: 4, two: 0 });
  end.resolve();
  await Promise.all(calls);
  await expectSeats({ one: 2, two: 2 });
  leave(one);
  leave(two);
});
