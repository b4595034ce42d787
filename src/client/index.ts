import createFetchClient from 'openapi-fetch';
import type { Client } from 'openapi-fetch';
import type { paths } from './schema.ts';

/** The API of an Usher by its own description: each path with its parameters, bodies and answers typed. */
export type UsherClient = Client<paths>;
export type { paths };

export interface UsherClientOptions {
  /** Where it answers (`http://127.0.0.1:8420`); a path is kept as prefix. */
  readonly url: string;
  /** Sent there as a bearer token, and nowhere else: redirects are not followed. */
  readonly token: string;
  /** Default: the platform's own. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/**
 * A client of `/v1` and `/actions`. What the server refuses is an answer (`error`, with `response.status`); only a
 * network that fails throws. Answers are typed by the description, not checked against it.
 *
 * @example
 * const usher = createUsherClient({ url: 'http://127.0.0.1:8420', token });
 * const { data, error } = await usher.GET('/v1/accounts', { params: { query: { status: 'active' } } });
 */
export function createUsherClient({ url, token, fetch }: UsherClientOptions): UsherClient {
  return createFetchClient<paths>({
    baseUrl: url,
    redirect: 'error',
    headers: { accept: 'application/json', authorization: `Bearer ${token}` },
    ...(fetch !== undefined && { fetch }),
  });
}
