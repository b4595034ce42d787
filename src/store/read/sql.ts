import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';

export type { RawBuilder };
export type Sql = RawBuilder<unknown>;
/** Where queries run: kysely with the pool, or with a transaction. */
export type Query = Kysely<unknown>;

/** Joins conditions by `and`; `true` for none. */
export function allOf(conditions: readonly (Sql | null)[]): Sql {
  const given = conditions.filter((condition) => condition !== null);
  return given.length === 0 ? sql`true` : sql.join(given, sql` and `);
}

/**
 * A pattern that finds a text inside another in any letter case and with any Unicode composition of the searched text,
 * whatever the database's locale: each letter becomes a class of its two cases. For Postgres' `~`.
 */
export function containsPattern(text: string): string {
  return Array.from(text.normalize('NFC'), letterClass).join('');
}

function letterClass(letter: string): string {
  const cases = new Set([letter, letter.toLowerCase(), letter.toUpperCase()].filter(isOneCharacter));
  if (cases.size > 1) return `[${[...cases].join('')}]`;
  return /^[\p{L}\p{N}\s]$/u.test(letter) ? letter : escaped(letter.codePointAt(0) ?? 0);
}

/** Not `ß`, whose upper case is two letters. */
function isOneCharacter(text: string): boolean {
  return Array.from(text).length === 1;
}

/** An escape that Postgres' regular expressions read as this one character, whatever it means there. */
function escaped(code: number): string {
  const digits = code.toString(16);
  return digits.length > 4 ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`;
}
