// A database that has no room: every write is refused with the SQLSTATE of a full disk, everything else works.
import { silentLog } from '../../src/store/log.ts';
import { type Database, openDatabase } from '../../src/store/open.ts';

const TABLES = `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'dbos')`;

/** From now on no table of the Usher on this data directory takes a row: `disk_full`, as Postgres says it. */
export async function fillDisk(dataDir: string): Promise<void> {
  await onTables(dataDir, async ({ pool }, names) => {
    await pool.query(`
      create or replace function disk_is_full() returns trigger language plpgsql as $$
        begin raise exception 'the disk is full for a test' using errcode = 'disk_full'; end $$`);
    const triggers = names.map(
      (name) =>
        `create trigger disk_is_full before insert or update or delete on ${name} execute function disk_is_full();`,
    );
    await pool.query(triggers.join('\n'));
  });
}

/** Tables take rows again. */
export async function makeRoom(dataDir: string): Promise<void> {
  await onTables(dataDir, async ({ pool }, names) => {
    await pool.query(names.map((name) => `drop trigger disk_is_full on ${name};`).join('\n'));
  });
}

async function onTables(
  dataDir: string,
  work: (database: Database, names: readonly string[]) => Promise<void>,
): Promise<void> {
  const database = await openDatabase({ dataDir, log: silentLog, attach: true, keepsSchema: true });
  try {
    const { rows } = await database.pool.query<{ name: string }>(TABLES);
    await work(
      database,
      rows.map(({ name }) => name),
    );
  } finally {
    await database.close();
  }
}
