import { describe, expect, it } from 'vitest';
import type { AnyRecord, RecordOf } from '../../model/records.ts';
import { consoleDesk } from './testing/desk.ts';

const account = (records: readonly AnyRecord[], login: string): RecordOf<'account'> => {
  const found = records.filter((record) => record.kind === 'account').find(({ username }) => username === login);
  if (found === undefined) throw new Error(`There is no ${login}.`);
  return found;
};

/** Whom a resource is granted to and through what, as `7 role:x`. */
const holders = (records: readonly AnyRecord[], targetKey: string): string[] =>
  records
    .flatMap((record) => (record.kind === 'grant' && record.targetKey === targetKey ? [record] : []))
    .map(({ holderKey, path }) => `${holderKey} ${path}`.trim())
    .sort();

describe('the pull of a console', () => {
  it('maps users with role, flags, lock and where they sign in, and claims nothing the console does not tell', async () => {
    const { pull } = await consoleDesk();
    const { records } = await pull('users');
    expect(account(records, 'oskar.brandt')).toMatchObject({
      email: 'oskar.brandt@northwind.example',
      displayName: 'Oskar Brandt',
      status: 'active',
      isLocked: false,
      mfa: null,
      createdAt: null,
      roles: ['user'],
      extra: {
        allSites: false,
        allAssetGroups: false,
        superuser: false,
        authentication: { external: true, id: 3, name: 'corp-ad', type: 'ldap' },
        locale: { default: 'de-DE', reports: 'en-US' },
      },
      volatile: { lastLoginAt: null },
    });
    expect(account(records, 'rosa.delgado')).toMatchObject({ status: 'active', isLocked: true });
    expect(account(records, 'nxadmin')).toMatchObject({ status: 'disabled', email: null, roles: ['global-admin'] });
    expect(JSON.stringify(records)).not.toContain('/api/3/');
    const roles = records.filter((record) => record.kind === 'role');
    expect(roles.find(({ key }) => key === 'global-admin')).toMatchObject({ type: 'admin' });
    expect(roles.find(({ key }) => key === 'auditor')).toMatchObject({ extra: { privileges: [] } });
    const sources = records.filter((record) => record.kind === 'resource');
    expect(sources.map(({ key, name }) => `${key} ${name}`)).toContain('authentication_source:4 Northwind SSO');
  });

  it('tells access that was granted from access through a flag or a role', async () => {
    const { pull, simulator } = await consoleDesk({ sites: 24 });
    const { records } = await pull('users', 'sites', 'asset_groups');
    const key = (login: string): string => account(records, login).key;
    const site = records.find((record) => record.kind === 'resource' && record.name === 'Finance systems')?.key ?? '';
    expect(holders(records, site)).toEqual(
      expect.arrayContaining([
        key('oskar.brandt'),
        `${key('ada.okonkwo')} role:global-admin`,
        `${key('lena.fischer')} all_sites`,
        `${key('svc-scan')} all_sites`,
      ]),
    );
    const group = records.find((record) => record.kind === 'resource' && record.type === 'asset_group')?.key ?? '';
    expect(holders(records, group)).toContain(`${key('lena.fischer')} all_asset_groups`);
    simulator.mutate({
      op: 'set-user', login: 'noor.bakker',
      fields: { role: { id: 'company-reviewer', allSites: true, allAssetGroups: false, superuser: false }, sites: [] },
    }); // prettier-ignore
    const again = await pull('users', 'sites');
    expect(holders(again.records, site)).toContain(`${key('noor.bakker')} role:company-reviewer`);
  });

  it.each([
    { siteUsers: 'all' },
    { allSitesList: 'all' },
    { siteUserRole: 'whole' },
    { rolesWithoutPrivileges: 'off' },
  ])('is the same whatever a console lists for who sees all (%o)', async (switches) => {
    const one = await consoleDesk();
    const other = await consoleDesk({ switches });
    const all = ['users', 'sites', 'asset_groups'] as const;
    const keys = async ({ pull }: typeof one): Promise<string[]> =>
      (await pull(...all)).records.map(({ kind, key }) => `${kind} ${key}`).sort();
    expect(await keys(other)).toEqual(await keys(one));
  });

  it('asks once a site where there are more users than sites', async () => {
    const { pull, requestsOf } = await consoleDesk({ people: 60, sites: 5, assetGroups: 4 });
    const requests = await requestsOf(() => pull('users', 'sites', 'asset_groups'));
    expect(count(requests)).toEqual({
      getRoles: 1, getAuthenticationSources: 1, getUsers: 1, getSites: 1, getSiteUsers: 5, getAssetGroups: 1,
      getAssetGroupUsers: 4,
    }); // prettier-ignore
  });

  it('asks once a user where more sites than users have to be looked at, and finds the same', async () => {
    const few = await consoleDesk({ people: 25, sites: 60, assetGroups: 4 });
    const requests = count(await few.requestsOf(() => few.pull('users', 'sites')));
    expect(requests['getSiteUsers']).toBeUndefined();
    expect(requests['getUserSites']).toBeLessThan(60);
    const { records } = await few.pull('users', 'sites');
    const seen = await few.open.call('insightvm_list_site_access', { user: 'noor.bakker' });
    const noor = account(records, 'noor.bakker').key;
    const direct = records.flatMap((record) =>
      record.kind === 'grant' && record.holderKey === noor && record.targetKind === 'resource'
        ? [record.targetKey]
        : [],
    );
    expect(seen.data).toMatchObject({
      all_sites: false,
      sites: direct.map((key) => Number(key.slice(5))).sort((a, b) => a - b),
    });
    expect(direct).toHaveLength(3);
  });

  it('asks for second factors only where it is told to, once a user, and never keeps a seed', async () => {
    const { pull, requestsOf, open } = await consoleDesk({ people: 25, connection: { second_factors: 'ask' } });
    const { records } = await pull('users');
    const users = records.filter((record) => record.kind === 'account');
    expect(account(records, 'viktor.hansen').mfa).toEqual(['totp']);
    expect(account(records, 'oskar.brandt').mfa).toEqual([]);
    expect(count(await requestsOf(() => pull('users')))['getTwoFactorAuthenticationKey']).toBe(users.length);
    expect(JSON.stringify([records, open.traces])).not.toContain('JBSWY3DPEHPK3PXP');
  });

  it('is partial, and says why, where the console hides things from the login', async () => {
    const { pull } = await consoleDesk({ login: 'mei-ling.chu', sites: 24 });
    const { records, ends } = await pull('users', 'sites');
    expect(records.filter(({ kind }) => kind === 'account')).toEqual([]);
    expect(ends).toEqual([
      {
        isComplete: false,
        reason:
          'The console hides this list from the login mei-ling.chu: it answered getUsers with 404, as if there were none.',
      },
      {
        isComplete: false,
        reason:
          'The login mei-ling.chu is no Global Administrator: the console shows it 1 site, and hides those it may not see.',
      },
    ]);
  });

  it('says who is signed in, and what a lesser login is shown', async () => {
    const whole = await consoleDesk();
    const probe = await whole.open.probe();
    expect(probe.capabilities).toEqual([
      'asset_groups', 'authentication_sources', 'global_administrator', 'roles', 'sites', 'users',
    ]); // prettier-ignore
    expect(probe.notes).toContain('Signed in as ada.okonkwo (id 2), a Global Administrator.');
    const lesser = await consoleDesk({ login: 'mei-ling.chu', sites: 24 });
    const { capabilities, notes } = await lesser.open.probe();
    expect(capabilities).not.toContain('users');
    expect(notes).toContain(
      'The login mei-ling.chu is no Global Administrator: the console hides users from it, and 1 site and 0 asset groups are all it shows.',
    );
  });
});

function count(operations: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(operations, (name) => name)].map(([name, all]) => [name, all.length]));
}
