import { describe, expect, it } from 'vitest';
import { isObject } from '../../connector-kit/json.ts';
import { insightvm } from './index.ts';
import type { InsightVmSimulator } from './simulator.ts';
import { at, consoleDesk } from './testing/desk.ts';

/** The body of the newest PUT of a user. */
function sent(simulator: InsightVmSimulator): unknown {
  return simulator.requests().findLast(({ operation }) => operation === 'updateUser')?.body;
}

describe('a write of a user', () => {
  it('sends all that may be sent, and nothing that may not, with one thing changed', async () => {
    const { simulator, call, subject } = await consoleDesk();
    expect(await call('disable_user', await subject(at('oskar.brandt')))).toEqual({ kind: 'taken' });
    expect(sent(simulator)).toEqual({
      login: 'oskar.brandt',
      name: 'Oskar Brandt',
      email: 'oskar.brandt@northwind.example',
      enabled: false,
      locale: { default: 'de-DE', reports: 'en-US' },
      role: { id: 'user', allSites: false, allAssetGroups: false, superuser: false },
      authentication: { type: 'ldap', id: 3 },
    });
  });

  it('leaves out what the user does not have', async () => {
    const { simulator, call, subject } = await consoleDesk();
    simulator.mutate({ op: 'set-user', login: 'jonas.lind', fields: { locale: null } });
    await call('update_user', await subject(at('jonas.lind')), { email: null, from: { email: at('jonas.lind') } });
    const body = sent(simulator);
    expect(isObject(body) ? Object.keys(body) : []).toEqual(['login', 'name', 'enabled', 'role', 'authentication']);
  });

  it('keeps a disabled user disabled, whatever else is changed', async () => {
    const { simulator, call, subject } = await consoleDesk();
    simulator.mutate({ op: 'set-user', login: 'jonas.lind', fields: { enabled: false } });
    await call('update_user', await subject(at('jonas.lind')), { name: 'Jonas Other', from: { name: 'Jonas Lind' } });
    expect(sent(simulator)).toMatchObject({ enabled: false, name: 'Jonas Other' });
  });

  it.each([
    ['email', 'email went from oskar.brandt@northwind.example to nothing'],
    ['locale', 'locale.default went from de-DE to nothing; locale.reports went from en-US to nothing'],
  ])('tells of %s that the console loses on the way', async (dropsField, told) => {
    const { call, subject, read } = await consoleDesk({ switches: { dropsField } });
    const oskar = await subject(at('oskar.brandt'));
    const before = await read(oskar);
    const params = { name: 'Oskar Other', from: { name: 'Oskar Brandt' } };
    expect(await call('update_user', oskar, params)).toEqual({ kind: 'taken' });
    const besides = insightvm.writes?.change('update_user').besides(before, await read(oskar), params);
    expect(besides?.join('; ')).toBe(told);
  });

  it('tells of sites that went with it', async () => {
    const { simulator, subject, read } = await consoleDesk({ sites: 24 });
    const oskar = await subject(at('oskar.brandt'));
    const before = await read(oskar);
    simulator.mutate({ op: 'set-user', login: 'oskar.brandt', fields: { enabled: false, sites: [] } });
    const [besides] = insightvm.writes?.change('disable_user').besides(before, await read(oskar), {}) ?? [];
    expect(besides).toMatch(/^sites went from \d+, \d+ to none$/);
  });

  it('of a field that somebody else has set meanwhile is stale; of another field, both stay', async () => {
    const { simulator, plan, call, subject } = await consoleDesk();
    const oskar = await subject(at('oskar.brandt'));
    const [draft] = await plan('insightvm_update_user', {
      user: at('oskar.brandt'),
      name: 'Oskar One',
      language: 'fr-FR',
    });
    expect(draft?.params).toEqual({
      name: 'Oskar One',
      locale: { default: 'fr-FR' },
      from: { name: 'Oskar Brandt', locale: { default: 'de-DE', reports: 'en-US' } },
    });
    simulator.mutate({ op: 'set-user', login: 'oskar.brandt', fields: { name: 'Oskar Two' } });
    expect(await call('update_user', oskar, draft?.params)).toMatchObject({
      kind: 'refused',
      error: {
        message: 'oskar.brandt@northwind.example has changed since the plan was made (name); nothing was sent.',
        details: { code: 'stale' },
      },
    });
    simulator.mutate({ op: 'set-user', login: 'oskar.brandt', fields: { name: 'Oskar Brandt', email: at('oskar.b') } });
    expect(await call('update_user', oskar, draft?.params)).toEqual({ kind: 'taken' });
    expect(sent(simulator)).toMatchObject({
      name: 'Oskar One',
      email: at('oskar.b'),
      locale: { default: 'fr-FR', reports: 'en-US' },
    });
  });

  it('of flags that somebody else has set meanwhile is stale, whichever flag it was', async () => {
    const { simulator, plan, call, subject } = await consoleDesk();
    const [draft] = await plan('insightvm_set_site_access', { user: at('noor.bakker'), all_sites: true });
    const role = { id: 'user', allSites: false, allAssetGroups: true, superuser: false };
    simulator.mutate({ op: 'set-user', login: 'noor.bakker', fields: { role } });
    expect(await call('set_reach', await subject(at('noor.bakker')), draft?.params)).toMatchObject({
      kind: 'refused',
      error: {
        message: 'noor.bakker@northwind.example has changed since the plan was made (role or flags); nothing was sent.',
      },
    });
  });

  it('is refused for the login that Usher itself uses, also where a plan from before says otherwise', async () => {
    const { simulator, call, subject } = await consoleDesk();
    for (const change of ['disable_user', 'delete_user', 'unlock_user']) {
      const result = await call(change, await subject(at('ada.okonkwo')));
      expect(result).toMatchObject({ kind: 'refused', error: { kind: 'conflict', details: { code: 'ownAccount' } } });
    }
    expect(simulator.effects()).toEqual([]);
  });
});

describe('a role', () => {
  it('takes its flags and its sign-in with it, there and back', async () => {
    const { plan, simulator } = await consoleDesk();
    const [up] = await plan('insightvm_set_role', { user: at('mei-ling.chu'), role: 'global-admin' });
    expect(up).toMatchObject({
      change: 'make_administrator',
      params: {
        role: { id: 'global-admin', allSites: true, allAssetGroups: true, superuser: true },
        authentication: { type: 'admin', id: 1 },
      },
    });
    const [down] = await plan('insightvm_set_role', { user: at('breakglass'), role: 'user' });
    expect(down).toMatchObject({
      change: 'set_role',
      // What only the role before opened is closed.
      params: { role: { id: 'user', allSites: false, allAssetGroups: false, superuser: false } },
    });
    const saml = await plan('insightvm_set_role', { user: at('lena.fischer'), role: 'user' });
    expect(saml[0]?.params).toMatchObject({ role: { allSites: true, allAssetGroups: true } });
    expect(saml[0]?.params).not.toHaveProperty('authentication');
    expect(simulator.effects()).toEqual([]);
  });

  it('that takes an administrator away is destructive, and may be the last', () => {
    const writes = insightvm.writes;
    expect(writes?.change('set_role').endsAccess).toBe(true);
    expect(writes?.change('make_administrator').endsAccess).toBe(false);
    expect(writes?.change('set_reach').endsAccess).toBe(false);
  });
});

describe('access', () => {
  it('is granted and revoked one by one, never as a list', async () => {
    const { plan, call, subject, requestsOf } = await consoleDesk({ sites: 24 });
    const drafts = await plan('insightvm_set_site_access', { user: at('noor.bakker'), sites: [1, 2] });
    expect(drafts.map(({ change }) => change)).toEqual([
      'grant_site',
      'grant_site',
      'revoke_site',
      'revoke_site',
      'revoke_site',
    ]);
    const noor = await subject(at('noor.bakker'));
    const requests = await requestsOf(() => call('grant_site', noor, { id: 1, name: 'One' }));
    expect(requests.filter((name) => !name.startsWith('get'))).toEqual(['addUserSite']);
  });

  it('is refused for who has come to see all since the plan was made', async () => {
    const { simulator, call, subject } = await consoleDesk();
    const noor = await subject(at('noor.bakker'));
    const role = { id: 'user', allSites: true, allAssetGroups: false, superuser: false };
    simulator.mutate({ op: 'set-user', login: 'noor.bakker', fields: { role, sites: [] } });
    expect(await call('grant_site', noor, { id: 1, name: 'One' })).toMatchObject({
      kind: 'refused',
      error: {
        message:
          'noor.bakker@northwind.example sees all sites, through its role or a flag: single sites can be neither granted nor revoked.',
      },
    });
  });

  it('in place of all is exactly what was asked, also where the console remembers an older list', async () => {
    const { simulator, plan, call, subject, read } = await consoleDesk();
    simulator.mutate({ op: 'set-user', login: 'lena.fischer', fields: { sites: [5, 6] } });
    const [draft] = await plan('insightvm_set_site_access', { user: at('lena.fischer'), sites: [3, 6] });
    const lena = await subject(at('lena.fischer'));
    expect(await call('set_reach', lena, draft?.params ?? {})).toEqual({ kind: 'taken' });
    const { grants, account } = await read(lena);
    expect(account?.extra).toMatchObject({ allSites: false, allAssetGroups: true });
    expect(grants.flatMap(({ targetKey, path }) => (targetKey.startsWith('site:') ? [`${targetKey}${path}`] : [])).sort()).toEqual([
      'site:3', 'site:6',
    ]); // prettier-ignore
  });
});

describe('passwords and seeds', () => {
  it('are made strong, kept out of plans and handed over once', async () => {
    const { plan } = await consoleDesk();
    const [reset] = await plan('insightvm_reset_password', { user: at('rosa.delgado') });
    const password = reset?.secrets?.['password'] ?? '';
    expect(password).toMatch(/^(?=.*[A-Z])(?=.*[a-z])(?=.*\d).{24}$/);
    expect(reset?.handoff).toEqual({
      label: 'Password of rosa.delgado (rosa.delgado@northwind.example)',
      secret: password,
    });
    expect(JSON.stringify(reset?.params)).not.toContain(password);
    const [seed] = await plan('insightvm_reset_two_factor', { user: at('rosa.delgado') });
    expect(seed?.handoff).toEqual({
      label: 'Two-factor seed of rosa.delgado (rosa.delgado@northwind.example)',
      made: 'seed',
    });
  });

  it('are in no trace, though the console answers with them', async () => {
    const { open, call, subject } = await consoleDesk();
    const result = await call('reset_two_factor', await subject(at('ibrahim.sesay')));
    const seed = result.kind === 'taken' ? (result.made?.secrets['seed'] ?? '') : '';
    expect(seed).toMatch(/^[A-Z2-7]{16}$/);
    await open.call('insightvm_get_two_factor', { user: 'ibrahim.sesay' });
    expect(JSON.stringify(open.traces)).not.toContain(seed);
  });
});

describe('the unified writes', () => {
  it('make the smallest user, and say what the console has not', async () => {
    const unified = insightvm.writes?.unified;
    expect(unified?.create?.({ email: at('new.joiner'), name: null, groups: [] })).toEqual({
      action: 'insightvm_create_user',
      input: {
        login: at('new.joiner'),
        email: at('new.joiner'),
        name: at('new.joiner'),
        role: 'user',
        generate_password: true,
      },
    });
    expect(unified?.end?.('42', null)).toEqual({ action: 'insightvm_delete_user', input: { user: '42' } });
    expect(unified?.end?.('42', 'disable')).toEqual({ action: 'insightvm_disable_user', input: { user: '42' } });
    expect(() => unified?.end?.('42', 'uninvite')).toThrow('The console knows no way to uninvite a user.');
    expect(() => unified?.addToGroup?.('42', 'x')).toThrow('asset groups are groups of machines');
  });
});
