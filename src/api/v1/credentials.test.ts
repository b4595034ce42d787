import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CredentialRecord } from '../../model/records.ts';
import { testApi } from '../testing/api.ts';
import type { TestApi } from '../testing/api.ts';
import { account } from '../testing/company.ts';
import { SEEN, seedHistory, seedSnapshot } from '../testing/seed.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
  await seedSnapshot(api.database, 'empty', [
    key('k1', { name: 'terraform', ownerKey: 'ada', extra: { scope: 'org' } }),
    key('k2', { name: 'Terraform old', ownerKey: 'ada', isEnabled: false, expiresAt: '2026-01-01T00:00:00.000Z' }),
    key('k3', { name: 'agent', type: 'agent_token', ownerKey: 'email:gone@northwind.example', isEnabled: null }),
    key('k4', { name: 'nobody’s', ownerKey: null, raw: { id: 'k4', secret: 'shhh', more: [{ apiToken: 'shhh' }] } }),
  ]);
  await api.database.pool.query(
    `insert into account (connection_id, key, collection, scope, email, email_folded, display_name, status, roles, extra,
       content_hash, observed_at, seen_from)
     values ('empty', 'ada', 'all', '', 'Ada@northwind.example', 'ada@northwind.example', 'Ada Okonkwo', 'active', '{}',
       '{}', gen_random_uuid(), now(), now())`,
  );
});
// What was known in February: k1 under another name, and a key that is gone, of an account that is gone.
const FROM = '2026-02-01T00:00:00.000Z';
const GONE = '2026-02-20T00:00:00.000Z';
beforeAll(async () => {
  const bo = account('bo', { email: 'Bo@northwind.example', displayName: 'Bo Berg' });
  await seedHistory(api.database, 'empty', bo, FROM, GONE, true);
  await seedHistory(api.database, 'empty', key('k0', { ownerKey: 'bo', type: 'agent_token' }), FROM, GONE, true);
  await seedHistory(api.database, 'empty', key('k1', { name: 'tf', ownerKey: 'ada' }), FROM, SEEN);
});
afterAll(async () => api.close());

function key(id: string, values: Partial<CredentialRecord>): CredentialRecord {
  return {
    kind: 'credential', key: id, type: 'api_key', name: id, ownerKey: null, isEnabled: true, createdAt: SEEN,
    expiresAt: null, extra: {}, raw: { id }, volatile: { lastUsedAt: SEEN, extra: {} }, ...values,
  }; // prettier-ignore
}

const LIST = '/v1/connections/empty/credentials';
const keys = async (query: string): Promise<string[]> => {
  const answer = await api.get(`${LIST}${query}`);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().data.map((each: { key: string }) => each.key);
};

test('the credentials of a connection are listed with their owners', async () => {
  const { data } = (await api.get(LIST)).json();
  expect(data).toHaveLength(4);
  expect(data[0]).toEqual({
    connection: 'empty', key: 'k1', type: 'api_key', name: 'terraform',
    owner: { key: 'ada', name: 'Ada Okonkwo', email: 'Ada@northwind.example' }, is_enabled: true, created_at: SEEN,
    expires_at: null, last_used_at: SEEN, extra: { scope: 'org' }, seen_from: SEEN, missing_since: null,
  }); // prettier-ignore
  expect(data[2].owner).toEqual({
    key: 'email:gone@northwind.example', name: null, email: 'gone@northwind.example',
  }); // prettier-ignore
  expect(data[3].owner).toBeNull();
});

test.each([
  ['?enabled=false', ['k2']],
  ['?enabled=true', ['k1', 'k4']],
  ['?type=agent_token', ['k3']],
  ['?search=TERRA', ['k1', 'k2']],
  ['?owner=ada', ['k1', 'k2']],
  ['?owner=ADA@northwind.example&enabled=true', ['k1']],
  ['?owner=Gone@northwind.example', ['k3']],
  ['?owner=nobody', []],
])('%s leaves what fits', async (query, fitting) => {
  expect(await keys(query)).toEqual(fitting);
});

test('pages go on where they ended, under the same filters alone', async () => {
  const first = (await api.get(`${LIST}?page_size=1&owner=ada`)).json();
  expect(await keys(`?page_size=1&owner=ada&next=${first.next}`)).toEqual(['k2']);
  expect((await api.get(`${LIST}?page_size=1&next=${first.next}`)).json()).toMatchObject({
    status: 400,
    field: 'next',
  });
});

test('one is shown by its key, and what the app sent of it without any secret', async () => {
  expect((await api.get(`${LIST}/k4`)).json()).not.toHaveProperty('raw');
  const shown = await api.get(`${LIST}/k4?raw=true`);
  expect(shown.json()).toMatchObject({ key: 'k4', raw: { id: 'k4', secret: '••••', more: [{ apiToken: '••••' }] } });
  expect(shown.body).not.toContain('shhh');
  expect((await api.get(`${LIST}/other`)).json()).toMatchObject({
    status: 404,
    detail: 'Connection empty has no credential other.',
    next: expect.stringContaining('usher credentials list empty'),
  });
});

test('they count among what a connection holds', async () => {
  expect((await api.get('/v1/connections/empty')).json().counts).toMatchObject({ credential: 4, account: 1 });
  expect((await api.get('/v1/figures?connection=empty')).json().credentials).toBe(4);
});

test('they are listed as they were known at a past moment, owners too; when one was used is not kept', async () => {
  const { data } = (await api.get(`${LIST}?as_of=2026-02-10T00:00:00Z`)).json();
  expect(data).toMatchObject([
    { key: 'k0', owner: { key: 'bo', name: 'Bo Berg', email: 'Bo@northwind.example' }, last_used_at: null },
    { key: 'k1', name: 'tf', seen_from: FROM, last_used_at: null },
  ]);
});

test.each([
  ['as_of=2026-01-31T23:59:59Z', []],
  [`as_of=${FROM}`, ['k0', 'k1']],
  [`as_of=${GONE}`, ['k1']],
  [`as_of=${SEEN}`, ['k1', 'k2', 'k3', 'k4']],
  ['as_of=2026-02-10T01:00:00%2B01:00&type=agent_token', ['k0']],
  ['as_of=2026-02-10T00:00:00Z&search=TF', ['k1']],
  ['as_of=2026-02-10T00:00:00Z&search=terraform', []],
  ['as_of=2026-02-10T00:00:00Z&owner=BO@northwind.example', ['k0']],
  ['owner=BO@northwind.example', []],
])('%s leaves what was there then and fits', async (query, fitting) => {
  expect(await keys(`?${query}`)).toEqual(fitting);
});

test('pages of a past moment go on where they ended, and of that moment alone', async () => {
  const first = (await api.get(`${LIST}?page_size=1&as_of=2026-02-10T00:00:00Z`)).json();
  expect(await keys(`?page_size=1&as_of=2026-02-10T00:00:00Z&next=${first.next}`)).toEqual(['k1']);
  for (const other of ['', '&as_of=2026-02-11T00:00:00Z', '&as_of=2030-01-01T00:00:00Z']) {
    expect((await api.get(`${LIST}?page_size=1&next=${first.next}${other}`)).statusCode).toBe(400);
  }
});

test('one is shown as it was at a past moment, and was not there before it was seen', async () => {
  expect((await api.get(`${LIST}/k1?as_of=2026-02-10T00:00:00Z`)).json()).toMatchObject({ key: 'k1', name: 'tf' });
  expect((await api.get(`${LIST}/k2?as_of=2026-02-10T00:00:00Z`)).json()).toMatchObject({
    status: 404,
    detail: 'Connection empty has no credential k2 as of 2026-02-10T00:00:00.000Z.',
  });
});
