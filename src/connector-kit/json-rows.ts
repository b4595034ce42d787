import { UsherError } from '../model/errors.ts';

/** A row as it came: its text, and what it says. */
export interface JsonRow {
  readonly text: string;
  readonly value: unknown;
}

export interface JsonRowsOptions {
  /** What was asked, for errors (`GET TeamMembers`). */
  readonly operation: string;
  /** The field of the answer that holds the rows (`data`). An answer that is a bare list is one of rows. */
  readonly field: string;
  /** Rows a batch (default 500). */
  readonly batchSize?: number;
  /** Makes the error for an answer that is no JSON; gets its first 4,096 characters. */
  readonly describeOther: (head: string) => UsherError;
}

const HEAD_BYTES = 4096;
/** An answer's own part, rows apart, is small; anything longer is no such answer. */
const MAX_ENVELOPE_BYTES = 4 * 1024 * 1024;

/**
 * Reads a large answer of the form `{"data": [{…}, …], …}` or `[{…}, …]` piece by piece: yields its rows in batches, in
 * the order they came, and returns the answer itself with its rows left out (`[]` for a bare list). One object in place
 * of the list counts as one row. Only a row is in memory at a time, beside the batch. Throws `transient` for an answer
 * that is cut short, `upstreamBug` for one that is no such list: never a shorter list.
 *
 * @example
 * const rows = readJsonRows(stream.body, { operation: 'GET TeamMembers', field: 'data', describeOther });
 */
export async function* readJsonRows(
  body: AsyncIterable<Uint8Array>,
  options: JsonRowsOptions,
): AsyncGenerator<readonly JsonRow[], unknown, void> {
  const batchSize = options.batchSize ?? 500;
  const scanner = new RowScanner(options);
  let head: Uint8Array = new Uint8Array(0);
  let hasBegun = false;
  for await (const chunk of body) {
    let piece = chunk;
    if (!hasBegun) {
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      const first = firstByte(head);
      if (first === null) continue;
      if (first !== OPEN_BRACE && first !== OPEN_BRACKET) {
        if (head.length < HEAD_BYTES) continue;
        break;
      }
      hasBegun = true;
      piece = withoutMark(head);
    }
    scanner.write(piece);
    while (scanner.rows.length >= batchSize) yield scanner.rows.splice(0, batchSize);
  }
  if (!hasBegun) throw options.describeOther(new TextDecoder().decode(head.subarray(0, HEAD_BYTES)));
  const envelope = scanner.end();
  if (scanner.rows.length > 0) yield scanner.rows.splice(0);
  return envelope;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** Stands for a row in the envelope, which is then read as JSON: commas and brackets between rows are checked by that. */
const ROW_MARK = 0x30;

/**
 * Finds where rows begin and end by counting brackets outside of texts. What is not a row goes into the envelope; both
 * are read by `JSON.parse`, so that nothing malformed passes.
 */
class RowScanner {
  readonly rows: JsonRow[] = [];
  readonly #options: JsonRowsOptions;
  readonly #tail: RegExp;
  /** The bytes outside of rows. */
  #envelope = Buffer.allocUnsafe(1024);
  #envelopeLength = 0;
  /** Parts of a row that began in earlier chunks. */
  #parts: Buffer[] = [];
  #depth = 0;
  /** The depth at which rows stand; -1: not among them. */
  #rowDepth = -1;
  #isInRow = false;
  #isInText = false;
  #isEscaped = false;
  #rowCount = 0;

  constructor(options: JsonRowsOptions) {
    this.#options = options;
    this.#tail = new RegExp(`"${options.field}"\\s*:\\s*$`);
  }

  write(piece: Uint8Array): void {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let rowFrom = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (this.#isInText) {
        if (!this.#isInRow) this.#keep(byte ?? 0);
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#isInText = false;
        continue;
      }
      if (byte === QUOTE) {
        this.#isInText = true;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (!this.#isInRow && this.#depth === this.#rowDepth && byte === OPEN_BRACE) {
          this.#isInRow = true;
          rowFrom = at;
        } else if (this.#rowDepth < 0 && byte === OPEN_BRACKET && this.#isRowList()) {
          this.#rowDepth = this.#depth + 1;
        }
        this.#depth += 1;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.#depth -= 1;
        if (this.#isInRow && this.#depth === this.#rowDepth) {
          this.#endRow(chunk.subarray(rowFrom, at + 1));
          continue;
        }
        if (!this.#isInRow && this.#depth < this.#rowDepth) this.#rowDepth = -1;
      }
      if (!this.#isInRow) this.#keep(byte ?? 0);
    }
    if (this.#isInRow) this.#parts.push(Buffer.from(chunk.subarray(rowFrom)));
  }

  /** The answer without its rows; one row where there was an object in their place. */
  end(): unknown {
    const { operation, field } = this.#options;
    if (this.#depth > 0 || this.#isInText) throw cutShort(operation);
    const envelope = this.#parse(this.#envelope.toString('utf8', 0, this.#envelopeLength));
    if (Array.isArray(envelope)) {
      if (envelope.length !== this.#rowCount) throw unreadable(operation, 'its rows are no objects');
      return [];
    }
    if (typeof envelope !== 'object' || envelope === null) throw unreadable(operation, 'it is no object');
    const rows: unknown = Reflect.get(envelope, field);
    if (Array.isArray(rows)) {
      if (rows.length !== this.#rowCount || rows.some((row) => row !== 0)) {
        throw unreadable(operation, 'its rows are no objects');
      }
    } else if (this.#rowCount > 0) {
      throw unreadable(operation, `${field} comes twice`);
    } else if (typeof rows === 'object' && rows !== null) {
      this.rows.push({ text: JSON.stringify(rows), value: rows });
    } else if (rows !== undefined && rows !== null) {
      throw unreadable(operation, `${field} is no list`);
    }
    return Object.fromEntries(Object.entries(envelope).filter(([name]) => name !== field));
  }

  /** Whether the list that begins here is the one of the rows: the answer itself, or its field. */
  #isRowList(): boolean {
    if (this.#depth === 0) return true;
    if (this.#depth !== 1) return false;
    const from = Math.max(0, this.#envelopeLength - 100);
    return this.#tail.test(this.#envelope.toString('latin1', from, this.#envelopeLength));
  }

  #endRow(last: Buffer): void {
    const bytes = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    this.#isInRow = false;
    const text = bytes.toString('utf8');
    this.rows.push({ text, value: this.#parse(text) });
    this.#rowCount += 1;
    this.#keep(ROW_MARK);
  }

  #keep(byte: number): void {
    if (this.#envelopeLength === this.#envelope.length) {
      if (this.#envelopeLength >= MAX_ENVELOPE_BYTES) throw unreadable(this.#options.operation, 'it is no such list');
      const larger = Buffer.allocUnsafe(this.#envelope.length * 2);
      this.#envelope.copy(larger);
      this.#envelope = larger;
    }
    this.#envelope[this.#envelopeLength] = byte;
    this.#envelopeLength += 1;
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw unreadable(this.#options.operation, error instanceof Error ? 'not JSON' : String(error));
    }
  }
}

function cutShort(operation: string): UsherError {
  return new UsherError('transient', `The answer to ${operation} was cut short.`, {
    code: 'truncated',
    next: 'Try again; nothing was concluded from the part that came.',
  });
}

function unreadable(operation: string, why: string): UsherError {
  return new UsherError('upstreamBug', `The answer to ${operation} is not readable JSON (${why}).`, {
    code: 'unreadableAnswer',
    next: 'Try again later; if it stays so, report it.',
  });
}

function firstByte(bytes: Uint8Array): number | null {
  const bare = withoutMark(bytes);
  for (const byte of bare) if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
  return null;
}

/** A byte order mark is allowed before JSON and means nothing. */
function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
