import { describe, expect, it } from 'vitest';
import { simulate } from './testing/caller.ts';

/**
 * What other people's clients send, in their bytes, and what they do with the answer. Each is named by its public
 * repository; bodies are theirs but for the credentials and the people.
 */
describe('clients that others wrote for the real API', () => {
  it('JupiterOne/graph-lastpass counts, and knows refusals by their text', async () => {
    const { post, credentials } = await simulate();
    const body = (cmd: string, data: unknown) =>
      JSON.stringify({ cid: credentials.companyId, provhash: credentials.provisioningHash, cmd, data });
    const probe = await post(body('getuserdata', { pagesize: 1, pageindex: 0 }), {
      'content-type': 'application/json',
    });
    expect(probe.json).toMatchObject({ total: 245, count: 1, Users: expect.any(Object) });
    const all = await post(body('getuserdata', 'all'));
    expect(Object.keys(all.json.Users)).toHaveLength(245);
    const refused = await post(body('getuserdata', '').replace(/facade/, 'decade'));
    expect(refused.json).toBeUndefined();
    expect(refused.text).toContain('Authorization Error');
  });

  it('moneyforward/lpmgt decodes users, string flags, siem events and both kinds of error', async () => {
    const { post, credentials, call } = await simulate({
      switches: { folderFlags: 'string', actionCasing: 'japanese' },
    });
    const send = (cmd: string, data: unknown) =>
      post(JSON.stringify({ cid: credentials.companyId, provhash: credentials.provisioningHash, cmd, data }), {
        'content-type': 'application/json',
        'x-api-key': 'ignored',
      });
    const whole = await send('getuserdata', { username: '' });
    for (const user of Object.values(whole.json.Users)) {
      expect([typeof user.username, typeof user.mpstrength, typeof user.disabled, typeof user.admin]).toEqual([
        'string',
        'string',
        'boolean',
        'boolean',
      ]);
      expect(user.sites === null || typeof user.sites === 'number').toBe(true);
    }
    expect((await send('getuserdata', { username: '', disabled: true })).json.total).toBe(9);
    expect((await send('getuserdata', { username: '', admin: true })).json.total).toBe(6);
    expect((await send('getuserdata', { username: 'ghost@northwind.example' })).json.Users).toEqual([]);
    for (const folder of (await send('getsfdata', null)).folders) {
      for (const { readonly, give, can_administer } of folder.users)
        expect([readonly, give, can_administer].every((flag) => flag === '0' || flag === '1')).toBe(true);
    }
    await send('batchadd', [{ username: 'lena.hart@northwind.example', groups: ['Legal'] }]);
    expect((await send('batchadd', { username: 'lena.hart@northwind.example', groups: ['Travel'] })).json.status).toBe(
      'OK',
    );
    const { events } = (
      await send('reporting', {
        from: '2026-11-20 00:00:00',
        to: '2026-11-22 00:00:00',
        search: '',
        user: 'allusers',
        format: 'siem',
      })
    ).json;
    expect(events.every((event: object) => Object.values(event).every((value) => typeof value === 'string'))).toBe(
      true,
    );
    expect(events.map(({ Action }) => Action)).toContain('従業員のアカウントを作成しました');
    const unknown = { username: 'ghost@northwind.example' };
    expect((await send('disablemultifactor', unknown)).json).toEqual({
      status: 'FAIL',
      error: `No such user: ${unknown.username}`,
    });
    expect((await send('deluser', { ...unknown, deleteaction: 2 })).json.error).toBe(
      `No such user: ${unknown.username}`,
    );
    expect((await send('resetpassword', unknown)).json.error).toEqual([`user not found: ${unknown.username}`]);
    expect((await call('reporting', { user: 'api' })).json.error).toBe('Please select a valid user.');
  });

  it('OctaneLending/lpconnector provisions, moves and deprovisions with an apiuser', async () => {
    const { post, credentials, user } = await simulate();
    const send = async (cmd: string, data?: unknown) => {
      const payload = { cid: credentials.companyId, provhash: credentials.provisioningHash, apiuser: 'ldap-sync', cmd };
      return (
        await post(JSON.stringify(data === undefined ? payload : { ...payload, data }), {
          'content-type': 'application/json',
        })
      ).json;
    };
    const lena = 'lena.hart@northwind.example';
    expect(
      await send('batchadd', [
        {
          username: lena,
          fullname: 'Lena Hart',
          groups: ['Legal'],
          attribs: { uid: 'lhart' },
          password: 'Temp-Passphrase-1',
          password_reset_required: false,
        },
      ]),
    ).toEqual({ status: 'OK' });
    expect(await user(lena)).toMatchObject({ attribs: { uid: 'lhart' }, password_reset_required: false });
    expect(await send('batchchangegrp', [{ username: lena, add: ['Travel'], del: ['Legal'] }])).toEqual({
      status: 'OK',
    });
    const users = Object.values((await send('getuserdata', {})).Users);
    expect(users.find(({ username }) => username === lena)?.groups).toEqual(['Travel']);
    const warned = await send('batchchangegrp', [
      { username: lena, add: ['IT'] },
      { username: 'ghost@northwind.example', add: ['IT'] },
    ]);
    expect(warned.errors.join(', ')).toBe('ghost@northwind.example does not exist');
    expect(await send('deluser', { username: lena, deleteaction: 0 })).toEqual({ status: 'OK' });
    expect((await send('getuserdata', { disabled: 1 })).total).toBe(10);
  });

  it('splunk/TA-lastpass walks pages of 2000 and events of a day, without a content type', async () => {
    const { post, credentials } = await simulate();
    const common = { cid: credentials.companyId, provhash: credentials.provisioningHash, apiuser: 'splunk.collector' };
    const users = (
      await post(JSON.stringify({ ...common, cmd: 'getuserdata', data: { pagesize: 2000, pageindex: 0 } }))
    ).json;
    expect(users.count).toBe(users.total);
    expect(Object.values(users.Users).some(({ attribs }) => attribs?.password)).toBe(true);
    for (const members of Object.values(users.Groups)) expect(members).toEqual(expect.any(Array));
    const body = {
      data: { from: '2026-11-20 00:00:00', to: '2026-11-20 23:59:59' },
      ...common,
      cmd: 'reporting',
      user: 'allusers',
    };
    const events = (await post(JSON.stringify(body))).json;
    expect(events.status).toContain('OK');
    const times = Object.values(events.data).map(({ Time }) => Time);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(times.length).toBeGreaterThan(10);
  });

  it('elastic/integrations sends sorted keys, digits for pages, and continues at next cut to seconds', async () => {
    const { post, credentials } = await simulate({ switches: { folderFlags: 'boolean', reportingCap: 200 } });
    const { companyId: cid, provisioningHash: provhash } = credentials;
    const folders = async (pageindex: string) =>
      (
        await post(
          JSON.stringify({ cid, cmd: 'getdetailedsfdata', data: { data: 'all', pageindex, pagesize: '20' }, provhash }),
        )
      ).folders;
    const pages = [await folders('0'), await folders('1')];
    expect(pages.map((page) => page.length)).toEqual([20, 11]);
    expect(pages[0]?.[0]?.users[0]).toMatchObject({
      readonly: false,
      give: true,
      can_administer: true,
      sites: expect.any(Array),
    });
    const report = async (to: string) =>
      (
        await post(
          JSON.stringify({
            cid,
            cmd: 'reporting',
            data: { from: '2026-11-20 00:00:00', to },
            provhash,
            user: 'allusers',
          }),
        )
      ).json;
    const seen = new Set<string>();
    let to: string | null = '2026-11-21 11:59:59';
    for (let page = 0; to !== null && page < 10; page++) {
      const { data, next } = await report(to);
      for (const event of Object.values(data)) seen.add(JSON.stringify(event));
      // New York is five hours behind in November.
      to =
        next === null
          ? null
          : new Date(Number(next) / 1_000 - 5 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
    }
    expect(to).toBeNull();
    expect(seen.size).toBeGreaterThan(250);
  });

  it('cartography-cncf/cartography posts a form without data and parses every date', async () => {
    const { post, credentials } = await simulate();
    const form = new URLSearchParams({
      cid: credentials.companyId,
      provhash: credentials.provisioningHash,
      cmd: 'getuserdata',
    });
    const { json } = await post(form.toString(), { 'content-type': 'application/x-www-form-urlencoded' });
    expect(json.total).toBe(245);
    for (const user of Object.values(json.Users)) {
      for (const key of ['created', 'last_pw_change', 'last_login'])
        expect(user[key]).toMatch(/^$|^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    }
  });

  it('rapid7/insightconnect-plugins probes with getsfdata and reads status OK', async () => {
    const { post, credentials } = await simulate();
    const send = (provhash: string, cmd: string, data?: unknown) =>
      post(JSON.stringify({ provhash, cid: Number(credentials.companyId), cmd, data }));
    expect((await send('0'.repeat(64), 'getsfdata')).text).toContain('Authorization Error');
    expect((await send(credentials.provisioningHash, 'getsfdata')).text).not.toContain('Authorization Error');
    const change = [{ add: ['Travel'], username: 'rosa.delgado@northwind.example' }];
    expect((await send(credentials.provisioningHash, 'batchchangegrp', change)).json.status).toBe('OK');
    expect(
      (
        await send(credentials.provisioningHash, 'deluser', {
          username: 'rosa.delgado@northwind.example',
          deleteaction: 1,
        })
      ).json.status,
    ).toBe('OK');
  });

  it('PipedreamHQ/pipedream puts fields beside data: they are ignored, not refused', async () => {
    const { post, credentials } = await simulate();
    const misplaced = {
      cid: credentials.companyId,
      provhash: credentials.provisioningHash,
      cmd: 'reporting',
      user: 'ghost@northwind.example',
      from: '2030-01-01 00:00:00',
      admin: 1,
    };
    const { json } = await post(JSON.stringify(misplaced));
    expect(json.status).toBe('OK');
    expect(Object.keys(json.data).length).toBeGreaterThan(1_000);
  });

  it('Azure/Azure-Sentinel polls ten minutes with ISO times and a next token', async () => {
    const { post, credentials } = await simulate({ switches: { reportingCap: 3 } });
    const poll = async (next?: unknown) => {
      const data = { from: '2026-11-20T12:00:00Z', to: '2026-11-20T18:00:00Z', ...(next !== undefined && { next }) };
      return (
        await post(
          JSON.stringify({
            cid: credentials.companyId,
            cmd: 'reporting',
            data,
            provhash: credentials.provisioningHash,
          }),
        )
      ).json;
    };
    const first = await poll();
    expect(first).toMatchObject({ status: 'OK', next: expect.any(Number), data: { Event1: expect.any(Object) } });
    const second = await poll(first.next);
    expect(second.data.Event1).toEqual(first.data.Event3);
  });

  it('NangoHQ/integration-templates pages by pagesize and pageindex and deletes by name', async () => {
    const { call } = await simulate();
    let [seen, pageindex, total] = [0, 0, Infinity];
    while (seen < total) {
      const { json } = await call('getuserdata', { pageindex: pageindex++, pagesize: 100 });
      [seen, total] = [seen + json.count, json.total];
    }
    expect([seen, pageindex]).toEqual([245, 3]);
    expect((await call('deluser', { username: 'rosa.delgado@northwind.example', deleteaction: 2 })).json.status).toBe(
      'OK',
    );
  });
});
