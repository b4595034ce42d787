import { isObject } from '../../connector-kit/json.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';

/**
 * LastPass answers 200 with `text/xml` to nearly everything, JSON and refusals alike, so the first character of the body
 * decides what it is (JupiterOne's recordings of the service; moneyforward/lpmgt). Returns the JSON; throws the refusal.
 */
export function readJsonAnswer(operation: string, status: number, text: string): unknown {
  const body = text.trimStart();
  if (!body.startsWith('{') && !body.startsWith('[')) throw describeOther(operation, status, body);
  const parsed = parseJson(operation, body);
  if (isObject(parsed)) throwIfFailed(operation, parsed);
  if (status >= 400) throw unexpectedStatus(operation, status);
  return parsed;
}

/** The error for an answer that is no JSON: a refusal in XML, a page of the edge in HTML, or nothing sensible. */
export function describeOther(operation: string, status: number, body: string): UsherError {
  const refusal = /<lastpass\b[^>]*\brc="([^"]{0,200})"/i.exec(body)?.[1];
  if (refusal !== undefined) return describeRefusal(operation, refusal);
  if (body.startsWith('<') && status !== 404) {
    return new UsherError(
      'transient',
      `A web page (status ${status}) came instead of data for ${operation}: the answer of something in front of LastPass.`,
      {
        code: 'edgeAnswer',
        next: 'Its bot protection or an outage does this: try again later and keep the rate low. If it stays so, check the address in the settings and proxies on the way.',
      },
    );
  }
  if (status >= 400) return unexpectedStatus(operation, status);
  return new UsherError(
    'upstreamBug',
    `LastPass answered ${operation} with ${body === '' ? 'nothing' : 'text that is no JSON'}.`,
    {
      code: 'unreadableAnswer',
      next: 'Check the address in the settings; if it is right, try again later.',
    },
  );
}

function describeRefusal(operation: string, refusal: string): UsherError {
  if (!/auth/i.test(refusal)) {
    return new UsherError('upstreamBug', `LastPass refused ${operation} with "${refusal}".`, {
      code: 'refused',
      next: 'Report it with the name of the operation.',
    });
  }
  return new UsherError(
    'auth',
    `LastPass answered "${refusal}". It says the same for a wrong company ID and a wrong hash.`,
    {
      next: 'A hash stops working everywhere when somebody resets it: was it reset lately? Check both in the admin console.',
    },
  );
}

function unexpectedStatus(operation: string, status: number): UsherError {
  if (status === 401 || status === 403) {
    return new UsherError('auth', `LastPass answered ${operation} with status ${status}.`, {
      next: 'Check company ID, hash and address in the settings, and proxies on the way.',
    });
  }
  return new UsherError('upstreamBug', `LastPass answered ${operation} with status ${status}.`, {
    code: 'unexpectedStatus',
    next: 'Check the address in the settings: the API is at /enterpriseapi.php of it.',
  });
}

function parseJson(operation: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The parser's own message quotes the text; names and addresses do not belong into errors.
    throw new UsherError(
      'transient',
      `The answer of LastPass to ${operation} is not readable JSON: cut short, or garbled.`,
      {
        code: 'truncated',
        next: 'Try again; nothing was concluded from it.',
      },
    );
  }
}

/**
 * Throws the error behind a `FAIL`, in any of the attested shapes: `error` as a text (lpmgt), `error` as a list
 * (lpmgt's resetpassword, Nango), `errors` as a list (batchchangegrp as quoted by lpmgt).
 */
export function throwIfFailed(operation: string, answer: Readonly<Record<string, unknown>>): void {
  if (statusOf(answer) !== 'fail') return;
  throw describeReason(operation, reasonsOf(answer).join('; '));
}

/** The `status` of an answer in lower case (`OK` and `success` are both attested); '' where it has none. */
export function statusOf(answer: Readonly<Record<string, unknown>>): string {
  const status = answer['status'];
  return typeof status === 'string' ? status.toLowerCase() : '';
}

/** The reasons an answer gives, wherever they are in it. */
export function reasonsOf(answer: Readonly<Record<string, unknown>>): readonly string[] {
  return [answer['error'], answer['errors']].flat().filter((reason) => typeof reason === 'string');
}

/** The error for a reason in the vendor's words: of these there is no list, so they are told by what they speak of. */
export function describeReason(operation: string, reason: string): UsherError {
  const said = `LastPass refused ${operation}: ${reason === '' ? 'no reason given' : reason.slice(0, 500)}`;
  if (/valid user/i.test(reason)) return invalidInput('user', said, 'Give the address of a user of the company.');
  if (/no such user|user not found|does not exist/i.test(reason)) return new UsherError('notFound', said);
  if (/already exists|already in use|is taken/i.test(reason)) return new UsherError('alreadyExists', said);
  if (/invalid|missing|required/i.test(reason)) return new UsherError('invalidInput', said);
  if (/too many|limit/i.test(reason)) return new UsherError('rateLimited', said);
  if (/already|not activated/i.test(reason)) return new UsherError('conflict', said, { next: 'Nothing was done.' });
  return new UsherError('unsupported', said, { next: 'Nothing was done.' });
}
