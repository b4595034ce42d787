import type { HttpAnswer } from '../../connector-kit/http/types.ts';
import { isObject } from '../../connector-kit/json.ts';
import { UsherError } from '../../model/errors.ts';
import type { Settings } from './config.ts';

/**
 * Reads an answer of any part of the platform: JSON, or undefined for an empty body. Throws what was refused. A
 * `www-authenticate` beside a good status means nothing: the gateway sends it always (JupiterOne/graph-rapid7-insight).
 */
export function readAnswer(settings: Settings, operation: string, answer: HttpAnswer): unknown {
  const { status, headers } = answer;
  const body = answer.text.trimStart();
  if (isConsole(answer)) throw consoleAnswered(operation);
  if (body.startsWith('<')) throw webPage(operation, status);
  if (status >= 400) throw refusalOf(settings, operation, status, body, headers);
  if (body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    // The parser's own message quotes the text; names and addresses do not belong into errors.
    throw new UsherError('transient', `The answer to ${operation} is not readable JSON: cut short, or garbled.`, {
      code: 'truncated',
      next: 'Try again; nothing was concluded from it.',
    });
  }
}

/** What was sent does not look as it should at this place. */
export function unexpectedShape(operation: string, path: readonly PropertyKey[]): UsherError {
  const where = path.length === 0 ? 'the whole' : path.map(String).join('.');
  return new UsherError(
    'upstreamBug',
    `The Insight Platform answered ${operation} in an unexpected shape (${where}).`,
    {
      code: 'unexpectedShape',
      next: 'Nothing was concluded from it. Try again; if it stays so, report it with the name of the operation.',
    },
  );
}

/** Whether an error says that the platform has no such call, or not under this verb: what nobody has published. */
export function isUnknownCall(thrown: unknown): thrown is UsherError {
  return thrown instanceof UsherError && ['noRoute', 'methodNotAllowed'].includes(thrown.details.code ?? '');
}

/** An InsightVM console names itself, and asks for HTTP Basic. */
function isConsole({ headers, status }: HttpAnswer): boolean {
  if (/security console/i.test(headers['server'] ?? '')) return true;
  return status === 401 && /^basic\b/i.test(headers['www-authenticate'] ?? '');
}

function consoleAnswered(operation: string): UsherError {
  return new UsherError(
    'invalidInput',
    `An InsightVM Security Console answered ${operation}, not the Insight Platform.`,
    {
      code: 'wrongSurface',
      field: 'settings.base_url',
      next: 'Use the connector insightvm for a console; for the Insight Platform leave the address out and give the region.',
    },
  );
}

function webPage(operation: string, status: number): UsherError {
  return new UsherError(
    'transient',
    `A web page (status ${status}) came instead of data for ${operation}: the answer of something in front of the Insight Platform.`,
    {
      code: 'edgeAnswer',
      next: 'Try again later. If it stays so, check the region in the settings and proxies on the way.',
    },
  );
}

/**
 * The words of a refusal are at `error.message` or `message`, whichever part of the platform says it; the correlation id
 * is what Rapid7's support asks for.
 */
function refusalOf(
  settings: Settings,
  operation: string,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>>,
): UsherError {
  const parsed = parseOrNull(body);
  const said = textAt(isObject(parsed['error']) ? parsed['error'] : parsed, 'message');
  const correlation = textAt(parsed, 'correlation_id') || (headers['r7-correlation-id'] ?? '');
  const trail = correlation === '' ? '' : ` (correlation id ${correlation.slice(0, 64)})`;
  const words = said === '' ? '' : `: ${said.slice(0, 500)}`;
  const message = `The Insight Platform answered ${operation} with ${status}${words}${trail}.`;
  switch (status) {
    case 401:
      return new UsherError('auth', `The Insight Platform of region ${settings.region} does not know this key.`, {
        next: 'Is the key of this region? The region is the first part of the address in the browser. A user key dies with its owner, and a deleted key is refused at once: see Settings > API Keys.',
      });
    case 403:
      return refusedRight(settings, operation, trail);
    case 404:
      if (/no route matched/i.test(said)) return unknownCall(message, 'noRoute');
      return new UsherError('notFound', message);
    case 405:
    case 501:
      return unknownCall(message, 'methodNotAllowed');
    case 409:
      return new UsherError('alreadyExists', message, { next: 'Nothing was done.' });
    case 400:
    case 422:
      return new UsherError('invalidInput', message, { next: 'Nothing was done.' });
    default:
      return new UsherError('upstreamBug', message, {
        code: 'unexpectedStatus',
        next: 'Try again later; if it stays so, report it with the name of the operation.',
      });
  }
}

const KEY_ADVICE: Readonly<Record<Settings['keyKind'], string>> = {
  user: 'A user key has the rights of its owner: use the key of a Platform Admin, or have the owner made one.',
  organization: "Organization keys are refused there by some organizations: try a Platform Admin's user key.",
  auto: "Use a Platform Admin's user key: organization keys are refused there by some organizations, and a user key has the rights of its owner only.",
};

function refusedRight(settings: Settings, operation: string, trail: string): UsherError {
  return new UsherError('permission', `This key may not ${MAY_NOT[operation] ?? `call ${operation}`}${trail}.`, {
    code: 'keyMayNot',
    next: KEY_ADVICE[settings.keyKind],
  });
}

/** What a key is refused, in words. */
const MAY_NOT: Readonly<Record<string, string>> = {
  getUsers: 'read platform users',
  getUser: 'read platform users',
  createUser: 'create platform users',
  updateUser: 'change platform users',
  deleteUser: 'delete platform users',
  getRoles: 'read roles',
  getUserGroups: 'read user groups',
  getUserGroup: 'read user groups',
  getProducts: 'read products',
  getOrganizations: 'read organizations',
  getVmUsers: 'read users of InsightVM',
  getLogs: 'read logs',
};

function unknownCall(message: string, code: 'noRoute' | 'methodNotAllowed'): UsherError {
  return new UsherError('unsupported', message, {
    code,
    next: 'This call is not published by Rapid7, and here it does not exist: do it in the browser.',
  });
}

function parseOrNull(body: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function textAt(value: Readonly<Record<string, unknown>>, name: string): string {
  const text = value[name];
  return typeof text === 'string' ? text.replace(/[.\s]+$/u, '') : '';
}
