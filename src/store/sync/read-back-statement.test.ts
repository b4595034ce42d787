import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/index.ts';
import { readBackStatement } from './read-back-statement.ts';
import { PAGE_PLANNING } from './stage.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query(
    `insert into "grant" (connection_id, key, collection, scope, holder_kind, holder_key, target_kind, target_key, permission,
                          path, extra, content_hash, observed_at, seen_from)
     select 'lastpass', n::text, 'directory', '', 'account', n::text, 'group', 'Ops', 'member', '', '{}', gen_random_uuid(),
            now(), now() from generate_series(1, 2000) n`,
  );
  await database.pool.query('analyze "grant"');
});
afterAll(() => database.close());

it.each(['account', 'grant'] as const)('looks for each %s by its key, whatever the size of the table', async (kind) => {
  const values = ['00000000-0000-4000-8000-000000000001', 'lastpass', true, '[]', '[]', 'directory', ''];
  const shown = await database.transaction(async (client) => {
    await client.query(PAGE_PLANNING);
    const { rows } = await client.query<Record<string, string>>(`explain ${readBackStatement(kind)}`, values);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  });
  expect(shown).not.toMatch(/Seq Scan on/);
  expect(shown).not.toMatch(/Hash Join|Merge Join/);
});
