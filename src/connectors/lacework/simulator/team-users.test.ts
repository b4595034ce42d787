import { describe, expect, it } from 'vitest';
import { type Caller, simulate, type Wire } from './testing/caller.ts';

const LAB = { headers: { 'Account-Name': 'northwind-lab' } };
const READERS = 'LACEWORK_USER_GROUP_READ_ONLY_USER';
const NOOR = 'noor.bakker@northwind.example';
const body = { type: 'StandardUser', name: 'Lena Hart', email: 'lena.hart@northwind.example', company: 'Northwind' };

async function userOf({ call }: Pick<Caller, 'call'>, email: string): Promise<Wire> {
  const { rows } = await call('GET', 'TeamUsers', LAB);
  return rows.find((row) => row['email'] === email || row['name'] === email) ?? {};
}

describe('a team user', () => {
  it('has exactly the known fields: a person with an address, a service user with a description', async () => {
    const simulator = await simulate();
    expect(await userOf(simulator, NOOR)).toEqual({
      userGuid: expect.stringMatching(/^NORTHWIN_[0-9A-F]{47}$/),
      type: 'StandardUser',
      name: 'Noor Bakker',
      email: NOOR,
      company: 'Northwind Trading',
      userEnabled: 1,
      userGroups: [
        { userGroupGuid: READERS, userGroupName: 'Read-only user' },
        { userGroupGuid: expect.stringMatching(/^group[0-9A-F]{32}$/), userGroupName: 'Support viewers' },
      ],
      lastLoginTime: Date.parse('2026-11-20T17:00:00Z'),
      orgAccess: 'NO_ORG_ACCESS',
    });
    expect(await userOf(simulator, 'svc-scan')).toEqual({
      userGuid: expect.any(String),
      type: 'ServiceUser',
      name: 'svc-scan',
      description: 'Nightly scans; asked for by Sam Adeyemi, Security',
      userEnabled: 1,
      userGroups: [{ userGroupGuid: 'LACEWORK_USER_GROUP_ADMIN', userGroupName: 'Admin' }],
      lastLoginTime: 0,
      orgAccess: 'NO_ORG_ACCESS',
    });
  });

  it('is of one account: there is no organization to ask for, nor an account without RBAC', async () => {
    const { call } = await simulate();
    const asked = await call('GET', 'TeamUsers', {
      headers: { 'Org-Access': 'true', 'Account-Name': 'northwind-lab' },
    });
    expect(asked.rows).toEqual((await call('GET', 'TeamUsers', LAB)).rows);
    expect(await call('GET', 'TeamUsers')).toMatchObject({
      status: 403,
      message: 'TeamUsers API is not available for this account',
    });
    expect((await call('POST', 'TeamUsers/search', { ...LAB, body: {} })).status).toBe(405);
  });

  it('is created without any group and with a mail, put into groups, and taken out again', async () => {
    const simulator = await simulate();
    const { call, effects } = simulator;
    const created = await call('POST', 'TeamUsers', { ...LAB, body });
    expect(created).toMatchObject({ status: 201, object: { userGroups: [], lastLoginTime: 0, userEnabled: 1 } });
    const userGuids = [created.object['userGuid']];
    const change = (action: string, group: string, guids: unknown = userGuids) =>
      call('POST', `UserGroups/${group}/${action}`, { ...LAB, body: { userGuids: guids } });
    const added = await change('addUsers', READERS);
    expect(added).toMatchObject({ status: 200, json: { data: { userGuids, userGroupGuid: READERS } } });
    expect((await change('addUsers', READERS)).status).toBe(200);
    expect((await userOf(simulator, body.email))['userGroups']).toHaveLength(1);
    expect((await change('removeUsers', READERS)).json).toEqual({ data: { userGuids, userGroupGuid: READERS } });
    expect((await change('removeUsers', READERS)).status).toBe(200);
    expect((await userOf(simulator, body.email))['userGroups']).toEqual([]);
    expect((await change('addUsers', READERS, ['fake'])).status).toBe(400);
    expect((await change('addUsers', 'groupX')).status).toBe(400);
    expect((await change('addUsers', READERS, [])).status).toBe(400);
    expect((await change('addUsers', READERS, [''])).status).toBe(400);
    expect(effects().map(({ kind }) => kind)).toEqual([
      'user.created',
      'mail.invitation',
      'group.added',
      'group.removed',
    ]);
  });

  it('cannot change address, company or kind; a service user has a description to change', async () => {
    const simulator = await simulate();
    const { call } = simulator;
    const patch = async (who: string, more: object) => {
      const path = `TeamUsers/${String((await userOf(simulator, who))['userGuid'])}`;
      return call('PATCH', path, { ...LAB, body: more });
    };
    expect((await patch(NOOR, { name: 'Noor de Bakker', userEnabled: 0 })).object).toMatchObject({
      name: 'Noor de Bakker',
      userEnabled: 0,
    });
    for (const key of ['email', 'company', 'type', 'description']) {
      expect((await patch(NOOR, { [key]: 'x' })).message).toBe(`key ${key} is unrecognized`);
    }
    expect((await patch('svc-scan', { description: 'Owned by Lena Fischer' })).object).toMatchObject({
      description: 'Owned by Lena Fischer',
    });
  });

  it('who is administrator of the organization is not for the account to change', async () => {
    const simulator = await simulate();
    const ada = await userOf(simulator, 'ada.okonkwo@northwind.example');
    expect(ada['orgAccess']).toBe('ORG_ADMIN');
    const path = `TeamUsers/${String(ada['userGuid'])}`;
    expect((await simulator.call('PATCH', path, { ...LAB, body: { userEnabled: 0 } })).status).toBe(403);
    expect((await simulator.call('DELETE', path, LAB)).status).toBe(403);
  });

  it('that is a service user takes its keys along when it is deleted, and needs no address', async () => {
    const simulator = await simulate();
    const { call, token } = simulator;
    const made = await call('POST', 'TeamUsers', {
      ...LAB,
      body: { type: 'ServiceUser', name: 'svc-new', description: 'x' },
    });
    expect(made.object).toMatchObject({ type: 'ServiceUser', description: 'x', userGroups: [] });
    const wrong = await call('POST', 'TeamUsers', { ...LAB, body: { ...body, type: 'ServiceUser' } });
    expect(wrong).toMatchObject({ status: 400, message: 'key email is unrecognized' });
    expect((await call('POST', 'TeamUsers', { ...LAB, body: { ...body, type: 'Robot' } })).status).toBe(400);
    const scan = await userOf(simulator, 'svc-scan');
    const credentials = simulator.credentialsOf('labServiceUser');
    expect((await token(credentials)).status).toBe(201);
    expect((await call('DELETE', `TeamUsers/${String(scan['userGuid'])}`, LAB)).status).toBe(204);
    expect((await token(credentials)).status).toBe(401);
    expect(simulator.effects().some(({ kind }) => kind === 'mail.invitation')).toBe(false);
  });
});
