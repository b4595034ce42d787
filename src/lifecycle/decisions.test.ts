import { afterAll, describe, expect, test } from 'vitest';
import type { Caller } from '../model/access.ts';
import { type DecisionRow, decisionsOf, insertDecision } from '../store/lifecycle/decisions.ts';
import { expirePlans, planById, type PlanRow } from '../store/lifecycle/plans.ts';
import { approvedBy } from './decisions.ts';
import { signDecision } from './sign.ts';
import { openDesk } from './testing/desk.ts';

const desk = await openDesk();
const { database, records, clock, vault } = desk;
afterAll(() => desk.close());
const { pool } = database;
const ada = await desk.caller('Ada', 'person', 'admin');
const ben = await desk.caller('Ben', 'person', 'approver');
const olga = await desk.caller('Olga', 'person', 'operator');
const cron = await desk.caller('Cron', 'service', 'admin');
const robot = await desk.caller('Robot', 'agent', 'agent');

const plan = async (id: string): Promise<PlanRow> => {
  const row = await planById(pool, id);
  if (row === null) throw new Error(`There is no plan ${id}.`);
  return row;
};
const approval = async (id: string) => approvedBy(vault, await plan(id), await decisionsOf(pool, [id]));
const only = (...ids: readonly string[]) =>
  database.pool.query('update principal set disabled_at = case when id = any($1) then null else now() end', [ids]);
const everybody = () => pool.query('update principal set disabled_at = null');

describe('an approval', () => {
  test('makes the plan ready and is kept with who gave it, when and why', async () => {
    const id = await desk.addPlan({ by: olga });
    expect(await records.approve(id, ' She left on Friday. ', ben)).toMatchObject({ id, state: 'ready' });
    expect(await approval(id)).toMatchObject({
      principalId: ben.principalId, decision: 'approve', reason: 'She left on Friday.', decidedAt: clock.now().toISOString(),
    }); // prettier-ignore
    expect((await records.getPlan(id, olga)).decisions).toEqual([
      {
        decision: 'approve', reason: 'She left on Friday.', at: clock.now().toISOString(),
        by: { id: ben.principalId, name: 'Ben', kind: 'person' },
      },
    ]); // prettier-ignore
    expect((await plan(id)).decidedAt).toBe(clock.now().toISOString());
  });

  test('replayed on another plan does not count there', async () => {
    const approved = await desk.addPlan({ by: olga });
    const other = await desk.addPlan({ by: olga });
    await records.approve(approved, null, ben);
    const [genuine] = await decisionsOf(pool, [approved]);
    if (genuine === undefined) throw new Error('The approval was not kept.');
    await insertDecision(pool, { ...genuine, planId: other });
    await pool.query(`update plan set state = 'ready' where id = $1`, [other]);
    expect(await approval(approved)).not.toBeNull();
    expect(await approval(other)).toBeNull();
    expect((await records.getPlan(other, olga)).decisions).toEqual([]);
  });

  test('that was edited does not count, whatever was edited', async () => {
    const kept = async (id: string): Promise<DecisionRow> => {
      const [decision] = await decisionsOf(pool, [id]);
      if (decision === undefined) throw new Error('The decision was not kept.');
      return decision;
    };
    const approved = await desk.addPlan({ by: olga });
    await records.approve(approved, null, ben);
    const [row, genuine] = [await plan(approved), await kept(approved)];
    expect(approvedBy(vault, row, [genuine])).toEqual(genuine);
    const edits: Partial<DecisionRow>[] = [
      { principalId: ada.principalId }, { reason: 'Fine.' }, { decidedAt: '2026-01-01T00:00:00.000Z' }, { mac: '' },
    ]; // prettier-ignore
    for (const edit of edits) expect(approvedBy(vault, row, [{ ...genuine, ...edit }])).toBeNull();

    const rejected = await desk.addPlan({ by: olga });
    await records.reject(rejected, null, ben);
    const turned = { ...(await kept(rejected)), decision: 'approve' } as const;
    expect(approvedBy(vault, await plan(rejected), [turned])).toBeNull();
  });

  test('counts no longer once the plan was rejected, even where its state was set back', async () => {
    const id = await desk.addPlan({ by: olga });
    await records.approve(id, null, ben);
    await records.reject(id, 'Not today.', ada);
    await pool.query(`update plan set state = 'ready' where id = $1`, [id]);
    expect(await approval(id)).toBeNull();
  });

  test('given twice at once counts once; the second is told that it was decided', async () => {
    const id = await desk.addPlan({ by: olga });
    const settled = await desk.atOnce(
      `select from plan where id = '${id}' for update`,
      [ada, ben].map((by) => () => records.approve(id, null, by)),
    );
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { kind: 'conflict', details: { code: 'alreadyDecided' } },
    });
    expect(await decisionsOf(pool, [id])).toHaveLength(1);
  });

  test('is refused for a plan that was edited in the database, hash and all', async () => {
    const id = await desk.addPlan({ by: olga });
    const other = await plan(await desk.addPlan({ by: olga, effect: 'destructive' }));
    // The whole of another plan, signature included, under this plan's id.
    await pool.query('update plan set header = $2, root_hash = $3, mac = $4 where id = $1', [
      id, other.header, other.rootHash, other.mac,
    ]); // prettier-ignore
    const altered = { kind: 'stale', details: { code: 'planAltered' } };
    await expect(records.approve(id, null, ben)).rejects.toMatchObject(altered);
    await expect(records.getPlan(id, ben)).rejects.toMatchObject(altered);
    expect(await decisionsOf(pool, [id])).toEqual([]);
  });

  test('is refused for a plan that has expired, before the state says so and after', async () => {
    const id = await desk.addPlan({ by: olga, createdAt: '2026-02-20T08:00:00.000Z' });
    const expired = { kind: 'conflict', details: { code: 'planExpired' } };
    await expect(records.approve(id, null, ben)).rejects.toMatchObject(expired);
    // Putting the end off in the row alone does not help: it is signed.
    await pool.query(`update plan set expires_at = now() + interval '1 year' where id = $1`, [id]);
    await expect(records.approve(id, null, ben)).rejects.toMatchObject(expired);
    await pool.query(`update plan set expires_at = '2026-02-27T08:00:00Z' where id = $1`, [id]);
    expect(await expirePlans(pool, clock.now().toISOString())).toEqual([id]);
    await expect(records.approve(id, null, ben)).rejects.toMatchObject(expired);
    expect(await records.getPlan(id, ben)).toMatchObject({
      state: 'expired',
      next: expect.stringContaining('expired'),
    });
  });

  test('is refused while the clock is before the time the plan was made', async () => {
    const id = await desk.addPlan({ by: olga });
    clock.pass(-6 * 60_000);
    await expect(records.approve(id, null, ben)).rejects.toMatchObject({
      kind: 'stale', details: { code: 'clockWentBack' },
    }); // prettier-ignore
    clock.pass(2 * 60_000); // as two machines' clocks may differ
    await expect(records.approve(id, null, ben)).resolves.toMatchObject({ state: 'ready' });
    clock.pass(4 * 60_000);
  });

  test('is refused for a plan that needs none, saying how to go on', async () => {
    const id = await desk.addPlan({ by: olga, state: 'ready' });
    await expect(records.approve(id, null, ben)).rejects.toMatchObject({
      kind: 'conflict', details: { code: 'alreadyDecided', next: `Apply it: usher plan apply ${id}.` },
    }); // prettier-ignore
  });

  test('of a reason that cannot be kept is refused before anything is decided', async () => {
    const id = await desk.addPlan({ by: olga });
    for (const reason of ['a\0b', 'x'.repeat(2001)]) {
      await expect(records.approve(id, reason, ben)).rejects.toMatchObject({ details: { field: 'reason' } });
    }
    expect(await plan(id)).toMatchObject({ state: 'waiting' });
  });
});

describe('who may approve', () => {
  const refused = (code?: string) => ({ kind: 'permission', ...(code !== undefined && { details: { code } }) });

  test('is a person with that right; never a service or an agent, whatever their role', async () => {
    const id = await desk.addPlan({ by: robot });
    const agentWithAll: Caller = { ...robot, permissions: ada.permissions };
    for (const by of [cron, robot, agentWithAll]) {
      await expect(records.approve(id, null, by)).rejects.toMatchObject(refused('personsOnly'));
      await expect(records.reject(id, null, by)).rejects.toMatchObject(refused('personsOnly'));
    }
    await expect(records.approve(id, null, olga)).rejects.toMatchObject(refused());
    await expect(records.approve(id, null, ada)).resolves.toMatchObject({ state: 'ready' });
  });

  test('is not the requester of a destructive plan while somebody else could', async () => {
    const id = await desk.addPlan({ by: ada, effect: 'destructive' });
    expect((await records.getPlan(id, ada)).next).toBe(
      `A person other than Ada has to approve it: usher plan approve ${id}.`,
    );
    await expect(records.approve(id, null, ada)).rejects.toMatchObject(refused('needsAnotherPerson'));
    await expect(records.approve(id, null, ben)).resolves.toMatchObject({ state: 'ready' });
  });

  test('is the requester where there is no other person: the disabled, services and operators are none', async () => {
    const id = await desk.addPlan({ by: ada, effect: 'destructive' });
    await only(ada.principalId, cron.principalId, olga.principalId, robot.principalId);
    expect((await records.getPlan(id, ada)).next).toBe(`A person has to approve it: usher plan approve ${id}.`);
    await expect(records.approve(id, null, ada)).resolves.toMatchObject({ state: 'ready' });
    await everybody();
  });

  test('is the requester too where nothing is destroyed', async () => {
    const id = await desk.addPlan({ by: ada });
    await expect(records.approve(id, null, ada)).resolves.toMatchObject({ state: 'ready' });
  });

  test('is nobody whose token is not good for the connection: to them there is no such plan', async () => {
    const id = await desk.addPlan({ by: olga });
    for (const by of [
      { ...ada, connections: ['other'] },
      { ...cron, connections: ['other'] },
    ]) {
      await expect(records.approve(id, null, by)).rejects.toMatchObject({ kind: 'notFound' });
    }
    await expect(records.approve('no such\0plan', null, ada)).rejects.toMatchObject({ kind: 'notFound' });
  });
});

describe('a plan that is not to be', () => {
  const secrets = (id: string) => desk.count('select from secret where owner = $1', `plan:${id}:0`);

  test('is rejected, waiting or approved, and loses its secrets', async () => {
    const waiting = await desk.addPlan({ by: olga });
    const neighbour = await desk.addPlan({ id: `${waiting}0`, by: olga });
    expect(await secrets(waiting)).toBe(1);
    expect(await records.reject(waiting, 'No.', ben)).toMatchObject({
      state: 'rejected', decisions: [{ decision: 'reject', reason: 'No.', by: { name: 'Ben' } }],
    }); // prettier-ignore
    expect(await secrets(waiting)).toBe(0);
    expect(await secrets(neighbour)).toBe(1);
    await records.approve(neighbour, null, ada);
    expect(await secrets(neighbour)).toBe(1);
    await records.reject(neighbour, null, ben);
    expect(await secrets(neighbour)).toBe(0);
    await expect(records.reject(neighbour, null, ada)).rejects.toMatchObject({ details: { code: 'alreadyDecided' } });
  });

  test('is withdrawn by who asked for it or operates Usher, but not by an agent it is not of', async () => {
    const own = await desk.addPlan({ by: robot });
    const foreign = await desk.addPlan({ by: olga });
    await expect(records.cancelPlan(foreign, robot)).rejects.toMatchObject({ kind: 'permission' });
    await expect(records.cancelPlan(foreign, { ...ben, permissions: new Set() })).rejects.toMatchObject({
      kind: 'permission',
    });
    expect(await records.cancelPlan(own, robot)).toMatchObject({ state: 'cancelled' });
    expect(await records.cancelPlan(foreign, ben)).toMatchObject({ state: 'cancelled' });
    expect(await secrets(own)).toBe(0);
  });

  test('cannot be withdrawn or rejected once it was applied', async () => {
    const id = await desk.addPlan({ by: olga });
    await desk.addRun(id);
    for (const end of [() => records.cancelPlan(id, olga), () => records.reject(id, null, ben)]) {
      await expect(end()).rejects.toMatchObject({ kind: 'conflict', details: { code: 'alreadyDecided' } });
    }
  });
});

test('a decision signed for a plan is not one for a plan of the same id made anew', async () => {
  const id = await desk.addPlan({ by: olga });
  const row = await plan(id);
  const made = {
    principalId: ben.principalId,
    decision: 'approve',
    reason: null,
    decidedAt: clock.now().toISOString(),
  } as const;
  const decision = { planId: id, ...made, mac: signDecision(vault, row, made) };
  expect(approvedBy(vault, row, [decision])).toEqual(decision);
  expect(approvedBy(vault, { ...row, mac: 'another' }, [decision])).toBeNull();
});
