import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/index.ts';
import { compareStatement, PAGE_PLANNING, resolveStatement } from './stage.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query(
    `insert into account (connection_id, key, collection, scope, email, email_folded, status, roles, extra, content_hash, observed_at, seen_from)
     select case when n % 2 = 0 then 'lastpass' else 'other' end, n::text, 'directory', '', n || '@northwind.example', n || '@northwind.example',
            'active', '{basic}', '{}', gen_random_uuid(), now(), now() from generate_series(1, 100000) n`,
  );
  await database.pool.query(
    `insert into account_volatile (connection_id, key, volatile_extra, volatile_hash)
     select connection_id, key, '{}', content_hash from account`,
  );
  await database.pool.query('analyze account, account_volatile');
});
afterAll(() => database.close());

const plan = (text: string, values: readonly unknown[], settings?: string): Promise<string> =>
  database.transaction(async (client) => {
    const { rows } = await client.query<Record<string, string>>(`explain ${text}`, [...values]);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  }, settings);

const keys = Array.from({ length: 2000 }, (_, i) => String(i + 1));
const hashes = keys.map(() => '00000000-0000-4000-8000-000000000000');
const run = '00000000-0000-4000-8000-000000000001';

it('compares a page by key, not by reading the table', async () => {
  const shown = await plan(compareStatement(['account']), [
    run,
    'directory',
    '',
    0,
    '2026-01-01',
    'lastpass',
    'null',
    keys.length,
    null,
    keys.length,
    0,
    keys,
    hashes,
  ]);
  expect(shown).not.toMatch(/Seq Scan on account\b/);
  expect(shown).not.toMatch(/Seq Scan on account_volatile/);
});

it('resolves addresses by index', async () => {
  const addresses = keys.slice(0, 500).map((key) => `${key}@northwind.example`);
  const shown = await plan(resolveStatement, [run, 'lastpass', addresses], PAGE_PLANNING);
  expect(shown).not.toMatch(/Seq Scan on account\b/);
});
