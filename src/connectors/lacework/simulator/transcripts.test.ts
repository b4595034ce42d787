import { describe, expect, it } from 'vitest';
import type { LaceworkSimulatorOptions } from '../simulator.ts';
import { type Caller, simulate, type Wire } from './testing/caller.ts';

/**
 * What other people's clients send, in their headers and bodies, and what they do with the answer. Each is named by its
 * public repository; bodies are theirs but for the credentials and the people.
 */
describe('clients that others wrote for the real API', () => {
  it('lacework/go-sdk asks for a token of an hour, sends it raw and its method as a header', async () => {
    const { send, token } = await goClient();
    expect(token).toMatch(/^_/);
    const profile = await send('GET', 'UserProfile');
    // The CLI reads the organization from the address and takes the other enabled accounts for sub-accounts.
    const { url, accounts } = Object(profile.data[0]);
    const organization = String(url).split('.')[0]?.toUpperCase();
    const subAccounts = accounts
      .filter((entry: Wire) => entry['accountName'] !== organization && entry['userEnabled'] === 1)
      .map((entry: Wire) => String(entry['accountName']).toLowerCase());
    expect(subAccounts).toEqual(['northwind-eu', 'northwind-lab']);
    expect((await send('GET', 'OrganizationInfo')).data[0].orgAccountUrl).toBe('northwind.lacework.net');
    const europe = await send('GET', 'TeamMembers', undefined, { 'Account-Name': 'northwind-eu' });
    expect(europe.data.length).toBeGreaterThan(20);
    for (const { userEnabled, props } of europe.data) {
      expect(typeof userEnabled).toBe('number');
      // Its types had to be loosened for these: a text, or the number 0.
      for (const time of [props.lastLoginTime, props.lastSessionCreatedTime, props.updatedTime]) {
        expect(time === 0 || typeof time === 'string').toBe(true);
      }
      expect(typeof props.createdTime).toBe('string');
    }
  });

  it('lacework/go-sdk creates, updates and deletes a member of an account', async () => {
    const { send } = await goClient();
    const props = { company: 'ACME Inc', firstName: 'Foo', lastName: 'Bar' };
    const created = await send('POST', 'TeamMembers', { props, userEnabled: 1, userName: 'foo@northwind.example' });
    const guid = created.data.userGuid;
    const patch = { props: { accountAdmin: true, ...props, firstName: 'Fu' }, userEnabled: 1 };
    const updated = await send('PATCH', `TeamMembers/${guid}`, patch);
    expect(updated.data).toMatchObject({ userGuid: guid, props: { firstName: 'Fu', accountAdmin: true } });
    expect((await send('GET', `TeamMembers/${guid}`)).data.userName).toBe('foo@northwind.example');
    expect(await send('DELETE', `TeamMembers/${guid}`)).toBeNull();
  });

  it('lacework/go-sdk creates a user of the organization, finds them by name and leaves what it may not change out', async () => {
    const { send } = await goClient({}, { 'Org-Access': 'true' });
    const created = await send('POST', 'TeamMembers', {
      adminRoleAccounts: [],
      orgAdmin: false,
      orgUser: true,
      props: { company: 'ACME Inc', firstName: 'Foo', lastName: 'Bar' },
      userEnabled: 1,
      userName: 'foo@northwind.example',
      userRoleAccounts: [],
    });
    const [first] = created.data.accounts;
    const found = await send('POST', 'TeamMembers/search', {
      filters: [{ field: 'userName', expression: 'eq', value: 'foo@northwind.example' }],
    });
    expect(found.data[0].userGuid).toBe(first.userGuid);
    const updated = await send('PATCH', `TeamMembers/${first.userGuid}`, {
      adminRoleAccounts: ['NORTHWIND'],
      orgAdmin: false,
      orgUser: false,
      props: { firstName: 'Foo', lastName: 'Bar' },
      userRoleAccounts: ['NORTHWIND-EU'],
    });
    expect(updated.data.accounts.map(({ accountName, admin }: Wire) => [accountName, admin])).toEqual([
      ['NORTHWIND', true],
      ['NORTHWIND-EU', false],
    ]);
  });

  it('lacework/terraform-provider-lacework maps rows to accounts by custGuid, and refreshes its id after a change', async () => {
    const { send } = await goClient({}, { 'Org-Access': 'true' });
    const profile = await send('GET', 'UserProfile');
    const names = new Map(profile.data[0].accounts.map(({ custGuid, accountName }: Wire) => [custGuid, accountName]));
    const roles = async (value: string) => {
      const filters = [{ field: 'userName', expression: 'eq', value }];
      const rows = (await send('POST', 'TeamMembers/search', { filters })).data;
      return {
        guid: rows[0].userGuid,
        roles: rows.map(({ custGuid, props }: Wire) => [names.get(custGuid), Object(props).accountAdmin]),
      };
    };
    const before = await roles('chris.lee2@northwind.example');
    expect(before.roles).toEqual([
      ['NORTHWIND', false],
      ['NORTHWIND-EU', true],
    ]);
    await send('PATCH', `TeamMembers/${before.guid}`, {
      adminRoleAccounts: ['NORTHWIND', 'NORTHWIND-EU'],
      orgAdmin: false,
      orgUser: false,
      props: { firstName: 'Chris', lastName: 'Lee' },
      userRoleAccounts: [],
    });
    const after = await roles('chris.lee2@northwind.example');
    expect(after.roles).toEqual(before.roles.map(([name]: [string]) => [name, true]));
    expect(after.guid).not.toBe(before.guid);
  });

  it('lacework/go-sdk follows nextPage with its query encoded anew, and divides by rows', async () => {
    const { send } = await goClient({ switches: { pageSize: 100, nextPageForm: 'relative' } });
    const body = {
      timeFilter: { startTime: '2026-10-22T08:00:00.123456789Z', endTime: '2026-11-21T17:00:00Z' },
      filters: [],
    };
    const page = await send('POST', 'AuditLogs/search', body);
    const { rows, totalRows, urls } = page.paging;
    const pages = Math.ceil(totalRows / rows);
    expect(pages).toBeGreaterThan(2);
    let [seen, next] = [1, urls.nextPage];
    while (next) {
      const parsed = new URL(next, 'http://simulator.example');
      const query = new URLSearchParams(parsed.searchParams);
      query.sort();
      const following = await send(
        'GET',
        `${parsed.pathname.replace('/api/v2/', '')}?${query.toString().replaceAll(':', '%3A')}`,
      );
      [seen, next] = [seen + 1, following.paging.urls.nextPage];
    }
    expect(seen).toBe(pages);
  });

  it('lacework/python-sdk needs a fraction in expiresAt, sends Bearer and Org-Access on every call', async () => {
    const { send, expiresAt, simulator } = await pythonClient();
    // strptime with %f fails without a fraction.
    expect(expiresAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
    const { status, json } = await send('GET', 'UserProfile');
    expect([status, Object(json).data.length]).toEqual([200, 1]);
    expect(simulator.requests().at(-1)?.body).toEqual({ org_access: 'false' });
  });

  it('lacework/python-sdk creates with integers made of booleans, and retries until a deleted user is not listed', async () => {
    const { send, simulator } = await pythonClient({ switches: { deleteLagMs: 2_000 } });
    const body = {
      userName: 'foo@northwind.example',
      userEnabled: 1,
      props: { firstName: 'John', lastName: 'Doe', company: 'Lacework', accountAdmin: true },
    };
    const created = await send('POST', 'TeamMembers', body);
    expect(created.status).toBe(201);
    const guid = Object(created.json).data.userGuid;
    expect((await send('PATCH', `TeamMembers/${guid}`, { userEnabled: 0 })).status).toBe(200);
    const filters = [{ expression: 'eq', field: 'userGuid', value: guid }];
    expect((await send('POST', 'TeamMembers/search', { filters, returns: ['userGuid'] })).json).toEqual({ data: [{ userGuid: guid }] });
    expect((await send('DELETE', `TeamMembers/${guid}`)).status).toBe(204);
    const isListed = async () =>
      Object((await send('GET', 'TeamMembers')).json).data.some(({ userGuid }: Wire) => userGuid === guid);
    expect(await isListed()).toBe(true);
    simulator.clock.advance(2_000);
    expect(await isListed()).toBe(false);
  }); // prettier-ignore

  it('lacework/python-sdk puts a new user into a group and out again, and fails with 400 for one it made up', async () => {
    const { send } = await pythonClient({}, { 'Account-Name': 'northwind-lab' });
    const body = { name: 'test', email: 'noreply@northwind.example', company: 'test', userEnabled: 1, type: 'StandardUser' };
    const { data } = Object((await send('POST', 'TeamUsers', body)).json);
    for (const action of ['addUsers', 'removeUsers']) {
      const path = `UserGroups/LACEWORK_USER_GROUP_POWER_USER/${action}`;
      const changed = await send('POST', path, { userGuids: [data.userGuid] });
      expect(Object.keys(Object(changed.json))).toContain('data');
      expect((await send('POST', path, { userGuids: ['fake'] })).status).toBe(400);
    }
    expect((await send('PATCH', `TeamUsers/${data.userGuid}`, { userEnabled: 0 })).status).toBe(200);
    expect((await send('DELETE', `TeamUsers/${data.userGuid}`)).status).toBe(204);
  }); // prettier-ignore

  it('lacework/python-sdk adds its first parameters again when it follows a page, and takes 204 for nothing', async () => {
    const { send } = await pythonClient({ switches: { pageSize: 200 } });
    const query = '?startTime=2026-10-22T00:00:00Z&endTime=2026-11-21T17:00:00Z';
    let page = await send('GET', `AuditLogs${query}`);
    const { totalRows } = Object(page.json).paging;
    let seen = 0;
    while (true) {
      const { data, paging } = Object(page.json);
      seen += data.length;
      if (!paging.urls.nextPage) break;
      page = await send('GET', `${paging.urls.nextPage}${query}`);
    }
    expect(seen).toBe(totalRows);
    const none = await send('GET', 'AuditLogs?startTime=2020-01-01T00:00:00Z&endTime=2020-01-02T00:00:00Z');
    expect([none.status, none.text]).toEqual([204, '']);
  });

  it('jefferyfry/eventengine makes a user in a sub-account and adds it to groups, by a list with a slash', async () => {
    const { send } = await goClient({}, { 'Account-Name': 'northwind-lab' });
    const created = await send('POST', 'TeamUsers', {
      name: 'Event Guest',
      email: 'guest@northwind.example',
      company: 'Event',
      userEnabled: 1,
      type: 'StandardUser',
    });
    const added = await send('POST', 'UserGroups/LACEWORK_USER_GROUP_READ_ONLY_USER/addUsers', {
      userGuids: [created.data.userGuid],
    });
    expect(added.data.userGuids).toEqual([created.data.userGuid]);
    const listed = await send('GET', 'TeamUsers/');
    expect(listed.data.find(({ email }: Wire) => email === 'guest@northwind.example').userGroups).toEqual([
      { userGroupGuid: 'LACEWORK_USER_GROUP_READ_ONLY_USER', userGroupName: 'Read-only user' },
    ]);
  });

  it('a script that gives groups to a sub-account skips administrators of the organization', async () => {
    const { send } = await goClient({}, { 'Account-Name': 'northwind-lab' });
    const { data } = await send('GET', 'TeamUsers');
    const candidates = data.filter(({ orgAccess }: Wire) => orgAccess !== 'ORG_ADMIN');
    expect(data.length - candidates.length).toBe(2);
    const userGuids = candidates.map(({ userGuid }: Wire) => userGuid);
    const path = 'UserGroups/LACEWORK_USER_GROUP_READ_ONLY_USER/addUsers';
    expect((await send('POST', path, { userGuids })).data.userGuids).toHaveLength(candidates.length);
  });

  it('a Splunk input asks for thirty days up to ten seconds ago and reads times without a fraction', async () => {
    const { call } = await simulate();
    const { status, rows } = await call('GET', 'AuditLogs?startTime=2026-10-22T16:59:50Z&endTime=2026-11-21T16:59:50Z');
    expect(status).toBe(200);
    expect(rows.length).toBeGreaterThan(500);
    for (const { createdTime } of rows) expect(createdTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it('coashby-lw/lacework-api-v2-functional-tests finds exactly the fields it knows', async () => {
    const { call, token } = await simulate();
    const made = await token();
    expect([made.status, Object.keys(Object(made.json)).toSorted()]).toEqual([201, ['expiresAt', 'token']]);
    const [profile] = (await call('GET', 'UserProfile')).rows;
    expect(Object.keys(profile ?? {}).toSorted()).toEqual(['accounts', 'orgAccount', 'orgAdmin', 'orgUser', 'url', 'username']);
    expect(Object.keys(Object(profile)['accounts'][0]).toSorted()).toEqual(['accountName', 'admin', 'custGuid', 'userEnabled', 'userGuid']);
  }); // prettier-ignore

  it('credibleforce/lacework-custom-reports spells the header of the secret in lower case', async () => {
    const { url, credentials } = await simulate();
    const response = await fetch(`${url}/api/v2/access/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-lw-uaks': credentials.secret },
      body: `{ "keyId": "${credentials.keyId}","expiryTime": 3600 }`,
    });
    expect(response.status).toBe(201);
  });
});

/** Sends as the Go SDK does: token raw, `Method` and `Accept` on every call, a content type only with a body. */
async function goClient(options: LaceworkSimulatorOptions = {}, scope: Readonly<Record<string, string>> = {}) {
  const simulator = await simulate(options);
  const { keyId, secret } = simulator.credentials;
  const request = async (method: string, path: string, body: unknown, headers: Readonly<Record<string, string>>) => {
    const response = await fetch(`${simulator.url}/api/v2/${path}`, {
      method,
      headers: {
        Method: method,
        Accept: 'application/json',
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: `${JSON.stringify(body)}\n` }),
    });
    if (!response.ok) throw new Error(`[${method}] ${path}\n[${response.status}] ${await response.text()}`);
    const text = await response.text();
    return text === '' ? null : Object(JSON.parse(text));
  };
  const made = await request('POST', 'access/tokens', { keyId, expiryTime: 3600 }, { 'X-LW-UAKS': secret });
  const token: string = made.token;
  const send = (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
    request(method, path, body, { Authorization: token, ...scope, ...headers });
  return { simulator, token, send };
}

/** Sends as the Python SDK does: `Bearer`, `Org-Access` always, `Account-Name` once it was set. */
async function pythonClient(options: LaceworkSimulatorOptions = {}, scope: Readonly<Record<string, string>> = {}) {
  const simulator: Caller = await simulate(options);
  const { token, expiresAt } = Object((await simulator.token()).json);
  const send = (method: string, path: string, body?: unknown) =>
    simulator.call(method, path, {
      token,
      headers: { 'Org-Access': 'false', ...scope, 'User-Agent': 'laceworksdk-python-client/4.1.0' },
      ...(body !== undefined && { body }),
    });
  return { simulator, expiresAt: String(expiresAt), send };
}
