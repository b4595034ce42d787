import { describe, expect, test } from 'vitest';
import { migrate, type Migration } from './migrate.ts';
import { createPool } from './pool.ts';
import { testDatabase, type TestDatabase } from './testing/index.ts';

const first: Migration = { id: '0001_first', sql: 'create table one (a int); create table two (b int);' };
const second: Migration = { id: '0002_second', sql: 'create table three (c int); insert into one values (1);' };

async function fresh<T>(work: (pool: TestDatabase['pool'], url: string) => Promise<T>): Promise<T> {
  const own = await testDatabase({ migrations: [] });
  try {
    return await work(own.pool, own.url);
  } finally {
    await own.close();
  }
}

const applied = async (pool: TestDatabase['pool']) =>
  (await pool.query<{ id: string }>('select id from schema_migration order by id')).rows.map(({ id }) => id);

describe('migrations', () => {
  test('run in order, each once', () =>
    fresh(async (pool) => {
      expect(await migrate(pool, [first])).toEqual(['0001_first']);
      expect(await migrate(pool, [first, second])).toEqual(['0002_second']);
      expect(await migrate(pool, [first, second])).toEqual([]);
      expect(await applied(pool)).toEqual(['0001_first', '0002_second']);
    }));

  test('that fail leave nothing of themselves, and what came before stays', () =>
    fresh(async (pool) => {
      const broken: Migration = { id: '0002_broken', sql: 'create table half (a int); select 1 / 0;' };
      await expect(migrate(pool, [first, broken])).rejects.toThrow('division by zero');
      expect(await applied(pool)).toEqual(['0001_first']);
      const { rows } = await pool.query(`select to_regclass('half') as half, to_regclass('one') as one`);
      expect(rows).toEqual([{ half: null, one: 'one' }]);
    }));

  test('of two processes at once are applied once, and both succeed', () =>
    fresh(async (pool, url) => {
      const other = createPool({ connectionString: url });
      const results = await Promise.all([pool, other, pool, other].map((each) => migrate(each, [first, second])));
      await other.end();
      expect(results.flat().toSorted()).toEqual(['0001_first', '0002_second']);
    }));

  test('refuse a database that a newer version made', () =>
    fresh(async (pool) => {
      await migrate(pool, [first, second]);
      await expect(migrate(pool, [first])).rejects.toMatchObject({
        kind: 'conflict',
        message: expect.stringContaining('newer Usher: it holds the schema change 0002_second'),
        details: { code: 'databaseTooNew' },
      });
    }));

  test('refuse a database in which one of them ran with another text', () =>
    fresh(async (pool) => {
      await migrate(pool, [first]);
      const edited = { ...first, sql: `${first.sql} -- edited` };
      await expect(migrate(pool, [edited])).rejects.toMatchObject({ details: { code: 'migrationChanged' } });
    }));

  test('refuse a gap: one that was slipped in before others that ran', () =>
    fresh(async (pool) => {
      const later: Migration = { id: '0002_later', sql: 'create table later (a int)' };
      await migrate(pool, [later]);
      await expect(migrate(pool, [first, later])).rejects.toMatchObject({ details: { code: 'migrationChanged' } });
    }));

  test('that end others are refused while a worker lives, and run when none does', () =>
    fresh(async (pool) => {
      const worker = { id: '0001_worker', sql: 'create table worker (id text, version text, expires_at timestamptz);' };
      const breaking: Migration = {
        id: '0002_breaking',
        sql: 'alter table worker drop column version',
        endsOthers: true,
      };
      await migrate(pool, [worker]);
      await pool.query(`insert into worker values ('here-7.1', '0.1.0', clock_timestamp() + interval '1 hour')`);
      await expect(migrate(pool, [worker, breaking])).rejects.toMatchObject({
        kind: 'conflict',
        message: expect.stringContaining('0002_breaking needs all other processes stopped'),
        details: { code: 'workersLive' },
      });
      await expect(migrate(pool, [worker, breaking])).rejects.toThrow('here-7.1 (0.1.0)');
      await pool.query(`update worker set expires_at = clock_timestamp() - interval '1 second'`);
      expect(await migrate(pool, [worker, breaking])).toEqual(['0002_breaking']);
    }));

  test('that end others ask for nobody where nobody else can be, nor where there was never a worker', () =>
    fresh(async (pool) => {
      const breaking: Migration = { ...first, endsOthers: true };
      expect(await migrate(pool, [breaking])).toEqual(['0001_first']);
      const worker: Migration = {
        id: '0002_worker',
        sql: `create table worker as select 'dead.1' as id, '0.1.0' as version, 'infinity'::timestamptz as expires_at`,
      };
      const next: Migration = { ...second, id: '0003_next', endsOthers: true };
      expect(await migrate(pool, [breaking, worker, next], true)).toEqual(['0002_worker', '0003_next']);
    }));
});
