import { sql } from 'kysely';
import { Pool } from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { silentLog } from './log.ts';
import { openDatabase } from './open.ts';
import { toIso } from './pool.ts';
import { testDatabase } from './testing/index.ts';

const database = await testDatabase();
afterAll(() => database.close());

describe('rows', () => {
  test('have numbers for int8 and ISO strings in UTC for timestamptz, in arrays too', async () => {
    const { rows } = await database.pool
      .query(`select 9007199254740991::bigint as big, array[1, null]::bigint[] as bigs,
      timestamptz '2026-11-22 03:04:05.12+01' as at, array[timestamptz '2026-11-22 03:04:05+01', null] as times,
      null::timestamptz as never, array[]::bigint[] as none`);
    expect(rows).toEqual([
      {
        big: Number.MAX_SAFE_INTEGER, bigs: [1, null], at: '2026-11-22T02:04:05.120Z',
        times: ['2026-11-22T02:04:05.000Z', null], never: null, none: [],
      },
    ]); // prettier-ignore
  });

  test('are in UTC whatever the session says', async () => {
    const client = await database.pool.connect();
    await client.query(`set timezone = 'Asia/Kathmandu'`);
    const { rows } = await client.query(`select timestamptz '2026-11-22 03:04:05.123456+01' as at`);
    client.release(true);
    expect(rows).toEqual([{ at: '2026-11-22T02:04:05.123456Z' }]);
  });

  test('come by kysely with the same types', async () => {
    const { rows } = await sql<{ n: number }>`select count(*) as n from principal`.execute(database.query);
    expect(rows).toEqual([{ n: 0 }]);
  });

  test('that a number cannot hold are an error, not a wrong number', async () => {
    await expect(database.pool.query('select 9007199254740993::bigint as n')).rejects.toThrow('too large');
  });

  test('of other pools keep the types of node-postgres', async () => {
    const other = new Pool({ connectionString: database.url });
    const { rows } = await other.query('select 1::bigint as n');
    await other.end();
    expect(rows).toEqual([{ n: '1' }]);
  });

  test('keep infinity as Postgres says it', () => {
    expect(toIso('infinity')).toBe('infinity');
  });
});

describe('a transaction', () => {
  test('is committed when its work is done, and answers with its result', async () => {
    const id = await database.transaction(async (client) => {
      await client.query(`insert into instance (key, value) values ('done', '1')`);
      return 7;
    });
    expect(id).toBe(7);
    expect((await database.pool.query(`select value from instance where key = 'done'`)).rows).toEqual([{ value: 1 }]);
  });

  test('is rolled back when its work throws, which is thrown on, and its connection is fit for use', async () => {
    const failing = database.transaction(async (client) => {
      await client.query(`insert into instance (key, value) values ('undone', '1')`);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect((await database.pool.query(`select from instance where key = 'undone'`)).rowCount).toBe(0);
  });

  test('on a connection that breaks gives that connection up', async () => {
    const failing = database.transaction((client) => client.query('select pg_terminate_backend(pg_backend_pid())'));
    await expect(failing).rejects.toThrow('terminat');
    expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });
});

describe('a database server', () => {
  test('is described without its password', async () => {
    const url = new URL(database.url);
    url.password = 'canary-password';
    const opened = await openDatabase({ dataDir: '', databaseUrl: url.href, log: silentLog });
    await opened.close();
    expect(opened.postgres.mode).toBe('server');
    expect(JSON.stringify(opened.postgres)).not.toContain('canary-password');
  });

  test('with another encoding than UTF8 is refused', async () => {
    const name = 't_ascii_encoding';
    await database.pool.query(`create database ${name} encoding 'SQL_ASCII' locale 'C' template template0`);
    const url = new URL(database.url);
    url.pathname = `/${name}`;
    const opening = openDatabase({ dataDir: '', databaseUrl: url.href, log: silentLog });
    await expect(opening).rejects.toMatchObject({ kind: 'unsupported', details: { code: 'databaseEncoding' } });
    await database.pool.query(`drop database ${name}`);
  });

  test('whose user may not make tables says what to grant', async () => {
    await database.pool.query(`create role t_weak login`);
    const empty = await testDatabase({ migrations: [] });
    const url = new URL(empty.url);
    url.username = 't_weak';
    const opening = openDatabase({ dataDir: '', databaseUrl: url.href, log: silentLog });
    await expect(opening).rejects.toMatchObject({ kind: 'permission', details: { code: 'databaseRights' } });
    await empty.close();
    await database.pool.query('drop role t_weak');
  });

  test('that is not there is a clear error, without its password', async () => {
    const databaseUrl = 'postgresql://usher:canary-password@127.0.0.1:1/usher';
    const error: unknown = await openDatabase({ dataDir: '', databaseUrl, log: silentLog }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ kind: 'transient', details: { code: 'databaseUnreachable' } });
    expect(JSON.stringify(error) + String(error)).not.toContain('canary-password');
  });
});
