import { describe, expect, it } from 'vitest';
import { lastpass } from './index.ts';
import { writingDesk } from './testing/writing.ts';

const at = (name: string): string => `${name}@northwind.example`;
const [ROSA, JONAS, GRACE, PRIYA] = [at('rosa.delgado'), at('jonas.lind'), at('grace.kim'), at('priya.raman')];
const [LENA, NOBODY] = [at('lena.hart'), at('nobody')];
const SITE = { url: 'https://bank.example/login' };

/** Plans on a company where Jonas is disabled; returns how it was refused. */
async function planner() {
  const { simulator, writes, pull } = await writingDesk();
  simulator.mutate({ op: 'set-user', username: JONAS, fields: { disabled: true } });
  const { snapshot } = await pull();
  return async (action: string, input: object) => {
    const error: unknown = await writes.plan(`lastpass_${action}`, input, snapshot).then(
      (drafts) => drafts,
      (thrown: unknown) => thrown,
    );
    return error;
  };
}

describe('planning in LastPass', () => {
  it('refuses what does not fit the account, and says what to do instead', async () => {
    const plan = await planner();
    const misfits: readonly (readonly [string, object, RegExp])[] = [
      ['delete_user', { user: ROSA, mode: 'uninvite' }, /disable, remove or delete/],
      ['delete_user', { user: GRACE, mode: 'uninvite' }, /disable, remove or delete/],
      ...['disable', 'remove', 'delete'].map(
        (mode) => ['delete_user', { user: PRIYA, mode }, /mode uninvite/] as const,
      ),
      ['disable_user', { user: PRIYA }, /mode uninvite/],
      ['enable_user', { user: PRIYA }, /accepted/],
      ['update_user', { user: PRIYA, full_name: 'P' }, /accepted/],
      ['disable_multifactor', { user: PRIYA }, /accepted/],
      ['send_master_password_reset', { user: PRIYA }, /accepted/],
      ['require_master_password_change', { user: PRIYA }, /accepted/],
      ['change_group_members', { changes: [{ user: PRIYA, add: ['Legal'] }] }, /accepted/],
      ['push_sites', { users: [PRIYA], sites: [SITE] }, /accepted/],
      ['resend_invitation', { user: ROSA }, /Nothing/],
      ['resend_invitation', { user: JONAS }, /Enable/],
      ['update_email', { user: GRACE, new_email: LENA }, /first sign-in/],
      ['update_email', { user: PRIYA, new_email: LENA }, /first sign-in/],
      ['update_email', { user: JONAS, new_email: LENA }, /Enable/],
    ];
    for (const [action, input, next] of misfits) {
      expect(await plan(action, input), `${action} ${JSON.stringify(input)}`).toMatchObject({
        kind: 'conflict',
        details: { next: expect.stringMatching(next) },
      });
    }
  });

  it('refuses to make what is there, accounts and invitations alike', async () => {
    const plan = await planner();
    for (const [action, input, field] of [
      ['create_users', { users: [{ email: LENA }, { email: ROSA }] }, 'users'],
      ['create_users', { users: [{ email: PRIYA.toUpperCase() }] }, 'users'],
      ['update_email', { user: ROSA, new_email: GRACE }, 'new_email'],
      ['update_email', { user: ROSA, new_email: PRIYA }, 'new_email'],
    ] as const) {
      expect(await plan(action, input)).toMatchObject({ kind: 'alreadyExists', details: { field } });
    }
  });

  it('refuses who is named twice, in whatever way, and what contradicts itself', async () => {
    const plan = await planner();
    for (const [action, input, field] of [
      ['delete_users', { users: [ROSA, ROSA.toUpperCase()], mode: 'disable' }, 'users'],
      ['create_users', { users: [{ email: LENA }, { email: LENA.toUpperCase() }] }, 'users'],
      ['change_group_members', { changes: [1, 2].map(() => ({ user: ROSA, add: ['Legal'] })) }, 'changes'],
      ['change_group_members', { changes: [{ user: ROSA, add: ['Legal'], remove: ['Legal'] }] }, 'changes.0'],
      ['change_group_members', { changes: [{ user: ROSA }] }, 'changes.0'],
      ['update_user', { user: ROSA }, 'full_name'],
      ['update_user', { user: ROSA, full_name: 'Rosa\nLuna' }, 'full_name'],
      ['update_user', { user: ROSA, full_name: '\u001b[31mRosa' }, 'full_name'],
      ['update_email', { user: ROSA, new_email: ROSA.toUpperCase() }, 'new_email'],
      ['disable_user', { user: ROSA, users: [GRACE] }, 'users'],
      ['disable_user', {}, 'user'],
      ['delete_user', { user: ROSA }, 'mode'],
      ['create_users', { users: [{ email: LENA, attributes: { Passphrase: 'x' } }] }, 'users.0.attributes'],
      [
        'create_users',
        { users: [{ email: LENA, password: 'quiet otters', generate_password: true }] },
        'users.0.generate_password',
      ],
      ['push_sites', { sites: [SITE] }, 'users'],
      ['push_sites', { users: [ROSA], everybody: true, sites: [SITE] }, 'everybody'],
      ['push_sites', { users: [ROSA], sites: [{ url: 'https://ops:otters@bank.example' }] }, 'sites.0.url'],
      ['push_sites', { users: [ROSA], sites: [{ ...SITE, username: 'ops' }] }, 'sites.0.username'],
      ['push_sites', { users: [ROSA], sites: [{ ...SITE, username_type: 'custom' }] }, 'sites.0.username'],
    ] as const) {
      expect(await plan(action, input), `${action} ${field}`).toMatchObject({
        kind: 'invalidInput',
        details: { field },
      });
    }
  });

  it('refuses whom nobody knows, and groups that a slip of the pen would make', async () => {
    const plan = await planner();
    for (const [action, input, field] of [
      ['delete_users', { users: [ROSA, NOBODY], mode: 'remove' }, 'users'],
      ['change_group_members', { changes: [{ user: ROSA, add: ['legal'] }] }, 'changes'],
      ['create_users', { users: [{ email: LENA, groups: ['Leagl'] }] }, 'users'],
      ['push_sites', { groups: ['Leagl'], sites: [SITE] }, 'groups'],
    ] as const) {
      expect(await plan(action, input)).toMatchObject({ kind: 'notFound', details: { field } });
    }
    const made = { changes: [{ user: ROSA, add: ['Newcomers'] }], create_groups: true };
    expect(await plan('change_group_members', made)).toMatchObject([{ params: { add: ['Newcomers'], remove: [] } }]);
  });

  it('makes a strong password where asked, keeps it out of the plan and hands it over once', async () => {
    const plan = await planner();
    const users = [1, 2].map((number) => ({ email: at(`new.${number}`), generate_password: true }));
    const drafts = await plan('create_users', { users });
    expect(drafts).toMatchObject(
      [1, 2].map((number) => ({
        params: { hasPassword: true, passwordResetRequired: true },
        handoff: { label: `Master password of ${at(`new.${number}`)}` },
      })),
    );
    const passwords = Array.isArray(drafts) ? drafts.map(({ handoff }) => handoff?.secret) : [];
    expect(new Set(passwords).size).toBe(2);
    for (const [index, password] of passwords.entries()) {
      expect(password).toMatch(/^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*[-_.+=]).{24}$/);
      expect(Array.isArray(drafts) && drafts[index]?.secrets).toEqual({ password });
      expect(JSON.stringify(Array.isArray(drafts) && drafts[index]?.params)).not.toContain(password);
    }
  });

  it('pushes each site to each recipient as a change of its own, credentials apart', async () => {
    const plan = await planner();
    const sites = [
      { ...SITE, password: 'quiet otters' },
      { ...SITE, notes: 'By the safe' },
    ];
    const drafts = await plan('push_sites', { users: [ROSA], groups: ['Legal'], sites });
    expect(drafts).toMatchObject([
      { subject: { kind: 'account', email: ROSA }, secrets: { password: 'quiet otters' } },
      { subject: { kind: 'account', email: ROSA }, secrets: { notes: 'By the safe' } },
      { subject: { kind: 'group', key: 'Legal' }, secrets: { password: 'quiet otters' } },
      { subject: { kind: 'group', key: 'Legal' }, secrets: { notes: 'By the safe' } },
    ]);
    expect(await plan('push_sites', { everybody: true, sites: [SITE] })).toMatchObject([
      { subject: { kind: 'connection', key: '' }, secrets: {}, before: null },
    ]);
  });

  it('shows the worst that each action can do', () => {
    const destructive = lastpass.actions.filter(({ effect }) => effect === 'destructive').map(({ id }) => id);
    expect(destructive).toEqual([
      'lastpass_delete_user', 'lastpass_delete_users', 'lastpass_disable_multifactor', 'lastpass_update_email',
    ]); // prettier-ignore
    const change = lastpass.writes?.change('disable_user');
    expect(change?.effect(null, {})).toBe('write');
    for (const id of ['remove_user', 'delete_user', 'uninvite_user', 'disable_multifactor']) {
      expect(lastpass.writes?.change(id).effect(null, {}), id).toBe('destructive');
    }
  });
});

describe('the unified writes in LastPass', () => {
  const unified = lastpass.writes?.unified;

  it('end an account in the mildest way there is, or as asked', () => {
    expect(unified?.end?.(ROSA, null)).toEqual({
      action: 'lastpass_delete_user',
      input: { user: ROSA, mode: 'remove' },
    });
    expect(unified?.end?.(ROSA, 'uninvite')).toMatchObject({ input: { mode: 'uninvite' } });
  });

  it('change name or address, not both in one step', () => {
    expect(unified?.update?.(ROSA, { name: 'Rosa D.' })).toMatchObject({ input: { user: ROSA, full_name: 'Rosa D.' } });
    expect(unified?.update?.(ROSA, { email: LENA })).toMatchObject({ action: 'lastpass_update_email' });
    expect(() => unified?.update?.(ROSA, { name: 'R', email: LENA })).toThrow(/one step/);
    expect(() => unified?.update?.(ROSA, {})).toThrow(/name and address only/);
  });
});
