import { AsyncLocalStorage } from 'node:async_hooks';
import { type DestinationStream, pino } from 'pino';
import { traceIds } from './tracing.ts';

/** What a stretch of work is known by in the log: the request that is answered, the run that is carried out. */
export interface WorkName {
  readonly request?: string;
  readonly run?: string;
  readonly connection?: string;
}

const names = new AsyncLocalStorage<WorkName>();

/**
 * Does `work` with every line that is logged during it, however deep, carrying this name; names nest. What the line says
 * itself goes before.
 */
export function named<Result>(name: WorkName, work: () => Result): Result {
  return names.run({ ...names.getStore(), ...name }, work);
}

/** A log of JSON lines: the calls that the rooms write it with. */
export interface JsonLog {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/**
 * Makes the log: one JSON object a line, with the time, the level as a word, and the request or run it belongs to (and
 * the trace, where traces are on). No room writes a secret into its log; as a second line of defence whatever looks like
 * one is masked in the finished line, whoever wrote it.
 */
export function createLog(level: string, destination: DestinationStream = pino.destination(2)): JsonLog {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => ({ ...names.getStore(), ...traceIds() }), // what the line says itself goes before
      hooks: { streamWrite: maskSecrets },
    },
    destination,
  );
}

const MASK = '••••';
/** A JSON field with a secret's name and the value it has, whether a text or a number. */
const SECRET_FIELD =
  /("[^"\\]*(?:passw(?:or)?d|passphrase|secret|api_?key|provhash|provisioning_hash|authorization|cookie|private_?key|master_?key|token)"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*)/gi;
/** Usher's own tokens, the keys of LastPass' other API, what follows Bearer and Basic, the password in an address. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/\bush_[\w-]{20,}/g, `ush_${MASK}`],
  [/\blpkey_[\w-]+/g, `lpkey_${MASK}`],
  [/\b(Bearer|Basic)(\s+)[\w~+/.=-]{8,}/gi, `$1$2${MASK}`],
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@"\\]*):[^\s@"\\]+@/gi, `$1:${MASK}@`],
];

/** A finished line with everything masked that looks like a secret; still valid JSON. */
export function maskSecrets(line: string): string {
  let masked = line.replace(SECRET_FIELD, `$1"${MASK}"`);
  for (const [pattern, replacement] of SECRET_TEXTS) masked = masked.replace(pattern, replacement);
  return masked;
}
