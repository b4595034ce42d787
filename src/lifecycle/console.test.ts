// The guide's scenarios on an InsightVM console, through the one door for writes: site-restricted user, leaver, unlock.
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createInsightVm } from '../connectors/insightvm/index.ts';
import { type InsightVmSimulator, startInsightVmSimulator } from '../connectors/insightvm/simulator.ts';
import type { Caller } from '../model/access.ts';
import { emptyTables, testDatabase } from '../store/testing/index.ts';
import type { PlanChangeView, RunView } from './surface.ts';
import { type AppStage, stageApp } from './testing/stage.ts';

const database = await testDatabase();
const { pool } = database;
afterAll(() => database.close());

let simulator: InsightVmSimulator;
let stage: AppStage;
let ada: Caller;

beforeEach(async () => {
  await emptyTables(database);
  simulator = await startInsightVmSimulator({ people: 30, sites: 12, assetGroups: 5 });
  const { user, password } = simulator.credentials;
  stage = await stageApp(database, {
    connector: createInsightVm(),
    url: simulator.url,
    settings: { base_url: simulator.url, user, requests_per_second: 100_000 },
    secrets: { password },
  });
  ada = await stage.caller({ name: 'Olga', role: 'admin' });
});
afterEach(async () => {
  await stage.close();
  await simulator.close();
});

const at = (login: string): string => `${login}@northwind.example`;
const planned = (action: string, input: unknown) =>
  stage.changes.plan({ connectionId: 'insightvm', action: `insightvm_${action}`, input }, ada);
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
const changesOf = async ({ planId }: Pick<RunView, 'planId'>): Promise<readonly PlanChangeView[]> =>
  (await stage.changes.planChanges(planId, { limit: 50 }, ada)).items;
/** `create_user done`, `grant_site failed notApplied`. */
const outcomes = async (run: RunView): Promise<string[]> =>
  (await changesOf(run)).map(({ change, outcome }) =>
    [change, outcome?.state, outcome?.receipt?.code ?? ''].join(' ').trim(),
  );
const receipts = async (run: RunView): Promise<string[]> =>
  (await changesOf(run)).map(({ outcome }) => outcome?.receipt?.summary ?? '');
const effects = (): string[] =>
  simulator
    .effects()
    .filter(({ request }) => request !== null)
    .map(({ kind }) => kind);
/** A user as the console itself would show it, or null. */
async function shown(login: string): Promise<Record<string, unknown> | null> {
  const { user, password } = simulator.credentials;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const get = async (path: string): Promise<{ resources: Record<string, unknown>[] }> => {
    const answer: unknown = await (await fetch(`${simulator.url}/api/3${path}`, { headers: { authorization } })).json();
    if (typeof answer === 'object' && answer !== null && 'resources' in answer && Array.isArray(answer.resources)) {
      return { resources: answer.resources };
    }
    throw new Error('A list was expected.');
  };
  const found = (await get('/users?size=500')).resources.find((each) => each['login'] === login);
  if (found === undefined) return null;
  const id = String(found['id']);
  return { ...found, links: undefined, sites: (await get(`/users/${id}/sites`)).resources };
}

const NEWCOMER = { login: 'new.joiner', name: 'New Joiner', email: at('new.joiner'), generate_password: true };

describe('a site-restricted user', () => {
  test('is made with an explicit flag, gets exactly its sites, and is deleted by undoing', async () => {
    const run = await carried('create_user', { ...NEWCOMER, sites: [3, 7] });
    expect(await outcomes(run)).toEqual(['create_user done', 'grant_site done', 'grant_site done']);
    expect(effects()).toEqual(['user.created', 'site-access.granted', 'site-access.granted']);
    const made = simulator.requests().find(({ operation }) => operation === 'createUser');
    expect(made).toMatchObject({ body: { role: { allSites: false, allAssetGroups: false, superuser: false } } });
    expect(await shown('new.joiner')).toMatchObject({ role: { id: 'user', allSites: false }, sites: [3, 7] });
    const [first] = await changesOf(run);
    const { secret } = await stage.changes.takeHandoff(first?.outcome?.receipt?.handoff ?? '', ada);
    expect(simulator.credentialsOf('new.joiner').password).toBe(secret);
    expect(await outcomes(await undone(run))).toEqual(['revoke_site done', 'revoke_site done', 'delete_user done']);
    expect(await shown('new.joiner')).toBeNull();
  });

  test('whose sites the console accepts and does not apply is told as half made, and undoing deletes it', async () => {
    simulator.setSwitches({ assignments: 'ignore' });
    const run = await carried('create_user', { ...NEWCOMER, sites: [3, 7] });
    expect(await outcomes(run)).toEqual([
      'create_user done',
      'grant_site failed notApplied',
      'grant_site failed blocked',
    ]);
    expect((await receipts(run))[1]).toMatch(
      /^The console accepted the site .+ \(3\) for new\.joiner@northwind\.example, and did not apply it\. Look at the user/,
    );
    expect((await changesOf(run))[0]?.summary).toBe(
      'Create new.joiner (new.joiner@northwind.example) with the role user, for what is granted alone; undoing deletes the user again',
    );
    expect(await outcomes(await undone(run))).toEqual(['delete_user done']);
    expect(await shown('new.joiner')).toBeNull();
  });

  test('is made once, though the answers are lost on the way', async () => {
    simulator.faults.set(['lost-answer/createUser@1', 'lost-answer/addUserSite@1']);
    const run = await carried('create_user', { ...NEWCOMER, sites: [3, 7] });
    simulator.faults.set([]);
    expect(await outcomes(run)).toEqual(['create_user done', 'grant_site done', 'grant_site done']);
    expect(effects()).toEqual(['user.created', 'site-access.granted', 'site-access.granted']);
  });

  test('that the console makes for all sites against the flag is told of', async () => {
    simulator.setSwitches({ roleRules: 'correct' });
    simulator.mutate({
      op: 'set-role',
      role: { id: 'user', name: 'User', description: '', privileges: ['manage-tags'], isBuiltIn: true },
    });
    const run = await carried('create_user', { ...NEWCOMER, sites: [3] });
    expect(await outcomes(run)).toEqual(['create_user failed fieldChanged', 'grant_site failed blocked']);
    expect((await receipts(run))[0]).toBe(
      'The app made the change, and more than was asked: role.allSites went from false to true. Put that right in the app, or by another plan.',
    );
  });
});

describe('a leaver', () => {
  test('is disabled with everything else as it was, and enabled again', async () => {
    const before = await shown('oskar.brandt');
    const run = await carried('disable_user', { user: at('oskar.brandt') });
    expect(await outcomes(run)).toEqual(['disable_user done']);
    expect(await shown('oskar.brandt')).toEqual({ ...before, enabled: false });
    expect(await outcomes(await undone(run))).toEqual(['enable_user done']);
    expect(await shown('oskar.brandt')).toEqual(before);
  });

  test('of whom the console loses a field on the way is told so, with the field', async () => {
    simulator.setSwitches({ dropsField: 'locale' });
    const run = await carried('disable_user', { user: at('oskar.brandt') });
    expect(await outcomes(run)).toEqual(['disable_user failed fieldChanged']);
    expect(await receipts(run)).toEqual([
      'The app made the change, and more than was asked: locale.default went from de-DE to nothing; locale.reports went from en-US to nothing. Put that right in the app, or by another plan.',
    ]);
    const { rows } = await pool.query<{ status: string; extra: object }>(
      `select status, extra from account where username = 'oskar.brandt'`,
    );
    expect(rows).toMatchObject([
      { status: 'disabled', extra: expect.not.objectContaining({ locale: expect.anything() }) },
    ]);
  });

  test('keeps what somebody else changed meanwhile; a change that contradicts makes the plan stale', async () => {
    const plan = await planned('disable_user', { user: at('oskar.brandt') });
    simulator.mutate({
      op: 'set-user',
      login: 'oskar.brandt',
      fields: { name: 'Oskar Neu', locale: { default: 'fr-FR', reports: 'fr-FR' } },
    });
    expect((await stage.applied(plan, ada)).state).toBe('succeeded');
    expect(await shown('oskar.brandt')).toMatchObject({
      enabled: false,
      name: 'Oskar Neu',
      locale: { default: 'fr-FR' },
    });

    const other = await planned('update_user', { user: at('noor.bakker'), name: 'Noor Other' });
    const role = { id: 'site-admin', allSites: true, allAssetGroups: false, superuser: false };
    simulator.mutate({ op: 'set-user', login: 'noor.bakker', fields: { role } });
    const run = await stage.applied(other, ada);
    expect(await outcomes(run)).toEqual(['update_user failed stale']);
    expect(await shown('noor.bakker')).toMatchObject({
      name: 'Noor Bakker',
      role: { id: 'site-admin', allSites: true },
    });
  });
});

describe('who is locked', () => {
  test('is unlocked; who is not locked any more is left alone', async () => {
    const plan = await planned('unlock_user', { user: at('rosa.delgado') });
    const again = await planned('unlock_user', { user: at('rosa.delgado') });
    expect(await outcomes(await stage.applied(plan, ada))).toEqual(['unlock_user done']);
    expect(await outcomes(await stage.applied(again, ada))).toEqual(['unlock_user skipped']);
    expect(effects()).toEqual(['user.unlocked']);
  });

  test('and disabled cannot be unlocked, which the plan explains; with enable it is one chain', async () => {
    simulator.mutate({ op: 'set-user', login: 'rosa.delgado', fields: { enabled: false } });
    await stage.sync();
    await expect(planned('unlock_user', { user: at('rosa.delgado') })).rejects.toMatchObject({
      message: 'rosa.delgado@northwind.example is disabled, and the console cannot unlock a disabled account.',
      details: { next: expect.stringContaining('insightvm_unlock_user with enable: true') },
    });
    const run = await carried('unlock_user', { user: at('rosa.delgado'), enable: true, reset_password: true });
    expect(await outcomes(run)).toEqual(['enable_user done', 'unlock_user done', 'reset_password done']);
    expect(effects()).toEqual(['user.enabled', 'user.unlocked', 'user.password-set']);
    const handoff = (await changesOf(run))[2]?.outcome?.receipt?.handoff ?? '';
    const { secret } = await stage.changes.takeHandoff(handoff, ada);
    expect(simulator.credentialsOf('rosa.delgado').password).toBe(secret);
    await expect(stage.changes.takeHandoff(handoff, ada)).rejects.toMatchObject({ kind: 'notFound' });
  });
});

test('what was read back after a change is what the next syncs find', async () => {
  const run = await carried('grant_site_access', { user: at('oskar.brandt'), site: 1 });
  expect(run.state).toBe('succeeded');
  const told = async (): Promise<string[]> =>
    (await pool.query<{ told: string }>(`select source || ' ' || type as told from change_event order by id`)).rows.map(
      (row) => row.told,
    );
  const before = await told();
  expect(before.filter((each) => each.includes('grant'))).toEqual(['usher grant.added']);
  await stage.sync();
  await stage.sync();
  expect(await told()).toEqual(before);
});

describe('at once', () => {
  test('two users get the same site, and one user two, and nobody loses anything', async () => {
    const plans = [
      await planned('grant_site_access', { user: at('oskar.brandt'), site: 1 }),
      await planned('grant_site_access', { user: at('noor.bakker'), site: 1 }),
      await planned('grant_site_access', { user: at('noor.bakker'), site: 2 }),
      await planned('update_user', { user: at('noor.bakker'), name: 'Noor Other' }),
    ];
    const [oskar, noor] = [await shown('oskar.brandt'), await shown('noor.bakker')];
    const runs = await Promise.all(plans.map((plan) => stage.applied(plan, ada)));
    expect(runs.map(({ state }) => state)).toEqual(plans.map(() => 'succeeded'));
    const joined = (user: typeof oskar, ...ids: number[]): unknown[] =>
      [...(Array.isArray(user?.['sites']) ? user['sites'] : []), ...ids].sort((a, b) => Number(a) - Number(b));
    expect(await shown('oskar.brandt')).toMatchObject({ sites: joined(oskar, 1) });
    expect(await shown('noor.bakker')).toMatchObject({ sites: joined(noor, 1, 2), name: 'Noor Other' });
  });
});

test('a two-factor seed is handed over once, and stands nowhere', async () => {
  const run = await carried('reset_two_factor', { user: at('ibrahim.sesay') });
  expect(await outcomes(run)).toEqual(['reset_two_factor done']);
  const handoff = (await changesOf(run))[0]?.outcome?.receipt?.handoff ?? '';
  const { secret } = await stage.changes.takeHandoff(handoff, ada);
  expect(secret).toMatch(/^[A-Z2-7]{16}$/);
  expect(simulator.credentialsOf('ibrahim.sesay').twoFactorToken).not.toBeNull();
  expect(JSON.stringify([run, await changesOf(run)])).not.toContain(secret);
});

test("Usher's own login is not touched, by plan or undo", async () => {
  await expect(planned('disable_user', { user: at('ada.okonkwo') })).rejects.toMatchObject({
    kind: 'conflict',
    details: { code: 'ownAccount' },
    message: expect.stringContaining('is the login that Usher itself uses (ada.okonkwo)'),
  });
});
