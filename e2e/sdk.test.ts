import { StackOne } from '@stackone/stackone-client-ts';
import * as errors from '@stackone/stackone-client-ts/sdk/models/errors/index.js';
import {
  type IamUpdateUserRequestDto,
  IamUpdateUserRequestDtoValue,
} from '@stackone/stackone-client-ts/sdk/models/shared/index.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type Scene, setScene } from './scene.ts';

const xAccountId = 'lastpass';
const PAYROLL = 'Finance/Payroll';

let scene: Scene;

beforeAll(async () => {
  scene = await setScene({ people: 120 });
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

/** The vendor's own client, as its users set it up; only the address is ours. */
const client = (username = scene.usher.token) =>
  new StackOne({ serverURL: scene.usher.url, security: { username, password: '' } });

async function userIds(pageSize = '25', whilePaging: () => Promise<unknown> = async () => null): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of await client().iam.listUsers({ xAccountId, pageSize })) {
    ids.push(...(page.iamUsersPaginated?.data ?? []).map(({ id }) => id ?? ''));
    await whilePaging();
  }
  return ids;
}

const accountsOf = (answer: unknown) =>
  z
    .object({ data: z.array(z.object({ email: z.string() })) })
    .parse(answer)
    .data.map(({ email }) => email);

it('before the first sync it is told to wait for it', async () => {
  await scene.connect();
  await expect(client().iam.listUsers({ xAccountId })).rejects.toBeInstanceOf(errors.ConflictResponse);
  expect(await scene.sync()).toMatchObject({ state: 'succeeded' });
});

it('lists every account of the company once, in pages of any size', async () => {
  const ids = await userIds('7');
  expect(ids.toSorted()).toEqual(accountsOf(await scene.call('GET', '/v1/accounts?page_size=500')).toSorted());
  expect(await userIds('100')).toEqual(ids);
});

it('reads a person with roles, groups, second factor and dates', async () => {
  const { iamUserResult } = await client().iam.getUser({ xAccountId, id: 'ada.okonkwo@northwind.example' });
  expect(iamUserResult?.data).toMatchObject({
    firstName: 'Ada',
    lastName: 'Okonkwo',
    status: { value: 'enabled' },
    lastLoginAt: expect.any(Date),
    multiFactorEnabled: [{ sourceValue: 'hardware_token' }],
    roles: [{ id: 'admin', type: { value: 'admin' } }],
    groups: expect.arrayContaining([
      expect.objectContaining({ id: 'IT', type: { value: 'group', sourceValue: 'group' } }),
    ]),
    unifiedCustomFields: { account_id: expect.stringMatching(/^\d+$/) },
  });
});

it('reads all groups, roles and policies, and each of them by its id', async () => {
  const { iam } = client();
  const groups = (await iam.listGroups({ xAccountId, pageSize: '100' })).iamGroupsPaginated?.data ?? [];
  expect(groups.length).toBeGreaterThan(10);
  for (const { id = '', name } of groups.map(({ id, name }) => ({ id: id ?? '', name }))) {
    expect((await iam.getGroup({ xAccountId, id })).iamGroupResult?.data).toMatchObject({ id, name });
  }
  const roles = (await iam.listRoles({ xAccountId })).iamRolesPaginated?.data ?? [];
  for (const role of roles) {
    expect((await iam.getRole({ xAccountId, id: role.id ?? '' })).iamRoleResult?.data.id).toBe(role.id);
  }
  const policies = (await iam.listPolicies({ xAccountId, pageSize: '100' })).iamPoliciesPaginated?.data ?? [];
  expect(policies.map(({ name }) => name)).toContain(PAYROLL);
  const [payroll] = policies.filter(({ name }) => name === PAYROLL);
  const policy = await iam.getPolicy({ xAccountId, id: payroll?.id ?? '', expand: 'permissions' });
  expect(policy.iamPolicyResult?.data.permissions?.map(({ type }) => type?.value)).toContain('read_write');
});

it('skips and repeats nobody who stays while a sync changes the rows it pages over', async () => {
  const before = await userIds('100');
  await scene.mutate({ op: 'change-share', share: 0.3 });
  await scene.mutate({ op: 'delete-share', share: 0.1 });
  await scene.mutate({ op: 'add-user', username: 'new.comer@northwind.example', fullname: 'New Comer' });
  const syncs: Promise<unknown>[] = [];
  let pages = 0;
  const during = await userIds('5', async () => {
    pages += 1;
    // The first sync renames, adds and doubts, the second removes: both while the client is between two pages.
    if (pages === 3 || pages === 8) await syncs[syncs.push(scene.sync()) - 1];
  });
  await Promise.all(syncs);
  const after = await userIds('100');
  expect(after.length).toBeLessThan(before.length);
  expect(after).toContain('new.comer@northwind.example');
  expect(new Set(during).size).toBe(during.length);
  const stayed = before.filter((id) => after.includes(id));
  expect(during).toEqual(expect.arrayContaining(stayed));
  expect(during.filter((id) => !before.includes(id) && !after.includes(id))).toEqual([]);
});

it("calls an action live; the app's own answer tells who is not there", async () => {
  const ask = (id: string) =>
    client().actions.rpcAction({
      action: 'lastpass_unified_get_user',
      path: { id },
      headers: { 'x-account-id': xAccountId },
    });
  expect(await ask('new.comer@northwind.example')).toMatchObject({ statusCode: 200 });
  await expect(ask('nobody@northwind.example')).rejects.toBeInstanceOf(errors.NotFoundResponse);
});

/** Somebody who may sign in and administers nothing. */
async function somebody(): Promise<string> {
  const page = await scene.call('GET', '/v1/accounts?status=active&role=basic&page_size=1');
  const [email] = accountsOf(page);
  if (email === undefined) throw new Error('Nobody is active.');
  return email;
}

it('disables, enables and renames a person: the answer comes when the app shows it, once for each key', async () => {
  const { iam } = client();
  const id = await somebody();
  const update = async (change: IamUpdateUserRequestDto, headers: Record<string, string> = {}) => {
    const { updateResult } = await iam.updateUser(
      { xAccountId, id, iamUpdateUserRequestDto: change },
      { fetchOptions: { headers } },
    );
    return updateResult;
  };
  const statusNow = async () => (await iam.getUser({ xAccountId, id })).iamUserResult?.data.status?.value;
  const disable = { status: { value: IamUpdateUserRequestDtoValue.Disabled } };
  expect(await update(disable, { 'idempotency-key': 'leaves-1' })).toMatchObject({
    statusCode: 200,
    timestamp: expect.any(Date),
  });
  expect(await statusNow()).toBe('disabled');
  expect(await update({ status: { value: IamUpdateUserRequestDtoValue.Enabled } })).toMatchObject({ statusCode: 200 });
  expect(await statusNow()).toBe('enabled');
  // Asked again under its key, what was done is answered, not done again.
  expect(await update(disable, { 'idempotency-key': 'leaves-1' })).toMatchObject({ statusCode: 200 });
  expect(await statusNow()).toBe('enabled');
  expect(await update({ name: 'Robin Newname' })).toMatchObject({ statusCode: 200 });
  expect((await iam.getUser({ xAccountId, id })).iamUserResult?.data.name).toBe('Robin Newname');
  expect(await update({})).toMatchObject({ statusCode: 200 });
  await expect(update({ username: 'robin' })).rejects.toBeInstanceOf(errors.UnprocessableEntityResponse);
});

it('deletes nobody before a person has approved, and says how', async () => {
  const { iam } = client();
  const id = await somebody();
  const refusal: unknown = await iam.deleteUser({ xAccountId, id }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(errors.ConflictResponse);
  const message = refusal instanceof errors.ConflictResponse ? (refusal.data$.message ?? '') : '';
  const [, plan = ''] = /usher plan approve ([\w-]+)/u.exec(message) ?? [];
  expect((await iam.getUser({ xAccountId, id })).iamUserResult?.data.id).toBe(id);
  await scene.call('POST', `/v1/plans/${plan}/approve`, { reason: 'Left the company' });
  const text = await followed(plan);
  expect(text).toMatch(/event: run\n.*"state":"succeeded"/u);
  await expect(iam.getUser({ xAccountId, id })).rejects.toBeInstanceOf(errors.NotFoundResponse);
});

/** All events of the run of a plan, until it has ended. */
async function followed(plan: string): Promise<string> {
  const headers = { authorization: `Bearer ${scene.usher.token}` };
  return (await fetch(`${scene.usher.url}/v1/runs/${plan}/events`, { headers })).text();
}

it('creates a person and puts them into a group, beside what its client knows', async () => {
  const send = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${scene.usher.url}/unified/iam/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${scene.usher.token}`,
        'x-account-id': xAccountId,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: z.looseObject({}).parse(await answer.json()) };
  };
  const email = 'jo.vance@northwind.example';
  const created = await send('POST', 'users', { primary_email_address: email, name: 'Jo Vance' });
  expect(created).toMatchObject({ status: 201, body: { statusCode: 201, data: { id: email } } });
  expect((await send('PUT', `groups/IT/users/${email}`)).status).toBe(200);
  const { iamUserResult } = await client().iam.getUser({ xAccountId, id: email });
  expect(iamUserResult?.data.groups?.map(({ id }) => id)).toEqual(['IT']);
  expect((await send('DELETE', `groups/IT/users/${email}?dry_run=true`)).body).toMatchObject({ plan: { id: '' } });
  expect((await send('DELETE', `groups/IT/users/${email}`)).status).toBe(200);
  expect((await client().iam.getUser({ xAccountId, id: email })).iamUserResult?.data.groups).toEqual([]);
});

it('raises its own typed errors', async () => {
  const { iam } = client();
  await expect(iam.getUser({ xAccountId, id: 'nobody@northwind.example' })).rejects.toBeInstanceOf(
    errors.NotFoundResponse,
  );
  await expect(iam.listUsers({ xAccountId: 'nobody' })).rejects.toBeInstanceOf(errors.BadRequestResponse);
  await expect(client('ush_wrong').iam.listUsers({ xAccountId })).rejects.toBeInstanceOf(errors.UnauthorizedResponse);
  const { secret } = z
    .object({ secret: z.string() })
    .parse(await scene.call('POST', '/v1/tokens', { name: 'v', role: 'viewer' }));
  await expect(
    client(secret).actions.rpcAction({ action: 'lastpass_list_users', headers: { 'x-account-id': xAccountId } }),
  ).rejects.toBeInstanceOf(errors.ForbiddenResponse);
});
