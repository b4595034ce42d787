import { describe, expect, it } from 'vitest';
import { type Caller, simulate, type Wire } from './testing/caller.ts';

const LENA = 'lena.hart@northwind.example';
const JONAS = 'jonas.lind@northwind.example';
const body = (more: object = {}, props: object = {}) => ({
  userName: LENA,
  userEnabled: 1,
  props: { firstName: 'Lena', lastName: 'Hart', company: 'Northwind', ...props },
  ...more,
});
const search = async ({ call }: Pick<Caller, 'call'>, value: string, headers = {}): Promise<readonly Wire[]> =>
  (
    await call('POST', 'TeamMembers/search', {
      headers,
      body: { filters: [{ field: 'userName', expression: 'eq', value }] },
    })
  ).rows;
const guidOf = (row: Wire | undefined) => String(row?.['userGuid']);

describe('a team member', () => {
  it('has exactly the known fields, with integers for flags and 0 for times that never were', async () => {
    const simulator = await simulate();
    const [chris] = await search(simulator, 'chris.lee@northwind.example');
    expect(chris).toEqual({
      custGuid: expect.stringMatching(/^NORTHWIN_[0-9A-F]{47}$/),
      userGuid: expect.stringMatching(/^NORTHWIN_[0-9A-F]{47}$/),
      userName: 'chris.lee@northwind.example',
      userEnabled: 1,
      props: {
        firstName: 'Chris',
        lastName: 'Lee',
        company: 'Northwind Trading',
        accountAdmin: false,
        orgAdmin: false,
        orgUser: false,
        jitCreated: false,
        createdTime: '2024-07-24T17:00:00.000Z',
        updatedTime: 0,
        lastLoginTime: expect.stringMatching(/^2026-11-20T/),
        lastSessionCreatedTime: expect.stringMatching(/^2026-11-20T/),
      },
    });
    simulator.setSwitches({ neverTime: 'absent', flags: 'boolean' });
    const [again] = await search(simulator, 'chris.lee@northwind.example');
    expect(again).toMatchObject({ userEnabled: true });
    expect(again?.['props']).not.toHaveProperty('updatedTime');
  });

  it('is created with a mail, once; changed without; and deleted with nothing in the answer', async () => {
    const simulator = await simulate();
    const { call, effects } = simulator;
    const created = await call('POST', 'TeamMembers', { body: body() });
    expect(created.status).toBe(201);
    expect(created.object).toMatchObject({ userName: LENA, userEnabled: 1, props: { lastLoginTime: 0, accountAdmin: false } });
    const path = `TeamMembers/${guidOf(created.object)}`;
    expect(await call('POST', 'TeamMembers', { body: body({ userName: LENA.toUpperCase() }) })).toMatchObject({ status: 409 });
    const patched = await call('PATCH', path, { body: { userEnabled: 0, props: { accountAdmin: true } } });
    expect(patched.object).toMatchObject({ userEnabled: 0, props: { firstName: 'Lena', accountAdmin: true } });
    expect((await call('GET', path)).object).toEqual(patched.object);
    const deleted = await call('DELETE', path);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect((await call('GET', path)).status).toBe(404);
    expect((await call('DELETE', path)).status).toBe(404);
    expect(await search(simulator, LENA)).toEqual([]);
    expect(effects().map(({ kind, subject }) => [kind, subject])).toEqual([
      ['user.created', LENA],
      ['mail.invitation', LENA],
      ['user.updated', LENA],
      ['user.deleted', LENA],
    ]);
    const { rows } = await call('GET', 'AuditLogs?startTime=2026-11-21T17:00:00Z');
    expect(rows.map(({ userAction }) => userAction)).toEqual(['Delete', 'Update', 'Create', 'Create']);
  }); // prettier-ignore

  it('needs an address, a company and an integer, and nothing that is not known', async () => {
    const { call, setSwitches } = await simulate();
    const post = async (sent: object) => {
      const { status, message } = await call('POST', 'TeamMembers', { body: sent });
      return `${status} ${message}`;
    };
    expect(await post(body({ userName: 'lena' }))).toBe('400 Invalid userName');
    expect(await post(body({}, { company: undefined }))).toBe('400 Invalid props.company');
    expect(await post(body({ userEnabled: true }))).toBe('400 Invalid userEnabled');
    expect(await post(body({ orgAdmin: true }))).toBe('400 key orgAdmin is unrecognized');
    expect(await post(body({}, { nickname: 'L' }))).toBe('400 key nickname is unrecognized');
    setSwitches({ integers: 'coerce', unknownKeys: 'ignore' });
    expect(await post(body({ userEnabled: true, orgAdmin: true }))).toBe('201 ');
    setSwitches({ duplicate: '400' });
    expect(await post(body())).toBe(`400 User ${LENA} already exists`);
  });

  it('can be created as a guide has it, and is then listed with username, where switched', async () => {
    const { call } = await simulate({ switches: { seedCompat: 'on' } });
    const sent = { username: LENA, userEnabled: 1, props: { firstName: 'Lena', lastName: 'Hart', accountAdmin: true } };
    expect((await call('POST', 'TeamMembers', { body: sent })).status).toBe(201);
    const { rows } = await call('GET', 'TeamMembers');
    expect(rows.at(-1)).toMatchObject({ username: LENA });
    expect(rows.at(-1)).not.toHaveProperty('userName');
  });

  it('never changes address, and a patch of another account finds nobody', async () => {
    const simulator = await simulate();
    const [jonas] = await search(simulator, JONAS);
    const path = `TeamMembers/${guidOf(jonas)}`;
    const renamed = await simulator.call('PATCH', path, { body: { userName: 'other@northwind.example' } });
    expect(renamed).toMatchObject({ status: 400, message: 'key userName is unrecognized' });
    const elsewhere = { headers: { 'Account-Name': 'northwind-eu' }, body: { userEnabled: 0 } };
    expect((await simulator.call('PATCH', path, elsewhere)).status).toBe(404);
  });

  it('is searched for with every operator there is', async () => {
    const { call } = await simulate();
    const find = async (filters: readonly object[], returns?: readonly string[]) =>
      (await call('POST', 'TeamMembers/search', { body: { filters, ...(returns && { returns }) } })).rows;
    const by = async (expression: string, operand: object) =>
      (await find([{ field: 'userName', expression, ...operand }])).length;
    const everybody = (await find([])).length;
    expect(await by('eq', { value: JONAS })).toBe(1);
    expect(await by('ne', { value: JONAS })).toBe(everybody - 1);
    expect(await by('like', { value: 'chris.lee%' })).toBe(2);
    expect(await by('like', { value: 'CHRIS.lee%' })).toBe(0);
    expect(await by('ilike', { value: 'CHRIS.lee%' })).toBe(2);
    expect(await by('like', { value: 'chris.lee_@%' })).toBe(1);
    expect(await by('not_like', { value: 'chris.lee%' })).toBe(everybody - 2);
    expect(await by('not_ilike', { value: 'CHRIS.lee%' })).toBe(everybody - 2);
    expect(await by('rlike', { value: String.raw`chris\.lee2?@.*` })).toBe(2);
    expect(await by('rlike', { value: 'chris' })).toBe(0);
    expect(await by('not_rlike', { value: 'chris.*' })).toBeLessThan(everybody);
    expect(await by('in', { values: [JONAS, 'chris.lee@northwind.example'] })).toBe(2);
    expect(await by('not_in', { values: [JONAS] })).toBe(everybody - 1);
    expect(await by('between', { values: ['chris', 'chriz'] })).toBeGreaterThanOrEqual(2);
    const [gt, le] = [await by('gt', { value: 'm' }), await by('le', { value: 'm' })];
    expect([gt + le, (await by('ge', { value: 'm' })) + (await by('lt', { value: 'm' }))]).toEqual([
      everybody,
      everybody,
    ]);
    const disabled = await find([{ field: 'userEnabled', expression: 'eq', value: 0 }], ['userName', 'userEnabled']);
    expect(disabled.length).toBeGreaterThan(0);
    expect(disabled.every((row) => Object.keys(row).length === 2 && row['userEnabled'] === 0)).toBe(true);
  });

  it('is not searched for by what cannot be searched for', async () => {
    const { call } = await simulate();
    const find = async (filter: object) =>
      (await call('POST', 'TeamMembers/search', { body: { filters: [filter] } })).status;
    const field = 'userName';
    expect(await find({ field: 'props.company', expression: 'eq', value: 'x' })).toBe(400);
    expect(await find({ field, expression: 'expr', value: 'x' })).toBe(400);
    expect(await find({ field, expression: 'in', value: 'x' })).toBe(400);
    expect(await find({ field, expression: 'eq', values: ['x'] })).toBe(400);
    expect(await find({ field, expression: 'between', values: ['x'] })).toBe(400);
    expect(await find({ field, expression: 'rlike', value: '(' })).toBe(400);
  });

  it('that is not found is 204, an empty list or an object without data, as switched', async () => {
    const { call, setSwitches } = await simulate();
    const find = async () => {
      const filters = [{ field: 'userName', expression: 'eq', value: 'ghost@northwind.example' }];
      const { status, text } = await call('POST', 'TeamMembers/search', { body: { filters } });
      return `${status} ${text}`;
    };
    expect(await find()).toBe('204 ');
    setSwitches({ emptySearch: '200' });
    expect(await find()).toBe('200 {"data":[]}');
    setSwitches({ emptySearch: 'object' });
    expect(await find()).toBe('200 {}');
  });

  it('is listed for a moment after it was deleted, and changes show late, where switched', async () => {
    const simulator = await simulate({ switches: { deleteLagMs: 5_000 } });
    const { call, clock } = simulator;
    const [jonas] = await search(simulator, JONAS);
    await call('DELETE', `TeamMembers/${guidOf(jonas)}`);
    expect(await search(simulator, JONAS)).toEqual([jonas]);
    expect((await call('DELETE', `TeamMembers/${guidOf(jonas)}`)).status).toBe(404);
    clock.advance(5_000);
    expect(await search(simulator, JONAS)).toEqual([]);
    simulator.setSwitches({ settleMs: 3_000 });
    clock.set(clock.now());
    await call('POST', 'TeamMembers', { body: body() });
    expect(await search(simulator, LENA)).toEqual([]);
    clock.advance(3_000);
    expect(await search(simulator, LENA)).toHaveLength(1);
  });

  it('comes in pages where switched, by addresses', async () => {
    const { call, url } = await simulate({ switches: { pagedLists: 'on', pageSize: 60 } });
    const first = await call('GET', 'TeamMembers');
    const { paging } = Object(first.json);
    expect(paging).toMatchObject({ rows: 60, totalRows: expect.any(Number) });
    const names = first.rows.map(({ userName }) => userName);
    let next: string | null = paging.urls.nextPage;
    while (next !== null) {
      expect(next).toMatch(new RegExp(`^${url}/api/v2/TeamMembers/eyJ`));
      const page = await call('GET', next);
      names.push(...page.rows.map(({ userName }) => userName));
      next = Object(page.json).paging.urls.nextPage;
    }
    expect(new Set(names).size).toBe(paging.totalRows);
  });

  it('has fields nobody knows, or lost one, where switched', async () => {
    const { call, setSwitches } = await simulate({ switches: { drift: 'extra' } });
    expect((await call('GET', 'TeamMembers')).rows[0]).toMatchObject({ userEnabled: 1, riskScore: 12 });
    setSwitches({ drift: 'renamed' });
    const { rows } = await call('GET', 'TeamMembers');
    expect(rows[0]).toMatchObject({ userState: 'ENABLED' });
    expect(rows[0]).not.toHaveProperty('userEnabled');
  });

  it('is not there where RBAC is on', async () => {
    const { call, mutate, setSwitches } = await simulate();
    mutate({ op: 'set-model', account: 'northwind', model: 'rbac' });
    const refused = { status: 403, message: 'TeamMembers API is not available for this account' };
    expect(await call('GET', 'TeamMembers')).toMatchObject(refused);
    expect(await call('GET', 'TeamMembers', { headers: { 'Org-Access': 'true' } })).toMatchObject(refused);
    setSwitches({ rbacRefusal: '404' });
    expect((await call('GET', 'TeamMembers')).status).toBe(404);
    const { rows } = await call('GET', 'TeamUsers');
    const groups = new Map(rows.map((row) => [row['email'], row['userGroups']]));
    expect(groups.get('viktor.hansen@northwind.example')).toMatchObject([{ userGroupName: 'Admin' }]);
    expect(groups.get(JONAS)).toMatchObject([{ userGroupName: 'Read-only user' }]);
    mutate({ op: 'set-model', account: 'northwind', model: 'legacy' });
    expect((await call('GET', 'TeamMembers')).rows.filter(({ props }) => Object(props).accountAdmin).length).toBeGreaterThan(3);
  }); // prettier-ignore
});
