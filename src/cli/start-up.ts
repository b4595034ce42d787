import { access, constants, mkdir, stat } from 'node:fs/promises';
import { EXIT, Failure, usage } from './failure.ts';

/** Levels of the log, loudest first. */
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** Throws a usage Failure where the environment holds what the server could not start with. */
export function checkEnvironment(environment: Readonly<Record<string, string | undefined>>): void {
  const level = environment['USHER_LOG'];
  if (level && !LOG_LEVELS.includes(level)) {
    throw usage(`USHER_LOG is "${level}", which is no level of the log.`, `Set it to one of ${LOG_LEVELS.join(', ')}.`);
  }
  // Its value is not repeated: a password may be in it.
  const database = environment['DATABASE_URL'];
  if (database && !/^(?:postgres(?:ql)?:\/\/|socket:|\/)/.test(database)) {
    throw usage(
      'DATABASE_URL is no address of a Postgres server.',
      'Write it as postgres://user:password@host:5432/database, or leave it out for the embedded Postgres.',
    );
  }
}

/**
 * Makes the data directory where it is missing, and sees whether this user may work in it. Throws a Failure that says what
 * is in the way.
 */
export async function prepareDataDirectory(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o755 });
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw dataDirectoryFailure(error, dataDir, await isFile(dataDir)) ?? error;
  }
}

/** What an error of the file system says of a data directory; null where it is about something else. */
export function dataDirectoryFailure(error: unknown, dataDir: string, isAFile = false): Failure | null {
  const code = codeOf(error);
  const elsewhere = 'Name another with --data-dir or USHER_DATA_DIR.';
  if (isAFile || code === 'EEXIST' || code === 'ENOTDIR') {
    return unusable(`The data directory ${dataDir} is not a directory, or is below a file.`, elsewhere, error);
  }
  if (code === 'EROFS') {
    return unusable(`The data directory ${dataDir} is on a file system that is read-only.`, elsewhere, error);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return unusable(
      `The data directory ${dataDir} belongs to another user, and this one may not work in it.`,
      `Run it as the user that runs the server, or name another with --data-dir or USHER_DATA_DIR.`,
      error,
    );
  }
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return null;
  return unusable(`The disk of ${dataDir} is full.`, 'Make room, then start again: what was under way goes on.', error);
}

/**
 * What an error that came up while the server started, or ran, says of its disk; null where it is about something else.
 * A disk can fill after the data directory was found good.
 */
export function diskFailure(error: unknown, dataDir: string): Failure | null {
  const code = codeOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EROFS' ? dataDirectoryFailure(error, dataDir) : null;
}

/** What an error says of the address to listen on; null where it is about something else. */
export function hostFailure(error: unknown, host: string): Failure | null {
  const code = codeOf(error);
  const isHost = error instanceof Error && error.message.includes(host);
  if (!isHost || !(code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EADDRNOTAVAIL')) return null;
  const why = code === 'EADDRNOTAVAIL' ? 'is no address of this machine' : 'is not known as a name of this machine';
  return new Failure(`Usher cannot listen on ${host}: it ${why}.`, {
    code: 'hostUnusable',
    exitCode: EXIT.usage.code,
    next: 'Give one with --host or USHER_HOST: 127.0.0.1 for this machine alone, 0.0.0.0 for all of its networks.',
    cause: error,
  });
}

function unusable(message: string, next: string, cause: unknown): Failure {
  return new Failure(message, { code: 'dataDirUnusable', exitCode: EXIT.usage.code, next, cause });
}

async function isFile(path: string): Promise<boolean> {
  try {
    return !(await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
