// What is done to the workers of `npm run e2e -- workers` while they make changes.
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { z } from 'zod';
import type { Random } from '../../src/connector-kit/simulator-kit/random.ts';
import type { PostgresServer } from '../postgres-server.ts';
import { NEXT_SCHEMA } from './next-schema.ts';
import type { OtherHost } from './other-host.ts';
import type { WorkerProcess } from './worker-process.ts';

/** The workers at work, and what can be done to them. */
export interface Scene {
  readonly postgres: PostgresServer;
  readonly random: Random;
  /** In the order in which they came. */
  readonly workers: readonly WorkerProcess[];
  /** Another one; `next`: as the next version. */
  readonly hire: (as?: 'next') => Promise<WorkerProcess>;
  /** Another one on a host of its own. */
  readonly hireElsewhere: () => Promise<{ readonly worker: WorkerProcess; readonly host: OtherHost }>;
  /** From now on each call takes so long; null: as long as before. */
  readonly slow: (callMs: number | null) => Promise<void>;
  /** Waits until the app has seen this share of all effects, and a moment more. */
  readonly comes: (share: number) => Promise<void>;
  /** Does it, and notes when. */
  readonly strike: (what: string, work: () => Promise<unknown>) => Promise<void>;
}

export interface Struck {
  /** How long a worker that went silent kept its lease. */
  readonly takenAfterSeconds: number;
  /** Says what is wrong with who did what, once all runs have ended. */
  readonly problems: () => Promise<readonly string[]>;
}

/**
 * `gentle`: nothing is waited for to expire. `upgrade`: a worker of the next version comes, and the first one is killed;
 * `gentle upgrade`: it ends in order. `cut link`: a worker on another host is cut off until its lease is gone, and comes back.
 */
export const STRIKES = {
  none: () => Promise.resolve(UNHURT),
  gentle: strikeGently,
  hard: strikeHard,
  upgrade: (scene: Scene) => upgrade(scene, 'SIGKILL'),
  'cut link': cutLink,
  'gentle upgrade': (scene: Scene) => upgrade(scene, 'SIGTERM'),
} as const satisfies Readonly<Record<string, (scene: Scene) => Promise<Struck>>>;

const UNHURT: Struck = { takenAfterSeconds: Number.NaN, problems: () => Promise.resolve([]) };
const PATIENCE_MS = 120_000;
const LONG_CALL_MS = 800;
/** What was claimed before has begun by then. */
const CLAIM_SECONDS = 1;

async function strikeGently({ postgres, workers, comes, strike }: Scene): Promise<Struck> {
  await comes(0.2);
  await strike('worker ended', async () => workers[0]?.end('SIGTERM'));
  await comes(0.6);
  await strike('connections cut', () => cutConnections(postgres.url));
  return UNHURT;
}

async function strikeHard({ postgres, random, workers, hire, comes, strike }: Scene): Promise<Struck> {
  const [first, second] = workers;
  if (first === undefined || second === undefined) throw new Error('There are to be two workers.');
  let takenAfterSeconds = Number.NaN;
  await comes(0.1);
  await strike('worker killed', () => first.end('SIGKILL'));
  const third = hire();
  await comes(0.25);
  await strike('worker stopped', async () => {
    second.send('SIGSTOP');
    takenAfterSeconds = await taken(postgres.url, second.pid);
    // Others have its runs in hand by then.
    await wait(500 + random.integer(1000));
    second.send('SIGCONT');
  });
  await third;
  await comes(0.55);
  await strike('Postgres restarted', () => postgres.restart());
  await comes(0.75);
  await strike('connections cut', () => cutConnections(postgres.url));
  return { ...UNHURT, takenAfterSeconds };
}

async function upgrade({ postgres, workers, hire, slow, comes, strike }: Scene, end: NodeJS.Signals): Promise<Struck> {
  const { url } = postgres;
  const [older] = workers;
  if (older === undefined) throw new Error('There is to be a worker.');
  await comes(0.05);
  // So that the older one is not done with what it has in hand when the newer one has begun.
  await slow(LONG_CALL_MS);
  const pid = { newer: 0 };
  await strike('next version came', async () => {
    pid.newer = (await hire('next')).pid;
  });
  const [now] = z.array(z.object({ at: z.string() })).parse(await ask(url, 'select clock_timestamp()::text as at'));
  await atWork(url, [older.pid, pid.newer]);
  await strike(end === 'SIGKILL' ? 'worker killed' : 'worker ended', () => older.end(end));
  await slow(null);
  const since = now?.at ?? '';
  return { ...UNHURT, problems: () => problemsOfUpgrade(url, { older: older.pid, newer: pid.newer, since }) };
}

async function cutLink({ postgres, random, workers, hireElsewhere, slow, comes, strike }: Scene): Promise<Struck> {
  const [first] = workers;
  if (first === undefined) throw new Error('There is to be a worker.');
  const { worker, host } = await hireElsewhere();
  await comes(0.05);
  // So that calls are under way when the link goes.
  await slow(LONG_CALL_MS);
  await atWork(postgres.url, [first.pid, worker.pid]);
  let takenAfterSeconds = Number.NaN;
  await strike('link cut', async () => {
    host.cut();
    takenAfterSeconds = await taken(postgres.url, worker.pid);
  });
  await wait(500 + random.integer(1000));
  await strike('link back', async () => host.mend());
  await slow(null);
  const lost = async (): Promise<readonly string[]> =>
    worker.output().includes('lost its lease') ? [] : ['The worker that was cut off has not noticed it.'];
  return { takenAfterSeconds, problems: lost };
}

/** Work begun by the older one is ended by the newer one, and nothing was begun by the older one once both were there. */
async function problemsOfUpgrade(
  url: string,
  { older, newer, since }: { readonly older: number; readonly newer: number; readonly since: string },
): Promise<readonly string[]> {
  const [found] = await ask(
    url,
    `select (select count(*)::int from schema_migration where id = '${NEXT_SCHEMA.id}') as schema,
            count(*) filter (where epoch > 1 and worker like '%-${newer}-%')::int as taken,
            count(*) filter (where worker like '%-${older}-%'
              and started_at > '${since}'::timestamptz + interval '${CLAIM_SECONDS} s')::int as "begunByOlder"
       from run`,
  );
  const facts = z.object({ schema: z.number(), taken: z.number(), begunByOlder: z.number() }).parse(found);
  const problems: string[] = [];
  if (facts.schema !== 1) problems.push('The next version has not brought the schema up to date.');
  if (facts.taken === 0) problems.push('The next version has taken no run over.');
  if (facts.begunByOlder > 0) problems.push(`${facts.begunByOlder} runs were begun by the older version afterwards.`);
  return problems;
}

/** Waits until each of these workers has a run in hand at the same time. */
async function atWork(url: string, pids: readonly number[]): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (performance.now() < endMs) {
    const rows = await ask(url, `select worker from run where state = 'running' and worker is not null`);
    const holders = z.array(z.object({ worker: z.string() })).parse(rows);
    if (pids.every((pid) => holders.some(({ worker }) => worker.includes(`-${pid}-`)))) return;
    await wait(20);
  }
  throw new Error('There is no moment at which all workers have something in hand.');
}

/** Waits until the lease of a worker was taken away; answers how many seconds that took. */
export async function taken(url: string, pid: number): Promise<number> {
  const startedMs = performance.now();
  for (;;) {
    const [row] = await ask(url, `select count(*)::int as count from worker where process like '%-${pid}-%'`);
    const passedMs = performance.now() - startedMs;
    if (z.object({ count: z.number() }).parse(row).count === 0) return passedMs / 1000;
    if (passedMs > PATIENCE_MS) throw new Error('The lease of a silent worker is not taken away.');
    await wait(100);
  }
}

/** Ends every session of Usher at once, as a network that breaks does. */
async function cutConnections(url: string): Promise<void> {
  await ask(
    url,
    `select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'usher' and pid <> pg_backend_pid()`,
  );
}

/** The rows of a statement, asked for beside Usher. */
export async function ask(url: string, statement: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
