import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { UsherError } from '../../model/errors.ts';
import { encodeCompositeId } from '../../connector-kit/unified/ids.ts';
import { testApi } from '../testing/api.ts';
import type { CallOptions, TestApi } from '../testing/api.ts';
import { held, PLAN_ID, RUN_ID } from '../testing/changes.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => api.close());
let before = 0;
beforeEach(() => {
  before = api.changes.calls.length;
  api.changes.refuse(null);
});

/** The actions that were performed or planned since the test began, with their inputs. */
const asked = () => {
  const requests = api.changes.calls.slice(before).filter(([name]) => name === 'perform' || name === 'plan');
  return requests.map(([, request]) => request);
};
const send = async (method: 'PATCH' | 'DELETE' | 'POST' | 'PUT', path: string, body?: object, options?: CallOptions) =>
  api.call(method, `/unified/iam/${path}`, { account: 'paper', body, ...options });
const ADA = 'users/ada%40northwind.example';
const user = 'ada@northwind.example';

describe('PATCH of a user', () => {
  test.each([
    [{ status: { value: 'disabled', source_value: 'x' } }, 'paper_disable_user', { user }],
    [{ status: { value: 'enabled' } }, 'paper_enable_user', { user }],
    [{ name: 'Ada King' }, 'paper_update_user', { user, name: 'Ada King' }],
    [{ first_name: 'Ada', last_name: 'King', status: null }, 'paper_update_user', { user, name: 'Ada King' }],
    [
      { primary_email_address: 'ada.king@northwind.example' },
      'paper_update_user',
      { user, email: 'ada.king@northwind.example' },
    ],
  ])('%j is one action, carried out before it is answered', async (body, action, input) => {
    const answer = await send('PATCH', ADA, body);
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { statusCode: 200, message: 'ada@northwind.example is disabled.', timestamp: '2026-03-02T10:15:00.000Z', run: RUN_ID },
    ]); // prettier-ignore
    expect(asked()).toEqual([{ connectionId: 'paper', action, input, idempotencyKey: null }]);
  });

  test('that changes nothing is a 200 that asks for nothing', async () => {
    for (const body of [{}, { name: null, status: { value: null }, passthrough: {} }]) {
      expect((await send('PATCH', ADA, body)).json()).toMatchObject({
        statusCode: 200,
        message: 'There was nothing to change.',
      });
    }
    expect(asked()).toEqual([]);
  });

  test('of what cannot be changed says so and does nothing, not even the rest', async () => {
    const refused = [
      await send('PATCH', ADA, { name: 'Ada', username: 'ada' }),
      await send('PATCH', ADA, { is_bot_user: 'true' }),
      await send('PATCH', ADA, { passthrough: { a: 1 } }),
      await send('PATCH', ADA, { shoe_size: 39 }),
      await send('PATCH', ADA, { status: 'disabled' }),
      await send('PATCH', ADA, { status: { value: 'pending' } }),
      await send('PATCH', ADA, { name: 'Ada', status: { value: 'disabled' } }),
      await send('PATCH', ADA, { first_name: 'Ada' }),
      await send('PATCH', ADA, { name: 'Ada King', first_name: 'Grace' }),
    ];
    const shown = refused.map((answer) => [answer.statusCode, answer.json().field]);
    expect(shown).toEqual([
      [422, 'username'], [422, 'is_bot_user'], [422, 'passthrough'], [400, 'shoe_size'], [400, 'status'],
      [400, 'status.value'], [400, 'status'], [400, 'last_name'], [400, 'name'],
    ]); // prettier-ignore
    expect(asked()).toEqual([]);
  });
});

test('DELETE of a user takes the mildest way, or the one that mode names; ids may be composite', async () => {
  const id = encodeCompositeId({ id: user });
  expect((await send('DELETE', `users/${id}`)).statusCode).toBe(200);
  expect((await send('DELETE', `${ADA}?mode=delete`)).statusCode).toBe(200);
  expect(asked()).toMatchObject([{ input: { user, mode: null } }, { input: { user, mode: 'delete' } }]);
  expect((await send('DELETE', `${ADA}?mode=shred`)).json()).toMatchObject({ statusCode: 400, field: 'mode' });
});

test('a user is created with groups, and answered with the id it will have', async () => {
  const body = {
    primary_email_address: 'Zoe@Northwind.example',
    name: 'Zoë',
    groups: ['Engineering', { id: 'Finance' }],
  };
  const answer = await send('POST', 'users', body);
  expect([answer.statusCode, answer.json()]).toMatchObject([
    201,
    { statusCode: 201, run: RUN_ID, data: { id: 'zoe@northwind.example' } },
  ]);
  expect(asked()).toMatchObject([
    { input: { email: 'Zoe@Northwind.example', name: 'Zoë', groups: ['Engineering', 'Finance'] } },
  ]);
});

test('users are enabled and disabled, and put into groups; what the app cannot do is a 422', async () => {
  expect((await send('POST', `${ADA}/disable`)).statusCode).toBe(200);
  expect((await send('POST', `${ADA}/enable`)).statusCode).toBe(200);
  const membership = `groups/${encodeURIComponent('Zoë & Søren/Team')}/${ADA}`;
  expect((await send('PUT', membership)).statusCode).toBe(200);
  expect(asked()).toMatchObject([
    { action: 'paper_disable_user' },
    { action: 'paper_enable_user' },
    { action: 'paper_add_member', input: { user, group: 'Zoë & Søren/Team' } },
  ]);
  expect((await send('DELETE', membership)).json()).toMatchObject({
    statusCode: 422,
    code: 'unsupported',
    message: 'Paper cannot take users out of groups.',
  });
});

test('what waits for a person: a 409 that says how to approve on the compatible paths, a 202 with the plan on our own', async () => {
  api.changes.refuse(held());
  for (const answer of [await send('PATCH', ADA, { name: 'Ada' }), await send('DELETE', ADA)]) {
    expect(answer.json()).toMatchObject({
      statusCode: 409,
      code: 'needsApproval',
      plan: PLAN_ID,
      message: expect.stringMatching(new RegExp(`${PLAN_ID} waits.*usher plan approve ${PLAN_ID}`, 'u')),
    });
  }
  const created = { primary_email_address: 'zoe@northwind.example' };
  for (const answer of [await send('POST', 'users', created), await send('POST', `${ADA}/disable`)]) {
    expect([answer.statusCode, answer.json()]).toMatchObject([
      202,
      { statusCode: 202, code: 'needsApproval', plan: { id: PLAN_ID, state: 'waiting' } },
    ]);
    expect(answer.json().message).toContain(`usher plan approve ${PLAN_ID}`);
  }
});

test('what takes longer than a minute is a 409 that names its run; what the app refused is its own error', async () => {
  const details = { code: 'stillRunning', plan: PLAN_ID, run: RUN_ID, next: `Look: \`usher runs show ${RUN_ID}\`.` };
  api.changes.refuse(new UsherError('conflict', 'It takes longer than 60 s.', details));
  const waiting = (await send('DELETE', ADA)).json();
  expect(waiting).toMatchObject({
    statusCode: 409,
    code: 'stillRunning',
    run: RUN_ID,
    message: expect.stringContaining(RUN_ID),
  });
  expect((await send('POST', `${ADA}/disable`)).statusCode).toBe(202);
  api.changes.refuse(new UsherError('conflict', 'It has to wait.', { ...details, code: 'waiting' }));
  expect((await send('POST', `${ADA}/disable`)).statusCode).toBe(202);
  api.changes.refuse(new UsherError('guarded', 'Ada is the last administrator.', { code: 'lastAdministrator' }));
  expect((await send('POST', `${ADA}/disable`)).json()).toMatchObject({ statusCode: 409, code: 'lastAdministrator' });
});

test('a dry run answers the plan and carries nothing out, whatever the path', async () => {
  const answers = [
    await send('PATCH', `${ADA}?dry_run=true`, { name: 'Ada' }),
    await send('DELETE', `${ADA}?dry_run=true`),
    await send('POST', 'users?dry_run=true', { primary_email_address: 'zoe@northwind.example' }),
    await send('POST', `${ADA}/enable?dry_run=true`),
    await send('PUT', `groups/Engineering/${ADA}?dry_run=true`),
  ];
  for (const answer of answers) {
    expect([answer.statusCode, answer.json()]).toMatchObject([200, { statusCode: 200, plan: { id: '' } }]);
  }
  const names = api.changes.calls.slice(before).map(([name]) => name);
  expect(new Set(names)).toEqual(new Set(['plan']));
});

test('an idempotency key is passed on; a viewer may write nothing', async () => {
  await send('DELETE', ADA, undefined, { headers: { 'idempotency-key': 'once' } });
  expect(asked()).toMatchObject([{ idempotencyKey: 'once' }]);
  const as = await api.tokenOf('viewer');
  expect((await send('DELETE', ADA, undefined, { as })).statusCode).toBe(403);
  expect((await send('PATCH', ADA, { name: 'A' }, { as })).statusCode).toBe(403);
});
