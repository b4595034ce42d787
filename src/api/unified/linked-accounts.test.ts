import { StackOne } from '@stackone/stackone-client-ts';
import * as errors from '@stackone/stackone-client-ts/sdk/models/errors/index.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testApi } from '../testing/api.ts';
import type { TestApi } from '../testing/api.ts';

let api: TestApi;
let sdk: StackOne;
beforeAll(async () => {
  api = await testApi();
  const serverURL = await api.app.listen({ host: '127.0.0.1', port: 0 });
  sdk = new StackOne({ serverURL, security: { username: api.token, password: '' } });
});
afterAll(async () => api.close());

const ids = async (query: string, as?: string) => {
  const answer = await api.get(`/accounts${query}`, as === undefined ? {} : { as });
  return answer.json().map((each: { id: string }) => each.id);
};

test("StackOne's SDK lists the connections as linked accounts, and shows one", async () => {
  const { classes } = await sdk.accounts.listLinkedAccounts({});
  expect(classes?.map(({ id }) => id)).toEqual(['empty', 'other', 'paper']);
  expect(classes?.[2]).toMatchObject({
    provider: 'paper',
    originOwnerId: '77',
    originOwnerName: 'Paper 77',
    status: 'active',
    createdAt: new Date('2026-02-27T08:00:00.000Z'),
  });
  const filtered = await sdk.accounts.listLinkedAccounts({ accountIds: ['paper', 'empty'], status: ['active'] });
  expect(filtered.classes?.map(({ id }) => id)).toEqual(['empty', 'paper']);
  expect((await sdk.accounts.getAccount({ id: 'paper' })).linkedAccount?.provider).toBe('paper');
  const meta = await sdk.accounts.getAccountMetaInfo({ id: 'paper' });
  expect(meta.linkedAccountMeta).toMatchObject({ provider: 'paper', category: 'iam' });
  expect(Object.keys(meta.linkedAccountMeta?.models ?? {})).toContain('policies');
});

test("StackOne's SDK is told by its typed errors what is not there and what is not built", async () => {
  const missing = { id: 'nobody' };
  await expect(sdk.accounts.getAccount(missing)).rejects.toBeInstanceOf(errors.NotFoundResponse);
  await expect(sdk.accounts.deleteAccount(missing)).rejects.toBeInstanceOf(errors.NotImplementedResponse);
  await expect(
    sdk.accounts.updateAccount({ id: 'paper', patchAccountExternalDto: { provider: 'paper' } }),
  ).rejects.toBeInstanceOf(errors.NotImplementedResponse);
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    for (const url of ['/accounts', '/accounts/paper']) {
      const answer = await api.call(method, url, { body: {} });
      expect([method, url, answer.statusCode]).toEqual([method, url, 501]);
    }
  }
});

test("StackOne's SDK lists and gets connectors", async () => {
  const { classes } = await sdk.connectors.listConnectorsMeta({});
  expect(classes).toMatchObject([{ provider: 'paper', providerName: 'Paper', category: 'iam', active: true }]);
  const one = await sdk.connectors.getConnectorMeta({ provider: 'paper', include: 'field_path' });
  expect(one.connectorsMeta?.provider).toBe('paper');
  await expect(sdk.connectors.getConnectorMeta({ provider: 'moon' })).rejects.toBeInstanceOf(errors.NotFoundResponse);
});

test('a token sees its own connections alone', async () => {
  const limited = await api.tokenOf('viewer', ['other']);
  expect(await ids('', limited)).toEqual(['other']);
  expect((await api.get('/accounts/paper', { as: limited })).statusCode).toBe(404);
  expect((await api.get('/accounts/paper/meta', { as: limited })).statusCode).toBe(404);
});

test('accounts are paged by number and filtered by all that is given', async () => {
  expect(await ids('?page_size=2')).toEqual(['empty', 'other']);
  expect(await ids('?page_size=2&page=2')).toEqual(['paper']);
  expect(await ids('?page=9')).toEqual([]);
  expect(await ids('?account_ids=paper')).toEqual(['paper']);
  expect(await ids('?account_ids=paper&account_ids=other&provider=paper')).toEqual(['other', 'paper']);
  expect(await ids('?providers=moon')).toEqual([]);
  expect(await ids('?origin_owner_ids=77&origin_owner_id=78&status=inactive')).toEqual([]);
  expect((await api.get('/accounts?provider=a&provider=b')).json()).toMatchObject({
    statusCode: 400,
    field: 'provider',
  });
  expect((await api.get('/accounts?status=asleep')).json()).toMatchObject({ statusCode: 400 });
});

test('a paused connection is inactive, one whose sync failed in error, each with the reason', async () => {
  await api.services.connections.edit('other', { state: 'paused' });
  await api.database.pool.query(
    `insert into sync_run (id, connection_id, state, requested_by, requested_at, finished_at)
     values (gen_random_uuid(), 'empty', 'failed', 'Ada', now(), '2026-03-02T09:00:00Z')`,
  );
  const [empty, other] = (await api.get('/accounts')).json();
  expect(other).toMatchObject({ status: 'inactive', status_reasons: [{ code: 'paused' }] });
  expect(empty).toMatchObject({
    status: 'error',
    status_reasons: [{ code: 'syncFailed', timestamp: '2026-03-02T09:00:00.000Z' }],
  });
  expect((await sdk.accounts.listLinkedAccounts({ status: ['error'] })).classes?.[0]?.statusReasons).toHaveLength(1);
});
