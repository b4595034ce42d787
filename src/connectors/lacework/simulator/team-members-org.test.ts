import { describe, expect, it } from 'vitest';
import { type Caller, simulate, type Wire } from './testing/caller.ts';

const ORG = { headers: { 'Org-Access': 'true' } };
const LENA = 'lena.hart@northwind.example';
const JONAS = 'jonas.lind@northwind.example';
const body = (more: object = {}) => ({
  userName: LENA,
  userEnabled: 1,
  props: { firstName: 'Lena', lastName: 'Hart', company: 'Northwind' },
  adminRoleAccounts: [],
  userRoleAccounts: [],
  ...more,
});

interface OrgRow {
  readonly guid: string;
  readonly admin: unknown;
  readonly enabled: unknown;
  readonly orgUser: unknown;
}

/** A person's rows, by account name. */
async function rowsOf({ call }: Pick<Caller, 'call'>, value: string): Promise<Readonly<Record<string, OrgRow>>> {
  const filters = [{ field: 'userName', expression: 'eq', value }];
  const { rows } = await call('POST', 'TeamMembers/search', { ...ORG, body: { filters } });
  const profile = Object((await call('GET', 'UserProfile')).rows[0]);
  const names = new Map<unknown, string>(
    profile.accounts.map((entry: Wire) => [entry['custGuid'], entry['accountName']]),
  );
  return Object.fromEntries(
    rows.map(({ custGuid, userGuid, userEnabled, props }) => [
      names.get(custGuid),
      {
        guid: String(userGuid),
        admin: Object(props).accountAdmin,
        enabled: userEnabled,
        orgUser: Object(props).orgUser,
      },
    ]),
  );
}

describe('a person in the organization', () => {
  it('gets a row for each account and one mail, and is told as an object without props', async () => {
    const simulator = await simulate();
    const { status, object } = await simulator.call('POST', 'TeamMembers', {
      ...ORG,
      body: body({ adminRoleAccounts: ['NORTHWIND-EU'], userRoleAccounts: ['northwind'] }),
    });
    expect(status).toBe(201);
    expect(object).toMatchObject({
      username: LENA,
      orgAccount: true,
      url: 'northwind.lacework.net',
      orgAdmin: false,
      orgUser: false,
      accounts: [
        { accountName: 'NORTHWIND', admin: false, userEnabled: 1 },
        { accountName: 'NORTHWIND-EU', admin: true, userEnabled: 1 },
      ],
    });
    expect(Object.keys(object).toSorted()).toEqual([
      'accounts',
      'orgAccount',
      'orgAdmin',
      'orgUser',
      'url',
      'username',
    ]);
    expect(simulator.effects().filter(({ kind }) => kind === 'mail.invitation')).toHaveLength(1);
    expect(await rowsOf(simulator, LENA)).toMatchObject({
      NORTHWIND: { admin: false },
      'NORTHWIND-EU': { admin: true },
    });
    expect((await simulator.call('POST', 'TeamMembers', { ...ORG, body: body({ orgUser: true }) })).status).toBe(409);
  });

  it('is in every account with a role in the organization: as administrator, or as user but where listed', async () => {
    const simulator = await simulate();
    const create = (more: object) => simulator.call('POST', 'TeamMembers', { ...ORG, body: body(more) });
    const admin = await create({ orgAdmin: true, userRoleAccounts: ['NORTHWIND'] });
    expect(admin.object).toMatchObject({ orgAdmin: true, accounts: [{ admin: true }, { admin: true }, { admin: true }] });
    const user = await create({ userName: 'ola.nordmann@northwind.example', orgUser: true, adminRoleAccounts: ['NORTHWIND-EU'] });
    expect(user.object).toMatchObject({ orgUser: true, accounts: [{ admin: false }, { admin: true }, { admin: false }] });
    const lab = await simulator.call('GET', 'TeamUsers', { headers: { 'Account-Name': 'northwind-lab' } });
    const access = new Map(lab.rows.map(({ email, orgAccess }) => [email, orgAccess]));
    expect([access.get(LENA), access.get('ola.nordmann@northwind.example')]).toEqual(['ORG_ADMIN', 'ORG_USER']);
  }); // prettier-ignore

  it('is refused without any role, with an account in both lists, and with accounts that cannot be listed', async () => {
    const { call } = await simulate();
    const create = async (more: object) => (await call('POST', 'TeamMembers', { ...ORG, body: body(more) })).message;
    expect(await create({})).toContain('no role in any account');
    expect(await create({ adminRoleAccounts: ['NORTHWIND'], userRoleAccounts: ['northwind'] })).toContain(
      'both role lists',
    );
    expect(await create({ userRoleAccounts: ['SOUTHWIND'] })).toContain('does not exist');
    expect(await create({ userRoleAccounts: ['NORTHWIND-LAB'] })).toContain('does not use the TeamMembers API');
    expect(await create({ adminRoleAccounts: undefined })).toBe('Invalid adminRoleAccounts');
  });

  it('gets other GUIDs with other roles, unless switched; absent roles stay', async () => {
    const simulator = await simulate();
    const before = await rowsOf(simulator, JONAS);
    const guid = before['NORTHWIND']?.guid ?? '';
    const patch = (at: string, more: object) => simulator.call('PATCH', `TeamMembers/${at}`, { ...ORG, body: more });
    expect((await patch(guid, { props: { firstName: 'Jon' } })).status).toBe(200);
    expect((await rowsOf(simulator, JONAS))['NORTHWIND']?.guid).toBe(guid);
    const roles = {
      orgAdmin: false,
      orgUser: false,
      adminRoleAccounts: ['NORTHWIND'],
      userRoleAccounts: ['NORTHWIND-EU'],
    };
    const answered = await patch(guid, { ...roles, props: { firstName: 'Jonas', lastName: 'Lind' } });
    const after = await rowsOf(simulator, JONAS);
    expect(after).toMatchObject({
      NORTHWIND: { admin: true, enabled: 1 },
      'NORTHWIND-EU': { admin: false, enabled: 0 },
    });
    expect(after['NORTHWIND']?.guid).not.toBe(guid);
    expect(answered.object).toMatchObject({ accounts: [{ userGuid: after['NORTHWIND']?.guid }, {}] });
    expect((await patch(guid, roles)).status).toBe(404);
    const changes = simulator.effects().length;
    expect((await patch(after['NORTHWIND']?.guid ?? '', roles)).status).toBe(200);
    expect(await rowsOf(simulator, JONAS)).toEqual(after);
    expect(simulator.effects()).toHaveLength(changes);
    simulator.setSwitches({ newGuidOnRoleChange: 'off' });
    await patch(after['NORTHWIND']?.guid ?? '', { ...roles, userRoleAccounts: [] });
    const last = await rowsOf(simulator, JONAS);
    expect(last).toEqual({ NORTHWIND: after['NORTHWIND'] });
  });

  it('is left as they are by a change that is refused', async () => {
    const simulator = await simulate();
    const before = await rowsOf(simulator, JONAS);
    const more = { userEnabled: 0, props: { firstName: 'Jon' }, adminRoleAccounts: [], userRoleAccounts: [] };
    const path = `TeamMembers/${before['NORTHWIND']?.guid ?? ''}`;
    const refused = await simulator.call('PATCH', path, { ...ORG, body: more });
    expect(refused).toMatchObject({ status: 400, message: 'Invalid request: the user has no role in any account' });
    expect(await rowsOf(simulator, JONAS)).toEqual(before);
    expect(simulator.effects()).toEqual([]);
  });

  it('is promoted into every account and demoted out of those nothing else keeps them in', async () => {
    const simulator = await simulate();
    const patch = async (more: object) => {
      const { NORTHWIND } = await rowsOf(simulator, 'ibrahim.sesay@northwind.example');
      const { object } = await simulator.call('PATCH', `TeamMembers/${NORTHWIND?.guid ?? ''}`, { ...ORG, body: more });
      return Object(object).accounts.map((entry: Wire) => [entry['accountName'], entry['admin']]);
    };
    expect(await patch({ orgUser: true })).toEqual([
      ['NORTHWIND', true],
      ['NORTHWIND-EU', false],
      ['NORTHWIND-LAB', true],
    ]);
    // The lab's groups were his own: they keep him there.
    expect(await patch({ orgUser: false, userRoleAccounts: ['NORTHWIND'] })).toEqual([
      ['NORTHWIND', false],
      ['NORTHWIND-LAB', true],
    ]);
  });

  it('is enabled and disabled in all accounts, in one, or not at all, as switched', async () => {
    const simulator = await simulate();
    const enabled = async (orgEnable: string, userEnabled: number) => {
      simulator.setSwitches({ orgEnable });
      const { NORTHWIND } = await rowsOf(simulator, JONAS);
      await simulator.call('PATCH', `TeamMembers/${NORTHWIND?.guid ?? ''}`, { ...ORG, body: { userEnabled } });
      const after = await rowsOf(simulator, JONAS);
      return [after['NORTHWIND']?.enabled, after['NORTHWIND-EU']?.enabled];
    };
    expect(await enabled('ignored', 0)).toEqual([1, 0]);
    expect(await enabled('all', 1)).toEqual([1, 1]);
    expect(await enabled('row', 0)).toEqual([0, 1]);
  });

  it('is deleted a row at a time, or whole where switched', async () => {
    const simulator = await simulate();
    const remove = async () => {
      const [row] = Object.values(await rowsOf(simulator, JONAS));
      return (await simulator.call('DELETE', `TeamMembers/${row?.guid ?? ''}`, ORG)).status;
    };
    expect(await remove()).toBe(204);
    expect(Object.keys(await rowsOf(simulator, JONAS))).toEqual(['NORTHWIND-EU']);
    expect(await remove()).toBe(204);
    expect(await rowsOf(simulator, JONAS)).toEqual({});
    simulator.setSwitches({ orgDelete: 'person' });
    const { NORTHWIND } = await rowsOf(simulator, 'chris.lee2@northwind.example');
    await simulator.call('DELETE', `TeamMembers/${NORTHWIND?.guid ?? ''}`, ORG);
    expect(await rowsOf(simulator, 'chris.lee2@northwind.example')).toEqual({});
  });

  it('is told under userName where switched, as the reference spells it', async () => {
    const simulator = await simulate({ switches: { orgNameKey: 'userName' } });
    const { NORTHWIND } = await rowsOf(simulator, JONAS);
    const { object } = await simulator.call('GET', `TeamMembers/${NORTHWIND?.guid ?? ''}`, ORG);
    expect(object).toMatchObject({ userName: JONAS, accounts: [{ userEnabled: 1 }, { userEnabled: 0 }] });
    expect(object).not.toHaveProperty('username');
  });
});
