import { randomUUID } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { UsherError } from '../model/errors.ts';
import { exportDatabase } from '../store/backup/export.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import { databaseId } from '../store/instance.ts';
import { appliedMigrations } from '../store/migrate.ts';
import type { Database } from '../store/open.ts';
import { closed } from './container.ts';
import { type BackupHeader, framesOf, type TableSum } from './frames.ts';

/** The change of the schema that brought the audit log. */
const AUDIT = '0005_audit';

export interface BackupOptions {
  readonly pool: Database['pool'];
  /** Of Postgres, as it says it. */
  readonly postgres: string;
  /** Of this Usher. */
  readonly version: string;
  /** null: the file is not encrypted. */
  readonly passphrase: string | null;
  readonly now: () => Date;
}

/** What a backup holds. */
export interface BackupSummary extends BackupHeader {
  readonly tables: readonly TableSum[];
  readonly rows: number;
  readonly bytes: number;
  readonly isEncrypted: boolean;
}

/**
 * Writes the whole database, as of one moment and beside whoever works on it, to a stream, which is ended. Neither the
 * master key nor the engine's own tables are in it. Memory does not grow with the data.
 */
export async function writeBackup(options: BackupOptions, output: Writable): Promise<BackupSummary> {
  const { pool, passphrase } = options;
  if ((await appliedMigrations(pool)).length === 0) {
    throw new UsherError('notFound', 'There is nothing to back up: this database was never used by Usher.', {
      next: 'Name the data directory with --data-dir or USHER_DATA_DIR, or the server with DATABASE_URL.',
    });
  }
  const id = await databaseId(pool, randomUUID);
  const tables: TableSum[] = [];
  let bytes = 0;
  const header = await exportDatabase(pool, async (data) => {
    const check = await data.setting('master_key_check');
    const made: BackupHeader = {
      version: options.version,
      createdAt: options.now().toISOString(),
      databaseId: id,
      keyId: typeof check === 'string' ? (check.split('.')[1] ?? null) : null,
      postgres: options.postgres,
      migrations: [...data.migrations],
    };
    await pipeline(
      Readable.from(framesOf(made, data, (sum) => tables.push(sum))),
      createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
      (source: AsyncIterable<Buffer>) => closed(source, passphrase),
      async function* counted(source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          bytes += chunk.length;
          yield chunk;
        }
      },
      output,
    );
    return made;
  });
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  // An older schema, before an upgrade, may not have the log yet.
  if (header.migrations.some(({ id }) => id === AUDIT)) {
    await addAuditEntries(pool, [
      {
        at: header.createdAt, kind: 'instance', action: 'instance.backed_up', summary: `${rows} rows were backed up.`,
        details: { encrypted: passphrase !== null, version: header.version },
      },
    ]); // prettier-ignore
  }
  return { ...header, tables, rows, bytes, isEncrypted: passphrase !== null };
}

/**
 * Writes a backup to a file, readable for its owner alone. The file appears when it is whole and on the disk. Throws
 * `alreadyExists` where there is one of that name, unless it may be replaced.
 */
export async function backUpToFile(
  options: BackupOptions & { readonly file: string; readonly mayReplace: boolean },
): Promise<BackupSummary> {
  const { file, mayReplace } = options;
  const unfinished = `${file}.unfinished-${randomUUID().slice(0, 8)}`;
  try {
    const handle = await open(unfinished, 'wx', 0o600);
    const summary = await writeBackup(options, handle.createWriteStream({ flush: true }));
    if (mayReplace) await rename(unfinished, file);
    else await link(unfinished, file).catch((error: unknown) => throwExists(error, file));
    return summary;
  } catch (error) {
    return explainWriting(error, file);
  } finally {
    await rm(unfinished, { force: true }).catch(() => undefined);
  }
}

/** The bytes of a backup file. Throws `notFound` where there is none. */
export async function openBackupFile(file: string): Promise<Readable> {
  const handle = await open(file).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    throw new UsherError('notFound', `There is no file ${file}.`, { field: 'FILE', cause: error });
  });
  return handle.createReadStream();
}

/** A disk that is full, or a place where nothing may be written. */
function explainWriting(error: unknown, file: string): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EROFS: 'it is on a file system that is read-only',
    EACCES: 'this user may not write there',
    ENOENT: 'there is no such folder',
    ENOTDIR: 'it is below a file',
  }[code];
  if (why === undefined) throw error;
  throw new UsherError('invalidInput', `The backup ${file} cannot be written: ${why}.`, {
    field: 'FILE',
    code: 'backupNotWritten',
    next: 'Make room, or name another place. Nothing was left behind.',
    cause: error,
  });
}

function throwExists(error: unknown, file: string): never {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  throw new UsherError('alreadyExists', `There is a file ${file} already.`, {
    field: 'FILE',
    next: 'Name another, or replace it with --force.',
  });
}
