import { Agent, request as httpsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { runInsightVmSimulator, startInsightVmSimulator } from './simulator.ts';
import { basic, reduced, simulate, TODAY } from './simulator/testing/caller.ts';

describe('faults', () => {
  it('do the work and lose the answer, so that the effect shows afterwards', async () => {
    const { ask, user, requests, done } = await simulate();
    const jonas = await user('jonas.lind');
    const simulator = await simulate({ faults: ['lost-answer/updateUser@1'] });
    const body = { ...reduced(jonas), enabled: false };
    await expect(simulator.ask('PUT', `/users/${jonas.id}`, { body })).rejects.toThrow('fetch failed');
    expect(simulator.requests()[0]).toMatchObject({ operation: 'updateUser', status: null });
    expect(await simulator.user('jonas.lind')).toMatchObject({ enabled: false });
    expect((await ask('PUT', `/users/${jonas.id}`, { body })).status).toBe(200);
    expect([done(), requests().length]).toEqual([[`user.disabled ${jonas.id}`], 2]);
  });

  it('strike operations by the names of the OpenAPI document', async () => {
    const { get, faults } = await simulate({ faults: ['503/getUsers@2', '429-retry-after=7/getUserSites'] });
    const status = async (path: string) => (await get(path, { isOdd: true })).status;
    expect([await status('/users'), await status('/users'), await status('/users')]).toEqual([200, 503, 200]);
    expect((await get('/users/2/sites', { isOdd: true })).headers.get('retry-after')).toBe('7');
    faults.set(['truncated@1', 'wrong-type@2']);
    const cut = await get('/users?size=50', { isOdd: true });
    expect([cut.status, cut.json]).toEqual([200, undefined]);
    expect((await get('/users?size=50', { isOdd: true })).json).toMatchObject({ resources: true });
  });
});

describe('inspection', () => {
  it('shows requests without passwords and seeds, and what they did', async () => {
    const { ask, url } = await simulate();
    const dana = { login: 'dito', name: 'Dana Ito', password: 'S3cur3!Pass', role: { id: 'user' } };
    await ask('POST', '/users', { body: dana });
    await ask('PUT', '/users/2/password', { body: 'Adas-n3w-one' });
    await ask('PUT', '/users/5/2FA', { body: 'MFRGGZDFMZTWQ2LK' });
    const log = await (await fetch(`${url}/_simulator/log`)).text();
    for (const secret of ['S3cur3!Pass', 'Adas-n3w-one', 'MFRGGZDFMZTWQ2LK']) expect(log).not.toContain(secret);
    expect(JSON.parse(log)).toMatchObject({
      requests: [
        { operation: 'createUser', body: { login: 'dito', password: '••••' } },
        { operation: 'resetPassword', body: '••••' },
        { operation: 'setTwoFactorAuthentication', body: '••••' },
      ],
      effects: [{ kind: 'user.created' }, { kind: 'user.password-changed' }, { kind: 'user.two-factor-set' }],
    });
  });

  it('changes the console behind the API, as people do in its pages', async () => {
    const { mutate, user, get } = await simulate();
    mutate({ op: 'add-user', login: 'new.one', fields: { name: 'New One', sites: [7] } });
    mutate({ op: 'lock', login: 'new.one' });
    expect(await user('new.one')).toMatchObject({ name: 'New One', locked: true });
    mutate({ op: 'grant', login: 'new.one', list: 'sites', id: 3 });
    mutate({ op: 'revoke', login: 'new.one', list: 'sites', id: 7 });
    const { id } = await user('new.one');
    expect((await get(`/users/${id}/sites`)).list).toEqual([3]);
    mutate({ op: 'rename-thing', list: 'sites', id: 3, to: 'Lisbon' });
    expect((await get('/sites/3')).json.name).toBe('Lisbon');
    mutate({ op: 'delete-thing', list: 'sites', id: 3 });
    expect([(await get('/sites/3')).status, (await get(`/users/${id}/sites`)).list]).toEqual([404, []]);
    expect(mutate({ op: 'add-thing', list: 'assetGroups', name: 'More' })).toEqual({ id: 11 });
    expect(mutate({ op: 'add-thing', list: 'sites', name: 'More' })).toEqual({ id: 25 });
    expect((await get('/sites/25')).json.name).toBe('More');
    mutate({
      op: 'set-role',
      role: { id: 'user', name: 'User', description: '', privileges: ['fly'], isBuiltIn: true },
    });
    expect((await get('/roles/user', { isOdd: true })).json.privileges).toEqual(['fly']);
    mutate({ op: 'delete-role', id: 'auditor' });
    expect((await get('/roles/auditor')).status).toBe(404);
    mutate({ op: 'delete-user', login: 'new.one' });
    expect((await get(`/users/${id}`)).status).toBe(404);
    expect(() => mutate({ op: 'delete-user', login: 'new.one' })).toThrow('no user "new.one"');
    expect(() => mutate({ op: 'change-certificate' })).toThrow('it has no certificate');
  });

  it('changes or deletes the same share of the users for the same round', async () => {
    const [one, two] = await Promise.all([simulate({ people: 1_000 }), simulate({ people: 1_000 })]);
    expect(one.mutate({ op: 'change-share', share: 0.1 })).toEqual(two.mutate({ op: 'change-share', share: 0.1 }));
    const names = async ({ get }: typeof one) => (await get('/users?size=500')).json.resources.map(({ name }) => name);
    expect(await names(one)).toEqual(await names(two));
    one.mutate({ op: 'delete-share', share: 0.4 });
    expect(one.state().users).toBeLessThan(660);
    expect(one.state()).toMatchObject({ administrators: 3 });
  });
});

describe('size', () => {
  it('is as told: users, sites and asset groups of the company, everybody on a few of them', async () => {
    const { state, get } = await simulate({ people: 2_000, sites: 300, assetGroups: 40 });
    expect(state()).toMatchObject({ users: 2_000, sites: 300, asset_groups: 40 });
    expect((await get('/sites/300/users')).json.resources.length).toBeGreaterThan(2);
    expect((await get('/asset_groups/40/users')).list.length).toBeGreaterThan(2);
    const small = await simulate({ sites: 3, assetGroups: 1 });
    expect((await small.get('/users/3/sites')).list).toEqual([2, 3]);
  });

  it('is 250 users by default', async () => {
    const { state } = await simulate({ people: undefined });
    expect(state()).toMatchObject({ users: 250, administrators: 3, sites: 24, asset_groups: 10, roles: 9 });
  });
});

describe('TLS', () => {
  it('presents a certificate that signs itself, links over https, and another certificate when it is changed', async () => {
    const simulator = await start({ tls: true });
    const agent = new Agent({ keepAlive: true, maxCachedSessions: 0 });
    onTestFinished(() => agent.destroy());
    const first = await getOver(simulator, agent);
    expect(first.fingerprint).toBe(simulator.fingerprint);
    expect(first.body).toContain(`"${simulator.url}/api/3"`);
    expect(simulator.url).toMatch(/^https:/);
    const changed = simulator.mutate({ op: 'change-certificate' });
    expect(changed).toEqual({ fingerprint: simulator.fingerprint });
    expect(simulator.fingerprint).not.toBe(first.fingerprint);
    await vi.waitFor(() => expect(Object.keys(agent.freeSockets)).toEqual([]));
    expect((await getOver(simulator, agent)).fingerprint).toBe(simulator.fingerprint);
  });

  it('is kept over a restart, so that its fingerprint stays', async () => {
    const first = await start({ tls: true });
    const second = await start({ savedState: JSON.parse(JSON.stringify(first.save())) });
    expect(second.fingerprint).toBe(first.fingerprint);
    expect((await getOver(second)).fingerprint).toBe(first.fingerprint);
    expect((await start({})).fingerprint).toBeNull();
  });
});

describe('saving', () => {
  it('goes on where it ended, in another process', async () => {
    const saves: (() => unknown)[] = [];
    const first = await simulate({ seed: 'demo', switches: { denied: '403' }, onChange: (save) => saves.push(save) });
    const jonas = await first.user('jonas.lind');
    await first.ask('PUT', `/users/${jonas.id}/sites`, { body: [7] });
    await first.ask('PUT', '/roles/reader', { body: { id: 'reader', name: 'Reader', description: '' } });
    await first.ask('PUT', '/users/2/password', { body: 'Adas-n3w-one' });
    first.mutate({ op: 'delete-user', login: 'noor.bakker' });
    first.mutate({ op: 'rename-thing', list: 'assetGroups', id: 3, to: 'Notebooks' });
    const { id: lastId } = Object(first.mutate({ op: 'add-user', login: 'late' }));
    first.mutate({ op: 'delete-user', login: 'late' });
    const second = await simulate({ savedState: JSON.parse(JSON.stringify(saves.at(-1)?.())), today: undefined });
    const everything = async ({ get, url }: typeof first) => {
      const paths = ['/users?size=500', '/roles', '/asset_groups', `/users/${jonas.id}/sites`, '/sites/7/users'];
      const texts = await Promise.all(paths.map(async (path) => (await get(path)).text));
      return texts.map((text) => text.replaceAll(url, ''));
    };
    expect(second.credentials).toEqual({ user: 'ada.okonkwo', password: 'Adas-n3w-one', twoFactorToken: null });
    expect(await everything(second)).toEqual(await everything(first));
    expect(second.effects()).toEqual(first.effects());
    expect(second.switches().denied).toBe('403');
    expect(second.mutate({ op: 'add-user', login: 'later' })).toEqual({ id: lastId + 1 });
  });

  it('refuses a state it cannot read', async () => {
    await expect(simulate({ savedState: { version: 2 } })).rejects.toMatchObject({
      kind: 'invalidInput',
      details: { field: 'savedState' },
    });
  });
});

describe('the command', () => {
  it('prints where it is and how to connect, and closes when asked to end', async () => {
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
    const print = vi.fn<(line: string) => void>();
    const argv = ['--people', '30', '--sites', '5', '--tls', '--json', '--switch', 'denied=403'];
    const run = runInsightVmSimulator(argv, { print, stopped: () => stopped });
    await vi.waitFor(() => expect(print).toHaveBeenCalledOnce());
    const { url, credentials } = JSON.parse(print.mock.calls[0]?.[0] ?? '');
    expect(credentials).toEqual({
      user: 'ada.okonkwo',
      password: expect.any(String),
      certificate_fingerprint: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    expect((await getOver({ url, credentials })).status).toBe(200);
    stop();
    await run;
    await expect(getOver({ url, credentials })).rejects.toThrow('ECONNREFUSED');
  });

  it('names the option that is wrong before it starts anything, and lists its switches', async () => {
    const print = vi.fn<(line: string) => void>();
    const run = (...argv: string[]) => runInsightVmSimulator(argv, { print, stopped: () => Promise.resolve() });
    await expect(run('--sites', 'many')).rejects.toMatchObject({ details: { field: 'sites' } });
    await expect(run('--switch', 'denied=never')).rejects.toMatchObject({ details: { field: 'switch.denied' } });
    await expect(run('--switch', 'colour=red')).rejects.toMatchObject({ details: { field: 'switch.colour' } });
    await run('--help');
    expect(print.mock.calls.flat().join('\n')).toContain('dialect=strict | guide');
  });
});

async function start(options: Parameters<typeof startInsightVmSimulator>[0]) {
  const simulator = await startInsightVmSimulator({
    people: 20,
    today: TODAY,
    clock: { now: () => TODAY },
    ...options,
  });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** The API's root over HTTPS, and the fingerprint of the certificate that was shown; nothing is verified. */
function getOver(
  {
    url,
    credentials,
  }: { readonly url: string; readonly credentials: { readonly user: string; readonly password: string } },
  agent: Agent | false = false,
): Promise<{ readonly status: number | undefined; readonly body: string; readonly fingerprint: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: basic(credentials) };
    const sent = httpsRequest(`${url}/api/3`, { headers, rejectUnauthorized: false, agent }, (response) => {
      const { socket, statusCode: status } = response;
      const shown = socket instanceof TLSSocket ? socket.getPeerCertificate().fingerprint256 : '';
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status, body, fingerprint: shown.replaceAll(':', '').toLowerCase() }));
    });
    sent.on('error', reject);
    sent.end();
  });
}
