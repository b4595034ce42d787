import { afterAll, describe, expect, test } from 'vitest';
import { connectionData, deleteConnectionData } from './connection-data.ts';
import { addDrift, driftOf } from './drift.ts';
import { leaseAt } from '../connector-kit/limiter.ts';
import { budgetsLeft, leaseRate, pushRateBack, type SharedBudget } from './rates.ts';
import { testDatabase } from './testing/index.ts';

const database = await testDatabase();
const { pool } = database;
afterAll(() => database.close());

async function addConnection(id: string): Promise<string> {
  await pool.query(
    `insert into connection (id, connector, settings, mapping_version, created_at, updated_at) values ($1, 'x', '{}', 1, now(), now())`,
    [id],
  );
  return id;
}

/** A plan with a change, an approval, a run and a secret; a hand-off with its secret; a mark, a policy, a key. */
async function addPlanData(id: string): Promise<void> {
  const statements = [
    `insert into plan (id, connection_id, header, root_hash, mac, state, action, effect, requested_by, changes, created_at, expires_at)
     values ('p-' || $1, $1, '{}', '', '', 'applied', 'a', 'write', 'ada', 1, now(), now())`,
    `insert into plan_change (plan_id, ordinal, subject_key, content, mac) values ('p-' || $1, 0, 'k', '{}', '')`,
    `insert into plan_decision (plan_id, principal_id, decision, decided_at, mac) values ('p-' || $1, 'ada', 'approve', now(), '')`,
    `with run as (insert into run (id, plan_id, connection_id, requested_by, state)
                  values (gen_random_uuid(), 'p-' || $1, $1, 'ada', 'running') returning id)
     insert into run_change (run_id, ordinal, connection_id, requested_by, subject_key) select id, 0, $1, 'ada', 'k' from run`,
    `insert into secret (owner, name, sealed) values ('plan:p-' || $1 || ':0', 'password', 'x'), ('handoff:h-' || $1, 'secret', 'x')`,
    `insert into handoff (id, connection_id, principal_id, label, created_at, expires_at) values ('h-' || $1, $1, 'ada', 'x', now(), now())`,
    `insert into mark (connection_id, account_key, set_by, set_at) values ($1, 'k', 'ada', now())`,
    `insert into policy (connection_id, settings, set_by, set_at) values ($1, '{}', 'ada', now())`,
    `insert into idempotency_key (principal_id, key, fingerprint, plan_id) values ('ada', $1, 'f', 'p-' || $1)`,
  ];
  for (const statement of statements) await pool.query(statement, [id]);
}

describe('the data of a connection', () => {
  test('is deleted from every table that knows of connections or runs', async () => {
    const statements: string[] = [];
    const recorder = { query: (text: string) => (statements.push(text), Promise.resolve({ rows: [], rowCount: 0 })) };
    await deleteConnectionData(recorder as unknown as typeof pool, 'gone');
    const deleted = new Set(statements.map((text) => /^delete from "?(\w+)"?/.exec(text)?.[1]));
    const { rows } = await pool.query<{ table: string }>(
      `select distinct table_name as table from information_schema.columns
       where table_schema = 'public' and column_name in ('connection_id', 'run_id')`,
    );
    // One goes with its run, on delete cascade; the audit log stays, whatever it tells of.
    const expected = rows
      .map(({ table }) => table)
      .filter((table) => !['sync_collection', 'audit_entry'].includes(table));
    expect(expected.filter((table) => !deleted.has(table))).toEqual([]);
  });

  test('is counted and deleted, and that of others stays', async () => {
    for (const id of [await addConnection('gone'), await addConnection('stays')]) {
      await pool.query(
        `insert into "group" (connection_id, key, collection, scope, name, name_folded, extra, content_hash, observed_at, seen_from)
         values ($1, 'a', 'c', '', 'A', 'a', '{}', gen_random_uuid(), now(), now()), ($1, 'b', 'c', '', 'B', 'b', '{}', gen_random_uuid(), now(), now())`,
        [id],
      );
      await pool.query(
        `with run as (insert into sync_run (id, connection_id, state, requested_by, requested_at)
                      values (gen_random_uuid(), $1, 'running', 'test', now()) returning id)
         insert into staged_page (run_id, collection, scope, kind, page, observed_at, keys, hashes, staged)
         select id, 'c', '', 'group', 0, now(), '{}', '{}', 0 from run`,
        [id],
      );
      await pool.query(`insert into secret (owner, name, sealed) values ('connection:' || $1, 'hash', 'x')`, [id]);
      await addPlanData(id);
    }
    const full = {
      rows: { account: 0, group: 2, role: 0, resource: 0, grant: 0, credential: 0 }, history: 0, events: 0, syncRuns: 1, plans: 1,
      marks: 1, secrets: 1,
    }; // prettier-ignore
    expect(await connectionData(pool, 'gone')).toEqual(full);
    await database.transaction((client) => deleteConnectionData(client, 'gone'));
    expect(await connectionData(pool, 'gone')).toMatchObject({
      rows: { group: 0 }, syncRuns: 0, plans: 0, marks: 0, secrets: 0,
    }); // prettier-ignore
    expect(await connectionData(pool, 'stays')).toEqual(full);
    expect((await pool.query('select from staged_page')).rowCount).toBe(1);
    for (const table of ['plan_change', 'plan_decision', 'run_change', 'policy', 'handoff', 'idempotency_key']) {
      expect((await pool.query(`select from ${table}`)).rowCount, table).toBe(1);
    }
    expect((await pool.query('select owner from secret order by owner')).rows).toEqual(
      ['connection:stays', 'handoff:h-stays', 'plan:p-stays:0'].map((owner) => ({ owner })),
    );
  });
});

describe('the shared rate', () => {
  const paced = (perSecond: number, burst = 1, name = 'default'): SharedBudget => ({ name, perSecond, burst });

  test('hands out slots one after the other to whoever asks, for each functionality apart', async () => {
    const id = await addConnection('rate');
    const leases = await Promise.all(Array.from({ length: 10 }, () => leaseRate(pool, id, paced(0.01), 5)));
    // Five slots of 100 s each: the blocks lie 500 s apart, less the moments between the calls.
    for (const [index, start] of leases.toSorted((a, b) => a - b).entries()) {
      expect(Math.abs(start - index * 500_000)).toBeLessThan(30_000);
    }
    expect(await leaseRate(pool, id, paced(1, 1, 'search'), 1)).toBe(0);
  });

  test('saves nothing up while nobody asks', async () => {
    const id = await addConnection('idle');
    await pool.query(`insert into rate_budget values ($1, 'default', now() - interval '1 hour')`, [id]);
    expect(await leaseRate(pool, id, paced(0.001), 1)).toBe(0);
    expect(await leaseRate(pool, id, paced(0.001), 1)).toBeGreaterThan(900_000);
  });

  test('is held back as long as the app says, and never shortened', async () => {
    const id = await addConnection('held');
    await pushRateBack(pool, id, paced(1000), 3_600_000);
    await pushRateBack(pool, id, paced(1000), 10);
    expect(await leaseRate(pool, id, paced(1000), 1)).toBeGreaterThan(3_000_000);
  });

  test('lets as many start at once as the budget holds, whoever asks, and tells what is left', async () => {
    const id = await addConnection('burst');
    const budget = paced(0.01, 5, 'list');
    const ahead = await Promise.all(Array.from({ length: 8 }, () => leaseRate(pool, id, budget, 1)));
    const waits = ahead.map((ms) => leaseAt(budget, 1, ms).startsInMs).toSorted((a, b) => a - b);
    expect(waits.filter((ms) => ms <= 0)).toHaveLength(5);
    expect(waits[7]).toBeGreaterThan(270_000);
    const [left] = await budgetsLeft(pool, id);
    expect(left).toMatchObject({ connectionId: id, functionality: 'list', limit: 5, left: 0 });
    expect(left?.resetSeconds).toBeGreaterThan(770);
    await leaseRate(pool, id, paced(5), 1);
    expect(await budgetsLeft(pool, id)).toHaveLength(1);
  });

  test('has as little left as the app says, and is full again with time', async () => {
    const id = await addConnection('told');
    const budget = paced(0.01, 5, 'list');
    await leaseRate(pool, id, budget, 1);
    expect(await budgetsLeft(pool, id)).toMatchObject([{ left: 4 }]);
    await pushRateBack(pool, id, budget, 300_000);
    expect(await budgetsLeft(pool, id)).toMatchObject([{ left: 2 }]);
    await pool.query(`update rate_budget set free_at = free_at - interval '1 hour' where connection_id = $1`, [id]);
    expect(await budgetsLeft(pool, id)).toMatchObject([{ left: 5, resetSeconds: 0 }]);
  });

  test('of a connection that is gone is not found', async () => {
    await expect(leaseRate(pool, 'nobody', paced(1), 1)).rejects.toMatchObject({ kind: 'notFound' });
    await pushRateBack(pool, 'nobody', paced(1), 10);
    expect((await pool.query(`select from rate_budget where connection_id = 'nobody'`)).rowCount).toBe(0);
  });
});

describe('drift', () => {
  const seen = (path: string, occurrences = 1) => ({
    operation: 'list', path, problem: 'unknown-field', sample: 'string(3)', occurrences,
  }); // prettier-ignore

  test('is counted, with when it was first and last seen', async () => {
    const id = await addConnection('drift');
    await addDrift(pool, id, [seen('a', 2), seen('b')], new Date('2026-01-01T00:00:00Z'));
    await addDrift(pool, id, [seen('a', 3)], new Date('2026-01-02T00:00:00Z'));
    expect(await driftOf(pool, id)).toMatchObject([
      { path: 'a', occurrences: 5, firstSeenAt: '2026-01-01T00:00:00.000Z', lastSeenAt: '2026-01-02T00:00:00.000Z' },
      { path: 'b', occurrences: 1 },
    ]);
  });

  test('is kept up to a thousand differences; known ones are counted on', async () => {
    const id = await addConnection('flood');
    const paths = Array.from({ length: 1100 }, (_, index) => seen(`p${index}`));
    await addDrift(pool, id, paths, new Date('2026-01-01T00:00:00Z'));
    expect(await driftOf(pool, id)).toHaveLength(1000);
    await addDrift(pool, id, [seen('p0'), seen('new')], new Date('2026-01-02T00:00:00Z'));
    const after = await driftOf(pool, id);
    expect(after).toHaveLength(1000);
    expect(after[0]).toMatchObject({ path: 'p0', occurrences: 2 });
  });

  test('of a connection that is gone is dropped', async () => {
    await addDrift(pool, 'nobody', [seen('a')], new Date('2026-01-01T00:00:00Z'));
    expect(await driftOf(pool, 'nobody')).toEqual([]);
  });
});
