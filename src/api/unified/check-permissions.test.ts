import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeCompositeId } from '../../connector-kit/unified/ids.ts';
import { testApi } from '../testing/api.ts';
import type { TestApi } from '../testing/api.ts';
import { account, company, folder, grant, group } from '../testing/company.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi([
    ...company,
    folder('902', 'Nested'),
    group('Everyone'),
    account('107', { email: 'former@northwind.example', status: 'disabled' }),
    account('108', { email: 'new@northwind.example', status: 'pending' }),
    grant(['account', '107'], ['group', 'Engineering'], 'member'),
    grant(['account', '107'], ['resource', '901'], 'admin'),
    grant(['account', '108'], ['resource', '901'], 'editor'),
    grant(['group', 'Engineering'], ['group', 'Everyone'], 'member'),
    grant(['group', 'Everyone'], ['group', 'Engineering'], 'member'),
    grant(['group', 'Everyone'], ['resource', '902'], 'editor'),
  ]);
});
afterAll(async () => api.close());

const check = (body: object, account = 'paper') => api.call('POST', '/unified/check_permissions', { account, body });
const permissions = async (body: object) => (await check(body)).json().user?.permissions;

test('direct access and access through groups count together', async () => {
  const answer = await check({ user_id: '102', resource_id: '900', action: 'delete' });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({
    user: { id: 'lena+x@northwind.example', permissions: ['read', 'write'] },
    resource: { type: 'shared_folder', id: '900' },
    action: 'delete',
    allowed: false,
  });
  expect(answer.headers['usher-snapshot-at']).toBeDefined();
  expect(await permissions({ email: 'ada@northwind.example', resource_id: '900' })).toEqual([
    'read',
    'write',
    'delete',
  ]);
});

test('groups in groups count, also where they are in each other', async () => {
  expect(await permissions({ user_id: '101', resource_id: '902' })).toEqual(['read', 'write']);
});

test('no access is an answer, and a disabled user has none', async () => {
  expect((await check({ user_id: '105', resource_id: '900' })).json()).toEqual({
    user: { id: 'person.105@northwind.example', permissions: [] },
    resource: { type: 'shared_folder', id: '900' },
  });
  for (const resource_id of ['900', '901', '902']) {
    expect((await check({ user_id: '107', resource_id, action: 'read' })).json()).toMatchObject({
      user: { permissions: [] },
      allowed: false,
    });
  }
  expect(await permissions({ user_id: '108', resource_id: '901' })).toEqual(['read', 'write']);
});

test('user and resource may be composite ids, and the user id wins over the address', async () => {
  const [user_id, resource_id] = [encodeCompositeId({ id: '101' }), encodeCompositeId({ id: '900' })];
  const answer = await check({ user_id, email: 'nobody@northwind.example', resource_id });
  expect(answer.json().user).toEqual({ id: 'ada@northwind.example', permissions: ['read', 'write', 'delete'] });
});

test('what the snapshot does not hold is a 404, what is asked wrongly a 400', async () => {
  expect((await check({ user_id: 'nobody', resource_id: '900' })).statusCode).toBe(404);
  expect((await check({ user_id: '101', resource_id: '1' })).statusCode).toBe(404);
  expect((await check({ resource_id: '900' })).json()).toMatchObject({ statusCode: 400, field: 'user_id' });
  expect((await check({ user_id: '101' })).json()).toMatchObject({ statusCode: 400, field: 'resource_id' });
  const odd = await check({ user_id: '101', resource_id: '900', action: 'burn' });
  expect(odd.json()).toMatchObject({ statusCode: 400, field: 'action' });
  expect((await check({ user_id: '101', resource_id: '900' }, 'empty')).statusCode).toBe(409);
});
