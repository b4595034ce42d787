import { createRedactor } from '../../connector-kit/http/redact.ts';
import type { HttpAnswer } from '../../connector-kit/http/types.ts';
import { isObject } from '../../connector-kit/json.ts';
import { UsherError } from '../../model/errors.ts';

const TOLD_CHARS = 300;

/** What was asked, as errors speak of it. */
export interface Asked {
  /** The vendor's name of the operation (`getUsers`). */
  readonly operation: string;
  /** Whose login it was made with. */
  readonly user: string;
  /** Secrets sent with it, should the console repeat them. */
  readonly secrets?: readonly string[];
}

/**
 * Reads an answer as JSON; null where a success has no body (the overview speaks of 204). Throws what a refusal means:
 * `auth` for any 401, `notFound` for any 404 (it may mean "hidden"), `invalidInput` with the console's words for a 400,
 * `upstreamBug` with the code `wrongSurface` where the cloud or some other web server answered.
 */
export function readAnswer(asked: Asked, { status, headers, text }: HttpAnswer): unknown {
  const body = text.trim();
  if (body.startsWith('<')) throw webPage(asked, status);
  const isGood = status >= 200 && status < 300;
  if (isGood && body === '') return null;
  const answer = body === '' ? null : parseJson(asked, body, status);
  if (isCloud(headers, answer, status))
    throw wrongSurface(`Something like the Insight Platform, the cloud, answered ${asked.operation}`);
  if (isGood) return answer;
  throw refusal(asked, status, wordsOf(asked, answer));
}

/** The error for a server that is not a console: it names the connector for the cloud. `what` says what was met. */
export function wrongSurface(what: string): UsherError {
  return new UsherError('upstreamBug', `${what}: this is not the API of an InsightVM Security Console.`, {
    code: 'wrongSurface',
    next: 'Give the address of the console itself with its port, usually 3780. For the cloud (insight.rapid7.com, an API key) use the connector insight-platform.',
  });
}

/** The error for a login that the console refuses; it says the same for every cause. */
export function badLogin(user: string): UsherError {
  return new UsherError(
    'auth',
    `The console refused the login ${user}: its name or password is wrong, it is locked or disabled, or its two-factor code is missing or over.`,
    {
      next: 'Sign in to the console with it by hand. Do not just try again: several wrong tries lock the login.',
    },
  );
}

/** The error for something that this login may not do. */
export function notAllowed({ operation, user }: Asked): UsherError {
  return new UsherError('permission', `The console does not let the login ${user} do this (${operation}).`, {
    next: 'Give that login the role Global Administrator: without it the console hides its users, and everything that others may see.',
  });
}

/** An answer that is JSON and not what the specification says. */
export function unexpectedShape(operation: string, path: readonly PropertyKey[]): UsherError {
  const where = path.length === 0 ? 'the whole' : path.map(String).join('.');
  return new UsherError('upstreamBug', `The console answered ${operation} in an unexpected shape (${where}).`, {
    code: 'unexpectedShape',
    next: 'Nothing was concluded from it. Try again; if it stays so, report it with the name of the operation.',
  });
}

function refusal(asked: Asked, status: number, words: string): UsherError {
  const { operation } = asked;
  const said = words === '' ? `status ${status}` : `${status}: ${words}`;
  if (status === 401) return badLogin(asked.user);
  if (status === 403) return notAllowed(asked);
  if (status === 404) {
    return new UsherError('notFound', `The console answered ${operation} with ${said}`, {
      next: 'It is not there, or it is hidden from this login: the console says the same for both.',
    });
  }
  if (status === 400) {
    return new UsherError('invalidInput', `The console refused ${operation} with ${said}`, {
      code: 'refused',
      next: 'Nothing was done. Change what it says, and plan again.',
    });
  }
  if (status === 409) {
    return new UsherError('conflict', `The console refused ${operation} with ${said}`, { next: 'Nothing was done.' });
  }
  if (status === 405) {
    return new UsherError('unsupported', `This console does not know ${operation} (status 405).`, {
      next: 'Nothing was done. Its version may be older than the API that Usher knows.',
    });
  }
  return new UsherError('upstreamBug', `The console answered ${operation} with ${said}`, {
    code: 'unexpectedStatus',
    next: 'Check the address in the settings; if it is right, try again later.',
  });
}

/**
 * A page of something in front of the console, or of a server that is no console. The vendor's own plugin has a message
 * for the cloud's HTML (rapid7/insightconnect-plugins).
 */
function webPage({ operation }: Asked, status: number): UsherError {
  if (status === 200 || status === 404)
    return wrongSurface(`A web page (status ${status}) came instead of data for ${operation}`);
  return new UsherError('transient', `A web page (status ${status}) came instead of data for ${operation}.`, {
    code: 'edgeAnswer',
    next: 'A proxy in between does this, or a console that is starting: try again later. If it stays so, check the address in the settings.',
  });
}

/** What only the cloud's gateway sends (JupiterOne/graph-rapid7-insight recordings): the console links every answer. */
function isCloud(headers: Readonly<Record<string, string>>, answer: unknown, status: number): boolean {
  if (headers['r7-correlation-id'] !== undefined || /realm="?kong/i.test(headers['www-authenticate'] ?? ''))
    return true;
  if (status !== 401 && status !== 403) return false;
  return isObject(answer) && typeof answer['message'] === 'string' && Object.keys(answer).length === 1;
}

/** The console's own sentence, in whatever language, without what was secret in the question. */
function wordsOf({ secrets = [] }: Asked, answer: unknown): string {
  const message = isObject(answer) ? (answer['message'] ?? answer['error']) : null;
  if (typeof message !== 'string') return '';
  const told = createRedactor(secrets)
    .text(message)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
  return told.length <= TOLD_CHARS ? told : `${told.slice(0, TOLD_CHARS)}…`;
}

function parseJson({ operation }: Asked, body: string, status: number): unknown {
  try {
    return JSON.parse(body);
  } catch {
    if (status >= 400) {
      throw new UsherError('upstreamBug', `The console answered ${operation} with status ${status}, and no JSON.`, {
        code: 'unexpectedStatus',
        next: 'Check the address in the settings; if it is right, try again later.',
      });
    }
    // The parser's own message quotes the text; names and addresses do not belong into errors.
    throw new UsherError(
      'transient',
      `The console's answer to ${operation} is not readable JSON: cut short, or garbled.`,
      {
        code: 'truncated',
        next: 'Try again; nothing was concluded from it.',
      },
    );
  }
}
