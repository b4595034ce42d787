import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { silentLog } from '../store/log.ts';
import { type TestDatabase, testDatabase } from '../store/testing/index.ts';
import { type Engine, type EngineWork, startEngine, type WorkerOptions } from './engine.ts';

let database: TestDatabase;
let engine: Engine | null = null;
beforeAll(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  await engine?.stop();
  engine = null;
});
afterAll(() => database.close());

const WORKER: WorkerOptions = { process: 'test', host: 'here', version: '0.0.0', isAlone: true };
const nothing = {
  sync: () => Promise.resolve(),
  pollAppEvents: () => Promise.resolve(),
  apply: () => Promise.resolve(),
  tick: () => Promise.resolve(),
  recover: () => Promise.resolve(),
};

const launch = async (work: Partial<EngineWork>, worker: Partial<WorkerOptions> = {}): Promise<Engine> => {
  engine = await startEngine({
    connection: database.connection,
    log: silentLog,
    worker: { ...WORKER, ...worker },
    tickCron: '0 0 1 1 *',
    work: { ...nothing, ...work },
  });
  return engine;
};

/** A promise to be settled from outside. */
function signalled<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  return Promise.withResolvers<T>();
}

it('carries a sync out once, however often it is asked for while it runs', async () => {
  const begun = signalled<string>();
  const go = signalled<null>();
  const carried: string[] = [];
  const running = await launch({
    sync: async (runId) => {
      begun.resolve(runId);
      await go.promise;
      carried.push(runId);
    },
  });
  await running.startSync('run-1', 'lastpass');
  await begun.promise;
  await Promise.all([running.startSync('run-1', 'lastpass'), running.startSync('run-1', 'lastpass')]);
  go.resolve(null);
  await running.stop();
  expect(carried).toEqual(['run-1']);
});

it('carries out again what is asked for after it ended (a confirmed run)', async () => {
  let count = 0;
  const twice = signalled<null>();
  const first = signalled<null>();
  const running = await launch({
    sync: async () => {
      count += 1;
      if (count === 1) first.resolve(null);
      if (count === 2) twice.resolve(null);
    },
  });
  await running.startSync('run-2', 'lastpass');
  await first.promise;
  await expect
    .poll(
      async () => {
        await running.startSync('run-2', 'lastpass');
        return count;
      },
      { timeout: 20_000 },
    )
    .toBeGreaterThan(1);
  await twice.promise;
});

it('tells what runs to stop, and goes on with a sync that was not finished', async () => {
  const begun = signalled<null>();
  const stopped = await launch({
    sync: async (_runId, signal) => {
      begun.resolve(null);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  });
  await stopped.startSync('run-3', 'lastpass');
  await begun.promise;
  await stopped.stop();
  expect(stopped.isRunning()).toBe(false);
  const again = signalled<string>();
  const running = await launch({ sync: async (runId) => again.resolve(runId) });
  await running.startSync('run-3', 'lastpass'); // what the sync room does for every run that is not finished
  expect(await again.promise).toBe('run-3');
});

it('ticks by its schedule, and a tick can start what is due', async () => {
  const ticked = signalled<Date>();
  const polled = signalled<string>();
  engine = await startEngine({
    connection: database.connection,
    log: silentLog,
    worker: WORKER,
    tickCron: '* * * * * *',
    work: {
      ...nothing,
      pollAppEvents: async (connectionId) => polled.resolve(connectionId),
      tick: async (now) => {
        await engine?.startPoll('lastpass');
        ticked.resolve(now);
      },
    },
  });
  expect(await polled.promise).toBe('lastpass');
  expect(await ticked.promise).toBeInstanceOf(Date);
});

it('asks for work without carrying it out, and again for what a worker without a lease had claimed', async () => {
  await (await launch({})).stop(); // makes the library's tables
  const carried: string[] = [];
  engine = await startEngine({
    connection: database.connection,
    log: silentLog,
    worker: null,
    work: { ...nothing, apply: async (id) => void carried.push(id) },
  });
  await engine.startApply('run-9', 'lastpass');
  await engine.startApply('run-9', 'lastpass');
  const states = async () =>
    (
      await database.pool.query<{ id: string; status: string }>(
        `select workflow_uuid as id, status from dbos.workflow_status where workflow_uuid like 'apply/run-9/%' order by 1`,
      )
    ).rows;
  expect(await states()).toEqual([{ id: 'apply/run-9/1', status: 'ENQUEUED' }]);
  await database.pool.query(
    `update dbos.workflow_status set status = 'PENDING', executor_id = 'dead.1' where workflow_uuid = 'apply/run-9/1'`,
  );
  await engine.startApply('run-9', 'lastpass');
  expect(await states()).toHaveLength(1);
  await engine.stop();
  const again = signalled<string>();
  const running = await launch({ apply: async (id) => again.resolve(id) }); // strikes out what nobody has in hand
  await running.startApply('run-9', 'lastpass');
  expect(await again.promise).toBe('run-9');
  expect(carried).toEqual([]);
  expect((await states())[0]).toEqual({ id: 'apply/run-9/1', status: 'CANCELLED' });
});

it('leaves new work to a newer version while one of its workers lives, and takes it when none does', async () => {
  await (await launch({}, { version: '0.0.1' })).stop();
  const register = `insert into worker (id, process, epoch, version, host, expires_at)
                    values ('newer.1', 'newer', 1, '0.0.1', 'there', clock_timestamp() + interval '1 hour')`;
  const carried = signalled<string>();
  const older = await launch({ apply: async (id) => carried.resolve(id) }, { isAlone: false, leaseSeconds: 1.5 });
  await database.pool.query(register);
  // As the newer one does at its start.
  await database.pool.query(
    `update dbos.application_versions set version_timestamp = (extract(epoch from clock_timestamp()) * 1000)::bigint
      where version_name = '0.0.1'`,
  );
  await older.startApply('run-10', 'lastpass');
  const beats = async () =>
    (await database.pool.query<{ at: string }>(`select heartbeat_at as at from worker where process = 'test'`)).rows;
  const [before] = await beats();
  await expect.poll(async () => (await beats())[0]?.at, { timeout: 20_000 }).not.toBe(before?.at);
  const status = `select status from dbos.workflow_status where workflow_uuid = 'apply/run-10/1'`;
  expect((await database.pool.query(status)).rows).toEqual([{ status: 'ENQUEUED' }]);
  await database.pool.query(`delete from worker where process = 'newer'`);
  expect(await carried.promise).toBe('run-10');
});

it('does not register anew where it must not, and does when it may again', async () => {
  let refusal: Error | null = new Error('The database was made by a newer Usher.');
  const refused = signalled<null>();
  const running = await launch(
    {},
    {
      isAlone: false,
      leaseSeconds: 0.9,
      mayRegister: async () => {
        if (refusal === null) return;
        refused.resolve(null);
        throw refusal;
      },
    },
  );
  expect(running.isRunning()).toBe(true);
  await database.pool.query('delete from worker');
  await refused.promise;
  expect(running.isRunning()).toBe(false);
  refusal = null;
  await expect.poll(() => running.isRunning(), { timeout: 20_000 }).toBe(true);
  expect(running.workerId()).toMatch(/^test\.\d+$/);
});
