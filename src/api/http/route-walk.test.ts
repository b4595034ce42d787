import type { RouteOptions } from 'fastify';
import fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROLES, ROLE_PERMISSIONS } from '../../model/access.ts';
import { createApp } from '../app.ts';
import { testApi } from '../testing/api.ts';
import type { TestApi } from '../testing/api.ts';
import { RUN_ID } from '../testing/services.ts';
import type { AccessRule } from './access.ts';
import { enforceAccess } from './access.ts';
import { createLimiter } from './limits.ts';
import { collectRoutes } from './route-table.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => api.close());

/** A request that would succeed, as far as the path and header go; bodies are bad, so that nothing is done. */
function requestTo(url: string, connection: string): { url: string; headers: Record<string, string> } {
  const path = url
    .replace(':connection', connection)
    .replace(':run', RUN_ID)
    .replace(':key', '101')
    .replace(':id', 'nothing')
    .replace('*', 'nothing');
  return { url: path, headers: { 'x-account-id': connection } };
}

async function statusOf(route: Route, as: string | null, connection: string): Promise<number> {
  const { url, headers } = requestTo(route.url, connection);
  const answer = await api.call(route.method, url, { as, headers });
  return answer.statusCode;
}

interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly rule: AccessRule;
}

function routes(): Route[] {
  return collectRoutes(api.app).map(({ method, url, rule }) => ({ method: asMethod(method), url, rule }));
}

function asMethod(method: string): Route['method'] {
  const found = (['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).find((each) => each === method);
  if (found === undefined) throw new Error(`The route walk does not know ${method}.`);
  return found;
}

test('the walk knows all routes: none is public but health, description, documentation and the page', () => {
  const all = routes();
  expect(all.length).toBeGreaterThan(80);
  const open = all.filter(({ rule, url }) => rule.kind === 'public' && !url.startsWith('/docs'));
  expect([...new Set(open.map(({ url }) => url))].sort()).toEqual([
    '/', '/healthz', '/openapi.json', '/page.css', '/page.js', '/readyz',
  ]); // prettier-ignore
});

test('without a token, or with a wrong one, every route but the public ones is 401', async () => {
  const wrong: string[] = [];
  for (const route of routes()) {
    const statuses = [await statusOf(route, null, 'paper'), await statusOf(route, 'ush_wrong', 'paper')];
    const isRefused = statuses.every((status) => status === 401);
    if (isRefused === (route.rule.kind === 'public')) wrong.push(`${route.method} ${route.url}: ${statuses.join(' ')}`);
  }
  expect(wrong).toEqual([]);
});

test.each(ROLES)('a %s reaches what the role allows and gets 403 elsewhere', async (role) => {
  const token = await api.tokenOf(role);
  const wrong: string[] = [];
  for (const route of routes()) {
    if (route.rule.kind === 'public' || hasEffectWithoutBody(route)) continue;
    const status = await statusOf(route, token, 'paper');
    const isAllowed = ROLE_PERMISSIONS[role].has(route.rule.permission);
    const isRight = isAllowed ? status !== 401 && status !== 403 && (status < 500 || status === 501) : status === 403;
    if (!isRight) wrong.push(`${route.method} ${route.url}: ${status}`);
  }
  expect(wrong).toEqual([]);
});

/** Would do something with the token of an administrator; its rule is tested with the others'. */
function hasEffectWithoutBody({ method, url }: Route): boolean {
  return method === 'DELETE' && url === '/v1/connections/:connection';
}

test('a token of another connection learns nothing: the answer is that for a connection that is not there', async () => {
  const token = await api.tokenOf('admin', ['other']);
  const wrong: string[] = [];
  for (const route of routes()) {
    const expected = route.rule.kind === 'token' ? FOREIGN_STATUS[route.rule.reach] : null;
    if (expected === null) continue;
    const answers = [];
    for (const connection of ['paper', 'nowhere']) {
      const { url, headers } = requestTo(route.url, connection);
      answers.push(await api.call(route.method, url, { as: token, headers }));
    }
    const [hidden, missing] = answers.map(({ statusCode, body }) => `${statusCode} ${comparable(body)}`);
    const isRight = answers[0]?.statusCode === expected && hidden === missing;
    if (!isRight) wrong.push(`${route.method} ${route.url}: ${hidden} / ${missing}`);
  }
  expect(wrong).toEqual([]);
});

/** What a token limited to one connection is answered that asks for another; null: see the test of lists. */
const FOREIGN_STATUS = { instance: 403, connection: 404, account: 400, filtered: null } as const;

test('lists show a token of one connection only that', async () => {
  const token = await api.tokenOf('admin', ['other']);
  for (const url of [
    '/v1/connections',
    '/v1/accounts',
    '/v1/grants',
    '/v1/groups',
    '/v1/resources',
    '/v1/events?after=0',
    '/v1/figures',
    '/actions',
  ]) {
    const { body, statusCode } = await api.get(url, { as: token });
    expect(statusCode, url).toBe(200);
    expect(body, url).not.toMatch(/"(?:connection|id)":"paper"/u);
  }
  expect((await api.get('/v1/accounts', { as: token })).json().data).toHaveLength(1);
  expect((await api.get('/v1/figures', { as: token })).json().accounts.total).toBe(1);
  for (const url of ['/v1/accounts', '/v1/grants', '/v1/groups', '/v1/resources', '/v1/events', '/v1/figures']) {
    const hidden = await api.get(`${url}?connection=paper`, { as: token });
    const missing = await api.get(`${url}?connection=nowhere`, { as: token });
    expect(hidden.statusCode, url).toBe(404);
    expect(comparable(hidden.body)).toBe(comparable(missing.body));
  }
  expect((await api.get(`/v1/syncs/${RUN_ID}`, { as: token })).statusCode).toBe(404);
  const rpc = { action: 'paper_unified_list_users', headers: { 'x-account-id': 'paper' } };
  expect((await api.call('POST', '/actions/rpc', { as: token, body: rpc })).statusCode).toBe(400);
});

function comparable(body: string): string {
  return body.replaceAll(/paper|nowhere/gu, 'X').replaceAll(/"request_id":"[^"]+"/gu, '');
}

test('a route without an access rule keeps the server from starting', () => {
  const bare = fastify();
  const limiter = createLimiter({ perToken: null, failuresPerAddress: null }, () => 0);
  enforceAccess(bare, api.services.access, limiter, () => false);
  expect(() => bare.get('/forgotten', async () => 'data')).toThrow('GET /forgotten has no access rule');
});

test('a route added to the real application without a rule throws as well', async () => {
  const app = await createApp(api.services);
  const forgotten: RouteOptions = { method: 'GET', url: '/forgotten', handler: async () => 'data' };
  expect(() => app.route(forgotten)).toThrow('already listening');
  await app.close();
});
