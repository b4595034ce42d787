import { describe, expect, it } from 'vitest';
import { newAccountSubject } from '../../model/changes.ts';
import { at, consoleDesk } from './testing/desk.ts';

describe('reading users of a console', () => {
  it('takes one call for a user, and one each for its sites and asset groups', async () => {
    const { subject, read, requestsOf } = await consoleDesk();
    const oskar = await subject(at('oskar.brandt'));
    expect(await requestsOf(() => read(oskar))).toEqual(['getUser', 'getUserSites', 'getUserAssetGroups']);
  });

  it('takes one call alone where nothing of that is looked at, and says so', async () => {
    const { subject, writes, requestsOf } = await consoleDesk();
    const oskar = await subject(at('oskar.brandt'));
    expect(await requestsOf(() => writes.read([oskar], 'before', []))).toEqual(['getUser']);
    const seen = await writes.read([oskar], 'before', []);
    expect(seen.get(oskar.key)).toMatchObject({
      covers: ['role'],
      grants: [{ targetKind: 'role', targetKey: 'user' }],
    });
  });

  it('asks of who sees all for the lists of sites and asset groups, once for many', async () => {
    const { company, writes, requestsOf } = await consoleDesk();
    const { accounts } = await company();
    const whole = accounts.filter(
      ({ state }) => state.account?.extra['allSites'] === true && state.account.extra['allAssetGroups'] === true,
    );
    expect(whole.length).toBeGreaterThan(3);
    const requests = await requestsOf(() =>
      writes.read(
        whole.map(({ subject }) => subject),
        'before',
      ),
    );
    expect([...requests].sort()).toEqual(['getAssetGroups', 'getSites', 'getUsers']);
  });

  it('walks the users where that takes fewer calls than asking for each', async () => {
    const { company, writes, requestsOf } = await consoleDesk();
    const subjects = (await company()).accounts.map(({ subject }) => subject);
    const requests = await requestsOf(() => writes.read(subjects, 'before'));
    expect(requests.filter((name) => name === 'getUser')).toEqual([]);
    expect(requests.filter((name) => name === 'getUsers')).toHaveLength(1);
  });

  it('finds a user that it has made by its id, and one that others have made among the newest', async () => {
    const { writes, read, requestsOf, simulator } = await consoleDesk();
    const subject = newAccountSubject(at('new.joiner'), 'New Joiner');
    const params = {
      login: 'new.joiner', name: 'New Joiner', enabled: true, hasPassword: false, passwordResetOnLogin: true,
      role: { id: 'user', allSites: false, allAssetGroups: false, superuser: false }, authentication: { type: 'saml', id: 4 },
    }; // prettier-ignore
    const item = { subject, params, secrets: {}, before: { account: null, grants: [] } };
    expect(await writes.call('create_user', [item], () => undefined)).toEqual([{ kind: 'taken' }]);
    expect(await requestsOf(() => read(subject))).toEqual(['getUser', 'getUserSites', 'getUserAssetGroups']);
    simulator.mutate({ op: 'add-user', login: 'other.joiner' });
    const other = newAccountSubject(at('other.joiner'), null);
    expect((await read(other)).account?.username).toBe('other.joiner');
    expect(await requestsOf(() => read(other))).toEqual(['getUsers', 'getUserSites', 'getUserAssetGroups']);
  });

  it('believes a 404 only as a Global Administrator, asked anew', async () => {
    const { subject, read, simulator } = await consoleDesk();
    const oskar = await subject(at('oskar.brandt'));
    simulator.mutate({ op: 'delete-user', login: 'oskar.brandt' });
    expect((await read(oskar)).account).toBeNull();
    const role = { id: 'user', allSites: false, allAssetGroups: false, superuser: false };
    simulator.mutate({ op: 'set-user', login: 'ada.okonkwo', fields: { role, source: 2 } });
    await expect(read(oskar)).rejects.toMatchObject({ kind: 'permission', details: { code: 'hidden' } });
  });

  it('tells who can still administer: enabled, not locked, by whatever role may do everything', async () => {
    const { writes, simulator, company } = await consoleDesk();
    simulator.mutate({
      op: 'set-role',
      role: { id: 'owners', name: 'Owners', description: '', privileges: ['all-permissions'], isBuiltIn: false },
    });
    const role = { id: 'owners', allSites: true, allAssetGroups: true, superuser: false };
    simulator.mutate({ op: 'set-user', login: 'noor.bakker', fields: { role } });
    simulator.mutate({ op: 'lock', login: 'breakglass' });
    const keys = new Map(
      (await company()).accounts.map(({ subject, state }) => [subject.key, state.account?.username]),
    );
    const named = ((await writes.administrators()) ?? []).map((key) => keys.get(key));
    expect(new Set(named)).toEqual(new Set(['ada.okonkwo', 'noor.bakker']));
  });
});
