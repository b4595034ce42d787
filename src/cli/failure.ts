import { ERROR_KINDS, UsherError, type ErrorKind } from '../model/errors.ts';
import type { Problem } from './contract.ts';

/** Exit codes that are not an error kind's own (those are `ERROR_KINDS[kind].exitCode`). */
export const EXIT = {
  ok: { code: 0, meaning: 'It worked.' },
  unexpected: { code: 1, meaning: 'Something unexpected; `--debug` shows where.' },
  usage: { code: 2, meaning: 'The command line or an input cannot be used.' },
  unreachable: { code: 3, meaning: 'No Usher answers at the address.' },
  unwell: { code: 12, meaning: '`usher doctor` found something wrong.' },
  interrupted: { code: 130, meaning: 'Interrupted by Ctrl-C.' },
} as const;

export interface FailureDetails {
  /** For programs: an error kind, or a finer code that the server gave. */
  readonly code: string;
  readonly exitCode: number;
  /** What to do next: one sentence. */
  readonly next?: string | null;
  /** What the server answered, passed on by `--json`. */
  readonly problem?: Problem;
  readonly cause?: unknown;
}

/** What ends a command: one sentence for people, a code for programs, an exit code for scripts. Never holds a secret. */
export class Failure extends Error {
  readonly details: FailureDetails;

  constructor(message: string, details: FailureDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Failure';
    this.details = details;
  }
}

/** The command line cannot be used as typed. */
export function usage(message: string, next?: string): Failure {
  return new Failure(message, { code: 'usage', exitCode: EXIT.usage.code, next });
}

/** No Usher at the address; `why` is the network's reason. */
export function unreachable(url: string, why: string, cause?: unknown): Failure {
  return new Failure(`No Usher answers at ${url} (${why}).`, {
    code: 'unreachable',
    exitCode: EXIT.unreachable.code,
    next: 'Start it with `npm start` in its folder, or name another by USHER_URL and USHER_TOKEN.',
    cause,
  });
}

/** The user pressed Ctrl-C. */
export function interrupted(): Failure {
  return new Failure('Interrupted.', { code: 'interrupted', exitCode: EXIT.interrupted.code });
}

/**
 * What the server refused, in its own words: `detail` and `next` of problem details, `message` of the compatible frame.
 * The exit code is that of the error kind, known by its code, else by its type's name, else by the status.
 */
export function refused(problem: Problem, status: number): Failure {
  const kind = kindOf(problem, status);
  const message = problem.detail ?? problem.message ?? problem.title ?? `The server answered ${status}.`;
  const field = problem.field == null || message.includes(problem.field) ? '' : ` (${problem.field})`;
  return new Failure(`${message}${field}`, {
    code: problem.code ?? kind ?? `http${status}`,
    exitCode: kind === null ? EXIT.unexpected.code : ERROR_KINDS[kind].exitCode,
    next: problem.next,
    problem,
  });
}

/** Any thrown value as a failure; what is not ours is unexpected. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (thrown instanceof UsherError) {
    return new Failure(thrown.message, {
      code: thrown.details.code ?? thrown.kind,
      exitCode: ERROR_KINDS[thrown.kind].exitCode,
      next: thrown.details.next,
      cause: thrown,
    });
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure(message === '' ? 'Something failed without saying what.' : message, {
    code: 'unexpected',
    exitCode: EXIT.unexpected.code,
    next: 'Run it again with --debug to see where it happened.',
    cause: thrown,
  });
}

function kindOf(problem: Problem, status: number): ErrorKind | null {
  const typeName = problem.type?.split('/').at(-1) ?? '';
  const byType = typeName.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  for (const name of [problem.code ?? '', byType]) {
    if (isErrorKind(name)) return name;
  }
  return KIND_OF_STATUS.get(status) ?? null;
}

function isErrorKind(name: string): name is ErrorKind {
  return Object.hasOwn(ERROR_KINDS, name);
}

const KIND_OF_STATUS = new Map<number, ErrorKind>([
  [400, 'invalidInput'],
  [401, 'auth'],
  [403, 'permission'],
  [404, 'notFound'],
  [408, 'transient'],
  [409, 'conflict'],
  [413, 'invalidInput'],
  [415, 'invalidInput'],
  [422, 'unsupported'],
  [429, 'rateLimited'],
  [501, 'unsupported'],
  [502, 'upstreamBug'],
  [503, 'transient'],
  [504, 'transient'],
]);
