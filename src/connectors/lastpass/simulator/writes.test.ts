import { describe, expect, it } from 'vitest';
import { simulate } from './testing/caller.ts';

const ROSA = 'rosa.delgado@northwind.example';
const GRACE = 'grace.kim@northwind.example';
const GHOST = 'ghost@northwind.example';
const NO_SUCH_USER = { status: 'FAIL', error: `No such user: ${GHOST}` };

describe('batchadd', () => {
  it('makes an account that waits for its first login, and mails once', async () => {
    const { call, user, effects } = await simulate();
    const entry = {
      username: 'lena.hart@northwind.example',
      fullname: 'Lena Hart',
      groups: ['Legal', 'Newcomers'],
      attribs: { EmployeeNumber: '20417' },
    };
    expect((await call('batchadd', [entry])).text).toBe('{"status":"OK"}');
    expect(await user(entry.username)).toMatchObject({
      ...entry,
      neverloggedin: true,
      password_reset_required: true,
      last_login: '',
      sites: null,
    });
    expect(effects()).toMatchObject([
      { kind: 'user.created', subject: entry.username, request: 1 },
      { kind: 'mail.activation', subject: entry.username, request: 1 },
    ]);
  });

  it('invites somebody who has a LastPass account, and makes the account when the invitation is taken up', async () => {
    const { call, user, mutate, effects } = await simulate();
    mutate({ op: 'own-account', username: 'omar.said@northwind.example' });
    await call('batchadd', [{ username: 'Omar.Said@northwind.example', groups: ['Legal'] }]);
    expect(await user('omar.said@northwind.example')).toBeUndefined();
    expect((await call('getuserdata', { pagesize: 1 })).json.invited).toContain('Omar.Said@northwind.example');
    mutate({ op: 'accept-invitation', username: 'omar.said@northwind.example' });
    expect(await user('omar.said@northwind.example')).toMatchObject({ neverloggedin: false, groups: ['Legal'] });
    expect(effects().map(({ kind }) => kind)).toEqual(['invitation.created', 'mail.invitation', 'invitation.accepted']);
  });

  it('updates somebody who is there: name, groups united, attributes merged; no mail', async () => {
    const { call, user, effects } = await simulate();
    await call('batchadd', [{ username: ROSA, fullname: 'Rosa D.', groups: ['Travel'], attribs: { Site: 'Madrid' } }]);
    expect(await user(ROSA)).toMatchObject({
      fullname: 'Rosa D.',
      groups: ['Legal', 'Travel'],
      attribs: { Department: 'Legal', Site: 'Madrid' },
    });
    expect(effects().map(({ kind }) => kind)).toEqual(['user.updated']);
  });

  it('warns of the bad entries and does the good ones; with none good it fails', async () => {
    const { call, user, setSwitches } = await simulate({ switches: { existingUser: 'warn', unknownGroup: 'warn' } });
    const mixed = await call('batchadd', [
      { username: 'lena.hart@northwind.example' },
      { username: ROSA },
      { fullname: 'Nobody' },
    ]);
    expect(mixed.json).toEqual({ status: 'WARN', errors: [`User already exists: ${ROSA}`, 'Invalid username: '] });
    expect(await user('lena.hart@northwind.example')).toBeDefined();
    const bad = [{ username: 'omar.said@northwind.example', groups: ['Nobody has it'] }];
    expect((await call('batchadd', bad)).json).toEqual({
      status: 'FAIL',
      error: 'Group does not exist: Nobody has it',
    });
    setSwitches({ batchaddError: 'array' });
    expect((await call('batchadd', bad)).json.error).toEqual(['Group does not exist: Nobody has it']);
  });
});

describe('updateuser', () => {
  it('changes names only, never rights, groups or the address', async () => {
    const { call, user } = await simulate();
    const before = await user(ROSA);
    await call('updateuser', {
      username: ROSA,
      fullname: 'Rosa D.',
      duousername: 'rosa',
      admin: true,
      disabled: true,
      groups: ['IT'],
    });
    expect(await user(ROSA)).toEqual({ ...before, fullname: 'Rosa D.', duousername: 'rosa' });
    expect((await call('updateuser', { username: GHOST, fullname: 'G' })).json).toEqual(NO_SUCH_USER);
  });
});

describe('deluser', () => {
  it('disables with 0, once', async () => {
    const { call, user, effects } = await simulate();
    for (let round = 0; round < 2; round++)
      expect((await call('deluser', { username: ROSA, deleteaction: '0' })).json).toEqual({ status: 'OK' });
    expect(await user(ROSA)).toMatchObject({ disabled: true });
    expect(effects()).toHaveLength(1);
  });

  it('removes with 1: the person keeps an account of their own and can only be invited again', async () => {
    const { call, user, effects } = await simulate();
    await call('deluser', { username: ROSA, deleteaction: 1 });
    expect(await user(ROSA)).toBeUndefined();
    await call('batchadd', [{ username: ROSA }]);
    expect((await call('getuserdata', { pagesize: 1 })).json.invited).toContain(ROSA);
    expect(effects().map(({ kind }) => kind)).toEqual(['user.removed', 'invitation.created', 'mail.invitation']);
  });

  it('deletes with 2: gone from users, groups and folders, and the id does not come back', async () => {
    const { call, mutate } = await simulate();
    mutate({ op: 'share-folder', folder: 'Legal/Contracts', username: ROSA, give: true });
    const idOf = async () => Object.keys((await call('getuserdata', { username: ROSA })).json.Users)[0];
    const id = await idOf();
    expect((await call('getsfdata')).text).toContain(ROSA);
    await call('deluser', { username: ROSA, deleteaction: 2 });
    expect((await call('getuserdata')).text).not.toContain(ROSA);
    expect((await call('getsfdata')).text).not.toContain(ROSA);
    await call('batchadd', [{ username: ROSA }]);
    expect(Number(await idOf())).toBeGreaterThan(Number(id));
  });

  it('withdraws an invitation with 3, and only that', async () => {
    const { call } = await simulate();
    const priya = 'priya.raman@northwind.example';
    expect((await call('deluser', { username: ROSA, deleteaction: 3 })).json.status).toBe('FAIL');
    expect((await call('deluser', { username: priya, deleteaction: 2 })).json.error).toBe(`No such user: ${priya}`);
    expect((await call('deluser', { username: priya, deleteaction: 3 })).json).toEqual({ status: 'OK' });
    expect((await call('getuserdata', { pagesize: 1 })).json.invited).not.toContain(priya);
  });

  it('fails for an unknown user, and without a way to delete', async () => {
    const { call, effects } = await simulate();
    expect((await call('deluser', { username: GHOST, deleteaction: 1 })).json).toEqual(NO_SUCH_USER);
    for (const deleteaction of [undefined, 4, 'x'])
      expect((await call('deluser', { username: ROSA, deleteaction })).json.status).toBe('FAIL');
    expect(effects()).toEqual([]);
  });
});

describe('disableuser and enableuser', () => {
  it('tell those changed from those unchanged, and name the unknown', async () => {
    const { call, user, effects } = await simulate();
    expect((await call('disableuser', [ROSA])).json).toEqual({ status: 'success', disabled_users: [ROSA] });
    expect((await call('disableuser', [ROSA, GRACE, GHOST])).json).toEqual({
      status: 'success',
      disabled_users: [GRACE],
      unchanged_users: [ROSA, GHOST],
      error: `No such user: ${GHOST}`,
    });
    expect((await call('enableuser', [ROSA])).json).toEqual({ status: 'success', enabled_users: [ROSA] });
    expect(await user(ROSA)).toMatchObject({ disabled: false });
    expect(effects().map(({ kind, subject }) => [kind, subject])).toEqual([
      ['user.disabled', ROSA],
      ['user.disabled', GRACE],
      ['user.enabled', ROSA],
    ]);
  });

  it('fail where nobody is known, and for data that is no list', async () => {
    const { call } = await simulate();
    expect((await call('enableuser', [GHOST])).json).toEqual({ status: 'fail', error: `No such user: ${GHOST}` });
    expect((await call('disableuser', { username: ROSA })).json.status).toBe('fail');
  });
});

describe('the other commands on one user', () => {
  it('reinviteuser mails those who have not come yet, and nobody else', async () => {
    const { call, effects } = await simulate();
    for (const username of [GRACE, 'priya.raman@northwind.example'])
      expect((await call('reinviteuser', { username })).json).toEqual({ status: 'OK' });
    expect((await call('reinviteuser', { username: ROSA })).json.status).toBe('FAIL');
    expect((await call('reinviteuser', { username: GHOST })).json).toEqual(NO_SUCH_USER);
    expect(effects().map(({ kind, subject }) => [kind, subject])).toEqual([
      ['mail.invitation', GRACE],
      ['mail.invitation', 'priya.raman@northwind.example'],
    ]);
  });

  it('disablemultifactor takes the key away; another name for it is no command', async () => {
    const { call, user } = await simulate();
    expect(await user(ROSA)).toMatchObject({ multifactor: 'lastpassauth' });
    expect((await call('disablemultifactor', { username: ROSA })).json).toEqual({ status: 'OK' });
    expect(await user(ROSA)).not.toHaveProperty('multifactor');
    expect((await call('disablemultifactor', { username: GHOST })).json).toEqual(NO_SUCH_USER);
    expect((await call('disablemfa', { username: ROSA })).text).toContain('Invalid Command');
  });

  it('resetpassword mails, changes nothing, and fails in words of its own', async () => {
    const { call, user, effects } = await simulate();
    const before = await user(ROSA);
    expect((await call('resetpassword', { username: ROSA })).json).toEqual({ status: 'OK' });
    expect(await user(ROSA)).toEqual(before);
    expect(effects()).toMatchObject([{ kind: 'mail.password-reset', subject: ROSA }]);
    expect((await call('resetpassword', { username: GHOST })).json).toEqual({
      status: 'FAIL',
      error: [`user not found: ${GHOST}`],
    });
  });

  it('requiremasterpasswordchange holds until the next login', async () => {
    const { call, user, mutate } = await simulate();
    await call('requiremasterpasswordchange', { username: ROSA });
    expect(await user(ROSA)).toMatchObject({ password_reset_required: true });
    mutate({ op: 'sign-in', username: ROSA });
    expect(await user(ROSA)).toMatchObject({ password_reset_required: false, last_pw_change: '2026-11-21 12:00:00' });
  });

  it('updateemail keeps the old address until the user signs in with it', async () => {
    const { call, user, mutate, effects } = await simulate();
    const next = 'rosa.diaz@northwind.example';
    expect((await call('updateemail', { oldemail: ROSA, newemail: next })).json).toEqual({ status: 'OK' });
    expect(await user(ROSA)).toBeDefined();
    expect(await user(next)).toBeUndefined();
    mutate({ op: 'sign-in', username: ROSA });
    expect(await user(ROSA)).toBeUndefined();
    expect(await user(next)).toMatchObject({ fullname: 'Rosa Delgado' });
    expect(effects().map(({ kind, subject }) => [kind, subject])).toEqual([
      ['mail.email-confirmation', next],
      ['user.signed-in', ROSA],
      ['user.renamed', ROSA],
    ]);
  });

  it('updateemail fails for users not activated and addresses taken, and stops at ten mails a second', async () => {
    const { call, clock } = await simulate();
    expect((await call('updateemail', { oldemail: GRACE, newemail: 'g@northwind.example' })).json.status).toBe('FAIL');
    expect((await call('updateemail', { oldemail: ROSA, newemail: GRACE })).json.status).toBe('FAIL');
    clock.advance(2_000);
    const statuses: number[] = [];
    for (let round = 0; round < 11; round++) {
      statuses.push((await call('updateemail', { oldemail: ROSA, newemail: `rosa${round}@northwind.example` })).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
  });
});

describe('batchchangegrp', () => {
  it('adds and removes, makes a group nobody has, and does what is good of a bad batch', async () => {
    const { call, user, effects } = await simulate();
    const heard = await call('batchchangegrp', [
      { username: ROSA, add: ['Platform', 'Brand new'], del: ['Legal'] },
      { username: GHOST, add: ['Platform'] },
    ]);
    expect(heard.text).toBe(`{"status":"WARN","errors":["${GHOST} does not exist"]}`);
    expect(await user(ROSA)).toMatchObject({ groups: ['Platform', 'Brand new'] });
    expect(effects().map(({ kind, detail }) => [kind, detail])).toEqual([
      ['group.member-added', { group: 'Platform' }],
      ['group.member-added', { group: 'Brand new' }],
      ['group.member-removed', { group: 'Legal' }],
    ]);
  });

  it('is fine with what is so already, and fails with none good', async () => {
    const { call, effects, setSwitches } = await simulate();
    expect((await call('batchchangegrp', [{ username: ROSA, add: ['Legal'], del: ['Platform'] }])).json).toEqual({
      status: 'OK',
    });
    expect((await call('batchchangegrp', [{ username: GHOST, add: ['Legal'] }])).json).toEqual({
      status: 'FAIL',
      errors: [`${GHOST} does not exist`],
    });
    setSwitches({ unknownGroup: 'warn' });
    const heard = await call('batchchangegrp', [
      { username: ROSA, add: ['Travel'] },
      { username: ROSA, add: ['Nobody has it'] },
    ]);
    expect(heard.json).toEqual({ status: 'WARN', errors: ['Group Nobody has it does not exist'] });
    expect(effects()).toHaveLength(1);
  });
});

describe('pushsitestousers', () => {
  const site = {
    users: 'Legal',
    persistent: '0',
    url: 'https://registry.example',
    name: 'Registry',
    usernametype: 'email',
    password: 'Site-Passphrase-1',
  };

  it('pushes as the older help has it, and keeps no password', async () => {
    const { call, effects } = await simulate();
    expect((await call('pushsitestousers', site)).text).toBe('{"status":"OK","psid":"73"}');
    expect(effects()).toMatchObject([{ kind: 'site.pushed', subject: 'Legal' }]);
    expect(JSON.stringify(effects())).not.toContain('Passphrase');
    expect((await call('pushsitestousers', { ...site, users: GHOST })).json.status).toBe('FAIL');
  });

  it('is gone as the newer help has it', async () => {
    const { call, effects } = await simulate({ switches: { pushSites: 'withdrawn' } });
    expect((await call('pushsitestousers', site)).json).toMatchObject({
      status: 'FAIL',
      error: expect.stringContaining('no longer available'),
    });
    expect(effects()).toEqual([]);
  });
});
