import { describe, expect, it } from 'vitest';
import { codeAt } from './login.ts';
import { basic, simulate } from './testing/caller.ts';

describe('credentials', () => {
  it('are asked for before anything is said of a path, known or not', async () => {
    const { ask } = await simulate();
    for (const path of ['', '/users', '/users/999', '/nothing', '/users/2/2FA']) {
      expect([path, (await ask('GET', path, { as: null })).status]).toEqual([path, 401]);
    }
    expect((await ask('PATCH', '/users/2', { as: null })).status).toBe(401);
  });

  it('are Basic, with any letters in a password, and login in any letter case', async () => {
    const { get, mutate, url } = await simulate();
    mutate({ op: 'set-user', login: 'mei-ling.chu', fields: { password: 'Pä:ss wörd1' } });
    expect((await get('', { as: { user: 'MEI-LING.CHU', password: 'Pä:ss wörd1' } })).status).toBe(200);
    for (const authorization of ['Bearer abc', 'Basic', 'Basic !!', basic({ user: '', password: 'x' })]) {
      expect((await fetch(`${url}/api/3`, { headers: { authorization } })).status).toBe(401);
    }
  });

  it('of a disabled, a locked, or an SSO user are refused', async () => {
    const { get } = await simulate();
    for (const login of ['nxadmin', 'rosa.delgado', 'jonas.lind'])
      expect((await get('', { as: login })).status).toBe(401);
    expect((await get('', { as: 'danielle.johnson' })).status).toBe(200);
  });

  it('that are wrong too often in a row lock the account', async () => {
    const { get, user, done } = await simulate();
    const { id } = await user('mei-ling.chu');
    const wrong = () => get('', { as: { user: 'mei-ling.chu', password: 'no' } });
    for (let round = 0; round < 3; round++) await wrong();
    expect((await get('', { as: 'mei-ling.chu' })).status).toBe(200);
    for (let round = 0; round < 4; round++) await wrong();
    expect((await get('', { as: 'mei-ling.chu' })).status).toBe(401);
    expect(await user('mei-ling.chu')).toMatchObject({ locked: true });
    expect(done()).toEqual([`user.locked ${id}`]);
  });

  it('never lock where the threshold is off', async () => {
    const { get } = await simulate({ switches: { lockThreshold: 0 } });
    for (let round = 0; round < 6; round++) await get('', { as: { user: 'mei-ling.chu', password: 'no' } });
    expect((await get('', { as: 'mei-ling.chu' })).status).toBe(200);
  });
});

describe('a second factor', () => {
  it('has the codes of RFC 6238', () => {
    const key = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    expect(codeAt(key, new Date(59_000))).toBe('287082');
    expect(codeAt(key, new Date('2005-03-18T01:58:29Z'))).toBe('081804');
  });

  it('is asked for with every request, in the Token header, until its half minute is over', async () => {
    const { get, credentialsOf, clock, setSwitches } = await simulate();
    const viktor = credentialsOf('viktor.hansen');
    const token = viktor.twoFactorToken ?? '';
    const status = async (headers: Readonly<Record<string, string>>) => (await get('', { as: viktor, headers })).status;
    expect(token).toMatch(/^\d{6}$/);
    expect(await status({ token })).toBe(200);
    expect(await status({})).toBe(401);
    clock.set(new Date(clock.now().getTime() + 120_000));
    expect(await status({ token })).toBe(401);
    setSwitches({ twoFactor: 'off' });
    expect(await status({})).toBe(200);
  });
});

describe('a login that is no Global Administrator', () => {
  it('sees its own record and what it has access to; all else is not there', async () => {
    const { get, user, mutate } = await simulate();
    mutate({ op: 'grant', login: 'mei-ling.chu', list: 'assetGroups', id: 9 });
    const [mei, jonas] = [await user('mei-ling.chu'), await user('jonas.lind')];
    const as = 'mei-ling.chu';
    const status = async (path: string) => (await get(path, { as })).status;
    expect((await get(`/users/${mei.id}`, { as })).json.login).toBe('mei-ling.chu');
    expect((await get('/sites', { as })).json.resources.map(({ name }) => name)).toEqual(['Finance systems']);
    expect((await get('/asset_groups', { as })).json.resources.map(({ name }) => name)).toEqual(['Finance critical']);
    expect(await status('/roles')).toBe(200);
    for (const path of ['/users', `/users/${jonas.id}`, `/users/${jonas.id}/sites`, '/sites/1', '/sites/1/users']) {
      expect([path, await status(path)]).toEqual([path, 404]);
    }
    expect(await status('/roles/user/users')).toBe(404);
    expect(await status('/administration/settings')).toBe(404);
    expect(await status('/asset_groups/1')).toBe(404);
  });

  it('may change nothing, or is told so with another status where switched', async () => {
    const { ask, user, done, setSwitches } = await simulate();
    const { id } = await user('jonas.lind');
    const writes = [
      ['POST', '/users'], ['PUT', `/users/${id}`], ['DELETE', `/users/${id}`], ['DELETE', `/users/${id}/lock`],
      ['PUT', `/users/${id}/sites`], ['PUT', '/roles/reader'], ['POST', `/users/${id}/2FA`], ['PUT', '/sites/12/users'],
    ] as const; // prettier-ignore
    for (const denied of ['404', '401', '403']) {
      setSwitches({ denied });
      for (const [method, path] of writes) {
        const { status } = await ask(method, path, { as: 'mei-ling.chu', body: [] });
        expect([method, path, status]).toEqual([method, path, Number(denied)]);
      }
    }
    expect(done()).toEqual([]);
  });

  it('gives access to what it sees where its role says so', async () => {
    const { ask, get, user, mutate } = await simulate();
    const { id } = await user('jonas.lind');
    const role = { id: 'access-manager', allSites: false, allAssetGroups: false, superuser: false };
    mutate({ op: 'set-user', login: 'mei-ling.chu', fields: { role } });
    expect((await ask('POST', '/sites/12/users', { as: 'mei-ling.chu', body: id })).status).toBe(201);
    expect((await ask('POST', '/sites/10/users', { as: 'mei-ling.chu', body: id })).status).toBe(404);
    expect((await get(`/users/${id}/sites`)).list).toEqual([12, 14]);
  });
});
