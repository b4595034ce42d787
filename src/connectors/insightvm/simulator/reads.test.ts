import { describe, expect, it } from 'vitest';
import { simulate } from './testing/caller.ts';
import { operationIdOf, operations, problemsWith } from './testing/openapi.ts';
import { matchRoute, operationOf } from './routes.ts';

describe("Rapid7's OpenAPI document", () => {
  it('has no operation that the simulator lacks, and calls each as the simulator does', () => {
    expect(operations).toHaveLength(46);
    const names = operations.map(({ method, path }) => {
      const match = matchRoute(path);
      return match && operationOf(match, method, false)?.name;
    });
    expect(names).toEqual(operations.map(({ operationId }) => operationId));
  });

  it('finds what is wrong with an answer', () => {
    const links = [{ href: 'https://console.example:3780/api/3/users/1', rel: 'self' }];
    expect(problemsWith('GET', '/api/3/users/1', 200, { id: '1', login: 'a', links })).toEqual([
      '.name is missing',
      '.id is not integer: "1"',
    ]);
    expect(problemsWith('GET', '/api/3/users/1', 200, { login: 'a', name: 'A', colour: 'red' })).toEqual([
      '.colour is not in the document',
    ]);
    const role = { privileges: ['manage-advpolicies'] };
    expect(problemsWith('GET', '/api/3/users/1', 200, { login: 'a', name: 'A', role })).toEqual([
      '.role.privileges[0] is none of the enum: manage-advpolicies',
    ]);
    expect(problemsWith('PUT', '/api/3/users/1', 201, { links })).toEqual(['updateUser does not answer 201']);
    expect(operationIdOf('PATCH', '/api/3/users/1')).toBeNull();
  });

  it('is kept by the answer to every read', async () => {
    const { get } = await simulate();
    const values: Readonly<Record<string, string>> = { '/roles/{id}': 'user', '/privileges/{id}': 'manage-sites' };
    for (const { method, path } of operations.filter((operation) => operation.method === 'GET')) {
      const short = path.slice('/api/3'.length);
      const id = values[short.replace('/users', '')] ?? '3';
      expect([method, short, (await get(short.replace('{id}', id))).status]).toEqual(['GET', short, 200]);
    }
  });
});

describe('a user', () => {
  it('comes with its keys in the order of the alphabet, absolute links, and no password', async () => {
    const { get, url } = await simulate();
    const { text, json } = await get('/users/2');
    expect(Object.keys(json)).toEqual(Object.keys(json).toSorted());
    expect(text).toContain('"id" : 2,\n  "links" : [ {\n    "href" : ');
    expect(text).not.toContain('assword');
    expect(json.links.map(({ href, rel }) => [href.replace(`${url}/api/3`, ''), rel])).toEqual([
      ['/users/2', 'self'],
      ['/authentication_sources/1', 'Authentication Source'],
      ['/users/2/asset_groups', 'Asset Groups'],
      ['/users/2/sites', 'Sites'],
      ['/users/2/privileges', 'Privileges'],
      ['/roles/global-admin', 'Role'],
    ]);
    expect(json).toMatchObject({
      login: 'ada.okonkwo',
      authentication: { external: false, id: 1, name: 'Builtin Administrators', type: 'admin' },
      role: { id: 'global-admin', name: 'Global Administrator', allSites: true, allAssetGroups: true, superuser: true },
    });
  });

  it('may lack email and locale', async () => {
    const { get } = await simulate();
    const { json } = await get('/users/1');
    expect(json).toMatchObject({ login: 'nxadmin', enabled: false });
    expect('email' in json || 'locale' in json).toBe(false);
  });

  it('of the cast is as the stories of Northwind tell', async () => {
    const { user, get } = await simulate();
    expect(await user('jonas.lind')).toMatchObject({ enabled: true, locked: false });
    expect(await user('rosa.delgado')).toMatchObject({ enabled: true, locked: true });
    expect(await user('viktor.hansen')).toMatchObject({ email: 'Viktor.Hansen@Northwind.example' });
    expect(await user('joerg.mueller')).toMatchObject({
      name: 'Joerg Mueller',
      email: 'joerg.mueller@northwind.example',
    });
    expect(await user('svc-scan')).toMatchObject({ role: { id: 'site-admin', allSites: true } });
    const sites = await get('/sites?size=100');
    const named = new Map(sites.json.resources.map(({ id, name }) => [id, name]));
    const { id } = await user('noor.bakker');
    const noor = (await get(`/users/${id}/sites`)).list.map((site) => named.get(Number(site)));
    expect(noor).toEqual(['Engineering lab', 'Support desk', 'Support remote hosts']);
    expect((await get('/sites/1/users')).json.resources).toEqual([]);
    await expect(user('sam.adeyemi')).rejects.toThrow('lists no sam.adeyemi');
  });
});

describe('a paged collection', () => {
  it('has ten on a page unless told, five hundred at most, and all of them over the pages', async () => {
    const { get, state } = await simulate({ people: 700 });
    expect((await get('/users')).json.page).toEqual({ number: 0, size: 10, totalResources: 700, totalPages: 70 });
    expect((await get('/users?size=9999')).json.page).toMatchObject({ size: 500, totalPages: 2 });
    const ids: number[] = [];
    for (let page = 0; page < 7; page++) {
      ids.push(...(await get(`/users?page=${page}&size=100`)).json.resources.map(({ id }) => id));
    }
    expect(ids).toEqual(Array.from({ length: state().users }, (_, at) => at + 1));
  });

  it('names the pages around, in absolute links with the sort made explicit', async () => {
    const { get, url, setSwitches } = await simulate();
    const links = async (query: string) =>
      (await get(`/users?${query}`)).json.links.map(
        ({ href, rel }) => `${rel} ${href.replace(`${url}/api/3/users?`, '')}`,
      );
    expect(await links('size=500')).toEqual(['self page=0&size=500&sort=id,asc']);
    expect(await links('page=1&size=20&sort=login%2CDESC')).toEqual([
      'first page=0&size=20&sort=login,desc',
      'prev page=0&size=20&sort=login,desc',
      'self page=1&size=20&sort=login,desc',
      'next page=2&size=20&sort=login,desc',
      'last page=2&size=20&sort=login,desc',
    ]);
    setSwitches({ previous: 'previous' });
    expect((await links('page=2&size=20'))[1]).toMatch(/^previous page=1/);
  });

  it('has no page past the end, but a first page when it is empty', async () => {
    const { get, ask } = await simulate();
    expect((await get('/users?page=3&size=20')).json).toMatchObject({
      status: 404,
      message: 'The resource does not exist or access is prohibited.',
    });
    const none = await get('/asset_groups?name=nothing');
    expect([none.status, none.json.page]).toEqual([200, { number: 0, size: 10, totalResources: 0, totalPages: 0 }]);
    expect((await ask('GET', '/users?page=first')).status).toBe(400);
    expect((await ask('GET', '/users?sort=colour,asc')).status).toBe(400);
  });

  it('is sorted by several properties', async () => {
    const { get } = await simulate();
    const { resources } = (await get('/users?size=500&sort=enabled,DESC&sort=login')).json;
    const keys = resources.map(({ enabled, login }) => `${enabled ? 0 : 1}${login}`);
    expect(keys).toEqual(keys.toSorted());
  });

  it('of asset groups is filtered by type and by a part of the name', async () => {
    const { get } = await simulate();
    const names = async (query: string) => (await get(`/asset_groups?${query}`)).json.resources.map(({ name }) => name);
    expect(await names('type=static&name=PRINT')).toEqual(['Printers']);
    expect(await names('type=dynamic&name=print')).toEqual([]);
  });
});

describe('what is not paged', () => {
  it('takes no notice of page and size, and has no page object', async () => {
    const { get } = await simulate();
    for (const path of ['/roles', '/privileges', '/authentication_sources', '/sites/10/users', '/users/8/sites']) {
      const { json } = await get(`${path}?page=7&size=1`);
      expect([path, json.resources.length > 0, 'page' in json]).toEqual([path, true, false]);
    }
  });
});

describe('lists of who has access', () => {
  it('are whole users for a site, their role without id and name, and its link a template', async () => {
    const { get, setSwitches } = await simulate();
    const [first] = (await get('/sites/10/users')).json.resources;
    expect(Object.keys(first?.role ?? {})).toEqual(['allAssetGroups', 'allSites', 'privileges', 'superuser']);
    expect(first?.links.at(-1)?.href).toMatch(/\/roles\/\{id\}$/);
    setSwitches({ siteUserRole: 'whole' });
    expect((await get('/sites/10/users')).json.resources[0]?.role).toMatchObject({ id: 'user', name: 'User' });
  });

  it('are numbers for an asset group, leave out administrators, and who sees all unless switched', async () => {
    const { get, user, setSwitches } = await simulate();
    const ids = async () => (await get('/asset_groups/3/users')).list;
    const [jonas, lena, ada] = [await user('jonas.lind'), await user('lena.fischer'), await user('ada.okonkwo')];
    expect(await ids()).toContain(jonas.id);
    expect(await ids()).not.toContain(lena.id);
    setSwitches({ siteUsers: 'all' });
    expect(await ids()).toEqual(expect.arrayContaining([jonas.id, lena.id]));
    expect(await ids()).not.toContain(ada.id);
  });

  it('of a user who may see all sites are empty, or every site, by the switch', async () => {
    const { get, user, setSwitches, state } = await simulate();
    const { id } = await user('svc-scan');
    expect((await get(`/users/${id}/sites`)).json.resources).toEqual([]);
    setSwitches({ allSitesList: 'all' });
    expect((await get(`/users/${id}/sites`)).json.resources).toHaveLength(state().sites);
    expect((await get(`/users/${id}/asset_groups`)).json.resources).toEqual([]);
  });
});

describe('roles and privileges', () => {
  it('are the built-in ones and those of the company, one of them without the key', async () => {
    const { get, setSwitches } = await simulate();
    const { resources } = (await get('/roles')).json;
    expect(resources.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['global-admin', 'security-manager', 'site-admin', 'system-admin', 'user']),
    );
    expect('privileges' in (await get('/roles/auditor')).json).toBe(false);
    setSwitches({ rolesWithoutPrivileges: 'off' });
    expect((await get('/roles/auditor')).json.privileges).toEqual([]);
    expect((await get('/roles/nobody')).status).toBe(404);
  });

  it('know one privilege more than the document where switched, as a real console does', async () => {
    const { get } = await simulate({ switches: { advancedPolicies: 'on' } });
    const { json } = await get('/users/2', { isOdd: true });
    expect(json.role.privileges).toContain('manage-advpolicies');
    expect((await get('/privileges', { isOdd: true })).json.resources).toHaveLength(36);
  });

  it('tell who has them', async () => {
    const { get, user } = await simulate();
    const administrators = [1, (await user('ada.okonkwo')).id, (await user('breakglass')).id];
    expect((await get('/roles/global-admin/users')).list).toEqual(administrators);
    expect((await get('/privileges/manage-sites/users')).list).toEqual(administrators);
    expect((await get('/authentication_sources/1/users')).list).toEqual(administrators);
    expect(Object.keys((await get('/privileges/manage-sites')).json)).toEqual(['links']);
  });
});
