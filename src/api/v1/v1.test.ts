import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testApi } from '../testing/api.ts';
import type { TestApi } from '../testing/api.ts';
import { account, grant } from '../testing/company.ts';
import { SEEN, seedHistory } from '../testing/seed.ts';
import { RUN_ID, SECRET } from '../testing/services.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
  const gone = account('200', { displayName: 'Jonas Lind' });
  await seedHistory(api.database, 'paper', gone, '2026-02-01T00:00:00.000Z', '2026-02-20T00:00:00.000Z', true);
  const before = account('103', { displayName: 'Tomás Ruiz Ibarra', extra: { linked: 'other@example.net' } });
  await seedHistory(api.database, 'paper', before, '2026-02-01T00:00:00.000Z', SEEN);
  const membership = grant(['account', '200'], ['group', 'Engineering'], 'member');
  await seedHistory(api.database, 'paper', membership, '2026-02-01T00:00:00.000Z', '2026-02-20T00:00:00.000Z', true);
});
afterAll(async () => api.close());

const data = async (url: string) => {
  const answer = await api.get(url);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().data;
};
const keys = async (url: string): Promise<string[]> => (await data(url)).map((each: { key: string }) => each.key);

test('me says who asks and what the token may do', async () => {
  const token = await api.tokenOf('viewer', ['paper']);
  expect((await api.get('/v1/me', { as: token })).json()).toEqual({
    principal: { id: expect.any(String), name: 'A viewer', kind: 'person', role: 'viewer' },
    permissions: ['snapshot:read'],
    connections: ['paper'],
  });
});

describe('connections', () => {
  test('connectors say what is asked when connecting', async () => {
    const [connector] = await data('/v1/connectors');
    expect(connector).toMatchObject({ id: 'paper', actions: 12, collections: [{ id: 'all', yields: ['account'] }] });
    expect(connector.fields).toMatchObject([
      { name: 'company', kind: 'text', required: true },
      { name: 'key', kind: 'secret', required: true },
    ]);
  });

  test('a connection is shown with its counts and freshness', async () => {
    const connection = (await api.get('/v1/connections/paper')).json();
    expect(connection).toMatchObject({
      id: 'paper',
      settings: { company: '77' },
      snapshot_at: SEEN,
      last_sync: null,
      counts: { account: 7, group: 2, role: 2, resource: 2, grant: 11, credential: 0 },
    });
    expect((await data('/v1/connections')).map((each: { id: string }) => each.id)).toEqual(['empty', 'other', 'paper']);
  });

  test('connecting answers 201 with the probe; a dry run keeps nothing; secrets never come back', async () => {
    const body = { connector: 'paper', id: 'paper-2', settings: { company: '8' }, secrets: { key: SECRET } };
    const tried = await api.call('POST', '/v1/connections?dry_run=true', { body });
    expect(tried.statusCode).toBe(200);
    expect((await api.get('/v1/connections/paper-2')).statusCode).toBe(404);
    const made = await api.call('POST', '/v1/connections', { body });
    expect(made.statusCode).toBe(201);
    expect(made.json()).toMatchObject({ id: 'paper-2', settings: { company: '8' }, probe: { tenant: { id: '77' } } });
    expect(tried.body + made.body + (await api.get('/v1/connections')).body).not.toContain(SECRET);
  });

  test('a certificate that nobody vouches for is told, for a person to compare', async () => {
    const body = { connector: 'paper', id: 'self-signed', settings: { company: '8' }, secrets: { key: SECRET } };
    const refused = await api.call('POST', '/v1/connections', { body });
    expect(refused.statusCode).toBe(502);
    expect(refused.json()).toMatchObject({
      code: 'certificateUntrusted',
      retry: false,
      certificate: { sha256: 'ab'.repeat(32), subject: 'CN=console', valid_to: '2036-01-01T00:00:00.000Z' },
    });
  });

  test('a number where a text is asked for is taken for its digits; one that lost digits is refused', async () => {
    const body = { connector: 'paper', id: 'paper-3', settings: { company: 12345678 }, secrets: { key: 77 } };
    const tried = await api.call('POST', '/v1/connections?dry_run=true', { body });
    expect(tried.json()).toMatchObject({ settings: { company: '12345678' } });
    for (const company of [1.5, 2 ** 60]) {
      const refused = await api.call('POST', '/v1/connections', { body: { ...body, settings: { company } } });
      expect(refused.json()).toMatchObject({ status: 400, field: 'settings.company', next: 'Write it in quotes.' });
    }
  });

  test('removing says what goes, asks, and then does it', async () => {
    const goes = (await api.get('/v1/connections/paper-2/removal')).json();
    expect(goes).toMatchObject({ connection: 'paper-2', goes: { accounts: 7, schedule: true, sync_runs: 1 } });
    const asked = await api.call('DELETE', '/v1/connections/paper-2?confirm=paper');
    expect(asked.json()).toMatchObject({
      status: 400,
      field: 'confirm',
      next: expect.stringContaining('confirm=paper-2'),
    });
    expect((await api.call('DELETE', '/v1/connections/paper-2?confirm=paper-2')).statusCode).toBe(200);
    expect((await api.get('/v1/connections/paper-2')).statusCode).toBe(404);
  });

  test('editing, testing and drift', async () => {
    const edited = await api.call('PATCH', '/v1/connections/other', { body: { schedule_seconds: null } });
    expect(edited.json().schedule_seconds).toBeNull();
    expect((await api.call('POST', '/v1/connections/other/test')).json().probe.tenant.id).toBe('77');
    expect(await data('/v1/connections/paper/drift')).toMatchObject([{ path: '*.new', occurrences: 2 }]);
  });
});

test('syncs are asked for, watched, confirmed and cancelled', async () => {
  const asked = await api.call('POST', '/v1/connections/paper/syncs');
  expect(asked.statusCode).toBe(202);
  expect(asked.json()).toMatchObject({
    joined: false,
    run: { id: RUN_ID, connection: 'paper', progress: { eta_seconds: 3 } },
  });
  expect((await api.get(`/v1/syncs/${RUN_ID}`)).json()).toMatchObject({ anomalies: [{ limit_percent: 20, gone: 3 }] });
  expect((await api.call('POST', `/v1/syncs/${RUN_ID}/confirm`)).statusCode).toBe(202);
  expect((await api.call('POST', `/v1/syncs/${RUN_ID}/cancel`)).statusCode).toBe(202);
  const none = await api.call('POST', '/v1/connections/paper/syncs/confirm');
  expect(none.json()).toMatchObject({ status: 409, code: 'conflict' });
});

describe('the syncs of a connection', () => {
  const SYNCS = '/v1/connections/empty/syncs';
  // The second and third were asked for at the same moment.
  const asked = [
    '2026-02-03T08:00:00Z',
    '2026-02-02T08:00:00.123456Z',
    '2026-02-02T08:00:00.123456Z',
    '2026-02-01T08:00:00Z',
  ];
  const ids = asked.map((_, at) => `0198f2c4-7c1e-7d6a-b1de-00000000000${9 - at}`);
  beforeAll(async () => {
    await api.database.pool.query(
      `insert into sync_run (id, connection_id, state, requested_by, requested_at)
       select id, 'empty', 'succeeded', 'test', at from unnest($1::uuid[], $2::timestamptz[]) as run(id, at)
        order by at`,
      [ids, asked],
    );
  });

  test('are listed newest first, and go on where a page ended', async () => {
    expect((await data(SYNCS)).map((run: { id: string }) => run.id)).toEqual(ids);
    const shown: string[] = [];
    for (let next = ''; ;) {
      const page = (await api.get(`${SYNCS}?page_size=2${next}`)).json();
      expect(page.data.length).toBeLessThanOrEqual(2);
      shown.push(...page.data.map((run: { id: string }) => run.id));
      if (page.next === null) break;
      next = `&next=${page.next}`;
    }
    expect(shown).toEqual(ids);
  });

  test('do not shift while a page is read and a newer one is asked for', async () => {
    const first = (await api.get(`${SYNCS}?page_size=2`)).json();
    await api.database.pool.query(
      `insert into sync_run (id, connection_id, state, requested_by, requested_at)
       values (gen_random_uuid(), 'empty', 'succeeded', 'test', '2026-02-28T08:00:00Z')`,
    );
    const rest = await data(`${SYNCS}?page_size=2&next=${first.next}`);
    expect(rest.map((run: { id: string }) => run.id)).toEqual(ids.slice(2));
  });

  test('do not go on from a cursor of another connection, nor from one that was made up', async () => {
    const { next } = (await api.get(`${SYNCS}?page_size=2`)).json();
    const made: unknown = JSON.parse(Buffer.from(next, 'base64url').toString());
    if (typeof made !== 'object') throw new Error('A cursor is an object.');
    const forged = [
      ['yesterday', ids[0]],
      ['2026-02-01T08:00:00.000Z', 'x'],
    ].map((k) => {
      return `${SYNCS}?next=${Buffer.from(JSON.stringify({ ...made, k })).toString('base64url')}`;
    });
    for (const url of [`/v1/connections/paper/syncs?next=${next}`, ...forged]) {
      expect((await api.get(url)).json(), url).toMatchObject({ status: 400, field: 'next' });
    }
  });
});

describe('accounts', () => {
  test('filters narrow the list', async () => {
    const paper = '/v1/accounts?connection=paper';
    expect(await keys('/v1/accounts')).toHaveLength(8);
    expect(await keys(paper)).toHaveLength(7);
    expect(await keys(`${paper}&status=disabled`)).toEqual(['103']);
    expect(await keys(`${paper}&role=admin`)).toEqual(['101', '102']);
    expect(await keys(`${paper}&mfa=none`)).toEqual(['102']);
    expect(await keys(`${paper}&mfa=some`)).toEqual(['101']);
    expect(await keys(`${paper}&mfa=unknown`)).toHaveLength(5);
    expect(await keys('/v1/accounts?email=ADA@northwind.example')).toEqual(['101', '101'].slice(0, 2));
    expect(await keys(`${paper}&group=Engineering`)).toEqual(['101', '102']);
    expect(await keys(`${paper}&search=priya`)).toEqual(['invited:priya@northwind.example']);
    expect(await keys(`${paper}&search=TOM%C3%81S`)).toEqual(['103']);
    expect(await keys(`${paper}&search=.*`)).toEqual([]);
  });

  test('as of a past moment the accounts are as they were known then', async () => {
    const then = await data('/v1/accounts?connection=paper&as_of=2026-02-10T00:00:00Z');
    expect(then.map((each: { key: string; status: string }) => [each.key, each.status])).toEqual([
      ['103', 'active'],
      ['200', 'active'],
    ]);
    expect(await keys('/v1/accounts?connection=paper&as_of=2026-02-25T00:00:00Z')).toEqual(['103']);
    expect(await keys('/v1/accounts?connection=paper&group=Engineering&as_of=2026-02-10T00:00:00Z')).toEqual(['200']);
    expect(await keys('/v1/accounts?connection=paper&as_of=2020-01-01T00:00:00Z')).toEqual([]);
  });

  test('pages of every size give the same list', async () => {
    for (const size of [1, 2, 3, 7, 8, 500]) {
      const all: string[] = [];
      let next: string | null = '';
      while (next !== null) {
        const query: string = next === '' ? '' : `&next=${next}`;
        const page = (await api.get(`/v1/accounts?page_size=${size}${query}`)).json();
        all.push(...page.data.map((each: { connection: string; key: string }) => `${each.connection} ${each.key}`));
        next = page.next;
      }
      expect(all).toEqual([...all].sort());
      expect(all).toHaveLength(8);
    }
  });

  test('an account is shown with what it holds, how it changed, and what the app sent', async () => {
    const shown = (await api.get('/v1/accounts/paper/LENA+x@northwind.example?raw=true')).json();
    expect(shown).toMatchObject({ key: '102', raw: { id: '102' } });
    expect(
      shown.grants.map((each: { target: { name: string; type: string }; permission: string }) => {
        return `${each.permission} ${each.target.name} ${each.target.type}`;
      }),
    ).toEqual([
      'member Engineering group',
      'editor Finance/Payroll shared_folder',
      'viewer Finance/Payroll shared_folder',
      'holder Administrator admin',
    ]);
    const { history } = (await api.get('/v1/accounts/paper/103')).json();
    expect(history).toEqual([
      { seen_from: SEEN, seen_to: null, changes: { status: { before: 'active', after: 'disabled' } } },
      { seen_from: '2026-02-01T00:00:00.000Z', seen_to: SEEN, changes: {} },
    ]);
    expect((await api.get('/v1/accounts/paper/200')).statusCode).toBe(404);
    expect((await api.get('/v1/accounts/paper/200?as_of=2026-02-10T00:00:00Z')).json()).toMatchObject({
      display_name: 'Jonas Lind',
      grants: [{ target: { key: 'Engineering' } }],
    });
  });
});

test('grants, groups, resources and figures', async () => {
  expect(await data('/v1/grants?connection=paper&resource=900')).toHaveLength(5);
  expect(await data('/v1/grants?connection=paper&account=ada@northwind.example')).toHaveLength(3);
  expect(await data('/v1/grants?connection=paper&role=admin')).toHaveLength(2);
  const [first] = await data('/v1/grants?connection=paper&group=Engineering&account=101');
  expect(first).toMatchObject({
    holder: { kind: 'account', key: '101', name: 'Ada Okonkwo' },
    target: { kind: 'group', key: 'Engineering', name: 'Engineering', type: 'group' },
  });
  expect(await keys('/v1/groups?connection=paper&search=engin')).toEqual(['Engineering']);
  expect(await keys('/v1/resources?connection=paper&type=shared_folder')).toEqual(['900', '901']);
  expect((await api.get('/v1/figures?connection=paper')).json()).toEqual({
    accounts: {
      total: 7,
      by_status: { active: 4, disabled: 1, invited: 1, pending: 1 },
      administrators: 2,
      administrators_without_second_factor: 1,
    },
    groups: 2, roles: 2, resources: 2, grants: 11,
    credentials: 0, snapshot_at: SEEN,
  }); // prettier-ignore
});

test('the feed goes on from any position, whatever the filter', async () => {
  const all = (await api.get('/v1/events?page_size=2')).json();
  expect(all.data.map((each: { position: number }) => each.position)).toEqual([1, 2]);
  const rest = (await api.get(`/v1/events?after=${all.next}`)).json();
  expect(rest.data.map((each: { position: number }) => each.position)).toEqual([3, 4]);
  expect(rest.next).toBe('4');
  expect((await api.get('/v1/events?after=4&wait=1')).json()).toEqual({ data: [], next: '4' });
  expect((await api.get('/v1/events?type=grant.*')).json()).toMatchObject({
    data: [{ position: 2 }, { position: 4 }],
    next: '4',
  });
  expect((await api.get('/v1/events?connection=other')).json()).toMatchObject({ data: [{ position: 2 }], next: '4' });
  expect((await api.get('/v1/events?after=latest')).json()).toEqual({ data: [], next: '4' });
});

test('the newest events come in feed order, with the position to go on from', async () => {
  const positions = async (query: string) => {
    const answer = (await api.get(`/v1/events?${query}`)).json();
    return { ...answer, data: answer.data.map((each: { position: number }) => each.position) };
  };
  expect(await positions('last=2')).toEqual({ data: [3, 4], next: '4' });
  expect(await positions('last=500&connection=other')).toEqual({ data: [2], next: '4' });
  expect(await positions('last=1&type=grant.*')).toEqual({ data: [4], next: '4' });
  const refused = await api.get('/v1/events?last=2&after=1');
  expect({ status: refused.statusCode, field: refused.json().field }).toEqual({ status: 400, field: 'last' });
});

test.each(['connections', 'connectors', 'principals', 'tokens'])(
  '%s are listed page by page, each once',
  async (list) => {
    await api.tokenOf('viewer');
    const whole = (await api.get(`/v1/${list}`)).json();
    expect(whole.next).toBeNull();
    const seen: unknown[] = [];
    for (let next: string | null = ''; next !== null;) {
      const page: { data: unknown[]; next: string | null } = (
        await api.get(`/v1/${list}?page_size=1${next === '' ? '' : `&next=${next}`}`)
      ).json();
      expect(page.data.length).toBeLessThanOrEqual(1);
      seen.push(...page.data);
      next = page.next;
    }
    expect(seen).toEqual(whole.data);
    expect((await api.get(`/v1/${list}?next=garbage`)).json()).toMatchObject({ status: 400, field: 'next' });
  },
);

describe('principals and tokens', () => {
  test('an administrator adds a principal, gives it a token, and revokes it', async () => {
    const made = await api.call('POST', '/v1/principals', {
      body: { name: 'Robot', kind: 'service', role: 'operator' },
    });
    expect(made.statusCode).toBe(201);
    const principal = made.json();
    const issued = await api.call('POST', '/v1/tokens', {
      body: { principal_id: principal.id, name: 'ci', expires_in_days: 30 },
    });
    expect(issued.statusCode).toBe(201);
    const { token, secret } = issued.json();
    expect((await api.get('/v1/me', { as: secret })).json().principal.name).toBe('Robot');
    expect((await api.get('/v1/tokens')).body).not.toContain(secret);
    expect((await api.call('DELETE', `/v1/tokens/${token.id}`)).statusCode).toBe(204);
    const refused = await api.get('/v1/me', { as: secret });
    expect(refused.statusCode).toBe(401);
    const disabled = await api.call('PATCH', `/v1/principals/${principal.id}`, { body: { disabled: true } });
    expect(disabled.json().disabled_at).not.toBeNull();
  });

  test('others see and make tokens of their own alone, and none beyond their own rights', async () => {
    const operator = await api.tokenOf('operator', ['paper']);
    const make = (body: object) => api.call('POST', '/v1/tokens', { as: operator, body: { name: 'more', ...body } });
    const own = await make({});
    expect(own.statusCode).toBe(201);
    expect(own.json().token.connections).toEqual(['paper']);
    expect((await make({ role: 'admin' })).statusCode).toBe(403);
    expect((await make({ connections: ['other'] })).statusCode).toBe(403);
    expect((await make({ principal_id: 'somebody' })).statusCode).toBe(403);
    const seen = (await api.get('/v1/tokens', { as: operator })).json().data;
    expect(new Set(seen.map((each: { principal_id: string }) => each.principal_id)).size).toBe(1);
    const mine = (await api.get('/v1/tokens')).json().data.find((each: { role: string }) => each.role === 'admin');
    expect((await api.call('DELETE', `/v1/tokens/${mine.id}`, { as: operator })).statusCode).toBe(404);
    expect((await api.call('DELETE', `/v1/tokens/${own.json().token.id}`, { as: operator })).statusCode).toBe(204);
  });
});

test('health and readiness', async () => {
  expect((await api.get('/healthz', { as: null })).json()).toEqual({ status: 'ok', version: '0.0.0-test' });
  expect((await api.get('/readyz', { as: null })).json()).toEqual({ status: 'ready', waiting_for: [], workers: 1 });
});
