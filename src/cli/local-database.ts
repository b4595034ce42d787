import { UsherError } from '../model/errors.ts';
import type { Database } from '../store/open.ts';
import type { Context } from './context.ts';
import { dataDirectoryFailure } from './start-up.ts';

/** Throws `notFound` where there is no database yet; a look alone would otherwise make one. */
export async function assertDatabase({ environment }: Pick<Context, 'environment'>, dataDir: string): Promise<void> {
  const { hasEmbeddedData } = await import('../doctor/machine.ts');
  if (environment['DATABASE_URL'] || (await hasEmbeddedData(dataDir))) return;
  throw new UsherError('notFound', `There is no database in the data directory ${dataDir}.`, {
    next: 'Name it with --data-dir or USHER_DATA_DIR, or a server with DATABASE_URL.',
  });
}

/** Lends the database as it is, its schema unchanged; `isShared`: also where a server runs on it. */
export async function withLocalDatabase<T>(
  { environment }: Pick<Context, 'environment'>,
  dataDir: string,
  { isShared }: { readonly isShared: boolean },
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const [{ openDatabase }, { silentLog }] = await Promise.all([import('../store/open.ts'), import('../store/log.ts')]);
  const database = await openDatabase({
    dataDir,
    databaseUrl: environment['DATABASE_URL'] || null,
    log: silentLog,
    attach: isShared,
    keepsSchema: true,
    poolSize: 2,
  }).catch((error: unknown) => {
    throw dataDirectoryFailure(error, dataDir) ?? error;
  });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
