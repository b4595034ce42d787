import { UsherError } from '../../model/errors.ts';
import type { CommonOptions, Context } from '../context.ts';
import { dataDirectory } from '../credentials.ts';
import { EXIT } from '../failure.ts';
import { assertDatabase, withLocalDatabase } from '../local-database.ts';
import { counted } from '../text.ts';

export interface RotateOptions extends CommonOptions {
  readonly dataDir?: string;
}

/** `usher key rotate`: another master key; every secret stays what it is. */
export async function rotate(context: Context, _: readonly string[], options: RotateOptions): Promise<number> {
  const { environment, out, isJson } = context;
  const dataDir = options.dataDir ?? dataDirectory(environment);
  const masterKey = environment['USHER_MASTER_KEY'] || null;
  const [{ rotateMasterKey }, { missingMigrations }, { migrations }] = await Promise.all([
    import('../../keys/rotate.ts'),
    import('../../store/migrate.ts'),
    import('../../store/migrations/index.ts'),
  ]);
  await assertDatabase(context, dataDir);
  const summary = await withLocalDatabase(context, dataDir, { isShared: true }, async (database) => {
    if ((await missingMigrations(database.pool, migrations)) > 0) {
      throw new UsherError('conflict', 'The database is older than this version.', {
        next: 'Start the server of this version once, then change the key.',
      });
    }
    return rotateMasterKey({ dataDir, masterKey, nextKey: environment['USHER_MASTER_KEY_NEXT'] || null }, database);
  });
  const { isNew, from, to, secrets, plans, alteredPlans } = summary;
  if (isJson) {
    out.json({ new: isNew, from, to, secrets, plans, altered_plans: alteredPlans });
    return EXIT.ok.code;
  }
  out.line(isNew ? `The master key is now ${to}; it was ${from}.` : `The change to the master key ${to} is finished.`);
  out.line(`${counted(secrets, 'secret')} wrapped and ${counted(plans, 'plan')} signed anew.`);
  if (alteredPlans > 0) {
    out.line(`${counted(alteredPlans, 'plan')} left as found: somebody changed them in the database.`);
  }
  out.note(
    masterKey === null
      ? `It is in master.key of the data directory. Keep master.key.retired-${from} elsewhere for backups made before, then delete it here.`
      : 'Start the servers with it as USHER_MASTER_KEY and without USHER_MASTER_KEY_NEXT. Keep the old one for backups made before.',
  );
  return EXIT.ok.code;
}
