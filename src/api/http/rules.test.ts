import { afterAll, beforeAll, expect, test } from 'vitest';
import { testApi } from '../testing/api.ts';
import type { TestApi } from '../testing/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => api.close());

const basic = (user: string, password = '') => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

test('only known hosts are answered, but probes are', async () => {
  for (const host of ['127.0.0.1:8420', 'localhost', '[::1]:8420', 'usher.northwind.example']) {
    expect((await api.get('/v1/me', { headers: { host } })).statusCode, host).toBe(200);
  }
  for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:8420']) {
    const answer = await api.get('/v1/me', { headers: { host } });
    expect(answer.statusCode, host).toBe(403);
    expect(answer.json().code).toBe('hostNotAllowed');
    expect((await api.get('/healthz', { headers: { host } })).statusCode).toBe(200);
  }
});

test('requests of other sites are refused', async () => {
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:9999']) {
    expect((await api.get('/v1/me', { headers: { origin } })).statusCode, origin).toBe(403);
  }
  expect((await api.get('/v1/me', { headers: { origin: 'http://127.0.0.1:8420' } })).statusCode).toBe(200);
});

test('bodies are JSON and nothing else', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const answer = await api.call('POST', '/v1/tokens', { body: '{"name":"x"}', headers: { 'content-type': type } });
    expect(answer.statusCode, type).toBe(415);
    expect(answer.json().code).toBe('unsupportedMediaType');
  }
  const broken = await api.call('POST', '/v1/tokens', {
    body: '{"name":',
    headers: { 'content-type': 'application/json' },
  });
  expect(broken.statusCode).toBe(400);
  const proto = '{"name":"x","__proto__":{"role":"admin"}}';
  const polluting = await api.call('POST', '/v1/tokens', {
    body: proto,
    headers: { 'content-type': 'application/json' },
  });
  expect(polluting.statusCode).toBe(400);
});

test('a body that is too large is a 413', async () => {
  const answer = await api.call('POST', '/v1/tokens', { body: { name: 'x'.repeat(2_000_000) } });
  expect(answer.statusCode).toBe(413);
});

test('Basic credentials are the token, on compatible paths alone, and are never asked for', async () => {
  const ask = (url: string, headers: Record<string, string>) => api.get(url, { as: null, account: 'paper', headers });
  expect((await ask('/unified/iam/users', basic(api.token))).statusCode).toBe(200);
  expect((await ask('/actions', basic(api.token))).statusCode).toBe(200);
  expect((await ask('/v1/me', basic(api.token))).statusCode).toBe(401);
  expect((await ask('/unified/iam/users', basic(api.token, 'secret'))).statusCode).toBe(401);
  expect((await ask('/unified/iam/users', basic(''))).statusCode).toBe(401);
  const refused = await ask('/unified/iam/users', {});
  expect(refused.headers['www-authenticate']).toBe('Bearer realm="usher"');
});

test('a bad token has its own code, apart from a refusal of the app', async () => {
  for (const authorization of ['Bearer nonsense', 'Bearer', 'nonsense', 'Bearer a b', 'Digest x']) {
    const answer = await api.get('/v1/me', { as: null, headers: { authorization } });
    expect(answer.statusCode, authorization).toBe(401);
    expect(answer.json().code, authorization).toBe('invalidToken');
  }
  expect((await api.get('/v1/me', { as: null })).json().code).toBe('missingToken');
});

test('every answer has the security headers and its request id', async () => {
  for (const url of [
    '/',
    '/docs/',
    '/v1/me',
    '/nothing',
    '/unified/iam/users',
    '/page.js',
    '/docs/static/swagger-ui.css',
  ]) {
    const { headers } = await api.get(url);
    expect(headers['x-content-type-options'], url).toBe('nosniff');
    expect(headers['x-frame-options'], url).toBe('DENY');
    expect(headers['content-security-policy'], url).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy'], url).not.toContain('unsafe-eval');
    expect(headers['x-request-id'], url).toMatch(/^[0-9a-f-]{36}$/u);
  }
});

test('problems name what happened, the field and the next step, as problem details', async () => {
  const answer = await api.get('/v1/accounts?page_size=0');
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.json()).toMatchObject({
    type: 'https://usher.example/errors/invalid-input',
    status: 400,
    code: 'invalidInput',
    field: 'page_size',
    retry: false,
  });
});

test('the page at / holds no company data, no inline script, and nothing from elsewhere', async () => {
  const { body, headers } = await api.get('/', { as: null });
  expect(headers['content-security-policy']).toContain("script-src 'self'");
  expect(body).not.toMatch(/<script(?![^>]*\bsrc=)/u);
  expect(body).not.toMatch(/(?:src|href)="https?:/u);
  expect(body).not.toContain('paper');
  const docs = await api.get('/docs/', { as: null });
  expect(docs.statusCode).toBe(200);
  expect(docs.body).not.toMatch(/(?:src|href)="https?:/u);
  expect(docs.body).not.toMatch(/<script(?![^>]*\bsrc=)/u);
});

test('an unforeseen error tells nothing but its request id', async () => {
  const { pool } = api.database;
  await pool.query('alter table account rename to account_away');
  const answer = await api.get('/v1/accounts');
  await pool.query('alter table account_away rename to account');
  expect(answer.statusCode).toBe(500);
  expect(answer.json()).toMatchObject({ code: 'internal', request_id: answer.headers['x-request-id'] });
  expect(answer.body).not.toContain('relation');
});
