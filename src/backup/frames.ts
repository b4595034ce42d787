import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DatabaseExport, SequenceState } from '../store/backup/export.ts';
import type { TableShape } from '../store/backup/catalogue.ts';
import { damaged, reader } from './container.ts';

/**
 * The inside of a backup: frames of a letter, a length and so many bytes. `H` what it is of, then for each table `T` its
 * name and columns, `D` its rows in pieces, `E` how many and their SHA-256, and at the end `Z` with all of these sums.
 */
const DATA_BYTES = 256 * 1024;
const FRAME_LIMIT = 16 * 1024 * 1024;

const headerSchema = z.object({
  /** Of the Usher that made it. */
  version: z.string(),
  createdAt: z.string(),
  databaseId: z.string(),
  /** Which master key its secrets are sealed under; null: it holds none. */
  keyId: z.string().nullable(),
  postgres: z.string(),
  migrations: z.array(z.object({ id: z.string(), checksum: z.string() })).min(1),
});
/** What a backup says of itself. */
export type BackupHeader = z.infer<typeof headerSchema>;

const tableSchema = z.object({ name: z.string(), columns: z.array(z.string()).readonly() });
const sumSchema = z.object({ name: z.string(), rows: z.int(), sha256: z.string() });
const endSchema = z.object({
  tables: z.array(sumSchema),
  sequences: z
    .array(z.object({ name: z.string(), value: z.string().regex(/^-?\d{1,20}$/), isCalled: z.boolean() }))
    .readonly(),
});
/** How many rows a table has in a backup, and the SHA-256 of them in hexadecimal. */
export type TableSum = z.infer<typeof sumSchema>;

/** The frames of a database; `onTable` hears of each table that was read. */
export async function* framesOf(
  header: BackupHeader,
  data: Pick<DatabaseExport, 'tables' | 'rows' | 'sequences'>,
  onTable: (sum: TableSum) => void,
): AsyncGenerator<Buffer, void> {
  yield frame('H', header);
  const tables: TableSum[] = [];
  for (const table of data.tables) {
    yield frame('T', table satisfies z.infer<typeof tableSchema>);
    const sha256 = createHash('sha256');
    const rows = data.rows(table);
    let next = await rows.next();
    for (let pending: Buffer[] = [], size = 0; ; next = await rows.next()) {
      if (next.done !== true) {
        pending.push(next.value);
        size += next.value.length;
        if (size < DATA_BYTES) continue;
      }
      for (const piece of pieces(Buffer.concat(pending))) {
        sha256.update(piece);
        yield frame('D', piece);
      }
      if (next.done === true) break;
      [pending, size] = [[], 0];
    }
    const sum = { name: table.name, rows: next.value, sha256: sha256.digest('hex') };
    yield frame('E', sum);
    tables.push(sum);
    onTable(sum);
  }
  yield frame('Z', { tables, sequences: await data.sequences() } satisfies z.infer<typeof endSchema>);
}

/** Who takes in a backup, part by part. What `rows` is given has to be read to its end. */
export interface FrameTaker {
  header(header: BackupHeader): Promise<void>;
  /** Answers how many rows it took. */
  rows(table: TableShape, data: AsyncIterable<Buffer>): Promise<number>;
  sequences(states: readonly SequenceState[]): Promise<void>;
}

/**
 * Hands the frames of a backup to whoever takes them in, and compares what came with its sums. Throws `invalidInput`
 * (code `backupDamaged`) where they differ: what was taken must be dropped then. Answers the sums of all tables.
 */
export async function takeFrames(bytes: AsyncIterable<Buffer>, taker: FrameTaker): Promise<readonly TableSum[]> {
  const frames = framesIn(bytes);
  const next = async (): Promise<Frame> => {
    const { done, value } = await frames.next();
    if (done === true) throw damaged();
    return value;
  };
  await taker.header(parse(headerSchema, await next(), 'H'));
  const sums: TableSum[] = [];
  for (let current = await next(); ; current = await next()) {
    if (current.type === 'Z') {
      const end = parse(endSchema, current, 'Z');
      if (JSON.stringify(end.tables) !== JSON.stringify(sums)) throw damaged();
      await taker.sequences(end.sequences);
      // The container tells only at its own end that nothing was cut off or added.
      if ((await frames.next()).done !== true) throw damaged();
      return sums;
    }
    const table = parse(tableSchema, current, 'T');
    const sha256 = createHash('sha256');
    let last: Frame | null = null;
    const data = async function* data(): AsyncGenerator<Buffer, void> {
      for (let piece = await next(); ; piece = await next()) {
        if (piece.type !== 'D') {
          last = piece;
          return;
        }
        sha256.update(piece.payload);
        yield piece.payload;
      }
    };
    const rows = await taker.rows(table, data());
    const sum = { name: table.name, rows, sha256: sha256.digest('hex') };
    if (last === null || JSON.stringify(parse(sumSchema, last, 'E')) !== JSON.stringify(sum)) throw damaged();
    sums.push(sum);
  }
}

interface Frame {
  readonly type: string;
  readonly payload: Buffer;
}

async function* framesIn(bytes: AsyncIterable<Buffer>): AsyncGenerator<Frame, void> {
  const source = reader(bytes);
  for (let head = await source.take(5); head !== null; head = await source.take(5)) {
    const size = head.readUInt32BE(1);
    const payload = size > FRAME_LIMIT ? null : await source.take(size);
    if (payload === null) throw damaged();
    yield { type: String.fromCharCode(head[0] ?? 0), payload };
  }
}

function parse<T>(schema: z.ZodType<T>, { type, payload }: Frame, wanted: string): T {
  if (type !== wanted) throw damaged();
  try {
    return schema.parse(JSON.parse(payload.toString('utf8')));
  } catch {
    throw damaged();
  }
}

function frame(type: string, content: Buffer | object): Buffer {
  const payload = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeUInt32BE(payload.length, 1);
  return Buffer.concat([head, payload]);
}

function* pieces(bytes: Buffer): Generator<Buffer, void> {
  for (let at = 0; at < bytes.length; at += DATA_BYTES) yield bytes.subarray(at, at + DATA_BYTES);
}
