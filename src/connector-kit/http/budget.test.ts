import { describe, expect, it } from 'vitest';
import { createLimiter, type Limiter, localLeases, type Rates } from '../limiter.ts';
import { startServer, testClient } from './testing/server.ts';
import type { HttpRequest } from './types.ts';

const read: HttpRequest = { operation: 'list', method: 'GET', path: '/things' };
const write: HttpRequest = { operation: 'create', method: 'POST', path: '/things', body: { json: { name: 'x' } } };

/** 480 an hour, waited for up to an hour. */
const hourly: Rates = { default: { perSecond: 480 / 3600, burst: 480, maxWaitMs: 3_600_000 } };

/** A limiter on a clock that is moved by sleeping alone. */
function limiterOf(rates: Rates): { readonly limiter: Limiter; readonly waits: number[] } {
  let now = 0;
  const waits: number[] = [];
  const limiter = createLimiter({
    rates,
    ...localLeases(() => now),
    nowMs: () => now,
    sleep: async (ms) => {
      waits.push(ms);
      now += ms;
    },
  });
  return { limiter, waits };
}

describe('a call that was refused for its rate', () => {
  it('waits for RateLimit-Reset where there is no Retry-After, and is made again even if it writes', async () => {
    await using server = await startServer((response, _, count) =>
      response.writeHead(count % 2 === 1 ? 429 : 201, { 'ratelimit-remaining': '0', 'ratelimit-reset': '8' }).end(),
    );
    await using client = testClient(server.url);
    expect((await client.request(read)).status).toBe(201);
    expect((await client.request(write)).status).toBe(201);
    expect(client.slept).toEqual([8000, 8000]);
  });

  it('is made again as long as the connector says that its budget may be waited for, however many attempts it takes', async () => {
    await using server = await startServer((response, _, count) =>
      response.writeHead(count <= 20 ? 429 : 200, { 'ratelimit-reset': '60' }).end(),
    );
    await using client = testClient(server.url, limiterOf(hourly));
    expect((await client.request(write)).status).toBe(200);
    expect(client.slept).toHaveLength(20);
  });

  it('is told of when that time is over, with how long it would still be', async () => {
    await using server = await startServer((response) => response.writeHead(429, { 'ratelimit-reset': '1000' }).end());
    await using client = testClient(server.url, limiterOf(hourly));
    await expect(client.request(read)).rejects.toMatchObject({
      kind: 'rateLimited',
      details: { retryAfterSeconds: 1000 },
    });
    expect(client.slept).toEqual([1_000_000, 1_000_000, 1_000_000]);
  });

  it('is made once by a client that repeats nothing', async () => {
    await using server = await startServer((response) => response.writeHead(429, { 'ratelimit-reset': '1' }).end());
    const retry = { attempts: 1, baseMs: 1, maxMs: 1, maxRetryAfterMs: 60_000 };
    await using client = testClient(server.url, { ...limiterOf(hourly), retry });
    await expect(client.request(read)).rejects.toMatchObject({ kind: 'rateLimited' });
    expect(server.arrived).toHaveLength(1);
  });

  it('holds the others of its functionality too, but not where the wait is too long for anybody', async () => {
    await using server = await startServer((response, { url }) =>
      response.writeHead(url === '/things' ? 429 : 200, { 'retry-after': '30' }).end(),
    );
    const { limiter, waits } = limiterOf({ default: { perSecond: 1000, burst: 1000, perFunctionality: true } });
    const retry = { attempts: 1, baseMs: 1, maxMs: 1, maxRetryAfterMs: 60_000 };
    await using client = testClient(server.url, { limiter, retry });
    const ask = async (functionality: string, path: string): Promise<number[]> => {
      await client.request({ ...read, functionality, path }).catch(() => undefined);
      return waits.splice(0);
    };
    expect(await ask('list', '/things')).toEqual([]);
    expect(await ask('list', '/others')).toEqual([30_000]);
    expect(await ask('create', '/others')).toEqual([]);
    const brief = limiterOf({ default: { perSecond: 1000, burst: 1000, maxWaitMs: 10_000 } });
    await using impatient = testClient(server.url, { limiter: brief.limiter, retry });
    for (const path of ['/things', '/others']) await impatient.request({ ...read, path }).catch(() => undefined);
    expect(brief.waits).toEqual([]);
  });
});

describe('what answers say of the budget', () => {
  it('holds the next calls of a plain rate until there is more, however the app counts, but never for hours', async () => {
    await using server = await startServer((response, _, count) =>
      response
        .setHeader('ratelimit-remaining', '0')
        .setHeader('ratelimit-reset', count === 1 ? '300' : '9999')
        .end(),
    );
    const { limiter, waits } = limiterOf({ default: 1_000_000 });
    await using client = testClient(server.url, { limiter });
    for (let call = 0; call < 3; call += 1) await client.request(read);
    expect(waits).toEqual([300_000]);
  });

  it('slows the next calls down where somebody else uses the same key', async () => {
    await using server = await startServer((response, _, count) =>
      response
        .setHeader('ratelimit-remaining', count === 1 ? '1' : '300')
        .setHeader('ratelimit-reset', '0')
        .end(),
    );
    const { limiter, waits } = limiterOf(hourly);
    await using client = testClient(server.url, { limiter });
    for (let call = 0; call < 3; call += 1) await client.request(read);
    expect(waits).toEqual([7500]);
  });

  it('is passed over where it makes no sense', async () => {
    await using server = await startServer((response) =>
      response.setHeader('ratelimit-remaining', 'many').setHeader('ratelimit-reset', '').end(),
    );
    const { limiter, waits } = limiterOf(hourly);
    await using client = testClient(server.url, { limiter });
    for (let call = 0; call < 3; call += 1) await client.request(read);
    expect(waits).toEqual([]);
  });
});
