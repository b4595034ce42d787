import { describe, expect, it } from 'vitest';
import { simulate } from './testing/caller.ts';

describe('API keys, as a guide tells of them', () => {
  it('are listed by account, without secrets or owners', async () => {
    const { call } = await simulate();
    const { rows, text } = await call('GET', 'ApiKeys');
    expect(rows).toHaveLength(6);
    expect(rows[2]).toEqual({
      keyId: expect.stringMatching(/^NORTHWIN_[0-9A-F]{47}$/),
      enabled: 1,
      props: { description: 'CI pipeline, Ibrahim Sesay, made 2025-10-17' },
    });
    expect(text).toContain('Terraform state, Jonas Lind');
    expect(rows.filter(({ enabled }) => enabled === 0)).toHaveLength(1);
    expect(text).not.toContain('_facade');
    const lab = await call('GET', 'ApiKeys', { headers: { 'Account-Name': 'northwind-lab' } });
    expect(lab.rows).toHaveLength(1);
    expect((await call('GET', 'ApiKeys', { as: 'serviceUser' })).status).toBe(403);
  });

  it('are made of whoever asks; the secret is told once and works', async () => {
    const { call, token } = await simulate();
    const body = { enabled: 1, props: { description: 'Automation key' } };
    const { status, object } = await call('POST', 'ApiKeys', { body });
    expect(status).toBe(201);
    expect(object).toEqual({ keyId: expect.any(String), secret: expect.stringMatching(/^_facade/), enabled: 1 });
    const made = { account: 'northwind', keyId: String(object['keyId']), secret: String(object['secret']) };
    const { token: fresh } = Object((await token(made)).json);
    expect((await call('GET', 'UserProfile', { token: fresh })).rows).toMatchObject([
      { username: 'ada.okonkwo@northwind.example' },
    ]);
    expect((await call('GET', 'ApiKeys')).text).not.toContain(made.secret);
  });

  it('may lock their own user out: nothing keeps a caller from it', async () => {
    const { call, token, credentials, setSwitches } = await simulate();
    setSwitches({ disableKillsTokens: 'off' });
    const path = `ApiKeys/${credentials.keyId}`;
    const disabled = await call('PATCH', path, { body: { enabled: 0 } });
    expect(disabled.json).toEqual({ data: { keyId: credentials.keyId, enabled: 0 } });
    expect((await token()).status).toBe(401);
    expect((await call('PATCH', path, { body: { enabled: 1 } })).status).toBe(200);
    setSwitches({ disableKillsTokens: 'on' });
    expect((await call('PATCH', path, { body: { enabled: 0 } })).status).toBe(200);
    expect((await call('GET', 'UserProfile')).status).toBe(401);
  });

  it('die with their tokens when they are deleted', async () => {
    const { call, credentialsOf, effects } = await simulate();
    const { keyId } = credentialsOf('accountAdmin');
    expect((await call('GET', 'UserProfile', { as: 'accountAdmin' })).status).toBe(200);
    const deleted = await call('DELETE', `ApiKeys/${keyId}`);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect((await call('GET', 'UserProfile', { as: 'accountAdmin' })).status).toBe(401);
    expect((await call('DELETE', `ApiKeys/${keyId}`)).status).toBe(404);
    expect(effects()).toMatchObject([{ kind: 'key.deleted', subject: keyId }]);
  });

  it('are twenty a user at most, and take integers only', async () => {
    const { call } = await simulate();
    const create = async (body: object) => (await call('POST', 'ApiKeys', { body })).status;
    expect(await create({ enabled: true })).toBe(400);
    expect(await create({ enabled: 1, secret: 'mine' })).toBe(400);
    for (let made = 1; made < 20; made++) expect(await create({ enabled: 1 })).toBe(201);
    expect(await create({ enabled: 1 })).toBe(409);
  });

  it('are not there at all where switched: the address is not known', async () => {
    const { call } = await simulate({ switches: { apiKeysEndpoint: 'absent' } });
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? { body: { enabled: 1 } } : {};
      expect(await call(method, 'ApiKeys', body)).toMatchObject({ status: 403, message: 'Unrecognized url' });
    }
  });
});

describe('agent access tokens', () => {
  it('are listed, found, made, disabled and never deleted', async () => {
    const { call } = await simulate();
    const { rows } = await call('GET', 'AgentAccessTokens');
    expect(rows[0]).toEqual({
      accessToken: expect.stringMatching(/^[0-9a-f]{48}$/),
      createdTime: '2024-09-12T17:00:00.000Z',
      props: {
        createdTime: '2024-09-12T17:00:00.000Z',
        description: 'Agents of the web servers',
        os: 'Linux',
        subscription: 'Professional',
      },
      tokenAlias: 'web servers',
      tokenEnabled: 1,
      version: '0.1',
    });
    const filters = [{ field: 'tokenEnabled', expression: 'eq', value: 0 }];
    const found = await call('POST', 'AgentAccessTokens/search', { body: { filters } });
    expect(found.rows).toMatchObject([{ tokenAlias: 'build machines' }]);
    const made = await call('POST', 'AgentAccessTokens', { body: { tokenAlias: 'new', tokenEnabled: 1 } });
    const path = `AgentAccessTokens/${String(made.object['accessToken'])}`;
    expect(made.status).toBe(201);
    expect((await call('PATCH', path, { body: { tokenEnabled: 0 } })).object).toMatchObject({ tokenEnabled: 0 });
    expect((await call('GET', path)).object).toMatchObject({ tokenEnabled: 0, tokenAlias: 'new' });
    expect((await call('DELETE', path)).status).toBe(405);
  });
});

describe('resource groups', () => {
  it('are as since 2023, or as before where switched', async () => {
    const { call, setSwitches } = await simulate();
    const { rows } = await call('GET', 'ResourceGroups');
    expect(rows).toHaveLength(3);
    expect(rows[1]).toMatchObject({
      resourceGroupGuid: expect.any(String),
      name: 'Production AWS',
      resourceType: 'AWS',
      enabled: 1,
      isDefaultBoolean: false,
      query: { expression: { operator: 'AND' } },
    });
    expect((await call('GET', 'ResourceGroups', { headers: { 'Org-Access': 'true' } })).rows).toHaveLength(5);
    setSwitches({ resourceGroupShape: 'old' });
    const older = await call('GET', 'ResourceGroups');
    expect(older.rows[1]).toMatchObject({
      resourceGuid: rows[1]?.['resourceGroupGuid'],
      resourceName: 'Production AWS',
      isDefault: 0,
      isDefaultInteger: 0,
      props: { updatedBy: expect.any(String) },
    });
  });

  it('are made, found, changed and deleted, but for the default ones', async () => {
    const { call } = await simulate();
    const body = { name: 'Till machines', resourceType: 'MACHINE', enabled: 1, query: { filters: {} } };
    const made = await call('POST', 'ResourceGroups', { body });
    expect(made.status).toBe(201);
    const path = `ResourceGroups/${String(made.object['resourceGroupGuid'])}`;
    expect((await call('PATCH', path, { body: { enabled: 0 } })).object).toMatchObject({ enabled: 0 });
    const filters = [{ field: 'name', expression: 'like', value: 'Till%' }];
    expect((await call('POST', 'ResourceGroups/search', { body: { filters } })).rows).toHaveLength(1);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
    const [first] = (await call('GET', 'ResourceGroups')).rows;
    expect((await call('DELETE', `ResourceGroups/${String(first?.['resourceGroupGuid'])}`)).status).toBe(400);
  });
});

describe('schemas', () => {
  it('are bare lists of names and types, whichever user model an account has', async () => {
    const { call } = await simulate();
    expect((await call('GET', 'schemas')).json).toContain('TeamUsers');
    expect((await call('GET', 'schemas/AuditLogs')).json).toContainEqual({ name: 'createdTime', type: 'integer' });
    expect((await call('GET', 'schemas/TeamUsers/list')).status).toBe(200);
    expect((await call('GET', 'schemas/toString')).status).toBe(404);
  });
});
