import { describe, expect, it } from 'vitest';
import { simulate } from './testing/caller.ts';

describe("a user's list of sites", () => {
  it('is replaced, added to, taken from and emptied', async () => {
    const { ask, get, user, done } = await simulate();
    const { id } = await user('jonas.lind');
    const sites = async () => (await get(`/users/${id}/sites`)).list;
    expect(await sites()).toEqual([14]);
    await ask('PUT', `/users/${id}/sites`, { body: [7, 1, 7] });
    expect(await sites()).toEqual([1, 7]);
    await ask('PUT', `/users/${id}/sites/9`);
    await ask('PUT', `/users/${id}/sites/9`);
    await ask('DELETE', `/users/${id}/sites/1`);
    expect(await sites()).toEqual([7, 9]);
    await ask('DELETE', `/users/${id}/sites`);
    expect(await sites()).toEqual([]);
    expect(done()).toEqual(
      ['granted', 'granted', 'revoked', 'granted', 'revoked', 'revoked', 'revoked'].map(
        (word) => `site-access.${word} ${id}`,
      ),
    );
  });

  it('is inert for a user who may see all: 200 and nothing', async () => {
    const { ask, get, user, done, setSwitches } = await simulate();
    const { id } = await user('svc-scan');
    expect((await ask('PUT', `/users/${id}/sites`, { body: [7] })).status).toBe(200);
    expect((await ask('PUT', `/users/${id}/sites/7`)).status).toBe(200);
    expect((await get(`/users/${id}/sites`)).list).toEqual([]);
    setSwitches({ allSitesGrant: 'refuse' });
    expect((await ask('PUT', `/users/${id}/sites/7`)).status).toBe(400);
    expect(done()).toEqual([]);
  });

  it('takes ids of sites that are there, and nothing else', async () => {
    const { ask, user } = await simulate();
    const { id } = await user('jonas.lind');
    const put = async (body: unknown) => (await ask('PUT', `/users/${id}/sites`, { body })).status;
    expect([await put([999]), await put(['7']), await put({ ids: [7] }), await put(7)]).toEqual([400, 400, 400, 400]);
    expect((await ask('PUT', `/users/${id}/sites/999`)).status).toBe(404);
    expect((await ask('PUT', '/users/999/sites/7')).status).toBe(404);
  });

  it('has no POST', async () => {
    const { ask, user } = await simulate();
    const refused = await ask('POST', `/users/${(await user('jonas.lind')).id}/sites`, { body: [7] });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, PUT, DELETE, OPTIONS']);
  });

  it('is answered well and not changed where assignments are switched to be ignored', async () => {
    const { ask, get, user, done } = await simulate({ switches: { assignments: 'ignore' } });
    const { id } = await user('jonas.lind');
    expect((await ask('PUT', `/users/${id}/sites`, { body: [7] })).status).toBe(200);
    expect((await ask('DELETE', `/users/${id}/sites/14`)).status).toBe(200);
    expect((await get(`/users/${id}/sites`)).list).toEqual([14]);
    expect(done()).toEqual([]);
  });
});

describe("a site's list of users", () => {
  it('is added to by one bare number with 201, and replaced as a whole', async () => {
    const { ask, get, user } = await simulate();
    const [jonas, noor, rosa] = [await user('jonas.lind'), await user('noor.bakker'), await user('rosa.delgado')];
    const logins = async () => (await get('/sites/10/users')).json.resources.map(({ login }) => login);
    const added = await ask('POST', '/sites/10/users', { body: jonas.id });
    expect([added.status, added.json.id]).toEqual([201, jonas.id]);
    expect(await logins()).toEqual(expect.arrayContaining(['jonas.lind', 'noor.bakker', 'yuki.tanaka']));
    await ask('PUT', '/sites/10/users', { body: [rosa.id, noor.id] });
    expect((await logins()).toSorted()).toEqual(['noor.bakker', 'rosa.delgado']);
    expect((await get(`/users/${jonas.id}/sites`)).list).toEqual([14]);
    expect((await ask('DELETE', `/sites/10/users/${noor.id}`)).status).toBe(200);
    expect(await logins()).toEqual(['rosa.delgado']);
  });

  it('has no place for administrators, and no PUT of a single user', async () => {
    const { ask, user } = await simulate();
    const [ada, jonas] = [await user('ada.okonkwo'), await user('jonas.lind')];
    expect((await ask('POST', '/sites/10/users', { body: ada.id })).status).toBe(400);
    expect((await ask('PUT', '/sites/10/users', { body: [ada.id] })).status).toBe(400);
    expect((await ask('POST', '/sites/10/users', { body: [jonas.id] })).status).toBe(400);
    expect((await ask('PUT', `/sites/10/users/${jonas.id}`)).headers.get('allow')).toBe('DELETE, OPTIONS');
  });
});

describe('asset groups', () => {
  it('have their lists on both sides, and a PUT of a single user', async () => {
    const { ask, get, user } = await simulate();
    const { id } = await user('noor.bakker');
    const groups = async () => (await get(`/users/${id}/asset_groups`)).list;
    await ask('PUT', `/asset_groups/2/users/${id}`);
    await ask('PUT', `/users/${id}/asset_groups/5`);
    expect(await groups()).toEqual([2, 5]);
    expect((await get('/asset_groups/2/users')).list).toContain(id);
    await ask('PUT', '/asset_groups/5/users', { body: [] });
    await ask('DELETE', `/asset_groups/2/users/${id}`);
    expect(await groups()).toEqual([]);
    await ask('PUT', `/users/${id}/asset_groups`, { body: [1, 2] });
    await ask('DELETE', `/users/${id}/asset_groups/1`);
    expect(await groups()).toEqual([2]);
    await ask('DELETE', `/users/${id}/asset_groups`);
    expect(await groups()).toEqual([]);
  });
});

describe('custom roles', () => {
  it('are made and replaced by PUT, and deleted when nobody has them', async () => {
    const { ask, get, done } = await simulate();
    const role = { id: 'reader', name: 'Reader', description: 'Reads.', privileges: ['view-site-asset-data'] };
    expect((await ask('PUT', '/roles/reader', { body: role })).status).toBe(200);
    await ask('PUT', '/roles/reader', { body: { ...role, name: 'Readers' } });
    expect((await get('/roles/reader')).json).toMatchObject({ name: 'Readers', privileges: ['view-site-asset-data'] });
    expect((await ask('DELETE', '/roles/reader')).status).toBe(200);
    expect((await get('/roles/reader')).status).toBe(404);
    expect(done()).toEqual(['role.created reader', 'role.updated reader', 'role.deleted reader']);
  });

  it('stay where they are built in or somebody has them; bad ones are refused', async () => {
    const { ask } = await simulate();
    const role = { id: 'reader', name: 'Reader', description: 'Reads.' };
    expect((await ask('DELETE', '/roles/user')).status).toBe(400);
    expect((await ask('PUT', '/roles/user', { body: { ...role, id: 'user' } })).status).toBe(400);
    expect((await ask('DELETE', '/roles/company-reviewer')).status).toBe(400);
    expect((await ask('PUT', '/roles/reader', { body: { ...role, privileges: ['fly'] } })).status).toBe(400);
    expect((await ask('PUT', '/roles/reader', { body: { ...role, id: 'writer' } })).status).toBe(400);
    expect((await ask('POST', '/roles', { body: role })).status).toBe(405);
  });
});
