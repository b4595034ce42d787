import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { isObject } from '../../connector-kit/json.ts';
import type { Row } from './client.ts';

/** Rows of all sub-accounts of a pull, put away small until all of one person's are there. */
export interface Spill {
  /** Puts a row away, `tag` to be handed back with it; returns the part it is in. */
  add(key: string, tag: string, text: string): number;
  readonly rows: number;
  /** How many parts there are; a person's rows are all in one. */
  readonly parts: number;
  /** The rows of a part, read anew. */
  part(index: number): readonly SpilledRow[];
}

export interface SpilledRow {
  readonly key: string;
  readonly tag: string;
  readonly row: Row;
}

/** So many parts that one of them is small, of any tenant: 64 of 1,500 rows where 50,000 people are in two accounts each. */
const PARTS = 64;
/** A part's rows are compressed when so many characters wait. */
const BLOCK_CHARS = 32 * 1024;
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** Between rows and their parts: no valid JSON has these, and no key is left with one. */
const ROW_END = '\u001e';
const PART_END = '\u001f';

/**
 * Lists of people come a sub-account at a time and in no order, while a record needs all rows of its person. They wait
 * here compressed, in parts by the digest of their key: memory holds a tenth of what was sent, and one part of it whole.
 */
export function createSpill(): Spill {
  const parts = Array.from({ length: PARTS }, () => new Part());
  let rows = 0;
  return {
    add(key, tag, text) {
      rows += 1;
      const part = partOf(key);
      parts[part]?.add([key.replaceAll(/[\u001e\u001f]/g, ''), tag, text].join(PART_END) + ROW_END);
      return part;
    },
    get rows() {
      return rows;
    },
    parts: PARTS,
    part: (index) => parts[index]?.read() ?? [],
  };
}

/** Which part a key is in: the same for the same key, in any process (FNV-1a). */
export function partOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % PARTS;
}

class Part {
  readonly #blocks: Buffer[] = [];
  #waiting: string[] = [];
  #chars = 0;

  add(line: string): void {
    this.#waiting.push(line);
    this.#chars += line.length;
    if (this.#chars < BLOCK_CHARS) return;
    this.#blocks.push(zstdCompressSync(this.#waiting.join(''), FAST));
    this.#waiting = [];
    this.#chars = 0;
  }

  read(): readonly SpilledRow[] {
    const texts = [...this.#blocks.map((block) => zstdDecompressSync(block).toString('utf8')), this.#waiting.join('')];
    return texts.flatMap((text) =>
      text
        .split(ROW_END)
        .slice(0, -1)
        .map((line) => {
          const [key = '', tag = '', json = ''] = line.split(PART_END);
          const row: unknown = JSON.parse(json);
          return { key, tag, row: isObject(row) ? row : {} };
        }),
    );
  }
}
