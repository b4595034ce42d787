import type { lookup } from 'node:dns';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { parseEgressAllow, strictEgress } from './egress.ts';
import { startServer, testClient } from './testing/server.ts';
import type { HttpRequest } from './types.ts';

// The egress rule on real sockets: where a connection may go is decided on the address it goes to, each time.

const read: HttpRequest = { operation: 'list', method: 'GET', path: '/things' };
const refused = { kind: 'guarded', details: { code: 'egressRefused' } };

/** Answers each look-up with the next list of addresses; the last one again and again. */
function resolver(...answers: readonly (readonly string[])[]): { resolve: typeof lookup; names: string[] } {
  const names: string[] = [];
  const resolve = (name: string, _: object, callback: (error: null, addresses: object[]) => void): void => {
    const addresses = answers[Math.min(names.length, answers.length - 1)] ?? [];
    names.push(name);
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { names, resolve: resolve as typeof lookup }; // the one form of it that undici asks for
}

describe('redirects', () => {
  const targets = [
    ['/elsewhere', 'localhost'],
    ['https://evil.example/take', 'evil.example'],
    ['//evil.example/take', 'evil.example'],
    ['http://169.254.169.254/latest/meta-data/', '169.254.169.254'],
    ['http://[::ffff:a9fe:a9fe]/', '[::ffff:a9fe:a9fe]'],
    ['http://user:pass@evil.example/', 'evil.example'],
    ['gopher://evil.example/', 'evil.example'],
    ['http://[bad', 'nowhere'],
  ] as const;

  it.each(targets)(
    'to %s is followed by nobody, whatever its status, and the host is named',
    async (location, host) => {
      for (const status of [301, 302, 303, 307, 308]) {
        await using server = await startServer((response) => response.writeHead(status, { location }).end());
        await using client = testClient(server.url);
        const error = await client.request(read).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ kind: 'upstreamBug', details: { code: 'redirect' } });
        expect(String(error)).toContain(`redirect to ${host}`);
        expect(String(error)).not.toContain('user:pass');
        expect(server.arrived).toHaveLength(1);
      }
    },
  );

  it('carries no write elsewhere either', async () => {
    await using server = await startServer((response) => response.writeHead(307, { location: '/other' }).end());
    await using client = testClient(server.url);
    await expect(client.request({ ...read, method: 'POST', body: { json: { a: 1 } } })).rejects.toMatchObject({
      details: { code: 'redirect' },
    });
    expect(server.arrived.map(({ url }) => url)).toEqual(['/things']);
  });
});

describe('names that resolve to something else later', () => {
  it('are judged on every new connection, on the very address that is then used', async () => {
    await using server = await startServer((response) => response.setHeader('connection', 'close').end('fine'));
    const { resolve, names } = resolver(['127.0.0.1'], ['127.0.0.2'], ['169.254.169.254'], ['127.0.0.1']);
    const egress = parseEgressAllow(`127.0.0.1:${server.port}`);
    await using client = testClient(`http://app.example:${server.port}`, {}, { egress, resolve });
    expect((await client.request(read)).text).toBe('fine');
    await expect(client.request(read)).rejects.toMatchObject(refused);
    await expect(client.request(read)).rejects.toMatchObject(refused);
    expect((await client.request(read)).text).toBe('fine');
    // One look-up a connection: there is no second answer between the check and the use.
    expect(names).toEqual(['app.example', 'app.example', 'app.example', 'app.example']);
    expect(server.arrived).toHaveLength(2);
  });

  it('lose the addresses that are not allowed and keep the others', async () => {
    await using server = await startServer((response) => response.end('fine'));
    const { resolve } = resolver(['169.254.169.254', '::ffff:127.0.0.9', '127.0.0.1']);
    const egress = parseEgressAllow(`127.0.0.1:${server.port}`);
    await using client = testClient(`http://app.example:${server.port}`, {}, { egress, resolve });
    expect((await client.request(read)).text).toBe('fine');
  });

  it.each(['169.254.169.254', 'fd00:ec2::254', '::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe', '100.100.100.200'])(
    'never reach %s, though the operator allowed the name',
    async (address) => {
      const { resolve } = resolver([address]);
      const egress = parseEgressAllow('app.example:*,169.254.169.254:*');
      await using client = testClient('http://app.example', {}, { egress, resolve });
      await expect(client.request(read)).rejects.toMatchObject(refused);
    },
  );

  it('are refused when they resolve to nothing', async () => {
    await using client = testClient('http://app.example', {}, { resolve: resolver([]).resolve });
    await expect(client.request(read)).rejects.toMatchObject(refused);
  });
});

describe('odd ways to write an address', () => {
  it.each([
    '2130706433', '0x7f000001', '0x7f.1', '017700000001', '127.1', '127.0.0.1.', '0', '0.0.0.0', '①②⑦.⓪.⓪.①', '[::1]', '[::]',
    '[::ffff:7f00:1]', '[::127.0.0.1]', '[::ffff:0:7f00:1]', '[64:ff9b::7f00:1]', 'localhost', 'LOCALHOST',
  ])('do not get %s past the rule', async (host) => {
    await using server = await startServer((response) => response.end('secret of this machine'));
    await using client = testClient(`http://${host}:${server.port}`, {}, { egress: strictEgress });
    await expect(client.request(read)).rejects.toMatchObject(refused);
    expect(server.arrived).toHaveLength(0);
  }); // prettier-ignore

  it('are no way around with a user name in front', async () => {
    for (const url of ['http://app.example@127.0.0.1', 'http://127.0.0.1:80@app.example', 'http://:x@app.example']) {
      expect(() => testClient(url)).toThrow('user name or password');
    }
    await using server = await startServer((response) => response.end('fine'));
    await using client = testClient(server.url);
    for (const path of [
      `http://ada:s3cret@localhost:${server.port}/things`, `http://localhost:${server.port}@evil.example/things`,
      `http://evil.example\\@localhost:${server.port}/`, 'javascript:alert(1)', 'file:///etc/passwd', '\\\\evil.example\\x',
    ]) {
      const error = await client.request({ ...read, path }).catch((thrown: unknown) => thrown);
      expect(error, path).toMatchObject({ details: { code: 'crossOrigin' } });
      expect(String(error)).not.toContain('s3cret');
    } // prettier-ignore
    expect(server.arrived).toHaveLength(0);
  });
});

describe('through a proxy, which resolves names where we do not see it', () => {
  it.each([
    'https://169.254.169.254', 'https://[::ffff:a9fe:a9fe]', 'https://[fd00:ec2::254]', 'https://2852039166',
    'https://metadata.google.internal', 'https://METADATA.google.internal.', 'https://instance-data', 'https://127.1',
    'https://localhost', 'https://localhost.', 'https://app.localhost.', 'https://[::1]',
  ])('%s is refused before the proxy hears of it', async (baseUrl) => {
    const heard: string[] = [];
    const proxy = createServer().on('connect', (request, socket) => {
      heard.push(request.url ?? '');
      socket.destroy();
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const settings = { url: `http://127.0.0.1:${port}`, except: [] };
    const { resolve } = resolver(['127.0.0.1']);
    await using client = testClient(baseUrl, {}, { egress: strictEgress, proxy: settings, resolve });
    await expect(client.request(read)).rejects.toMatchObject(refused);
    expect(heard).toEqual([]);
    await new Promise((done) => proxy.close(done));
  }); // prettier-ignore
});
