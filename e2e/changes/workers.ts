// `npm run e2e -- workers`: one API process and two workers on a Postgres server make changes while workers are killed and
// stopped, the server is restarted and connections are cut.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { seededRandom } from '../../src/connector-kit/simulator-kit/random.ts';
import { installedPostgres, startPostgresServer } from '../postgres-server.ts';
import { startSimulator, startUsher, temporaryDirectory } from '../processes.ts';
import { followLog } from './company.ts';
import { judge, type Judged, type Verdict } from './judge.ts';
import { makeHost, type OtherHost } from './other-host.ts';
import { ask, type Scene, STRIKES } from './strikes.ts';
import { connectOn, ended, inTurns, patient, start, syncOn } from './stage.ts';
import { plansOf, wishFor } from './wishes.ts';
import { startWorker, type WorkerProcess } from './worker-process.ts';

export interface WorkersOptions {
  readonly changes: number;
  readonly people: number;
  readonly seed: string;
  /** How long each call takes. */
  readonly callMs: number;
  readonly strikes: keyof typeof STRIKES;
  /** Default: 2. */
  readonly workers?: number;
}

export interface WorkersResult extends Verdict {
  readonly plans: number;
  /** From the first run's beginning to the last one's end. */
  readonly seconds: number;
  /** What was done to them, in order, and how many effects the app had seen by then. */
  readonly strikes: readonly { readonly strike: string; readonly effects: number }[];
  /** How long a stopped worker's lease stood until it was taken away. */
  readonly takenAfterSeconds: number;
  /** How many runs changed hands, and how often a worker that lived found its lease taken. */
  readonly takeovers: number;
  readonly leasesLost: number;
}

const MOST_A_PLAN = 60;
const AT_ONCE = 6;
const PATIENCE_MS = 120_000;

/** Makes the changes under all of that and judges what came of them. Throws without an installed Postgres. */
export async function changeWithWorkers(options: WorkersOptions): Promise<WorkersResult> {
  const { changes, people, seed, callMs } = options;
  const installed = installedPostgres();
  if (installed === null) throw new Error('No Postgres in /usr/lib/postgresql: install the Debian package postgresql.');
  const random = seededRandom(`${seed}/workers`);
  await using stack = new AsyncDisposableStack();
  const directory = await temporaryDirectory();
  stack.defer(() => directory.remove());
  const postgres = await startPostgresServer(installed.bin, directory.path);
  stack.defer(() => postgres.stop());
  const started = await startSimulator('lastpass', ['--people', String(people), '--seed', seed]);
  stack.defer(() => started.stop());
  const host = options.strikes === 'cut link' ? await makeHost() : null;
  if (host !== null) stack.defer(() => host.close());
  // At an address that all hosts know.
  const simulator = host === null ? started : { ...started, url: await sharedUrl(host, started.url) };
  if (host !== null) await host.share(postgres.port);
  const wishes = await wishFor(simulator, random, changes);
  const slow = async (ms: number | null): Promise<void> => {
    await simulator.inspect('PUT', 'faults', (ms ?? callMs) === 0 ? [] : [`slow=${ms ?? callMs}`]);
  };
  await slow(null);
  const environment = {
    DATABASE_URL: postgres.url,
    USHER_MASTER_KEY: randomBytes(32).toString('base64'),
    USHER_EGRESS_ALLOW: new URL(simulator.url).host,
    USHER_TOKEN_RATE: '0',
    USHER_SETTLE_SECONDS: '2',
  };
  const workers: WorkerProcess[] = [];
  stack.defer(async () => {
    for (const worker of workers) worker.send('SIGCONT');
    await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
  });
  const hire = async (as?: 'next', host?: OtherHost): Promise<WorkerProcess> => {
    const dataDir = join(directory.path, `worker-${randomBytes(4).toString('hex')}`);
    await mkdir(dataDir);
    const there = host === undefined ? {} : { DATABASE_URL: urlFrom(host, postgres.url) };
    const worker = await startWorker({ dataDir, environment: { ...environment, ...there }, as, host });
    workers.push(worker);
    return worker;
  };
  const hireElsewhere: Scene['hireElsewhere'] = async () => {
    if (host === null) throw new Error('Nobody works elsewhere here.');
    return { host, worker: await hire(undefined, host) };
  };
  const hireAll = () => inTurns([...Array(options.workers ?? 2).keys()], 1, () => hire());
  await hireAll();
  const dataDir = join(directory.path, 'api');
  const usher = await startUsher({
    allow: [new URL(simulator.url).host], dataDir, environment, args: ['--no-engine'],
  }); // prettier-ignore
  stack.defer(async () => void (await usher.end('SIGTERM')));
  const stage: Judged = { simulator, dataDir, ask: patient(() => usher), databaseUrl: postgres.url };
  await connectOn(stage);
  await syncOn(stage);

  const plans = plansOf(wishes, random, MOST_A_PLAN);
  const log = followLog(simulator);
  const strikes: { strike: string; effects: number }[] = [];
  const effects = async (): Promise<number> =>
    z.object({ effects: z.number() }).parse(await simulator.inspect('GET', 'state')).effects;
  const from = await effects();
  const comes = async (share: number): Promise<void> => {
    const endMs = performance.now() + PATIENCE_MS;
    while ((await effects()) - from < wishes.length * share && performance.now() < endMs) await wait(5);
    await wait(random.integer(callMs * 2));
  };
  const strike = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    strikes.push({ strike: what, effects: (await effects()) - from });
    await work();
  };
  const scene: Scene = { postgres, random, workers, hire, hireElsewhere, slow, comes, strike };
  const striking = STRIKES[options.strikes](scene);
  // Undisturbed, they find everything asked for when they begin: asking is not what is measured then.
  if (options.strikes === 'none') await Promise.all(workers.splice(0).map((worker) => worker.end('SIGTERM')));
  const runs = await inTurns(plans, AT_ONCE, (plan, index) => start(stage, plan, `wish-${index}`));
  if (options.strikes === 'none') await hireAll();
  await inTurns(runs, AT_ONCE, (run) => ended(stage, run));
  const struck = await striking;
  await simulator.inspect('DELETE', 'faults');
  const verdict = await judge(stage, wishes, runs, await log.read());
  const [counted] = await ask(
    postgres.url,
    `select count(*) filter (where epoch > 1)::int as count,
            extract(epoch from max(finished_at) - min(started_at))::float8 as seconds from run`,
  );
  const leasesLost = workers.reduce((sum, each) => sum + occurrences(each.output(), 'lost its lease'), 0);
  const problems = [...(await struck.problems()), ...verdict.problems];
  const { takenAfterSeconds } = struck;
  const { count: takeovers, seconds } = z.object({ count: z.number(), seconds: z.number() }).parse(counted);
  return {
    ...verdict, problems, plans: plans.length, seconds, strikes, takenAfterSeconds,
    takeovers, leasesLost,
  }; // prettier-ignore
}

export interface ScaleResult extends Verdict {
  /** How many changes a second so many workers made. */
  readonly changesASecond: Readonly<Record<string, number>>;
}

/** The same changes by one, two and four workers whom nobody disturbs. */
export async function scaleOut(options: Omit<WorkersOptions, 'strikes' | 'workers'>): Promise<ScaleResult> {
  const changesASecond: Record<string, number> = {};
  const ends: Record<string, number> = {};
  const problems: string[] = [];
  for (const workers of [1, 2, 4]) {
    const result = await changeWithWorkers({ ...options, workers, strikes: 'none' });
    changesASecond[`with ${workers}`] = Math.round(options.changes / result.seconds);
    problems.push(...result.problems);
    for (const [end, count] of Object.entries(result.ends)) ends[end] = (ends[end] ?? 0) + count;
  }
  return { problems, ends, changesASecond };
}

/** Of a server on this machine, as another host reaches it. */
async function sharedUrl(host: OtherHost, address: string): Promise<string> {
  const url = new URL(address);
  await host.share(Number(url.port));
  url.hostname = host.here;
  return url.origin;
}

/** The database as another host reaches it. Its certificate is for the address that it has on this one. */
function urlFrom({ here }: OtherHost, address: string): string {
  const url = new URL(address);
  url.hostname = here;
  url.search = '?sslmode=no-verify';
  return url.href;
}

function occurrences(text: string, part: string): number {
  return text.split(part).length - 1;
}
