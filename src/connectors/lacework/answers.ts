import { isObject } from '../../connector-kit/json.ts';
import { UsherError } from '../../model/errors.ts';

/** One object of an answer, as it came. */
export type Row = Readonly<Record<string, unknown>>;

/** What was asked, as errors tell it. */
export interface Asked {
  /** `GET TeamMembers`, `PATCH TeamMembers/{id}`: without ids. */
  readonly operation: string;
  /** The key it was asked with. */
  readonly keyId: string;
  /** Whose data: `the organization`, `sub-account northwind-eu`, `account northwind`. */
  readonly reach: string;
}

/**
 * The JSON of an answer, or null for one without a body: 204 is how searches say "nothing found" (lacework/python-sdk,
 * live tests). Throws the error behind any other status than 2xx.
 */
export function readAnswer(asked: Asked, status: number, text: string): unknown {
  if (status < 200 || status >= 300) throw describeRefusal(asked, status, text);
  if (status === 204 || text.trim() === '') return null;
  const body = parse(text);
  if (body === undefined) throw describeOther(asked, status, text);
  return body;
}

/**
 * The rows of an answer in any attested envelope: `{data: […]}`, `{data: {…}}`, a bare list (UserProfile in the API
 * reference), `{}` or nothing.
 */
export function rowsOf(asked: Asked, body: unknown): readonly Row[] {
  if (body === null) return [];
  const data = isObject(body) && !('data' in body) && Object.keys(body).length === 0 ? [] : unwrap(body);
  if (data === null || data === undefined) return [];
  const rows = Array.isArray(data) ? data : [data];
  if (rows.every(isObject)) return rows;
  throw unexpectedShape(asked, 'data');
}

/** The one object of an answer: `{data: {…}}`, `{data: [{…}]}` or the object itself. */
export function rowOf(asked: Asked, body: unknown): Row {
  const [row, ...others] = rowsOf(asked, body);
  if (row !== undefined && others.length === 0) return row;
  throw unexpectedShape(asked, row === undefined ? 'no data' : 'more than one object');
}

/**
 * Where the next page is, or null: `paging.urls.nextPage` (API reference), an absolute or a relative address, or a token
 * `nextPage` at the top, which goes back as a query parameter.
 */
export function nextOf(envelope: unknown): { readonly path: string } | { readonly token: string } | null {
  if (!isObject(envelope)) return null;
  const { paging, nextPage } = envelope;
  const urls = isObject(paging) && isObject(paging['urls']) ? paging['urls'] : {};
  for (const next of [urls['nextPage'], nextPage]) {
    if (typeof next !== 'string' || next === '') continue;
    if (URL.canParse(next) || next.startsWith('/')) return { path: next };
    return { token: next };
  }
  return null;
}

/** What a refusal says, by the order in which the official CLI looks for it (lacework/go-sdk, api/errors.go). */
export function messageOf(text: string): string {
  const body = parse(text);
  if (!isObject(body)) return '';
  const data = isObject(body['data']) ? body['data'] : {};
  const own = body['message'] === 'SUCCESS' ? undefined : body['message'];
  for (const message of [data['ErrorMsg'], data['message'], own, data['statusMessage']]) {
    if (typeof message === 'string' && message !== '') return message.replaceAll(/\s+/g, ' ').trim().slice(0, 300);
  }
  return '';
}

/**
 * The error behind a status that is no success. A 401 is about the token or the key, a 403 about what its owner may do:
 * by then a new token has been tried already.
 */
export function describeRefusal(asked: Asked, status: number, text: string): UsherError {
  if (text.trimStart().startsWith('<')) return describeOther(asked, status, text);
  const { operation, keyId, reach } = asked;
  const message = messageOf(text);
  const said = `${status}${message === '' ? '' : `: ${message}`}`;
  if (status === 401) {
    return new UsherError('auth', `Lacework does not accept API key ${keyId} for ${operation} (${said}).`, {
      next: 'Is the key still enabled? Look under Settings > API keys, and give a new one if it is not.',
    });
  }
  if ((status === 403 && /unrecognized url/i.test(message)) || status === 405) {
    return new UsherError('unsupported', `Lacework has no ${operation} for ${reach} (${said}).`, {
      code: 'noSuchEndpoint',
      next: 'Not every tenant has every part of the API; what it stands for is done in the console.',
    });
  }
  if (status === 403) {
    return new UsherError('permission', `API key ${keyId} may not ${operation} of ${reach} (${said}).`, {
      next: 'The key has the rights of its owner: an account administrator for one account, an organization administrator for all.',
    });
  }
  if (status === 404) {
    return new UsherError('notFound', `Lacework has none such: ${operation} of ${reach} (${said}).`, {
      next: 'Ids change when roles do; look it up again.',
    });
  }
  if (status === 409) {
    return new UsherError('alreadyExists', `Lacework refused ${operation} (${said}).`, { next: 'Nothing was done.' });
  }
  if (status === 400) {
    return new UsherError('invalidInput', `Lacework refused ${operation} (${said}).`, { next: 'Nothing was done.' });
  }
  return new UsherError('upstreamBug', `Lacework answered ${operation} with status ${said}.`, {
    code: 'unexpectedStatus',
    next: 'Check the account in the settings; if it is right, try again later.',
  });
}

/** The error for an answer that is no JSON. */
export function describeOther({ operation }: Pick<Asked, 'operation'>, status: number, text: string): UsherError {
  if (text.trimStart().startsWith('<')) {
    return new UsherError(
      'transient',
      `A web page (status ${status}) came instead of data for ${operation}: the answer of something in front of Lacework.`,
      {
        code: 'edgeAnswer',
        next: 'An outage or a proxy on the way does this: try again later; if it stays so, check the account in the settings.',
      },
    );
  }
  return new UsherError('transient', `The answer of Lacework to ${operation} is not readable JSON.`, {
    code: 'truncated',
    next: 'Try again; nothing was concluded from it.',
  });
}

/** An answer that does not have what it must; `where` names the place, never a value. */
export function unexpectedShape({ operation }: Pick<Asked, 'operation'>, where: string): UsherError {
  return new UsherError('upstreamBug', `Lacework answered ${operation} in an unexpected shape (${where}).`, {
    code: 'unexpectedShape',
    next: 'Nothing was concluded from it. Try again; if it stays so, report it with the name of the operation.',
  });
}

function unwrap(body: unknown): unknown {
  return isObject(body) && 'data' in body ? body['data'] : body;
}

/** undefined: no JSON. The parser's own message quotes the text; names and addresses do not belong into errors. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
