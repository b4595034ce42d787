import { describe, expect, it, vi } from 'vitest';
import { runLastPassSimulator } from './simulator.ts';
import { simulate } from './simulator/testing/caller.ts';

const ROSA = 'rosa.delgado@northwind.example';

describe('faults', () => {
  it('do the work and lose the answer, so that the effect shows afterwards', async () => {
    const { call, user, effects, requests } = await simulate({ faults: ['lost-answer/disableuser@1'] });
    await expect(call('disableuser', [ROSA])).rejects.toThrow('fetch failed');
    expect(await user(ROSA)).toMatchObject({ disabled: true });
    expect(effects()).toHaveLength(1);
    expect(requests()[0]).toMatchObject({ operation: 'disableuser', fault: 'lost-answer/disableuser@1', status: null });
    expect((await call('disableuser', [ROSA])).json.unchanged_users).toEqual([ROSA]);
  });

  it('refuse before anything is done', async () => {
    const { call, effects } = await simulate({
      faults: ['429@1', '429-retry-after=7@2', '500@3', '502@4', '503@5', 'html-403@6', 'html-503@7', 'reset@8'],
    });
    const heard = [];
    for (let round = 0; round < 7; round++) heard.push(await call('disableuser', [ROSA]));
    expect(heard.map(({ status }) => status)).toEqual([429, 429, 500, 502, 503, 403, 503]);
    expect(heard.map(({ retryAfter }) => retryAfter)).toEqual([null, '7', null, null, null, null, null]);
    expect(heard[5]).toMatchObject({
      contentType: 'text/html; charset=utf-8',
      text: expect.stringMatching(/^<!DOCTYPE html>/),
    });
    await expect(call('disableuser', [ROSA])).rejects.toThrow('fetch failed');
    expect(effects()).toEqual([]);
    expect((await call('disableuser', [ROSA])).json.status).toBe('success');
  });

  it('answer late, but whole', async () => {
    const { call, requests } = await simulate({ faults: ['slow=1/getsfdata'] });
    expect(Object.keys((await call('getsfdata')).json)).toHaveLength(31);
    expect(requests()[0]).toMatchObject({ fault: 'slow=1/getsfdata:1', status: 200 });
  });

  it('strike the same requests again for the same seed', async () => {
    const statuses = async (seed: string) => {
      const { call } = await simulate({ seed, people: 1, faults: ['503:0.5'] });
      const heard: number[] = [];
      for (let round = 0; round < 20; round++) heard.push((await call('getuserdata', { pagesize: 1 })).status);
      return heard.join(' ');
    };
    expect(await statuses('one')).toBe(await statuses('one'));
    expect(await statuses('one')).not.toBe(await statuses('two'));
  });

  it('break off, cut short and change the types of answers', async () => {
    const { call, faults } = await simulate();
    const whole = await call('getuserdata', { pagesize: 5, pageindex: 0 });
    faults.set(['truncated@1', 'cut@2', 'reset@3', 'wrong-type@4']);
    const cut = await call('getuserdata', { pagesize: 5, pageindex: 0 });
    expect(whole.text.startsWith(cut.text)).toBe(true);
    expect(cut.json).toBeUndefined();
    await expect(call('getuserdata', { pagesize: 5 })).rejects.toThrow('terminated');
    await expect(call('getuserdata', { pagesize: 5 })).rejects.toThrow('fetch failed');
    expect((await call('getuserdata', { pagesize: 5 })).json).toMatchObject({ total: {}, Users: true });
    expect((await call('getuserdata', { pagesize: 5 })).json.total).toBe(245);
  });
});

describe('inspection over HTTP', () => {
  it('shows requests and effects, sets faults, clock and switches, and changes the company', async () => {
    const { url, call, user } = await simulate();
    const inspect = async (method: string, topic: string, body?: unknown) => {
      const response = await fetch(`${url}/_simulator/${topic}`, {
        method,
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      return { status: response.status, json: await response.json() };
    };
    await call('disableuser', [ROSA]);
    expect((await inspect('GET', 'effects')).json).toMatchObject([
      { number: 1, kind: 'user.disabled', subject: ROSA, request: 1 },
    ]);
    expect((await inspect('GET', 'requests?after=1')).json).toEqual([]);
    expect((await inspect('GET', 'state')).json).toMatchObject({ users: 245, disabled: 10, requests: 1, effects: 1 });
    expect((await inspect('PUT', 'faults', ['500/getuserdata@1'])).json).toEqual(['500/getuserdata@1']);
    expect((await call('getuserdata')).status).toBe(500);
    expect((await inspect('DELETE', 'faults')).json).toEqual([]);
    expect((await inspect('PUT', 'clock', { now: '2027-01-01T00:00:00Z' })).json).toEqual({
      now: '2027-01-01T00:00:00.000Z',
      is_stopped: true,
    });
    expect((await inspect('PUT', 'switches', { invitedKey: 'Invited' })).json).toMatchObject({ invitedKey: 'Invited' });
    expect(
      (await inspect('POST', 'mutate', { op: 'rename-user', username: ROSA, to: 'r.d@northwind.example' })).json,
    ).toEqual({ done: 'rename-user' });
    expect(await user('r.d@northwind.example')).toMatchObject({ fullname: 'Rosa Delgado' });
    expect((await inspect('GET', 'save')).json).toMatchObject({ version: 1, people: 250 });
  });

  it('says what is wrong with what it is asked', async () => {
    const { url } = await simulate();
    const ask = async (method: string, topic: string, body?: string) =>
      (await fetch(`${url}/_simulator/${topic}`, { method, body })).status;
    expect(await ask('GET', 'nothing')).toBe(404);
    expect(await ask('PUT', 'faults', '["quake"]')).toBe(400);
    expect(await ask('PUT', 'clock', 'noon')).toBe(400);
    expect(await ask('PUT', 'switches', '{"colour":"red"}')).toBe(400);
    expect(await ask('POST', 'mutate', '{"op":"abolish"}')).toBe(400);
    expect(await ask('POST', 'mutate', '{"op":"delete-user","username":"ghost@northwind.example"}')).toBe(404);
  });
});

describe('changes behind the API', () => {
  it('delete and add in the middle of a pull, as the total tells', async () => {
    const { call, mutate } = await simulate();
    expect((await call('getuserdata', { pagesize: 100, pageindex: 0 })).json.total).toBe(245);
    mutate({ op: 'delete-user', username: 'ada.okonkwo@northwind.example' });
    expect((await call('getuserdata', { pagesize: 100, pageindex: 1 })).json.total).toBe(244);
    mutate({ op: 'add-user', username: 'new@northwind.example', fullname: 'New', groups: ['Legal'] });
    const last = (await call('getuserdata', { pagesize: 100, pageindex: 2 })).json;
    expect(Object.values(last.Users).at(-1)).toMatchObject({
      username: 'new@northwind.example',
      neverloggedin: false,
    });
  });

  it('take the key away, wholly or for a command', async () => {
    const simulator = await simulate();
    const before = simulator.credentials;
    const old = () => simulator.call('getsfdata', undefined, { provhash: before.provisioningHash });
    simulator.mutate({ op: 'refuse-command', command: 'getsfdata' });
    expect((await old()).text).toContain('Authorization Error');
    expect((await simulator.call('getuserdata', { pagesize: 1 })).json.count).toBe(1);
    simulator.mutate({ op: 'allow-command', command: 'getsfdata' });
    expect((await old()).json).toBeDefined();
    simulator.mutate({ op: 'reset-provisioning-hash' });
    expect((await old()).text).toContain('Authorization Error');
    expect((await simulator.call('getsfdata')).json).toBeDefined();
  });

  it('rename and delete groups, for members and folders alike', async () => {
    const { call, mutate, setSwitches } = await simulate();
    setSwitches({ groupGrants: 'entry' });
    mutate({ op: 'rename-group', group: 'Support Tier 2', to: 'Tier 2' });
    expect((await call('getuserdata')).json.Groups).toHaveProperty('Tier 2');
    expect((await call('getsfdata')).text).toContain('"username":"Tier 2"');
    mutate({ op: 'delete-group', group: 'Tier 2' });
    expect((await call('getuserdata')).json.Groups).not.toHaveProperty('Tier 2');
    expect((await call('getsfdata')).text).not.toContain('Tier 2');
  });

  it('share, unshare and rename folders', async () => {
    const { call, mutate } = await simulate();
    const travel = async () =>
      (await call('getsfdata')).folders.find(({ sharedfoldername }) => sharedfoldername === 'Trips');
    mutate({ op: 'rename-folder', folder: 'Travel', to: 'Trips' });
    mutate({ op: 'share-folder', folder: 'Trips', username: 'guest@mail.example', readonly: true });
    expect((await travel())?.users.at(-1)).toEqual({
      username: 'guest@mail.example',
      readonly: 1,
      give: 0,
      can_administer: 0,
    });
    mutate({ op: 'unshare-folder', folder: 'Trips', username: 'guest@mail.example' });
    expect(JSON.stringify(await travel())).not.toContain('guest@mail.example');
  });

  it('change or delete a share of all users, the same ones for the same round', async () => {
    const [one, two] = await Promise.all([simulate({ people: 2_000 }), simulate({ people: 2_000 })]);
    expect(one.mutate({ op: 'change-share', share: 0.1 })).toEqual(two.mutate({ op: 'change-share', share: 0.1 }));
    expect((await one.call('getuserdata')).text).toBe((await two.call('getuserdata')).text);
    one.mutate({ op: 'delete-share', share: 0.4 });
    expect(one.state().users).toBeLessThan(1_300);
    expect(one.state().users).toBeGreaterThan(1_100);
  });
});

describe('saving', () => {
  it('goes on where it ended, another day and another process', async () => {
    const saves: (() => unknown)[] = [];
    const first = await simulate({
      seed: 'demo',
      people: 60,
      onChange: (save) => saves.push(save),
      switches: { zone: 'Europe/Berlin' },
    });
    await first.call('disableuser', [ROSA]);
    await first.call('batchadd', [{ username: 'lena.hart@northwind.example', groups: ['Brand new'] }]);
    first.mutate({ op: 'delete-user', username: 'jonas.lind@northwind.example' });
    first.mutate({ op: 'invite', username: 'new@northwind.example' });
    first.mutate({ op: 'rename-folder', folder: 'Travel', to: 'Trips' });
    first.mutate({ op: 'reset-provisioning-hash' });
    const everything = async ({ call }: Pick<typeof first, 'call'>) =>
      [await call('getuserdata'), await call('getsfdata'), await call('reporting')].map(({ text }) => text);
    const savedState: unknown = JSON.parse(JSON.stringify(saves.at(-1)?.()));
    const before = await everything(first);
    const second = await simulate({
      savedState,
      clock: { now: () => new Date('2026-12-24T00:00:00Z') },
      today: undefined,
    });
    expect(second.credentials).toEqual(first.credentials);
    const after = await everything(second);
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(second.effects()).toEqual(first.effects());
    expect(after[2]).toContain('Deactivated user');
    expect(second.requests()[0]?.number).toBe(first.requests().length + 1 - 3);
    expect(second.switches().zone).toBe('Europe/Berlin');
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
    const run = runLastPassSimulator(['--people', '30', '--seed', 's', '--json', '--switch', 'edge=403'], {
      print,
      stopped: () => stopped,
    });
    await vi.waitFor(() => expect(print).toHaveBeenCalledOnce());
    const { url, credentials } = JSON.parse(print.mock.calls[0]?.[0] ?? '');
    expect(credentials).toEqual({
      company_id: expect.stringMatching(/^\d{8}$/),
      provisioning_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await fetch(`${url}/enterpriseapi.php`, { method: 'POST', body: '{}' })).status).toBe(403);
    stop();
    await run;
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('names the option that is wrong before it starts anything', async () => {
    const run = (...argv: string[]) =>
      runLastPassSimulator(argv, { print: vi.fn<(line: string) => void>(), stopped: () => Promise.resolve() });
    await expect(run('--people', 'many')).rejects.toMatchObject({ details: { field: 'people' } });
    await expect(run('--fault', 'quake')).rejects.toMatchObject({ details: { field: 'fault' } });
    await expect(run('--switch', 'emptyMaps=none')).rejects.toMatchObject({ details: { field: 'switch.emptyMaps' } });
    await expect(run('--colour')).rejects.toMatchObject({ kind: 'invalidInput' });
  });
});
