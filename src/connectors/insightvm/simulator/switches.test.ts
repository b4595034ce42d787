import { describe, expect, it } from 'vitest';
import { simulate } from './testing/caller.ts';

describe("the guide's dialect", () => {
  const CREATE = {
    login: 'dito',
    password: 'S3cur3!Pass',
    name: { first: 'Dana', last: 'Ito' },
    email: 'dana.ito@northwind.example',
    role: { id: 'user', superuser: false },
  };

  it('takes a name of two parts, and makes a user without flags one who may see all, whose sites are ignored', async () => {
    const { ask, get } = await simulate({ switches: { dialect: 'guide' } });
    const { json } = await ask('POST', '/users', { body: CREATE });
    expect(json.links[1]?.href).toBe(`/api/3/users/${json.id}`);
    expect((await get(`/users/${json.id}`)).json).toMatchObject({ name: 'Dana Ito', role: { allSites: true } });
    expect((await ask('POST', `/users/${json.id}/sites`, { body: [1, 7], isOdd: true })).status).toBe(200);
    expect((await get(`/users/${json.id}/sites`, { isOdd: true })).json).toMatchObject({ resources: [] });
  });

  it('restricts a user by a flag at the top, and adds sites by POST', async () => {
    const { ask, get } = await simulate({ switches: { dialect: 'guide' } });
    const { json } = await ask('POST', '/users', {
      body: { ...CREATE, accessAllSites: false, accessAllAssetGroups: false },
    });
    await ask('POST', `/users/${json.id}/sites`, { body: [1], isOdd: true });
    await ask('POST', `/users/${json.id}/sites`, { body: [7], isOdd: true });
    expect((await get(`/users/${json.id}/sites`, { isOdd: true })).json).toEqual({
      resources: [
        { id: 1, name: 'Corp Network' },
        { id: 7, name: 'London office' },
      ],
      page: { number: 0, size: 10, totalResources: 2 },
    });
    expect((await get('/users')).json.page.size).toBe(100);
  });

  it('resets what a partial PUT leaves out', async () => {
    const { ask, user } = await simulate({ switches: { dialect: 'guide' } });
    const { id } = await user('oskar.brandt');
    expect((await ask('PUT', `/users/${id}`, { body: { enabled: false, password: 'Gu1de-pass' } })).status).toBe(200);
    const after = await user('oskar.brandt');
    expect(after).toMatchObject({ enabled: false, name: '', role: { id: 'user', allSites: true } });
    expect('email' in after).toBe(false);
  });
});

describe('another surface', () => {
  it('answers for the cloud with a page or its gateway, credentials or not', async () => {
    const { get, setSwitches } = await simulate({ switches: { surface: 'cloud-html' } });
    const page = await get('/users', { isOdd: true });
    expect([page.status, page.headers.get('content-type'), page.json]).toEqual([
      200,
      'text/html; charset=utf-8',
      undefined,
    ]);
    setSwitches({ surface: 'cloud-json' });
    expect(await get('/users', { isOdd: true })).toMatchObject({ status: 401, json: { message: 'Unauthorized' } });
  });

  it('says that it is starting, or breaks without the fields of an error, and outside of the API shows browsers its page', async () => {
    const { get, url, setSwitches } = await simulate({ switches: { surface: 'starting' } });
    expect((await get('')).json).toMatchObject({ status: 503 });
    setSwitches({ surface: 'broken' });
    expect((await get('', { isOdd: true })).json).toEqual({
      error: 'Internal Server Error',
      message: 'Unexpected error.',
    });
    setSwitches({ surface: 'console' });
    expect(await (await fetch(`${url}/login.jsp`)).text()).toContain('<title>Security Console</title>');
  });
});

describe('the wire', () => {
  it('has the headers of a console, and gzip for who asks', async () => {
    const { get } = await simulate();
    const { headers } = await get('/users?size=50');
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/json;charset=UTF-8',
      server: 'Security Console',
      'cache-control': 'no-store, must-revalidate',
      'content-encoding': 'gzip',
      vary: 'Accept-Encoding',
    });
    expect(
      (await get('/users', { headers: { 'accept-encoding': 'identity' } })).headers.get('content-encoding'),
    ).toBeNull();
  });

  it('refuses unknown paths, other verbs and other media, and tells its verbs', async () => {
    const { ask } = await simulate();
    expect((await ask('GET', '/asset_group')).json).toMatchObject({
      status: 404,
      message: expect.stringContaining('exist'),
    });
    expect((await ask('GET', '/users/me')).status).toBe(404);
    const patch = await ask('PATCH', '/users/2', { body: { enabled: false } });
    expect([patch.status, patch.headers.get('allow')]).toEqual([405, 'GET, PUT, DELETE, OPTIONS']);
    expect((await ask('OPTIONS', '/users', { isOdd: true })).headers.get('allow')).toBe('GET, POST, OPTIONS');
    const text = await ask('POST', '/users', { raw: '{}', headers: { 'content-type': 'text/plain' } });
    expect(text.status).toBe(415);
    expect((await ask('POST', '/users', { raw: '{' })).status).toBe(400);
  });

  it('has the status of an error as a number or a text', async () => {
    const { get, setSwitches } = await simulate();
    expect((await get('/users/999')).json.status).toBe(404);
    setSwitches({ errorStatus: 'text' });
    expect((await get('/users/999')).json.status).toBe('404');
  });

  it('slows clients down where a rate is switched on', async () => {
    const { get, clock } = await simulate({ switches: { ratePerSecond: 2, retryAfter: 5_000 } });
    const heard = [];
    for (let round = 0; round < 3; round++) heard.push(await get('', { isOdd: true }));
    expect(heard.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(heard[2]?.headers.get('retry-after')).toBe('5000');
    clock.advance(1_001);
    expect((await get('')).status).toBe(200);
  });

  it('drifts where switched: ids as texts, items, no login, a role as a text', async () => {
    const { get, setSwitches } = await simulate();
    const first = async (drift: string) => {
      setSwitches({ drift });
      const { json } = await get('/users?size=1', { isOdd: true });
      return json;
    };
    expect(await first('ids')).toMatchObject({ resources: [{ id: '1' }] });
    expect(await first('resources')).toMatchObject({ items: [{ id: 1 }] });
    expect((await first('login')).resources[0]).not.toHaveProperty('login');
    expect(await first('role')).toMatchObject({ resources: [{ role: 'global-admin' }] });
  });

  it('knows administration: the console itself, and the settings of logins', async () => {
    const { get } = await simulate();
    expect((await get('/administration/info')).json).toMatchObject({ version: { semantic: '6.6.210' } });
    expect((await get('/administration/settings')).json).toMatchObject({
      authentication: { '2fa': true, loginLockThreshold: 4 },
    });
  });
});
