import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { UsherError } from '../model/errors.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import { importDatabase } from '../store/backup/import.ts';
import { FROZEN } from '../store/instance.ts';
import { type AppliedMigration, migrate, type Migration } from '../store/migrate.ts';
import { migrations as allMigrations } from '../store/migrations/index.ts';
import type { Database } from '../store/open.ts';
import { damaged, opened } from './container.ts';
import { type BackupHeader, takeFrames, type TableSum } from './frames.ts';

export interface RestoreOptions {
  readonly pool: Database['pool'];
  readonly source: Readable;
  /** Asked only where the backup is encrypted. */
  readonly askPassphrase: () => Promise<string | null>;
  /** The master key that is in place here; null: none. */
  readonly keyId: string | null;
  /** Goes on without the right one: secrets are left out and have to be entered again. */
  readonly withoutKey: boolean;
  readonly now: () => Date;
  /** For tests. */
  readonly migrations?: readonly Migration[];
}

/** What was restored. */
export interface RestoreSummary extends BackupHeader {
  readonly tables: readonly TableSum[];
  readonly rows: number;
  /** Whether secrets were left out, for want of the master key. */
  readonly isWithoutSecrets: boolean;
  /** Changes to the schema that were made after it: those of a newer version. */
  readonly upgraded: readonly string[];
}

/**
 * Fills an empty database with a backup, in one transaction that ends only when the whole file was read and found as it
 * was written: whatever goes wrong before, or is killed, leaves the database empty. Then the schema is brought up to date.
 * The instance stands still until `usher thaw`.
 *
 * Throws `conflict` with code `notEmpty`, `wrongMasterKey`, `masterKeyMissing` or `databaseTooNew`, and what `opened` of
 * the container throws.
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreSummary> {
  const { pool, migrations = allMigrations } = options;
  const found = await importDatabase(pool, migrations, async (database) => {
    const read: { header: BackupHeader | null; tables: readonly TableSum[] } = { header: null, tables: [] };
    await pipeline(
      options.source,
      (source: AsyncIterable<Buffer>) => opened(source, options.askPassphrase),
      createZstdDecompress(),
      async (bytes: AsyncIterable<Buffer>) => {
        read.tables = await takeFrames(bytes, {
          async header(header) {
            assertKnown(header.migrations, migrations);
            assertKey(header, options);
            read.header = header;
            await database.makeSchema(header.migrations);
          },
          rows: (table, data) => database.rows(table, data),
          sequences: (states) => database.setSequences(states),
        });
      },
    ).catch(explain);
    const { header, tables } = read;
    if (header === null) throw damaged();
    const isWithoutSecrets = header.keyId !== null && header.keyId !== options.keyId;
    if (isWithoutSecrets) await database.forgetSecrets();
    await database.set(FROZEN, { since: options.now().toISOString(), backup: header.createdAt });
    return { header, tables, isWithoutSecrets };
  });
  const upgraded = await migrate(pool, migrations);
  const rows = found.tables.reduce((sum, table) => sum + table.rows, 0);
  await addAuditEntries(pool, [
    {
      at: options.now().toISOString(), kind: 'instance', action: 'instance.restored',
      summary: `Restored from the backup of ${found.header.createdAt}: ${rows} rows.`,
      details: { version: found.header.version, without_secrets: found.isWithoutSecrets },
    },
  ]); // prettier-ignore
  return { ...found.header, tables: found.tables, rows, isWithoutSecrets: found.isWithoutSecrets, upgraded };
}

function assertKnown(made: readonly AppliedMigration[], known: readonly Migration[]): void {
  const unknown = made.filter(({ id }) => !known.some((migration) => migration.id === id));
  if (unknown.length === 0) return;
  throw new UsherError(
    'conflict',
    `The backup was made by a newer Usher: it holds the schema change ${unknown.map(({ id }) => id).join(', ')}, which this version does not know.`,
    { code: 'backupTooNew', next: 'Restore it with the version that made it, or a newer one.' },
  );
}

function assertKey({ keyId, version, createdAt }: BackupHeader, options: RestoreOptions): void {
  if (keyId === null || keyId === options.keyId || options.withoutKey) return;
  const which = `The secrets in this backup (Usher ${version}, ${createdAt}) are sealed under the master key ${keyId}`;
  throw new UsherError(
    'conflict',
    options.keyId === null
      ? `${which}, and there is no master key here.`
      : `${which}; the one here is ${options.keyId}.`,
    {
      code: options.keyId === null ? 'masterKeyMissing' : 'wrongMasterKey',
      next: 'Put its master.key into the data directory or set USHER_MASTER_KEY; without it go on with --without-key, and enter all secrets again. Nothing was changed.',
    },
  );
}

/** What the decompressor says of bytes that were closed in whole is about who closed them. */
function explain(error: unknown): never {
  if (error instanceof Error && 'code' in error && /^(ZSTD_|Z_|ERR_)/.test(String(error.code))) throw damaged();
  throw error;
}
