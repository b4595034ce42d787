import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { WorkTaken } from '../model/taken.ts';
import { silentLog } from '../store/log.ts';
import { type TestDatabase, testDatabase } from '../store/testing/index.ts';
import { countWorkers, listWorkers } from '../store/workers.ts';
import { type Lease, type LeaseOptions, takeLease } from './lease.ts';

const LEASE_SECONDS = 15;
const BEAT_MS = (LEASE_SECONDS * 1000) / 3;

let database: TestDatabase;
let leases: Lease[] = [];
let nowMs = 0;
beforeAll(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(leases.map((lease) => lease.release()));
  await database.pool.query('delete from worker');
  leases = [];
});
afterAll(() => database.close());

async function register(name: string, more: Partial<LeaseOptions> = {}): Promise<Lease> {
  const lease = await takeLease({
    on: database.pool,
    log: silentLog,
    identity: { process: name, host: 'here', version: '0.0.0' },
    epoch: 1,
    leaseSeconds: LEASE_SECONDS,
    isAlone: false,
    nowMs: () => nowMs,
    onBeat: () => Promise.resolve(),
    ...more,
  });
  leases.push(lease);
  return lease;
}

const expire = (id: string) =>
  database.pool.query(`update worker set expires_at = clock_timestamp() - interval '1 second' where id = $1`, [id]);

it('is held from its registration until it is given back, and listed as long', async () => {
  const lease = await register('one');
  expect(lease.isHeld()).toBe(true);
  expect(await listWorkers(database.pool)).toMatchObject([{ id: lease.id, process: 'one', epoch: 1, host: 'here' }]);
  await lease.release();
  expect(await listWorkers(database.pool)).toEqual([]);
});

it('is over by the clock of its own process, before anybody is asked: one that was stopped asks no app', async () => {
  const lease = await register('sleeper');
  nowMs += LEASE_SECONDS * 1000 - 1;
  expect(lease.isHeld()).toBe(true);
  nowMs += 1;
  expect(lease.isHeld()).toBe(false);
  expect(lease.lost.aborted).toBe(false);
});

it('is taken away by another’s heartbeat once it has expired, which its own finds out', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const seen = Promise.withResolvers<readonly string[]>();
  const slow = await register('slow', { leaseSeconds: 3600 });
  const alive = await register('alive', { onBeat: async (dead) => seen.resolve(dead) });
  await expire(slow.id);
  expect(await countWorkers(database.pool)).toBe(1);
  vi.advanceTimersByTime(BEAT_MS);
  expect(await seen.promise).toEqual([slow.id]);
  const lost = new Promise((resolve) => slow.lost.addEventListener('abort', resolve));
  vi.advanceTimersByTime(1200_000);
  await lost;
  expect(slow.lost.reason).toBeInstanceOf(WorkTaken);
  expect(slow.isHeld()).toBe(false);
  expect(alive.isHeld()).toBe(true);
});

it('that has expired is prolonged all the same where nobody has taken it away', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const beat = Promise.withResolvers<readonly string[]>();
  const lease = await register('late', { onBeat: async (dead) => beat.resolve(dead) });
  await expire(lease.id);
  vi.advanceTimersByTime(BEAT_MS);
  expect(await beat.promise).toEqual([]);
  expect(lease.lost.aborted).toBe(false);
  expect(await countWorkers(database.pool)).toBe(1);
});

it('of whoever was on an embedded database before is taken away at once', async () => {
  await register('killed');
  const next = await register('next', { isAlone: true });
  expect((await listWorkers(database.pool)).map(({ id }) => id)).toEqual([next.id]);
});
