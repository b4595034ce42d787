import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../app.ts';
import { testApi, type TestApi } from '../testing/api.ts';
import { rawSocket } from '../testing/raw-socket.ts';
import type { SocketLimits } from './sockets.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => api.close());

/** Runs against a listening server with these limits; the others are long enough to be no matter. */
async function withServer(limits: Partial<SocketLimits>, work: (port: number) => Promise<void>) {
  const app = await createApp({
    ...api.services,
    settings: { ...api.services.settings, socketLimits: { checkEveryMs: 20, ...limits } },
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  try {
    await work(Number(new URL(url).port));
  } finally {
    await app.close();
  }
}

const post = (more: string): string =>
  `POST /v1/tokens HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${api.token}\r\n` +
  `Content-Type: application/json\r\n${more}`;

test('headers that drip in are cut off with a 408', () =>
  withServer({ headersMs: 50, requestMs: 50 }, async (port) => {
    const slow = await rawSocket(port);
    slow.send('GET /v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ');
    const drip = setInterval(() => slow.send('a'), 5);
    const answer = await slow.closed();
    clearInterval(drip);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /u);
    expect(answer).toContain('"code":"requestTimeout"');
  }));

test('a body that drips in is cut off with a 408', () =>
  withServer({ requestMs: 80, headersMs: 50 }, async (port) => {
    const slow = await rawSocket(port);
    slow.send(post('Content-Length: 1000\r\n\r\n{"name":"'));
    const drip = setInterval(() => slow.send('a'), 5);
    const answer = await slow.closed();
    clearInterval(drip);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /u);
  }));

test('a socket on which nothing is said is closed', () =>
  withServer({ idleMs: 30, headersMs: 30, requestMs: 30 }, async (port) => {
    const silent = await rawSocket(port);
    expect(await silent.closed()).not.toContain('200');
  }));

test('a socket kept alive is closed when no further request comes', () =>
  withServer({ keepAliveMs: 30 }, async (port) => {
    const idle = await rawSocket(port);
    idle.send('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    expect(await idle.closed()).toMatch(/^HTTP\/1\.1 200 /u);
  }));

test('an address that opens too many sockets loses the newest; when one closes, another may come', () =>
  withServer({ connectionsPerAddress: 2 }, async (port) => {
    const ask = 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
    const first = await rawSocket(port);
    const second = await rawSocket(port);
    first.send(ask);
    second.send(ask);
    expect(await first.until((text) => text.includes('"ok"'))).toContain('200 OK');
    expect(await second.until((text) => text.includes('"ok"'))).toContain('200 OK');
    const third = await rawSocket(port);
    third.send(ask);
    expect(await third.closed()).toBe('');
    first.send(ask.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    await first.closed();
    const fourth = await rawSocket(port);
    fourth.send(ask);
    expect(await fourth.until((text) => text.includes('"ok"'))).toContain('200 OK');
    for (const each of [second, fourth]) each.socket.destroy();
  }));

test('a flood of headers is a 431, and bytes that are no HTTP are a 400, as problems', () =>
  withServer({}, async (port) => {
    const flood = await rawSocket(port);
    flood.send(`GET /healthz HTTP/1.1\r\n${'X-Flood: aaaaaaaaaaaaaaaa\r\n'.repeat(5000)}\r\n`);
    const flooded = await flood.closed();
    expect(flooded).toMatch(/^HTTP\/1\.1 431 /u);
    expect(flooded).toContain('"code":"headersTooLarge"');
    for (const bytes of ['\u0016\u0003\u0001 hello', 'GET\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', post('Content-Length: x\r\n\r\n')]) {
      const odd = await rawSocket(port);
      odd.send(bytes);
      const answer = await odd.closed();
      expect(answer, JSON.stringify(bytes)).toMatch(/^HTTP\/1\.1 400 /u);
      expect(answer).toContain('application/problem+json');
    }
  })); // prettier-ignore
