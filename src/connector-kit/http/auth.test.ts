import { describe, expect, it } from 'vitest';
import { basicAuth, keyAuth, type Token, tokenAuth, type TokenAuthOptions } from './auth.ts';
import { createDryRunClient } from './dry-run.ts';
import { startServer, testClient } from './testing/server.ts';
import type { HttpRequest } from './types.ts';

const read: HttpRequest = { operation: 'list', method: 'GET', path: '/things' };
const write: HttpRequest = { operation: 'create', method: 'POST', path: '/things', body: { json: { name: 'x' } } };

/** Tokens `token-1`, `token-2` … that live as long as told, by a clock that is moved by hand. */
function tokens(options: Partial<TokenAuthOptions> & { readonly livesMs?: number } = {}) {
  let nowMs = Date.parse('2026-03-02T10:00:00Z');
  let fetched = 0;
  const fails = new Set<number>();
  const auth = tokenAuth({
    clock: { now: () => new Date(nowMs) },
    fetchToken: async (): Promise<Token> => {
      fetched += 1;
      if (fails.has(fetched)) throw new Error('token service down');
      return {
        value: `token-${fetched}`,
        expiresAtMs: options.livesMs === undefined ? null : nowMs + options.livesMs,
      };
    },
    ...options,
  });
  return { auth, fails, fetched: () => fetched, pass: (ms: number) => void (nowMs += ms) };
}

describe('authorisation by token', () => {
  it('fetches one token however many calls wait for it, and masks it', async () => {
    await using server = await startServer((response, { headers }) => response.end(headers.authorization));
    const { auth, fetched } = tokens();
    await using client = testClient(server.url, { auth });
    const answers = await Promise.all([1, 2, 3].map(() => client.request(read)));
    expect(answers.map(({ text }) => text)).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-1']);
    expect(fetched()).toBe(1);
    expect(JSON.stringify(client.traces)).not.toContain('token-1');
  });

  it('fetches another once after a 401, even for a write, and then gives the 401 back', async () => {
    await using server = await startServer((response, { headers }) =>
      response.writeHead(headers.authorization === 'Bearer token-2' ? 200 : 401).end('words'),
    );
    await using client = testClient(server.url, { auth: tokens().auth });
    expect((await client.request(write)).status).toBe(200);
    const stubborn = tokens({ header: (token) => ({ authorization: `Other ${token}` }) });
    await using refused = testClient(server.url, { auth: stubborn.auth });
    expect((await refused.request(write)).status).toBe(401);
    expect((await refused.stream(read)).status).toBe(401);
    expect(server.arrived).toHaveLength(6);
    expect(stubborn.fetched()).toBe(3);
  });

  it('leaves a 403 alone unless the connector says that dead tokens look like that', async () => {
    await using server = await startServer((response, { headers }) =>
      response.writeHead(headers.authorization === 'Bearer token-2' ? 200 : 403).end(),
    );
    await using client = testClient(server.url, { auth: tokens().auth });
    expect((await client.request(read)).status).toBe(403);
    await using other = testClient(server.url, { auth: tokens({ renewsOn: [401, 403] }).auth });
    expect((await other.request(read)).status).toBe(200);
  });

  it('asks for no more tokens for a 403 that a new one did not help against, until five minutes have passed', async () => {
    await using server = await startServer((response, { url }) =>
      response.writeHead(url === '/things' ? 403 : 200).end(),
    );
    const { auth, fetched, pass } = tokens({ renewsOn: [401, 403] });
    await using client = testClient(server.url, { auth });
    for (let call = 0; call < 5; call += 1) expect((await client.request(read)).status).toBe(403);
    expect(fetched()).toBe(2);
    expect(server.arrived).toHaveLength(6);
    pass(5 * 60_000 + 1);
    await client.request(read);
    expect(fetched()).toBe(3);
  });

  it('takes the token that another call has fetched meanwhile instead of asking for one more', async () => {
    await using server = await startServer((response, { headers }) =>
      response.writeHead(headers.authorization === 'Bearer token-1' ? 401 : 200).end(),
    );
    const { auth, fetched } = tokens();
    await using client = testClient(server.url, { auth });
    const answers = await Promise.all([1, 2, 3, 4].map(() => client.request(read)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(fetched()).toBe(2);
  });

  it('renews a token that is about to expire, and tries again after a failed fetch', async () => {
    await using server = await startServer((response, { headers }) => response.end(headers.authorization));
    const { auth, fails, pass } = tokens({ livesMs: 3_600_000 });
    await using client = testClient(server.url, { auth });
    pass(1);
    expect((await client.request(read)).text).toBe('Bearer token-1');
    pass(3_600_000 - 60_001);
    expect((await client.request(read)).text).toBe('Bearer token-1');
    pass(1);
    fails.add(2);
    await expect(client.request(read)).rejects.toThrow('token service down');
    expect((await client.request(read)).text).toBe('Bearer token-3');
  });

  it('uses a token that lives no longer than the margin for half of its life', async () => {
    await using server = await startServer((response, { headers }) => response.end(headers.authorization));
    const { auth, pass } = tokens({ livesMs: 10_000 });
    await using client = testClient(server.url, { auth });
    for (const text of ['Bearer token-1', 'Bearer token-1', 'Bearer token-2']) {
      expect((await client.request(read)).text).toBe(text);
      pass(2500);
    }
  });

  it('lets a call that is stopped go, fetches on for the others, and stops fetching when all have gone', async () => {
    const signals: AbortSignal[] = [];
    let arrive: (token: Token) => void = () => undefined;
    const auth = tokenAuth({
      clock: { now: () => new Date(0) },
      fetchToken: (signal) => {
        signals.push(signal);
        return new Promise((resolve, reject) => {
          arrive = resolve;
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      },
    });
    const [one, other, third] = [new AbortController(), new AbortController(), new AbortController()];
    const first = auth.headers(one.signal);
    const second = auth.headers(other.signal);
    one.abort(new Error('stopped'));
    await expect(first).rejects.toThrow('stopped');
    expect(signals[0]?.aborted).toBe(false);
    arrive({ value: 'late', expiresAtMs: 0 });
    expect(await second).toEqual({ authorization: 'Bearer late' });
    const alone = auth.headers(third.signal);
    third.abort(new Error('stopped too'));
    await expect(alone).rejects.toThrow('stopped too');
    expect(signals[1]?.aborted).toBe(true);
  });

  it('lets nothing go out where the wait for a token has been too long', async () => {
    await using server = await startServer((response) => response.end());
    let mayCall = true;
    const auth = tokenAuth({
      clock: { now: () => new Date(0) },
      fetchToken: async () => {
        mayCall = false;
        return { value: 'token', expiresAtMs: null };
      },
    });
    const assertMayCall = (): void => {
      if (!mayCall) throw new Error('the lease is over');
    };
    await using client = testClient(server.url, { auth, assertMayCall });
    await expect(client.request(write)).rejects.toThrow('the lease is over');
    expect(server.arrived).toHaveLength(0);
  });

  it('shows in a dry run which headers authorise, masked, and fetches nothing', async () => {
    const { auth, fetched } = tokens();
    const client = createDryRunClient({ baseUrl: 'https://app.example', secrets: [], auth });
    await expect(client.request(read)).rejects.toThrow('Dry run');
    expect(client.preview?.headers).toMatchObject({ authorization: '••••' });
    expect(fetched()).toBe(0);
  });
});

describe('authorisation that stays the same', () => {
  it('sends user and password, and what the app wants beside it, and masks all of it', async () => {
    await using server = await startServer((response, { headers }) =>
      response.writeHead(401).end(`${headers.authorization} ${String(headers['token'])}`),
    );
    await using client = testClient(server.url, { auth: basicAuth('ada', 'p:ässword', { Token: '123456' }) });
    const encoded = Buffer.from('ada:p:ässword').toString('base64');
    expect(await client.request(read)).toMatchObject({ status: 401, text: `Basic ${encoded} 123456` });
    expect(server.arrived).toHaveLength(1);
    for (const secret of [encoded, '123456']) expect(JSON.stringify(client.traces)).not.toContain(secret);
  });

  it('sends a key in a header of its own, and masks it in a dry run by that name', async () => {
    await using server = await startServer((response, { headers }) => response.end(String(headers['x-lw-key'])));
    const auth = keyAuth('X-LW-Key', 'quite-long-key');
    await using client = testClient(server.url, { auth });
    expect((await client.request(read)).text).toBe('quite-long-key');
    expect(JSON.stringify(client.traces)).not.toContain('quite-long-key');
    const dry = createDryRunClient({ baseUrl: server.url, secrets: [], auth });
    await dry.request(read).catch(() => undefined);
    expect(dry.preview?.headers['x-lw-key']).toBe('••••');
  });

  it('gives way to the authorisation of a single request, and to none', async () => {
    await using server = await startServer((response, { headers }) => response.end(headers.authorization ?? 'nobody'));
    await using client = testClient(server.url, { auth: basicAuth('ada', 'password') });
    const other = tokens().auth;
    expect((await client.request({ ...read, auth: other })).text).toBe('Bearer token-1');
    expect((await client.request({ ...read, auth: null })).text).toBe('nobody');
  });
});
