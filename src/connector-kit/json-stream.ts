import { JSONParser } from '@streamparser/json';
import { UsherError } from '../model/errors.ts';

export type MapEntry = readonly [key: string, value: unknown];

export interface ObjectMapOptions {
  /** What was asked, for errors (`getsfdata`). */
  readonly operation: string;
  /** Entries a batch (default 500). */
  readonly batchSize?: number;
  /** Makes the error for an answer that is no JSON; gets its first 4,096 characters. */
  readonly describeOther: (head: string) => UsherError;
}

const HEAD_BYTES = 4096;

/**
 * Reads a large answer of the form `{"<id>": {…}, …}` piece by piece and yields its entries in batches, in the order
 * they came; `[]` is an empty map, as PHP writes it. A key that comes twice is yielded twice. Throws `upstreamBug` for
 * an answer that is cut short or is no such map: never a shorter list.
 *
 * @example
 * for await (const batch of readObjectMap(stream.body, { operation: 'getsfdata', describeOther })) …
 */
export async function* readObjectMap(
  body: AsyncIterable<Uint8Array>,
  options: ObjectMapOptions,
): AsyncGenerator<MapEntry[], void, void> {
  const batchSize = options.batchSize ?? 500;
  const reader = createReader(options.operation);
  let hasBegun = false;
  let head: Uint8Array = new Uint8Array(0);
  for await (const chunk of body) {
    let piece = chunk;
    if (!hasBegun) {
      head = Buffer.concat([head, chunk]);
      const first = firstByte(head);
      if (first === null) continue;
      if (first !== OPEN_BRACE && first !== OPEN_BRACKET) {
        if (head.length < HEAD_BYTES) continue;
        break;
      }
      hasBegun = true;
      reader.isList = first === OPEN_BRACKET;
      piece = withoutMark(head);
    }
    reader.write(piece);
    while (reader.entries.length >= batchSize) yield reader.entries.splice(0, batchSize);
  }
  if (!hasBegun) throw options.describeOther(new TextDecoder().decode(head.subarray(0, HEAD_BYTES)));
  reader.end();
  if (reader.entries.length > 0) yield reader.entries;
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

interface Reader {
  isList: boolean;
  readonly entries: MapEntry[];
  write(piece: Uint8Array): void;
  end(): void;
}

function createReader(operation: string): Reader {
  const parser = new JSONParser({ paths: ['$.*'], keepStack: false });
  const entries: MapEntry[] = [];
  let failure: Error | null = null;
  const reader: Reader = {
    isList: false,
    entries,
    write(piece) {
      // After the closing bracket only blanks are welcome; the parser complains of anything else.
      if (!parser.isEnded) parser.write(piece);
      else if (firstByte(piece) !== null) failure = new Error('something follows the end');
      if (failure !== null) throw unreadable(operation, failure);
    },
    end() {
      if (!parser.isEnded) throw cutShort(operation);
    },
  };
  parser.onValue = ({ key, value }) => {
    if (reader.isList) failure = new Error('a list where a map was expected');
    else if (typeof key === 'string') entries.push([key, value]);
  };
  parser.onError = (error) => {
    failure = error;
  };
  return reader;
}

function cutShort(operation: string): UsherError {
  return new UsherError('transient', `The answer to ${operation} was cut short.`, {
    code: 'truncated',
    next: 'Try again; nothing was concluded from the part that came.',
  });
}

function unreadable(operation: string, cause: Error): UsherError {
  return new UsherError('upstreamBug', `The answer to ${operation} is not readable JSON (${cause.message}).`, {
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
