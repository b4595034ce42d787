import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { attachEmbedded } from '../src/store/embedded/server.ts';
import { type FeedEvent, feedPage, type Scene, setScene } from './scene.ts';

const JONAS = 'jonas.lind@northwind.example'; // leaves
const PRIYA = 'priya.raman@northwind.example'; // joins
const OSKAR = 'oskar.brandt@northwind.example'; // is gone one day

let scene: Scene;
let follower: Follower;
let baselinedAt: string;

beforeAll(async () => {
  // Few events an answer and a slow log, so that reading it takes many pages and can be cut off in the middle.
  scene = await setScene({
    people: 60,
    simulator: ['--switch', 'reportingCap=60', '--fault', 'slow=200/reporting'],
  });
  follower = follow();
  await scene.connect();
  baselinedAt = (await scene.sync()).finished_at ?? '';
});

afterAll(async () => {
  await follower?.stop();
  await scene?.[Symbol.asyncDispose]();
});

/** Somebody who reads the feed all the time, waiting for what comes, and goes on when Usher was away. */
interface Follower {
  readonly events: readonly FeedEvent[];
  /** Resolves when it has read an event that fits. */
  until(fits: (event: FeedEvent) => boolean): Promise<void>;
  stop(): Promise<void>;
}

function follow(): Follower {
  const events: FeedEvent[] = [];
  const stopped = new AbortController();
  const reading = (async () => {
    for (let next = 0; !stopped.signal.aborted;) {
      const page = await feedPage(scene.usher, `after=${next}&wait=2&page_size=37`).catch(() => null);
      if (page === null) await wait(50);
      events.push(...(page?.data ?? []));
      next = page?.next ?? next;
    }
  })();
  return {
    events,
    async until(fits) {
      while (!events.some((event) => fits(event))) await wait(50);
    },
    async stop() {
      stopped.abort();
      await reading;
    },
  };
}

const eventDataSchema = z.object({
  action: z.string(),
  actor: z.string().nullable(),
  data: z.object({ localTime: z.string(), text: z.string() }),
});

/** An entry of the company's log in one line, the same from the feed and from the vendor. */
const entry = (...parts: readonly string[]) => parts.join(' | ');

/** What the follower read of the company's log, but for the traces of Usher's own reads. */
function entriesRead(): string[] {
  return follower.events
    .filter(({ source }) => source === 'app')
    .map(({ data }) => eventDataSchema.parse(data))
    .filter(({ data }) => data.text !== 'Initiated by API')
    .map(({ action, actor, data }) => entry(data.localTime, actor ?? '', action, data.text))
    .toSorted();
}

const reportSchema = z.object({
  data: z.record(
    z.string(),
    z.object({ Time: z.string(), Username: z.string(), Action: z.string(), Data: z.string() }),
  ),
});

/** The company's log of the last week, asked of the vendor in one answer. */
async function entriesOfCompany(): Promise<string[]> {
  await scene.simulator.inspect('PUT', 'switches', { reportingCap: 10_000 });
  const local = (daysAgo: number) =>
    new Date(Date.now() - daysAgo * 86_400_000).toLocaleString('sv-SE', { timeZone: 'America/New_York' });
  const response = await fetch(new URL('/enterpriseapi.php', scene.simulator.url), {
    method: 'POST',
    body: JSON.stringify({
      cid: scene.simulator.credentials['company_id'],
      provhash: scene.simulator.credentials['provisioning_hash'],
      cmd: 'reporting',
      data: { from: local(6.9), to: local(-0.1), user: 'allusers' },
    }),
  });
  const { data } = reportSchema.parse(await response.json());
  await scene.simulator.inspect('PUT', 'switches', { reportingCap: 60 });
  return Object.values(data)
    .filter((row) => row.Data !== 'Initiated by API')
    .map((row) => entry(row.Time, row.Username, row.Action, row.Data))
    .toSorted();
}

/** Time passes for whoever waits until the log is read again. */
async function letTheNextReadBeDue(): Promise<void> {
  const config = await attachEmbedded(scene.dataDir);
  if (config === null) throw new Error('no Usher runs');
  const database = new Client(config);
  await database.connect();
  await database.query(`update connection_cursor set updated_at = updated_at - interval '10 minutes'`);
  await database.end();
}

const accountSchema = z.object({
  key: z.string(),
  email: z.string(),
  status: z.string(),
  missing_since: z.string().nullable(),
});

async function accountOf(email: string, query = ''): Promise<z.infer<typeof accountSchema>[]> {
  const path = `/v1/accounts?connection=lastpass&email=${encodeURIComponent(email)}${query}`;
  return z.object({ data: z.array(accountSchema) }).parse(await scene.call('GET', path)).data;
}

const eventsOf = (key: string) =>
  follower.events.filter(({ source, subject }) => source === 'sync' && subject.key === key).map(({ type }) => type);

it("the app's log, cut off by kill -9 while it is read, is in the feed whole and once", async () => {
  await follower.until(({ source }) => source === 'app');
  const before = entriesRead().length;
  await scene.restart('SIGKILL');
  const company = await entriesOfCompany();
  const newest = company.at(-1);
  while (entriesRead().at(-1) !== newest) await wait(100);
  // The window of this question begins a little later than Usher's week.
  const read = entriesRead();
  expect(read.filter((line) => line >= (company[0] ?? ''))).toEqual(company);
  expect(before).toBeLessThan(read.length);

  // For the last test: two entries of one second that look the same are two.
  const twice = { op: 'add-event', username: JONAS, action: 'Failed login attempt', data: 'told twice' } as const;
  await scene.simulator.inspect('PUT', 'clock', { now: new Date().toISOString() });
  await scene.mutate(twice);
  await scene.mutate(twice);
  await scene.mutate({ op: 'add-event', username: JONAS, action: 'Log in', data: 'told last' });
  await scene.simulator.inspect('PUT', 'clock', { follow: true });
  await scene.simulator.inspect('DELETE', 'faults');
  await letTheNextReadBeDue();
});

it('an invitation that is accepted becomes the account of the same person', async () => {
  expect(await accountOf(PRIYA)).toMatchObject([{ key: `invited:${PRIYA}`, status: 'invited' }]);
  await scene.mutate({ op: 'accept-invitation', username: PRIYA });
  expect(await scene.sync()).toMatchObject({ state: 'succeeded', changes: { removed: 1 } });
  const [account, ...more] = await accountOf(PRIYA);
  expect([account, more]).toMatchObject([{ key: expect.stringMatching(/^\d+$/), status: 'active' }, []]);
  await follower.until(({ subject }) => subject.key === account?.key);
  expect(eventsOf(account?.key ?? '')).toEqual(['account.joined']);
  expect(eventsOf(`invited:${PRIYA}`)).toEqual([]);
});

it('a leaver who is disabled is said to be, and keeps the account', async () => {
  const [before] = await accountOf(JONAS);
  await scene.mutate({ op: 'set-user', username: JONAS, fields: { disabled: true } });
  expect(await scene.sync()).toMatchObject({
    state: 'succeeded',
    changes: { added: 0, updated: 1, removed: 0, missing: 0 },
  });
  expect(await accountOf(JONAS)).toMatchObject([{ key: before?.key, status: 'disabled' }]);
  await follower.until(({ type }) => type === 'account.disabled');
  expect(eventsOf(before?.key ?? '')).toEqual(['account.disabled']);
});

it('an account that is gone is missing first, and removed when a second pull agrees', async () => {
  const [before] = await accountOf(OSKAR);
  await scene.mutate({ op: 'delete-user', username: OSKAR });
  expect(await scene.sync()).toMatchObject({ state: 'succeeded', changes: { removed: 0 } });
  const [missing] = await accountOf(OSKAR);
  expect(missing).toMatchObject({ key: before?.key, missing_since: expect.any(String) });
  expect(eventsOf(before?.key ?? '')).toEqual([]);
  expect(await scene.sync()).toMatchObject({ state: 'succeeded', changes: { missing: 0 } });
  expect(await accountOf(OSKAR)).toEqual([]);
  await follower.until(({ type }) => type === 'account.removed');
  expect(eventsOf(before?.key ?? '')).toEqual(['account.removed']);
});

it('as of the baseline all is as it was, after a restart too', async () => {
  await scene.restart('SIGTERM');
  const then = `&as_of=${encodeURIComponent(baselinedAt)}`;
  expect(await accountOf(PRIYA, then)).toMatchObject([{ key: `invited:${PRIYA}`, status: 'invited' }]);
  expect(await accountOf(JONAS, then)).toMatchObject([{ status: 'active' }]);
  const [oskar] = await accountOf(OSKAR, then);
  expect(oskar).toMatchObject({ status: 'active' });
  const grants = z.object({ data: z.array(z.unknown()) });
  const held = `/v1/grants?connection=lastpass&account=${oskar?.key}`;
  expect(grants.parse(await scene.call('GET', held + then)).data).not.toEqual([]);
  await expect(scene.call('GET', held)).rejects.toThrow('404');
});

it('what the app told after a restart comes once, entries that look the same each by itself', async () => {
  const textOf = (event: FeedEvent) => (event.source === 'app' ? eventDataSchema.parse(event.data).data.text : '');
  await follower.until((event) => textOf(event) === 'told last');
  const told = follower.events.map(textOf).filter((text) => text.startsWith('told'));
  expect(told).toEqual(['told twice', 'told twice', 'told last']);
});

it('a reader that waited through all of it has every event once, in order, without a gap', async () => {
  const all = await scene.events();
  const last = all.at(-1)?.position ?? 0;
  await follower.until(({ position }) => position >= last);
  const positions = follower.events.map(({ position }) => position);
  expect(positions).toEqual(positions.map((_, index) => index + 1));
  expect(follower.events.slice(0, all.length)).toEqual(all);
  expect(follower.events.filter(({ type }) => type === 'connection.baselined')).toHaveLength(1);
});
