import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import {
  freePort,
  postgresPid,
  type SimulatorProcess,
  startSimulator,
  startUsher,
  temporaryDirectory,
  type UsherProcess,
} from './processes.ts';
import { settingsOf } from './scene.ts';

const PEOPLE = 12_000; // six pages of accounts
const PAGE_MS = 250;
const RESTARTS = 2;

let simulator: SimulatorProcess;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let usher: UsherProcess;
let port: number;

beforeAll(async () => {
  simulator = await startSimulator('lastpass', ['--people', String(PEOPLE), '--fault', `slow=${PAGE_MS}`]);
  directory = await temporaryDirectory();
  port = await freePort();
  usher = await start();
  await usher.call('POST', '/v1/connections', {
    id: 'lastpass',
    connector: 'lastpass',
    settings: settingsOf(simulator),
    secrets: { provisioning_hash: simulator.credentials['provisioning_hash'] },
    schedule_seconds: null,
  });
});

afterAll(async () => {
  await usher?.end('SIGTERM');
  await simulator?.stop();
  await directory?.remove();
});

const start = (): Promise<UsherProcess> =>
  startUsher({
    allow: [new URL(simulator.url).host],
    dataDir: directory.path,
    port,
    environment: { USHER_LOG: 'info' },
  });

const runSchema = z.object({
  id: z.string(),
  state: z.string(),
  progress: z.object({ pages: z.number(), records: z.number() }),
  error: z.unknown(),
});

async function watch(id: string, enough: (pages: number) => boolean): Promise<z.infer<typeof runSchema>> {
  for (;;) {
    const run = runSchema.parse(await usher.call('GET', `/v1/syncs/${id}`));
    if (enough(run.progress.pages) || !['queued', 'running'].includes(run.state)) return run;
    await wait(20);
  }
}

/** How often each page of users was asked for. */
async function pagesAsked(): Promise<number[]> {
  const asked = new Map<string, number>();
  for (const request of z.array(z.unknown()).parse(await simulator.inspect('GET', 'requests?after=0'))) {
    const page = /"pageindex":\s*"?(\d+)/.exec(JSON.stringify(request).replaceAll('\\', ''))?.[1];
    if (page !== undefined) asked.set(page, (asked.get(page) ?? 0) + 1);
  }
  return [...asked.values()];
}

/** On a slow machine it may have ended already. */
function signalAgain(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** How many calls this process has sent to the app, or is about to. */
async function callsToApp(): Promise<number> {
  const headers = { authorization: `Bearer ${usher.token}` };
  const text = await (await fetch(`${usher.url}/metrics`, { headers })).text();
  return Number(/^usher_limiter_wait_seconds_count\{.*\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

it('SIGTERM in mid-sync: it ends with 0 and leaves nothing running, and the next start goes on at the same page', async () => {
  const { run } = z.object({ run: runSchema }).parse(await usher.call('POST', '/v1/connections/lastpass/syncs', {}));
  const postgres = await postgresPid(directory.path);
  for (let restarts = 0, pages = 1; restarts < RESTARTS; restarts += 1) {
    const seen = await watch(run.id, (now) => now >= pages);
    expect(seen.state).toBe('running');
    pages = seen.progress.pages + 2;
    expect(await usher.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(usher.output()).not.toMatch(/"level":"(error|warn)"/);
    usher = await start();
    const after = runSchema.parse(await usher.call('GET', `/v1/syncs/${run.id}`));
    expect(after.progress.pages).toBeGreaterThanOrEqual(seen.progress.pages);
  }
  expect(() => process.kill(postgres ?? 0, 0)).toThrow('ESRCH');
  expect(await watch(run.id, () => false)).toMatchObject({ state: 'succeeded', error: null });
  const figures = z
    .object({ accounts: z.object({ total: z.number() }) })
    .parse(await usher.call('GET', '/v1/figures?connection=lastpass'));
  expect(figures.accounts.total).toBeGreaterThanOrEqual(PEOPLE);
  // A page is staged whole or asked for again: the one under way and the one fetched ahead, at each end.
  const repeats = (await pagesAsked()).reduce((sum, times) => sum + times - 1, 0);
  expect(repeats).toBeLessThanOrEqual(RESTARTS * 2 + 3);
}, 180_000);

it('SIGTERM while a request is answered: it is answered, a long poll ends at once, and then no more come in', async () => {
  await usher.end('SIGTERM');
  usher = await start();
  const headers = { authorization: `Bearer ${usher.token}`, 'content-type': 'application/json' };
  const live = fetch(`${usher.url}/actions/rpc`, {
    method: 'POST',
    headers: { ...headers, 'x-account-id': 'lastpass' },
    body: JSON.stringify({ action: 'lastpass_list_users', query: { page_size: 10 } }),
  });
  const { next } = z.object({ next: z.string() }).parse(await usher.call('GET', '/v1/events?after=0&page_size=500'));
  const poll = fetch(`${usher.url}/v1/events?after=${next}&wait=30`, { headers });
  while ((await callsToApp()) === 0) await wait(5); // the live read is on its way to the app, which takes its time
  const ended = usher.end('SIGTERM');
  const news = await poll; // the signal has come; what comes with it from a program in between ends nothing early
  signalAgain(usher.pid);
  const answer = await live;
  expect([answer.status, news.status]).toEqual([200, 200]);
  expect(await news.json()).toMatchObject({ data: [] });
  expect(await ended).toEqual({ code: 0, signal: null });
  await expect(fetch(`${usher.url}/healthz`)).rejects.toThrow('fetch failed');
  usher = await start();
}, 60_000);
