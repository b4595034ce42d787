// The machine's clock jumps: nothing is removed or lost for it, and what it stopped goes on when it is right again.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { prepareFirstStart } from '../src/access/first-start.ts';
import { createApp } from '../src/api/app.ts';
import type { App } from '../src/api/types.ts';
import { parseEgressAllow } from '../src/connector-kit/http/egress.ts';
import { lastpass } from '../src/connectors/lastpass/index.ts';
import { type LastPassSimulator, startLastPassSimulator } from '../src/connectors/lastpass/simulator.ts';
import { type House, openHouse } from '../src/house.ts';
import { silentLog } from '../src/store/log.ts';
import { testDatabase } from '../src/store/testing/index.ts';
import { temporaryDirectory } from './processes.ts';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

const database = await testDatabase();
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let simulator: LastPassSimulator;
let house: House;
let app: App;
let token: string;
let aheadMs = 0;

beforeAll(async () => {
  directory = await temporaryDirectory();
  simulator = await startLastPassSimulator({ people: 40 });
  house = await openHouse({
    dataDir: directory.path, databaseUrl: database.url, masterKey: Buffer.alloc(32, 5).toString('base64'), nextKey: null,
    connectors: [lastpass], egress: parseEgressAllow(new URL(simulator.url).host), proxy: null, version: '0.0.0',
    allowedHosts: [], limits: {}, isMetricsOpen: false, backsUpBeforeUpgrade: false, carriesOut: true, log: silentLog,
    clock: { now: () => new Date(Date.now() + aheadMs) },
  }); // prettier-ignore
  app = await createApp(house.services);
  const url = 'http://127.0.0.1:8420';
  await prepareFirstStart({ access: house.access, database: house.database, dataDir: directory.path, url });
  const credential: unknown = JSON.parse(await readFile(join(directory.path, 'cli.json'), 'utf8'));
  ({ token } = z.object({ token: z.string() }).parse(credential));
  await house.resume();
  const { companyId: company_id, provisioningHash: provisioning_hash } = simulator.credentials;
  await call('POST', '/v1/connections', {
    id: 'lastpass', connector: 'lastpass', secrets: { provisioning_hash }, schedule_seconds: null,
    settings: { company_id, region: 'custom', base_url: simulator.url, requests_per_second: 1000 },
  }); // prettier-ignore
  await sync();
});

afterAll(async () => {
  await app?.close();
  await house?.close();
  await simulator?.close();
  await database.close();
  await directory?.remove();
});

it.each([
  ['an hour forward', HOUR_MS],
  ['a year forward', YEAR_MS],
  ['back to where it was', 0],
  ['a year back', -YEAR_MS],
  ['to where it was again', 0],
])('a clock that jumps %s removes nobody and leaves a history in order', async (_, ms) => {
  aheadMs = ms;
  const before = await addresses();
  simulator.mutate({ op: 'set-user', username: before[0] ?? '', fields: { fullname: `Renamed at ${ms}` } });
  expect(await sync()).toMatchObject({ state: 'succeeded', error: null, changes: { removed: 0, missing: 0 } });
  expect(await addresses()).toEqual(before);
  const { rowCount } = await database.pool.query('select from account_history where seen_to < seen_from');
  expect(rowCount).toBe(0);
});

it('a plan of a time that is still to come is refused with what to do, and good when the clock is right', async () => {
  aheadMs = HOUR_MS;
  await sync();
  const [, user] = await addresses();
  const plan = { connection: 'lastpass', action: 'lastpass_update_user', input: { user, full_name: 'Later Person' } };
  const { id } = idOf.parse((await call('POST', '/v1/plans', plan)).body);
  aheadMs = 0;
  const apply = () => call('POST', `/v1/plans/${id}/apply`, {});
  expect(await apply()).toMatchObject({ status: 409, body: { code: 'clockWentBack', next: expect.stringMatching(/clock/) } });
  aheadMs = HOUR_MS;
  const run = idOf.parse((await apply()).body);
  for (;;) {
    const { state } = z.object({ state: z.string() }).parse((await call('GET', `/v1/runs/${run.id}`)).body);
    if (state === 'succeeded') break;
    expect(['queued', 'running']).toContain(state);
    await wait(25);
  }
  expect(simulator.effects().filter(({ kind, request }) => kind === 'user.updated' && request !== null)).toHaveLength(1);
}); // prettier-ignore

const idOf = z.object({ id: z.string() });

async function call(method: 'GET' | 'POST', url: string, body?: object): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Bearer ${token}`, host: '127.0.0.1' };
  const { statusCode, body: text } = await app.inject({ method, url, headers, ...(body && { payload: body }) });
  return { status: statusCode, body: JSON.parse(text) };
}

async function addresses(): Promise<string[]> {
  const page = z.object({ data: z.array(z.object({ email: z.string().nullable() })) });
  const { data } = page.parse((await call('GET', '/v1/accounts?page_size=500')).body);
  return data.map(({ email }) => email ?? '').toSorted();
}

async function sync(): Promise<unknown> {
  const { run } = z.object({ run: idOf }).parse((await call('POST', '/v1/connections/lastpass/syncs', {})).body);
  for (;;) {
    const { body } = await call('GET', `/v1/syncs/${run.id}`);
    const { state } = z.object({ state: z.string() }).parse(body);
    if (state !== 'queued' && state !== 'running') return body;
    await wait(25);
  }
}
