import { StackOne } from '@stackone/stackone-client-ts';
import * as errors from '@stackone/stackone-client-ts/sdk/models/errors/index.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IamUpdateUserRequestDtoValue } from '@stackone/stackone-client-ts/sdk/models/shared/index.js';
import { testApi } from '../testing/api.ts';
import type { TestApi } from '../testing/api.ts';
import { held, PLAN_ID } from '../testing/changes.ts';

let api: TestApi;
let serverURL: string;

beforeAll(async () => {
  api = await testApi();
  serverURL = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => api.close());

function client(username = api.token): StackOne {
  return new StackOne({ serverURL, security: { username, password: '' } });
}
const xAccountId = 'paper';

test("StackOne's SDK lists users over all pages, each account once", async () => {
  const names: (string | null | undefined)[] = [];
  const pages = await client().iam.listUsers({ xAccountId, pageSize: '2' });
  for await (const page of pages) {
    names.push(...(page.iamUsersPaginated?.data ?? []).map((user) => user.id));
  }
  expect(names).toHaveLength(7);
  expect(new Set(names).size).toBe(7);
});

test("StackOne's SDK reads a user's fields, typed", async () => {
  const answer = await client().iam.getUser({ xAccountId, id: 'lena+x@northwind.example' });
  expect(answer.iamUserResult?.data).toMatchObject({
    id: 'lena+x@northwind.example',
    firstName: 'Lena',
    lastName: 'Fischer',
    status: { value: 'enabled', sourceValue: 'active' },
    multiFactorEnabled: [],
    createdAt: new Date('2021-05-03T14:02:11.000Z'),
    roles: [{ id: 'admin', type: { value: 'admin' } }],
    groups: [{ id: 'Engineering', type: { value: 'group' } }],
    unifiedCustomFields: { account_id: '102' },
  });
});

test("StackOne's SDK lists and gets groups, roles and policies", async () => {
  const { iam } = client();
  const groups = await iam.listGroups({ xAccountId, expand: 'roles' });
  expect(groups.iamGroupsPaginated?.data.map((each) => each.name)).toEqual(['Engineering', 'Zoë & Søren/Team']);
  const group = await iam.getGroup({ xAccountId, id: 'Zoë & Søren/Team' });
  expect(group.iamGroupResult?.data.id).toBe('Zoë & Søren/Team');
  const roles = await iam.listRoles({ xAccountId, expand: 'policies' });
  expect(roles.iamRolesPaginated?.data.map((each) => each.type?.value)).toEqual(['admin', 'basic']);
  const role = await iam.getRole({ xAccountId, id: 'admin' });
  expect(role.iamRoleResult?.data.name).toBe('Administrator');
  const policies = await iam.listPolicies({ xAccountId, expand: 'permissions' });
  expect(policies.iamPoliciesPaginated?.data.map((each) => each.name)).toEqual(['Finance/Payroll', 'Shared']);
  const policy = await iam.getPolicy({ xAccountId, id: '900', expand: 'permissions', raw: true });
  expect(policy.iamPolicyResult?.data.permissions?.map((each) => each.type?.value)).toEqual([
    'read_write',
    'read_write',
    'read',
  ]);
  expect(policy.iamPolicyResult?.raw?.[0]?.method).toBe('GET');
});

test("StackOne's SDK raises its typed errors: unknown account, bad token, missing user", async () => {
  const { iam } = client();
  await expect(iam.listUsers({ xAccountId: 'nobody' })).rejects.toBeInstanceOf(errors.BadRequestResponse);
  await expect(client('ush_wrong').iam.listUsers({ xAccountId })).rejects.toBeInstanceOf(errors.UnauthorizedResponse);
  await expect(iam.getUser({ xAccountId, id: 'nobody@northwind.example' })).rejects.toBeInstanceOf(
    errors.NotFoundResponse,
  );
  await expect(iam.getRole({ xAccountId, id: 'emperor' })).rejects.toBeInstanceOf(errors.BadRequestResponse);
  await expect(iam.listUsers({ xAccountId: 'empty' })).rejects.toBeInstanceOf(errors.ConflictResponse);
});

test("StackOne's SDK updates and deletes users; what waits for a person is its typed conflict, saying how to approve", async () => {
  const { iam } = client();
  const id = 'ada@northwind.example';
  const disable = {
    xAccountId,
    id,
    iamUpdateUserRequestDto: { status: { value: IamUpdateUserRequestDtoValue.Disabled } },
  };
  expect((await iam.updateUser(disable)).updateResult).toMatchObject({
    statusCode: 200,
    message: 'ada@northwind.example is disabled.',
  });
  expect((await iam.updateUser({ xAccountId, id, iamUpdateUserRequestDto: {} })).updateResult?.statusCode).toBe(200);
  expect((await iam.deleteUser({ xAccountId, id })).deleteResult?.statusCode).toBe(200);
  api.changes.refuse(held());
  try {
    const refusal = expect.objectContaining({ message: expect.stringContaining(`usher plan approve ${PLAN_ID}`) });
    await expect(iam.updateUser(disable)).rejects.toBeInstanceOf(errors.ConflictResponse);
    await expect(iam.deleteUser({ xAccountId, id })).rejects.toMatchObject({ data$: refusal });
  } finally {
    api.changes.refuse(null);
  }
});

test("StackOne's SDK lists the catalogue and calls an action", async () => {
  const { actions } = client();
  const page = await actions.listActionsMeta({ filter: { connectors: 'paper' } });
  expect(page.actionsMetaPaginated?.data?.[0]?.actions).toHaveLength(12);
  const answer = await actions.rpcAction({
    action: 'paper_unified_get_user',
    path: { id: 'lena+x@northwind.example' },
    headers: { 'x-account-id': 'paper' },
  });
  expect(answer.statusCode).toBe(200);
});
