import { pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { UsherError } from '../../model/errors.ts';
import { describeFailure, DOUBT } from './failures.ts';
import { waitAskedMs } from './retry.ts';
import type { HttpAnswer, HttpRequest, HttpStream } from './types.ts';

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_STREAM_BYTES = 2 * 1024 * 1024 * 1024;

/** An answer whose head has come. */
export interface Received {
  readonly answer: Dispatcher.ResponseData;
  readonly headers: Readonly<Record<string, string>>;
  readonly request: HttpRequest;
  readonly host: string;
  readonly isSafe: boolean;
  readonly defaultMaxBytes: number | undefined;
}

/** Reads an answer; `head` is the beginning of its body for the trace. `drop` gives back the socket of one nobody reads. */
export type Read<Result> = (
  received: Received,
) => Promise<{ readonly result: Result; readonly head: string; readonly drop: () => Promise<void> }>;

/** Names in lower case, repeated ones joined. */
export function flatHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

/** Throws `upstreamBug` (code redirect) for a redirect: credentials go to the configured address only. */
export function refuseRedirect({ answer, headers, request, host }: Received): void {
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
export async function refusalOf(received: Received, now: Date): Promise<UsherError> {
  const { answer, headers, request, host, isSafe } = received;
  await discard(answer);
  const askedMs = waitAskedMs(answer.statusCode, headers, now);
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

/** Reads an answer into memory. */
export async function readWhole(received: Received): ReturnType<Read<HttpAnswer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of limitedBody(received, MAX_BYTES)) chunks.push(chunk);
  const text = new TextDecoder().decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
  const result = { status: received.answer.statusCode, headers: received.headers, text };
  return { result, head: text, drop: () => Promise.resolve() };
}

/** Hands an answer on to be read piece by piece. */
export async function openStream(received: Received): ReturnType<Read<HttpStream>> {
  const { answer, headers, request, host, isSafe } = received;
  const body = async function* (): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* limitedBody(received, MAX_STREAM_BYTES);
    } catch (thrown) {
      throw describeFailure(thrown, request.operation, host, isSafe);
    }
  };
  return { result: { status: answer.statusCode, headers, body: body() }, head: '', drop: () => discard(answer) };
}

async function discard({ body }: Dispatcher.ResponseData): Promise<void> {
  await body.dump({ limit: 128 * 1024 }).catch(() => undefined);
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
