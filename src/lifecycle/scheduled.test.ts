import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import type { Caller } from '../model/access.ts';
import { emptyTables, testDatabase } from '../store/testing/index.ts';
import type { PlanView, RunView } from './surface.ts';
import { CONNECTION, setStage, type Stage } from './testing/stage.ts';

const database = await testDatabase();
const { pool } = database;
afterAll(() => database.close());

let stage: Stage;
let ada: Caller;
let users: readonly string[];
beforeEach(async () => {
  await emptyTables(database);
  stage = await setStage(database);
  ada = await stage.caller({ name: 'Ada', role: 'admin' });
  const people = await pool.query<{ email: string }>(
    `select email from account where connection_id = $1 and status = 'active' and not 'admin' = any(roles) order by key`,
    [CONNECTION],
  );
  users = people.rows.map(({ email }) => email);
});
afterEach(() => stage.close());

const HOUR_MS = 3_600_000;
const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
const disable = (applyAt: string, more: object = {}, by = ada): Promise<PlanView> =>
  stage.changes.plan(
    { connectionId: CONNECTION, action: 'lastpass_disable_user', input: { user: users[0] }, applyAt, ...more },
    by,
  );
const disabled = (): readonly string[] =>
  stage.simulator.effects().flatMap(({ kind, subject }) => (kind === 'user.disabled' ? [subject] : []));

/** The run when it has ended, woken by nothing but itself. */
async function ended(id: string): Promise<RunView> {
  for (;;) {
    const run = await stage.changes.getRun(id, ada);
    if (run.state !== 'waiting' && run.state !== 'running' && run.state !== 'queued') return run;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a plan for later waits until then, and then goes on by itself', async () => {
  const at = inMs(700);
  const plan = await disable(at);
  expect(plan).toMatchObject({ state: 'ready', applyAt: at });
  const waiting = await stage.applied(plan, ada);
  expect(waiting).toMatchObject({
    state: 'waiting', wakeAt: at, startedAt: null, counts: { planned: 1 }, reason: `It begins ${at.slice(0, 19).replace('T', ' ')} UTC.`,
  }); // prettier-ignore
  expect(disabled()).toEqual([]);
  const run = await ended(waiting.id);
  expect(run).toMatchObject({ state: 'succeeded', counts: { done: 1 }, wakeAt: null });
  expect(Date.parse(run.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(at));
  expect(disabled()).toEqual([users[0]]);
});

test('another process finds it when its time has come', async () => {
  const waiting = await stage.applied(await disable(inMs(HOUR_MS)), ada);
  await stage.room.tick(new AbortController().signal);
  await stage.idle();
  expect((await stage.changes.getRun(waiting.id, ada)).state).toBe('waiting');
  // An hour later.
  await pool.query(`update run set wake_at = clock_timestamp() where id = $1`, [waiting.id]);
  await stage.room.tick(new AbortController().signal);
  await stage.idle();
  // What was signed says when, not the row: it waits on.
  expect(await stage.changes.getRun(waiting.id, ada)).toMatchObject({ state: 'waiting', wakeAt: waiting.wakeAt });
  expect(disabled()).toEqual([]);
});

test('it can be paused, waits on when it is resumed, and can be cancelled in every state', async () => {
  const waiting = await stage.applied(await disable(inMs(HOUR_MS)), ada);
  expect(await stage.changes.pause(waiting.id, ada)).toMatchObject({ state: 'paused' });
  await stage.changes.resume(waiting.id, ada);
  await stage.idle();
  expect(await stage.changes.getRun(waiting.id, ada)).toMatchObject({ state: 'waiting', wakeAt: waiting.wakeAt });
  await stage.changes.pause(waiting.id, ada);
  await stage.changes.cancelRun(waiting.id, ada);
  await stage.idle();
  expect(await stage.changes.getRun(waiting.id, ada)).toMatchObject({ state: 'cancelled', counts: { skipped: 1 } });
  const other = await stage.applied(await disable(inMs(HOUR_MS)), ada);
  expect(await stage.changes.cancelRun(other.id, ada)).toMatchObject({ state: 'cancelled', counts: { skipped: 1 } });
  expect(disabled()).toEqual([]);
});

test('it does not begin through a connection that was paused meanwhile', async () => {
  const waiting = await stage.applied(await disable(inMs(400)), ada);
  await stage.connections.pause(CONNECTION, 'Somebody looks into it.');
  const run = await ended(waiting.id);
  expect(run).toMatchObject({ state: 'paused', counts: { planned: 1 } });
  expect(run.reason).toContain('Somebody looks into it.');
  expect(disabled()).toEqual([]);
});

test('one that is approved when its time is over is carried out at once', async () => {
  const bot = await stage.caller({ name: 'Bot', role: 'agent', kind: 'agent' });
  const plan = await disable(inMs(300), {}, bot);
  expect(plan.state).toBe('waiting');
  await new Promise((resolve) => setTimeout(resolve, 350));
  const approved = await stage.changes.approve(plan.id, null, ada);
  expect(await ended(approved.runId ?? '')).toMatchObject({ state: 'succeeded', counts: { done: 1 } });
});

test('its subjects count in the window from now on until it has begun, and for as long after that', async () => {
  await stage.changes.setPolicy(CONNECTION, { stopAboveSubjects: 2, stopAbovePercent: 100, windowMinutes: 1 }, ada);
  const many = (from: number): object => ({
    action: 'lastpass_disable_user',
    input: { users: users.slice(from, from + 2) },
  });
  await stage.applied(await disable(inMs(HOUR_MS), many(0)), ada);
  await pool.query(`update run_change set reserved_at = reserved_at - interval '30 minutes'`);
  await pool.query(
    `update run set reserved_at = reserved_at - interval '30 minutes', created_at = created_at - interval '30 minutes'`,
  );
  await expect(disable(inMs(HOUR_MS), many(2))).rejects.toMatchObject({
    kind: 'guarded',
    details: { code: 'blastRadius' },
  });
});

test('a time that is over, that is none, or for which the plan would not be good is refused', async () => {
  for (const [at, says] of [
    [inMs(-1000), 'is over'],
    ['tomorrow', 'This is no time'],
    [inMs(8 * 24 * HOUR_MS), 'is good until'],
  ] as const) {
    await expect(disable(at)).rejects.toMatchObject({
      kind: 'invalidInput', message: expect.stringContaining(says), details: { field: 'apply_at' },
    }); // prettier-ignore
  }
});

test('the same key with another time is another request', async () => {
  const at = inMs(HOUR_MS);
  const plan = await disable(at, { idempotencyKey: 'k1' });
  expect((await disable(at, { idempotencyKey: 'k1' })).id).toBe(plan.id);
  await expect(disable(inMs(2 * HOUR_MS), { idempotencyKey: 'k1' })).rejects.toMatchObject({
    details: { code: 'idempotencyKeyReused' },
  });
});
