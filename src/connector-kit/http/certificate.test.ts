import { createHash, X509Certificate } from 'node:crypto';
import type { lookup } from 'node:dns';
import { createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { UsherError } from '../../model/errors.ts';
import { readableFingerprint } from './certificate.ts';
import { parseEgressAllow, strictEgress } from './egress.ts';
import { testCertificate } from './testing/certificate.ts';
import { startServer, testClient } from './testing/server.ts';
import { createTransport, type TlsSettings } from './transport.ts';
import type { HttpRequest } from './types.ts';

const read: HttpRequest = {
  operation: 'list',
  method: 'GET',
  path: '/things',
  headers: { authorization: 'Basic abc' },
};
const sha256 = createHash('sha256').update(new X509Certificate(testCertificate.cert).raw).digest('hex');
const shown = { sha256, subject: 'CN=localhost', issuer: 'CN=localhost', validFrom: '2020-01-01T00:00:00.000Z' };

async function failureOf(call: Promise<unknown>): Promise<UsherError> {
  const thrown = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof UsherError) return thrown;
  throw new Error('Nothing was refused.');
}

describe('a certificate that nobody vouches for', () => {
  it('is shown with its fingerprint, seen in a handshake in which nothing was sent', async () => {
    await using server = await startServer((response) => response.end(), testCertificate);
    await using client = testClient(server.url);
    const error = await failureOf(client.request(read));
    expect(error).toMatchObject({
      kind: 'upstreamBug',
      details: { code: 'certificateUntrusted', certificate: shown },
    });
    expect(error.message).toBe(
      `Nobody whom Usher trusts vouches for the certificate of localhost:${server.port} (DEPTH_ZERO_SELF_SIGNED_CERT): ` +
        `nothing was sent. It shows CN=localhost, valid from 2020-01-01 to 2120-01-01, SHA-256 ${readableFingerprint(sha256)}.`,
    );
    expect(server.arrived).toHaveLength(0);
    expect(client.traces).toHaveLength(1);
  });

  it('is told by what OpenSSL says where it is of another name', async () => {
    await using server = await startServer((response) => response.end(), testCertificate);
    const answer = (_name: string, _options: object, callback: (error: null, addresses: object[]) => void): void =>
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    const resolve = answer as typeof lookup; // the one form of it that undici asks for
    const tls = { ca: testCertificate.cert };
    await using client = testClient(
      `https://console.example:${server.port}`,
      {},
      { tls, egress: parseEgressAllow('console.example:*'), resolve },
    );
    expect(await failureOf(client.request(read))).toMatchObject({
      details: { code: 'certificateUntrusted', certificate: shown },
    });
  });

  it('is not looked at where the address may not be reached at all', async () => {
    await using server = await startServer((response) => response.end(), testCertificate);
    await using client = testClient(server.url, {}, { egress: strictEgress });
    const { details } = await failureOf(client.request(read));
    expect(details).toMatchObject({ code: 'egressRefused' });
    expect(details.certificate).toBeUndefined();
  });
});

describe('a pinned certificate', () => {
  it('is accepted in every way to write its fingerprint', async () => {
    await using server = await startServer((response) => response.end('fine'), testCertificate);
    for (const pinnedSha256 of [sha256, `sha256:${sha256}`, `SHA256:${readableFingerprint(sha256)}`]) {
      await using client = testClient(server.url, {}, { tls: { pinnedSha256 } });
      expect((await client.request(read)).text).toBe('fine');
    }
  });

  it('that is another now stops everything, shows the new one, and is not tried again', async () => {
    await using server = await startServer((response) => response.end('fine'), testCertificate);
    await using client = testClient(server.url, {}, { tls: { pinnedSha256: 'ab'.repeat(32) } });
    expect(await failureOf(client.request(read))).toMatchObject({
      kind: 'upstreamBug',
      canRetry: false,
      details: { code: 'certificateChanged', certificate: shown },
    });
    expect(client.traces).toHaveLength(1);
    expect(server.arrived).toHaveLength(0);
  });
});

describe('what cannot be used to trust a certificate', () => {
  const egress = strictEgress;
  it.each<[string, TlsSettings, string, string]>([
    ['a fingerprint of another kind', { pinnedSha256: 'ab:cd' }, 'settings.certificate_fingerprint', 'not a SHA-256'],
    ['an authority that is no certificate', { ca: 'hello' }, 'settings.trusted_ca', 'cannot be read'],
    [
      'an authority that is cut off',
      { ca: `${testCertificate.cert}${testCertificate.cert.slice(0, 90)}\n-----END CERTIFICATE-----` },
      'settings.trusted_ca',
      'cannot be read',
    ],
    ['both at once', { ca: testCertificate.cert, pinnedSha256: sha256 }, 'settings.certificate_fingerprint', 'both'],
  ])('is refused before anything is connected to: %s', (_what, tls, field, says) => {
    const make = () => createTransport({ baseUrl: 'https://console.example', egress, tls });
    expect(make).toThrow(says);
    expect(make).toThrow(
      expect.objectContaining({ kind: 'invalidInput', details: expect.objectContaining({ field }) }),
    );
  });
});

describe('a port that speaks no TLS, or breaks off', () => {
  it('is no matter of trust', async () => {
    await using plain = await startServer((response) => response.end());
    await using client = testClient(plain.url.replace('http:', 'https:'));
    expect((await failureOf(client.request(read))).details.code).toBe('tls');
    const server = createServer({ ...testCertificate }, (socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const once = { retry: { attempts: 1, baseMs: 1, maxMs: 1, maxRetryAfterMs: 1 } };
    await using broken = testClient(`https://127.0.0.1:${port}`, once, { tls: { ca: testCertificate.cert } });
    expect((await failureOf(broken.request(read))).details.code).toBe('connectionLost');
    await new Promise((resolve) => server.close(resolve));
  });
});
