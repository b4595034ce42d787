import { type HttpAuth, tokenAuth } from '../../connector-kit/http/auth.ts';
import type { HttpRequest } from '../../connector-kit/http/types.ts';
import { type JsonRow, readJsonRows } from '../../connector-kit/json-rows.ts';
import { isObject } from '../../connector-kit/json.ts';
import { UsherError } from '../../model/errors.ts';
import { type Asked, describeOther, describeRefusal, nextOf, readAnswer, type Row, rowOf, rowsOf } from './answers.ts';
import { type ApiKey, fetchToken, keyTokenAuth } from './auth.ts';
import type { LaceworkContext } from './config.ts';

export type { Row } from './answers.ts';

/** Whose data a call is about: the whole organization, one sub-account, or null: the account of the key. */
export type Reach = { readonly kind: 'organization' } | { readonly kind: 'account'; readonly name: string } | null;

/** One call, below /api/v2. */
export interface LaceworkCall {
  readonly method: HttpRequest['method'];
  /** `TeamMembers`, `TeamMembers/search`, `UserGroups/<guid>/addUsers`; parts that are no words are escaped by the caller. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Default: only GET. A search may be repeated as well. */
  readonly isSafeToRepeat?: boolean;
  /** Masked wherever the request or its answer is shown. */
  readonly secrets?: readonly string[];
  /** 404 means that there is nothing: only the audit log says it so. */
  readonly isEmptyOn404?: boolean;
}

/** The answers of unpaged lists can be long in coming: a whole tenant at once. */
const TIMEOUT_MS = 120_000;
/** 500,000 rows a result set, 5,000 a page (API reference, "Pagination"); twice that many pages is a loop. */
const MAX_PAGES = 200;

/**
 * Speaks to one account or organization. Every call takes from the budget of its functionality: a resource's reads, each
 * kind of write, each action and the search have one of their own (API reference, "Rate limiting").
 */
export class LaceworkClient {
  readonly context: LaceworkContext;
  readonly reach: Reach;
  readonly #key: ApiKey;
  /** undefined: that of the connection. */
  readonly #auth: HttpAuth | undefined;

  constructor(context: LaceworkContext, reach: Reach, key?: ApiKey, auth?: HttpAuth) {
    this.context = context;
    this.reach = reach;
    this.#key = key ?? { keyId: context.settings.keyId, secret: context.settings.secret };
    this.#auth = auth;
  }

  /** The same, about one sub-account; null: about the account of the key. */
  withAccount(name: string | null): LaceworkClient {
    const reach: Reach = name === null ? null : { kind: 'account', name: name.toLowerCase() };
    return new LaceworkClient(this.context, reach, this.#key, this.#auth);
  }

  /** The same, about all of the organization. */
  withOrganization(): LaceworkClient {
    return new LaceworkClient(this.context, { kind: 'organization' }, this.#key, this.#auth);
  }

  /** The same, authorised by a token of another key, which is fetched when first needed. */
  withKey(key: ApiKey): LaceworkClient {
    const { http, clock } = this.context;
    return new LaceworkClient(this.context, this.reach, key, keyTokenAuth(key, { http: withoutAuth(http), clock }));
  }

  /** The same, by a token of another key that is fetched at once. Throws `auth` where the key is refused. */
  async signedIn(key: ApiKey): Promise<LaceworkClient> {
    const { http, clock } = this.context;
    const token = await fetchToken(key, withoutAuth(http));
    const auth = tokenAuth({ clock, fetchToken: () => Promise.resolve(token) });
    return new LaceworkClient(this.context, this.reach, key, auth);
  }

  /** The rows of an answer, whatever its envelope; pages are followed. Throws the refusal. */
  async list(call: LaceworkCall): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for await (const batch of this.rows(call, 5000)) rows.push(...batch.map(({ value }) => value));
    return rows;
  }

  /** The one object of an answer. Throws the refusal. */
  async one(call: LaceworkCall): Promise<Row> {
    const { asked, body } = await this.#send(call);
    return rowOf(asked, body);
  }

  /** The rows of an answer that need not have any: what was written. */
  async send(call: LaceworkCall): Promise<readonly Row[]> {
    const { asked, body } = await this.#send(call);
    return rowsOf(asked, body);
  }

  /** The rows of a list in batches as they come in, each with its text; pages are followed. Throws the refusal. */
  async *rows(
    call: LaceworkCall,
    batchSize = 500,
  ): AsyncGenerator<readonly { readonly text: string; readonly value: Row }[], void, void> {
    const asked = this.#asked(call);
    const seen = new Set<string>();
    for (let request: HttpRequest | null = this.#request(call, asked); request !== null;) {
      const stream = await this.context.http.stream(request);
      let envelope: unknown = null;
      if (stream.status === 404 && call.isEmptyOn404 === true) {
        await drain(stream.body);
      } else if (stream.status < 200 || stream.status >= 300) {
        throw describeRefusal(asked, stream.status, await headOf(stream.body));
      } else if (stream.status === 204) {
        await drain(stream.body);
      } else {
        const { status } = stream;
        const rows = readJsonRows(stream.body, {
          operation: asked.operation, field: 'data', batchSize,
          describeOther: (head) => describeOther(asked, status, head),
        }); // prettier-ignore
        envelope = yield* checkedRows(rows);
      }
      request = this.#next(call, asked, envelope, seen);
    }
  }

  async #send(call: LaceworkCall): Promise<{ readonly asked: Asked; readonly body: unknown }> {
    const asked = this.#asked(call);
    const answer = await this.context.http.request(this.#request(call, asked));
    if (answer.status === 404 && call.isEmptyOn404 === true) return { asked, body: null };
    return { asked, body: readAnswer(asked, answer.status, answer.text) };
  }

  /** The next page is fetched by GET, whatever the first was; its address stays with the host it is authorised for. */
  #next(call: LaceworkCall, asked: Asked, envelope: unknown, seen: Set<string>): HttpRequest | null {
    const next = nextOf(envelope);
    if (next === null) return null;
    const id = 'path' in next ? next.path : next.token;
    if (seen.has(id) || seen.size >= MAX_PAGES) {
      throw new UsherError('upstreamBug', `Lacework's answers to ${asked.operation} lead in a circle.`, {
        code: 'pagingLoop',
        next: 'Try again; if it stays so, report it. Nothing was concluded from it.',
      });
    }
    seen.add(id);
    if ('token' in next) {
      const path = call.path.replace(/\/search$/, '');
      return this.#request({ ...call, method: 'GET', path, query: { nextPage: next.token }, json: undefined }, asked);
    }
    const page = this.#request({ ...call, method: 'GET', query: {}, json: undefined }, asked);
    return { ...page, path: this.#pagePath(next.path) };
  }

  /** A relative address is one from the root of the host, not below a path that the base URL may have. */
  #pagePath(path: string): string {
    if (!path.startsWith('/')) return path;
    return path.startsWith('//') ? path : new URL(path, new URL(this.context.http.baseUrl).origin).href;
  }

  #request(call: LaceworkCall, { operation }: Asked): HttpRequest {
    const { method, path, query, json, isSafeToRepeat, secrets } = call;
    return {
      operation,
      method,
      path: `/api/v2/${path}`,
      ...(query === undefined ? {} : { query }),
      // Listed as required on every call, those without a body included.
      headers: { 'content-type': 'application/json', ...headersOf(this.reach) },
      ...(json === undefined ? {} : { body: { json } }),
      functionality: functionalityOf(method, path),
      isSafeToRepeat: isSafeToRepeat ?? (method === 'GET' || path.endsWith('/search')),
      timeoutMs: TIMEOUT_MS,
      ...(secrets === undefined ? {} : { secrets }),
      ...(this.#auth === undefined ? {} : { auth: this.#auth }),
    };
  }

  #asked({ method, path }: LaceworkCall): Asked {
    return { operation: operationOf(method, path), keyId: this.#key.keyId, reach: reachText(this.reach) };
  }
}

/** The client of a connection: about the account of the key, or the one sub-account the settings name. */
export function clientOf(context: LaceworkContext): LaceworkClient {
  const { organization, subAccount } = context.settings;
  const isOne = organization === 'no' && subAccount !== undefined;
  return new LaceworkClient(context, isOne ? { kind: 'account', name: subAccount } : null);
}

/** The budget of a call: `TeamMembers.get` for a list and for one of it, `TeamMembers.search`, `UserGroups.addUsers`. */
export function functionalityOf(method: string, path: string): string {
  const [resource = '', ...rest] = path.split('/');
  const action = ACTIONS.has(rest.at(-1) ?? '') ? rest.at(-1) : method.toLowerCase();
  return `${resource}.${action ?? ''}`;
}

/** Parts of a path that are words; all others are ids. */
const ACTIONS = new Set(['search', 'addUsers', 'removeUsers']);

function operationOf(method: string, path: string): string {
  const [resource, ...rest] = path.split('/');
  return [`${method} ${resource ?? ''}`, ...rest.map((part) => (ACTIONS.has(part) ? part : '{id}'))].join('/');
}

function headersOf(reach: Reach): Readonly<Record<string, string>> {
  if (reach === null) return {};
  return reach.kind === 'organization' ? { 'org-access': 'true' } : { 'account-name': reach.name };
}

function reachText(reach: Reach): string {
  if (reach === null) return 'the account';
  return reach.kind === 'organization' ? 'the organization' : `sub-account ${reach.name}`;
}

async function* checkedRows(
  batches: AsyncGenerator<readonly JsonRow[], unknown, void>,
): AsyncGenerator<readonly { readonly text: string; readonly value: Row }[], unknown, void> {
  for (;;) {
    const step = await batches.next();
    if (step.done === true) return step.value;
    yield step.value.flatMap(({ text, value }) => (isObject(value) ? [{ text, value }] : []));
  }
}

const HEAD_BYTES = 64 * 1024;

async function headOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= HEAD_BYTES) break;
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

async function drain(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of body) continue;
}

/** The same client adding no authorisation. */
function withoutAuth(http: LaceworkContext['http']): LaceworkContext['http'] {
  return {
    baseUrl: http.baseUrl,
    request: (request) => http.request({ ...request, auth: null }),
    stream: (request) => http.stream({ ...request, auth: null }),
  };
}
