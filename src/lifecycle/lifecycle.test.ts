import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Caller } from '../model/access.ts';
import type { PlanState } from '../model/changes.ts';
import { UsherError } from '../model/errors.ts';
import { emptyTables, testDatabase } from '../store/testing/index.ts';
import type { PlanView } from './surface.ts';
import { CONNECTION, setStage, type Stage } from './testing/stage.ts';

const database = await testDatabase();
const { pool } = database;
afterAll(() => database.close());

let stage: Stage;
let ada: Caller;
let olga: Caller;

beforeEach(async () => {
  await emptyTables(database);
  stage = await setStage(database);
  ada = await stage.caller({ name: 'Ada', role: 'admin' });
  olga = await stage.caller({ name: 'Olga', role: 'operator' });
});
afterEach(() => stage.close());

/** Addresses of people of the snapshot in a status, administrators left out. */
async function people(status = 'active', count = 3): Promise<string[]> {
  const { rows } = await pool.query<{ email: string }>(
    `select email from account where connection_id = $1 and status = $2 and not 'admin' = any(roles) order by key limit $3`,
    [CONNECTION, status, count],
  );
  return rows.map(({ email }) => email);
}

async function administrators(): Promise<string[]> {
  const { rows } = await pool.query<{ email: string }>(
    `select email from account where connection_id = $1 and status = 'active' and 'admin' = any(roles) order by key`,
    [CONNECTION],
  );
  return rows.map(({ email }) => email);
}

async function statusOf(email: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ status: string }>('select status from account where email_folded = lower($1)', [
    email,
  ]);
  return rows[0]?.status;
}

const plan = (action: string, input: unknown, by: Caller, more: object = {}): Promise<PlanView> =>
  stage.changes.plan({ connectionId: CONNECTION, action, input, ...more }, by);
const effects = (kind: string): string[] =>
  stage.simulator
    .effects()
    .filter((effect) => effect.kind === kind)
    .map(({ subject }) => subject);
const first = <T>(items: readonly T[]): T => {
  const [item] = items;
  if (item === undefined) throw new Error('The company has nobody like that.');
  return item;
};
const stateOf = async (id: string): Promise<PlanState> => (await stage.changes.getPlan(id, ada)).state;

describe('a change', () => {
  test('is planned without touching the app, applied, read back, and in the snapshot at once', async () => {
    const user = first(await people());
    const made = await plan('lastpass_disable_user', { user }, olga);
    expect(made).toMatchObject({ state: 'ready', effect: 'write', approvalReasons: [], guards: [] });
    expect(made.firstChanges[0]).toMatchObject({ undo: { isPossible: true }, before: { status: 'active' } });
    expect(effects('user.disabled')).toEqual([]);
    const run = await stage.applied(made, olga);
    expect(run).toMatchObject({ state: 'succeeded', counts: { done: 1 }, canUndo: true });
    expect(effects('user.disabled')).toEqual([user]);
    expect(await statusOf(user)).toBe('disabled');
    const [change] = (await stage.changes.planChanges(made.id, { limit: 1 }, olga)).items;
    expect(change?.outcome).toMatchObject({
      state: 'done', receipt: { proof: 'state', before: { status: 'active' }, after: { status: 'disabled' } },
    }); // prettier-ignore
  });

  test('takes into the snapshot what it looks at, and leaves the rest of what it read to the next pull', async () => {
    const user = first(await people());
    const groupsOf = async (): Promise<readonly string[]> => {
      const { rows } = await pool.query<{ target_key: string }>(
        `select target_key from "grant" g join account a on a.connection_id = g.connection_id and a.key = g.holder_key
          where a.email_folded = lower($1) and g.target_kind = 'group' order by target_key`,
        [user],
      );
      return rows.map(({ target_key }) => target_key);
    };
    const before = await groupsOf();
    stage.simulator.mutate({ op: 'set-user', username: user, fields: { groups: ['Travel'] } });
    await stage.run('lastpass_disable_user', { user }, olga);
    expect([await statusOf(user), await groupsOf()]).toEqual(['disabled', before]);
    await stage.run('lastpass_change_group_members', { changes: [{ user, add: ['IT'] }] }, olga);
    expect(await groupsOf()).toEqual(['IT', 'Travel']);
  });

  test('that is so already is skipped, and nothing is called', async () => {
    const user = first(await people());
    const made = await plan('lastpass_disable_user', { user }, olga);
    stage.simulator.mutate({ op: 'set-user', username: user, fields: { disabled: true } });
    expect(await stage.applied(made, olga)).toMatchObject({ state: 'succeeded', counts: { skipped: 1 } });
    expect(stage.simulator.requests().some(({ operation }) => operation === 'disableuser')).toBe(false);
  });

  test('of an account that has changed since is stale: nothing is called', async () => {
    const user = first(await people());
    const made = await plan('lastpass_disable_user', { user }, olga);
    stage.simulator.mutate({ op: 'set-user', username: user, fields: { admin: true } });
    const run = await stage.applied(made, olga);
    expect(run).toMatchObject({ state: 'failed', counts: { failed: 1 } });
    const [change] = (await stage.changes.planChanges(made.id, { limit: 1 }, olga)).items;
    expect(change?.outcome?.receipt).toMatchObject({ code: 'stale' });
    expect(run.canRetry).toBe(false);
    await expect(stage.changes.retry(run.id, olga)).rejects.toMatchObject({ details: { code: 'nothingToRetry' } });
    expect(effects('user.disabled')).toEqual([]);
  });

  test('of an address that was given to another person since touches neither of the two', async () => {
    const [jane, other] = await people('active', 2);
    const made = await plan('lastpass_disable_user', { user: jane }, olga);
    stage.simulator.mutate({ op: 'rename-user', username: jane ?? '', to: 'jane.elsewhere@northwind.example' });
    stage.simulator.mutate({ op: 'rename-user', username: other ?? '', to: jane ?? '' });
    const run = await stage.applied(made, olga);
    expect(run.counts).toMatchObject({ failed: 1 });
    expect(effects('user.disabled')).toEqual([]);
    expect(run.state).toBe('failed');
  });

  test('is undone by a plan that takes it back', async () => {
    const user = first(await people());
    const { run } = await stage.run('lastpass_disable_user', { user }, olga);
    const undo = await stage.changes.undo(run.id, null, olga);
    expect(undo.firstChanges[0]).toMatchObject({ change: 'enable_user', before: { status: 'disabled' } });
    expect(await stage.applied(undo, olga)).toMatchObject({ state: 'succeeded' });
    expect(await statusOf(user)).toBe('active');
  });

  test('whose undo a guard stops says what can be done, which is no override', async () => {
    const user = first(await people());
    const run = await stage.applied(await plan('lastpass_disable_user', { user }, olga), olga);
    await stage.changes.setMark(CONNECTION, user, { isProtected: true }, ada);
    await expect(stage.changes.undo(run.id, null, ada)).rejects.toMatchObject({
      details: { code: 'protectedAccount', next: expect.stringContaining('An undo takes no override.') },
    });
  });

  test('of a plan that has expired is not made, swept or not', async () => {
    const user = first(await people());
    const made = await plan('lastpass_disable_user', { user }, olga);
    stage.clock.set(new Date(Date.parse(made.expiresAt) + 1000));
    await expect(stage.changes.apply(made.id, olga)).rejects.toMatchObject({ details: { code: 'planExpired' } });
    expect(effects('user.disabled')).toEqual([]);
  });

  test('whose answer was lost is settled by reading, not by repeating', async () => {
    const user = first(await people());
    stage.simulator.faults.add('lost-answer/disableuser@1');
    const { run } = await stage.run('lastpass_disable_user', { user }, olga);
    expect(run).toMatchObject({ state: 'succeeded' });
    expect(stage.simulator.requests().filter(({ operation }) => operation === 'disableuser')).toHaveLength(1);
  });

  test('whose call was lost before it had an effect is made again', async () => {
    const user = first(await people());
    stage.simulator.faults.add('reset/disableuser@1');
    const { run } = await stage.run('lastpass_disable_user', { user }, olga);
    expect(run).toMatchObject({ state: 'succeeded', counts: { done: 1 } });
    expect(effects('user.disabled')).toEqual([user]);
  });

  test('that an app without answers leaves uncertain is settled when the app is back', async () => {
    const user = first(await people());
    const made = await plan('lastpass_disable_user', { user }, olga);
    stage.simulator.faults.add('lost-answer/disableuser@1');
    stage.simulator.faults.add('503/getuserdata@2-1000');
    expect(await stage.applied(made, olga)).toMatchObject({ state: 'partial', counts: { uncertain: 1 } });
    stage.simulator.faults.clear();
    await stage.room.tick(new AbortController().signal);
    await stage.room.close();
    const run = await stage.changes.getRun(made.id, olga);
    expect(run).toMatchObject({ state: 'succeeded', counts: { done: 1, uncertain: 0 } });
    expect(effects('user.disabled')).toEqual([user]);
  });

  test('that a process died in is settled by reading: made ones are done and can be undone, the others are called', async () => {
    const [made = '', lost = ''] = await people('active', 2);
    const both = await plan('lastpass_delete_users', { users: [made, lost], mode: 'disable' }, olga);
    const { id } = await stage.applied(both, olga);
    // As if the process had died after writing down that the calls are coming, with one of them made.
    stage.simulator.mutate({ op: 'set-user', username: lost, fields: { disabled: false } });
    await pool.query(
      `update run_change set state = 'calling', receipt = null, inverse = null, ended_at = null,
              held = jsonb_build_object('before', '{"status": "active"}'::jsonb, 'inverse', inverse - 'subject')`,
    );
    await pool.query(`update run set state = 'running', finished_at = null`);
    await stage.room.resumeUnfinished();
    await stage.idle();
    expect(await stage.changes.getRun(id, olga)).toMatchObject({ state: 'succeeded', counts: { done: 2 } });
    expect(effects('user.disabled').filter((user) => user === made)).toHaveLength(1);
    expect(effects('user.disabled').filter((user) => user === lost)).toHaveLength(2);
    const undo = await stage.changes.undo(id, null, olga);
    expect(undo.firstChanges.map(({ change }) => change)).toEqual(['enable_user', 'enable_user']);
    const [first] = (await stage.changes.planChanges(both.id, { limit: 1 }, olga)).items;
    expect(first?.outcome?.receipt).toMatchObject({ before: { status: 'active' }, after: { status: 'disabled' } });
  });

  test('that sends a mail sends it once, though the answer was lost', async () => {
    const user = first(await people('invited', 1));
    stage.simulator.faults.add('lost-answer/reinviteuser@1');
    const { plan: made, run } = await stage.run('lastpass_resend_invitation', { user }, olga);
    expect(run).toMatchObject({ state: 'succeeded' });
    expect(effects('mail.invitation')).toEqual([user]);
    const [change] = (await stage.changes.planChanges(made.id, { limit: 1 }, olga)).items;
    expect(change?.outcome?.receipt).toMatchObject({ proof: 'log' });
  });

  test('makes an account whose generated password is handed on once', async () => {
    const user = { email: 'new.comer@northwind.example', full_name: 'New Comer', generate_password: true };
    const { plan: made, run } = await stage.run('lastpass_create_users', { users: [user] }, olga);
    expect(run).toMatchObject({ state: 'succeeded' });
    const [change] = (await stage.changes.planChanges(made.id, { limit: 1 }, olga)).items;
    const handoff = change?.outcome?.receipt?.handoff ?? '';
    await expect(stage.changes.takeHandoff(handoff, ada)).rejects.toMatchObject({ kind: 'notFound' });
    expect((await stage.changes.takeHandoff(handoff, olga)).secret).toMatch(/^.{16,}$/);
    await expect(stage.changes.takeHandoff(handoff, olga)).rejects.toMatchObject({ kind: 'notFound' });
    expect((await pool.query(`select from secret where owner like 'plan:%' or owner like 'handoff:%'`)).rowCount).toBe(
      0,
    );
  });
});

describe('the secret of a pushed site', () => {
  test('reaches the app and nothing else: no plan, receipt, error or table, and is shredded at the end', async () => {
    const canary = 'canary-"Xyzzy"-pässword';
    const everything = async (): Promise<string> => {
      const { rows } = await pool.query<{ name: string }>(
        `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'dbos')`,
      );
      const texts: string[] = [];
      for (const { name } of rows) texts.push(JSON.stringify((await pool.query(`select t::text from ${name} t`)).rows));
      return texts.join('\n');
    };
    const user = first(await people());
    const input = {
      users: [user],
      sites: [
        {
          url: 'https://bank.example',
          name: 'Bank',
          username_type: 'custom',
          username: `${canary}-user`,
          password: canary,
        },
      ],
    };
    const made = await plan('lastpass_push_sites', input, olga);
    const traces = [JSON.stringify(made), await everything()];
    const run = await stage.applied(made, olga);
    expect(run).toMatchObject({ state: 'succeeded' });
    traces.push(JSON.stringify(await stage.changes.planChanges(made.id, { limit: 1 }, olga)), await everything());
    for (const text of traces) expect(text).not.toMatch(/canary|Xyzzy|p(?:ä|\\u00e4)ssword/);
    expect(effects('site.pushed')).toEqual([user]);
    expect((await pool.query(`select from secret where owner like 'plan:%'`)).rowCount).toBe(0);

    // Only the answer would have told, and it was lost: nobody will ever know, and nobody needs the secret any more.
    stage.simulator.faults.add('truncated/pushsitestousers@1');
    const unknown = await plan('lastpass_push_sites', input, olga);
    expect(await stage.applied(unknown, olga)).toMatchObject({ counts: { uncertain: 1 } });
    expect((await pool.query(`select from secret where owner like 'plan:%'`)).rowCount).toBe(0);
    stage.simulator.faults.clear();

    // One that stays uncertain keeps its secret as long as it is looked at again, and no longer.
    await pool.query(`update run_change set state = 'uncertain', called_at = now() - interval '8 days'`);
    await pool.query(`insert into secret (owner, name, sealed) values ('plan:' || $1 || ':0', 'password', 'x')`, [
      made.id,
    ]);
    await stage.room.tick(new AbortController().signal);
    expect((await pool.query(`select from secret where owner like 'plan:%'`)).rowCount).toBe(0);

    stage.simulator.setSwitches({ pushSites: 'withdrawn' });
    const refused = await plan('lastpass_push_sites', input, olga);
    expect(await stage.applied(refused, olga)).toMatchObject({ state: 'failed' });
    const [change] = (await stage.changes.planChanges(refused.id, { limit: 1 }, olga)).items;
    expect(change?.outcome?.receipt).toMatchObject({ code: 'unsupported' });
    expect(await everything()).not.toMatch(/canary|Xyzzy/);
  });
});

describe('the secret of a change that failed', () => {
  test('is kept until it was tried again, and shredded then', async () => {
    const email = 'tried.again@northwind.example';
    const made = await plan('lastpass_create_users', { users: [{ email, password: 'A first passw0rd!' }] }, olga);
    stage.simulator.faults.add('429/batchadd');
    const run = await stage.applied(made, olga);
    expect(run).toMatchObject({ state: 'failed', canRetry: true });
    stage.simulator.faults.clear();
    await stage.changes.retry(run.id, olga);
    await stage.idle();
    expect(await stage.changes.getRun(run.id, olga)).toMatchObject({ state: 'succeeded' });
    expect(effects('user.created')).toContain(email);
    expect((await pool.query(`select from secret where owner like 'plan:%'`)).rowCount).toBe(0);
  });
});

describe('a plan edited in the database', () => {
  test('is not carried out, hash and all edited or not', async () => {
    const [jane, other] = await people('active', 2);
    const made = await plan('lastpass_disable_user', { user: jane }, olga);
    const another = await plan('lastpass_disable_user', { user: other }, olga);
    await pool.query(
      `update plan_change c set content = o.content, subject_key = o.subject_key, mac = o.mac
         from plan_change o where c.plan_id = $1 and o.plan_id = $2`,
      [made.id, another.id],
    );
    await pool.query('update plan p set root_hash = o.root_hash from plan o where p.id = $1 and o.id = $2', [
      made.id,
      another.id,
    ]);
    const altered = { kind: 'stale', details: { code: 'planAltered' } };
    await expect(stage.changes.getPlan(made.id, olga)).rejects.toMatchObject(altered);
    await expect(stage.changes.apply(made.id, olga)).rejects.toMatchObject(altered);
    expect(effects('user.disabled')).toEqual([]);
  });

  test('after its run began stops that run', async () => {
    const [jane, other] = await people('active', 2);
    const made = await plan('lastpass_delete_users', { users: [jane, other], mode: 'disable' }, ada);
    expect(await stage.applied(made, ada)).toMatchObject({ state: 'succeeded' });
    await pool.query(`update run set state = 'queued' where plan_id = $1`, [made.id]);
    await pool.query(`update run_change set state = 'planned' where ordinal = 1`);
    await pool.query(
      `update plan_change set content = replace(content, '"ordinal":1', '"ordinal": 1') where ordinal = 1`,
    );
    await stage.room.resumeUnfinished();
    await stage.idle();
    expect(await stage.changes.getRun(made.id, ada).catch((error: unknown) => error)).toMatchObject({
      state: 'partial', counts: { failed: 1 },
    }); // prettier-ignore
  });

  test('that was made ready by hand still needs its approval', async () => {
    const user = first(await people());
    const made = await plan('lastpass_delete_user', { user, mode: 'delete' }, olga);
    expect(made.state).toBe('waiting');
    await pool.query(`update plan set state = 'ready' where id = $1`, [made.id]);
    await expect(stage.changes.apply(made.id, olga)).rejects.toMatchObject({ details: { code: 'needsApproval' } });
    expect(effects('user.deleted')).toEqual([]);
  });
});

describe('approval', () => {
  test('of a destructive plan is another person’s as soon as there is one, and starts the run', async () => {
    const user = first(await people());
    const made = await plan('lastpass_delete_user', { user, mode: 'remove' }, ada);
    const alone = await stage.changes.approve(made.id, 'I am alone here', ada);
    expect(alone.state).toBe('applied');
    await stage.idle();
    expect(effects('user.removed')).toEqual([user]);
    const bert = await stage.caller({ name: 'Bert', role: 'approver' });
    const [, next = ''] = await people('active', 2);
    const second = await plan('lastpass_delete_user', { user: next, mode: 'remove' }, ada);
    await expect(stage.changes.approve(second.id, null, ada)).rejects.toMatchObject({
      details: { code: 'needsAnotherPerson' },
    });
    expect((await stage.changes.approve(second.id, null, bert)).state).toBe('applied');
  });

  test('two at once and two applies at once carry it out once', async () => {
    const user = first(await people());
    const bert = await stage.caller({ name: 'Bert', role: 'approver' });
    const made = await plan('lastpass_delete_user', { user, mode: 'delete' }, olga);
    const approvals = await Promise.allSettled([
      stage.changes.approve(made.id, null, ada),
      stage.changes.approve(made.id, null, bert),
    ]);
    expect(approvals.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const runs = await Promise.all([stage.changes.apply(made.id, olga), stage.changes.apply(made.id, ada)]);
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    await stage.idle();
    expect(effects('user.deleted')).toEqual([user]);
  });

  test('is needed for whatever an agent asks, and is never an agent’s', async () => {
    const agent = await stage.caller({ name: 'Helper', role: 'agent', kind: 'agent' });
    const user = first(await people());
    const made = await plan('lastpass_disable_user', { user }, agent);
    expect(made).toMatchObject({ state: 'waiting', approvalReasons: ['An agent asks for it.'] });
    await expect(stage.changes.approve(made.id, null, agent)).rejects.toMatchObject({ kind: 'permission' });
    await expect(stage.changes.apply(made.id, agent)).rejects.toMatchObject({ details: { code: 'needsApproval' } });
    await stage.changes.approve(made.id, null, ada);
    await stage.idle();
    expect(await statusOf(user)).toBe('disabled');
  });
});

describe('guards', () => {
  test('let two plans that each remove one of the last two administrators not both pass', async () => {
    const admins = await administrators();
    const [one = '', two = '', ...others] = admins;
    for (const username of others) stage.simulator.mutate({ op: 'set-user', username, fields: { admin: false } });
    await stage.sync();
    const plans = [
      await plan('lastpass_disable_user', { user: one }, olga),
      await plan('lastpass_disable_user', { user: two }, olga),
    ];
    // Whoever comes second is stopped when it is applied, where the first has ended by then, or right before its call.
    const outcomes = await Promise.all(
      plans.map((made) =>
        stage.applied(made, olga).then(
          ({ state }) => state,
          (error: unknown) => (error instanceof UsherError ? error.details.code : error),
        ),
      ),
    );
    expect(outcomes).toContain('succeeded');
    expect(outcomes.filter((outcome) => outcome === 'failed' || outcome === 'lastAdministrator')).toHaveLength(1);
    expect(effects('user.disabled')).toHaveLength(1);
  });

  test('stop the last administrator, a protected account and one’s own, and an override needs role and reason', async () => {
    const admins = await administrators();
    const everybody = { users: admins, mode: 'disable' };
    const guard = (code: string) => ({ kind: 'guarded', details: { code } });
    await expect(plan('lastpass_delete_users', everybody, ada)).rejects.toMatchObject(guard('lastAdministrator'));
    const user = first(await people());
    await stage.changes.setMark(CONNECTION, user, { isProtected: true }, ada);
    const asked = { user };
    await expect(plan('lastpass_disable_user', asked, olga)).rejects.toMatchObject(guard('protectedAccount'));
    const override = { override: ['protectedAccount'] };
    await expect(plan('lastpass_disable_user', asked, olga, { ...override, reason: 'x' })).rejects.toMatchObject({
      kind: 'permission',
    });
    await expect(plan('lastpass_disable_user', asked, ada, override)).rejects.toMatchObject({ kind: 'invalidInput' });
    const made = await plan('lastpass_disable_user', asked, ada, { ...override, reason: 'The break-glass drill' });
    expect(made).toMatchObject({ state: 'waiting', guards: [{ guard: 'protectedAccount', isOverridden: true }] });
    await stage.changes.approve(made.id, null, ada);
    await stage.idle();
    expect(await statusOf(user)).toBe('disabled');
    await pool.query('update principal set email = $2 where id = $1', [olga.principalId, (await people())[0]]);
    await expect(plan('lastpass_disable_user', { user: (await people())[0] }, olga)).rejects.toMatchObject(
      guard('ownAccount'),
    );
  });

  test('see a mark that was set between plan and run', async () => {
    const user = first(await people());
    const made = await plan('lastpass_disable_user', { user }, olga);
    await stage.changes.setMark(CONNECTION, user, { isProtected: true }, ada);
    await expect(stage.changes.apply(made.id, olga)).rejects.toMatchObject({ details: { code: 'protectedAccount' } });
  });

  test('count fifty one-subject requests as one of fifty', async () => {
    const users = await people('active', 12);
    expect(users).toHaveLength(12);
    await stage.changes.setPolicy(null, { stopAbovePercent: 100 }, ada);
    const plans: PlanView[] = [];
    for (const user of users) plans.push(await plan('lastpass_disable_user', { user }, olga));
    const results = await Promise.allSettled(plans.map((made) => stage.applied(made, olga)));
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatchObject({ kind: 'guarded', details: { code: 'needsApproval' } });
    expect(effects('user.disabled')).toHaveLength(10);
    const held = [];
    for (const { id } of plans) if ((await stateOf(id)) === 'waiting') held.push(id);
    expect(held).toHaveLength(2);
    await stage.changes.approve(held[0] ?? '', null, ada);
    await stage.idle();
    expect(effects('user.disabled')).toHaveLength(11);
    await stage.changes.setPolicy(null, { stopAboveSubjects: 11 }, ada);
    await expect(stage.changes.approve(held[1] ?? '', null, ada)).rejects.toMatchObject({
      details: { code: 'blastRadius' },
    });
  });

  test('count a group or the whole app as the accounts they concern', async () => {
    const sites = [{ url: 'https://wiki.example', name: 'Wiki' }];
    await expect(plan('lastpass_push_sites', { everybody: true, sites }, olga)).rejects.toMatchObject({
      kind: 'guarded',
      details: { code: 'blastRadius' },
    });
  });

  test('do not trust a snapshot from the future: a clock was set back', async () => {
    const user = first(await people());
    const made = await plan('lastpass_disable_user', { user }, olga);
    stage.clock.set(new Date(Date.now() - 3 * 3_600_000));
    await expect(plan('lastpass_disable_user', { user }, olga)).rejects.toMatchObject({
      details: { code: 'staleSnapshot' },
    });
    await expect(stage.changes.apply(made.id, olga)).rejects.toMatchObject({ details: { code: 'clockWentBack' } });
    expect(effects('user.disabled')).toEqual([]);
  });
});

describe('an idempotency key', () => {
  test('answers the same request with the same plan and refuses another', async () => {
    const [jane, other] = await people('active', 2);
    const keyed = { idempotencyKey: 'offboard-jane-1' };
    const made = await plan('lastpass_disable_user', { user: jane }, olga, keyed);
    await stage.applied(made, olga);
    expect((await plan('lastpass_disable_user', { user: jane }, olga, keyed)).id).toBe(made.id);
    await expect(plan('lastpass_disable_user', { user: other }, olga, keyed)).rejects.toMatchObject({
      kind: 'conflict', details: { code: 'idempotencyKeyReused' },
    }); // prettier-ignore
    const both = await Promise.all(
      ['a', 'a'].map((key) => plan('lastpass_disable_user', { user: other }, olga, { idempotencyKey: key })),
    );
    expect(new Set(both.map(({ id }) => id)).size).toBe(1);
  });
});

describe('a run', () => {
  test('is paused, resumed, cancelled, and its failures are tried again', async () => {
    const users = await people('active', 8);
    await stage.changes.setPolicy(null, { stopAbovePercent: 100, approvalAboveSubjects: 100 }, ada);
    const made = await plan('lastpass_delete_users', { users, mode: 'disable' }, ada);
    stage.simulator.faults.add('503/getuserdata');
    const started = await stage.changes.apply(made.id, ada);
    await stage.changes.pause(started.id, ada);
    await stage.idle();
    stage.simulator.faults.clear();
    const paused = await stage.changes.getRun(made.id, ada);
    expect(['paused', 'failed']).toContain(paused.state);
    const gone = await (paused.state === 'paused'
      ? stage.changes.resume(made.id, ada)
      : stage.changes.retry(made.id, ada));
    await stage.idle();
    expect(await stage.changes.getRun(gone.id, ada)).toMatchObject({ state: 'succeeded', counts: { done: 8 } });
    expect(effects('user.disabled').sort()).toEqual([...users].sort());
    await expect(stage.changes.retry(gone.id, ada)).rejects.toMatchObject({ details: { code: 'nothingToRetry' } });
    await expect(stage.changes.cancelRun(gone.id, ada)).rejects.toMatchObject({ details: { code: 'notUnderWay' } });
  });

  test('is stopped by an approver, who cannot start it again, and not by somebody who only reads', async () => {
    const paul = await stage.caller({ name: 'Paul', role: 'approver' });
    const vera = await stage.caller({ name: 'Vera', role: 'viewer' });
    const made = await plan('lastpass_disable_user', { user: first(await people()) }, olga);
    const { id: runId } = await stage.changes.apply(made.id, olga);
    await expect(stage.changes.cancelRun(runId, vera)).rejects.toMatchObject({ kind: 'permission' });
    await expect(stage.changes.resume(runId, paul)).rejects.toMatchObject({ kind: 'permission' });
    expect(await stage.changes.cancelRun(runId, paul)).toMatchObject({ id: runId });
  });
});
