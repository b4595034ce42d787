import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Caller } from '../model/access.ts';
import { UsherError } from '../model/errors.ts';
import { testDatabase } from '../store/testing/index.ts';
import { startKeysmith } from './testing/keysmith.ts';
import type { PlanChangeView, RunView } from './surface.ts';
import { type AppStage, stageApp } from './testing/stage.ts';

const database = await testDatabase();
const { pool } = database;
const app = await startKeysmith();
afterAll(async () => {
  await app.close();
  await database.close();
});

let stage: AppStage;
let ada: Caller;

beforeEach(async () => {
  const { rows } = await pool.query<{ tables: string }>(
    `select string_agg(format('%I', tablename), ', ') as tables from pg_tables
      where schemaname = 'public' and tablename not in ('feed', 'migration')`,
  );
  await pool.query(`truncate ${rows[0]?.tables} cascade`);
  app.reset();
  stage = await stageApp(database, app);
  ada = await stage.caller({ name: 'Ada', role: 'admin' });
});
afterEach(() => stage.close());

const planned = (action: string, input: unknown, by = ada) =>
  stage.changes.plan({ connectionId: 'keysmith', action, input }, by);
/** Plans, approves where it has to be, and answers how the run stands when it stops. */
async function carried(action: string, input: unknown): Promise<RunView> {
  const plan = await planned(action, input);
  if (plan.state === 'waiting') await stage.changes.approve(plan.id, null, ada);
  return stage.applied(plan, ada);
}
async function undone(run: RunView): Promise<RunView> {
  const plan = await stage.changes.undo(run.id, null, ada);
  if (plan.state === 'waiting') await stage.changes.approve(plan.id, null, ada);
  return stage.applied(plan, ada);
}
const changesOf = async (run: RunView): Promise<readonly PlanChangeView[]> =>
  (await stage.changes.planChanges(run.planId, { limit: 50 }, ada)).items;
const states = async (run: RunView): Promise<string[]> =>
  (await changesOf(run)).map(
    ({ outcome }) => `${outcome?.state}${outcome?.receipt?.code == null ? '' : ` ${outcome.receipt.code}`}`,
  );
const keptSecrets = async (): Promise<string[]> =>
  (await pool.query<{ owner: string }>(`select owner from secret where owner like 'plan:%' order by owner`)).rows.map(
    ({ owner }) => owner.replace(/^plan:[^:]+:/, ''),
  );
const settings = async (): Promise<unknown> => (await stage.connections.get('keysmith')).settings;
const everything = async (): Promise<string> => {
  const { rows } = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'public'`,
  );
  const texts: string[] = [];
  for (const { name } of rows) texts.push(JSON.stringify((await pool.query(`select t::text from ${name} t`)).rows));
  return texts.join('\n');
};
const strike = (change: string, error: Error, when: 'before' | 'after' = 'before', times = 1): void => {
  let left = times;
  app.on[when] = (called) => {
    if (called === change && left > 0) {
      left -= 1;
      throw error;
    }
  };
};
const lost = new UsherError('transient', 'The answer was lost.');
const refused = new UsherError('permission', 'Not allowed.');

describe('a chain', () => {
  test('makes what follows with what was made, goes over to it, and leaves no secret behind', async () => {
    const run = await carried('keysmith_rotate', { key: 'k1' });
    expect(run).toMatchObject({ state: 'succeeded', counts: { done: 4 } });
    expect(app.effects).toEqual(['make_key k2', 'disable_key k1', 'drop_key k1']);
    expect(app.usedKey).toBe('k2');
    expect(await settings()).toMatchObject({ key_id: 'k2' });
    await expect(stage.connections.test('keysmith')).resolves.toMatchObject({ tenant: { id: 'smith' } });
    expect(await keptSecrets()).toEqual([]);
    const [made] = await changesOf(run);
    expect(made?.outcome?.receipt).toMatchObject({ made: { key_id: 'k2' }, proof: 'answer' });
    expect(await everything()).not.toContain('canary');
  });

  test('about an account that it makes itself finds it by its address', async () => {
    const run = await carried('keysmith_hire', { email: 'bob@smith.example' });
    expect(run).toMatchObject({ state: 'succeeded', counts: { done: 2 } });
    expect(app.effects).toEqual(['hire bob@smith.example', 'give_badge p2']);
    expect((await undone(run)).state).toBe('succeeded');
    expect(app.effects.slice(2)).toEqual(['take_badge p2', 'let_go bob@smith.example']);
  });

  test('stops where a change of it failed: what follows is not called, says why, and is retried with what was made', async () => {
    strike('adopt_key', refused);
    const run = await carried('keysmith_rotate', { key: 'k1' });
    expect(run.state).toBe('partial');
    expect(await states(run)).toEqual(['done', 'failed permission', 'failed blocked', 'failed blocked']);
    const [, , blocked] = await changesOf(run);
    expect(blocked?.outcome?.receipt?.summary).toBe(
      'Not called: what it follows failed (Let the connection use the new key). Not allowed.',
    );
    expect(await settings()).toMatchObject({ key_id: 'k1' });
    await stage.changes.retry(run.id, ada);
    await stage.idle();
    expect(await stage.changes.getRun(run.id, ada)).toMatchObject({ state: 'succeeded', counts: { done: 4 } });
    expect(app.effects).toEqual(['make_key k2', 'disable_key k1', 'drop_key k1']);
    expect(await keptSecrets()).toEqual([]);
  });

  test('whose answer was lost calls again and takes away what the lost call left', async () => {
    strike('make_key', lost, 'after');
    const run = await carried('keysmith_rotate', { key: 'k1' });
    expect(run).toMatchObject({ state: 'succeeded', counts: { done: 4 } });
    expect(app.effects).toEqual(['make_key k2', 'drop_key k2', 'make_key k3', 'disable_key k1', 'drop_key k1']);
    expect([...app.keys.keys()]).toEqual(['k3']);
  });

  test('whose answers are lost again and again ends uncertain, and nothing is built on it', async () => {
    strike('make_key', lost, 'after', 99);
    const run = await carried('keysmith_rotate', { key: 'k1' });
    expect(await states(run)).toEqual(['uncertain answerLost', 'failed blocked', 'failed blocked', 'failed blocked']);
    expect(app.effects.filter((effect) => effect.startsWith('make_key'))).toHaveLength(4);
  });

  test('hands the secret on that an answer told, once, and still uses it', async () => {
    const run = await carried('keysmith_rotate', { key: 'k1', handsOver: true });
    expect(run.state).toBe('succeeded');
    const [made] = await changesOf(run);
    const taken = await stage.changes.takeHandoff(made?.outcome?.receipt?.handoff ?? '', ada);
    expect(taken).toMatchObject({ secret: 'canary-secret-of-k2', handoff: { label: 'The key in the place of k1' } });
  });

  test('keeps the credentials it had where the new ones do not fit its connection', async () => {
    app.refusesKeyIds = true;
    const run = await carried('keysmith_rotate', { key: 'k1' });
    app.refusesKeyIds = false;
    expect(await states(run)).toEqual(['done', 'failed notAdopted', 'failed blocked', 'failed blocked']);
    expect(await settings()).toMatchObject({ key_id: 'k1' });
  });
});
