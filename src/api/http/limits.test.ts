import { afterEach, expect, test } from 'vitest';
import { createApp } from '../app.ts';
import { type TestApi, testApi } from '../testing/api.ts';
import type { App } from '../types.ts';
import { apiLimitsFromEnvironment, type RequestLimits } from './limits.ts';

const opened: { api: TestApi; app: App }[] = [];
afterEach(async () => {
  for (const { api, app } of opened.splice(0)) {
    await app.close();
    await api.close();
  }
});

/** The API with limits, and a way to call it as somebody from somewhere. */
async function limited(requestLimits: RequestLimits, trustedProxies?: readonly string[]) {
  const api = await testApi();
  const app = await createApp({
    ...api.services,
    settings: { ...api.services.settings, requestLimits, trustedProxies },
  });
  opened.push({ api, app });
  const call = (url: string, token: string, options: { ip?: string; forwarded?: string } = {}) =>
    app.inject({
      url,
      remoteAddress: options.ip ?? '192.0.2.1',
      headers: {
        host: '127.0.0.1',
        authorization: `Bearer ${token}`,
        'x-account-id': 'paper',
        ...(options.forwarded !== undefined && { 'x-forwarded-for': options.forwarded }),
      },
    });
  return { api, call };
}

const RARELY = { perSecond: 0.001, burst: 3 };

test('a token that asks too often is told how long to wait, in the frame of the path; other tokens go on', async () => {
  const { api, call } = await limited({ perToken: RARELY, failuresPerAddress: null });
  const remaining = [];
  for (let asked = 0; asked < 3; asked += 1) {
    const answer = await call('/v1/me', api.token);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['ratelimit-limit']).toBe('3');
    remaining.push(answer.headers['ratelimit-remaining']);
  }
  expect(remaining).toEqual(['2', '1', '0']);
  const problem = await call('/v1/me', api.token);
  expect(problem.statusCode).toBe(429);
  expect(problem.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(Number(problem.headers['retry-after'])).toBeGreaterThan(900);
  expect(problem.json()).toMatchObject({ code: 'tooManyRequests', status: 429, retry: true });
  const compatible = await call('/unified/iam/users', api.token);
  expect(compatible.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(compatible.json()).toMatchObject({ statusCode: 429, code: 'tooManyRequests' });
  expect((await call('/v1/me', await api.tokenOf('viewer'))).statusCode).toBe(200);
  expect((await call('/healthz', api.token)).statusCode).toBe(200);
});

test('an address that guesses tokens is refused before its tokens are looked at; a good token beside it is not', async () => {
  const { api, call } = await limited({ perToken: null, failuresPerAddress: RARELY });
  expect((await call('/v1/me', api.token)).statusCode).toBe(200);
  for (let guess = 0; guess < 3; guess += 1) expect((await call('/v1/me', `guess-${guess}`)).statusCode).toBe(401);
  const refused = await call('/v1/me', 'guess-4');
  expect(refused.statusCode).toBe(429);
  expect(refused.json().code).toBe('tooManyFailures');
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect((await call('/v1/me', api.token)).statusCode).toBe(200);
  expect((await call('/v1/me', 'guess-5', { ip: '192.0.2.2' })).statusCode).toBe(401);
});

test('X-Forwarded-For is believed from a trusted proxy alone', async () => {
  const { call } = await limited({ perToken: null, failuresPerAddress: { perSecond: 0.001, burst: 1 } }, ['127.0.0.1']);
  const guess = async (options: { ip: string; forwarded: string }) =>
    (await call('/v1/me', 'guess', options)).statusCode;
  expect(await guess({ ip: '127.0.0.1', forwarded: '198.51.100.1' })).toBe(401);
  expect(await guess({ ip: '127.0.0.1', forwarded: '198.51.100.2' })).toBe(401);
  expect(await guess({ ip: '127.0.0.1', forwarded: '198.51.100.1' })).toBe(429);
  expect(await guess({ ip: '192.0.2.9', forwarded: '198.51.100.3' })).toBe(401);
  expect(await guess({ ip: '192.0.2.9', forwarded: '198.51.100.4' })).toBe(429);
});

test('limits come from the environment, with defaults, and 0 turns one off', () => {
  expect(apiLimitsFromEnvironment({})).toEqual({
    requestLimits: {
      perToken: { perSecond: 200, burst: 1000 },
      failuresPerAddress: { perSecond: 1, burst: 60 },
    },
    socketLimits: { connections: 4096, connectionsPerAddress: 512 },
  });
  const set = apiLimitsFromEnvironment({
    USHER_TOKEN_RATE: '0', USHER_AUTH_FAILURES_PER_MINUTE: '0', USHER_CONNECTIONS: '9', USHER_TRUSTED_PROXIES: '::1, 10.0.0.0/8',
  }); // prettier-ignore
  expect(set.requestLimits).toEqual({ perToken: null, failuresPerAddress: null });
  expect(set.socketLimits?.connections).toBe(9);
  expect(set.trustedProxies).toEqual(['::1', '10.0.0.0/8']);
  for (const [name, value] of [['USHER_TOKEN_RATE', '-1'], ['USHER_TOKEN_BURST', 'many'], ['USHER_TRUSTED_PROXIES', 'proxy']] as const) {
    expect(() => apiLimitsFromEnvironment({ [name]: value })).toThrow(name);
  } // prettier-ignore
});
