import { pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { UsherError } from '../../model/errors.ts';
import type { Clock } from '../connector.ts';
import type { Limiter } from '../limiter.ts';
import type { HttpAuth } from './auth.ts';
import { describeFailure, DOUBT } from './failures.ts';
import { createRedactor, type Redactor } from './redact.ts';
import { buildRequest, type BuiltRequest } from './request.ts';
import {
  backoffMs,
  defaultRetry,
  exhaustedForMs,
  retryAfterMs,
  type RetryPolicy,
  sleep as realSleep,
} from './retry.ts';
import type { Transport } from './transport.ts';
import type { CallTrace, HttpAnswer, HttpClient, HttpRequest, HttpStream } from './types.ts';

export type { CallTrace, HttpClient, RequestPreview } from './types.ts';

export interface HttpClientOptions {
  /** The sockets, with base URL, egress rule, TLS and proxy; may be shared by clients of one connection. */
  readonly transport: Transport;
  /** Aborts everything this client does. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Values that must not be seen in traces and errors. */
  readonly secrets?: readonly string[];
  readonly auth?: HttpAuth;
  readonly limiter?: Limiter;
  readonly retry?: RetryPolicy;
  /** Default for requests that name none: 60 s. */
  readonly timeoutMs?: number;
  /** However long a request may take by itself, never longer than this. */
  readonly maxTimeoutMs?: number;
  /** Default for requests that name none: 64 MB read whole, 2 GB as a stream. */
  readonly maxBytes?: number;
  /** Called after each attempt. */
  readonly onCall?: (trace: CallTrace) => void;
  /** [0, 1): the jitter. */
  readonly random?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const TIMEOUT_MS = 60_000;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_STREAM_BYTES = 2 * 1024 * 1024 * 1024;
const BODY_HEAD_CHARS = 1024;
/** Statuses that say: not now. 500 and 501 say what went wrong with this call, but a read may still be tried again. */
const REPEATABLE_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Makes the HTTP client a connector speaks through. Errors and what they mean: see `HttpClient`. Calls that are safe to
 * repeat are repeated with full-jitter backoff on 408, 425, 429, 5xx and broken connections; `Retry-After` and
 * `RateLimit-*` are honoured. Redirects are never followed.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const call = new Caller(options);
  return {
    baseUrl: options.transport.baseUrl.href,
    request: (request) => call.run(request, readWhole),
    stream: (request) => call.run(request, openStream),
  };
}

interface Received {
  readonly answer: Dispatcher.ResponseData;
  readonly headers: Readonly<Record<string, string>>;
  readonly request: HttpRequest;
  readonly host: string;
  readonly isSafe: boolean;
  readonly defaultMaxBytes: number | undefined;
}

/** Reads an answer; `head` is the beginning of its body for the trace. */
type Read<Result> = (received: Received) => Promise<{ readonly result: Result; readonly head: string }>;

class Caller {
  readonly #options: HttpClientOptions;
  readonly #retry: RetryPolicy;
  readonly #sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #random: () => number;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#retry = options.retry ?? defaultRetry;
    this.#sleep = options.sleep ?? realSleep;
    this.#random = options.random ?? Math.random;
  }

  async run<Result extends HttpAnswer | HttpStream>(request: HttpRequest, read: Read<Result>): Promise<Result> {
    const isSafe = request.isSafeToRepeat ?? (request.method === 'GET' || request.method === 'HEAD');
    let hasRenewed = false;
    for (let attempt = 1; ; attempt += 1) {
      const auth = (await this.#options.auth?.headers(this.#options.signal)) ?? {};
      const outcome = await this.#attempt(request, auth, attempt, isSafe, read);
      if (outcome.hasAnswer) {
        if (outcome.result.status !== 401 || hasRenewed || this.#options.auth === undefined) return outcome.result;
        hasRenewed = true;
        if (!(await this.#options.auth.renew(auth, this.#options.signal))) return outcome.result;
      } else {
        if (outcome.waitMs === null) throw outcome.error;
        await this.#sleep(outcome.waitMs, this.#options.signal);
      }
    }
  }

  async #attempt<Result extends HttpAnswer | HttpStream>(
    request: HttpRequest,
    auth: Readonly<Record<string, string>>,
    attempt: number,
    isSafe: boolean,
    read: Read<Result>,
  ): Promise<Outcome<Result>> {
    const { signal, limiter } = this.#options;
    const functionality = request.functionality ?? 'default';
    const built = buildRequest(this.#options.transport.baseUrl, request, auth);
    await limiter?.acquire(functionality, signal);
    const startedAt = this.#options.clock.now();
    const startedMs = performance.now();
    const trace = (part: Pick<CallTrace, 'status' | 'outcome' | 'error'>, response: TraceResponse): void => {
      const { onCall } = this.#options;
      if (onCall === undefined && request.onTrace === undefined) return;
      const redact = this.#redactor(request.secrets);
      const told: CallTrace = {
        operation: request.operation,
        functionality,
        attempt,
        startedAt: startedAt.toISOString(),
        ms: performance.now() - startedMs,
        ...part,
        request: redactRequest(redact, built),
        response: response && {
          headers: redact.headers(response.headers),
          bodyHead: redact.head(response.head, BODY_HEAD_CHARS),
        },
      };
      onCall?.(told);
      request.onTrace?.(told);
    };

    let status: number | null = null;
    let headers: Readonly<Record<string, string>> = {};
    try {
      const answer = await this.#send(request, built, read === openStream);
      status = answer.statusCode;
      headers = flatHeaders(answer.headers);
      limiter?.hold(functionality, exhaustedForMs(headers, this.#options.clock.now()));
      const received = {
        answer, headers, request, isSafe, host: built.url.host, defaultMaxBytes: this.#options.maxBytes,
      }; // prettier-ignore
      refuseRedirect(received);
      if (REPEATABLE_STATUS.has(status)) throw await refusalOf(received, this.#options.clock.now());
      const { result, head } = await read(received);
      trace({ status, outcome: 'answered', error: null }, { headers, head });
      return { hasAnswer: true, result };
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      const error = describeFailure(thrown, request.operation, built.url.host, isSafe);
      const waitMs = this.#waitBeforeRepeat(error, attempt, isSafe);
      const outcome = waitMs === null ? 'failed' : 'repeated';
      trace(
        { status, outcome, error: error.details.code ?? error.kind },
        status === null ? null : { headers, head: '' },
      );
      return { hasAnswer: false, error, waitMs };
    }
  }

  #send(request: HttpRequest, built: BuiltRequest, isStream: boolean): Promise<Dispatcher.ResponseData> {
    const wantedMs = request.timeoutMs ?? this.#options.timeoutMs ?? TIMEOUT_MS;
    const timeoutMs = Math.min(wantedMs, this.#options.maxTimeoutMs ?? wantedMs);
    const { signal } = this.#options;
    return this.#options.transport.dispatcher.request({
      path: `${built.url.pathname}${built.url.search}`,
      method: request.method,
      headers: built.headers,
      body: built.body,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      // A body that drips keeps the idle timer quiet: a whole answer has a deadline of its own.
      signal: isStream ? signal : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
  }

  /** null: do not repeat. */
  #waitBeforeRepeat(error: UsherError, attempt: number, isSafe: boolean): number | null {
    if (!isSafe || attempt >= this.#retry.attempts || !error.canRetry) return null;
    const backoff = backoffMs(this.#retry, attempt, this.#random);
    const askedMs = (error.details.retryAfterSeconds ?? 0) * 1000;
    return askedMs > this.#retry.maxRetryAfterMs ? null : Math.max(backoff, askedMs);
  }

  #redactor(own: readonly string[] = []): Redactor {
    return createRedactor([...(this.#options.secrets ?? []), ...(this.#options.auth?.secrets() ?? []), ...own]);
  }
}

/** What an attempt came to; `waitMs` is how long to wait before the next, null for none. */
type Outcome<Result> =
  | { readonly hasAnswer: true; readonly result: Result }
  | { readonly hasAnswer: false; readonly error: UsherError; readonly waitMs: number | null };

type TraceResponse = { readonly headers: Readonly<Record<string, string>>; readonly head: string } | null;

function redactRequest(redact: Redactor, built: BuiltRequest): CallTrace['request'] {
  return {
    method: built.method,
    url: redact.text(built.url.href),
    headers: redact.headers(built.headers),
    body: built.body === null ? null : redact.head(built.body, BODY_HEAD_CHARS),
  };
}

function flatHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

function refuseRedirect({ answer, headers, request, host }: Received): void {
  if (answer.statusCode < 300 || answer.statusCode >= 400 || answer.statusCode === 304) return;
  answer.body.on('error', () => undefined).destroy();
  const location = headers['location'] ?? '';
  const target = URL.canParse(location, `https://${host}`) ? new URL(location, `https://${host}`).host : 'nowhere';
  throw new UsherError(
    'upstreamBug',
    `${host} answered ${request.operation} with a redirect to ${target}; Usher follows none.`,
    {
      code: 'redirect',
      next: `If the app has moved to ${target}, change the address in the settings; the credentials are asked for again.`,
    },
  );
}

/** The error for an answer that says: not now. Its body is read no further than needed to keep the socket. */
async function refusalOf(received: Received, now: Date): Promise<UsherError> {
  const { answer, headers, request, host, isSafe } = received;
  await answer.body.dump({ limit: 128 * 1024 }).catch(() => undefined);
  const askedMs = retryAfterMs(headers, now);
  const retryAfterSeconds = askedMs === null ? undefined : Math.ceil(askedMs / 1000);
  if (answer.statusCode === 429) {
    return new UsherError('rateLimited', `${host} answered ${request.operation} with 429 Too Many Requests.`, {
      retryAfterSeconds,
      next: 'Wait and try again, or lower the requests a second in the settings of the connection.',
    });
  }
  const doubt = isSafe ? '' : DOUBT;
  return new UsherError('transient', `${host} answered ${request.operation} with ${answer.statusCode}.${doubt}`, {
    code: 'serverError',
    retryAfterSeconds,
    next: 'Try again later; if it stays so, look at the status page of the app.',
  });
}

async function readWhole(received: Received): Promise<{ result: HttpAnswer; head: string }> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of limitedBody(received, MAX_BYTES)) chunks.push(chunk);
  const text = new TextDecoder().decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
  return { result: { status: received.answer.statusCode, headers: received.headers, text }, head: text };
}

async function openStream(received: Received): Promise<{ result: HttpStream; head: string }> {
  const { answer, headers, request, host, isSafe } = received;
  const body = async function* (): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* limitedBody(received, MAX_STREAM_BYTES);
    } catch (thrown) {
      throw describeFailure(thrown, request.operation, host, isSafe);
    }
  };
  return { result: { status: answer.statusCode, headers, body: body() }, head: '' };
}

/** The decompressed body, no longer than allowed. */
async function* limitedBody(received: Received, fallback: number): AsyncGenerator<Uint8Array, void, void> {
  const maxBytes = received.request.maxBytes ?? received.defaultMaxBytes ?? fallback;
  const body = decompressed(received);
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new UsherError(
        'upstreamBug',
        `The answer of ${received.host} to ${received.request.operation} is longer than ${maxBytes} bytes.`,
        {
          code: 'tooLarge',
          next: 'Report it: an answer of that size is not expected here.',
        },
      );
    }
    yield chunk;
  }
}

function decompressed({ answer, headers }: Received): AsyncIterable<Uint8Array> {
  const decoder = { gzip: createGunzip, 'x-gzip': createGunzip, deflate: createInflate, br: createBrotliDecompress };
  const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase();
  if (!isEncoding(encoding)) return answer.body;
  return pipeline(answer.body, decoder[encoding](), () => undefined); // errors surface to whoever reads
}

type Encoding = 'gzip' | 'x-gzip' | 'deflate' | 'br';

function isEncoding(text: string): text is Encoding {
  return ['gzip', 'x-gzip', 'deflate', 'br'].includes(text);
}
