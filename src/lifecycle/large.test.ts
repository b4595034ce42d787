import { afterAll, expect, test } from 'vitest';
import { firstOpenOrdinals, openChanges } from '../store/lifecycle/journal.ts';
import { testDatabase } from '../store/testing/index.ts';
import { CONNECTION, setStage } from './testing/stage.ts';

const database = await testDatabase();
const { pool } = database;
afterAll(() => database.close());

const PEOPLE = 1500;

test('a plan of many pages calls the app once for each batch, reads for many at once, and ends every change', async () => {
  const stage = await setStage(database, { people: 1900 });
  const ada = await stage.caller({ name: 'Ada', role: 'admin' });
  await stage.changes.setPolicy(
    CONNECTION,
    { approvalAboveSubjects: 10_000, stopAboveSubjects: 10_000, stopAbovePercent: 100 },
    ada,
  );
  const { rows } = await pool.query<{ email: string }>(
    `select email from account where connection_id = $1 and status = 'active' and not 'admin' = any(roles)
      order by key limit $2`,
    [CONNECTION, PEOPLE],
  );
  const users = rows.map(({ email }) => email);
  const before = stage.simulator.requests().length;
  const { plan, run } = await stage.run('lastpass_disable_user', { users }, ada);
  expect(run).toMatchObject({ state: 'succeeded', total: PEOPLE, counts: { done: PEOPLE } });

  const disabled = stage.simulator.effects().filter(({ kind }) => kind === 'user.disabled');
  expect(disabled.map(({ subject }) => subject).sort()).toEqual([...users].sort());
  const asked = stage.simulator.requests().slice(before);
  const times = (command: string): number => asked.filter(({ operation }) => operation === command).length;
  expect(times('disableuser')).toBe(PEOPLE / 100);
  // One by one, or batch by batch, it would be twice as many as there are batches, or more.
  expect(times('getuserdata')).toBeLessThan((PEOPLE / 100) * 1.5);

  const { rows: left } = await pool.query(
    `select (select count(*)::int from account where connection_id = $1 and status = 'disabled' and email = any($2)) as disabled,
            (select count(*)::int from run_change where receipt ->> 'proof' = 'state' and attempt = 1) as proven,
            (select count(*)::int from change_lease) as leases,
            (select count(distinct content::json ->> 'ordinal')::int from audit_inbox
              where content::json ->> 'plan' = $3 and content::json ->> 'kind' = 'change') as told`,
    [CONNECTION, users, plan.id],
  );
  expect(left).toEqual([{ disabled: PEOPLE, proven: PEOPLE, leases: 0, told: PEOPLE }]);
  await stage.close();
});

test('what is to be carried is the first change of each subject that has not ended, in the order of the plan', async () => {
  const run = '00000000-0000-4000-8000-000000000001';
  await pool.query(`
    insert into plan (id, connection_id, header, root_hash, mac, state, action, effect, requested_by, changes, created_at, expires_at)
      values ('p', '${CONNECTION}', '{}', '', '', 'applied', 'a', 'write', 'ada', 6, now(), now());
    insert into run (id, plan_id, connection_id, requested_by, state) values ('${run}', 'p', '${CONNECTION}', 'ada', 'running');
    insert into run_change (run_id, ordinal, connection_id, requested_by, subject_key, state)
      select '${run}', ordinal, '${CONNECTION}', 'ada', subject, state
        from (values (0, 'one', 'done'), (1, 'two', 'planned'), (2, 'one', 'calling'), (3, 'two', 'planned'),
                     (4, 'one', 'planned'), (5, 'three', 'failed')) v(ordinal, subject, state)`);
  expect(await firstOpenOrdinals(pool, run)).toEqual([1, 2]);
  const open = await openChanges(pool, run, [0, 1, 2]);
  expect(open.map(({ ordinal, state, subjectKey }) => [ordinal, state, subjectKey])).toEqual([
    [1, 'planned', 'two'],
    [2, 'calling', 'one'],
  ]);
  expect(await firstOpenOrdinals(pool, '00000000-0000-4000-8000-000000000002')).toEqual([]);
});
