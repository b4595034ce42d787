import { describe, expect, it } from 'vitest';
import { failureOf } from '../../connector-kit/testkit/seen.ts';
import { newAccountSubject } from '../../model/changes.ts';
import { lacework } from './index.ts';
import { startWriting } from './testing/writing.ts';

const ADA = 'ada.okonkwo@northwind.example';
const OSKAR = 'oskar.brandt@northwind.example';
const NOOR = 'noor.bakker@northwind.example';
/** In the primary account, in Europe and in the laboratory. */
const CHRIS = 'chris.lee2@northwind.example';
const LENA = 'lena.fischer@northwind.example';
const LATE = 'late.comer@northwind.example';

describe('disabling somebody in every account', () => {
  it.each([
    ['all', ['TeamUsers.update', 'TeamMembers.update']],
    ['row', ['TeamUsers.update', 'TeamMembers.update', 'TeamMembers.update']],
    ['ignored', ['TeamUsers.update', 'TeamMembers.update', 'TeamMembers.update', 'TeamMembers.update']],
  ] as const)('asks the organization once, and each row it did not reach (%s)', async (orgEnable, asked) => {
    await using writing = await startWriting({ switches: { orgEnable } });
    const done = await writing.carry(await writing.plan('lacework_disable_user', { user: CHRIS }));
    expect(done).toMatchObject({ results: [{ kind: 'taken' }], isSo: [true], asked });
    expect(done.effects).toEqual(Array.from({ length: 3 }, () => `user.updated ${CHRIS}`));
    const back = await writing.carry(await writing.plan('lacework_enable_user', { user: CHRIS }));
    expect(back).toMatchObject({ isSo: [true], asked });
  });

  it('leaves the others alone where only some are named', async () => {
    await using writing = await startWriting();
    const plan = await writing.plan('lacework_disable_user', { user: CHRIS, sub_accounts: ['Northwind-EU'] });
    const { isSo, effects, after } = await writing.carry(plan);
    expect({ isSo, effects }).toEqual({ isSo: [true], effects: [`user.updated ${CHRIS}`] });
    expect(after[0]?.account?.status).toBe('active');
  });

  it('changes nothing where one account lets nobody change an administrator of the organization', async () => {
    await using writing = await startWriting();
    const { results, effects } = await writing.carry(await writing.plan('lacework_delete_user', { user: ADA }));
    expect(results).toMatchObject([{ kind: 'refused', error: { kind: 'permission' } }]);
    expect(effects).toEqual([]);
  });
});

describe('deleting', () => {
  it('takes a user who is still listed for a while for deleted once the list says so', async () => {
    await using writing = await startWriting({ switches: { deleteLagMs: 60_000 } });
    const drafts = await writing.plan('lacework_delete_user', { user: OSKAR });
    const { results, isSo } = await writing.carry(drafts);
    expect({ results, isSo }).toEqual({ results: [{ kind: 'taken' }], isSo: [false] });
    writing.simulator.clock.advance(61_000);
    expect((await writing.carry(drafts)).isSo).toEqual([true]);
  });
});

describe('onboarding', () => {
  const oskar = { email: OSKAR, given_name: 'Oskar', family_name: 'Brandt' };

  it('gives somebody who is there a role in the organization, and what they have stays', async () => {
    await using writing = await startWriting();
    const drafts = await writing.plan('lacework_onboard_user', {
      ...oskar, organization_role: 'org_user', sub_accounts: [{ name: 'northwind', role: 'admin' }],
    }); // prettier-ignore
    expect(drafts).toMatchObject([
      { change: 'set_organization_access', params: { role: 'org_user', adminOf: ['northwind'], userOf: [] } },
    ]);
    const { isSo, after } = await writing.carry(drafts);
    expect(isSo).toEqual([true]);
    expect(after[0]?.account?.roles).toEqual(expect.arrayContaining(['admin', 'org_user']));
  });

  it('takes no role away that is more than what is asked for', async () => {
    await using writing = await startWriting();
    const ada = { email: ADA, given_name: 'Ada', family_name: 'Okonkwo' };
    const asked = { ...ada, organization_role: 'org_user', sub_accounts: [{ name: 'northwind', role: 'user' }] };
    expect(await failureOf(writing.plan('lacework_onboard_user', asked))).toMatchObject({
      kind: 'conflict',
      message: `${ADA} has all of this already.`,
    });
  });

  it('makes somebody in a further account of the older model, and as administrator where they are a user', async () => {
    await using writing = await startWriting();
    const drafts = await writing.plan('lacework_onboard_user', {
      ...oskar,
      sub_accounts: [
        { name: 'northwind', role: 'user' },
        { name: 'northwind-eu', role: 'admin' },
      ],
    });
    expect(drafts.map(({ change }) => change)).toEqual(['create_in_account', 'make_account_admin']);
    const { isSo, effects } = await writing.carry(drafts);
    expect(isSo).toEqual([true, true]);
    expect(effects).toEqual([`user.created ${OSKAR}`, `mail.invitation ${OSKAR}`, `user.updated ${OSKAR}`]);
  });

  it('leaves out groups somebody is in already', async () => {
    await using writing = await startWriting();
    const noor = { email: NOOR, given_name: 'Noor', family_name: 'Bakker' };
    const inLab = { ...noor, sub_accounts: [{ name: 'northwind-lab', role: 'read_only_user' }] };
    await expect(writing.plan('lacework_onboard_user', inLab)).rejects.toMatchObject({ kind: 'conflict' });
  });

  it.each(['409', '400'] as const)(
    'meets somebody who was made in the meantime (%s) as one that is there',
    async (duplicate) => {
      await using writing = await startWriting({ switches: { duplicate } });
      const drafts = await writing.plan('lacework_create_user', {
      email: LATE, given_name: 'Late', family_name: 'Comer', sub_accounts: [{ name: 'northwind-lab', role: 'power_user' }],
    }); // prettier-ignore
      writing.simulator.mutate({ op: 'add-user', account: 'NORTHWIND-LAB', email: LATE, name: 'Late Comer' });
      const { results, isSo, effects } = await writing.carry(drafts);
      expect(results[0]).toMatchObject({ kind: 'refused' });
      expect(isSo[0]).toBe(true);
      expect(effects).toEqual([]);
    },
  );
});

describe('sending an invitation again', () => {
  it('gives back access in both user models, under other ids', async () => {
    await using writing = await startWriting();
    const { simulator } = writing;
    const late = { email: LATE, name: 'Late Comer' };
    simulator.mutate({ op: 'add-user', account: 'NORTHWIND-EU', admin: true, ...late });
    simulator.mutate({ op: 'add-user', account: 'NORTHWIND-LAB', ...late });
    const drafts = await writing.plan('lacework_resend_invitation', { user: LATE });
    const [before] = drafts;
    const { isSo, results, after, effects } = await writing.carry(drafts);
    expect(results.map(({ kind }) => kind)).toEqual(drafts.map(() => 'taken'));
    expect(isSo).toEqual(drafts.map(() => true));
    expect(after[0]?.account?.roles).toEqual(before?.before?.account?.roles);
    expect(after[0]?.grants.map(({ key }) => key)).toEqual(before?.before?.grants.map(({ key }) => key));
    expect(effects.filter((effect) => effect === `mail.invitation ${LATE}`)).toHaveLength(2);
  });

  it('of somebody in RBAC alone and in no group makes them there alone', async () => {
    await using writing = await startWriting();
    writing.simulator.mutate({ op: 'add-user', account: 'NORTHWIND-LAB', email: LATE, name: 'Late Comer' });
    writing.simulator.mutate({ op: 'set-groups', account: 'NORTHWIND-LAB', user: LATE, groups: [] });
    const drafts = await writing.plan('lacework_resend_invitation', { user: LATE });
    expect(drafts.map(({ change }) => change)).toEqual(['withdraw_invitation', 'recreate_in_account']);
  });

  it('deletes nobody who has signed in since', async () => {
    await using writing = await startWriting();
    writing.simulator.mutate({ op: 'add-user', account: 'NORTHWIND-EU', email: LATE, name: 'Late Comer' });
    const drafts = await writing.plan('lacework_resend_invitation', { user: LATE });
    writing.simulator.mutate({ op: 'sign-in', user: LATE });
    const { results, effects } = await writing.carry(drafts.slice(0, 1));
    expect(results).toMatchObject([
      {
        kind: 'refused',
        error: {
          kind: 'stale',
          message: `${LATE} is active in sub-account northwind-eu by now; nothing was called.`,
        },
      },
    ]);
    expect(effects).toEqual([]);
  });

  it('is refused where it would give back something else', async () => {
    await using writing = await startWriting();
    const { simulator } = writing;
    simulator.mutate({ op: 'add-user', account: 'NORTHWIND-EU', email: LATE, name: 'Late Comer' });
    simulator.mutate({ op: 'add-user', account: 'NORTHWIND', email: LATE, name: 'Late Comer', enabled: false });
    await expect(writing.plan('lacework_resend_invitation', { user: LATE })).rejects.toMatchObject({
      message: `${LATE} is disabled in sub-account northwind, and would be enabled there by being created again.`,
    });
    await expect(writing.plan('lacework_resend_invitation', { user: LENA })).rejects.toMatchObject({
      message: `${LENA} has signed in already: there is nothing to invite to.`,
    });
  });
});

describe('the groups of an account without RBAC', () => {
  it('are its roles: joining and leaving them is guarded as these are', async () => {
    await using writing = await startWriting();
    const group = 'northwind-eu/ACCOUNT_ADMIN';
    const raised = await writing.carry(await writing.plan('lacework_add_group_members', { group, users: [OSKAR] }));
    expect(raised).toMatchObject({ drafts: [{ change: 'make_account_admin' }], isSo: [true] });
    const lowered = await writing.carry(await writing.plan('lacework_remove_group_members', { group, users: [OSKAR] }));
    expect(lowered).toMatchObject({ drafts: [{ change: 'set_account_role', params: { role: 'user' } }], isSo: [true] });
    expect(lacework.writes?.change('set_account_role').endsAccess).toBe(true);
  });
});

describe('a name', () => {
  it('is changed in every account, in two fields or in one', async () => {
    await using writing = await startWriting();
    const renamed = await writing.carry(await writing.plan('lacework_update_user', { user: CHRIS, family_name: 'Li' }));
    expect(renamed).toMatchObject({ isSo: [true], effects: Array.from({ length: 3 }, () => `user.updated ${CHRIS}`) });
  });

  it('of one word has no last name where there is one field alone', async () => {
    await using writing = await startWriting();
    const { action, input } = lacework.writes?.unified.update?.(CHRIS, { name: 'Chris' }) ?? {};
    const { isSo, after } = await writing.carry(await writing.plan(action ?? '', input));
    expect(isSo).toEqual([true]);
    expect(after[0]?.account?.raw).toMatchObject({
      'northwind-lab': { name: 'Chris' },
      'northwind-eu': { props: { firstName: 'Chris', lastName: '-' } },
    });
  });
});

describe('what is refused', () => {
  it('is a role in an account for an administrator of the organization', async () => {
    await using writing = await startWriting();
    const input = { user: ADA, sub_account: 'northwind', role: 'user' };
    expect(await failureOf(writing.plan('lacework_set_role', input))).toMatchObject({
      kind: 'conflict',
      message: `${ADA} is an administrator of the organization, which stands above roles in accounts.`,
    });
  });

  it('is everything with a key that does not reach the organization, in words that tell the remedy', async () => {
    await using writing = await startWriting({ role: 'accountAdmin' });
    const { keyId } = writing.simulator.credentialsOf('accountAdmin');
    const reading = writing.connector.writes?.read([newAccountSubject(LATE, null)], 'before');
    expect(await failureOf(Promise.resolve(reading))).toMatchObject({
      kind: 'wrongScope',
      message: `Connection lacework uses API key ${keyId} of viktor.hansen@northwind.example, who is no organization administrator; listing people of the organization 'northwind' needs a key of one.`,
      details: {
        next: "Give a key that an organization administrator has made in the primary account 'northwind' (not of a service user), or set organization to no.",
      },
    });
  });

  it('is an own key in the call itself, where an undone plan would disable it', async () => {
    await using writing = await startWriting();
    const { keyId } = writing.simulator.credentials;
    const subject = { kind: 'credential', key: `northwind/${keyId}`, email: null, name: keyId } as const;
    const params = { subAccount: 'northwind', keyId };
    const { results, effects } = await writing.carry([{ change: 'disable_api_key', subject, params, before: null }]);
    expect(results).toMatchObject([{ kind: 'refused', error: { kind: 'guarded' } }]);
    expect(effects).toEqual([]);
  });
});

describe('by an account without organization', () => {
  it('disables, makes and deletes in that account alone', async () => {
    await using writing = await startWriting({ role: 'subAccountAdmin', settings: { organization: 'no' } });
    const joiner = { email: LATE, given_name: 'Late', family_name: 'Comer', sub_accounts: [{ name: 'northwind-eu', role: 'user' }] }; // prettier-ignore
    for (const [action, input] of [
      ['lacework_disable_user', { user: OSKAR }],
      ['lacework_create_user', joiner],
      ['lacework_delete_user', { user: OSKAR }],
    ] as const) {
      const { isSo, effects } = await writing.carry(await writing.plan(action, input));
      expect(isSo, action).toEqual([true]);
      expect(effects.length, action).toBeGreaterThan(0);
    }
  });
});
