import { describe, expect, it, vi } from 'vitest';
import { runLaceworkSimulator, type LaceworkSavedState } from './simulator.ts';
import { type Caller, simulate, TODAY, type Wire } from './simulator/testing/caller.ts';

const JONAS = 'jonas.lind@northwind.example';
const ORG = { headers: { 'Org-Access': 'true' } };
const LAB = { headers: { 'Account-Name': 'northwind-lab' } };
const EUROPE = { headers: { 'Account-Name': 'northwind-eu' } };

const named = (rows: readonly Wire[], email: string) => rows.filter((row) => row['userName'] === email);

describe("Northwind's Lacework", () => {
  it('is the same for the same seed, and another crowd for another', async () => {
    const list = async (seed: string) => (await (await simulate({ seed })).call('GET', 'TeamMembers')).text;
    const [one, again, other] = [await list('one'), await list('one'), await list('two')];
    expect(one).toBe(again);
    expect(one).not.toBe(other);
  });

  it('tells the stories of its people', async () => {
    const { call } = await simulate();
    const { rows } = await call('GET', 'TeamMembers', ORG);
    expect(named(rows, JONAS).map(({ userEnabled }) => userEnabled)).toEqual([1, 0]);
    expect(named(rows, 'ada.okonkwo@northwind.example')).toMatchObject([{ props: { orgAdmin: true } }, {}]);
    expect(named(rows, 'breakglass@northwind.example')).toMatchObject([{ props: { orgAdmin: true } }, {}]);
    expect(named(rows, 'lena.fischer@northwind.example')).toMatchObject([{ props: { orgUser: true, accountAdmin: true } }, { props: { accountAdmin: false } }]);
    expect(named(rows, 'joerg.mueller@northwind.example')).toMatchObject([{ props: { firstName: 'Joerg', lastName: 'Mueller' } }]);
    for (const gone of ['sam.adeyemi', 'priya.raman', 'grace.kim']) expect(named(rows, `${gone}@northwind.example`)).toEqual([]);
    const lab = await call('GET', 'TeamUsers', LAB);
    expect(lab.rows.find(({ email }) => email === 'ibrahim.sesay@northwind.example')).toMatchObject({
      userGroups: [{ userGroupName: 'Admin' }, { userGroupName: 'Cloud auditors' }],
    });
    expect(lab.rows.filter(({ type }) => type === 'ServiceUser')).toMatchObject([{ name: 'svc-scan' }]);
  }); // prettier-ignore

  it('has a person for nearly everybody, some disabled, some who never came, some in two accounts', async () => {
    const { call, state } = await simulate();
    expect(state()).toMatchObject({ organization: 'Northwind Trading', accounts: 3, api_keys: 8, resource_groups: 5 });
    const legacy = (await call('GET', 'TeamMembers', ORG)).rows;
    const lab = (await call('GET', 'TeamUsers', LAB)).rows;
    const people = new Set([...legacy.map(({ userName }) => userName), ...lab.flatMap(({ email }) => email ?? [])]);
    expect(people.size).toBe(248);
    expect(legacy.length + lab.length).toBeGreaterThan(280);
    expect(legacy.filter(({ userEnabled }) => userEnabled === 0).length).toBeGreaterThan(5);
    expect(legacy.filter(({ props }) => Object(props).lastLoginTime === 0).length).toBeGreaterThan(5);
  });

  it('scales to many people over many accounts, with RBAC on in some', async () => {
    const { call, state } = await simulate({ people: 2_000, subAccounts: 12 });
    expect(state().accounts).toBe(13);
    const accounts = Object((await call('GET', 'UserProfile')).rows[0]).accounts;
    expect(accounts).toHaveLength(13);
    const models = await Promise.all(
      accounts.map(async ({ accountName }: Wire) =>
        (await call('GET', 'TeamUsers', { headers: { 'Account-Name': String(accountName) } })).status === 200 ? 'rbac' : 'legacy'),
    );
    expect(models.filter((model) => model === 'rbac').length).toBe(4);
  }); // prettier-ignore
});

describe('changes behind the API’s back', () => {
  it('are what people do in the console', async () => {
    const { call, mutate, token } = await simulate();
    const email = 'lena.hart@northwind.example';
    mutate({ op: 'add-user', account: 'northwind', email, name: 'Lena Hart' });
    mutate({ op: 'set-user', user: email, fields: { isEnabled: false } });
    const find = async () => named((await call('GET', 'TeamMembers', ORG)).rows, email);
    expect(await find()).toMatchObject([{ userEnabled: 0, props: { lastName: 'Hart', lastLoginTime: 0 } }]);
    mutate({ op: 'sign-in', user: email, account: 'northwind' });
    const { rows } = await call('GET', 'AuditLogs?startTime=2026-11-21T17:00:00Z');
    expect(rows[0]).toMatchObject({ userName: email, eventName: 'User Login', userAction: 'Login' });
    mutate({ op: 'set-org-role', user: email, role: 'user' });
    expect(await find()).toMatchObject([{ props: { orgUser: true, lastLoginTime: TODAY.toISOString() } }, {}]);
    mutate({ op: 'delete-user', user: email });
    expect(await find()).toEqual([]);
    const made = Object(mutate({ op: 'add-key', account: 'northwind', owner: 'ibrahim.sesay@northwind.example' }));
    expect((await token({ account: 'northwind', ...made })).status).toBe(201);
    mutate({ op: 'end-tokens' });
    expect((await call('GET', 'UserProfile')).status).toBe(401);
  });

  it('make and remove accounts and groups', async () => {
    const { call, mutate } = await simulate();
    const accounts = async () => Object((await call('GET', 'UserProfile')).rows[0]).accounts.map(({ accountName }: Wire) => accountName);
    mutate({ op: 'add-account', account: 'northwind-asia', model: 'rbac' });
    expect(await accounts()).toEqual(['NORTHWIND', 'NORTHWIND-EU', 'NORTHWIND-LAB', 'NORTHWIND-ASIA']);
    mutate({ op: 'add-service-user', account: 'northwind-asia', name: 'svc-asia' });
    const { userGroupGuid } = Object(mutate({ op: 'add-group', account: 'northwind-asia', name: 'Port authority' }));
    mutate({ op: 'set-groups', user: 'svc-asia', account: 'northwind-asia', groups: [userGroupGuid] });
    const service = async () => {
      const { rows } = await call('GET', 'TeamUsers', { headers: { 'Account-Name': 'northwind-asia' } });
      return rows.find(({ name }) => name === 'svc-asia');
    };
    expect(await service()).toMatchObject({ userGroups: [{ userGroupName: 'Port authority' }] });
    mutate({ op: 'delete-group', account: 'northwind-asia', group: 'Port authority' });
    expect(await service()).toMatchObject({ userGroups: [] });
    mutate({ op: 'remove-account', account: 'northwind-asia' });
    expect(await accounts()).toHaveLength(3);
  }); // prettier-ignore

  it('hit the same share of rows for the same round', async () => {
    const { call, mutate } = await simulate();
    const renamed = async () => (await call('GET', 'TeamMembers', ORG)).rows.filter(({ props }) => Object(props).lastName.endsWith('(1)')).length;
    expect(mutate({ op: 'change-share', share: 0.1 })).toEqual(mutate({ op: 'change-share', share: 0.1, round: 1 }));
    expect(await renamed()).toBeGreaterThan(15);
    const { rows } = Object(mutate({ op: 'delete-share', share: 0.5 }));
    expect(rows).toBeGreaterThan(100);
  }); // prettier-ignore

  it('are refused by name where they make no sense', async () => {
    const { mutate } = await simulate();
    const making = (change: Parameters<Caller['mutate']>[0]) => () => mutate(change);
    expect(making({ op: 'delete-user', user: 'ghost@northwind.example' })).toThrow('no user "ghost@northwind.example"');
    expect(making({ op: 'set-model', account: 'southwind', model: 'rbac' })).toThrow('no account "southwind"');
    expect(making({ op: 'disable-key', keyId: 'X' })).toThrow('no API key "X"');
    expect(making({ op: 'change-share', share: 2 })).toThrow(expect.objectContaining({ kind: 'invalidInput' }));
  });
});

describe('faults and inspection', () => {
  it('strike an operation by its name', async () => {
    const { call, faults } = await simulate({ faults: ['lost-answer/ApiKeys.create@1', '500/UserGroups.addUsers@1'] });
    await expect(call('POST', 'ApiKeys', { body: { enabled: 1 } })).rejects.toThrow('fetch failed');
    expect((await call('GET', 'ApiKeys')).rows).toHaveLength(7);
    expect((await call('POST', 'UserGroups/X/addUsers', { ...LAB, body: {} })).status).toBe(500);
    faults.set(['429-retry-after=3/TeamMembers.search']);
    expect((await call('POST', 'TeamMembers/search', { body: {} })).headers.get('retry-after')).toBe('3');
  });

  it('show every request without credentials, and what it did', async () => {
    const { call, requests, effects, url, credentials } = await simulate();
    await call('POST', 'ApiKeys', { body: { enabled: 1, props: { description: 'x' } } });
    await call('GET', 'AuditLogs?startTime=2026-11-21', EUROPE);
    expect(requests().map(({ operation, status, body }) => [operation, status, body])).toEqual([
      ['access.tokens', 201, { body: { keyId: credentials.keyId, expiryTime: 3_600 } }],
      ['ApiKeys.create', 201, { body: { enabled: 1, props: { description: 'x' } } }],
      ['AuditLogs.list', 200, { account_name: 'northwind-eu', query: { startTime: '2026-11-21' } }],
    ]);
    expect(JSON.stringify([requests(), effects()])).not.toContain('_facade');
    const state: unknown = await (await fetch(`${url}/_simulator/state`)).json();
    expect(state).toMatchObject({ requests: 3, effects: 1, api_keys: 9 });
  });
});

describe('a saved state', () => {
  it('goes on where it ended: people, keys, tokens, accounts, log and switches', async () => {
    const saves: (() => LaceworkSavedState)[] = [];
    const first = await simulate({ switches: { flags: 'boolean' }, onChange: (save) => saves.push(save) });
    const { token } = Object((await first.token()).json);
    const [jonas] = named((await first.call('GET', 'TeamMembers')).rows, JONAS);
    await first.call('DELETE', `TeamMembers/${String(jonas?.['userGuid'])}`);
    await first.call('POST', 'ApiKeys', { body: { enabled: 1, props: { description: 'new' } } });
    first.mutate({ op: 'set-model', account: 'northwind-eu', model: 'rbac' });
    first.mutate({ op: 'add-user', account: 'northwind-lab', email: 'new@northwind.example' });
    const paths = ['TeamMembers', 'ApiKeys', 'UserProfile', 'ResourceGroups', 'AuditLogs?startTime=2026-10-22'];
    const everything = async ({ call }: Pick<Caller, 'call'>) => [
      ...(await Promise.all(paths.map(async (path) => (await call('GET', path, { token })).text))),
      ...(await Promise.all([LAB, EUROPE].map(async (at) => (await call('GET', 'TeamUsers', { ...at, token })).text))),
    ];
    const before = await everything(first);
    const savedState: unknown = JSON.parse(JSON.stringify(saves.at(-1)?.()));
    const second = await simulate({ savedState, today: undefined });
    expect(await everything(second)).toEqual(before);
    expect(second.effects()).toEqual(first.effects());
    expect(second.credentials).toEqual(first.credentials);
    expect(second.switches().flags).toBe('boolean');
  });

  it('is refused where it cannot be read', async () => {
    await expect(simulate({ savedState: { version: 2 } })).rejects.toMatchObject({ details: { field: 'savedState' } });
  });
});

describe('the command', () => {
  it('prints where it is and how to connect, and closes when asked to end', async () => {
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
    const print = vi.fn<(line: string) => void>();
    const argv = ['--people', '30', '--sub-accounts', '0', '--json', '--switch', 'pageSize=10'];
    const run = runLaceworkSimulator(argv, { print, stopped: () => stopped });
    await vi.waitFor(() => expect(print).toHaveBeenCalledOnce());
    const { url, credentials } = JSON.parse(print.mock.calls[0]?.[0] ?? '');
    expect(credentials).toEqual({
      account: 'northwind',
      organization: 'no',
      key_id: expect.stringMatching(/^NORTHWIN_/),
      secret: expect.stringMatching(/^_facade/),
    });
    expect((await fetch(`${url}/api/v2/UserProfile`)).status).toBe(401);
    stop();
    await run;
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('names the option that is wrong before it starts anything, and helps', async () => {
    const print = vi.fn<(line: string) => void>();
    const run = (...argv: string[]) => runLaceworkSimulator(argv, { print, stopped: () => Promise.resolve() });
    await expect(run('--switch', 'emptyAudit=500')).rejects.toMatchObject({ details: { field: 'switch.emptyAudit' } });
    await expect(run('--switch', 'colour=red')).rejects.toMatchObject({ details: { field: 'switch.colour' } });
    await expect(run('--sub-accounts', 'many')).rejects.toMatchObject({ details: { field: 'sub-accounts' } });
    await run('--help');
    const help = print.mock.calls.flat().join('\n');
    expect(help).toContain('scopeMismatch=empty | forbidden');
    expect(help).toContain('rateLimitPerHour=480');
    expect(help).toContain('--sub-accounts <number>');
  });
});
