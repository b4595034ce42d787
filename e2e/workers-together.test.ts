import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { peopleOf } from './changes/company.ts';
import { connectOn, ended, patient, start, syncOn } from './changes/stage.ts';
import { runCli } from '../src/cli/testing/run-cli.ts';
import { testDatabase } from '../src/store/testing/index.ts';
import { ask } from './changes/strikes.ts';
import { startWorker } from './changes/worker-process.ts';
import { installedPostgres, startPostgresServer } from './postgres-server.ts';
import { startSimulator, startUsher, temporaryDirectory } from './processes.ts';

/** Calls at a time to LastPass. */
const CONCURRENCY = 4;
const [PLANS, CHANGES, CALL_MS] = [4, 20, 60];
const requests = z.array(z.object({ operation: z.string(), atOnce: z.number() }));
const PATIENCE = { timeout: 10_000 };
const installed = installedPostgres();

it('a worker whose engine cannot start says so and ends', async () => {
  const database = await testDatabase();
  const directory = await temporaryDirectory();
  await database.pool.query('create schema dbos; create view dbos.workflow_status as select 1 as status');
  const { exitCode, stderr } = await runCli(['worker', '--data-dir', directory.path], {
    env: { DATABASE_URL: database.url, USHER_MASTER_KEY: randomBytes(32).toString('base64') },
  });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('usher: ');
  await directory.remove();
  await database.close();
});

it.skipIf(installed === null)(
  'two workers started at once, with runs of one connection in hand, call its app no oftener at a time than it takes',
  async () => {
    await using stack = new AsyncDisposableStack();
    const directory = await temporaryDirectory();
    stack.defer(() => directory.remove());
    const postgres = await startPostgresServer(installed?.bin ?? '', directory.path);
    stack.defer(() => postgres.stop());
    const simulator = await startSimulator('lastpass', ['--people', '160']);
    stack.defer(() => simulator.stop());
    const environment = {
      DATABASE_URL: postgres.url,
      USHER_MASTER_KEY: randomBytes(32).toString('base64'),
      USHER_EGRESS_ALLOW: new URL(simulator.url).host,
      USHER_TOKEN_RATE: '0',
    };
    const dataDirs = ['api', 'one', 'two'].map((name) => join(directory.path, name));
    await Promise.all(dataDirs.map((path) => mkdir(path)));
    const [api = '', ...ofWorkers] = dataDirs;
    const workers = await Promise.all(ofWorkers.map((dataDir) => startWorker({ dataDir, environment })));
    for (const worker of workers) stack.defer(() => worker.end('SIGTERM'));
    const usher = await startUsher({
      allow: [new URL(simulator.url).host], dataDir: api, environment, args: ['--no-engine'],
    }); // prettier-ignore
    stack.defer(async () => void (await usher.end('SIGTERM')));
    const stage = { simulator, ask: patient(() => usher) };
    await connectOn(stage);
    await syncOn(stage);

    const people = [...(await peopleOf(simulator)).values()].filter(
      (each) => each.status === 'active' && !each.isAdmin,
    );
    const users = people.map(({ email }) => email);
    await simulator.inspect('PUT', 'faults', [`slow=${CALL_MS}`]);
    const plans = Array.from({ length: PLANS }, (_, index) => ({
      action: 'lastpass_delete_users',
      input: { users: users.slice(index * CHANGES, (index + 1) * CHANGES), mode: 'remove' },
      wishes: [],
    }));
    const inHands = async (): Promise<number> => {
      const rows = await ask(postgres.url, 'select count(distinct worker)::int as workers from run');
      return z.tuple([z.object({ workers: z.number() })]).parse(rows)[0].workers;
    };
    // Left to themselves one of them may take all four: whoever has the first stands still until the other has some.
    const first = await start(stage, plans[0] ?? never(), 'plan-0');
    await expect.poll(inHands, PATIENCE).toBe(1);
    const [busy] = await ask(postgres.url, 'select worker from run');
    const holder = workers.find(({ pid }) => JSON.stringify(busy).includes(`-${pid}-`)) ?? never();
    holder.send('SIGSTOP');
    const others = await Promise.all(plans.slice(1).map((plan, index) => start(stage, plan, `plan-${index + 1}`)));
    await expect.poll(inHands, PATIENCE).toBe(2);
    holder.send('SIGCONT');
    for (const run of [first, ...others]) expect((await ended(stage, run)).counts).toMatchObject({ done: CHANGES });

    const seen = requests.parse(await simulator.inspect('GET', 'requests'));
    const ofChanges = seen.filter(({ operation }) => operation === 'getuserdata' || operation === 'deluser');
    // A poll of the app's own log may come beside them.
    expect([CONCURRENCY, CONCURRENCY + 1]).toContain(Math.max(...ofChanges.map(({ atOnce }) => atOnce)));
  },
);

function never(): never {
  throw new Error('There is to be one.');
}
