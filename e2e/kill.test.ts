import { afterAll, beforeAll, expect, it } from 'vitest';
import { setTimeout as wait } from 'node:timers/promises';
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

const PEOPLE = 24_000; // a dozen pages of accounts
const PAGE_MS = 150;

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
  startUsher({ allow: [new URL(simulator.url).host], dataDir: directory.path, port });

const runSchema = z.object({
  id: z.string(),
  state: z.string(),
  progress: z.object({ pages: z.number() }),
  error: z.unknown(),
  changes: z.unknown(),
});
type Run = z.infer<typeof runSchema>;

const requestSync = async (): Promise<Run> =>
  z.object({ run: runSchema }).parse(await usher.call('POST', '/v1/connections/lastpass/syncs', {})).run;

/** The run as soon as the API answers and `enough` says so. */
async function watch(id: string, enough: (run: Run) => boolean): Promise<Run> {
  for (;;) {
    // While Postgres restarts the API refuses for a moment: that is part of the test.
    const run = await usher.call('GET', `/v1/syncs/${id}`).then(
      (body) => runSchema.parse(body),
      () => null,
    );
    if (run && (enough(run) || ['succeeded', 'failed', 'cancelled', 'paused'].includes(run.state))) return run;
    await wait(20);
  }
}

/** Kills (-9) Usher, its Postgres, or both, and sees to it that Usher runs afterwards. */
async function kill(what: 'usher' | 'postgres' | 'both'): Promise<void> {
  if (what !== 'usher') {
    const pid = await postgresPid(directory.path);
    if (pid !== null) process.kill(pid, 'SIGKILL');
  }
  if (what !== 'postgres') {
    await usher.end('SIGKILL');
    usher = await start();
  }
}

const userPages = z.array(z.object({ operation: z.string().nullish(), body: z.unknown() }).loose());

/** How often each page of users was asked for since a request of the log. */
async function pagesAsked(after: number): Promise<Map<number, number>> {
  const asked = new Map<number, number>();
  for (const request of userPages.parse(await simulator.inspect('GET', `requests?after=${after}`))) {
    const match = /"pageindex":\s*"?(\d+)/.exec(JSON.stringify(request).replaceAll('\\', ''));
    if (match) asked.set(Number(match[1]), (asked.get(Number(match[1])) ?? 0) + 1);
  }
  return asked;
}

async function emails(): Promise<string[]> {
  const all: string[] = [];
  let next: string | null = '';
  while (next !== null) {
    const page: { data: { email: string | null }[]; next: string | null } = z
      .object({ data: z.array(z.object({ email: z.string().nullable() })), next: z.string().nullable() })
      .parse(await usher.call('GET', `/v1/accounts?page_size=500${next ? `&next=${encodeURIComponent(next)}` : ''}`));
    all.push(...page.data.map(({ email }) => email ?? ''));
    next = page.next;
  }
  return all;
}

async function companyEmails(): Promise<string[]> {
  const response = await fetch(new URL('/enterpriseapi.php', simulator.url), {
    method: 'POST',
    body: JSON.stringify({
      cid: simulator.credentials['company_id'],
      provhash: simulator.credentials['provisioning_hash'],
      cmd: 'getuserdata',
    }),
  });
  const answer = z
    .object({
      Users: z.record(z.string(), z.object({ username: z.string() })),
      invited: z.array(z.string()).default([]),
    })
    .parse(await response.json());
  return [...Object.values(answer.Users).map(({ username }) => username), ...answer.invited];
}

it(
  'kill -9 of Usher, of Postgres and of both at different pages loses nothing and repeats little',
  { timeout: 600_000 },
  async () => {
    const run = await requestSync();
    const kills: ('usher' | 'postgres' | 'both')[] = ['usher', 'postgres', 'both', 'postgres', 'usher'];
    let page = 1;
    for (const what of kills) {
      const seen = await watch(run.id, ({ progress }) => progress.pages >= page);
      if (seen.state !== 'running' && seen.state !== 'queued') break;
      await kill(what);
      page = seen.progress.pages + 2;
    }
    const ended = await watch(run.id, () => false);
    expect(ended).toMatchObject({ state: 'succeeded', error: null });
    expect((await emails()).toSorted()).toEqual((await companyEmails()).toSorted());
    const asked = await pagesAsked(0);
    // One page may be asked for again at each kill (two with the one that was fetched ahead), never the whole walk.
    const repeats = [...asked.values()].reduce((sum, count) => sum + count - 1, 0);
    expect(asked.size).toBeGreaterThanOrEqual(12);
    expect(repeats).toBeLessThanOrEqual(kills.length * 4 + 3);
  },
);

it('a killed resync removes nothing and tells nothing twice', { timeout: 600_000 }, async () => {
  await simulator.inspect('POST', 'mutate', { op: 'change-share', share: 0.01 });
  const before = (await emails()).length;
  const run = await requestSync();
  await watch(run.id, ({ progress }) => progress.pages >= 4);
  await kill('both');
  const ended = await watch(run.id, () => false);
  expect(ended).toMatchObject({ state: 'succeeded', changes: { removed: 0, missing: 0 } });
  expect(await emails()).toHaveLength(before);
  const events = z
    .object({ data: z.array(z.object({ type: z.string(), subject: z.object({ key: z.string() }) })) })
    .parse(await usher.call('GET', '/v1/events?source=sync&page_size=500')).data;
  const updates = events.filter(({ type }) => type === 'account.updated').map(({ subject }) => subject.key);
  expect(new Set(updates).size).toBe(updates.length);
  expect(events.filter(({ type }) => type === 'connection.baselined')).toHaveLength(1);
});
