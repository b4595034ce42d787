import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../store/testing/index.ts';
import { startKeysmith } from './testing/keysmith.ts';
import { mortal } from './testing/mortal.ts';
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

const HOLD = { kind: 'wait', seconds: 0, why: 'Not at all.' };

/** Has the chain carried out by a process that dies right before a statement; answers whether it came so far. */
async function diesAt(statement: number): Promise<{ readonly plan: string; readonly hasDied: boolean }> {
  const input = { key: 'k1', hold: HOLD };
  const { id: plan } = await stage.changes.plan({ connectionId: 'keysmith', action: 'keysmith_rotate', input }, ada);
  life.dieAt(statement);
  await stage.changes.approve(plan, null, ada).catch(() => undefined);
  await stage.idle().catch(() => undefined);
  const hasDied = life.isDead();
  life.revive();
  return { plan, hasDied };
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

/** Every statement is a place to die. There are more than a hundred: all of them with `EVERY_STATEMENT=1`. */
const STRIDE = process.env['EVERY_STATEMENT'] === '1' ? 1 : 8;

test('a chain whose process dies anywhere ends with one key, which the connection uses', async () => {
  let deaths = 0;
  for (let statement = 0; ; statement += STRIDE) {
    await begin();
    const { plan, hasDied } = await diesAt(statement);
    expect(await goesOn(plan), `died at ${statement}`).toBe('succeeded');
    await expectWhole();
    if (!hasDied) break;
    deaths += 1;
  }
  expect(deaths).toBeGreaterThan(10);
}, 120_000);
