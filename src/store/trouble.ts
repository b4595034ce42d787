import { UsherError } from '../model/errors.ts';

/**
 * What keeps the database from doing its work for the moment: it is `gone` (not reached, starting, stopping, out of
 * connections), its disk is `full` (or its memory), or it is `readOnly` (a standby, or set so).
 */
export type DatabaseTrouble = 'gone' | 'full' | 'readOnly';

/** SQLSTATEs and their classes, and the errors of its socket. Source: PostgreSQL's manual, appendix A. */
const BY_CLASS: readonly (readonly [string, DatabaseTrouble])[] = [
  ['53300', 'gone'], // too many connections
  ['53400', 'gone'],
  ['53', 'full'], // insufficient resources: disk_full is 53100, out_of_memory 53200
  ['25006', 'readOnly'],
  ['25P03', 'gone'], // this process stood still in a transaction, and the session was ended
  ['08', 'gone'],
  ['57P', 'gone'],
];
const SOCKET_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT']);
const SAYINGS =
  /connection terminated|server closed the connection|client has encountered a connection error|database system is (starting|shutting)/i;

/** What an error says is the matter with the database; null where it says nothing of that, as an UsherError never does. */
export function databaseTrouble(thrown: unknown): DatabaseTrouble | null {
  if (!(thrown instanceof Error) || thrown instanceof UsherError) return null;
  const code: unknown = 'code' in thrown ? thrown.code : undefined;
  if (typeof code === 'string') {
    if (SOCKET_CODES.has(code)) return 'gone';
    const known = code.length === 5 ? BY_CLASS.find(([prefix]) => code.startsWith(prefix)) : undefined;
    if (known !== undefined) return known[1];
  }
  return SAYINGS.test(thrown.message) ? 'gone' : null;
}

const TOLD: Readonly<Record<DatabaseTrouble, { readonly code: string; readonly message: string; readonly next: string }>> = {
  gone: {
    code: 'databaseUnreachable',
    message: 'The database of Usher cannot be reached at the moment.',
    next: 'Try again in a few seconds; where it lasts, `usher doctor` on its machine says why.',
  },
  full: {
    code: 'databaseFull',
    message: 'The database of Usher has no room left, so nothing could be written.',
    next: "Make room on the database's disk; Usher goes on by itself. `usher doctor` on its machine shows the disk.",
  },
  readOnly: {
    code: 'databaseReadOnly',
    message: 'The database of Usher takes no writes: it is a standby, or was set to read only.',
    next: 'Point DATABASE_URL at the primary, or let the database take writes again; Usher goes on by itself.',
  },
}; // prettier-ignore

/** The trouble as whoever asked is told of it: `transient`, without a word of the statement. */
export function troubleError(trouble: DatabaseTrouble, cause: unknown): UsherError {
  const { code, message, next } = TOLD[trouble];
  return new UsherError('transient', message, { code, next, cause });
}
