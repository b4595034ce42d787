import { describe, expect, it } from 'vitest';
import { simulate } from './testing/caller.ts';

describe('who a key is', () => {
  it('is its owner, with every account they can reach and exactly the known fields', async () => {
    const { call } = await simulate();
    const { status, rows } = await call('GET', 'UserProfile');
    expect(status).toBe(200);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      username: 'ada.okonkwo@northwind.example',
      orgAccount: true,
      url: 'northwind.lacework.net',
      orgAdmin: true,
      orgUser: false,
    });
    const accounts = rows[0]?.['accounts'];
    expect(accounts).toEqual(
      ['NORTHWIND', 'NORTHWIND-EU', 'NORTHWIND-LAB'].map((accountName) => ({
        admin: true,
        accountName,
        custGuid: expect.stringMatching(/^NORTHWIN_[0-9A-F]{47}$/),
        userGuid: expect.stringMatching(/^NORTHWIN_[0-9A-F]{47}$/),
        userEnabled: 1,
      })),
    );
    expect((await call('GET', 'OrganizationInfo')).json).toEqual({
      data: [{ orgAccount: true, orgAccountUrl: 'northwind.lacework.net' }],
    });
  });

  it('is a service user of one account, whose name stands for an address', async () => {
    const { call } = await simulate();
    const { rows } = await call('GET', 'UserProfile', { as: 'labServiceUser' });
    expect(rows).toMatchObject([
      { username: 'svc-scan', orgAdmin: false, accounts: [{ accountName: 'NORTHWIND-LAB' }] },
    ]);
  });

  it('says so where there is no organization', async () => {
    const { call } = await simulate({ subAccounts: 0 });
    expect((await call('GET', 'UserProfile')).rows).toMatchObject([
      { orgAccount: false, orgAdmin: false, accounts: [{ accountName: 'NORTHWIND', admin: true }] },
    ]);
    expect((await call('GET', 'OrganizationInfo')).json).toEqual({ data: [{ orgAccount: false }] });
  });

  it('comes as a bare list where switched, as the reference shows it', async () => {
    const { call } = await simulate({ switches: { profileEnvelope: 'bare' } });
    expect((await call('GET', 'UserProfile')).json).toMatchObject([{ username: 'ada.okonkwo@northwind.example' }]);
    expect((await call('GET', 'OrganizationInfo')).json).toMatchObject([{ orgAccount: true }]);
  });
});
