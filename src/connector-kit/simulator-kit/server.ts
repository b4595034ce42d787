import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { JsonValue } from '../../model/records.ts';
import type { Clock } from '../connector.ts';
import type { KeyedCertificate } from './certificate.ts';
import { type Fault, type FaultKnobs, FAULTS, formatFault } from './faults.ts';
import type { BoundedLog, LoggedRequest } from './logs.ts';
import { edgePage, spoilTypes } from './spoil.ts';

/** A request as a simulated vendor sees it. */
export interface SimulatorRequest {
  /** Its number in the request log. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly remoteAddress: string;
}

/** An answer. A body of chunks is sent as it is made, so that it may be larger than memory. */
export interface SimulatorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer | Iterable<string>;
  /** Sent with gzip to a client that takes it; a spoilt answer never is. Not for bodies of chunks. */
  readonly isCompressible?: boolean;
}

/** What a vendor is to the server. `answer` runs to its end without waiting, so requests never see half a change. */
export interface SimulatedVendor {
  /** The vendor's word for what is asked, and the body with credentials masked: for faults and the log. */
  describe(request: SimulatorRequest): { readonly operation: string; readonly body: JsonValue };
  answer(request: SimulatorRequest): SimulatorAnswer;
  /** Answers under `/_simulator`, a path no vendor uses; null for all else. Not logged, never struck by faults. */
  inspect(request: SimulatorRequest): SimulatorAnswer | null;
}

export interface SimulatorServer {
  /** `http://127.0.0.1:PORT`, or `https:` with a certificate. */
  readonly url: string;
  /** Presents another certificate from the next connection on, and ends those there are. Throws without TLS. */
  present(certificate: KeyedCertificate): void;
  /** Stops listening and drops open connections. */
  close(): Promise<void>;
}

export interface SimulatorServerOptions {
  readonly vendor: SimulatedVendor;
  readonly faults: FaultKnobs;
  readonly requests: BoundedLog<LoggedRequest>;
  readonly clock: Clock;
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1: a simulator is for this machine. */
  readonly host?: string;
  /** Serves HTTPS with this certificate. Default: HTTP. */
  readonly certificate?: KeyedCertificate;
}

const BODY_LIMIT_BYTES = 64 * 1024 * 1024;
const SMALLEST_COMPRESSED = 1_024;

/** Serves a simulated vendor over HTTP. Rejects where the port is taken. */
export async function startSimulatorServer(options: SimulatorServerOptions): Promise<SimulatorServer> {
  const host = options.host ?? '127.0.0.1';
  const stopping = new AbortController();
  const outdated = new WeakSet<Socket>();
  const sockets = new Set<Socket>();
  const serving = { now: 0 };
  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    if (outdated.has(message.socket)) response.setHeader('connection', 'close');
    serve({ ...options, serving }, message, response, stopping.signal).catch(() => response.destroy());
  };
  const { certificate } = options;
  const server = certificate ? createTlsServer({ ...certificate }, listener) : createServer(listener);
  server.on(certificate ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.keepAliveTimeout = 60_000;
  await listen(server, options.port ?? 0, host);
  const { port } = addressOf(server);
  return {
    url: `${certificate ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    present(next) {
      if (!(server instanceof TlsServer)) throw new Error('The simulator was started without a certificate.');
      server.setSecureContext({ ...next });
      for (const socket of sockets) outdated.add(socket);
      server.closeIdleConnections();
    },
    close: () =>
      new Promise((resolve) => {
        stopping.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  options: SimulatorServerOptions & { readonly serving: { now: number } },
  message: IncomingMessage,
  response: ServerResponse,
  stopping: AbortSignal,
): Promise<void> {
  const { vendor, faults, requests, clock, serving } = options;
  const url = new URL(message.url ?? '/', 'http://simulator.example');
  const body = await readBody(message);
  // From here to the log nothing waits: the number stays the request's own.
  const request: SimulatorRequest = {
    number: requests.count + 1,
    method: message.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: message.headers,
    body,
    remoteAddress: (message.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
  };
  const inspection = vendor.inspect(request);
  if (inspection) return send(response, inspection);

  serving.now += 1;
  response.once('close', () => (serving.now -= 1));
  const described = vendor.describe(request);
  const fault = faults.meet(described.operation);
  const answer = fault && FAULTS[fault.kind].isBefore ? refusal(fault) : vendor.answer(request);
  requests.add({
    at: clock.now().toISOString(),
    method: request.method,
    path: request.path,
    ...described,
    fault: fault && formatFault(fault),
    status: fault?.kind === 'lost-answer' ? null : (answer?.status ?? null),
    atOnce: serving.now,
  });
  if (!answer) return drop(response);
  if (fault === null && isCompressed(answer, request)) return send(response, compress(answer));
  await sendSpoilt(response, answer, fault, stopping);
}

/** The answer of a fault that strikes before anything is done; null: the connection is reset. */
function refusal(fault: Fault): SimulatorAnswer | null {
  switch (fault.kind) {
    case 'reset':
      return null;
    case '429':
      return { status: 429, headers: { 'content-type': 'text/html' }, body: edgePage(429) };
    case '429-retry-after':
      return {
        status: 429,
        headers: { 'content-type': 'text/html', 'retry-after': String(fault.value ?? 1) },
        body: edgePage(429),
      };
    case 'html-403':
      return { status: 403, headers: { 'content-type': 'text/html; charset=utf-8' }, body: edgePage(403) };
    case 'html-503':
      return { status: 503, headers: { 'content-type': 'text/html; charset=utf-8' }, body: edgePage(503) };
    default:
      return { status: Number(fault.kind), headers: { 'content-type': 'text/plain' }, body: '' };
  }
}

async function sendSpoilt(
  response: ServerResponse,
  answer: SimulatorAnswer,
  fault: Fault | null,
  stopping: AbortSignal,
): Promise<void> {
  switch (fault?.kind) {
    case 'lost-answer':
      return drop(response);
    case 'slow':
      await wait(fault.value ?? 3_000, undefined, { signal: stopping });
      return send(response, answer);
    case 'truncated': {
      const text = textOf(answer.body);
      return send(response, { ...answer, body: text.slice(0, Math.floor(text.length / 2)) });
    }
    case 'wrong-type':
      return send(response, { ...answer, body: spoilTypes(textOf(answer.body)) });
    case 'cut': {
      const bytes = Buffer.from(textOf(answer.body));
      response.writeHead(answer.status, { ...headersOf(answer), 'content-length': bytes.length });
      response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
      return;
    }
    default:
      return send(response, answer);
  }
}

async function send(response: ServerResponse, answer: SimulatorAnswer): Promise<void> {
  const { body } = answer;
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
    response.writeHead(answer.status, { ...headersOf(answer), 'content-length': bytes.length });
    response.end(bytes);
    return;
  }
  response.writeHead(answer.status, headersOf(answer));
  await pipeline(Readable.from(body), response);
}

function isCompressed({ isCompressible, body }: SimulatorAnswer, { headers }: SimulatorRequest): boolean {
  const isText = typeof body === 'string' && body.length > SMALLEST_COMPRESSED;
  return isCompressible === true && isText && /\bgzip\b/.test(headers['accept-encoding'] ?? '');
}

function compress(answer: SimulatorAnswer): SimulatorAnswer {
  const body = gzipSync(textOf(answer.body), { level: 1 });
  return { ...answer, headers: { ...answer.headers, 'content-encoding': 'gzip' }, body };
}

function drop(response: ServerResponse): void {
  if (response.socket) response.socket.resetAndDestroy();
  else response.destroy();
}

function headersOf(answer: SimulatorAnswer): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}

function textOf(body: SimulatorAnswer['body']): string {
  return typeof body === 'string' ? body : Buffer.isBuffer(body) ? body.toString() : [...body].join('');
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > BODY_LIMIT_BYTES) throw new Error('The request is larger than the simulator takes.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The simulator has no port.');
  return address;
}
