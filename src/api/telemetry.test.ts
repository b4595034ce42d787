import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createLog } from '../telemetry/log.ts';
import { createApp } from './app.ts';
import { testApi, type TestApi } from './testing/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => api.close());

test('/metrics needs a token that is not limited to some connections', async () => {
  expect((await api.get('/metrics', { as: null })).statusCode).toBe(401);
  expect((await api.get('/metrics', { as: await api.tokenOf('viewer', ['paper']) })).statusCode).toBe(403);
  const answer = await api.get('/metrics', { as: await api.tokenOf('viewer') });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
});

test('/metrics is open where the operator says so', async () => {
  const settings = { ...api.services.settings, isMetricsOpen: true };
  const app = await createApp({ ...api.services, settings });
  const answer = await app.inject({ url: '/metrics', headers: { host: 'localhost' } });
  expect(answer.statusCode).toBe(200);
  await app.close();
});

test('requests are counted by route and status, and no label holds what they asked for', async () => {
  await api.get('/v1/accounts/paper/ada.lovelace%40northwind.example');
  await api.get('/v1/accounts?search=lovelace');
  await api.get('/no/such/lovelace');
  const text = (await api.get('/metrics')).body;
  expect(text).toContain('route="/v1/accounts/:connection/:key"');
  expect(text).toMatch(/_count\{method="GET",route="none",status="404"\} 1/);
  expect(text).not.toMatch(/lovelace/i);
});

test('every line that a request leads to carries the id that its answer tells', async () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLog('debug', { write: (line) => void lines.push(JSON.parse(line)) });
  const connections = {
    ...api.services.connections,
    connect: async () => {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      log.info({}, 'deep inside');
      throw new Error('a fault of ours');
    },
  };
  const app = await createApp({ ...api.services, connections, log });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const send = async (): Promise<string> => {
    const body = JSON.stringify({ connector: 'paper', settings: {}, secrets: {} });
    const headers = {
      authorization: `Bearer ${api.token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const call = request(`${address}/v1/connections`, { method: 'POST', headers });
    call.write(body.slice(0, 10));
    await wait(20); // what comes later comes in an event that belongs to no request
    call.end(body.slice(10));
    const [answer] = await once(call, 'response');
    answer.resume();
    expect(answer.statusCode).toBe(500);
    return String(answer.headers['x-request-id']);
  };
  const ids = await Promise.all([send(), send(), send()]);
  // That it was answered is written once the answer is out, which may be after it came in here.
  await vi.waitFor(() => expect(lines.filter(({ msg }) => msg === 'answered')).toHaveLength(3));
  await app.close();
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) {
    const mine = lines.filter(({ request }) => request === id).map(({ msg }) => msg);
    expect(mine).toEqual(['deep inside', 'a request failed', 'answered']);
  }
  expect(lines).toHaveLength(9);
});
