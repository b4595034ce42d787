import { afterAll, beforeAll, expect, test } from 'vitest';
import { collectRoutes } from './http/route-table.ts';
import { testApi } from './testing/api.ts';
import type { TestApi } from './testing/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => api.close());

/** Query strings that no list can answer, with the field the answer should name. */
const BAD_QUERIES: readonly (readonly [string, string])[] = [
  ['page_size=0', 'page_size'],
  ['page_size=-5', 'page_size'],
  ['page_size=501', 'page_size'],
  ['page_size=99999999999999999999', 'page_size'],
  ['page_size=ten', 'page_size'],
  ['page_size=1.5', 'page_size'],
  ['page_size=5&page_size=6', 'page_size'],
  ['page_size[x]=5', 'page_size'],
  ['nonsense=1', 'nonsense'],
  ['next=%00', 'next'],
  ['next=%F0%28', 'next'],
  ['a[=1', 'a['],
  ['__proto__[x]=1', '__proto__'],
];

test.each(BAD_QUERIES)('?%s is a 400 that names %s, on every list', async (query, field) => {
  const lists = [
    '/v1/accounts',
    '/v1/grants',
    '/v1/groups',
    '/v1/resources',
    '/v1/events',
    '/unified/iam/users',
    '/unified/iam/groups',
    '/actions',
    '/accounts',
    '/v1/connections',
    '/v1/connectors',
    '/v1/principals',
    '/v1/tokens',
  ];
  for (const url of lists) {
    const answer = await api.get(`${url}?${query}`, { account: 'paper' });
    expect(answer.statusCode, `${url}?${query} ${answer.body}`).toBe(400);
    expect(answer.json().field, url).toBe(field);
  }
});

test.each([
  ['/v1/accounts?as_of=yesterday', 'as_of'],
  ['/v1/accounts?as_of=2026-01-01T00:00:00', 'as_of'],
  ['/v1/accounts?as_of=2999-01-01T00:00:00Z', 'as_of'],
  ['/v1/accounts?status=asleep', 'status'],
  ['/v1/accounts?mfa=perhaps', 'mfa'],
  ['/v1/accounts?search=%00', 'search'],
  ['/v1/accounts?email=a%00b', 'email'],
  ['/v1/accounts?next=eyJ2IjoxfQ', 'next'],
  ['/v1/grants?account=101', 'connection'],
  ['/v1/grants?connection=paper&group=a&role=b', 'role'],
  ['/v1/connections/paper/credentials?enabled=perhaps', 'enabled'],
  ['/v1/connections/paper/credentials?owner=%00', 'owner'],
  ['/v1/connections/paper/credentials?next=eyJ2IjoxfQ', 'next'],
  ['/v1/connections/paper/credentials?as_of=yesterday', 'as_of'],
  ['/v1/connections/paper/credentials?as_of=2999-01-01T00:00:00Z', 'as_of'],
  ['/v1/connections/paper/credentials/k1?as_of=2999-01-01T00:00:00Z', 'as_of'],
  ['/v1/events?after=-1', 'after'],
  ['/v1/events?after=1e9', 'after'],
  ['/v1/events?wait=31', 'wait'],
  ['/v1/events?type=%25', 'type'],
  ['/v1/syncs/not-a-run', 'run'],
  ['/v1/connections/paper/syncs?page_size=0', 'page_size'],
  ['/v1/connections/paper/syncs?next=eyJ2IjoxfQ', 'next'],
  ['/unified/iam/users?filter[updated_after]=2026-01-01', 'filter[updated_after]'],
  ['/unified/iam/users?filter[status]=locked', 'filter[status]'],
  ['/unified/iam/users?filter=x', 'filter'],
  ['/unified/iam/users?filter[email]=a&filter[email]=b', 'filter[email]'],
  ['/unified/iam/users?filter[email]=%00', 'filter.email'],
  ['/unified/iam/users?raw=perhaps', 'raw'],
  ['/unified/iam/users/c28xIQ!!!', 'id'],
  ['/unified/iam/users/a%00b', 'id'],
  ['/actions?include=shoes', 'include'],
  ['/actions?filter[connectors]=moon', 'filter[connectors]'],
  ['/actions?filter[account_ids]=nobody', 'filter[account_ids]'],
])('GET %s is a 400 that names %s', async (url, field) => {
  const answer = await api.get(url, { account: 'paper' });
  expect(answer.statusCode, answer.body).toBe(400);
  expect(answer.json().field).toBe(field);
});

test.each([
  ['POST', '/v1/connections', {}, 'connector'],
  ['POST', '/v1/connections', { connector: 'moon', settings: {}, secrets: {} }, 'connector'],
  [
    'POST',
    '/v1/connections',
    { connector: 'paper', settings: { company: 7.5 }, secrets: { key: 'k' } },
    'settings.company',
  ],
  ['POST', '/v1/connections', { connector: 'paper', settings: [], secrets: {} }, 'settings'],
  ['POST', '/v1/connections', { connector: 'paper', id: 'Not A Slug' }, 'id'],
  ['POST', '/v1/connections', { connector: 'paper', id: 'sync' }, 'id'],
  ['POST', '/v1/connections', { connector: 'paper', schedule_seconds: 1 }, 'schedule_seconds'],
  ['POST', '/v1/connections', { connector: 'paper', settings: { company: 'a\0b' } }, 'settings.company'],
  ['PATCH', '/v1/connections/paper', { state: 'asleep' }, 'state'],
  ['DELETE', '/v1/connections/paper', undefined, 'confirm'],
  ['POST', '/v1/principals', { name: '', kind: 'person', role: 'viewer' }, 'name'],
  ['POST', '/v1/principals', { name: 'x', kind: 'robot', role: 'viewer' }, 'kind'],
  ['POST', '/v1/principals', { name: 'x', kind: 'person', role: 'viewer', email: 'nope' }, 'email'],
  ['POST', '/v1/principals', { name: 'x', kind: 'person', role: 'viewer', colour: 'red' }, 'colour'],
  ['POST', '/v1/tokens', { name: 'x', connections: [] }, 'connections'],
  ['POST', '/v1/tokens', { name: 'x', expires_in_days: 0 }, 'expires_in_days'],
  ['POST', '/v1/tokens', [], 'body'],
  ['POST', '/actions/rpc', {}, 'action'],
  ['POST', '/actions/rpc', { action: 'paper_unified_list_users' }, 'x-account-id'],
  ['POST', '/actions/rpc', { action: 'paper_unified_list_users', headers: { 'x-account-id': 7 } }, 'x-account-id'],
  ['POST', '/actions/rpc', { action: 'paper_unified_list_users', query: 'x' }, 'query'],
] as const)('%s %s %j is a 400 that names %s', async (method, url, body, field) => {
  const answer = await api.call(method, url, { body });
  expect(answer.statusCode, answer.body).toBe(400);
  expect(answer.json().field).toBe(field);
});

test('unknown ids are 404 everywhere', async () => {
  for (const url of [
    '/v1/connections/nowhere', '/v1/connections/nowhere/drift', '/v1/connections/NOWHERE', '/v1/connections/%F0%9F%92%A9',
    '/v1/accounts/paper/nobody', '/v1/accounts/nowhere/101', '/v1/syncs/00000000-0000-4000-8000-00000000dead',
    '/v1/grants?connection=nowhere', '/v1/grants?connection=paper&account=nobody', '/actions/moon_walk', '/v1/nothing',
    '/unified/iam/users/nobody', '/unified/iam/groups/nothing', '/unified/iam/policies/1', '/unified/iam/organizations/1',
  ]) {
    expect((await api.get(url, { account: 'paper' })).statusCode, url).toBe(404);
  } // prettier-ignore
});

test('addresses that cannot be read are 400 in the frame of their path', async () => {
  for (const url of ['/v1/connections/%E0%A4%A', '/unified/iam/users/%', `/unified/iam/users/${'a'.repeat(5000)}`]) {
    const answer = await api.get(url, { account: 'paper' });
    expect([400, 404, 414], url).toContain(answer.statusCode);
    expect(answer.json().request_id, url).toBeDefined();
  }
});

test('whatever is thrown at a route, it never answers 500', async () => {
  const texts = [
    '%00',
    '%FF',
    'a'.repeat(3000),
    '%F0%9F%92%A9',
    "';drop table account;--",
    '-1',
    '[]',
    '%0a',
    '\u202e',
  ];
  const bodies = ['', 'null', '[]', '"x"', '{"a":"\\u0000"}', '{"name":{"a":1}}', '{'];
  for (const { method, url } of collectRoutes(api.app)) {
    if (url === '/v1/connections/:connection' && method === 'DELETE') continue;
    for (const text of texts) {
      const path = url.replaceAll(/:\w+/gu, encodeURI(text)).replace('*', 'x');
      const answer = await api.call(asInject(method), `${path}?x=${encodeURI(text)}`, { account: 'paper' });
      expect(answer.statusCode === 501 || answer.statusCode < 500, `${method} ${path} ${answer.body}`).toBe(true);
    }
    if (method === 'GET' || method === 'HEAD') continue;
    for (const body of bodies) {
      const headers = { 'content-type': 'application/json' };
      const path = url.replaceAll(/:\w+/gu, 'x');
      const answer = await api.call(asInject(method), path, { account: 'paper', body, headers });
      expect(answer.statusCode === 501 || answer.statusCode < 500, `${method} ${path} ${body}`).toBe(true);
    }
  }
});

function asInject(method: string): 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE' {
  return (['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'] as const).find((each) => each === method) ?? 'GET';
}
