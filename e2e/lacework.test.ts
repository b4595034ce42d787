// A Lacework organization over several syncs: what changes in the app, and what only looks as if it did.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { prepareFirstStart } from '../src/access/first-start.ts';
import { createApp } from '../src/api/app.ts';
import type { App } from '../src/api/types.ts';
import { parseEgressAllow } from '../src/connector-kit/http/egress.ts';
import { lacework } from '../src/connectors/lacework/index.ts';
import { type LaceworkSimulator, startLaceworkSimulator } from '../src/connectors/lacework/simulator.ts';
import { type House, openHouse } from '../src/house.ts';
import { silentLog } from '../src/store/log.ts';
import { testDatabase } from '../src/store/testing/index.ts';
import { temporaryDirectory } from './processes.ts';

const database = await testDatabase();
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let simulator: LaceworkSimulator;
let house: House;
let app: App;
let token: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  simulator = await startLaceworkSimulator({ people: 60 });
  house = await openHouse({
    dataDir: directory.path, databaseUrl: database.url, masterKey: Buffer.alloc(32, 5).toString('base64'), nextKey: null,
    connectors: [lacework], egress: parseEgressAllow(new URL(simulator.url).host), proxy: null, version: '0.0.0',
    allowedHosts: [], limits: {}, isMetricsOpen: false, backsUpBeforeUpgrade: false, carriesOut: true, log: silentLog,
    clock: { now: () => new Date() },
  }); // prettier-ignore
  app = await createApp(house.services);
  const url = 'http://127.0.0.1:8420';
  await prepareFirstStart({ access: house.access, database: house.database, dataDir: directory.path, url });
  const credential: unknown = JSON.parse(await readFile(join(directory.path, 'cli.json'), 'utf8'));
  ({ token } = z.object({ token: z.string() }).parse(credential));
  await house.resume();
  const { account, keyId, secret } = simulator.credentials;
  await call('POST', '/v1/connections', {
    id: 'lacework', connector: 'lacework', secrets: { secret }, schedule_seconds: null,
    settings: { account, organization: 'yes', key_id: keyId, base_url: simulator.url },
  }); // prettier-ignore
});

afterAll(async () => {
  await app?.close();
  await house?.close();
  await simulator?.close();
  await database.close();
  await directory?.remove();
});

it('has a baseline though user groups can never be listed whole', async () => {
  expect(await sync()).toMatchObject({ state: 'succeeded', error: null });
  expect(await state()).toMatchObject({ state: 'active' });
  const { rows } = await database.pool.query(
    `select collection, scope, last_end from collection_state where connection_id = 'lacework' and last_end <> 'complete'`,
  );
  expect(rows).toEqual([{ collection: 'groups', scope: '', last_end: 'partial' }]);
});

it('changes nothing where nothing changed', async () => {
  const before = await accounts();
  expect(await sync()).toMatchObject({
    state: 'succeeded',
    changes: { added: 0, updated: 0, removed: 0, missing: 0, events: 0 },
  });
  expect(await accounts()).toEqual(before);
});

it('tells that somebody has left one sub-account, and that they have left the last', async () => {
  const user = 'jonas.lind@northwind.example';
  simulator.mutate({ op: 'delete-user', user, account: 'northwind-eu' });
  expect(await sync()).toMatchObject({ state: 'succeeded', changes: { added: 0, updated: 1, removed: 0 } });
  simulator.mutate({ op: 'delete-user', user });
  await sync();
  await sync();
  expect((await accounts()).map(({ email }) => email)).not.toContain(user);
});

it('keeps a user group that nobody is in any more: the app cannot say that it is gone', async () => {
  const group = async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      `select name from "group" where connection_id = 'lacework' and key like 'northwind-lab/group%' order by key`,
    );
    return rows.map(({ name }) => name);
  };
  const before = await group();
  expect(before.length).toBeGreaterThan(0);
  const { rows: members } = await database.pool.query<{ holder_key: string }>(
    `select distinct holder_key from "grant" where connection_id = 'lacework' and target_key like 'northwind-lab/group%'`,
  );
  for (const { holder_key: user } of members) {
    simulator.mutate({ op: 'set-groups', account: 'northwind-lab', user, groups: [] });
  }
  await sync();
  await sync();
  expect(await group()).toEqual(before);
});

it('asks a person when RBAC was switched on between two syncs, and then keeps everybody', async () => {
  const before = await accounts();
  simulator.mutate({ op: 'set-model', model: 'rbac' });
  // All access is held otherwise from now on, by groups: no grant is what it was, while every person is.
  const paused = await sync();
  expect(paused).toMatchObject({
    state: 'paused',
    anomalies: [
      { kind: 'group', message: '4 of 9 groups are gone in lacework (44 %, the limit is 20 %).' },
      {
        kind: 'grant',
        message: expect.stringMatching(/^\d+ of \d+ grants are gone in lacework \(\d+ %, the limit is 20 %\)\.$/),
      },
    ],
  });
  const { id } = z.object({ id: z.string() }).parse(paused);
  await call('POST', `/v1/syncs/${id}/confirm`, {});
  expect(await ended(id)).toMatchObject({ state: 'succeeded' });
  await sync();
  const after = await accounts();
  const status = new Map(after.map(({ key, status: now }) => [key, now]));
  for (const { key, status: then } of before) expect([key, status.get(key)]).toEqual([key, then]);
  const { rows } = await database.pool.query(`select from "group" where key like '%/ACCOUNT_%'`);
  expect(rows).toEqual([]);
});

it('removes nobody and pauses when a sub-account is no longer reached, one that came later too', async () => {
  simulator.mutate({ op: 'add-account', account: 'northwind-asia', model: 'rbac' });
  await sync();
  const before = await accounts();
  const user = 'ada.okonkwo@northwind.example';
  for (const account of ['northwind-asia', 'northwind-eu']) {
    simulator.mutate({ op: 'set-user', user, account, fields: { isEnabled: false } });
    expect(await sync()).toMatchObject({
      state: 'failed',
      error: {
        code: 'rightsShrank',
        detail: `The credentials of lacework can do less than before: sub_account:${account} is gone.`,
      },
    });
    expect(await state()).toMatchObject({ state: 'paused' });
    expect(await accounts()).toEqual(before);
    simulator.mutate({ op: 'set-user', user, account, fields: { isEnabled: true } });
    await call('PATCH', '/v1/connections/lacework', { state: 'active' });
  }
});

const accountsSchema = z.object({
  data: z.array(z.object({ key: z.string(), email: z.string().nullable(), status: z.string() })),
});

async function accounts(): Promise<readonly { key: string; email: string | null; status: string }[]> {
  const { data } = accountsSchema.parse((await call('GET', '/v1/accounts?page_size=500')).body);
  return data.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

async function state(): Promise<unknown> {
  return (await call('GET', '/v1/connections/lacework')).body;
}

async function call(
  method: 'GET' | 'POST' | 'PATCH',
  url: string,
  body?: object,
): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Bearer ${token}`, host: '127.0.0.1' };
  const { statusCode, body: text } = await app.inject({ method, url, headers, ...(body && { payload: body }) });
  return { status: statusCode, body: JSON.parse(text) };
}

async function sync(): Promise<unknown> {
  const { body: started } = await call('POST', '/v1/connections/lacework/syncs', {});
  const { run } = z.object({ run: z.object({ id: z.string() }) }).parse(started);
  return ended(run.id);
}

async function ended(id: string): Promise<unknown> {
  for (;;) {
    const { body } = await call('GET', `/v1/syncs/${id}`);
    const { state: now } = z.object({ state: z.string() }).parse(body);
    if (now !== 'queued' && now !== 'running') return body;
    await wait(25);
  }
}
