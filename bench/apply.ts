import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { peopleOf } from '../e2e/changes/company.ts';
import {
  runScript,
  type SimulatorProcess,
  startSimulator,
  startUsher,
  temporaryDirectory,
  type UsherProcess,
} from '../e2e/processes.ts';
import { figure, keepsUp, median, type Report } from './report.ts';
import { sync } from './sync.ts';

const BENCH = 'apply';
/** Calls at a time to LastPass, and how many users one call disables or enables. */
const CONCURRENCY = 4;
const BATCH = 100;
/** They fit on one page, so that a batch is read by one call. */
const PEOPLE = 1900;
const LATENCY_MS = 50;
const LEAST_OF_FLOOR = 0.6;
const LEAST_OF_CAP = 0.8;

/** One kind of change: how Usher is asked for it, and the vendor's command. */
interface Kind {
  readonly name: string;
  readonly batch: number;
  /** What the floor needs for a batch: read, call, read back; for who is gone also a look at the invited. */
  readonly calls: number;
  readonly command: string;
  readonly action: string;
  readonly input: (addresses: readonly string[]) => Readonly<Record<string, unknown>>;
}

const disable: Kind = {
  name: 'disable', batch: BATCH, calls: 3, command: 'disableuser', action: 'lastpass_disable_user', input: (users) => ({ users }),
}; // prettier-ignore
const enable: Kind = { ...disable, name: 'enable', command: 'enableuser', action: 'lastpass_enable_user' };
const remove: Kind = {
  name: 'remove', batch: 1, calls: 4, command: 'deluser', action: 'lastpass_delete_users',
  input: (users) => ({ users, mode: 'remove' }),
}; // prettier-ignore

/**
 * `bench apply`: changes a second of one run, in batches and one by one, against a floor that makes the same calls and
 * writes one receipt a change; then with an app that takes 50 ms a call, against what its concurrency allows.
 */
export async function run(args: readonly string[], report: Report): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { changes: { type: 'string', default: '1200' }, rounds: { type: 'string', default: '3' } },
  });
  const simulator = await startSimulator('lastpass', ['--people', String(PEOPLE)]);
  const directory = await temporaryDirectory();
  try {
    const usher = await startUsher({ allow: [new URL(simulator.url).host], dataDir: directory.path });
    try {
      await connect(usher, simulator);
      await measure({ usher, simulator, report }, Number(values.changes), Number(values.rounds));
    } finally {
      await usher.end('SIGTERM');
    }
  } finally {
    await simulator.stop();
    await directory.remove();
  }
}

interface World {
  readonly usher: UsherProcess;
  readonly simulator: SimulatorProcess;
  readonly report: Report;
}

async function measure(world: World, changes: number, rounds: number): Promise<void> {
  const { simulator, report } = world;
  const people = [...(await peopleOf(simulator)).values()];
  const free = people.filter(({ status, isAdmin }) => status === 'active' && !isAdmin).map(({ email }) => email);
  const take = (count: number): readonly string[] => {
    if (free.length < count) throw new Error(`The company is too small for ${rounds} rounds of ${changes} changes.`);
    return free.splice(0, count);
  };
  const everybody = take(changes);
  const single = Math.floor(changes / 20);
  const times = { batched: pair(), single: pair() };
  for (let round = 0; round < rounds; round += 1) {
    // Usher and floor take turns, so that what the machine does meanwhile falls on both; each enables whom it disabled.
    for (const kind of [disable, enable]) times.batched.floor.push(await floorMs(world, kind, everybody));
    for (const kind of [disable, enable]) times.batched.usher.push((await applied(world, kind, everybody)).ms);
    times.single.floor.push(await floorMs(world, remove, take(single)));
    times.single.usher.push((await applied(world, remove, take(single))).ms);
  }
  const perSecond = (count: number, ms: readonly number[]): number => count / (median(ms) / 1000);
  const against = (name: string, count: number, { usher, floor }: Pair): void =>
    report(keepsUp(BENCH, name, 'changes/s', perSecond(count, usher), perSecond(count, floor), LEAST_OF_FLOOR));
  against(`disable and enable in batches of ${BATCH}, ${changes} changes`, changes, times.batched);
  against(`remove one by one, ${single} changes`, single, times.single);

  await simulator.inspect('PUT', 'faults', [`slow=${LATENCY_MS}`]);
  const againstCap = async (kinds: readonly [Kind, ...Kind[]], addresses: readonly string[]): Promise<void> => {
    const runs: Awaited<ReturnType<typeof applied>>[] = [];
    for (const kind of kinds) runs.push(await applied(world, kind, addresses));
    const [{ calls, batch }] = kinds;
    const cap = CONCURRENCY / ((calls / batch) * (LATENCY_MS / 1000));
    const what = [...new Set(kinds.map(({ name }) => name))].join(' and ');
    const name = `${what}, ${LATENCY_MS} ms a call, against ${CONCURRENCY} calls at a time`;
    const times = runs.map(({ ms }) => ms);
    report(keepsUp(BENCH, name, 'changes/s', perSecond(addresses.length, times), cap, LEAST_OF_CAP));
    report(figure(BENCH, `${what}: calls a change`, 'calls', median(runs.map((run) => run.calls)) / addresses.length));
  };
  await againstCap([disable, enable, disable, enable, disable], everybody);
  await againstCap([remove], take(single));
}

interface Pair {
  readonly usher: number[];
  readonly floor: number[];
}

function pair(): Pair {
  return { usher: [], floor: [] };
}

async function connect(usher: UsherProcess, { url, credentials }: SimulatorProcess): Promise<void> {
  await usher.call('POST', '/v1/connections', {
    id: 'bench',
    connector: 'lastpass',
    settings: { company_id: credentials['company_id'], region: 'custom', base_url: url, requests_per_second: 100_000 },
    secrets: { provisioning_hash: credentials['provisioning_hash'] },
    schedule_seconds: null,
  });
  const most = 1_000_000;
  await usher.call('PATCH', '/v1/policy', {
    approval_above_subjects: most,
    stop_above_subjects: most,
    stop_above_percent: 100,
  });
  await sync(usher, 'bench');
}

const planSchema = z.object({ id: z.string(), state: z.string(), run_id: z.string().nullable() });
const runSchema = z.object({
  state: z.string(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  counts: z.object({ done: z.number() }),
});

/** Plans and applies; how long the run took from its start to its end, and how many calls the app got. */
async function applied(
  { usher, simulator }: World,
  { action, input }: Kind,
  addresses: readonly string[],
): Promise<{ readonly ms: number; readonly calls: number }> {
  const body = { connection: 'bench', action, input: input(addresses), apply_when_approved: false };
  const plan = planSchema.parse(await usher.call('POST', '/v1/plans', body));
  if (plan.state === 'waiting') await usher.call('POST', `/v1/plans/${plan.id}/approve`, {});
  // What planning leaves to be done beside it, the audit log's links, is not the run's.
  await wait(500);
  const before = await requestsOf(simulator);
  await usher.call('POST', `/v1/plans/${plan.id}/apply`, {});
  for (;;) {
    await wait(250);
    const run = runSchema.parse(await usher.call('GET', `/v1/runs/${plan.id}`));
    if (run.finished_at === null || run.started_at === null) continue;
    if (run.state !== 'succeeded' || run.counts.done !== addresses.length) {
      throw new Error(`The run ended ${JSON.stringify(run)}.`);
    }
    const ms = Date.parse(run.finished_at) - Date.parse(run.started_at);
    return { ms, calls: (await requestsOf(simulator)) - before };
  }
}

async function floorMs({ usher, simulator }: World, kind: Kind, addresses: readonly string[]): Promise<number> {
  const { url, credentials } = simulator;
  const answer = await runScript(join(import.meta.dirname, 'floor-apply.ts'), {
    dataDir: usher.dataDir,
    url,
    cid: credentials['company_id'],
    provhash: credentials['provisioning_hash'],
    command: kind.command,
    addresses,
    batch: kind.batch,
    concurrency: CONCURRENCY,
  });
  return z.object({ ms: z.number() }).parse(answer).ms;
}

async function requestsOf(simulator: SimulatorProcess): Promise<number> {
  return z.object({ requests: z.number() }).parse(await simulator.inspect('GET', 'state')).requests;
}
