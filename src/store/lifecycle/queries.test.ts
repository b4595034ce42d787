import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/index.ts';
import { WorkTaken } from '../../model/taken.ts';
import { endChanges, type EndedChange, journal } from './journal.ts';
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
async function planOf(
  query: (on: TestDatabase['pool']) => Promise<unknown>,
  by: Pick<PoolClient, 'query'> = database.pool,
): Promise<string> {
  let shown = '';
  const explaining = {
    query: async (query: string | { readonly text: string; readonly values: unknown[] }, given: unknown[]) => {
      const { text, values } = typeof query === 'string' ? { text: query, values: given } : query;
      const { rows } = await by.query<Record<string, string>>(`explain ${text}`, values);
      shown = rows.map((row) => row['QUERY PLAN']).join('\n');
      return { rows: [] };
    },
  };
  await query(explaining as unknown as TestDatabase['pool']).catch((error: unknown) => {
    if (!(error instanceof WorkTaken)) throw error; // nothing was written, so nobody said that the run is theirs
  });
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

test('changes of a run are found by their whole key, before statistics know how large it is', async () => {
  // As far as these know, a run has ten changes.
  await database.pool.query(`
    delete from run_change;
    insert into plan (id, connection_id, header, root_hash, mac, state, action, effect, requested_by, changes, created_at, expires_at)
      select 'q' || n, 'c1', '{}', '', '', 'applied', 'a', 'write', 'ada', 1, now(), now() from generate_series(1, 1000) n;
    insert into run (id, plan_id, connection_id, requested_by, state)
      select md5(id)::uuid, id, 'c1', 'ada', 'succeeded' from plan where id like 'q%';
    insert into run_change (run_id, ordinal, connection_id, requested_by, subject_key)
      select r.id, n, 'c1', 'ada', 'k' from run r cross join generate_series(0, 9) n where plan_id like 'q%';
    analyze run, run_change`);
  const run = { id: '00000000-0000-4000-8000-000000000001', epoch: 1 };
  await database.pool.query(
    `insert into run_change (run_id, ordinal, connection_id, requested_by, subject_key)
       select $1, n, 'c1', 'ada', 'k' from generate_series(0, 9999) n`,
    [run.id],
  );
  const receipt = {
    summary: 'Done.', code: null, proof: 'state', calls: [], before: null, after: null, verifiedAt: null, handoff: null,
  } as const; // prettier-ignore
  const ended: EndedChange[] = [{ ordinal: 7, end: 'done', receipt, inverse: null, adopted: false }];
  const client = (on: TestDatabase['pool']) => on as unknown as Parameters<typeof endChanges>[0];
  // As within the transaction that takes readings in.
  for (const settings of [
    '',
    'set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_seqscan = off',
  ]) {
    const shown = await database.transaction(async (by) => {
      await by.query(settings);
      const end = await planOf((on) => endChanges(client(on), run, ended), by);
      return `${end}\n${await planOf((on) => journal(on, run, [{ ordinal: 7, state: 'calling', held: null }]), by)}`;
    });
    expect(shown.match(/run_change_pkey/g)).toHaveLength(2);
    expect(shown).toMatch(/Index Cond: \(\(run_id = g\S*\.run_id\) AND \(ordinal = g\S*\.ordinal\)\)/);
    expect(shown).not.toContain('Join Filter');
  }
});
