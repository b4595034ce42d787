import type { z } from 'zod';
import { problemSchema } from './contract.ts';
import type { Credentials } from './credentials.ts';
import { EXIT, Failure, interrupted, refused, unreachable } from './failure.ts';

type QueryValue = string | number | boolean | null | undefined;
export type Query = Readonly<Record<string, QueryValue>>;

export interface RequestOptions {
  readonly query?: Query;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Usher's API over HTTP. Every method throws a Failure: what the server refused, or that none answers. */
export interface Client {
  readonly url: string;
  get<T>(path: string, answer: z.ZodType<T>, query?: Query): Promise<T>;
  send<T>(
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    answer: z.ZodType<T>,
    options?: RequestOptions,
  ): Promise<T>;
  /** All pages of a list, one page at a time, `limit` items at most. */
  pages<T>(path: string, item: z.ZodType<T>, options?: ListRequest): AsyncGenerator<Page<T>, void>;
}

export interface ListRequest {
  readonly query?: Query;
  /** Items at most; default: all. */
  readonly limit?: number;
  /** Items a page; default: the most that `/v1` gives; null for lists so short that they come whole. */
  readonly pageSize?: number | null;
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
  credentials: Credentials,
  signal: AbortSignal,
  fetchFunction: typeof fetch = fetch,
): Client {
  const request = async <T>(
    method: string,
    path: string,
    answer: z.ZodType<T>,
    { query, body, headers }: RequestOptions = {},
  ): Promise<T> => {
    const response = await exchange(
      fetchFunction,
      credentials.url + path + queryText(query),
      signal,
      {
        method,
        // A redirect would carry the token to an address nobody named.
        redirect: 'error',
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${credentials.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      credentials.url,
    );
    return decode(response, answer, method, path, credentials.url);
  };

  return {
    url: credentials.url,
    get: (path, answer, query) => request('GET', path, answer, { query }),
    send: request,
    async *pages(path, item, { query = {}, limit = Number.POSITIVE_INFINITY, pageSize = PAGE_SIZE } = {}) {
      const { z: zod } = await import('zod');
      const page = zod.looseObject({ data: zod.array(item), next: zod.string().nullish() });
      let remaining = limit;
      let next: string | null = null;
      do {
        const page_size = pageSize === null ? null : Math.min(pageSize, remaining);
        const pageQuery: Query = { ...query, page_size, next };
        const { data, next: following }: z.infer<typeof page> = await request('GET', path, page, { query: pageQuery });
        if (following != null && following === next) {
          throw notUsher(credentials.url, `it gave the same page of ${path} again`);
        }
        next = following ?? null;
        const items = data.slice(0, remaining);
        remaining -= items.length;
        yield { items, hasMore: next !== null || items.length < data.length };
      } while (next !== null && remaining > 0);
    },
  };
}

interface Exchanged {
  readonly status: number;
  readonly text: string;
}

async function exchange(
  fetchFunction: typeof fetch,
  url: string,
  signal: AbortSignal,
  init: RequestInit,
  base: string,
): Promise<Exchanged> {
  try {
    const response = await fetchFunction(url, {
      ...init,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    if (signal.aborted) throw interrupted();
    throw unreachable(base, reasonOf(error), error);
  }
}

function decode<T>({ status, text }: Exchanged, answer: z.ZodType<T>, method: string, path: string, url: string): T {
  const json = text === '' ? null : parseJson(text);
  if (status >= 400) {
    const problem = problemSchema.safeParse(json);
    if (!problem.success || (problem.data.detail ?? problem.data.message ?? problem.data.title) == null) {
      throw notUsher(url, `it answered ${status} to ${method} ${path}`);
    }
    throw refused(problem.data, status);
  }
  const parsed = answer.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined ? '' : `: ${issue.path.join('.') || 'the answer'}: ${issue.message}`;
    throw notUsher(url, `${method} ${path} answered something else than expected${where}`);
  }
  return parsed.data;
}

function notUsher(url: string, why: string): Failure {
  return new Failure(`What answers at ${url} does not speak as this Usher does: ${why}.`, {
    code: 'unexpectedAnswer',
    exitCode: EXIT.unexpected.code,
    next: 'Check USHER_URL, and that CLI and server are of one version.',
  });
}

function queryText(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value != null && value !== '') parameters.append(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
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
    return null;
  }
}
