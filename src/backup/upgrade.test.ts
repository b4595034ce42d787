import { mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UNSAFE_BUT_FAST } from '../store/embedded/settings.ts';
import { silentLog } from '../store/log.ts';
import { appliedMigrations } from '../store/migrate.ts';
import { migrations } from '../store/migrations/index.ts';
import { openDatabase } from '../store/open.ts';
import { testDatabase } from '../store/testing/index.ts';
import { openBackupFile } from './backup.ts';
import { restoreBackup } from './restore.ts';
import { backUpBeforeUpgrade } from './upgrade.ts';

let dataDir: string;
let days = 0;
const now = (): Date => new Date(Date.UTC(2026, 10, 22 + days));

beforeAll(async () => void (dataDir = await realpath(await mkdtemp(join(tmpdir(), 'usher-upgrade-')))));
afterAll(() => rm(dataDir, { recursive: true, force: true, maxRetries: 20 }));

/** A start of a version that knows so many changes of the schema. */
async function start(known: number): Promise<number> {
  const database = await openDatabase({
    dataDir,
    log: silentLog,
    migrations: migrations.slice(0, known),
    settings: UNSAFE_BUT_FAST,
    beforeUpgrade: async ({ pool, version }) => {
      await backUpBeforeUpgrade({ dataDir, pool, postgres: version, version: '0.1.0', now, log: silentLog });
    },
  });
  days += 1;
  const { length } = await appliedMigrations(database.pool);
  await database.close();
  return length;
}

async function backups(): Promise<string[]> {
  const names: string[] = await readdir(join(dataDir, 'backups')).catch(() => []);
  return names.toSorted();
}

test('an embedded database is backed up before a newer version changes its schema, and the last two are kept', async () => {
  expect(await start(1)).toBe(1);
  expect(await start(1)).toBe(1);
  expect(await backups()).toEqual([]);
  for (const known of [2, 3, 4]) expect(await start(known)).toBe(known);
  expect(await backups()).toEqual([
    'before-upgrade-20261125T000000000Z.usher',
    'before-upgrade-20261126T000000000Z.usher',
  ]);

  const target = await testDatabase({ migrations: [] });
  await target.pool.query('drop table schema_migration');
  const source = await openBackupFile(join(dataDir, 'backups', 'before-upgrade-20261126T000000000Z.usher'));
  const restored = await restoreBackup({
    pool: target.pool, source, askPassphrase: async () => null, keyId: null, withoutKey: false, now,
  }); // prettier-ignore
  await target.close();
  expect(restored.migrations.map(({ id }) => id)).toEqual(migrations.slice(0, 3).map(({ id }) => id));
  expect(restored.upgraded).toEqual(migrations.slice(3).map(({ id }) => id));
});

test('the schema stays as it is where that backup cannot be made', async () => {
  await rm(join(dataDir, 'backups'), { recursive: true });
  await writeFile(join(dataDir, 'backups'), 'in the way');
  await expect(start(5)).rejects.toMatchObject({ details: { code: 'upgradeBackupFailed' } });
  expect(await start(4)).toBe(4);
});
