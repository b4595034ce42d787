import { hash } from 'node:crypto';
import type { JsonValue, RecordKind, RecordOf } from '../../model/records.ts';
import type { Column, KindDescription } from './kinds.ts';

/** A record ready to be compared and copied: its hashes, and the line for `COPY` once it is known to be needed. */
export interface EncodedRecord {
  readonly key: string;
  /**
   * Of all there is of the record, for comparing it with what the snapshot holds: the content and, where the kind has
   * them, the values that change without meaning, raw included.
   */
  readonly hash: string;
  /** The first 16 bytes of the SHA-256 of the canonical JSON (RFC 8785) of the mapped fields, as 32 hexadecimal digits. */
  contentHash(): string;
  /** The columns in table order, volatile ones after; made on demand, as most rows of most pulls are unchanged. */
  copyFields(): string;
}

/** Encodes a record of a kind. */
export function encodeRecord<K extends RecordKind>(kind: KindDescription<K>, record: RecordOf<K>): EncodedRecord {
  const content = canonicalJson(kind.content(record));
  const contentHash = (): string => hashOf(kind, content);
  return {
    key: cleanText(record.key),
    hash: kind.volatile.length === 0 ? contentHash() : wholeHash(kind, record, content),
    contentHash,
    copyFields: () => copyFields(kind, record),
  };
}

/** The columns of a record as text of `COPY`, each after a tab, in table order with the volatile ones after. */
export function copyFields<K extends RecordKind>(kind: KindDescription<K>, record: RecordOf<K>): string {
  let fields = '';
  for (const column of kind.columns) fields += `\t${copyText(fieldText(column, record))}`;
  for (const column of kind.volatile) fields += `\t${copyText(fieldText(column, record))}`;
  return fields;
}

/** The names of the columns that `copyFields` fills, in its order. */
export function copyColumns<K extends RecordKind>(kind: KindDescription<K>): readonly string[] {
  return [...kind.columns, ...kind.volatile].map((column) => column.name);
}

/** Escapes one value for a line of `COPY … FROM STDIN` in text format; null is `\N`. */
export function copyText(text: string | null): string {
  if (text === null) return '\\N';
  return COPY_SPECIAL.test(text) ? text.replace(COPY_SPECIALS, escapeCopy) : text;
}

/** JSON with sorted keys and well-formed strings: the bytes RFC 8785 asks for, as far as our values go. */
export function canonicalJson(value: JsonValue): string {
  const text = JSON.stringify(isSorted(value) ? value : sorted(value));
  // Escapes in the text may be NUL or lone surrogates, which the database refuses; rare, so worth a second pass.
  return text.includes('\\u') ? JSON.stringify(sorted(cleanJson(value))) : text;
}

const COPY_SPECIAL = /[\\\t\n\r]/;
const COPY_SPECIALS = /[\\\t\n\r]/g;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const escapeCopy = (character: string): string => escapes[character] ?? character;

function fieldText<K extends RecordKind>(column: Column<K>, record: RecordOf<K>): string | null {
  switch (column.type) {
    case 'json':
      return rawText(column.value(record));
    case 'jsonb':
      return canonicalJson(column.value(record));
    case 'text[]': {
      const items = column.value(record);
      return items === null ? null : arrayLiteral(items);
    }
    case 'boolean': {
      const value = column.value(record);
      return value === null ? null : value ? 't' : 'f';
    }
    default: {
      const text = column.value(record);
      return text === null ? null : cleanText(text);
    }
  }
}

/** What the app sent keeps the order of its fields; nothing at all stays null. */
function rawText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const text = JSON.stringify(value);
  // Escapes in the text may be NUL or lone surrogates.
  if (!text.includes('\\u')) return text;
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'string' ? cleanText(item) : item));
}

function arrayLiteral(items: readonly string[]): string {
  return `{${items.map((item) => `"${cleanText(item).replaceAll(/["\\]/g, String.raw`\$&`)}"`).join(',')}}`;
}

/** Postgres holds neither NUL nor lone surrogates: both become the replacement character. */
export function cleanText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\uFFFD') : wellFormed;
}

function cleanJson(value: JsonValue): JsonValue {
  if (typeof value === 'string') return cleanText(value);
  if (value === null || typeof value !== 'object') return value;
  if (isArray(value)) return value.map(cleanJson);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [cleanText(key), cleanJson(item)]));
}

function isSorted(value: JsonValue): boolean {
  if (value === null || typeof value !== 'object') return true;
  if (isArray(value)) return value.every(isSorted);
  let previous = '';
  for (const key in value) {
    if (key < previous) return false;
    // Integer-like keys come first whatever their order of text: let the slow path decide.
    previous = key;
    const item = value[key];
    if (typeof item === 'object' && item !== null && !isSorted(item)) return false;
  }
  return true;
}

function sorted(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value;
  if (isArray(value)) return value.map(sorted);
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] ?? null)]));
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Grants and groups mostly say the same little thing: what was hashed a moment ago is not hashed again. */
const SHORT = 200;
const REMEMBERED = 2000;
const hashes = new Map<string, string>();

function hashOf(kind: { readonly kind: RecordKind }, text: string): string {
  if (text.length > SHORT || kind.kind === 'account') return hash128(text);
  const known = hashes.get(text);
  if (known !== undefined) return known;
  if (hashes.size >= REMEMBERED) hashes.clear();
  const hashed = hash128(text);
  hashes.set(text, hashed);
  return hashed;
}

/** Long texts are hashed on their own: joining them first would copy every record once more. */
function wholeHash<K extends RecordKind>(kind: KindDescription<K>, record: RecordOf<K>, content: string): string {
  let text = content;
  for (const column of kind.volatile) {
    const field = fieldText(column, record) ?? '';
    text += `\u0001${field.length > SHORT ? hash('sha256', field, 'hex') : field}`;
  }
  return hash128(text);
}

/** Half of a SHA-256 is what a uuid column holds; Postgres takes it without the dashes. */
function hash128(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}
