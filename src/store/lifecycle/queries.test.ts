import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/index.ts';
import { deletePlanSecrets, expirePlans, listPlans } from './plans.ts';
import { progressAfter } from './runs.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query(`
    insert into connection (id, connector, settings, mapping_version, created_at, updated_at)
      select 'c' || n, 'x', '{}', 1, now(), now() from generate_series(0, 2) n;
    insert into plan (id, connection_id, header, root_hash, mac, state, action, effect, requested_by, changes, created_at, expires_at)
      select 'p' || n, 'c' || n % 3, '{}', '', '', case when n % 1000 = 0 then 'waiting' else 'applied' end, 'a', 'write', 'ada', 1,
             timestamptz '2026-01-01' + n * interval '1 minute', timestamptz '2026-02-01' + n * interval '1 minute'
        from generate_series(1, 20000) n;
    insert into secret (owner, name, sealed) select 'plan:p' || n || ':0', 'password', 'x' from generate_series(1, 20000) n;
    insert into plan_change (plan_id, ordinal, subject_key, content, mac)
      select 'p1', n, 'k', format('{"subject": {}, "summary": "%s"}', repeat('x', 800)), '' from generate_series(0, 9999) n;
    insert into run (id, plan_id, connection_id, requested_by, state)
      values ('00000000-0000-4000-8000-000000000001', 'p1', 'c1', 'ada', 'running');
    insert into run_change (run_id, ordinal, connection_id, requested_by, subject_key)
      select '00000000-0000-4000-8000-000000000001', n, 'c1', 'ada', 'k' from generate_series(0, 9999) n;
    analyze plan, plan_change, run, run_change, secret, connection`);
});
afterAll(() => database.close());

/** Runs a query of this room so that it shows how it is carried out. */
async function planOf(query: (on: TestDatabase['pool']) => Promise<unknown>): Promise<string> {
  let shown = '';
  const explaining = {
    query: async (text: string, values: unknown[]) => {
      const { rows } = await database.pool.query<Record<string, string>>(`explain ${text}`, values);
      shown = rows.map((row) => row['QUERY PLAN']).join('\n');
      return { rows: [] };
    },
  };
  await query(explaining as unknown as TestDatabase['pool']);
  return shown;
}
const newest = { states: null, before: null, limit: 50 };

describe('with many plans', () => {
  test('a list reads as many as it shows, of one connection and of all', async () => {
    for (const connectionIds of [null, ['c1']]) {
      const shown = await planOf((on) => listPlans(on, { ...newest, connectionIds }));
      expect(shown).toContain('plan_connection');
      expect(shown).not.toMatch(/Seq Scan on plan\b/);
    }
  });

  test('progress reads what moved, by position', async () => {
    const run = '00000000-0000-4000-8000-000000000001';
    const shown = await planOf((on) => progressAfter(on, run, 9900, 1000));
    expect(shown).toContain('run_change_seq_order');
    expect(shown).not.toMatch(/Seq Scan on (?:run|plan)_change\b/);
  });

  test('secrets of a plan are found by their owner', async () => {
    expect(await planOf((on) => deletePlanSecrets(on, ['p1', 'p2']))).not.toMatch(/Seq Scan on secret\b/);
  });

  test('the sweep ends those whose time is over, and no others', async () => {
    const ended = await expirePlans(database.pool, '2026-02-01T16:40:00Z'); // a thousand minutes
    expect(ended).toEqual(['p1000']);
    expect(await listPlans(database.pool, { ...newest, connectionIds: null, states: ['expired'] })).toMatchObject([
      { id: 'p1000' },
    ]);
    expect(await planOf((on) => expirePlans(on, '2026-02-01T16:40:00Z'))).toContain('plan_open');
  });
});
