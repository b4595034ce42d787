import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeCompositeId } from '../../connector-kit/unified/ids.ts';
import { testApi } from '../testing/api.ts';
import type { TestApi } from '../testing/api.ts';
import { account } from '../testing/company.ts';
import { SEEN, seedSnapshot } from '../testing/seed.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => api.close());

const ids = async (url: string): Promise<string[]> => {
  const answer = await api.unified(url);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().data.map((each: { id: string }) => each.id);
};

describe('users', () => {
  test('an account is shown with status, mfa, names and our own fields', async () => {
    const { data } = (await api.unified('users/103')).json();
    expect(data).toMatchObject({
      id: 'person.103@northwind.example',
      status: { value: 'disabled', source_value: 'disabled' },
      first_name: null,
      last_name: null,
      name: 'Tomás Ruiz Ibarra',
      multi_factor_enabled: null,
      last_login_at: '2026-01-02T03:04:05.000Z',
      organization_id: '77',
      unified_custom_fields: { account_id: '103', linked: 'other@example.net', last_changed_at: SEEN },
    });
  });

  test('a user is found by e-mail in any case, by the id of the app, and by composite id', async () => {
    for (const id of ['ADA@northwind.example', '101', encodeCompositeId({ id: 'ada@northwind.example' })]) {
      const answer = await api.unified(`users/${encodeURIComponent(id)}`);
      expect(answer.json().data.unified_custom_fields.account_id).toBe('101');
    }
  });

  test('filters narrow the list', async () => {
    expect(await ids('users?filter[email]=LENA%2Bx@northwind.example')).toEqual(['lena+x@northwind.example']);
    expect(await ids('users?filter[status]=pending')).toEqual([
      'person.104@northwind.example',
      'priya@northwind.example',
    ]);
    expect(await ids('users?filter[role_id]=admin')).toHaveLength(2);
    expect(await ids('users?filter[group_id]=Engineering')).toHaveLength(2);
    expect(await ids('users?filter[name]=%C3%A9MILE')).toEqual(['person.105@northwind.example']);
    expect(await ids('users?filter[name]=_lee%25')).toEqual(['person.106@northwind.example']);
    expect(await ids('users?filter[organization_id]=77')).toHaveLength(7);
    expect(await ids('users?filter[organization_id]=78')).toEqual([]);
    expect(await ids(`users?filter[updated_after]=${SEEN}`)).toEqual([]);
    expect(await ids('users?updated_after=2026-02-01T00:00:00%2B01:00')).toHaveLength(7);
  });

  test('an unknown filter is a 400 that names the known ones', async () => {
    const answer = await api.unified('users?filter[colour]=red');
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ field: 'filter[colour]', code: 'invalidInput' });
    expect(answer.json().next).toContain('group_id');
  });

  test('fields cut, expand adds, raw shows what the app sent', async () => {
    const cut = (await api.unified('users?fields=id,name&page_size=1')).json();
    expect(Object.keys(cut.data[0]).sort()).toEqual(['id', 'name']);
    const { data } = (await api.unified('users/101?expand=roles,permissions')).json();
    expect(data.roles[0].description).toBe('Runs it.');
    expect(data.permissions).toMatchObject([
      { id: 'admin', type: { source_value: { can_administer: 1 } }, scopes: [{ resource_id: '900' }] },
    ]);
    const raw = (await api.unified('users/101?raw=true')).json();
    expect(raw.raw).toEqual([{ method: 'GET', url: 'usher:paper/accounts/101', response: { id: '101' } }]);
    expect((await api.unified('users?fields=id,shoe_size')).json()).toMatchObject({ statusCode: 400, field: 'fields' });
    expect((await api.unified('users?expand=shoes')).json()).toMatchObject({ statusCode: 400, field: 'expand' });
  });

  test('paging neither skips nor repeats while rows come and go', async () => {
    const seen: string[] = [];
    let next: string | null = null;
    let page = 0;
    do {
      const query: string = next === null ? '' : `&next=${next}`;
      const answer = (await api.unified(`users?page_size=3${query}`)).json();
      seen.push(...answer.data.map((each: { id: string }) => each.id));
      next = answer.next;
      if (page++ === 0) {
        await api.database.pool.query(`delete from account where connection_id = 'paper' and key = '101'`);
        await seedSnapshotAccount('1015');
      }
    } while (next !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(7);
    await api.database.pool.query(`delete from account where connection_id = 'paper' and key = '1015'`);
    await seedSnapshotAccount('101', { displayName: 'Ada Okonkwo', email: 'Ada@northwind.example', roles: ['admin'] });
  });
});

async function seedSnapshotAccount(key: string, more = {}): Promise<void> {
  await api.database.pool.query(`delete from collection_state where connection_id = 'paper'`);
  await api.database.pool.query(`delete from account_volatile where connection_id = 'paper' and key = $1`, [key]);
  await seedSnapshot(api.database, 'paper', [account(key, more)]);
}

test('groups, with their users where asked', async () => {
  expect(await ids('groups?filter[name]=s%C3%B8ren')).toEqual(['Zoë & Søren/Team']);
  const { data } = (await api.unified('groups/Engineering?expand=users')).json();
  expect(data.users.map((user: { id: string }) => user.id)).toEqual([
    'ada@northwind.example',
    'lena+x@northwind.example',
  ]);
  expect((await api.unified('groups/Engineering')).json().data).not.toHaveProperty('users');
  expect((await api.unified(`groups/${encodeURIComponent('Zoë & Søren/Team')}`)).statusCode).toBe(200);
  expect((await api.unified('groups/None')).statusCode).toBe(404);
});

test('an unknown role is a 400, as the connector has it, that names the roles', async () => {
  const answer = await api.unified('roles/emperor');
  expect(answer.statusCode).toBe(400);
  expect(answer.json().next).toContain('admin, basic');
});

test('resource users: one entry a holder and resource, groups and unmatched addresses marked', async () => {
  const { data } = (await api.unified('resource_users?resource_type=shared_folder&resource_id=900')).json();
  const rows = data.map(
    (each: { id: string; unified_custom_fields: { principal_type: string }; roles: { id: string }[] }) => {
      return [each.id, each.unified_custom_fields.principal_type, each.roles.map((role) => role.id).join(' ')];
    },
  );
  expect(rows).toEqual([
    ['ada@northwind.example', 'user', 'admin'],
    ['lena+x@northwind.example', 'user', 'editor viewer'],
    ['freelancer@gmail.example', 'unmatched', 'viewer'],
    ['Engineering', 'group', 'viewer'],
  ]);
  expect(data[1].roles[0].type).toEqual({
    value: 'editor',
    source_value: { readonly: 1, give: 1, can_administer: 0 },
  });
  expect((await api.unified('resource_users?resource_id=999')).statusCode).toBe(404);
  expect((await api.unified('resource_users?resource_type=moon')).statusCode).toBe(400);
});

test('resource users page by page hand out each holder of each resource once', async () => {
  for (const size of [1, 2, 3]) {
    const rows: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const query: string = next === '' ? '' : `&next=${next}`;
      const answer = (await api.unified(`resource_users?page_size=${size}${query}`)).json();
      expect(answer.data.length).toBeLessThanOrEqual(size);
      rows.push(
        ...answer.data.map((each: { id: string; unified_custom_fields: { resource_id: string } }) => {
          return `${each.unified_custom_fields.resource_id} ${each.id}`;
        }),
      );
      next = answer.next;
    }
    expect(rows).toEqual([
      '900 ada@northwind.example', '900 lena+x@northwind.example', '900 freelancer@gmail.example', '900 Engineering',
      '901 person.105@northwind.example',
    ]); // prettier-ignore
  }
});

test('organizations, me and resource types come from the connection', async () => {
  expect(await ids('organizations')).toEqual(['77']);
  expect((await api.unified('organizations/78')).statusCode).toBe(404);
  expect((await api.unified('me')).json().data).toMatchObject({
    name: 'Paper 77',
    auth_type: { value: 'api_key' },
    last_accessed_at: SEEN,
    user: null,
  });
  expect((await api.unified('resource_types')).json()).toEqual({ data: ['shared_folder'] });
  expect((await api.get('/unified/list_resource_types', { account: 'paper' })).json()).toEqual({
    data: ['shared_folder'],
  });
});

test('policies show the permission set of each folder', async () => {
  const { data } = (await api.unified('policies/900?expand=permissions')).json();
  expect(
    data.permissions.map((each: { id: string; unified_custom_fields: object }) => [
      each.id,
      each.unified_custom_fields,
    ]),
  ).toEqual([
    ['admin', { holders: 1 }],
    ['editor', { holders: 1 }],
    ['viewer', { holders: 3 }],
  ]);
});

test('every read says how old the snapshot is', async () => {
  for (const url of ['users', 'groups', 'roles', 'policies', 'organizations', 'resource_users', 'me', 'users/101']) {
    expect((await api.unified(url)).headers['usher-snapshot-at'], url).toBe(SEEN);
  }
});

test('the account must be named, and be one', async () => {
  const missing = await api.get('/unified/iam/users');
  expect(missing.statusCode).toBe(400);
  expect(missing.json()).toMatchObject({ field: 'x-account-id', message: expect.stringContaining('missing') });
  for (const id of ['nobody', '../paper', 'PAPER', 'a'.repeat(100)]) {
    expect((await api.get('/unified/iam/users', { account: id })).statusCode, id).toBe(400);
  }
});

test('before the first complete pull reads are 409 notSynced', async () => {
  const answer = await api.unified('users', { account: 'empty' });
  expect(answer.statusCode).toBe(409);
  expect(answer.json()).toMatchObject({ code: 'notSynced', connection: 'empty', retry: true });
});

test('proxy and page are refused with the reason; Prefer is tolerated', async () => {
  expect((await api.unified('users?proxy[a][b]=1')).json()).toMatchObject({ statusCode: 400, field: 'proxy' });
  expect((await api.unified('users?page=2')).json()).toMatchObject({ statusCode: 400, field: 'page' });
  expect((await api.unified('users', { headers: { prefer: 'heartbeat' } })).statusCode).toBe(200);
});

test('a cursor of another list, of other filters, or garbage is a 400', async () => {
  const { next } = (await api.unified('users?page_size=1')).json();
  for (const url of [
    `groups?next=${next}`,
    `users?next=${next}&filter[status]=enabled`,
    'users?next=garbage',
    'users?next=e30',
  ]) {
    const answer = await api.unified(url);
    expect(answer.statusCode, url).toBe(400);
    expect(answer.json().field, url).toBe('next');
  }
  expect((await api.unified(`users?next=${next}`, { account: 'other' })).statusCode).toBe(400);
});

describe('fresh=true', () => {
  test('shows the same objects as the snapshot, but for what only the snapshot knows', async () => {
    for (const url of ['users', 'groups?expand=users', 'roles', 'organizations', 'resource_users']) {
      const glue = url.includes('?') ? '&' : '?';
      const stored = (await api.unified(`${url}${glue}page_size=100`)).json().data;
      const live = (await api.unified(`${url}${glue}page_size=100&fresh=true`)).json().data;
      const names = (rows: { id: string }[]) => rows.map(({ id }) => id).sort();
      expect(names(live), url).toEqual(names(stored));
      expect(live.map(withoutObservation), url).toEqual(
        expect.arrayContaining(stored.slice(1).map(withoutObservation)),
      );
    }
  });

  test("needs live:read, and shows the app's own refusal", async () => {
    const viewer = await api.tokenOf('viewer');
    expect((await api.unified('users', { as: viewer })).statusCode).toBe(200);
    expect((await api.unified('users?fresh=true', { as: viewer })).statusCode).toBe(403);
    api.refuse(true);
    const refused = await api.unified('users?fresh=true');
    api.refuse(false);
    expect(refused.statusCode).toBe(401);
    expect(refused.json()).toMatchObject({ code: 'auth', connection: 'paper', message: 'Paper refused the key.' });
    expect(refused.headers).not.toHaveProperty('www-authenticate');
  });

  test('pages live, and refuses what only the snapshot can tell', async () => {
    const first = (await api.unified('users?fresh=true&page_size=4')).json();
    expect(first.data).toHaveLength(4);
    const second = (await api.unified(`users?fresh=true&page_size=4&next=${first.next}`)).json();
    expect(second.data).toHaveLength(3);
    expect(second.next).toBeNull();
    for (const url of [
      'users?fresh=true&raw=true',
      `users?fresh=true&filter[updated_after]=${SEEN}`,
      'policies?fresh=true',
    ]) {
      expect((await api.unified(url)).statusCode, url).toBe(400);
    }
  });
});

function withoutObservation(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (key === 'last_changed_at' ? undefined : inner)));
}

test('errors are in the unified frame as application/json, also from the router and the validator', async () => {
  const answers = [
    await api.unified('users', { as: null }),
    await api.unified('nothing'),
    await api.unified('users?page_size=0'),
    await api.call('DELETE', '/unified/iam/groups/1/users/1', { account: 'paper' }),
    await api.call('POST', '/unified/iam/users', { account: 'paper', body: {} }),
  ];
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 404, 400, 422, 400]);
  for (const answer of answers) {
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.json()).toMatchObject({
      statusCode: answer.statusCode,
      message: expect.any(String),
      timestamp: '2026-03-02T10:15:00.000Z',
      request_id: answer.headers['x-request-id'],
    });
  }
});
