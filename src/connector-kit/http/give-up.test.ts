import { once } from 'node:events';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { testCertificate } from './testing/certificate.ts';
import { startServer, testClient } from './testing/server.ts';
import { createTransport, type Transport } from './transport.ts';

const servers: Server[] = [];
const transports: Transport[] = [];
afterEach(async () => {
  await Promise.all(transports.splice(0).map((transport) => transport.close()));
  for (const server of servers.splice(0)) server.close();
});

/** A server that takes connections and answers as told; `ended` tells how the first one ended on its side. */
async function serve(protocol: 'http' | 'https', answer: (socket: Socket) => void) {
  const ended = Promise.withResolvers<string>();
  const taken = Promise.withResolvers<null>();
  const onSocket = (socket: Socket): void => {
    socket
      .once('data', () => {
        taken.resolve(null);
        answer(socket);
      })
      .on('error', (error) => ended.resolve('code' in error ? String(error.code) : error.message))
      .on('end', () => ended.resolve('ended'));
  };
  const server = protocol === 'https' ? createTlsServer(testCertificate, onSocket) : createTcpServer(onSocket);
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const transport = createTransport({
    baseUrl: `${protocol}://127.0.0.1:${port}`,
    egress: { allow: [{ host: '127.0.0.1', port }] },
    tls: { ca: testCertificate.cert },
  });
  transports.push(transport);
  const request = (signal: AbortSignal) =>
    transport.dispatcher.request({
      origin: transport.baseUrl.origin, path: '/', method: 'POST', body: 'disable ada', signal,
    }); // prettier-ignore
  return { request, transport, taken: taken.promise, ended: ended.promise };
}

describe.each(['http', 'https'] as const)('over %s', (protocol) => {
  it('a request that is given up unanswered is reset, so that nothing of it arrives later', async () => {
    const { request, taken, ended } = await serve(protocol, () => undefined);
    const stop = new AbortController();
    const answer = request(stop.signal);
    await taken;
    await nextTurn(); // the server is done with reading
    stop.abort(new Error('The lease is over.'));
    await expect(answer).rejects.toThrow('The lease is over.');
    expect(await ended).toBe('ECONNRESET');
  });

  it('a connection whose requests were all answered ends in order', async () => {
    const { request, transport, ended } = await serve(protocol, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    });
    const { body } = await request(new AbortController().signal);
    expect(await body.text()).toBe('ok');
    await transport.close();
    expect(await ended).toBe('ended');
  });
});

it('a change that is under way is given up when the right to call the app is lost, in doubt, and a reading is not', async () => {
  let mayCall = true;
  const waiting: (() => void)[] = [];
  await using server = await startServer((response, { method }) => {
    mayCall = false;
    if (method === 'GET') waiting.push(() => response.end('read'));
  });
  const assertMayCall = (): void => {
    if (!mayCall) throw new Error('The lease is over.');
  };
  await using client = testClient(server.url, { assertMayCall });
  const reading = client.request({ operation: 'list', method: 'GET', path: '/things' });
  await expect.poll(() => server.arrived.length).toBe(1);
  mayCall = true;
  await expect(client.request({ operation: 'disable', method: 'POST', path: '/things' })).rejects.toMatchObject({
    kind: 'transient',
    message: expect.stringContaining('It may have been carried out'),
    details: { code: 'connectionLost' },
  });
  for (const answer of waiting) answer();
  expect(await reading).toMatchObject({ status: 200, text: 'read' });
});
