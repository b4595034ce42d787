// What people read when a change of Lacework does not go as planned.
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RunView } from '../../lifecycle/surface.ts';
import { type Door, openDoor } from './testing/door.ts';

const ADA = 'ada.okonkwo@northwind.example';
const OSKAR = 'oskar.brandt@northwind.example';
const NOOR = 'noor.bakker@northwind.example';
const CHRIS = 'chris.lee2@northwind.example';
const IBRAHIM = 'ibrahim.sesay@northwind.example';
const POWER = 'northwind-lab/LACEWORK_USER_GROUP_POWER_USER';

const door = await openDoor();
const { simulator, ada } = door;
const own = simulator.credentials.keyId;
afterAll(() => door.close());
beforeEach(() => {
  simulator.faults.clear();
  door.effects();
});

/** What the receipt of a change says, and its code. */
async function receiptsOf(run: RunView, of: Pick<Door, 'changesOf'> = door) {
  return (await of.changesOf(run)).map(({ outcome }) => outcome?.receipt?.summary ?? '');
}

/** An API key of the simulated organization, by how its description begins. */
async function keyOf(description: string): Promise<string> {
  const { rows } = await door.database.pool.query<{ key: string }>(
    `select key from credential where name like $1 || '%'`,
    [description],
  );
  return rows[0]?.key.split('/')[1] ?? '';
}

describe("the connection's own key", () => {
  it.each(['disable', 'delete'])(
    'is never taken from it: to %s it is refused before anything is planned',
    async (verb) => {
      await expect(door.planned(`lacework_${verb}_api_key`, { key: own })).rejects.toMatchObject({
        kind: 'guarded',
        message: `API key ${own} is the one this connection signs in with.`,
        details: {
          code: 'ownCredential',
          next: 'Rotate it (lacework_rotate_api_key), or give the connection another key first.',
        },
      });
    },
  );
});

it('keeps the last administrator of the organization, as the app tells it right before the call', async () => {
  simulator.mutate({ op: 'set-org-role', user: 'breakglass@northwind.example', role: null });
  const run = await door.carried('lacework_disable_user', { user: ADA }, ['ownAccount']);
  simulator.mutate({ op: 'set-org-role', user: 'breakglass@northwind.example', role: 'admin' });
  expect(await door.states(run)).toEqual(['failed lastAdministrator']);
  expect(await receiptsOf(run)).toEqual([`${ADA} is the last who can administer the app; nothing was called.`]);
  expect(door.effects()).toEqual([]);
});

describe('a storm of 429', () => {
  it('in the middle of a run delays it, and nothing is done twice', async () => {
    simulator.faults.set(['429-retry-after=0/UserGroups.addUsers@2-4']);
    const run = await door.carried('lacework_add_group_members', { group: POWER, users: [NOOR, CHRIS, IBRAHIM] });
    expect(run).toMatchObject({ state: 'succeeded', counts: { done: 3 } });
    expect(door.effects().toSorted()).toEqual([CHRIS, IBRAHIM, NOOR].map((user) => `group.added ${user}`));
  });
});

it('tries the groups of somebody it has made again, and never makes them twice', async () => {
  const email = 'late.comer@northwind.example';
  simulator.faults.set(['500/UserGroups.addUsers']);
  const run = await door.carried('lacework_onboard_user', {
    email, given_name: 'Late', family_name: 'Comer', sub_accounts: [{ name: 'northwind-lab', role: 'power_user' }],
  }); // prettier-ignore
  expect(await door.states(run)).toEqual(['done', 'failed serverError']);
  expect((await receiptsOf(run))[1]).toMatch(/^Called 4 times, without effect as the app shows: .*500/);
  simulator.faults.clear();
  expect((await door.retried(run)).state).toBe('succeeded');
  expect(door.effects()).toEqual([`user.created ${email}`, `mail.invitation ${email}`, `group.added ${email}`]);
});

describe('RBAC switched on between plan and run', () => {
  it('is met by the calls of the other model where all else is as it was', async () => {
    const plan = await door.planned('lacework_disable_user', { user: IBRAHIM });
    simulator.mutate({ op: 'set-model', account: 'NORTHWIND', model: 'rbac' });
    const run = await door.approved(plan);
    expect(await door.states(run)).toEqual(['done']);
    const [disabled] = await door.changesOf(run);
    expect(disabled?.outcome?.receipt?.calls.map(({ operation }) => operation)).toEqual([
      'PATCH TeamUsers/{id}', 'PATCH TeamUsers/{id}',
    ]); // prettier-ignore
    simulator.mutate({ op: 'set-model', account: 'NORTHWIND', model: 'legacy' });
    expect(await door.undone(run)).toMatchObject({ state: 'succeeded' });
    await door.sync();
  });

  it('makes a plan stale where it gives people other roles', async () => {
    const plan = await door.planned('lacework_disable_user', { user: OSKAR });
    simulator.mutate({ op: 'set-model', account: 'NORTHWIND-EU', model: 'rbac' });
    const run = await door.approved(plan);
    simulator.mutate({ op: 'set-model', account: 'NORTHWIND-EU', model: 'legacy' });
    expect(await receiptsOf(run)).toEqual([
      `${OSKAR} has changed since the plan was made (roles user -> read_only_user); nothing was called. Plan again.`,
    ]);
    await door.sync();
  });

  it('is told where somebody was to be made in the older model', async () => {
    const plan = await door.planned('lacework_onboard_user', {
      email: NOOR, given_name: 'Noor', family_name: 'Bakker', sub_accounts: [{ name: 'northwind-eu', role: 'user' }],
    }); // prettier-ignore
    simulator.mutate({ op: 'set-model', account: 'NORTHWIND-EU', model: 'rbac' });
    const run = await door.approved(plan);
    simulator.mutate({ op: 'set-model', account: 'NORTHWIND-EU', model: 'legacy' });
    expect(await receiptsOf(run)).toEqual([
      `API key ${own} may not POST TeamMembers of sub-account northwind-eu (403: TeamMembers API is not available for this account). The plan rests on the older user model (TeamMembers) in sub-account 'northwind-eu'. If that has changed since, sync and plan again; else the key's owner lacks the right.`,
    ]);
    expect(door.effects()).toEqual([]);
    await door.sync();
  });
});

describe('rotating a key of somebody else', () => {
  it('hands the new key over, waits for a person, and goes on after the connection was refused in between', async () => {
    const old = await keyOf('CI pipeline');
    const run = await door.carried('lacework_rotate_api_key', { key: old, wait_hours: 0 });
    expect(run.state).toBe('waiting');
    expect(run.reason).toContain(`Waits for a person: Put the new key wherever ${old} is used`);
    const [made] = await door.changesOf(run);
    const taken = await door.changes.takeHandoff(made?.outcome?.receipt?.handoff ?? '', ada);
    expect(taken.secret).toMatch(/^_facade/);
    simulator.mutate({ op: 'disable-key', keyId: own });
    const refused = await door.confirmed(run, 2);
    simulator.mutate({ op: 'enable-key', keyId: own });
    expect(await door.states(refused)).toEqual(['done', 'done', 'failed keyStopped', 'failed blocked']);
    expect((await receiptsOf(refused))[2]).toBe(
      `Nothing was called: Lacework no longer accepts API key ${own} (401: API key is not active); it did a while ago. It was disabled or deleted, or its owner lost the rights: see Settings > API keys. Nothing was concluded from what was read before. To give the connection another secret: \`usher connections edit lacework --new-secret\`.`,
    );
    const ended = await door.retried(run);
    expect(ended.state).toBe('succeeded');
    expect(door.effects().map((effect) => effect.split(' ')[0])).toEqual([
      'key.created',
      'key.disabled',
      'key.deleted',
    ]);
  });

  it('makes another where the answer was lost, and leaves none that nobody has the secret of', async () => {
    const [old, keys] = [await keyOf('Terraform state'), simulator.state().api_keys];
    simulator.faults.set(['lost-answer/ApiKeys.create@1']);
    const run = await door.carried('lacework_rotate_api_key', { key: old, wait_hours: 0 });
    expect(run.state).toBe('waiting');
    const [lost, gone, made, ...others] = door.effects();
    expect([lost, gone, made].map((effect) => effect?.split(' ')[0])).toEqual([
      'key.created',
      'key.deleted',
      'key.created',
    ]);
    expect(gone?.split(' ')[1]).toBe(lost?.split(' ')[1]);
    expect(others).toEqual([]);
    expect(simulator.state().api_keys).toBe(keys + 1);
    await door.changes.cancelRun(run.id, ada);
    expect((await door.undone(run)).state).toBe('succeeded');
    expect(simulator.state().api_keys).toBe(keys);
  });

  it('says so where the owner has as many keys as there can be', async () => {
    const made: string[] = [];
    for (let n = 0; n < 20; n += 1) {
      const key = simulator.mutate({ op: 'add-key', account: 'NORTHWIND', owner: ADA, description: 'One of many' });
      made.push(z.object({ keyId: z.string() }).parse(key).keyId);
    }
    const run = await door.carried('lacework_create_api_key', { description: 'One too many' });
    for (const keyId of made) simulator.mutate({ op: 'delete-key', keyId });
    expect(await door.states(run)).toEqual(['failed keyRefused']);
    expect(await receiptsOf(run)).toEqual([
      'Lacework refused POST ApiKeys (409: A user can have at most 20 API keys). A user can have 20 API keys: if the owner of this connection has as many, delete one that nobody needs.',
    ]);
  });
});

it('knows a key that it has just made: it can be disabled and deleted at once', async () => {
  const run = await door.carried('lacework_create_api_key', { description: 'For the reports' });
  expect(run.state).toBe('succeeded');
  const key = await keyOf('For the reports');
  expect((await door.carried('lacework_disable_api_key', { key })).state).toBe('succeeded');
  expect((await door.carried('lacework_delete_api_key', { key })).state).toBe('succeeded');
  expect(door.effects()).toEqual(['key.created', 'key.disabled', 'key.deleted'].map((effect) => `${effect} ${key}`));
});

it("takes the rotation of its own key back until the end: the old one works and is the connection's again", async () => {
  const keys = simulator.state().api_keys;
  const run = await door.carried('lacework_rotate_api_key', {});
  expect(run).toMatchObject({ state: 'waiting', counts: { done: 4, planned: 1 } });
  expect(await door.keyInUse()).not.toBe(own);
  await door.changes.cancelRun(run.id, ada);
  expect((await door.undone(run)).state).toBe('succeeded');
  expect(await door.keyInUse()).toBe(own);
  expect(simulator.state().api_keys).toBe(keys);
  await expect(door.connections.test('lacework')).resolves.toBeDefined();
});

it('has nothing to take back of a rotation that has ended: a deleted key does not come back', async () => {
  const run = await door.carried('lacework_rotate_api_key', { wait_hours: 0 });
  expect(run.state).toBe('succeeded');
  await expect(door.changes.undo(run.id, null, ada)).rejects.toMatchObject({
    kind: 'unsupported', message: `Nothing that run ${run.id} did can be taken back.`,
  }); // prettier-ignore
});

describe('a tenant without an API for keys', () => {
  it('has a person make the key, in exact words, and proves that the connection signs in by another one', async () => {
    await using tenant = await openDoor({ switches: { apiKeysEndpoint: 'absent' } });
    const old = tenant.simulator.credentials.keyId;
    const of = 'NORTHWIN_OTHER';
    await expect(tenant.planned('lacework_rotate_api_key', { key: of })).rejects.toMatchObject({
      kind: 'unsupported', message: `This tenant has no API for API keys, so that Usher cannot see ${of}.`,
    }); // prettier-ignore
    const run = await tenant.carried('lacework_rotate_api_key', {});
    expect(run).toMatchObject({ state: 'waiting', counts: { planned: 2 } });
    expect(run.reason).toContain(
      'Waits for a person: This tenant has no API for API keys. In the Lacework console, under Settings > API keys: make a new key as the same user who owns the old one, and download it. Give this connection its keyId and secret (usher connections edit lacework --key-id ID --new-secret asks for the secret). Leave the old key enabled. Then say so.',
    );
    const tooEarly = await tenant.confirmed(run, 0);
    expect(await tenant.states(tooEarly)).toEqual(['failed oldKeyInUse', 'failed blocked']);
    expect((await receiptsOf(tooEarly, tenant))[0]).toBe(
      `This connection still signs in with API key ${old}; nothing was called. Give it the new one (usher connections edit lacework --key-id ID --new-secret), then retry the run.`,
    );
    const made = tenant.simulator.mutate({ op: 'add-key', account: 'NORTHWIND', owner: ADA, description: 'By hand' });
    const { keyId, secret } = z.object({ keyId: z.string(), secret: z.string() }).parse(made);
    await tenant.connections.edit('lacework', { settings: { key_id: keyId }, secrets: { secret } });
    const proven = await tenant.retried(run);
    expect(proven.reason).toContain(`disable ${old}; if nothing has missed it a day later, delete it.`);
    tenant.simulator.mutate({ op: 'delete-key', keyId: old });
    expect(await tenant.confirmed(run, 1)).toMatchObject({ state: 'succeeded', counts: { done: 2 } });
  });
});
