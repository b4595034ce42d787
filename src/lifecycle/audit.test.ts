import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseEntry } from '../audit/link.ts';
import type { Caller } from '../model/access.ts';
import type { AuditEntry } from '../model/audit.ts';
import { testDatabase } from '../store/testing/index.ts';
import { CONNECTION, setStage, type Stage } from './testing/stage.ts';

const database = await testDatabase();
let stage: Stage;
let ada: Caller;
let olga: Caller;

beforeAll(async () => {
  stage = await setStage(database);
  ada = await stage.caller({ name: 'Ada', role: 'admin' });
  olga = await stage.caller({ name: 'Olga', role: 'operator' });
});
afterAll(async () => {
  await stage.close();
  await database.close();
});

/** What the audit log was told since the last time. */
async function told(): Promise<readonly AuditEntry[]> {
  const { rows } = await database.pool.query<{ content: string }>(
    'with taken as (delete from audit_inbox returning id, content) select content from taken order by id',
  );
  return rows.flatMap(({ content }) => parseEntry(content) ?? []);
}

async function somebody(offset: number): Promise<string> {
  const { rows } = await database.pool.query<{ email: string }>(
    `select email from account where status = 'active' and not 'admin' = any(roles) order by key limit 1 offset $1`,
    [offset],
  );
  return rows[0]?.email ?? '';
}

const planFor = (user: string, more: object = {}) =>
  stage.changes.plan({ connectionId: CONNECTION, action: 'lastpass_disable_user', input: { user }, ...more }, olga);

test('the audit log is told of a plan, its run, and each change with its calls and what reading back showed', async () => {
  await told();
  const user = await somebody(0);
  const made = await planFor(user);
  const run = await stage.applied(made, olga);
  const entries = await told();
  expect(entries.map(({ kind, action }) => `${kind} ${action}`)).toEqual([
    'plan plan.made', 'plan plan.applied', 'change lastpass.disable_user', 'run run.succeeded',
  ]); // prettier-ignore
  expect(entries.every(({ plan, connection }) => plan === made.id && connection === CONNECTION)).toBe(true);
  const change = entries.find(({ kind }) => kind === 'change');
  expect(change).toMatchObject({
    outcome: 'ok', actor: { name: 'Olga' }, run: run.id, ordinal: 0, subject: { kind: 'account', name: user },
    details: {
      end: 'done', proof: 'state', before: { status: 'active' }, after: { status: 'disabled' },
      calls: [{ operation: 'disableuser', status: 200, outcome: 'answered' }],
    },
  }); // prettier-ignore
  expect(JSON.stringify(change)).not.toContain('provhash');
});

test('the audit log is told of decisions, withdrawn plans, marks, thresholds and what they stop', async () => {
  const user = await somebody(1);
  await stage.changes.setMark(CONNECTION, user, { isProtected: true, note: 'The founder.' }, ada);
  await expect(planFor(user)).rejects.toMatchObject({ kind: 'guarded' });
  await stage.changes.setPolicy(CONNECTION, { approvalAboveSubjects: 0 }, ada);
  const waiting = await planFor(await somebody(2), { appliesWhenApproved: false });
  await stage.changes.approve(waiting.id, 'As agreed.', ada);
  const withdrawn = await planFor(await somebody(3));
  await stage.changes.cancelPlan(withdrawn.id, olga);
  const dry = await planFor(await somebody(4), { dryRun: true });
  expect(dry.changes).toBe(1);
  expect(await told()).toMatchObject([
    { kind: 'guard', action: 'mark.set', actor: { name: 'Ada' }, details: { isProtected: true, note: 'The founder.' } },
    {
      kind: 'guard',
      action: 'guard.stopped',
      outcome: 'denied',
      actor: { name: 'Olga' },
      details: { guard: 'protectedAccount' },
    },
    { kind: 'guard', action: 'policy.set', details: { set: { approvalAboveSubjects: 0 } } },
    { kind: 'plan', action: 'plan.made', plan: waiting.id },
    {
      kind: 'plan',
      action: 'plan.approved',
      plan: waiting.id,
      actor: { name: 'Ada' },
      details: { reason: 'As agreed.' },
    },
    { kind: 'plan', action: 'plan.made', plan: withdrawn.id },
    { kind: 'plan', action: 'plan.cancelled', plan: withdrawn.id, actor: { name: 'Olga' } },
  ]);
});
