import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pool, PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { UsherError } from '../../model/errors.ts';
import type { JsonValue } from '../../model/records.ts';
import { type AppliedMigration, lockSchema, makeSchema, type Migration } from '../migrate.ts';
import { explainMissingRights } from '../open.ts';
import { quoted, SCHEMA_HISTORY, sequenceNames, type TableShape, tablesInOrder } from './catalogue.ts';
import { PORTABLE, type SequenceState } from './export.ts';

/** A database on its way to hold a backup; nothing of it is seen by others before the work it was given to ends. */
export interface DatabaseImport {
  /** Makes the schema the data is of. Throws `conflict` where this version does not know it. */
  makeSchema(applied: readonly AppliedMigration[]): Promise<void>;
  /** Puts rows (as `DatabaseExport.rows` gave them) into a table and answers how many. */
  rows(table: TableShape, data: AsyncIterable<Buffer>): Promise<number>;
  setSequences(states: readonly SequenceState[]): Promise<void>;
  /** Sets a setting of the instance. */
  set(key: string, value: JsonValue): Promise<void>;
  /** Takes away what nobody can open without the master key, and what was to be done with it. */
  forgetSecrets(): Promise<void>;
}

/**
 * Fills an empty database in one transaction: whatever goes wrong, or is killed, leaves it as empty as it was. Throws
 * `conflict` with code `notEmpty` where something is in it.
 */
export async function importDatabase<T>(
  pool: Pool,
  migrations: readonly Migration[],
  work: (database: DatabaseImport) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let isDone = false;
  try {
    await client.query(`begin; ${PORTABLE}`);
    await lockSchema(client);
    await clearEmptySchema(client);
    const result = await work(into(client, migrations));
    await client.query('commit');
    isDone = true;
    await client.query('analyze').catch(() => undefined); // the server's own hand does it later
    return result;
  } catch (error) {
    return explainMissingRights(error);
  } finally {
    client.release(!isDone);
  }
}

function into(client: PoolClient, migrations: readonly Migration[]): DatabaseImport {
  const shapes = new Map<string, ReadonlySet<string>>();
  return {
    async makeSchema(applied) {
      await makeSchema(client, migrations, applied);
      const tables = (await tablesInOrder(client)).filter(({ name }) => name !== SCHEMA_HISTORY);
      for (const { name, columns } of tables) shapes.set(name, new Set(columns));
      // Migrations leave first rows of their own (the feed's).
      await client.query(`truncate ${tables.map(({ name }) => quoted(name)).join(', ')}`);
    },
    async rows({ name, columns }, data) {
      const known = shapes.get(name);
      if (known === undefined || columns.length === 0 || !columns.every((column) => known.has(column))) {
        throw new UsherError('conflict', `The backup holds a table ${JSON.stringify(name)} that its schema has not.`, {
          code: 'backupDamaged',
        });
      }
      const stream = client.query(copyFrom(`copy ${quoted(name)} (${columns.map(quoted).join(', ')}) from stdin`));
      await pipeline(Readable.from(data, { objectMode: true }), stream);
      return stream.rowCount;
    },
    async setSequences(states) {
      const known = new Set(await sequenceNames(client));
      for (const { name, value, isCalled } of states) {
        if (known.has(name))
          await client.query('select setval($1::regclass, $2::bigint, $3)', [quoted(name), value, isCalled]);
      }
    },
    async set(key, value) {
      await client.query(
        `insert into instance (key, value) values ($1, $2)
         on conflict (key) do update set value = excluded.value, updated_at = clock_timestamp()`,
        [key, JSON.stringify(value)],
      );
    },
    async forgetSecrets() {
      await client.query(`delete from instance where key in ('master_key_check', 'retired_keys', 'key_rotation')`);
      await client.query(
        `update connection set state = 'paused', next_sync_at = null,
                paused_reason = 'Restored without the master key: its secrets have to be entered again.'
          where id in (select substr(owner, 12) from secret where owner like 'connection:%')`,
      );
      await client.query('delete from secret');
      if (shapes.has('plan'))
        await client.query(`update plan set state = 'expired' where state in ('waiting', 'ready')`);
    },
  };
}

/** Removes the empty tables of an Usher that was never started; refuses whatever is not that. */
async function clearEmptySchema(client: PoolClient): Promise<void> {
  const tables = await tablesInOrder(client);
  if (tables.length === 0) return;
  if (!tables.some(({ name }) => name === SCHEMA_HISTORY)) throw notEmpty('holds tables that are not of Usher');
  // Whoever was started has a first administrator; other rows may be there from the migrations themselves.
  for (const name of ['principal', 'connection']) {
    if (!tables.some((table) => table.name === name)) continue;
    const { rows } = await client.query(`select from ${quoted(name)} limit 1`);
    if (rows.length > 0) throw notEmpty('is in use by an Usher');
  }
  await client.query(`drop table ${tables.map(({ name }) => quoted(name)).join(', ')}`);
  const sequences = await sequenceNames(client);
  if (sequences.length > 0) await client.query(`drop sequence ${sequences.map(quoted).join(', ')}`);
}

function notEmpty(why: string): UsherError {
  return new UsherError('conflict', `A backup is restored into an empty database, and this one ${why}.`, {
    code: 'notEmpty',
    next: 'Name an empty data directory with --data-dir or USHER_DATA_DIR; on a server make a database for it (create database usher_restored) and set DATABASE_URL. Nothing was changed.',
  });
}
