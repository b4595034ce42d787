import { describe, expect, it } from 'vitest';
import { simulate } from './testing/caller.ts';

const ids = (json: object) => Object.keys(json);

describe('getsfdata', () => {
  it('answers all folders without an envelope, with integer flags', async () => {
    const { call } = await simulate();
    const { json, folders } = await call('getsfdata');
    expect(ids(json)).toHaveLength(31);
    const [payroll] = folders;
    expect(payroll).toEqual({
      sharedfoldername: 'Finance/Payroll',
      score: expect.any(Number),
      users: [
        { username: 'jonas.lind@northwind.example', readonly: 0, give: 1, can_administer: 1 },
        { username: 'oskar.brandt@northwind.example', readonly: 0, give: 1, can_administer: 0 },
        { username: 'mei-ling.chu@northwind.example', readonly: 1, give: 1, can_administer: 0 },
        { username: 'freelancer@gmail.example', readonly: 1, give: 0, can_administer: 0 },
      ],
    });
    expect(Object.values(json).find(({ sharedfoldername }) => sharedfoldername === 'IT/Break-Glass').users).toEqual([]);
  });

  it('lists super admins on every folder when asked for all', async () => {
    const { call } = await simulate({ switches: { newerFolderKeys: 'on' } });
    const { folders } = await call('getsfdata', 'all');
    for (const folder of folders) {
      const supers = folder.users.filter(({ superadmin }) => superadmin === true);
      expect(supers.map(({ username }) => username)).toEqual(
        expect.arrayContaining(['ada.okonkwo@northwind.example', 'breakglass@northwind.example']),
      );
    }
  });

  it('shows deleted folders where newer answers tell them', async () => {
    const { call, mutate, setSwitches } = await simulate();
    mutate({ op: 'delete-folder', folder: 'Travel' });
    expect(ids((await call('getsfdata')).json)).toHaveLength(30);
    setSwitches({ newerFolderKeys: 'on' });
    const folders = (await call('getsfdata')).folders;
    expect(folders.filter(({ deleted }) => deleted).map(({ sharedfoldername }) => sharedfoldername)).toEqual([
      'Travel',
      'Old vendor logins',
    ]);
  });

  it('has flags in three encodings', async () => {
    const { call, setSwitches } = await simulate();
    const first = async () => (await call('getsfdata')).folders[0]?.users[0];
    setSwitches({ folderFlags: 'string' });
    expect(await first()).toMatchObject({ readonly: '0', give: '1', can_administer: '1' });
    setSwitches({ folderFlags: 'boolean' });
    expect(await first()).toMatchObject({ readonly: false, give: true, can_administer: true });
  });

  it('shows a grant of a group as its members, or as one entry', async () => {
    const { call, setSwitches } = await simulate();
    const entries = async () => {
      const folders = (await call('getsfdata')).folders;
      return folders.find(({ sharedfoldername }) => sharedfoldername === 'Support/Shared inbox')?.users ?? [];
    };
    const members = (await call('getuserdata')).json.Groups['Support Tier 2'] ?? [];
    const derived = (await entries()).filter(({ group_name }) => group_name === 'Support Tier 2');
    expect(derived.map(({ username }) => username)).toEqual(members);
    await call('batchchangegrp', [{ username: 'rosa.delgado@northwind.example', add: ['Support Tier 2'] }]);
    expect((await entries()).filter(({ group_name }) => group_name)).toHaveLength(members.length + 1);
    setSwitches({ groupGrants: 'entry' });
    expect((await entries()).filter(({ username }) => username === 'Support Tier 2')).toHaveLength(1);
  });

  it('answers an empty list where there are none', async () => {
    const { call } = await simulate();
    expect((await call('getdetailedsfdata', { data: 'all', pagesize: 10, pageindex: 9 })).text).toBe('[]');
  });
});

describe('getdetailedsfdata', () => {
  it('answers 429 without pages, as real companies do', async () => {
    const { call, setSwitches } = await simulate();
    for (const data of [undefined, 'all', { data: 'all' }])
      expect((await call('getdetailedsfdata', data)).status).toBe(429);
    setSwitches({ unpagedDetails: 'ok' });
    expect(ids((await call('getdetailedsfdata', 'all')).json)).toHaveLength(31);
  });

  it('pages from zero by numbers and by digits, with the sites each grantee sees', async () => {
    const { call } = await simulate();
    const seen: string[] = [];
    for (let pageindex = 0; pageindex < 4; pageindex++) {
      const data = pageindex % 2 === 0 ? { pagesize: 10, pageindex } : { pagesize: '10', pageindex: String(pageindex) };
      const { json } = await call('getdetailedsfdata', { data: 'all', ...data });
      seen.push(...ids(json));
      for (const { users } of Object.values(json))
        for (const { sites } of users) expect(sites).toEqual(expect.any(Array));
    }
    expect(seen).toEqual(ids((await call('getsfdata')).json));
  });
});
