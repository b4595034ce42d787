import { connect } from 'node:net';
import { createServer } from 'node:http';
import { createHash, X509Certificate } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createLimiter, localLeases } from '../limiter.ts';
import { createDryRunClient } from './dry-run.ts';
import { parseEgressAllow, strictEgress } from './egress.ts';
import { testCertificate } from './testing/certificate.ts';
import { startServer, testClient } from './testing/server.ts';
import { proxyFromEnvironment } from './transport.ts';
import type { HttpRequest } from './types.ts';

const read: HttpRequest = { operation: 'list', method: 'GET', path: '/things' };
const write: HttpRequest = { operation: 'create', method: 'POST', path: '/things', body: { json: { name: 'x' } } };

describe('a call', () => {
  it('sends path, query, headers and JSON below the base URL and hands back status, headers and text', async () => {
    await using server = await startServer((response) =>
      response.setHeader('X-Kind', 'a').writeHead(201).end('{"ok":true}'),
    );
    await using client = testClient(`${server.url}/api/`);
    const answer = await client.request({
      ...write,
      query: { a: 1, b: ['x', 'y'], c: undefined },
      headers: { 'X-My': 'v' },
    });
    expect(answer).toMatchObject({ status: 201, text: '{"ok":true}', headers: { 'x-kind': 'a' } });
    const [arrived] = server.arrived;
    expect(arrived).toMatchObject({ method: 'POST', url: '/api/things?a=1&b=x&b=y', body: '{"name":"x"}' });
    expect(arrived?.headers).toMatchObject({ 'content-type': 'application/json', 'x-my': 'v' });
  });

  it('hands back refusals such as 404 without repeating or throwing', async () => {
    await using server = await startServer((response) => response.writeHead(404).end('nothing here'));
    await using client = testClient(server.url);
    expect(await client.request(read)).toMatchObject({ status: 404, text: 'nothing here' });
    expect(server.arrived).toHaveLength(1);
  });

  it('reads compressed answers, and refuses one that is too long once unpacked', async () => {
    await using server = await startServer((response) =>
      response.setHeader('content-encoding', 'gzip').end(gzipSync('x'.repeat(5000))),
    );
    await using client = testClient(server.url);
    expect((await client.request(read)).text).toHaveLength(5000);
    await expect(client.request({ ...read, maxBytes: 4999 })).rejects.toMatchObject({
      kind: 'upstreamBug',
      details: { code: 'tooLarge' },
    });
  });

  it('streams an answer, and breaks off with an error when the connection breaks', async () => {
    await using server = await startServer((response, _, count) => {
      response.writeHead(200, { 'content-length': 8 }).write('half');
      if (count === 1) response.end('done');
      else response.destroy();
    });
    await using client = testClient(server.url);
    const collect = async (): Promise<string> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of (await client.stream(read)).body) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    };
    expect(await collect()).toBe('halfdone');
    await expect(collect()).rejects.toMatchObject({ kind: 'transient', details: { code: 'connectionLost' } });
  });

  it('stops at its deadline even when the body drips', async () => {
    const timers = new Set<NodeJS.Timeout>();
    await using server = await startServer((response) => {
      response.writeHead(200).write('a');
      timers.add(setInterval(() => response.write('a'), 5));
    });
    await using client = testClient(server.url, { retry: { attempts: 1, baseMs: 1, maxMs: 1, maxRetryAfterMs: 1 } });
    await expect(client.request({ ...read, timeoutMs: 60 })).rejects.toMatchObject({
      kind: 'transient',
      details: { code: 'timeout' },
    });
    for (const timer of timers) clearInterval(timer);
  });

  it('ends with the reason of its signal when aborted, and is not repeated', async () => {
    await using server = await startServer(() => undefined);
    await using client = testClient(server.url);
    const call = client.request(read);
    const reason = new Error('shutting down');
    client.abort.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(server.arrived.length).toBeLessThan(2);
  });
});

describe('repeating', () => {
  it('repeats a read after 503 and after a broken connection, with a growing, jittered wait', async () => {
    await using server = await startServer((response, _, count) => {
      if (count === 1) response.writeHead(503).end();
      else if (count === 2) response.destroy();
      else response.end('fine');
    });
    await using client = testClient(server.url);
    expect((await client.request(read)).text).toBe('fine');
    expect(client.slept).toEqual([250, 500]);
    expect(client.traces.map((trace) => [trace.attempt, trace.outcome, trace.error])).toEqual([
      [1, 'repeated', 'serverError'],
      [2, 'repeated', 'connectionLost'],
      [3, 'answered', null],
    ]);
  });

  it('never repeats a write: it says that it may have been carried out', async () => {
    await using server = await startServer((response, _, count) =>
      count === 1 ? response.writeHead(500).end() : response.destroy(),
    );
    await using client = testClient(server.url);
    await expect(client.request(write)).rejects.toThrow('may have been carried out');
    await expect(client.request(write)).rejects.toThrow('may have been carried out');
    expect(server.arrived).toHaveLength(2);
  });

  it('repeats a POST that is declared safe', async () => {
    await using server = await startServer((response, _, count) => response.writeHead(count === 1 ? 502 : 200).end());
    await using client = testClient(server.url);
    expect((await client.request({ ...write, isSafeToRepeat: true })).status).toBe(200);
  });

  it('waits as long as Retry-After says, in seconds or as a date', async () => {
    await using server = await startServer((response, _, count) => {
      if (count === 1) response.writeHead(429, { 'retry-after': '7' }).end();
      else if (count === 2) response.writeHead(429, { 'retry-after': 'Mon, 02 Mar 2026 10:00:09 GMT' }).end();
      else response.end();
    });
    await using client = testClient(server.url);
    await client.request(read);
    expect(client.slept).toEqual([7000, 9000]);
  });

  it('does not wait for a Retry-After that is too long, but tells it', async () => {
    await using server = await startServer((response) => response.writeHead(429, { 'retry-after': '3600' }).end());
    await using client = testClient(server.url);
    await expect(client.request(read)).rejects.toMatchObject({
      kind: 'rateLimited',
      details: { retryAfterSeconds: 3600 },
    });
    expect(server.arrived).toHaveLength(1);
  });

  it('gives up after its attempts with the last error', async () => {
    await using server = await startServer((response) => response.writeHead(429).end());
    await using client = testClient(server.url);
    await expect(client.request(read)).rejects.toMatchObject({ kind: 'rateLimited' });
    expect(server.arrived).toHaveLength(4);
  });

  it('holds the budget back when RateLimit-Remaining is used up', async () => {
    await using server = await startServer((response) =>
      response.writeHead(200, { 'ratelimit-remaining': '0', 'ratelimit-reset': '30' }).end(),
    );
    const waits: number[] = [];
    const rates = { default: 1_000_000 };
    const limiter = createLimiter({
      rates,
      ...localLeases(() => 0),
      nowMs: () => 0,
      sleep: async (ms) => void waits.push(ms),
    });
    await using client = testClient(server.url, { limiter });
    await client.request(read);
    await client.request(read);
    expect(waits).toEqual([30_000]);
  });
});

describe('where it goes', () => {
  it('follows no redirect and names the host it was sent to', async () => {
    await using server = await startServer((response) =>
      response.writeHead(302, { location: 'https://evil.example/x' }).end(),
    );
    await using client = testClient(server.url);
    await expect(client.request(read)).rejects.toThrow('redirect to evil.example');
    await expect(client.stream(read)).rejects.toMatchObject({ kind: 'upstreamBug', details: { code: 'redirect' } });
  });

  it('follows a next link of the same origin and refuses one of another before sending anything', async () => {
    await using server = await startServer((response) => response.end('fine'));
    await using client = testClient(`${server.url}/api`);
    expect((await client.request({ ...read, path: `${server.url}/api/things?page=2` })).text).toBe('fine');
    for (const path of ['https://evil.example/things', `${server.url}.evil.example/`, '//evil.example/x']) {
      await expect(client.request({ ...read, path })).rejects.toMatchObject({ details: { code: 'crossOrigin' } });
    }
    expect(server.arrived).toHaveLength(1);
  });

  it('does not reach this machine unless the operator allows it, by name or by address', async () => {
    await using server = await startServer((response) => response.end('secret of this machine'));
    for (const host of ['localhost', '127.0.0.1', '[::ffff:127.0.0.1]', '0.0.0.0']) {
      await using client = testClient(`http://${host}:${server.port}`, {}, { egress: strictEgress });
      await expect(client.request(read)).rejects.toMatchObject({ kind: 'guarded', details: { code: 'egressRefused' } });
    }
    await using other = testClient(server.url, {}, { egress: parseEgressAllow(`127.0.0.1:${server.port + 1}`) });
    await expect(other.request(read)).rejects.toMatchObject({ details: { code: 'egressRefused' } });
    expect(server.arrived).toHaveLength(0);
    await using allowed = testClient(server.url, {}, { egress: parseEgressAllow(`127.0.0.1:${server.port}`) });
    expect((await allowed.request(read)).status).toBe(200);
  });

  it('tells a refused connection from a name that does not resolve', async () => {
    const server = await startServer(() => undefined);
    await server[Symbol.asyncDispose]();
    const once = { retry: { attempts: 1, baseMs: 1, maxMs: 1, maxRetryAfterMs: 1 } };
    await using refused = testClient(`http://127.0.0.1:${server.port}`, once);
    await expect(refused.request(read)).rejects.toMatchObject({ details: { code: 'connectionRefused' } });
    await using unknown = testClient('http://no-such-host.invalid', once);
    await expect(unknown.request(read)).rejects.toMatchObject({ details: { code: 'unknownHost' } });
  });
});

describe('TLS', () => {
  const pin = createHash('sha256').update(new X509Certificate(testCertificate.cert).raw).digest('hex');

  it('refuses a certificate that nobody it trusts has signed, before sending anything', async () => {
    await using server = await startServer((response) => response.end(), testCertificate);
    await using client = testClient(server.url);
    await expect(client.request(read)).rejects.toMatchObject({
      kind: 'upstreamBug',
      details: { code: 'certificateUntrusted' },
    });
    expect(server.arrived).toHaveLength(0);
  });

  it('trusts a private authority that is given', async () => {
    await using server = await startServer((response) => response.end('fine'), testCertificate);
    await using client = testClient(server.url, {}, { tls: { ca: testCertificate.cert } });
    expect((await client.request(read)).text).toBe('fine');
  });

  it('trusts exactly the pinned certificate', async () => {
    await using server = await startServer((response) => response.end('fine'), testCertificate);
    const colons = pin.toUpperCase().replaceAll(/(..)(?!$)/g, '$1:');
    for (const pinnedSha256 of [pin, colons]) {
      await using client = testClient(server.url, {}, { tls: { pinnedSha256 } });
      expect((await client.request(read)).text).toBe('fine');
    }
    await using wrong = testClient(
      server.url,
      {},
      { tls: { pinnedSha256: pin.replace(/^./, pin.startsWith('0') ? '1' : '0') } },
    );
    await expect(wrong.request(read)).rejects.toThrow('not the pinned one');
    expect(server.arrived).toHaveLength(2);
  });

  it('goes through the proxy of the environment, but for hosts that are excepted', async () => {
    await using server = await startServer((response) => response.end('fine'), testCertificate);
    const tunnels: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket) => {
      tunnels.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
      const upstream = connect(server.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      socket.on('error', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    const proxyPort = typeof address === 'object' && address !== null ? address.port : 0;
    const env = { HTTPS_PROXY: `http://user:pass@127.0.0.1:${proxyPort}`, NO_PROXY: 'inside.example,.corp.example' };
    const settings = proxyFromEnvironment(env);
    const tls = { pinnedSha256: pin };
    {
      await using client = testClient('https://console.example', {}, { proxy: settings, tls, egress: strictEgress });
      expect((await client.request(read)).text).toBe('fine');
      await using direct = testClient(server.url, {}, { proxy: settings, tls });
      expect((await direct.request(read)).text).toBe('fine');
      await using metadata = testClient('https://169.254.169.254', {}, { proxy: settings, tls });
      await expect(metadata.request(read)).rejects.toMatchObject({ details: { code: 'egressRefused' } });
    }
    expect(tunnels).toEqual([`console.example:443 Basic ${Buffer.from('user:pass').toString('base64')}`]);
    await new Promise((resolve) => {
      proxy.closeAllConnections();
      proxy.close(resolve);
    });
  });
});

describe('what people see of it', () => {
  it('masks secrets in traces: values anywhere, fields and headers by name', async () => {
    await using server = await startServer((response) =>
      response
        .setHeader('set-cookie', 'session=abc')
        .end(JSON.stringify({ echo: 's3cr3t/value+', access_token: 'fresh' })),
    );
    await using client = testClient(server.url, { secrets: ['s3cr3t/value+'] });
    await client.request({
      ...write,
      query: { q: 's3cr3t/value+' },
      headers: { authorization: 'Bearer zzz' },
      body: { json: { cid: 1, key: 's3cr3t/value+', password: 'Temp-1' } },
    });
    const seen = JSON.stringify(client.traces);
    for (const secret of ['s3cr3t', 'Bearer zzz', 'Temp-1', 'session=abc', 'fresh']) expect(seen).not.toContain(secret);
    expect(client.traces[0]?.request.body).toBe('{"cid":1,"key":"••••","password":"••••"}');
  });

  it('masks the secrets of a single request in its trace and its preview, and in no other', async () => {
    await using server = await startServer((response) => response.end('{"echo":"quiet \\u00f6tters"}'));
    await using client = testClient(server.url);
    const secret = { ...write, body: { json: { a: 'quiet ötters' } }, secrets: ['quiet ötters'] };
    await client.request(secret);
    await client.request(write);
    expect(client.traces[0]).toMatchObject({
      request: { body: '{"a":"••••"}' },
      response: { bodyHead: '{"echo":"••••"}' },
    });
    expect(client.traces[1]?.response?.bodyHead).toContain('quiet');
    const dry = createDryRunClient({ baseUrl: server.url, secrets: [] });
    await expect(dry.request(secret)).rejects.toThrow('Dry run');
    expect(dry.preview?.body).toBe('{"a":"••••"}');
  });

  it('shows in a dry run the exact request, masked, and sends nothing', async () => {
    await using server = await startServer((response) => response.end());
    const client = createDryRunClient({ baseUrl: server.url, secrets: ['hash-of-it'] });
    await expect(client.request({ ...write, body: { json: { a: 'hash-of-it', b: 1 } } })).rejects.toMatchObject({
      details: { code: 'dryRun' },
    });
    await expect(client.stream(read)).rejects.toThrow('Dry run');
    expect(client.preview).toMatchObject({ method: 'POST', url: `${server.url}/things`, body: '{"a":"••••","b":1}' });
    expect(server.arrived).toHaveLength(0);
  });
});
