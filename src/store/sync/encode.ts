import { hash } from 'node:crypto';
import type { DeferredAccount, Extra, JsonValue, RecordKind, RecordOf } from '../../model/records.ts';
import { type Column, type KindDescription, KINDS } from './kinds.ts';

/** A record ready to be compared and copied: its hashes, and the line for `COPY` once it is known to be needed. */
export interface EncodedRecord {
  readonly key: string;
  /**
   * Stands for all there is of the record, for comparing it with what the snapshot holds: of kinds without values that
   * change without meaning it is the content hash; of the others it is made from what the app sent where the record
   * follows from that, else from the content and those values.
   */
  readonly hash: string;
  /** The first 16 bytes of the SHA-256 of the canonical JSON (RFC 8785) of the mapped fields, as 32 hexadecimal digits. */
  contentHash(): string;
  /** The columns in table order, volatile ones after; made on demand, as most rows of most pulls are unchanged. */
  copyFields(): string;
  /** The same as members of a JSON object, for `json_to_recordset`: JSON is JSON, everything else is text. */
  jsonMembers(): string;
}

/** Encodes a record of a kind. */
export function encodeRecord<K extends RecordKind>(kind: KindDescription<K>, record: RecordOf<K>): EncodedRecord {
  return new Encoded(kind, record);
}

/**
 * Encodes an account that may never be mapped: it is compared by what it would be mapped from, so that an unchanged one
 * costs the text of what the app sent and its hash. Differs from what `encodeRecord` answers for the mapped record, in
 * `hash` alone: a row that was written from that is taken for changed once.
 */
export function encodeDeferred(account: DeferredAccount, mappingVersion: number): EncodedRecord {
  return new EncodedDeferred(account, mappingVersion);
}

// Classes, as there are a million of each: functions made for every record would be as many objects more.
class Encoded<K extends RecordKind> implements EncodedRecord {
  readonly key: string;
  readonly #kind: KindDescription<K>;
  readonly #record: RecordOf<K>;
  #hash: string | null = null;

  constructor(kind: KindDescription<K>, record: RecordOf<K>) {
    this.#kind = kind;
    this.#record = record;
    this.key = cleanText(record.key);
  }

  get hash(): string {
    const [kind, record] = [this.#kind, this.#record];
    return (this.#hash ??= kind.volatile.length === 0 ? contentHash(kind, record) : wholeHash(kind, record));
  }

  contentHash(): string {
    return this.#kind.volatile.length === 0 ? this.hash : contentHash(this.#kind, this.#record);
  }

  copyFields(): string {
    return copyFields(this.#kind, this.#record);
  }

  jsonMembers(): string {
    return jsonMembers(this.#kind, this.#record);
  }
}

class EncodedDeferred implements EncodedRecord {
  readonly key: string;
  readonly hash: string;
  readonly #account: DeferredAccount;

  constructor(account: DeferredAccount, mappingVersion: number) {
    this.#account = account;
    this.key = cleanText(account.key);
    // All in one text, so that it is written once: joining it to the rest would copy every record once more.
    this.hash = hash128(JSON.stringify([mappingVersion, account.mappedBy, account.raw]));
  }

  contentHash(): string {
    return contentHash(KINDS.account, this.#account.map());
  }

  copyFields(): string {
    return copyFields(KINDS.account, this.#account.map());
  }

  jsonMembers(): string {
    return jsonMembers(KINDS.account, this.#account.map());
  }
}

/** The columns of a record as text of `COPY`, each after a tab, in table order with the volatile ones after. */
export function copyFields<K extends RecordKind>(kind: KindDescription<K>, record: RecordOf<K>): string {
  let fields = '';
  for (const column of kind.columns) fields += `\t${copyText(fieldText(column, record))}`;
  for (const column of kind.volatile) fields += `\t${copyText(fieldText(column, record))}`;
  return fields;
}

/** The columns of a record as members of a JSON object, each after a comma. */
function jsonMembers<K extends RecordKind>(kind: KindDescription<K>, record: RecordOf<K>): string {
  let members = '';
  for (const column of kind.columns) members += `,"${column.name}":${jsonText(column, record)}`;
  for (const column of kind.volatile) members += `,"${column.name}":${jsonText(column, record)}`;
  return members;
}

function jsonText<K extends RecordKind>(column: Column<K>, record: RecordOf<K>): string {
  const text = fieldText(column, record);
  if (text === null) return 'null';
  return column.type === 'json' || column.type === 'jsonb' ? text : JSON.stringify(text);
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

/** Beyond this a text is hashed on its own before it is joined to others, which would copy it once more. */
const SHORT = 200;

function contentHash<K extends RecordKind>(kind: KindDescription<K>, record: RecordOf<K>): string {
  // All that a grant says is in its key, most of the time: then its content is that of all the others.
  if (kind.kind === 'grant' && isEmpty(record.extra)) return EMPTY_GRANT;
  return hash128(canonicalJson(kind.content(record)));
}

function wholeHash<K extends RecordKind>(kind: KindDescription<K>, record: RecordOf<K>): string {
  let text = canonicalJson(kind.content(record));
  for (const column of kind.volatile) {
    const field = fieldText(column, record) ?? '';
    text += `\u0001${field.length > SHORT ? hash('sha256', field, 'hex') : field}`;
  }
  return hash128(text);
}

function isEmpty(extra: Extra): boolean {
  for (const _ in extra) return false;
  return true;
}

/** Half of a SHA-256 is what a uuid column holds; Postgres takes it without the dashes. */
function hash128(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}

const EMPTY_GRANT = hash128(canonicalJson({ extra: {} }));
