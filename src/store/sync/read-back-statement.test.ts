import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/index.ts';
import { readBackStatement } from './read-back-statement.ts';
import { PAGE_PLANNING } from './stage.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query(`
    insert into account (connection_id, key, collection, scope, status, roles, extra, content_hash, observed_at, seen_from)
    select 'lastpass', n::text, 'directory', '', 'active', '{}', '{}', gen_random_uuid(), now(), now()
      from generate_series(1, 5000) n;
    insert into account_volatile (connection_id, key, volatile_extra, volatile_hash)
    select connection_id, key, '{}', content_hash from account;
    insert into "grant" (connection_id, key, collection, scope, holder_kind, holder_key, target_kind, target_key, permission,
                         path, extra, content_hash, observed_at, seen_from)
    select 'lastpass', key, 'directory', '', 'account', key, 'group', 'Ops', 'member', '', '{}', content_hash, now(), now()
      from account;
    insert into read_back (connection_id, kind, key, observed_at, is_absent)
    select connection_id, kind, key, now(), false from account, unnest('{account,grant}'::text[]) kind;
    analyze account, account_volatile, "grant", read_back`);
});
afterAll(() => database.close());

it.each(['account', 'grant'] as const)('looks for each %s by its key, not through the connection', async (kind) => {
  const values = ['00000000-0000-4000-8000-000000000001', 'lastpass', true, '[]', '[]', 'directory', ''];
  const shown = await database.transaction(async (client) => {
    await client.query(PAGE_PLANNING);
    const { rows } = await client.query<Record<string, string>>(`explain ${readBackStatement(kind)}`, values);
    return rows.map((row) => row['QUERY PLAN'] ?? '');
  });
  const scans = shown.flatMap((line, i) =>
    /Scan .*on (account|account_volatile|"grant"|read_back)(?!\w)/.test(line) ? [`${line.trim()} ${shown[i + 1]}`] : [],
  );
  expect(scans.length).toBeGreaterThan(5);
  expect(scans.filter((scan) => !/Index Cond: .*key/.test(scan))).toEqual([]);
});
