import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer } from '../../connector-kit/http/testing/server.ts';
import { openConnector } from '../../connector-kit/testkit/index.ts';
import { UsherError } from '../../model/errors.ts';
import { connector, platform } from './testing/platform.ts';

/** What a person sees: the message, what to do next, and the kind. */
async function failure(work: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof UsherError) {
      const { next, code, field } = thrown.details;
      return {
        kind: thrown.kind,
        message: thrown.message.replaceAll(/\(correlation id [^)]*\)/g, '(correlation id …)'),
        next,
        code,
        field,
      };
    }
    throw thrown;
  }
  throw new Error('An error was expected.');
}

describe('The probe of the Insight Platform', () => {
  it('tells the organization and what the key can read, and nothing that only writing would show', async () => {
    const { open, simulator } = await platform({ people: 24 });
    const { tenant, capabilities, notes } = await open.probe();
    expect(tenant).toEqual({ id: simulator.organizationId, name: 'Northwind Trading' });
    expect(capabilities).toEqual([
      'events', 'group_members', 'organizations', 'products', 'roles', 'user_groups', 'users', 'vm_v4_users',
    ]); // prettier-ignore
    expect(notes).toEqual([
      'There are 23 users, 3 of them Platform Admins.',
      'A user key dies with its owner. Name the owner in the settings, and Usher refuses to delete them.',
    ]);
    expect(new Set(simulator.requests().map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  it.each([
    [{ vmV4Users: 'off' }, 'vm_v4_users'],
    [{ auditLog: 'off' }, 'events'],
    [{ groupMembers: 'hidden' }, 'group_members'],
  ])('does not find with %o what is not there', async (switches, capability) => {
    const { open } = await platform({ people: 24, switches });
    expect((await open.probe()).capabilities).not.toContain(capability);
  });

  it.each([{ userProducts: 'endpoint' }, { userProducts: 'inline' }])(
    'finds with %o that it can be seen who has a product',
    async (switches) => {
      const { open } = await platform({ people: 24, switches });
      expect((await open.probe()).capabilities).toContain('product_holders');
    },
  );

  it('says that a bad key may be of another region', async () => {
    const { open } = await platform({ people: 24, switches: { wrongRegion: '401' } });
    expect(await failure(open.probe())).toEqual({
      kind: 'auth',
      message: 'The Insight Platform of region us does not know this key.',
      next: 'Is the key of this region? The region is the first part of the address in the browser. A user key dies with its owner, and a deleted key is refused at once: see Settings > API Keys.',
    });
  });

  it('does not take a good key for the proof of the region', async () => {
    const { open } = await platform({ people: 24, switches: { wrongRegion: 'validates' } });
    expect(await failure(open.probe())).toEqual({
      kind: 'auth',
      code: 'wrongRegion',
      field: 'settings.region',
      message: 'The key is good, its products are known there, too, but region us does not have its users.',
      next: 'The region is the first part of the address in the browser when you are signed in: us, us2, us3, eu, ca, au, ap …',
    });
  });

  it('asks whether the region is right where the organization says another', async () => {
    const { open } = await platform({ people: 24, region: 'eu', settings: { region: 'us' } });
    expect((await open.probe()).notes).toContain(
      'The organization is in region eu, and the settings say us: is that right?',
    );
  });

  it.each([
    [
      'auto',
      "Use a Platform Admin's user key: organization keys are refused there by some organizations, and a user key has the rights of its owner only.",
    ],
    ['organization', "Organization keys are refused there by some organizations: try a Platform Admin's user key."],
  ])('says which key to take where an organization key is refused users (%s)', async (keyKind, next) => {
    const switches = { organizationKey: 'refused' };
    const { open } = await platform({ people: 24, switches, key: 'organization', settings: { keyKind } });
    expect(await failure(open.probe())).toEqual({
      kind: 'permission',
      code: 'keyMayNot',
      message: 'This key may not read platform users (correlation id …).',
      next,
    });
  });

  it('doubts an owner of the key whom the platform does not know', async () => {
    const { open } = await platform({ people: 24, settings: { keyOwner: 'nobody@northwind.example' } });
    expect((await open.probe()).notes).toContain(
      'No user has the address nobody@northwind.example, which the settings name as owner of the key: is that right?',
    );
    const known = await platform({ people: 24, settings: { keyOwner: 'Ada.Okonkwo@northwind.example' } });
    expect((await known.open.probe()).notes).toEqual(['There are 23 users, 3 of them Platform Admins.']);
  });

  it('says whose rights are missing where the owner of a user key administers nothing', async () => {
    const { open } = await platform({ people: 24, key: 'limited', settings: { keyKind: 'user' } });
    expect(await failure(open.probe())).toMatchObject({
      kind: 'permission',
      message: 'This key may not read platform users (correlation id …).',
      next: 'A user key has the rights of its owner: use the key of a Platform Admin, or have the owner made one.',
    });
  });

  it('sends to insightvm where a console answers', async () => {
    const console3780 = await startServer((response) => {
      response.writeHead(401, { server: 'Security Console', 'content-type': 'application/json;charset=UTF-8' });
      response.end('{ "status" : 401, "message" : "Unauthorized" }');
    });
    const open = openConnector({
      connector,
      settings: { region: 'us', baseUrl: console3780.url },
      secrets: { apiKey: '0f5b2c1e-7d3a-4f0e-9a55-2d1c6b7a8e90' },
    });
    onTestFinished(async () => {
      await open[Symbol.asyncDispose]();
      await console3780[Symbol.asyncDispose]();
    });
    expect(await failure(open.probe())).toEqual({
      kind: 'invalidInput',
      code: 'wrongSurface',
      field: 'settings.base_url',
      message: 'An InsightVM Security Console answered validate, not the Insight Platform.',
      next: 'Use the connector insightvm for a console; for the Insight Platform leave the address out and give the region.',
    });
  });

  it('refuses the address of a console before there is anything to ask', () => {
    const parse = (settings: object) => () => connector.parse(settings, { apiKey: 'k' });
    expect(parse({ region: 'us', baseUrl: 'https://console.example:3780' })).toThrow(
      'settings.base_url: This is the address of an InsightVM Security Console. For it use the connector insightvm; the Insight Platform, the cloud, needs no address but its region.',
    );
    expect(parse({ region: 'us', baseUrl: 'http://proxy.example' })).toThrow(
      'settings.base_url: The platform speaks https only; http would send the key in clear text.',
    );
    expect(parse({ region: 'console.example:3780' })).toThrow(
      'settings.region: Give the code of the region alone (us, eu …). For the address of an InsightVM console use the connector insightvm.',
    );
  });

  it.each(['us', 'us2', 'us3', 'eu', 'ca', 'au', 'ap', 'aps2', 'me1', 'ap-south-2', 'me-central-1'])(
    'asks the host of region %s',
    (region) => {
      expect(connector.parse({ region }, { apiKey: 'k' }).baseUrl).toBe(`https://${region}.api.insight.rapid7.com`);
    },
  );

  it('needs the list of the guide only where the settings rest on it', async () => {
    const { open } = await platform({ people: 24, switches: { vmV4Users: 'off' }, settings: { userList: 'vm_v4' } });
    expect(await failure(open.probe())).toEqual({
      kind: 'unsupported',
      code: 'noVmUsers',
      field: 'settings.user_list',
      message: 'This organization has no GET /vm/v4/users, or the key may not read it.',
      next: 'Only one guide knows it: set the list of users to account.',
    });
  });

  it('keeps to the fifty calls a minute that the Account API allows', () => {
    const { rates } = connector.parse({ region: 'us' }, { apiKey: 'k' });
    expect(rates.default).toEqual({ perSecond: 50 / 60, burst: 50, maxWaitMs: 180_000 });
  });

  it('says when the budget of a minute is used up', async () => {
    const { open, simulator } = await platform({ people: 24, switches: { ratePerMinute: 1, retryAfter: 'on' } });
    const { host } = new URL(simulator.url);
    expect(await failure(open.probe())).toMatchObject({
      kind: 'rateLimited',
      message: `${host} answered getUsers with 429 Too Many Requests.`,
      next: 'Wait and try again, or lower the requests a second in the settings of the connection.',
    });
  });
});
