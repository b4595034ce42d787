import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { BackupSummary } from '../../backup/index.ts';
import type { CommonOptions, Context } from '../context.ts';
import { dataDirectory } from '../credentials.ts';
import { EXIT, usage } from '../failure.ts';
import { assertDatabase, withLocalDatabase } from '../local-database.ts';
import { prepareDataDirectory } from '../start-up.ts';
import { localTime, printable } from '../text.ts';

interface PlaceOptions extends CommonOptions {
  readonly dataDir?: string;
  readonly passphraseFile?: string;
}

export interface BackupOptions extends PlaceOptions {
  readonly encrypt?: boolean;
  readonly force?: boolean;
}

export interface RestoreOptions extends PlaceOptions {
  readonly withoutKey?: boolean;
}

const STDOUT = '-';

/** `usher backup FILE`: the whole database in a file. Says at once what is not in it: the master key. */
export async function backup(
  context: Context,
  [file = '']: readonly string[],
  options: BackupOptions,
): Promise<number> {
  const { environment, out, isJson } = context;
  if (file === STDOUT && (out.isTerminal || isJson)) {
    throw usage('A backup goes to a file or a pipe, not to a terminal or among JSON.', 'Name a file.');
  }
  const dataDir = options.dataDir ?? dataDirectory(environment);
  const [{ backUpToFile, writeBackup }, { VERSION }] = await Promise.all([
    import('../../backup/index.ts'),
    import('../../version.ts'),
  ]);
  await assertDatabase(context, dataDir);
  const passphrase = await newPassphrase(context, options);
  const summary = await withLocalDatabase(context, dataDir, { isShared: true }, async (database) => {
    const making = {
      pool: database.pool,
      postgres: database.postgres.version,
      version: VERSION,
      passphrase,
      now: context.now,
    };
    return file === STDOUT
      ? writeBackup(making, process.stdout)
      : backUpToFile({ ...making, file, mayReplace: options.force === true });
  });
  if (isJson) out.json({ file, ...bodyOf(summary), bytes: summary.bytes, encrypted: summary.isEncrypted });
  else describe(context, file, summary);
  return EXIT.ok.code;
}

function describe({ out }: Context, file: string, { rows, bytes, keyId, isEncrypted }: BackupSummary): void {
  const where = file === STDOUT ? 'standard output' : printable(file);
  out.note(`Backed up ${rows} rows to ${where} (${sizeOf(bytes)}).`);
  if (keyId !== null) {
    out.note(`The master key is not in it. Its secrets open with the key ${keyId} alone: keep that elsewhere.`);
  }
  if (!isEncrypted) out.note('It is not encrypted: it holds names, addresses and rights of people. See --encrypt.');
}

/** `usher restore FILE`: an empty data directory or database becomes what the backup holds, and stands still. */
export async function restore(
  context: Context,
  [file = '']: readonly string[],
  options: RestoreOptions,
): Promise<number> {
  const { environment, out, isJson } = context;
  const dataDir = options.dataDir ?? dataDirectory(environment);
  const [{ openBackupFile, restoreBackup }, { masterKeyHere }] = await Promise.all([
    import('../../backup/index.ts'),
    import('../../secrets/index.ts'),
  ]);
  const source = file === STDOUT ? process.stdin : await openBackupFile(file);
  await prepareDataDirectory(dataDir);
  const keyId = await masterKeyHere({ dataDir, masterKey: environment['USHER_MASTER_KEY'] || null });
  const summary = await withLocalDatabase(context, dataDir, { isShared: false }, async ({ pool }) =>
    restoreBackup({
      pool,
      source,
      askPassphrase: () => knownPassphrase(context, options),
      keyId,
      withoutKey: options.withoutKey === true,
      now: context.now,
    }),
  );
  if (isJson) {
    const { isWithoutSecrets, upgraded } = summary;
    out.json({ ...bodyOf(summary), without_secrets: isWithoutSecrets, upgraded, frozen: true });
    return EXIT.ok.code;
  }
  out.line(`Restored ${summary.rows} rows of ${localTime(summary.createdAt)} (Usher ${printable(summary.version)}).`);
  if (summary.isWithoutSecrets) {
    out.line(
      'Its secrets were left out. Enter those of each connection: usher connections edit CONNECTION --new-secret',
    );
  }
  out.line(
    'It stands still: no sync, no change goes out. Tokens are good again as they were then, also those revoked since.',
  );
  out.note('Next: start the server, see that no other Usher runs on the same apps, then: usher thaw');
  return EXIT.ok.code;
}

/** `usher freeze`: for a database that came back by other means than `usher restore`. */
export async function freeze(context: Context, _: readonly string[], options: PlaceOptions): Promise<number> {
  const dataDir = options.dataDir ?? dataDirectory(context.environment);
  const [{ freeze: standStill, frozenSince }, { addAuditEntries }] = await Promise.all([
    import('../../store/instance.ts'),
    import('../../store/audit/inbox.ts'),
  ]);
  await assertDatabase(context, dataDir);
  const since = await withLocalDatabase(context, dataDir, { isShared: true }, async ({ pool }) => {
    const at = context.now().toISOString();
    await standStill(pool, at);
    await addAuditEntries(pool, [
      { at, kind: 'instance', action: 'instance.frozen', summary: 'It was made to stand still.' },
    ]);
    return frozenSince(pool);
  });
  if (context.isJson) context.out.json({ frozen_since: since });
  else context.out.line(`It stands still since ${localTime(since)}: no sync, no change goes out. To go on: usher thaw`);
  return EXIT.ok.code;
}

/** `usher thaw`: an administrator has looked at what was restored. */
export async function thaw(context: Context): Promise<number> {
  const client = await context.client();
  const answer = await client.read(z.object({ was_frozen_since: z.string().nullable() }), (usher) =>
    usher.POST('/v1/thaw', { body: {} }),
  );
  if (context.isJson) context.out.json(answer);
  else if (answer.was_frozen_since === null) context.out.line('It did not stand still.');
  else context.out.line(`It goes on; it stood still since ${localTime(answer.was_frozen_since)}.`);
  return EXIT.ok.code;
}

async function newPassphrase(context: Context, options: BackupOptions): Promise<string | null> {
  const given = await givenPassphrase(context, options);
  if (given !== null || options.encrypt !== true) return given;
  const passphrase = await context.prompt.secret('Passphrase: ');
  if (passphrase === '') throw usage('An empty passphrase protects nothing.');
  if ((await context.prompt.secret('Again: ')) !== passphrase) throw usage('The two were not the same.', 'Try again.');
  return passphrase;
}

async function knownPassphrase(context: Context, options: RestoreOptions): Promise<string | null> {
  const given = await givenPassphrase(context, options);
  if (given !== null || !context.prompt.isPossible) return given;
  return context.prompt.secret('Passphrase: ');
}

/** Never from the command line: others on the machine can read that. */
async function givenPassphrase({ environment }: Context, { passphraseFile }: PlaceOptions): Promise<string | null> {
  if (passphraseFile === undefined) return environment['USHER_BACKUP_PASSPHRASE'] || null;
  const text = await readFile(passphraseFile, 'utf8').catch((error: unknown) => {
    throw usage(`The passphrase file cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  });
  const [line = ''] = text.split(/\r?\n/, 1);
  if (line === '') throw usage(`The first line of ${passphraseFile} is empty.`);
  return line;
}

function bodyOf({ createdAt, version, databaseId, keyId, rows, tables }: Omit<BackupSummary, 'bytes' | 'isEncrypted'>) {
  return { created_at: createdAt, version, database_id: databaseId, key_id: keyId, rows, tables };
}

function sizeOf(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
