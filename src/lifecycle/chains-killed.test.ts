import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../store/testing/index.ts';
import { startKeysmith } from './testing/keysmith.ts';
import { mortal } from './testing/mortal.ts';
import type { PlanView } from './surface.ts';
import { stageApp } from './testing/stage.ts';

const database = await testDatabase();
const { pool } = database;
const app = await startKeysmith();
const life = mortal(database);
const stage = await stageApp(database, app, { settleMs: 5, readDelaysMs: [0, 1], leaseSeconds: 1 }, life.database);
const ada = await stage.caller({ name: 'Ada', role: 'admin' });
afterAll(async () => {
  await stage.close();
  await app.close();
  await database.close();
});

/** A fresh start: the connection has its first key again. */
async function begin(): Promise<void> {
  app.reset();
  const { settings, secrets } = app;
  await stage.connections.edit('keysmith', { settings, secrets });
}

const rotation = (hold: object): Promise<PlanView> => {
  const request = { connectionId: 'keysmith', action: 'keysmith_rotate', input: { key: 'k1', hold } };
  return stage.changes.plan(request, ada);
};

/** Has a plan carried out by a process that dies right before a statement; answers whether it came so far. */
async function diesAt(plan: string, statement: number): Promise<boolean> {
  life.dieAt(statement);
  await stage.changes.approve(plan, null, ada).catch(() => undefined);
  await stage.idle().catch(() => undefined);
  const hasDied = life.isDead();
  life.revive();
  return hasDied;
}

/** Another process goes on, from wherever it was. */
async function goesOn(plan: string): Promise<string> {
  const { state } = await stage.changes.getPlan(plan, ada);
  if (state === 'waiting') await stage.changes.approve(plan, null, ada);
  if (state === 'ready') await stage.changes.apply(plan, ada);
  await stage.room.resumeUnfinished();
  await stage.idle();
  return (await stage.changes.getRun(plan, ada)).state;
}

async function expectWhole(): Promise<void> {
  const [key, ...others] = app.keys.values();
  expect(others).toEqual([]);
  expect(key?.id).not.toBe('k1');
  expect((await stage.connections.get('keysmith')).settings).toMatchObject({ key_id: key?.id });
  await expect(stage.connections.test('keysmith')).resolves.toBeDefined();
  expect(app.effects.filter((effect) => effect === 'disable_key k1')).toHaveLength(1);
  expect(app.effects.filter((effect) => effect === 'drop_key k1')).toHaveLength(1);
  const kept = await pool.query(`select from secret where owner like 'plan:%'`);
  expect(kept.rowCount).toBe(0);
}

async function expectBack(): Promise<void> {
  expect([...app.keys.values()]).toMatchObject([{ id: 'k1', isEnabled: true }]);
  expect((await stage.connections.get('keysmith')).settings).toMatchObject({ key_id: 'k1' });
  await expect(stage.connections.test('keysmith')).resolves.toBeDefined();
  const kept = await pool.query(`select from secret where owner like 'plan:%'`);
  expect(kept.rowCount).toBe(0);
}

/** Every statement is a place to die. There are more than a hundred: all of them with `EVERY_STATEMENT=1`. */
const STRIDE = process.env['EVERY_STATEMENT'] === '1' ? 1 : 16;

test('a chain whose process dies anywhere ends with one key, which the connection uses', async () => {
  let deaths = 0;
  for (let statement = 0, hasDied = true; hasDied; statement += STRIDE) {
    await begin();
    const plan = await rotation({ kind: 'wait', seconds: 0, why: 'Not at all.' });
    hasDied = await diesAt(plan.id, statement);
    expect(await goesOn(plan.id), `died at ${statement}`).toBe('succeeded');
    await expectWhole();
    if (hasDied) deaths += 1;
  }
  expect(deaths).toBeGreaterThan(5);
}, 180_000);

test('the way back from the middle of a chain ends where it began, wherever its process dies', async () => {
  let deaths = 0;
  for (let statement = 0, hasDied = true; hasDied; statement += STRIDE) {
    await begin();
    const plan = await rotation({ kind: 'task', task: 'Nothing.' });
    await stage.changes.approve(plan.id, null, ada);
    await stage.idle();
    const undo = await stage.changes.undo(plan.id, null, ada);
    hasDied = await diesAt(undo.id, statement);
    expect(await goesOn(undo.id), `died at ${statement}`).toBe('succeeded');
    await expectBack();
    if (hasDied) deaths += 1;
  }
  expect(deaths).toBeGreaterThan(3);
}, 180_000);
