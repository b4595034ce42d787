import { afterAll, describe, expect, test } from 'vitest';
import type { Caller } from '../model/access.ts';
import { openDesk, receiptOf } from './testing/desk.ts';

const desk = await openDesk();
const { database, records, clock } = desk;
afterAll(() => desk.close());
const { pool } = database;
const ada = await desk.caller('Ada', 'person', 'admin');
const olga = await desk.caller('Olga', 'person', 'operator');
await desk.addConnection('other');
await desk.addConnection('third');
const limited = (...connections: readonly string[]): Caller => ({ ...olga, connections });

describe('a plan', () => {
  test('is shown as it was signed, with its first hundred changes and how to go on', async () => {
    const id = await desk.addPlan({ by: olga, changes: 103 });
    const view = await records.getPlan(id, ada);
    expect(view).toMatchObject({
      id, state: 'waiting', title: 'Disable a user, keep the vault', reason: 'She left.', changes: 103, runId: null,
      requestedBy: { id: olga.principalId, name: 'Olga', kind: 'person' }, decisions: [],
      next: `A person has to approve it: usher plan approve ${id}.`,
    }); // prettier-ignore
    expect(view.firstChanges).toHaveLength(100);
    expect(view.firstChanges[7]).toMatchObject({
      ordinal: 7, subject: { key: '1007' }, summary: 'Disable jane7@northwind.example; the vault is kept', outcome: null,
    }); // prettier-ignore
  });

  test('keeps the name its requester had when that principal is gone', async () => {
    const gone = await desk.caller('Gone', 'service', 'operator');
    const id = await desk.addPlan({ by: gone });
    await pool.query('delete from principal where id = $1', [gone.principalId]);
    expect((await records.getPlan(id, ada)).requestedBy).toEqual({
      id: gone.principalId,
      name: 'Gone',
      kind: 'service',
    });
  });

  test('is not there for a token of other connections', async () => {
    const id = await desk.addPlan({ connectionId: 'other' });
    await expect(records.getPlan(id, limited('lastpass'))).rejects.toMatchObject({ kind: 'notFound' });
    await expect(records.planChanges(id, { limit: 5 }, limited())).rejects.toMatchObject({ kind: 'notFound' });
    expect(await records.getPlan(id, limited('other'))).toMatchObject({ id });
  });

  test('that names no run says why, to those who may see it', async () => {
    const waiting = await desk.addPlan({ connectionId: 'other' });
    await expect(records.getRun(waiting, ada)).rejects.toMatchObject({
      kind: 'notFound',
      message: `Plan ${waiting} has no run: it waits for approval.`,
      details: { next: `An approver runs: usher plan approve ${waiting}.` },
    });
    await expect(records.getRun(waiting, limited('lastpass'))).rejects.toThrow(`There is no run "${waiting}".`);
    const ready = await desk.addPlan({ state: 'ready' });
    await expect(records.getRun(ready, ada)).rejects.toThrow('it was not applied yet');
  });

  test('says how to go on in every state', async () => {
    const rejected = await desk.addPlan();
    await records.reject(rejected, null, ada);
    const ready = await desk.addPlan({ state: 'ready' });
    const applied = await desk.addPlan();
    const run = await desk.addRun(applied);
    const next = async (id: string) => (await records.getPlan(id, ada)).next;
    expect(await next(rejected)).toMatch(/^It was rejected/);
    expect(await next(ready)).toBe(`Apply it: usher plan apply ${ready}.`);
    expect(await next(applied)).toBe(`See what came of it: usher runs show ${run}.`);
  });
});

describe('an edit in the database', () => {
  const altered = { kind: 'stale', details: { code: 'planAltered' } };
  const changesOf = (id: string) => records.planChanges(id, { limit: 10 }, ada);

  test('of a change shows wherever the change is shown', async () => {
    const id = await desk.addPlan({ changes: 3 });
    const edit = `update plan_change set content = replace(content, 'jane1@', 'ceo@') where plan_id = $1 and ordinal = 1`;
    await pool.query(edit, [id]);
    await expect(records.getPlan(id, ada)).rejects.toMatchObject(altered);
    await expect(changesOf(id)).rejects.toMatchObject(altered);
  });

  test('that hides a change shows, at the end as well', async () => {
    for (const ordinal of [0, 1, 2]) {
      const id = await desk.addPlan({ changes: 3 });
      await pool.query('delete from plan_change where plan_id = $1 and ordinal = $2', [id, ordinal]);
      await expect(changesOf(id)).rejects.toMatchObject(altered);
      await expect(records.getPlan(id, ada)).rejects.toMatchObject(altered);
    }
  });

  test('that puts two changes in each other’s place shows', async () => {
    const id = await desk.addPlan({ changes: 2 });
    await pool.query('update plan_change set ordinal = 9 where plan_id = $1 and ordinal = 0', [id]);
    await pool.query('update plan_change set ordinal = 0 where plan_id = $1 and ordinal = 1', [id]);
    await pool.query('update plan_change set ordinal = 1 where plan_id = $1 and ordinal = 9', [id]);
    await expect(changesOf(id)).rejects.toMatchObject(altered);
  });

  test('of one plan does not keep the others from being listed, and neither does bytes that are no JSON', async () => {
    const id = await desk.addPlan({ connectionId: 'third' });
    const fine = await desk.addPlan({ connectionId: 'third' });
    await pool.query(`update plan set header = '{' where id = $1`, [id]);
    const run = await desk.addRun(id);
    const { items } = await records.listPlans({ connectionId: 'third', limit: 10 }, ada);
    expect(items).toEqual([
      expect.objectContaining({ id, title: 'Altered in the database' }),
      expect.objectContaining({ id: fine, title: 'Disable a user, keep the vault' }),
    ]);
    expect(await records.getRun(run, ada)).toMatchObject({ title: 'Altered in the database' });
    await pool.query('delete from run where id = $1', [run]);
    await pool.query('delete from plan where id = any($1)', [[id, fine]]);
  });
});

describe('the changes of a plan', () => {
  test('come in pages, in their order', async () => {
    const id = await desk.addPlan({ changes: 5 });
    const first = await records.planChanges(id, { limit: 2 }, olga);
    const second = await records.planChanges(id, { limit: 2, next: first.next ?? '' }, olga);
    const third = await records.planChanges(id, { limit: 2, next: second.next ?? '' }, olga);
    const pages = [first, second, third].map(({ items }) => items.map(({ ordinal }) => ordinal));
    expect(pages).toEqual([[0, 1], [2, 3], [4]]);
    expect(third.next).toBeNull();
    const other = await desk.addPlan({ changes: 5 });
    await expect(records.planChanges(other, { limit: 2, next: first.next ?? '' }, olga)).rejects.toMatchObject({
      kind: 'invalidInput', details: { field: 'next' },
    }); // prettier-ignore
  });

  test('say what came of them, and can be asked for by that', async () => {
    const id = await desk.addPlan({ changes: 3 });
    const run = await desk.addRun(id);
    await pool.query(
      `update run_change set state = 'failed', attempt = 2, receipt = $2, ended_at = $3 where run_id = $1 and ordinal = 1`,
      [run, JSON.stringify(receiptOf('LastPass refused it.')), clock.now()],
    );
    const { items } = await records.planChanges(id, { states: ['failed'], limit: 10 }, olga);
    expect(items).toEqual([
      expect.objectContaining({
        ordinal: 1,
        outcome: {
          state: 'failed', attempt: 2, endedAt: clock.now().toISOString(), receipt: receiptOf('LastPass refused it.'),
          waitsFor: null, heldUntil: null,
        },
      }),
    ]); // prettier-ignore
    expect((await records.planChanges(id, { states: ['planned'], limit: 10 }, olga)).items).toHaveLength(2);
  });
});

describe('a list', () => {
  const ids = (page: { readonly items: readonly { readonly id: string }[] }) => page.items.map(({ id }) => id);

  test('of plans has the newest first, over all connections a token is good for, page by page', async () => {
    await pool.query('truncate plan cascade');
    const made: string[] = [];
    for (const connectionId of ['lastpass', 'other', 'lastpass', 'third', 'other']) {
      clock.pass(1000);
      made.unshift(await desk.addPlan({ connectionId }));
    }
    // Two of one moment stay apart, too.
    made.unshift(...[await desk.addPlan(), await desk.addPlan()].toSorted());
    const [a, b, c] = [made[0], made[1], made[2]];
    await pool.query('update plan set created_at = $2 where id = any($1)', [[a, b], clock.now()]);
    await pool.query(`update plan set created_at = created_at - interval '1 ms' where id = $1`, [c]);
    const seen: string[] = [];
    let next: string | null = null;
    do {
      const page = await records.listPlans({ limit: 2, ...(next !== null && { next }) }, ada);
      seen.push(...ids(page));
      next = page.next;
    } while (next !== null);
    expect(seen).toEqual(made);
    const other = await records.listPlans({ limit: 10 }, limited('other', 'third'));
    expect(other.items.map(({ connectionId }) => connectionId)).toEqual(['other', 'third', 'other']);
    expect(ids(await records.listPlans({ limit: 10 }, limited()))).toEqual([]);
  });

  test('of plans can be of some states, and shows the run of each', async () => {
    const id = await desk.addPlan();
    const run = await desk.addRun(id);
    const { items } = await records.listPlans({ states: ['applied'], limit: 10 }, ada);
    expect(items).toEqual([expect.objectContaining({ id, runId: run, state: 'applied' })]);
  });

  test('of a connection that is not there, or not for this token, is not found', async () => {
    for (const connectionId of ['nowhere', 'a\0b', 'third']) {
      const asked = { connectionId, limit: 5 };
      await expect(records.listPlans(asked, limited('other'))).rejects.toMatchObject({ kind: 'notFound' });
      await expect(records.listRuns(asked, limited('other'))).rejects.toMatchObject({ kind: 'notFound' });
    }
  });

  test('of runs goes on where it ended, to the microsecond, and is narrowed like that of plans', async () => {
    await pool.query('truncate plan cascade');
    const runs: string[] = [];
    for (let count = 0; count < 5; count += 1) runs.unshift(await desk.addRun(await desk.addPlan()));
    const first = await records.listRuns({ limit: 3 }, olga);
    const second = await records.listRuns({ limit: 3, next: first.next ?? '' }, olga);
    expect([...ids(first), ...ids(second)]).toEqual(runs);
    expect(second.next).toBeNull();
    expect(ids(await records.listRuns({ limit: 3, states: ['failed'] }, olga))).toEqual([]);
    expect(ids(await records.listRuns({ limit: 3 }, limited('other')))).toEqual([]);
  });

  test('does not go on from a cursor that was made up', async () => {
    const { next } = await records.listRuns({ limit: 3 }, olga);
    const made: unknown = JSON.parse(Buffer.from(next ?? '', 'base64url').toString());
    if (typeof made !== 'object') throw new Error('A cursor is an object.');
    for (const k of [
      ['yesterday', 'x'],
      ['2026-01-01T00:00:00Z', 'no-uuid'],
      ['2026-99-01T00:00:00Z', ''],
    ]) {
      const forged = Buffer.from(JSON.stringify({ ...made, k })).toString('base64url');
      await expect(records.listRuns({ limit: 3, next: forged }, olga)).rejects.toMatchObject({ kind: 'invalidInput' });
    }
  });
});

describe('a run', () => {
  test('is found by its own id and by its plan’s, with its figures', async () => {
    const plan = await desk.addPlan({ by: olga, changes: 4 });
    const run = await desk.addRun(plan, 'partial', 'done');
    await pool.query(`update run_change set state = 'failed' where run_id = $1 and ordinal = 2`, [run]);
    await pool.query(`update run_change set inverse = '{}' where run_id = $1 and ordinal = 3`, [run]);
    const view = await records.getRun(run, olga);
    expect(view).toMatchObject({
      id: run, planId: plan, state: 'partial', total: 4, counts: { planned: 0, done: 3, failed: 1 }, canRetry: true,
      canUndo: true, pending: null, requestedBy: { name: 'Olga' },
    }); // prettier-ignore
    expect(await records.getRun(plan, olga)).toEqual(view);
  });

  test('that is still under way can be neither retried nor undone, and says what is asked of it', async () => {
    const run = await desk.addRun(await desk.addPlan(), 'running', 'failed');
    const view = () => records.getRun(run, olga);
    expect(await view()).toMatchObject({ canRetry: false, canUndo: false, pending: null });
    await pool.query('update run set pause_requested = true where id = $1', [run]);
    expect(await view()).toMatchObject({ pending: 'pause' });
    await pool.query(`update run set state = 'paused' where id = $1`, [run]);
    expect(await view()).toMatchObject({ pending: null });
    await pool.query('update run set cancel_requested = true where id = $1', [run]);
    expect(await view()).toMatchObject({ pending: 'cancel' });
    await pool.query(`update run set state = 'cancelled' where id = $1`, [run]);
    expect(await view()).toMatchObject({ pending: null, canRetry: true });
  });

  test('is not there for a token of other connections, nor under an id that can be none', async () => {
    const run = await desk.addRun(await desk.addPlan());
    await expect(records.getRun(run, limited('other'))).rejects.toMatchObject({ kind: 'notFound' });
    for (const id of ['', 'plan_none', "'; drop", '00000000-0000-4000-8000-000000000000']) {
      await expect(records.getRun(id, ada)).rejects.toMatchObject({ kind: 'notFound' });
    }
  });
});
