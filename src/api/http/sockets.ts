import { randomUUID } from 'node:crypto';
import { type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How long a caller may take and how many sockets it may hold. */
export interface SocketLimits {
  /** From the first byte of a request to the end of its headers. */
  readonly headersMs: number;
  /** From the first byte of a request to the end of its body. */
  readonly requestMs: number;
  /** Between two requests on one socket. */
  readonly keepAliveMs: number;
  /** Without a byte in either direction; longer than any long poll or live read is silent. */
  readonly idleMs: number;
  /** Of one address. Behind a reverse proxy that is the proxy. */
  readonly connectionsPerAddress: number;
  /** Of all addresses together. */
  readonly connections: number;
  /** How often slow requests are looked for. */
  readonly checkEveryMs: number;
}

/** What applies unless the operator or a test says otherwise. */
export const SOCKET_LIMITS: SocketLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  // Longer than reverse proxies keep theirs (60 s), so that none is closed under a request on its way.
  keepAliveMs: 75_000,
  idleMs: 300_000,
  connectionsPerAddress: 512,
  connections: 4096,
  checkEveryMs: 2000,
};

const MAX_HEADER_BYTES = 16 * 1024;

/** The limits as options of the server; `guardSockets` adds those that are no options. */
export function socketOptions(limits: SocketLimits) {
  return {
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionTimeout: limits.idleMs,
    http: {
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: limits.checkEveryMs,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    clientErrorHandler: answerClientError,
  };
}

/** Counts the sockets of each address and closes those beyond the limit. */
export function guardSockets(app: FastifyInstance, limits: SocketLimits): void {
  const server: Server = app.server;
  server.maxConnections = limits.connections;
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
    if (count > limits.connectionsPerAddress) socket.destroy();
  });
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'requestTimeout',
    title: 'The request took too long',
    detail: 'The request did not arrive whole in time.',
  },
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'headersTooLarge',
    title: 'The headers are too large',
    detail: `Address and headers together are longer than ${MAX_HEADER_BYTES} bytes.`,
  },
};

const MALFORMED: Refusal = {
  status: 400,
  code: 'malformedRequest',
  title: 'That is not HTTP',
  detail: 'The request is not well-formed HTTP.',
};

/** Answers what no route ever sees, because it is no whole request; then the socket is closed. */
function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const { status, code, title, detail } = REFUSALS[error.code ?? ''] ?? MALFORMED;
  const requestId = randomUUID();
  const type = `https://usher.example/errors/${code.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}`;
  const body = JSON.stringify({ type, title, status, code, detail, retry: status === 408, request_id: requestId });
  if (socket.writable) {
    socket.end(
      [
        `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
        'content-type: application/problem+json; charset=utf-8',
        `content-length: ${Buffer.byteLength(body)}`,
        `x-request-id: ${requestId}`,
        ...(status === 408 ? ['retry-after: 1'] : []),
        'connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  }
  // What the caller still sends is not read: once the answer is out, nothing more is waited for.
  socket.once('finish', () => socket.destroy());
  if (!socket.writable) socket.destroy();
}
