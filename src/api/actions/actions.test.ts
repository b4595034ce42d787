import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { testApi } from '../testing/api.ts';
import type { TestApi } from '../testing/api.ts';
import { held, PLAN_ID, RUN_ID } from '../testing/changes.ts';
import { paperConnector } from '../testing/paper.ts';
import { actionNamed, schemasOf } from './catalogue.ts';
import { flatInput } from './input.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => api.close());

const rpc = (body: object, headers: Record<string, string> = {}, query = '') => {
  return api.call('POST', `/actions/rpc${query}`, { body, headers });
};

test('the catalogue lists actions by connector, searched and with schemas where asked', async () => {
  const { data } = (await api.get('/actions')).json();
  expect(data).toMatchObject([{ key: 'paper', name: 'Paper' }]);
  expect(data[0].actions.map((each: { id: string }) => each.id)).toContain('paper_unified_list_resource_users');
  const searched = (await api.get('/actions?search=LIST_groups%20live&include=action_details')).json();
  expect(searched.data[0].actions).toHaveLength(1);
  expect(searched.data[0].actions[0].action_details.input_schema.properties).toHaveProperty('page_size');
  expect((await api.get('/actions?exclude=actions')).json().data[0]).not.toHaveProperty('actions');
  const byAccount = (await api.get('/actions?filter[account_ids]=paper,other&page_size=1')).json();
  expect(byAccount.data[0].account_id).toBe('other');
  const rest = (await api.get(`/actions?filter[account_ids]=paper,other&page_size=1&next=${byAccount.next}`)).json();
  expect(rest).toMatchObject({ data: [{ account_id: 'paper' }], next: null });
});

test('an action is shown with the schemas of its input and output', async () => {
  expect((await api.get('/actions/paper_unified_get_user')).json()).toMatchObject({
    id: 'paper_unified_get_user',
    effect: 'read',
    schema_type: 'unified',
    connector: 'paper',
    input_schema: { required: ['id'] },
  });
});

test('an action that is mistyped is offered as it is spelled, on every surface that takes one', async () => {
  const action = 'paper_disabel_user';
  const plan = { connection: 'paper', action, input: { account: '101' } };
  for (const answer of [
    await api.get(`/actions/${action}`),
    await rpc({ action }, { 'x-account-id': 'paper' }),
    await api.call('POST', '/v1/plans', { body: plan }),
    await api.call('POST', '/v1/plans?dry_run=true', { body: plan }),
  ]) {
    expect(answer.statusCode, answer.body).toBe(404);
    expect(answer.body).toContain('There is no action paper_disabel_user.');
    expect(answer.body).toContain('Did you mean paper_disable_user? List them: GET /actions, or `usher actions`.');
  }
  expect((await api.get('/actions/xyzzy')).body).not.toContain('Did you mean');
});

test('what is offered for a name says what of it is destructive', () => {
  const [disable, remove] = ['paper_disable_user', 'paper_delete_user'].map((id) => ({
    id, title: id, description: '', effect: id.includes('delete') ? 'destructive' as const : 'write' as const,
    schemaType: 'native' as const, input: z.object({}), output: z.object({}),
  })); // prettier-ignore
  if (disable === undefined || remove === undefined) throw new Error('There are two.');
  const connector = { ...paperConnector([]), actions: [disable, remove] };
  const catalogue = { connectors: [connector], fields: () => [] };
  expect(() => actionNamed({ catalogue }, 'user_delete')).toThrow(
    expect.objectContaining({ details: expect.objectContaining({
      next: expect.stringMatching(/^Did you mean paper_delete_user \(destructive\)/),
    }) }),
  ); // prettier-ignore
});

test('fields that are secrets are shown as going in only, wherever they are in the input', () => {
  const input = z.object({ user: z.string(), sites: z.array(z.object({ url: z.string(), password: z.string() })) });
  const shown = schemasOf({
    id: 'a', title: 'A', description: '', effect: 'write', schemaType: 'native', input, output: z.object({}),
    secretInputs: ['sites.*.password'],
  }); // prettier-ignore
  expect(shown.input_schema).toMatchObject({
    properties: { sites: { items: { properties: { password: { type: 'string', writeOnly: true } } } } },
  });
  expect(JSON.stringify(shown).match(/writeOnly/g)).toHaveLength(1);
});

test('a call takes the connection from header, body or query, and its input from path, query and body', async () => {
  const action = 'paper_unified_get_user';
  const calls = [
    await rpc({ action, path: { id: '101' } }, { 'x-account-id': 'paper' }),
    await rpc({ action, query: { id: '101' }, headers: { 'X-Account-Id': 'paper' } }),
    await rpc({ action, body: { id: '101' } }, {}, '?x-account-id=paper'),
    await rpc({ action, path: { id: '101' }, body: { id: '101' } }, {}, '?account_id=paper'),
  ];
  for (const answer of calls) {
    expect(answer.statusCode, answer.body).toBe(200);
    expect(answer.json()).toMatchObject({ data: { name: 'Ada Okonkwo' }, next: null });
  }
  const several = await rpc(
    { action, path: { id: '101' }, headers: { 'x-account-id': 'other' } },
    { 'x-account-id': 'paper' },
  );
  expect(several.json()).toMatchObject({ statusCode: 400, field: 'x-account-id' });
});

test('pages and filters of a call go to the action', async () => {
  const action = 'paper_unified_list_users';
  const headers = { 'x-account-id': 'paper' };
  const first = (await rpc({ action, query: { page_size: 5 } }, headers)).json();
  expect(first.data).toHaveLength(5);
  const second = (await rpc({ action, query: { page_size: 5, next: first.next } }, headers)).json();
  expect(second.data).toHaveLength(2);
  expect(second.next).toBeNull();
  const filtered = (await rpc({ action, query: { 'filter[status]': 'disabled' } }, headers)).json();
  expect(filtered.data).toHaveLength(1);
  expect((await rpc({ action, query: { colour: 'red' } }, headers)).json()).toMatchObject({
    statusCode: 400,
    field: 'colour',
  });
});

test('a dry run shows the exact call, masked, and makes none', async () => {
  const answer = (await rpc({ action: 'paper_unified_list_users', dry_run: true }, { 'x-account-id': 'paper' })).json();
  expect(answer).toMatchObject({
    data: null,
    next: null,
    preview: { method: 'POST', headers: { authorization: '••••' } },
  });
});

describe('a writing action', () => {
  const body = { action: 'paper_disable_user', body: { user: 'ada@northwind.example' } };

  test('is planned, carried out and answered with what came of each change', async () => {
    const headers = { 'x-account-id': 'paper', 'idempotency-key': 'k1' };
    const answer = await rpc(body, headers);
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        data: {
          plan: PLAN_ID,
          state: 'applied',
          run: RUN_ID,
          summary: 'ada@northwind.example is disabled.',
          changes: [
            { subject: 'ada@northwind.example', change: 'disable', state: 'done', summary: 'ada@northwind.example is disabled.' },
          ],
        },
        next: null,
      },
    ]); // prettier-ignore
    const request = { connectionId: 'paper', action: body.action, input: body.body, idempotencyKey: 'k1' };
    expect(api.changes.calls).toContainEqual(['perform', request, 60_000]);
  });

  test('that waits for a person is a 409 that names the plan and says how to approve', async () => {
    api.changes.refuse(held());
    const answer = (await rpc(body, { 'x-account-id': 'paper' })).json();
    api.changes.refuse(null);
    expect(answer).toMatchObject({ statusCode: 409, code: 'needsApproval', plan: PLAN_ID });
    expect(answer.message).toContain(`usher plan approve ${PLAN_ID}`);
  });

  test('as a dry run shows the plan and stores none', async () => {
    const answer = (await rpc({ ...body, dry_run: true }, { 'x-account-id': 'paper' })).json();
    expect(answer).toMatchObject({ data: null, plan: { id: '', first_changes: [{ summary: expect.any(String) }] } });
    expect(api.changes.calls.at(-1)).toMatchObject(['plan', { dryRun: true }]);
  });

  test('needs plan:make', async () => {
    for (const role of ['viewer', 'approver'] as const) {
      const as = await api.tokenOf(role);
      expect((await api.call('POST', '/actions/rpc', { as, body, account: 'paper' })).statusCode, role).toBe(403);
    }
  });
});

test('calls need live:read and an action that is there', async () => {
  const viewer = await api.tokenOf('viewer');
  const body = { action: 'paper_unified_list_users' };
  expect((await api.call('POST', '/actions/rpc', { as: viewer, body, account: 'paper' })).statusCode).toBe(403);
  expect((await rpc({ action: 'moon_walk' }, { 'x-account-id': 'paper' })).statusCode).toBe(404);
});

test('the parts of a call make one flat input; different values for one name are refused', () => {
  expect(flatInput({ path: { id: 'a' }, query: { 'filter[x]': 1, filter: { y: 2 } }, body: null })).toEqual({
    id: 'a',
    filter: { x: 1, y: 2 },
  });
  expect(() => flatInput({ path: { id: 'a' }, query: { id: 'b' }, body: null })).toThrow('given twice');
  expect(() => flatInput({ path: null, query: { '__proto__[x]': 1 }, body: null })).toThrow('no name of an input');
});
