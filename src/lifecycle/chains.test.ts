import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Caller } from '../model/access.ts';
import { UsherError } from '../model/errors.ts';
import { emptyTables, testDatabase } from '../store/testing/index.ts';
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
  await emptyTables(database);
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

  test('that failed keeps what was made for a retry and an undo, and no longer than a week', async () => {
    strike('disable_key', refused);
    const run = await carried('keysmith_rotate', { key: 'k1' });
    expect(await keptSecrets()).toEqual(['0:made', '1:prior']);
    await stage.room.tick(new AbortController().signal);
    expect(await keptSecrets()).toHaveLength(2);
    await pool.query(`update run set finished_at = finished_at - interval '8 days' where id = $1`, [run.id]);
    await stage.room.tick(new AbortController().signal);
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

const TASK = { kind: 'task', task: 'Put the new key into the build server.' } as const;
const waitOf = (seconds: number) => ({ kind: 'wait', seconds, why: 'Caches keep the old key for a while.' }) as const;
/** As if this much time had passed for what waits. */
const letPass = (seconds: number) =>
  pool.query(
    `with a as (update run_change set hold_until = hold_until - make_interval(secs => $1) where hold = 'wait')
     update run set wake_at = wake_at - make_interval(secs => $1) where state = 'waiting'`,
    [seconds],
  );
const viewOf = (run: RunView) => stage.changes.getRun(run.id, ada);

describe('a change that has to wait', () => {
  test('for a time gives the worker back, says until when, and goes on by itself, whoever ticks', async () => {
    const run = await carried('keysmith_rotate', { key: 'k1', hold: waitOf(3600) });
    expect(run).toMatchObject({ state: 'waiting', counts: { done: 2, planned: 2 }, pending: null, canUndo: true });
    expect(run.reason).toMatch(/^Waits until \d{4}-\d\d-\d\d [\d:]{8} UTC for "Disable the key k1": Caches keep/);
    expect(Date.parse(run.wakeAt ?? '') - Date.now()).toBeGreaterThan(3_500_000);
    const [, , held] = await changesOf(run);
    expect(held).toMatchObject({ follows: true, hold: waitOf(3600), outcome: { state: 'planned', waitsFor: 'wait' } });
    await stage.room.resumeUnfinished();
    await stage.idle();
    expect((await viewOf(run)).state).toBe('waiting');
    await letPass(3600);
    await stage.room.resumeUnfinished();
    await stage.idle();
    expect(await viewOf(run)).toMatchObject({ state: 'succeeded', counts: { done: 4 }, reason: null, wakeAt: null });
  });

  test('for a moment is woken without a tick', async () => {
    const run = await carried('keysmith_rotate', { key: 'k1', hold: waitOf(0.05) });
    await expect.poll(async () => (await viewOf(run)).state, { interval: 20, timeout: 5000 }).toBe('succeeded');
  });

  test('that was begun too early waits on', async () => {
    const run = await carried('keysmith_rotate', { key: 'k1', hold: waitOf(3600) });
    await stage.room.carryOut(run.id, new AbortController().signal);
    expect(await viewOf(run)).toMatchObject({ state: 'waiting', wakeAt: run.wakeAt });
  });

  test('for a person names the connection in what that person is to type, in the plan and in the run', async () => {
    const task = 'Type: usher connections edit {connection} --new-secret. So {connection} has it.';
    const run = await carried('keysmith_rotate', { key: 'k1', hold: { kind: 'task', task } });
    const named = 'Type: usher connections edit keysmith --new-secret. So keysmith has it.';
    expect((await changesOf(run))[2]).toMatchObject({ hold: { kind: 'task', task: named } });
    expect(run.reason).toContain(`Waits for a person: ${named}`);
  });

  test('for a person goes on when one says that it is done: who and when are in the receipt and the audit log', async () => {
    const run = await carried('keysmith_rotate', { key: 'k1', hold: TASK });
    expect(run).toMatchObject({ state: 'waiting', wakeAt: null });
    expect(run.reason).toContain(`Waits for a person: ${TASK.task}`);
    expect(run.reason).toContain(`usher runs task ${run.id} 2 --done`);
    const robot = await stage.caller({ name: 'Robot', role: 'agent', kind: 'agent' });
    const vera = await stage.caller({ name: 'Vera', role: 'viewer' });
    const confirm = (ordinal: number, by: Caller) => stage.changes.confirmTask(run.id, ordinal, 'Done at nine.', by);
    await expect(confirm(2, robot)).rejects.toMatchObject({ kind: 'permission' });
    await expect(confirm(2, vera)).rejects.toMatchObject({ kind: 'permission' });
    await expect(confirm(3, ada)).rejects.toMatchObject({ details: { code: 'notWaiting' } });
    await confirm(2, ada);
    await stage.idle();
    expect((await viewOf(run)).state).toBe('succeeded');
    const [, , disabled] = await changesOf(run);
    expect(disabled?.outcome?.receipt?.confirmed).toMatchObject({ by: 'Ada', note: 'Done at nine.' });
    expect(Date.parse(disabled?.outcome?.receipt?.confirmed?.at ?? '')).toBeGreaterThan(Date.now() - 60_000);
    const told = await pool.query(`select from audit_inbox where content like '%run.taskDone%'`);
    expect(told.rowCount).toBe(1);
    await expect(confirm(2, ada)).resolves.toMatchObject({ state: 'succeeded' });
  });

  test('lets the others of its plan go on', async () => {
    for (let n = 2; n <= 20; n += 1) app.people.push({ id: `p${n}`, email: `n${n}@smith.example`, badge: null });
    await stage.sync();
    const run = await carried('keysmith_badges', { people: ['p1', 'p2', 'p3'], hold: TASK });
    expect(run).toMatchObject({ state: 'waiting', counts: { done: 1, planned: 2 } });
    await stage.changes.confirmTask(run.id, 2, null, ada);
    await stage.idle();
    expect(await viewOf(run)).toMatchObject({ state: 'waiting', counts: { done: 2, planned: 1 } });
    expect(app.effects).toEqual(['give_badge p1', 'give_badge p3']);
  });

  test('is named by whoever asked and would have waited for the end', async () => {
    const people = [{ id: 'p2', email: 'bob@smith.example', badge: null }];
    app.people.push(...people);
    await stage.sync();
    const request = {
      connectionId: 'keysmith',
      action: 'keysmith_badges',
      input: { people: ['p1', 'p2'], hold: TASK },
    };
    const waiting = stage.changes.perform(request, ada, { waitMs: 5000, signal: new AbortController().signal });
    await expect(waiting).rejects.toMatchObject({
      kind: 'conflict', message: expect.stringContaining(TASK.task), details: { code: 'waiting' },
    }); // prettier-ignore
  });

  test('is paused and resumed, and then waits as before', async () => {
    const run = await carried('keysmith_rotate', { key: 'k1', hold: waitOf(3600) });
    expect((await stage.changes.pause(run.id, ada)).state).toBe('paused');
    await letPass(3600);
    await stage.room.resumeUnfinished();
    await stage.idle();
    expect((await viewOf(run)).state).toBe('paused');
    await stage.changes.resume(run.id, ada);
    await stage.idle();
    expect((await viewOf(run)).state).toBe('succeeded');
  });

  test('does not go on through a connection that was paused meanwhile', async () => {
    const run = await carried('keysmith_rotate', { key: 'k1', hold: waitOf(3600) });
    await stage.connections.pause('keysmith', 'Somebody looks into it.');
    await letPass(3600);
    await stage.room.resumeUnfinished();
    await stage.idle();
    expect(await viewOf(run)).toMatchObject({
      state: 'paused', reason: 'The connection was paused while it waited: Somebody looks into it.', counts: { planned: 2 },
    }); // prettier-ignore
    await stage.connections.edit('keysmith', { state: 'active' });
    await stage.changes.resume(run.id, ada);
    await stage.idle();
    expect((await viewOf(run)).state).toBe('succeeded');
  });

  test('is retried though its plan is over by then, but not for ever', async () => {
    const run = await carried('keysmith_rotate', { key: 'k1', hold: waitOf(3600) });
    strike('disable_key', refused);
    await letPass(3600);
    await stage.room.resumeUnfinished();
    await stage.idle();
    const days = (count: number): Date => new Date(Date.now() + count * 86_400_000);
    await pool.query('update run set finished_at = $2 where id = $1', [run.id, days(8)]);
    stage.clock.set(days(16));
    await expect(stage.changes.retry(run.id, ada)).rejects.toMatchObject({ details: { code: 'planExpired' } });
    stage.clock.set(days(9));
    await stage.changes.retry(run.id, ada);
    await stage.idle();
    expect((await viewOf(run)).state).toBe('succeeded');
  });

  test('is cancelled at once, and what was done can be taken back', async () => {
    const run = await carried('keysmith_rotate', { key: 'k1', hold: waitOf(3600) });
    expect(await stage.changes.cancelRun(run.id, ada)).toMatchObject({
      state: 'cancelled',
      counts: { done: 2, skipped: 2 },
    });
    expect(await keptSecrets()).toEqual(['1:prior']);
    expect((await undone(run)).state).toBe('succeeded');
    expect(await settings()).toMatchObject({ key_id: 'k1' });
    expect([...app.keys.keys()]).toEqual(['k1']);
    expect(await keptSecrets()).toEqual([]);
  });
});

test('while a run waits, what is uncertain of it is still settled', async () => {
  for (let n = 2; n <= 20; n += 1) app.people.push({ id: `p${n}`, email: `n${n}@smith.example`, badge: null });
  await stage.sync();
  strike('give_badge', lost, 'after');
  app.isBlind = true;
  const run = await carried('keysmith_badges', { people: ['p1', 'p2'], hold: TASK });
  app.isBlind = false;
  expect(run).toMatchObject({ state: 'waiting', counts: { uncertain: 1, planned: 1 } });
  await stage.room.tick(new AbortController().signal);
  await expect
    .poll(async () => (await viewOf(run)).counts, { timeout: 5000 })
    .toMatchObject({ done: 1, planned: 1, uncertain: 0 });
  expect(await viewOf(run)).toMatchObject({ state: 'waiting', reason: run.reason });
  await stage.changes.confirmTask(run.id, 1, null, ada);
  await stage.idle();
  expect((await viewOf(run)).state).toBe('succeeded');
});

describe('a chain that is taken back', () => {
  test('from the middle goes back step by step: the old key works, the connection has it, the new one is gone', async () => {
    strike('drop_key', refused);
    const run = await carried('keysmith_rotate', { key: 'k1' });
    expect(await states(run)).toEqual(['done', 'done', 'done', 'failed permission']);
    const plan = await stage.changes.undo(run.id, null, ada);
    expect(plan.firstChanges.map(({ change, follows }) => [change, follows])).toEqual([
      ['enable_key', false], ['usher_restore_credentials', true], ['drop_key', true],
    ]); // prettier-ignore
    await stage.changes.approve(plan.id, null, ada);
    expect((await stage.applied(plan, ada)).state).toBe('succeeded');
    expect(app.effects).toEqual(['make_key k2', 'disable_key k1', 'enable_key k1', 'drop_key k2']);
    expect(app.usedKey).toBe('k1');
    expect(await settings()).toMatchObject({ key_id: 'k1' });
    await expect(stage.connections.test('keysmith')).resolves.toBeDefined();
    expect(await keptSecrets()).toEqual([]);
  });

  test('cancels what still waits', async () => {
    const run = await carried('keysmith_rotate', { key: 'k1', hold: TASK });
    expect((await undone(run)).state).toBe('succeeded');
    expect((await viewOf(run)).state).toBe('cancelled');
    expect([...app.keys.keys()]).toEqual(['k1']);
    expect(await settings()).toMatchObject({ key_id: 'k1' });
  });

  test('does not pull the floor away: without the credentials from before, the key in use stays', async () => {
    const run = await carried('keysmith_rotate', { key: 'k1', drops: false, hold: TASK });
    strike('disable_key', refused, 'before', 99);
    await stage.changes.confirmTask(run.id, 2, null, ada);
    await stage.idle();
    expect(await states(run)).toEqual(['done', 'done', 'failed permission']);
    await pool.query(`delete from secret where owner like '%:prior'`);
    await expect(stage.changes.undo(run.id, null, ada)).rejects.toMatchObject({ details: { code: 'nothingToUndo' } });
    expect(app.keys.has('k2')).toBe(true);
  });

  test('after it has succeeded goes no further back than the connection stands', async () => {
    const run = await carried('keysmith_rotate', { key: 'k1', drops: false });
    expect(run.state).toBe('succeeded');
    const plan = await stage.changes.undo(run.id, null, ada);
    expect(plan.firstChanges.map(({ change }) => change)).toEqual(['enable_key']);
  });

  test('is not offered once the last step has ended what the run was about', async () => {
    const run = await carried('keysmith_rotate', { key: 'k1' });
    expect(run).toMatchObject({ state: 'succeeded', canUndo: false });
    await expect(stage.changes.undo(run.id, null, ada)).rejects.toMatchObject({ details: { code: 'nothingToUndo' } });
  });

  test('puts credentials back though those in use no longer work', async () => {
    strike('disable_key', refused, 'before', 99);
    const run = await carried('keysmith_rotate', { key: 'k1', drops: false });
    app.on.before = () => undefined;
    app.keys.delete('k2');
    const back = await undone(run);
    expect(await settings()).toMatchObject({ key_id: 'k1' });
    expect(back).toMatchObject({ state: 'succeeded', counts: { done: 1, skipped: 1 } });
  });

  test('tells the audit log which fields became others, and never what they are', async () => {
    await carried('keysmith_rotate', { key: 'k1' });
    const { rows } = await pool.query<{ content: string }>(
      `select content from audit_inbox where content like '%connection.adopted%'`,
    );
    expect(rows).toHaveLength(1);
    expect(JSON.parse(rows[0]?.content ?? '{}')).toMatchObject({
      connection: 'keysmith', details: { settings: ['key_id'], secrets: ['secret'] },
    }); // prettier-ignore
    expect(rows[0]?.content).not.toContain('canary');
  });
});
