import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { parseEgressAllow } from '../egress.ts';
import { type CallTrace, createHttpClient, type HttpClientOptions } from '../client.ts';
import { createTransport, type TransportOptions } from '../transport.ts';
import type { HttpClient } from '../types.ts';

/** What arrived at the test server. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly arrived: readonly Arrived[];
}

type Answer = (response: ServerResponse, request: Arrived, count: number) => void;

/** Starts a server on this machine that answers each request as told; `count` is 1 for the first. */
export async function startServer(
  answer: Answer,
  tls?: { readonly key: string; readonly cert: string },
): Promise<TestServer> {
  const arrived: Arrived[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, url, headers, body: Buffer.concat(chunks).toString() };
      arrived.push(one);
      answer(response, one, arrived.length);
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server has one
  return {
    url: `${tls === undefined ? 'http' : 'https'}://localhost:${port}`,
    port,
    arrived,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface TestClient extends HttpClient, AsyncDisposable {
  readonly traces: readonly CallTrace[];
  readonly slept: readonly number[];
  readonly abort: AbortController;
}

/** A client of the test server that does not wait between attempts but notes how long it would have. */
export function testClient(
  baseUrl: string,
  options: Partial<HttpClientOptions> = {},
  transportOptions: Partial<TransportOptions> = {},
): TestClient {
  const traces: CallTrace[] = [];
  const slept: number[] = [];
  const abort = new AbortController();
  const transport = createTransport({
    baseUrl,
    egress: parseEgressAllow('127.0.0.1:*,[::1]:*,localhost:*'),
    ...transportOptions,
  });
  const client = createHttpClient({
    transport,
    signal: abort.signal,
    clock: { now: () => new Date('2026-03-02T10:00:00Z') },
    random: () => 0.5,
    sleep: async (ms) => void slept.push(ms),
    onCall: (trace) => void traces.push(trace),
    ...options,
  });
  return {
    ...client,
    traces,
    slept,
    abort,
    async [Symbol.asyncDispose]() {
      await transport.close();
    },
  };
}
