import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { invalidInput, UsherError } from '../model/errors.ts';

/**
 * The outside of a backup: eight letters, a short JSON text that says how the rest is closed, then chunks. Each chunk is
 * bound to its number, to being the last or not, and to the beginning of the file: a byte that flipped, a chunk that was
 * moved, and an end that was cut are found. With a passphrase by AES-256-GCM, under a key made by scrypt; without, by
 * SHA-256, which finds accidents and not intent.
 *
 *     "USHERBAK" | length of opening (4) | opening | chunks: [ length (4), highest bit: it is the last | content | tag (16) ]
 */
const MAGIC = Buffer.from('USHERBAK');
const LAST = 0x8000_0000;
const CHUNK_BYTES = 256 * 1024;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const OPENING_LIMIT = 4096;
/** 128 MiB and about a third of a second for each guess. */
const COST = { N: 2 ** 17, r: 8, p: 1 };

const openingSchema = z.object({
  format: z.number(),
  encryption: z
    .object({
      kdf: z.literal('scrypt'),
      salt: z.string().min(16).max(200),
      N: z
        .int()
        .min(2)
        .max(2 ** 18),
      r: z.int().min(1).max(8),
      p: z.int().min(1).max(4),
    })
    .nullable(),
});
type Opening = z.infer<typeof openingSchema>;

const FORMAT = 1;
type Chunk = (content: Buffer, number: number, isLast: boolean) => Buffer;

/** Closes a stream of bytes into a container, with a passphrase or without. */
export async function* closed(source: AsyncIterable<Buffer>, passphrase: string | null): AsyncGenerator<Buffer, void> {
  const encryption =
    passphrase === null ? null : { kdf: 'scrypt' as const, salt: randomBytes(32).toString('base64url'), ...COST };
  const opening = Buffer.from(JSON.stringify({ format: FORMAT, encryption } satisfies Opening));
  const start = Buffer.concat([MAGIC, uint32(opening.length), opening]);
  yield start;
  const seal = await sealer(start, encryption, passphrase);
  let number = 0;
  let pending: Buffer[] = [];
  let size = 0;
  for await (const piece of source) {
    pending.push(piece);
    size += piece.length;
    while (size > CHUNK_BYTES) {
      const all = Buffer.concat(pending);
      yield seal(all.subarray(0, CHUNK_BYTES), number, false);
      number += 1;
      pending = [all.subarray(CHUNK_BYTES)];
      size -= CHUNK_BYTES;
    }
  }
  yield seal(Buffer.concat(pending), number, true);
}

/**
 * Opens a container and gives what was closed into it. Throws `invalidInput` with code `notABackup`, `backupTooNew`,
 * `passphraseMissing`, `wrongPassphrase`, `backupDamaged` or `backupCut`; nothing that came before may be relied upon then.
 */
export async function* opened(
  source: AsyncIterable<Buffer>,
  askPassphrase: () => Promise<string | null>,
): AsyncGenerator<Buffer, void> {
  const bytes = reader(source);
  const magic = await bytes.take(MAGIC.length);
  if (magic === null || !magic.equals(MAGIC)) throw unusable('notABackup', 'The file is no backup of Usher.');
  const length = await bytes.take(4);
  const size = length?.readUInt32BE() ?? 0;
  const text = length === null || size > OPENING_LIMIT ? null : await bytes.take(size);
  if (length === null || text === null) throw cut();
  const { encryption } = readOpening(text);
  const passphrase = encryption === null ? null : await askPassphrase();
  if (encryption !== null && passphrase === null) {
    throw unusable(
      'passphraseMissing',
      'The backup is encrypted, and no passphrase was given.',
      'Give it by --passphrase-file or USHER_BACKUP_PASSPHRASE, or run the command in a terminal.',
    );
  }
  const unseal = await unsealer(Buffer.concat([MAGIC, length, text]), encryption, passphrase);
  for (let number = 0; ; number += 1) {
    const head = (await bytes.take(4))?.readUInt32BE();
    if (head === undefined) throw cut();
    const isLast = (head & LAST) !== 0;
    const contentBytes = head & ~LAST;
    if (contentBytes > CHUNK_BYTES) throw damaged();
    const sealed = await bytes.take(contentBytes + TAG_BYTES);
    if (sealed === null) throw cut();
    yield unseal(sealed, number, isLast);
    if (isLast) break;
  }
  if ((await bytes.take(1)) !== null) throw damaged();
}

function readOpening(text: Buffer): Opening {
  let value: unknown;
  try {
    value = JSON.parse(text.toString('utf8'));
  } catch {
    throw damaged();
  }
  const { data: shape } = z.object({ format: z.number() }).safeParse(value);
  if (shape !== undefined && shape.format > FORMAT) {
    throw unusable(
      'backupTooNew',
      `The backup has format ${shape.format}, which this version of Usher does not know.`,
      'Restore it with the version that made it, or a newer one.',
    );
  }
  const { data } = openingSchema.safeParse(value);
  if (data === undefined) throw damaged();
  return data;
}

async function sealer(start: Buffer, encryption: Opening['encryption'], passphrase: string | null): Promise<Chunk> {
  const binding = createHash('sha256').update(start).digest();
  if (encryption === null) {
    return (content, number, isLast) =>
      Buffer.concat([headOf(content, isLast), content, checksum(binding, number, isLast, content)]);
  }
  const key = await keyFrom(passphrase ?? '', encryption);
  return (content, number, isLast) => {
    // The key is good for this file alone, so the chunk's number will do as a nonce.
    const cipher = createCipheriv('aes-256-gcm', key, nonce(number)).setAAD(aad(binding, number, isLast));
    return Buffer.concat([headOf(content, isLast), cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  };
}

async function unsealer(start: Buffer, encryption: Opening['encryption'], passphrase: string | null): Promise<Chunk> {
  const binding = createHash('sha256').update(start).digest();
  if (encryption === null) {
    return (sealed, number, isLast) => {
      const content = sealed.subarray(0, -TAG_BYTES);
      if (!timingSafeEqual(checksum(binding, number, isLast, content), sealed.subarray(-TAG_BYTES))) throw damaged();
      return content;
    };
  }
  const key = await keyFrom(passphrase ?? '', encryption);
  return (sealed, number, isLast) => {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce(number), { authTagLength: TAG_BYTES })
      .setAAD(aad(binding, number, isLast))
      .setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
    } catch {
      if (number > 0) throw damaged();
      throw unusable(
        'wrongPassphrase',
        'The passphrase is not the one the backup was made with, or the beginning of the file was damaged.',
        'Try again with the right one; nothing was changed.',
      );
    }
  };
}

async function keyFrom(passphrase: string, { salt, N, r, p }: NonNullable<Opening['encryption']>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const given = Buffer.from(passphrase.normalize('NFC'), 'utf8');
    scrypt(given, Buffer.from(salt, 'base64url'), KEY_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, key) => {
      given.fill(0);
      if (error) reject(error);
      else resolve(key);
    });
  });
}

function headOf(content: Buffer, isLast: boolean): Buffer {
  return uint32(isLast ? content.length + LAST : content.length);
}

function nonce(number: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(BigInt(number), 4);
  return bytes;
}

function aad(binding: Buffer, number: number, isLast: boolean): Buffer {
  return Buffer.concat([binding, nonce(number), Buffer.from([isLast ? 1 : 0])]);
}

function checksum(binding: Buffer, number: number, isLast: boolean, content: Buffer): Buffer {
  return createHash('sha256')
    .update(aad(binding, number, isLast))
    .update(content)
    .digest()
    .subarray(0, TAG_BYTES);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** Takes so many bytes at a time from a stream; null where fewer are left. */
export function reader(source: AsyncIterable<Buffer>): { take(bytes: number): Promise<Buffer | null> } {
  const iterator = source[Symbol.asyncIterator]();
  let pending: Buffer[] = [];
  let size = 0;
  return {
    async take(bytes) {
      while (size < bytes) {
        const next = await iterator.next();
        if (next.done === true) return null;
        pending.push(next.value);
        size += next.value.length;
      }
      const all = pending.length === 1 && pending[0] ? pending[0] : Buffer.concat(pending);
      pending = [all.subarray(bytes)];
      size -= bytes;
      return all.subarray(0, bytes);
    },
  };
}

function cut(): UsherError {
  return unusable(
    'backupCut',
    'The backup ends too early: it was not written or copied to its end.',
    'Take another copy of it; nothing was changed.',
  );
}

/** The error for a file that is not as it was written. */
export function damaged(): UsherError {
  return unusable(
    'backupDamaged',
    'The backup is damaged: a part of it is not as it was written.',
    'Take another copy of it; nothing was changed.',
  );
}

function unusable(code: string, message: string, next?: string): UsherError {
  const { details } = invalidInput('FILE', message, next);
  return new UsherError('invalidInput', message, { ...details, code });
}
