import type { z } from 'zod';
import { createUsherClient, type UsherClient } from '../client/index.ts';
import { problemSchema } from './contract.ts';
import type { Credentials } from './credentials.ts';
import { readEventStream, type StreamMessage } from './event-stream.ts';
import { EXIT, Failure, interrupted, refused, unreachable, usage } from './failure.ts';

/** What a call of the generated client resolves to. */
type Answered<Body> = { readonly data?: Body; readonly error?: unknown; readonly response: Response };
/** What a list is asked with for one page. */
export interface PageAsk {
  readonly page_size: number;
  readonly next: string | undefined;
}

/**
 * Usher's API over HTTP: the generated client, whose answers are checked against what the command reads of them. Every
 * method throws a Failure: what the server refused, or that none answers.
 */
export interface Client {
  readonly url: string;
  /** One call; `answer` is what the command reads of it: it must fit the description, and what comes is checked. */
  read<Schema extends z.ZodType>(answer: Schema, call: Call<z.input<Schema>>): Promise<z.output<Schema>>;
  /** One call whose answer is not looked at. */
  send(call: Call<unknown>): Promise<void>;
  /** All pages of a list, one page at a time, `limit` items at most. */
  pages<Schema extends z.ZodType>(
    item: Schema,
    call: ListCall<z.input<Schema>>,
    options?: ListRequest,
  ): AsyncGenerator<Page<z.output<Schema>>, void>;
  /**
   * Server-sent events of a path, after the message with the id `after` where one is named, until the server ends them.
   * Throws `unreachable` where the connection breaks: go on from the last id.
   */
  stream(path: string, after: string | null): AsyncGenerator<StreamMessage, void>;
}

type Call<Body> = (usher: UsherClient) => Promise<Answered<Body>>;
/** Asks for one page of a list. */
export type ListCall<Item> = (
  usher: UsherClient,
  page: PageAsk,
) => Promise<Answered<{ readonly data: readonly Item[]; readonly next: string | null }>>;

export interface ListRequest {
  /** Items at most; default: all. */
  readonly limit?: number;
  /** Items a page; default: the most that `/v1` gives. */
  readonly pageSize?: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Whether the list has more than what was yielded so far. */
  readonly hasMore: boolean;
}

/** The largest page the API gives. */
const PAGE_SIZE = 500;
/** The server answers long polls within 30 s; whatever takes longer than this has died on the way. */
const TIMEOUT_MS = 90_000;

/** A client for the server at `credentials.url`; `signal` is aborted by Ctrl-C. The token is sent there and nowhere else. */
export function createClient(
  { url, token }: Credentials,
  signal: AbortSignal,
  fetchFunction: typeof fetch = fetch,
): Client {
  if (!URL.canParse(url)) throw usage(`"${url}" is no address of an Usher.`, 'Set USHER_URL as http://127.0.0.1:8420.');
  const usher = createUsherClient({ url, token, fetch: (request) => exchange(fetchFunction, request, signal, url) });

  return {
    url,
    read: async (answer, call) => decode(await call(usher), answer, url),
    send: async (call) => assertTaken(await call(usher), url),
    async *pages(item, call, { limit = Number.POSITIVE_INFINITY, pageSize = PAGE_SIZE } = {}) {
      const { z: zod } = await import('zod');
      const page = zod.looseObject({ data: zod.array(item), next: zod.string().nullish() });
      let remaining = limit;
      let next: string | undefined;
      do {
        const ask = { page_size: Math.min(pageSize, remaining), next };
        const answer = await call(usher, ask);
        const { data, next: following } = decode(answer, page, url);
        if (following != null && following === next) {
          throw notUsher(url, `it gave the same page again to ${asked.get(answer.response)}`);
        }
        next = following ?? undefined;
        const items = data.slice(0, remaining);
        remaining -= items.length;
        yield { items, hasMore: next !== undefined || items.length < data.length };
      } while (next !== undefined && remaining > 0);
    },
    async *stream(path, after) {
      const request = new Request(new URL(path.replace(/^\//, ''), `${url}/`), {
        redirect: 'error',
        headers: {
          accept: 'text/event-stream',
          authorization: `Bearer ${token}`,
          ...(after === null ? {} : { 'last-event-id': after }),
        },
      });
      try {
        yield* openStream(fetchFunction, request, signal, url);
      } catch (error) {
        if (error instanceof Failure) throw error;
        if (signal.aborted) throw interrupted();
        throw unreachable(url, reasonOf(error), error);
      }
    },
  };
}

/** The server sends a comment every 15 s; a stream that is silent for longer than this has died on the way. */
const SILENCE_MS = 60_000;

async function* openStream(
  fetchFunction: typeof fetch,
  request: Request,
  signal: AbortSignal,
  url: string,
): AsyncGenerator<StreamMessage, void> {
  const silence = new AbortController();
  const watch = setTimeout(() => silence.abort(new Error('it fell silent')), SILENCE_MS);
  try {
    const response = await fetchFunction(request, { signal: AbortSignal.any([signal, silence.signal]) });
    if (response.status >= 400 || response.body === null) {
      asked.set(response, `${request.method} ${new URL(request.url).pathname}`);
      assertTaken({ error: parseJson(await response.text()), response }, url);
      return;
    }
    yield* readEventStream(heard(response.body, watch));
  } finally {
    clearTimeout(watch);
    silence.abort();
  }
}

/** The text of a body; each piece of it puts the end of patience off. */
async function* heard(body: ReadableStream<Uint8Array>, watch: NodeJS.Timeout): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  for await (const piece of body) {
    watch.refresh();
    yield decoder.decode(piece, { stream: true });
  }
}

/** What was asked, for messages about the answer. */
const asked = new WeakMap<Response, string>();

/** Sends a request and reads its whole answer; JSON, or a status that says why not. */
async function exchange(
  fetchFunction: typeof fetch,
  request: Request,
  signal: AbortSignal,
  url: string,
): Promise<Response> {
  const name = `${request.method} ${decodeURI(new URL(request.url).pathname)}`;
  const { status, text } = await answered(fetchFunction, request, signal, url);
  if (status < 400 && text !== '' && parseJson(text) === undefined) {
    throw notUsher(url, `${name} answered something else than JSON`);
  }
  const answer = new Response(text === '' ? null : text, { status });
  asked.set(answer, name);
  return answer;
}

async function answered(
  fetchFunction: typeof fetch,
  request: Request,
  signal: AbortSignal,
  url: string,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetchFunction(request, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    if (signal.aborted) throw interrupted();
    throw unreachable(url, reasonOf(error), error);
  }
}

function decode<Schema extends z.ZodType>(answer: Answered<unknown>, schema: Schema, url: string): z.output<Schema> {
  assertTaken(answer, url);
  const parsed = schema.safeParse(answer.data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : `: ${issue.path.join('.') || 'the answer'}: ${issue.message}`;
  throw notUsher(url, `${asked.get(answer.response)} answered something else than expected${where}`);
}

/** Throws what the server refused. */
function assertTaken({ error, response }: Answered<unknown>, url: string): void {
  if (response.status < 400) return;
  const problem = problemSchema.safeParse(error);
  if (!problem.success || (problem.data.detail ?? problem.data.message ?? problem.data.title) == null) {
    throw notUsher(url, `it answered ${response.status} to ${asked.get(response)}`);
  }
  throw refused(problem.data, response.status);
}

function notUsher(url: string, why: string): Failure {
  return new Failure(`What answers at ${url} does not speak as this Usher does: ${why}.`, {
    code: 'unexpectedAnswer',
    exitCode: EXIT.unexpected.code,
    next: 'Check USHER_URL, and that CLI and server are of one version.',
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  const cause = error.cause;
  if (cause instanceof Error) {
    if ('code' in cause && cause.code === 'ECONNREFUSED') return 'connection refused';
    if ('code' in cause && cause.code === 'ENOTFOUND') return 'no such host';
    return cause.message || String('code' in cause ? cause.code : cause.name);
  }
  return error.message;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
