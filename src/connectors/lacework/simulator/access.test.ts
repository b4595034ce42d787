import { describe, expect, it } from 'vitest';
import { simulate } from './testing/caller.ts';

const ORG = { headers: { 'Org-Access': 'true' } };
const accountsOf = (rows: readonly object[]) => new Set(rows.map((row) => Object(row).custGuid)).size;

describe('what a request is about', () => {
  it('is the account of the key, another by Account-Name, all by Org-Access, which wins', async () => {
    const { call } = await simulate();
    const home = await call('GET', 'TeamMembers');
    const europe = await call('GET', 'TeamMembers', { headers: { 'Account-Name': 'northwind-eu' } });
    const all = await call('GET', 'TeamMembers', { headers: { 'org-access': 'TRUE', 'ACCOUNT-NAME': 'northwind-eu' } });
    const not = await call('GET', 'TeamMembers', {
      headers: { 'Org-Access': 'false', 'account-name': 'Northwind-EU' },
    });
    expect([accountsOf(home.rows), accountsOf(europe.rows), accountsOf(all.rows)]).toEqual([1, 1, 2]);
    expect(all.rows).toHaveLength(home.rows.length + europe.rows.length);
    expect(not.rows).toEqual(europe.rows);
  });

  it('never leaves the account of a service user', async () => {
    const { call } = await simulate();
    const elsewhere: readonly Readonly<Record<string, string>>[] = [
      { 'Org-Access': 'true' },
      { 'Account-Name': 'northwind-eu' },
    ];
    for (const headers of elsewhere) {
      const heard = await call('GET', 'TeamMembers', { as: 'serviceUser', headers });
      expect(heard).toMatchObject({ status: 403, message: 'Service users cannot access other accounts' });
    }
    const own = await call('GET', 'TeamMembers', { as: 'serviceUser', headers: { 'Account-Name': 'NORTHWIND' } });
    expect(own.status).toBe(200);
  });

  it('is nothing, without an error, where a key cannot have the organization; or 403 where switched', async () => {
    const { call, setSwitches } = await simulate();
    for (const as of ['accountAdmin', 'subAccountAdmin'] as const) {
      expect(await call('GET', 'TeamMembers', { ...ORG, as })).toMatchObject({ status: 200, text: '{"data":[]}' });
      const found = await call('POST', 'TeamMembers/search', { ...ORG, as, body: {} });
      expect([found.status, found.text]).toEqual([204, '']);
      expect((await call('DELETE', 'TeamMembers/X', { ...ORG, as })).status).toBe(403);
      expect((await call('GET', 'TeamMembers/X', { ...ORG, as })).status).toBe(404);
      expect((await call('GET', 'UserProfile', { ...ORG, as })).rows).toMatchObject([{ orgAdmin: false }]);
    }
    setSwitches({ scopeMismatch: 'forbidden' });
    const refused = await call('GET', 'TeamMembers', { ...ORG, as: 'accountAdmin' });
    expect(refused).toMatchObject({ status: 403, message: 'User not authorized' });
  });

  it('is refused for accounts the owner is not in, from a sub-account, and for names nobody has', async () => {
    const { call } = await simulate();
    const named = (name: string) => ({ headers: { 'Account-Name': name } });
    expect((await call('GET', 'TeamMembers', { ...named('northwind-eu'), as: 'accountAdmin' })).status).toBe(200);
    expect((await call('GET', 'TeamMembers', { ...named('northwind'), as: 'subAccountAdmin' })).status).toBe(403);
    expect((await call('GET', 'TeamMembers', named('southwind'))).status).toBe(403);
  });

  it('needs a right: users read, administrators write', async () => {
    const { call } = await simulate();
    const europe = { headers: { 'Account-Name': 'northwind-eu' }, as: 'accountAdmin' } as const;
    const body = { userName: 'lena.hart@northwind.example', userEnabled: 1, props: { firstName: 'Lena', lastName: 'Hart', company: 'Northwind' } };
    expect((await call('POST', 'TeamMembers', { ...europe, body })).status).toBe(403);
    expect((await call('GET', 'ApiKeys', europe)).status).toBe(403);
    expect((await call('GET', 'AuditLogs', europe)).status).not.toBe(403);
  }); // prettier-ignore
});

describe('an address', () => {
  it('that nobody knows is refused with 403, a method with 405', async () => {
    const { call } = await simulate();
    const unknown = ['Nothing', 'teamusers', 'UserGroups', 'TeamMembers/a/b', '../v1/access/keys', '%E0%A4%A'];
    for (const path of unknown) expect(await call('GET', path)).toMatchObject({ status: 403, message: 'Unrecognized url' });
    expect((await call('POST', 'UserGroups', { body: {} })).status).toBe(403);
    expect((await call('PUT', 'TeamMembers')).status).toBe(405);
    expect((await call('GET', 'access/tokens')).status).toBe(405);
  }); // prettier-ignore

  it('may end with a slash', async () => {
    const { call } = await simulate();
    expect((await call('GET', 'UserProfile/')).status).toBe(200);
    expect((await call('GET', 'TeamUsers/', { as: 'labServiceUser' })).rows.length).toBeGreaterThan(10);
  });
});

describe('a refusal', () => {
  it('comes in the shape of older routes where switched', async () => {
    const { call } = await simulate({ switches: { errorShape: 'older' } });
    expect((await call('GET', 'Nothing')).json).toEqual({
      ok: false,
      message: 'SUCCESS',
      data: { statusMessage: 'Unrecognized url' },
    });
  });

  it('names what is wrong with a body', async () => {
    const { call } = await simulate();
    const post = (body: unknown) => call('POST', 'TeamMembers', { body });
    expect(await post('{')).toMatchObject({ status: 400, message: 'Problem parsing JSON' });
    expect(await post([])).toMatchObject({ status: 400 });
    expect(await post({ colour: 'red' })).toMatchObject({ status: 400 });
    expect((await post(`"${'x'.repeat(1024 * 1024)}"`)).message).toContain('1 MB');
  });

  it('is for requests without a content type where switched', async () => {
    const { call } = await simulate({ switches: { contentTypeRequired: 'on' } });
    expect((await call('GET', 'UserProfile')).status).toBe(200);
    expect((await call('GET', 'UserProfile', { headers: { 'Content-Type': 'text/plain' } })).status).toBe(400);
  });
});

describe('the rate', () => {
  it('is an allowance for each user and functionality, told by every answer and filled again evenly', async () => {
    const { call, clock } = await simulate({ switches: { rateLimitPerHour: 3 } });
    const standing = async (method: string, path: string, as: 'orgAdmin' | 'accountAdmin' = 'orgAdmin') => {
      const { status, headers } = await call(method, path, { as, ...(method === 'POST' && { body: {} }) });
      return [status, ...['limit', 'remaining', 'reset'].map((name) => Number(headers.get(`ratelimit-${name}`)))];
    };
    expect(await standing('GET', 'TeamMembers')).toEqual([200, 3, 2, 0]);
    expect(await standing('GET', 'TeamMembers/NORTHWIN_0')).toEqual([404, 3, 1, 0]);
    expect(await standing('GET', 'TeamMembers')).toEqual([200, 3, 0, 1_200]);
    expect(await standing('GET', 'TeamMembers')).toEqual([429, 3, 0, 1_200]);
    expect(await standing('POST', 'TeamMembers/search')).toEqual([200, 3, 2, 0]);
    expect(await standing('GET', 'TeamMembers', 'accountAdmin')).toEqual([200, 3, 2, 0]);
    clock.advance(600_000);
    clock.set(new Date(clock.now().getTime()));
    expect(await standing('GET', 'TeamMembers')).toEqual([429, 3, 0, 600]);
    clock.advance(600_000);
    expect(await standing('GET', 'TeamMembers')).toEqual([200, 3, 0, 1_200]);
  });

  it('is 480 an hour by default; the refusal has no Retry-After', async () => {
    const { call, setSwitches } = await simulate();
    expect((await call('GET', 'UserProfile')).headers.get('ratelimit-limit')).toBe('480');
    setSwitches({ rateLimitPerHour: 1 });
    await call('GET', 'OrganizationInfo');
    const refused = await call('GET', 'OrganizationInfo');
    expect(refused).toMatchObject({ status: 429, message: 'Too Many Requests' });
    expect(refused.headers.get('retry-after')).toBeNull();
    setSwitches({ rateLimitPerHour: 'off' });
    expect((await call('GET', 'OrganizationInfo')).headers.get('ratelimit-limit')).toBeNull();
  });
});
