import { describe, expect, it } from 'vitest';
import { simulate } from './testing/caller.ts';

describe('getuserdata', () => {
  it('shows Northwind in the figures of the demo', async () => {
    const { call } = await simulate();
    const { json } = await call('getuserdata');
    const users = Object.values(json.Users);
    const admins = users.filter(({ admin }) => admin);
    expect(json).toMatchObject({ total: 245, count: 245 });
    expect(json.invited).toHaveLength(5);
    expect(users.length + json.invited.length).toBe(250);
    expect(Object.keys(json.Groups)).toHaveLength(18);
    expect(admins).toHaveLength(6);
    expect(admins.filter(({ multifactor }) => multifactor === undefined)).toHaveLength(2);
    expect(users.filter(({ disabled }) => disabled)).toHaveLength(9);
    expect(users.filter(({ neverloggedin }) => neverloggedin)).toHaveLength(14);
  });

  it('tells the stories of the cast', async () => {
    const { user, call } = await simulate();
    expect(await user('jonas.lind@northwind.example')).toMatchObject({
      disabled: false,
      last_login: '2026-11-09 02:24:00',
    });
    expect(await user('lena.fischer@northwind.example')).toMatchObject({ admin: true });
    expect(await user('lena.fischer@northwind.example')).not.toHaveProperty('multifactor');
    expect(await user('danielle@acme-fin.example')).toMatchObject({ attribs: { EmployeeNumber: '10009' } });
    expect(await user('danielle.johnson@northwind.example')).toBeUndefined();
    expect(await user('grace.kim@northwind.example')).toMatchObject({
      neverloggedin: true,
      created: '2026-09-22 13:00:00',
    });
    expect((await call('getuserdata')).json.invited).toEqual(
      expect.arrayContaining(['priya.raman@northwind.example', '\u0430da.okonkwo@northwind.example']),
    );
    expect(await user('noor.bakker@northwind.example')).toMatchObject({
      groups: ['Engineering', 'Support', 'Support Tier 2'],
    });
  });

  it('spells fields and types as recorded', async () => {
    const { user } = await simulate();
    const active = await user('ada.okonkwo@northwind.example');
    expect(active).toMatchObject({
      mpstrength: '90',
      neverloggedin: false,
      totalscore: '83.2',
      sites: 84,
      duousername: null,
    });
    const pending = await user('grace.kim@northwind.example');
    expect(pending).toMatchObject({
      mpstrength: '0',
      last_login: '',
      totalscore: null,
      sites: null,
      notes: null,
      formfills: null,
    });
    expect(pending).toMatchObject({ applications: null, attachments: null, password_reset_required: true });
    expect(pending?.['last_pw_change']).toBe(pending?.['created']);
  });

  it('finds a user in any letter case, and answers an unknown one with nothing', async () => {
    const { call } = await simulate();
    const found = await call('getuserdata', { username: 'ADA.Okonkwo@northwind.example' });
    expect(found.json).toMatchObject({ total: 1, count: 1 });
    expect(found.json.Groups).toEqual({
      IT: ['ada.okonkwo@northwind.example'],
      Platform: ['ada.okonkwo@northwind.example'],
    });
    const unknown = await call('getuserdata', { username: 'ghost@northwind.example' });
    expect(unknown.json).toMatchObject({ total: 0, count: 0, Users: [] });
    expect((await call('getuserdata', { username: '' })).json.total).toBe(245);
  });

  it('filters by flags in every encoding', async () => {
    const { call } = await simulate();
    for (const yes of [1, '1', true]) expect((await call('getuserdata', { disabled: yes })).json.total).toBe(9);
    for (const no of [0, '0', false]) expect((await call('getuserdata', { admin: no })).json.total).toBe(239);
    expect((await call('getuserdata', { admin: 1, disabled: 0, pagesize: 4 })).json).toMatchObject({
      total: 6,
      count: 4,
    });
  });

  it('pages from zero, without gap or repeat, and scopes Groups to the page', async () => {
    const { call } = await simulate();
    const seen: string[] = [];
    const members: Record<string, string[]> = {};
    for (let pageindex = 0; pageindex < 4; pageindex++) {
      const { json } = await call('getuserdata', { pagesize: '100', pageindex });
      seen.push(...Object.keys(json.Users));
      for (const [name, addresses] of Object.entries(json.Groups ?? {})) (members[name] ??= []).push(...addresses);
      expect(json.total).toBe(245);
    }
    expect((await call('getuserdata', { pagesize: 100, pageindex: 3 })).json).toMatchObject({
      total: 245,
      count: 0,
      Users: [],
    });
    const whole = (await call('getuserdata')).json;
    expect(seen).toEqual(Object.keys(whole.Users));
    expect(members).toEqual(whole.Groups);
    expect(whole.Groups['東京オフィス']).toContain('yuki.tanaka@northwind.example');
  });

  it('gives no page of more than 2000', async () => {
    const { call } = await simulate({ people: 2_500 });
    expect(Object.keys((await call('getuserdata', { pagesize: 5_000, pageindex: 0 })).json.Users)).toHaveLength(2_000);
  });

  it('writes groups of the groupless as recorded: [] on a page without groups, else no key', async () => {
    const { call, setSwitches } = await simulate();
    const alone = await call('getuserdata', { username: 'breakglass@northwind.example' });
    expect(Object.values(alone.json.Users)[0]?.groups).toEqual([]);
    expect(alone.json).not.toHaveProperty('Groups');
    const among = async () =>
      Object.values((await call('getuserdata')).json.Users).find(
        ({ username }) => username === 'breakglass@northwind.example',
      );
    expect(await among()).not.toHaveProperty('groups');
    setSwitches({ grouplessUser: 'empty' });
    expect((await among())?.groups).toEqual([]);
    setSwitches({ grouplessUser: 'absent' });
    expect(
      Object.values((await call('getuserdata', { username: 'breakglass@northwind.example' })).json.Users)[0],
    ).not.toHaveProperty('groups');
  });

  it('has switches for empty maps, the invited key, newer keys, the scope of groups and the zone', async () => {
    const { call, setSwitches, user } = await simulate({
      switches: { emptyMaps: '{}', invitedKey: 'Invited', newerUserKeys: 'off' },
    });
    expect((await call('getuserdata', { username: 'ghost@northwind.example' })).json.Users).toEqual({});
    expect((await call('getuserdata', { pagesize: 1 })).json.Invited).toHaveLength(5);
    expect(await user('ada.okonkwo@northwind.example')).not.toHaveProperty('hasSharingKeys');
    const before = (await user('grace.kim@northwind.example'))?.['created'];
    setSwitches({ zone: 'Asia/Tokyo', newerUserKeys: 'on', groupScope: 'tenant' });
    expect([before, (await user('grace.kim@northwind.example'))?.['created']]).toEqual([
      '2026-09-22 13:00:00',
      '2026-09-23 02:00:00',
    ]);
    expect(await user('ada.okonkwo@northwind.example')).toHaveProperty('hasSharingKeys');
    expect(
      (await call('getuserdata', { username: 'rosa.delgado@northwind.example' })).json.Groups['Legal']?.length,
    ).toBeGreaterThan(5);
  });

  it('shows a change late where changes settle late, to readers only', async () => {
    const { call, user, clock, effects } = await simulate({ switches: { settleMs: 5_000 } });
    await call('disableuser', ['rosa.delgado@northwind.example']);
    await call('deluser', { username: 'jonas.lind@northwind.example', deleteaction: 2 });
    await call('batchadd', [{ username: 'lena.hart@northwind.example' }]);
    expect(await user('rosa.delgado@northwind.example')).toMatchObject({ disabled: false });
    expect(await user('jonas.lind@northwind.example')).toBeDefined();
    expect((await call('getuserdata', { pagesize: 10 })).json.total).toBe(245);
    expect((await call('deluser', { username: 'jonas.lind@northwind.example', deleteaction: 2 })).json.status).toBe(
      'FAIL',
    );
    clock.advance(5_000);
    expect(await user('rosa.delgado@northwind.example')).toMatchObject({ disabled: true });
    expect(await user('jonas.lind@northwind.example')).toBeUndefined();
    expect(await user('lena.hart@northwind.example')).toBeDefined();
    expect(effects().map(({ kind }) => kind)).toEqual([
      'user.disabled',
      'user.deleted',
      'user.created',
      'mail.activation',
    ]);
  });

  it('streams a large company at once, whole', async () => {
    const { call } = await simulate({ people: 6_000 });
    const { json } = await call('getuserdata');
    expect(Object.keys(json.Users)).toHaveLength(json.total);
    expect(json.count).toBe(json.total);
  });

  it('serves the same page from its cache until something changes', async () => {
    const { call, mutate } = await simulate();
    const page = () => call('getuserdata', { pagesize: 20, pageindex: 0 });
    const first = await page();
    expect((await page()).text).toBe(first.text);
    mutate({ op: 'set-user', username: 'ada.okonkwo@northwind.example', fields: { fullname: 'Ada O.' } });
    expect((await page()).text).toBe(first.text.replace('"fullname":"Ada Okonkwo"', '"fullname":"Ada O."'));
    mutate({ op: 'invite', username: 'new@northwind.example' });
    expect((await page()).json.invited).toContain('new@northwind.example');
  });
});
