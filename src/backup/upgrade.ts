import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toUsherError, UsherError } from '../model/errors.ts';
import type { Log } from '../store/log.ts';
import type { Database } from '../store/open.ts';
import { backUpToFile } from './backup.ts';

const KEPT = 2;
const NAME = /^before-upgrade-\d{8}T\d{6}\d*Z\.usher$/;

/**
 * Keeps the database as it is before a newer version changes its schema: in `backups/` of the data directory, which keeps
 * the last two. Throws where that cannot be done, and then nothing must be changed. Not encrypted: it lies beside the
 * database itself.
 */
export async function backUpBeforeUpgrade(options: {
  readonly dataDir: string;
  readonly pool: Database['pool'];
  readonly postgres: string;
  readonly version: string;
  readonly now: () => Date;
  readonly log: Log;
}): Promise<string> {
  const folder = join(options.dataDir, 'backups');
  const file = join(folder, `before-upgrade-${options.now().toISOString().replaceAll(/[-:.]/g, '')}.usher`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await backUpToFile({ ...options, file, passphrase: null, mayReplace: false });
    const old = (await readdir(folder))
      .filter((name) => NAME.test(name))
      .toSorted()
      .slice(0, -KEPT);
    for (const name of old) await rm(join(folder, name), { force: true });
  } catch (error) {
    throw new UsherError(
      toUsherError(error).kind,
      `The database is older than this version, and the backup before changing it failed: ${toUsherError(error).message}`,
      {
        code: 'upgradeBackupFailed',
        next: `Make room in ${folder}, then start again; nothing was changed. USHER_UPGRADE_BACKUP=off leaves the backup out.`,
        cause: error,
      },
    );
  }
  options.log.info({ file }, 'kept a backup from before the upgrade');
  return file;
}
