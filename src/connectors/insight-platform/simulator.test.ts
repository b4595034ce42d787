import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type InsightPlatformSimulator,
  type InsightPlatformSimulatorOptions,
  runInsightPlatformSimulator,
  startInsightPlatformSimulator,
} from './simulator.ts';

const TODAY = new Date('2026-03-02T15:00:10Z');
const ACCOUNT = '/account/api/1';

interface Heard {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

type Ask = (
  path: string,
  options?: {
    readonly method?: string;
    readonly key?: string;
    readonly body?: unknown;
    readonly headers?: Record<string, string>;
  },
) => Promise<Heard>;

async function start(
  options: InsightPlatformSimulatorOptions = {},
): Promise<{ readonly simulator: InsightPlatformSimulator; readonly ask: Ask }> {
  const simulator = await startInsightPlatformSimulator({ people: 24, today: TODAY, ...options });
  simulator.clock.set(TODAY);
  onTestFinished(() => simulator.close());
  const ask: Ask = async (path, { method = 'GET', key = simulator.keys.user, body, headers = {} } = {}) => {
    const answer = await fetch(simulator.url + path, {
      method,
      headers: { 'x-api-key': key, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) };
  };
  return { simulator, ask };
}

function idOf(simulator: InsightPlatformSimulator, email: string): string {
  return simulator.save().users.find((user) => user.email === email)?.id ?? '';
}

describe('Keys of the simulated Insight Platform', () => {
  it('are good or not by GET and by POST, and tell nothing of whose they are', async () => {
    const { ask } = await start();
    for (const method of ['GET', 'POST']) {
      expect(await ask('/validate', { method })).toMatchObject({ status: 200, body: { message: 'Authorized' } });
      expect(await ask('/validate', { method, key: 'nobody' })).toMatchObject({
        status: 401,
        body: { message: 'Unauthorized' },
      });
    }
  });

  it('have the rights of their owner, or all of them', async () => {
    const { ask, simulator } = await start();
    const { user, organization, limited } = simulator.keys;
    const statuses = async (path: string): Promise<readonly number[]> => [
      (await ask(path, { key: user })).status,
      (await ask(path, { key: organization })).status,
      (await ask(path, { key: limited })).status,
    ];
    expect(await statuses(`${ACCOUNT}/users`)).toEqual([200, 200, 403]);
    expect(await statuses(`${ACCOUNT}/products`)).toEqual([200, 200, 200]);
    simulator.setSwitches({ organizationKey: 'refused' });
    expect(await statuses(`${ACCOUNT}/users`)).toEqual([200, 403, 403]);
  });

  it('die with their owner', async () => {
    const { ask, simulator } = await start();
    const { user } = simulator.keys;
    await ask(`${ACCOUNT}/users/${idOf(simulator, 'ada.okonkwo@northwind.example')}`, { method: 'DELETE', key: user });
    expect((await ask('/validate', { key: user })).status).toBe(401);
    expect(simulator.effects().map(({ kind }) => kind)).toEqual(['user.deleted', 'api-key.revoked', 'sessions.ended']);
  });
});

describe('Users of the simulated Insight Platform', () => {
  it('come as a bare array, filtered as asked', async () => {
    const { ask } = await start();
    const { body } = await ask(`${ACCOUNT}/users?status=ACTIVE&platform-admin=true`);
    expect(body).toHaveLength(3);
    expect((await ask(`${ACCOUNT}/users?email=VIKTOR.hansen@northwind.example`)).body).toMatchObject([
      { email: 'Viktor.Hansen@Northwind.example', status: 'ACTIVE', platform_admin: false },
    ]);
  });

  it('are invited by mail, pending until they accept, and keep their address for ever', async () => {
    const { ask, simulator } = await start();
    const body = { email: 'dana.ito@example.test', first_name: 'Dana', last_name: 'Ito' };
    const made = await ask(`${ACCOUNT}/users`, { method: 'POST', body });
    expect(made).toMatchObject({
      status: 201,
      body: { ...body, status: 'PENDING', timezone: 'UTC', last_login: null },
    });
    expect(simulator.effects()).toMatchObject([
      { kind: 'user.created' },
      { kind: 'mail.invitation', subject: body.email },
    ]);
    expect((await ask(`${ACCOUNT}/users`, { method: 'POST', body })).status).toBe(409);
    const path = `${ACCOUNT}/users/${idOf(simulator, body.email)}`;
    expect(await ask(path, { method: 'PATCH', body: { email: 'other@example.test' } })).toMatchObject({
      status: 400,
      body: { message: 'email cannot be changed.' },
    });
    simulator.mutate({ op: 'accept-invitation', email: body.email });
    expect((await ask(path)).body).toMatchObject({ status: 'ACTIVE', last_login: '2026-03-02T15:00:10Z' });
  });

  it('are updated by the verb of the switch alone', async () => {
    const { ask, simulator } = await start();
    const path = `${ACCOUNT}/users/${idOf(simulator, 'grace.kim@northwind.example')}`;
    const body = { first_name: 'G', last_name: 'K' };
    for (const [updateVerb, statuses] of [
      ['PATCH', [200, 405]],
      ['PUT', [405, 200]],
      ['both', [200, 200]],
      ['none', [405, 405]],
    ] as const) {
      simulator.setSwitches({ updateVerb });
      const [patch, put] = [await ask(path, { method: 'PATCH', body }), await ask(path, { method: 'PUT', body })];
      expect([patch.status, put.status], updateVerb).toEqual(statuses);
    }
  });

  it('get roles in an organization by the attested body, at an inferred address', async () => {
    const { ask, simulator } = await start();
    const [role] = simulator.save().roles;
    const path = `${ACCOUNT}/users/${idOf(simulator, 'grace.kim@northwind.example')}/organizations/${simulator.organizationId}/roles`;
    expect((await ask(path, { method: 'PUT', body: [role?.id] })).status).toBe(200);
    expect((await ask(path, { method: 'PUT', body: ['no such'] })).status).toBe(400);
    simulator.setSwitches({ roleUrl: 'off' });
    expect((await ask(path, { method: 'PUT', body: [role?.id] })).status).toBe(404);
  });
});

describe('The simulated Insight Platform', () => {
  it('words its refusals by where they come from, and names a correlation id', async () => {
    const { ask } = await start();
    const missing = await ask(`${ACCOUNT}/users/none`, { headers: { 'r7-correlation-id': 'mine' } });
    expect(missing).toMatchObject({ status: 404, body: { correlation_id: 'mine' } });
    expect(missing.headers.get('r7-correlation-id')).toBe('mine');
    expect((await ask('/vm/v4/nothing')).body).toMatchObject({
      _type: 'com.rapid7.spring.rest.error.resource.ErrorResource', status: 404, throwable: null,
    }); // prettier-ignore
    expect((await ask('/idr/v1/users/rrn:none')).body).toMatchObject({ correlation_id: expect.any(String) });
    expect((await ask('/nothing')).body).toEqual({ message: 'no Route matched with those values' });
    const wrongVerb = await ask(`${ACCOUNT}/products`, { method: 'DELETE' });
    expect([wrongVerb.status, wrongVerb.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('counts calls to the Account API by the minute, and tells of it on good answers too', async () => {
    const { ask, simulator } = await start({ switches: { ratePerMinute: 2 } });
    const good = await ask(`${ACCOUNT}/products`);
    expect(good.headers.get('www-authenticate')).toBe('Key realm="kong"');
    const rate = (heard: Heard): readonly (string | null)[] =>
      ['limit', 'remaining', 'reset'].map((name) => heard.headers.get(`ratelimit-${name}`));
    expect(rate(good)).toEqual(['2', '1', '50']);
    await ask(`${ACCOUNT}/products`);
    const refused = await ask(`${ACCOUNT}/products`);
    expect(refused).toMatchObject({ status: 429, body: { message: 'API rate limit exceeded' } });
    expect(rate(refused)).toEqual(['2', '0', '50']);
    expect(refused.headers.get('retry-after')).toBeNull();
    expect(rate(await ask('/validate'))).toEqual([null, null, null]);
    simulator.clock.advance(50_000);
    expect((await ask(`${ACCOUNT}/products`)).status).toBe(200);
  });

  it('pages each family in its own way', async () => {
    const { ask, simulator } = await start();
    const headers = { 'r7-organization-id': simulator.organizationId };
    expect((await ask(`${ACCOUNT}/managed-organizations?index=1&size=3`, { headers })).body).toMatchObject({
      data: [{ name: 'Northwind Logistics' }],
      metadata: { index: 1, size: 3, total_pages: 2, total_data: 4 },
    });
    expect((await ask(`${ACCOUNT}/managed-organizations`)).status).toBe(400);
    expect((await ask('/vm/v4/users?index=0&size=2')).body).toMatchObject({
      data: [{ id: expect.any(Number), login: expect.any(String) }, {}],
      metadata: { index: 0, size: 2, totalPages: 12, totalResources: 23 },
    });
    expect((await ask('/vm/v4/integration/assets?page=3&size=10', { method: 'POST', body: {} })).body).toMatchObject({
      metadata: { number: 3, size: 10, totalResources: 37, totalPages: 4, cursor: expect.any(String) },
    });
    expect((await ask('/ias/v1/apps')).body).toMatchObject({ metadata: { total_data: 3, page_token: null } });
    const search = [{ field: 'last_name', operator: 'EQUALS', value: 'okonkwo' }];
    expect((await ask('/idr/v1/users/_search', { method: 'POST', body: { search } })).body).toMatchObject({
      data: [{ name: 'Ada Okonkwo', rrn: expect.stringMatching(/^rrn:uba:us:/) }],
      metadata: { total_data: 1 },
    });
  });

  it('makes keys that it shows once, and ends them', async () => {
    const { ask, simulator } = await start();
    const { body } = await ask(`${ACCOUNT}/api-keys`, { method: 'POST', body: { name: 'Second' } });
    const { id, api_key: key } = Object(body);
    expect((await ask('/validate', { key })).status).toBe(200);
    expect(JSON.stringify((await ask(`${ACCOUNT}/api-keys`)).body)).not.toContain(key);
    await ask(`${ACCOUNT}/api-keys/${id}`, { method: 'DELETE' });
    expect((await ask('/validate', { key })).status).toBe(401);
    expect(simulator.state().api_keys).toBe(4);
  });

  it('goes on from what was saved', async () => {
    const { simulator } = await start();
    simulator.mutate({ op: 'delete-user', email: 'jonas.lind@northwind.example' });
    simulator.mutate({ op: 'add-member', group: 'Security', email: 'grace.kim@northwind.example' });
    simulator.setSwitches({ vmV4Users: 'off' });
    const saved: unknown = JSON.parse(JSON.stringify(simulator.save()));
    const { simulator: next } = await start({ savedState: saved });
    expect(next.save()).toEqual(saved);
    expect(next.keys).toEqual(simulator.keys);
    await expect(startInsightPlatformSimulator({ savedState: { version: 7 } })).rejects.toMatchObject({
      kind: 'invalidInput',
    });
  });

  it('is the same for the same seed, and refuses a switch it does not know', async () => {
    const [one, two] = [await start(), await start()];
    expect(one.simulator.save()).toEqual(two.simulator.save());
    await expect(startInsightPlatformSimulator({ switches: { nonsense: 1 } })).rejects.toMatchObject({
      kind: 'invalidInput',
      details: { field: 'switch.nonsense' },
    });
  });

  it('runs as a command, and says how to connect', async () => {
    const lines: string[] = [];
    await runInsightPlatformSimulator(['--json', '--people', '20', '--switch', 'organizationKey=refused'], {
      print: (line) => lines.push(line),
      stopped: () => Promise.resolve(),
    });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      connector: 'insight-platform',
      credentials: { region: 'us', api_key: expect.stringMatching(/^facade00-/) },
    });
  });
});
