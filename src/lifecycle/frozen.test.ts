import { afterAll, beforeAll, expect, test } from 'vitest';
import { freeze, thaw } from '../store/instance.ts';
import { testDatabase } from '../store/testing/index.ts';
import { CONNECTION, setStage, type Stage } from './testing/stage.ts';

const database = await testDatabase();
let stage: Stage;
beforeAll(async () => void (stage = await setStage(database)));
afterAll(async () => {
  await stage.close();
  await database.close();
});

test('while an instance stands still it makes plans and carries out none; after the thaw it does', async () => {
  const ada = await stage.caller({ name: 'Ada', role: 'admin' });
  const { rows } = await database.pool.query<{ email: string }>(
    `select email from account where status = 'active' and not 'admin' = any(roles) order by key limit 2`,
  );
  const action = 'lastpass_disable_user';
  const request = { connectionId: CONNECTION, action, input: { user: rows[0]?.email } };
  const ended = await stage.run(action, { user: rows[1]?.email }, ada);
  const before = stage.simulator.effects().length;

  await freeze(database.pool, '2026-11-22T06:00:00.000Z');
  const frozen = { kind: 'conflict', details: { code: 'frozen' } };
  const plan = await stage.changes.plan(request, ada);
  await expect(stage.changes.apply(plan.id, ada)).rejects.toMatchObject(frozen);
  await expect(stage.changes.approve(plan.id, null, ada)).rejects.toMatchObject(frozen);
  const waiting = { waitMs: 1000, signal: new AbortController().signal };
  await expect(stage.changes.perform(request, ada, waiting)).rejects.toMatchObject(frozen);
  await expect(stage.sync()).rejects.toMatchObject(frozen);
  await expect(stage.changes.retry(ended.run.id, ada)).rejects.toMatchObject(frozen);
  expect(stage.simulator.effects()).toHaveLength(before);

  await thaw(database.pool);
  expect((await stage.applied(plan, ada)).state).toBe('succeeded');
  expect(stage.simulator.effects()).toHaveLength(before + 1);
});
