import { Pool, type PoolConfig, TypeOverrides } from 'pg';

const INT8 = 20;
const INT8_ARRAY = 1016;
const TIMESTAMPTZ = 1184;
const TIMESTAMPTZ_ARRAY = 1185;

/**
 * A pool whose rows hold numbers for int8 and ISO 8601 strings in UTC for timestamptz (milliseconds, or microseconds
 * where there are any), in arrays too; null stays null. Set for this pool alone: another library's pools, such as the
 * engine's, keep node-postgres' own types.
 */
export function createPool(config: PoolConfig): Pool {
  const types = new TypeOverrides();
  types.setTypeParser(INT8, toNumber);
  types.setTypeParser(TIMESTAMPTZ, toIso);
  types.setTypeParser(INT8_ARRAY, arrayOf(toNumber));
  types.setTypeParser(TIMESTAMPTZ_ARRAY, arrayOf(toIso));
  const pool = new Pool({ ...config, types });
  // A connection that breaks fails its query, or the next one. While it is lent out nobody else listens for the event
  // of it, which would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Throws where a number does not hold the value exactly: a wrong count is worse than none. */
function toNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} from the database is too large for a number.`);
  return value;
}

/** `2026-11-22 03:04:05.12+01`, in whatever zone the session has, to `2026-11-22T02:04:05.120Z`. */
export function toIso(text: string): string {
  const match = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?([+-]\d\d(?::?\d\d){0,2})$/.exec(text);
  if (match === null) return text; // infinity, or a year before Christ: as Postgres says it
  const [, day, time, fraction = '', zone] = match;
  const digits = fraction.length > 3 ? fraction.padEnd(6, '0') : fraction.padEnd(3, '0');
  if (zone === '+00') return `${day}T${time}.${digits}Z`;
  const utc = new Date(`${day}T${time}${zone?.length === 3 ? `${zone}:00` : zone}`);
  return `${utc.toISOString().slice(0, 19)}.${digits}Z`;
}

/** Postgres' text form of a one-dimensional array of values that need no quotes but dates': `{"a b",NULL}`. */
function arrayOf<T>(parse: (text: string) => T): (text: string) => (T | null)[] {
  return (text) => {
    const inside = text.slice(1, -1);
    if (inside === '') return [];
    return inside.split(',').map((item) => (item === 'NULL' ? null : parse(item.replaceAll('"', ''))));
  };
}
