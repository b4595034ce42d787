import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fastify from 'fastify';
import { expect, it } from 'vitest';
import { abortOnClose, type ClosingPatience, signalOf, waitingSignalOf } from './signal.ts';

const PATIENT: ClosingPatience = { workMs: 60_000, readMs: 60_000 };

/** A server with a long poll, a read that ends when told (or is given up), and an answer that nobody may read. */
async function server(patience: ClosingPatience) {
  const app = fastify();
  abortOnClose(app, patience);
  let finish = (): void => undefined;
  const arrived: string[] = [];
  const aborted = async (signal: AbortSignal): Promise<string> => {
    await once(signal, 'abort');
    return 'aborted';
  };
  app.get('/poll', async (_, reply) => {
    arrived.push('poll');
    return aborted(waitingSignalOf(reply));
  });
  app.get('/work', async (_, reply) => {
    arrived.push('work');
    const finished = new Promise<string>((resolve) => {
      finish = () => resolve('finished');
    });
    return Promise.race([finished, aborted(signalOf(reply))]);
  });
  app.get('/large', async () => {
    arrived.push('large');
    return 'x'.repeat(64 * 1024 * 1024);
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  /** Resolves when that many requests have reached their handlers. */
  const reached = async (count: number): Promise<void> => {
    while (arrived.length < count) await new Promise(setImmediate);
  };
  return { app, address, reached, finish: () => finish() };
}

it('closing ends long polls at once, lets work end, and keeps no socket alive', async () => {
  const { app, address, reached, finish } = await server(PATIENT);
  const poll = fetch(`${address}/poll`);
  const work = fetch(`${address}/work`);
  await reached(2);
  const closed = app.close();
  const polled = await poll;
  expect([await polled.text(), polled.headers.get('connection')]).toEqual(['aborted', 'close']);
  finish();
  expect(await (await work).text()).toBe('finished');
  await closed;
  await expect(fetch(`${address}/poll`)).rejects.toThrow('fetch failed');
});

it('work that takes too long is given up, and still answered', async () => {
  const { app, address, reached } = await server({ workMs: 10, readMs: 60_000 });
  const work = fetch(`${address}/work`);
  await reached(1);
  await app.close();
  expect(await (await work).text()).toBe('aborted');
});

it('a caller that does not read its answer does not keep the server from closing', async () => {
  const { app, address, reached } = await server({ workMs: 10, readMs: 10 });
  const { hostname, port } = new URL(address);
  const socket: Socket = connect(Number(port), hostname);
  socket.on('error', () => undefined).pause();
  socket.write('GET /large HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await reached(1);
  await app.close();
  socket.destroy();
  expect(app.server.listening).toBe(false);
});
