import { describe, expect, it } from 'vitest';
import { reduced, simulate, type WireUser } from './testing/caller.ts';

const DANA = {
  login: 'dito',
  name: 'Dana Ito',
  email: 'dana.ito@northwind.example',
  password: 'S3cur3!Pass',
  role: { id: 'user', allSites: false, allAssetGroups: false, superuser: false },
};

describe('creating a user', () => {
  it('answers with its id beside links that begin with the collection', async () => {
    const { ask, get, url, done } = await simulate();
    const created = await ask('POST', '/users', { body: DANA });
    expect([created.status, created.headers.get('location')]).toEqual([200, null]);
    expect(created.json.links.map(({ rel, href }) => [rel, href.replace(url, '')])).toEqual([
      ['self', '/api/3/users'],
      ['User', `/api/3/users/${created.json.id}`],
    ]);
    expect((await get(`/users/${created.json.id}`)).json).toMatchObject({
      login: 'dito',
      enabled: true,
      locked: false,
      authentication: { type: 'normal', id: 2 },
      role: { id: 'user', allSites: false },
    });
    expect(done()).toEqual([`user.created ${created.json.id}`]);
  });

  it('answers 201 with a Location where switched', async () => {
    const { ask, url } = await simulate({ switches: { createStatus: '201' } });
    const created = await ask('POST', '/users', { body: DANA });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(`${url}/api/3/users/${created.json.id}`);
  });

  it('needs a password for local users, takes none for those of a directory', async () => {
    const { ask, user } = await simulate();
    const { password: _, ...without } = DANA;
    expect((await ask('POST', '/users', { body: without })).status).toBe(400);
    const saml = { ...without, authentication: { type: 'saml', id: 4 } };
    expect((await ask('POST', '/users', { body: saml })).status).toBe(200);
    expect(await user('dito')).toMatchObject({ authentication: { type: 'saml', name: 'Northwind SSO' } });
  });

  it('picks a source of the type where no id is sent', async () => {
    const { ask, user } = await simulate();
    await ask('POST', '/users', { body: { ...DANA, password: undefined, authentication: { type: 'ldap' } } });
    expect(await user('dito')).toMatchObject({ authentication: { id: 3, type: 'ldap' } });
  });

  it.each([
    ['a login that somebody has', { ...DANA, login: 'JONAS.LIND' }],
    ['no name', { ...DANA, name: undefined }],
    ['no login', { ...DANA, login: ' ' }],
    ['no role', { ...DANA, role: undefined }],
    ['a role nobody knows', { ...DANA, role: { ...DANA.role, id: 'asset-owner' } }],
    ['a weak password', { ...DANA, password: 'secret' }],
    ['a password with the address in it', { ...DANA, password: 'Xx1-dana.ito-northwind' }],
    ['an address that is none', { ...DANA, email: 'dana' }],
    ['a source of another type', { ...DANA, authentication: { type: 'saml', id: 3 } }],
    ['a name of two parts', { ...DANA, name: { first: 'Dana', last: 'Ito' } }],
    ['a flag in the wrong place', { ...DANA, accessAllSites: false }],
    ['a flag that is a text', { ...DANA, role: { ...DANA.role, allSites: 'no' } }],
    ['a superuser without the role', { ...DANA, role: { ...DANA.role, superuser: true } }],
    ['a role that needs all sites without the flag', { ...DANA, role: { ...DANA.role, id: 'company-reviewer' } }],
    ['an administrator of an ordinary source', { ...DANA, role: administrator(), authentication: { type: 'normal' } }],
    ['an array', [DANA]],
  ])('refuses %s and makes nobody', async (_what, body) => {
    const { ask, done } = await simulate();
    expect((await ask('POST', '/users', { body })).json).toMatchObject({ status: 400, message: expect.any(String) });
    expect(done()).toEqual([]);
  });

  it('puts flags and source right instead, where switched', async () => {
    const { ask, user } = await simulate({ switches: { roleRules: 'correct' } });
    const role = { id: 'global-admin' };
    expect((await ask('POST', '/users', { body: { ...DANA, role, authentication: { type: 'normal' } } })).status).toBe(
      200,
    );
    expect(await user('dito')).toMatchObject({ role: administrator(), authentication: { type: 'admin', id: 1 } });
  });
});

describe('replacing a user', () => {
  it('changes the one thing that differs from what was read', async () => {
    const { ask, user, done } = await simulate();
    const before = await user('jonas.lind');
    const answer = await ask('PUT', `/users/${before.id}`, { body: { ...reduced(before), enabled: false } });
    expect([answer.status, Object.keys(answer.json)]).toEqual([200, ['links']]);
    expect(await user('jonas.lind')).toEqual({ ...before, enabled: false });
    expect(done()).toEqual([`user.disabled ${before.id}`]);
  });

  it('does nothing where nothing differs, also with the read-only fields a plugin sends back', async () => {
    const { ask, user, done } = await simulate();
    const before = await user('jonas.lind');
    expect((await ask('PUT', `/users/${before.id}`, { body: before })).status).toBe(200);
    expect(await user('jonas.lind')).toEqual(before);
    expect(done()).toEqual([]);
  });

  it('resets what is left out: enabled to true, address and language to none', async () => {
    const { ask, user } = await simulate();
    const before = await user('oskar.brandt');
    await ask('PUT', `/users/${before.id}`, { body: { ...reduced(before), enabled: false } });
    const { enabled: _e, email: _m, locale: _l, ...rest } = reduced(before);
    await ask('PUT', `/users/${before.id}`, { body: rest });
    const after = await user('oskar.brandt');
    expect(after.enabled).toBe(true);
    expect('email' in after || 'locale' in after).toBe(false);
  });

  it('refuses a part of a user', async () => {
    const { ask, user } = await simulate();
    const before = await user('jonas.lind');
    expect((await ask('PUT', `/users/${before.id}`, { body: { enabled: false } })).status).toBe(400);
    expect(await user('jonas.lind')).toEqual(before);
  });

  it('keeps the lists of sites and asset groups, unless the user may see all from now on', async () => {
    const { ask, get, user } = await simulate();
    const before = await user('jonas.lind');
    const sites = async () => (await get(`/users/${before.id}/sites`)).list;
    await ask('PUT', `/users/${before.id}`, { body: { ...reduced(before), name: 'J. Lind' } });
    expect(await sites()).toEqual([14]);
    const all = { ...reduced(before), role: { ...reduced(before).role, allSites: true } };
    await ask('PUT', `/users/${before.id}`, { body: all });
    await ask('PUT', `/users/${before.id}`, { body: reduced(before) });
    expect(await sites()).toEqual([]);
    expect((await get(`/users/${before.id}/asset_groups`)).list).toEqual([3]);
  });

  it('sets a password and keeps it when none is sent', async () => {
    const { ask, get, user, done } = await simulate();
    const mei = await user('mei-ling.chu');
    await ask('PUT', `/users/${mei.id}`, {
      body: { ...reduced(mei), password: 'N3w-Secret', passwordResetOnLogin: true },
    });
    await ask('PUT', `/users/${mei.id}`, { body: { ...reduced(mei), name: 'M. Chu' } });
    const as = { user: 'mei-ling.chu', password: 'N3w-Secret' };
    expect((await get(`/users/${mei.id}`, { as })).status).toBe(200);
    expect(done()).toEqual([`user.password-set ${mei.id}`, `user.updated ${mei.id}`]);
  });

  it('wants a password from a user of the directory who becomes a local one', async () => {
    const { ask, user } = await simulate();
    const jonas = await user('jonas.lind');
    const local = { ...reduced(jonas), authentication: { type: 'normal' } };
    expect((await ask('PUT', `/users/${jonas.id}`, { body: local })).status).toBe(400);
    expect((await ask('PUT', `/users/${jonas.id}`, { body: { ...local, password: 'L0cal-One' } })).status).toBe(200);
  });

  it.each<readonly [string, (after: WireUser) => unknown, unknown]>([
    ['email', ({ email }) => email, undefined],
    ['locale', ({ locale }) => locale, undefined],
    ['enabled', ({ enabled }) => enabled, true],
    ['name', ({ name }) => name, 'Oskar'],
    ['authentication', ({ authentication }) => authentication.type, 'normal'],
    ['role.allSites', ({ role }) => role.allSites, false],
    ['role.allAssetGroups', ({ role }) => role.allAssetGroups, false],
  ])('loses %s where switched, and answers as if all was well', async (dropsField, field, expected) => {
    const { ask, user, setSwitches } = await simulate();
    const before = reduced(await user('oskar.brandt'));
    const { id } = await user('oskar.brandt');
    const body = {
      ...before,
      enabled: false,
      password: 'Ch4nged-It',
      role: { ...before.role, allSites: true, allAssetGroups: true },
    };
    await ask('PUT', `/users/${id}`, { body });
    expect(field(await user('oskar.brandt'))).not.toEqual(expected);
    setSwitches({ dropsField });
    expect((await ask('PUT', `/users/${id}`, { body })).status).toBe(200);
    expect(field(await user('oskar.brandt'))).toEqual(expected);
  });
});

describe('one login and the last administrator', () => {
  it('cannot be disabled, demoted or deleted, unless switched', async () => {
    const { ask, user, setSwitches, credentialsOf } = await simulate();
    const ada = await user('ada.okonkwo');
    const demoted = { ...reduced(ada), role: { id: 'user' }, authentication: { type: 'normal' } };
    const status = async (method: string, body?: unknown) => (await ask(method, `/users/${ada.id}`, { body })).status;
    expect(await status('PUT', { ...reduced(ada), enabled: false })).toBe(400);
    expect(await status('PUT', demoted)).toBe(400);
    expect(await status('DELETE')).toBe(400);
    setSwitches({ ownLogin: 'allow' });
    const other = await user('breakglass');
    expect((await ask('PUT', `/users/${other.id}`, { body: { ...reduced(other), enabled: false } })).status).toBe(200);
    expect(await status('DELETE')).toBe(400);
    setSwitches({ lastAdministrator: 'allow' });
    const own = credentialsOf('ada.okonkwo');
    expect(await status('PUT', demoted)).toBe(200);
    expect((await ask('GET', '/users', { as: own })).status).toBe(404);
  });

  it('may change what does not touch its standing', async () => {
    const { ask, user } = await simulate();
    const ada = await user('ada.okonkwo');
    expect((await ask('PUT', `/users/${ada.id}`, { body: { ...reduced(ada), name: 'A. Okonkwo' } })).status).toBe(200);
  });
});

describe('deleting and unlocking', () => {
  it('deletes for good: the id is gone, the login is free, its site lists it no more', async () => {
    const { ask, get, user, done } = await simulate();
    const { id } = await user('noor.bakker');
    expect((await ask('DELETE', `/users/${id}`)).json.links.map(({ rel }) => rel)).toEqual(['self', 'Users']);
    expect((await get(`/users/${id}`)).status).toBe(404);
    expect((await get('/sites/10/users')).json.resources.map(({ login }) => login)).not.toContain('noor.bakker');
    const again = await ask('POST', '/users', { body: { ...DANA, login: 'noor.bakker' } });
    expect(again.json.id).toBeGreaterThan(id);
    expect(done()[0]).toBe(`user.deleted ${id}`);
  });

  it('answers deletions with 204 and nothing where switched', async () => {
    const { ask, user } = await simulate({ switches: { deleteStatus: '204' } });
    const { id } = await user('rosa.delgado');
    const unlocked = await ask('DELETE', `/users/${id}/lock`);
    expect([unlocked.status, unlocked.text]).toEqual([204, '']);
    expect((await ask('DELETE', `/users/${id}`)).status).toBe(204);
  });

  it('unlocks an enabled account, leaves one that is not locked alone, refuses a disabled one', async () => {
    const { ask, user, mutate, done } = await simulate();
    const { id } = await user('rosa.delgado');
    mutate({ op: 'set-user', login: 'rosa.delgado', fields: { enabled: false } });
    expect((await ask('DELETE', `/users/${id}/lock`)).status).toBe(400);
    mutate({ op: 'set-user', login: 'rosa.delgado', fields: { enabled: true } });
    expect((await ask('DELETE', `/users/${id}/lock`, { body: {} })).status).toBe(200);
    expect(await user('rosa.delgado')).toMatchObject({ locked: false });
    expect((await ask('DELETE', `/users/${id}/lock`)).status).toBe(200);
    expect(done().filter((effect) => effect.startsWith('user.unlocked'))).toHaveLength(1);
  });
});

describe('passwords and second factors', () => {
  it("changes one's own password alone, by a JSON text", async () => {
    const { ask, get, user, credentialsOf } = await simulate();
    const [ada, mei] = [await user('ada.okonkwo'), await user('mei-ling.chu')];
    const set = (id: number, asked: object) => ask('PUT', `/users/${id}/password`, asked);
    expect((await set(mei.id, { body: 'NewP@ss1!' })).status).toBe(401);
    expect((await set(ada.id, { body: 'weak' })).status).toBe(400);
    expect((await set(ada.id, { body: { password: 'NewP@ss1!' } })).status).toBe(400);
    expect((await set(ada.id, { raw: 'NewP@ss1!' })).status).toBe(400);
    const old = credentialsOf('ada.okonkwo');
    expect((await set(ada.id, { body: 'NewP@ss1!' })).status).toBe(200);
    expect((await get('', { as: old })).status).toBe(401);
    expect((await get('', { as: { user: 'ada.okonkwo', password: 'NewP@ss1!' } })).status).toBe(200);
    expect((await set(mei.id, { body: 'NewP@ss2!', as: 'mei-ling.chu' })).status).toBe(200);
  });

  it('takes other bodies, or keeps the quotes, where switched', async () => {
    const { ask, get, setSwitches } = await simulate({ switches: { passwordBody: 'any' } });
    const works = async (password: string) => (await get('', { as: { user: 'ada.okonkwo', password } })).status;
    await ask('PUT', '/users/2/password', { body: { password: 'Obj3ct-body' } });
    expect(await works('Obj3ct-body')).toBe(200);
    setSwitches({ passwordBody: 'raw' });
    await ask('PUT', '/users/2/password', { body: 'Qu0ted-body' });
    expect([await works('Qu0ted-body'), await works('"Qu0ted-body"')]).toEqual([401, 200]);
  });

  it('shows, renews and sets the seed of a second factor; nobody can take it away', async () => {
    const { ask, get, user, setSwitches } = await simulate();
    const jonas = await user('jonas.lind');
    const path = `/users/${jonas.id}/2FA`;
    expect((await get(path)).status).toBe(404);
    setSwitches({ noTwoFactor: 'empty' });
    expect((await get(path)).json.key).toBeUndefined();
    const made = await ask('POST', path);
    expect(made.json.key).toMatch(/^[A-Z2-7]{16}$/);
    expect((await get(path)).json.key).toBe(made.json.key);
    expect((await ask('PUT', path, { body: 'MFRGGZDFMZTWQ2LK' })).status).toBe(200);
    expect((await get(path)).json.key).toBe('MFRGGZDFMZTWQ2LK');
    expect((await ask('PUT', path, { body: 'no seed' })).status).toBe(400);
    expect((await ask('DELETE', path)).headers.get('allow')).toBe('GET, POST, PUT, OPTIONS');
  });
});

function administrator() {
  return { id: 'global-admin', allSites: true, allAssetGroups: true, superuser: true };
}
