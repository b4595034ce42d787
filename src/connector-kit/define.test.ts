import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { configFields } from './config-fields.ts';
import type { ConnectorDefinition, ConnectorEnvironment } from './connector.ts';
import { defineConnector, readAction } from './define.ts';
import { memoryDrift } from './drift.ts';
import { createDryRunClient } from './http/dry-run.ts';
import type { AccountRecord } from '../model/records.ts';

const settings = z.strictObject({
  host: z.string().min(1).meta({ title: 'Host', description: 'Where it is' }),
  region: z.enum(['us', 'eu']).default('us').meta({ title: 'Region' }),
  rate: z.coerce.number().positive().default(2),
  note: z.string().optional(),
});
const secrets = z.strictObject({ key: z.string().regex(/^k-/, 'A key begins with k-.').meta({ title: 'Key' }) });

function definition(): ConnectorDefinition<typeof settings, typeof secrets> {
  return {
    id: 'shop',
    title: 'Shop',
    description: 'A shop',
    config: { settings, secrets },
    mappingVersion: 1,
    baseUrl: ({ host }) => `https://${host}`,
    rates: ({ rate }) => ({ default: rate }),
    probe: async ({ settings: { host, key } }) => ({
      tenant: { id: host, name: key.slice(0, 2) },
      capabilities: [],
      notes: [],
    }),
    collections: [],
    actions: [
      readAction({
        id: 'shop_echo',
        title: 'Echo',
        description: 'Says it again',
        input: z.strictObject({ text: z.string(), times: z.int().max(3).default(1) }),
        output: z.object({ said: z.string() }),
        run: async (_context, { text, times }) => ({ data: { said: text.repeat(times) } }),
      }),
    ],
    unified: {
      traits: {
        userId: 'email',
        roles: [],
        unknownRoleStatus: 404,
        resourceTypes: [],
        resourcesArePolicies: false,
        describe: ({ host }) => ({
          organizations: [{ id: host, name: host }],
          credentials: { name: host, authType: 'api_key' },
        }),
      },
      live: {
        accounts: async () => ({ records: [], next: null }),
        account: async () => [],
        groups: async () => [],
        resources: async () => [],
        check: async () => undefined,
      },
    },
  };
}

const environment: ConnectorEnvironment = {
  connectionId: 'shop',
  http: createDryRunClient({ baseUrl: 'https://shop.example', secrets: [] }),
  clock: { now: () => new Date(0) },
  drift: memoryDrift(),
  signal: new AbortController().signal,
};
const shop = defineConnector(definition());
const good = { host: 'shop.example' };

describe('a defined connector', () => {
  it('parses settings and secrets, apart, and binds them', async () => {
    const config = shop.parse(good, { key: 'k-1234' });
    expect(config).toMatchObject({
      settings: { host: 'shop.example', region: 'us', rate: 2 },
      secrets: { key: 'k-1234' },
      baseUrl: 'https://shop.example',
      rates: { default: 2 },
    });
    expect(JSON.stringify(config.settings)).not.toContain('k-1234');
    expect(await config.open(environment).probe()).toMatchObject({ tenant: { id: 'shop.example', name: 'k-' } });
  });

  it.each([
    [{}, { key: 'k-1' }, 'settings.host', 'settings.host is missing.'],
    [undefined, { key: 'k-1' }, 'settings.host', 'settings.host is missing.'],
    [{ ...good, region: 'moon' }, { key: 'k-1' }, 'settings.region', 'us'],
    [{ ...good, hosts: 'x' }, { key: 'k-1' }, 'settings.hosts', 'There is no field settings.hosts.'],
    [good, {}, 'secrets.key', 'secrets.key is missing.'],
  ])('names the field that is wrong: %j %j', (rawSettings, rawSecrets, field, message) => {
    const parse = (): unknown => shop.parse(rawSettings, rawSecrets);
    expect(parse).toThrow(
      expect.objectContaining({ kind: 'invalidInput', details: expect.objectContaining({ field }) }),
    );
    expect(parse).toThrow(message);
  });

  it('never says the value of a secret that does not fit', () => {
    expect(() => shop.parse(good, { key: 'hunter2-hunter2' })).toThrow('A key begins with k-.');
    for (const key of ['hunter2-hunter2', { inner: 'hunter2' }, ['hunter2']]) {
      expect(() => shop.parse(good, { key })).toThrow(/^(?!.*hunter2)/);
    }
  });

  it('has the unified actions beside its own and refuses two of one id', () => {
    const ids = shop.actions.map(({ id }) => id);
    expect(ids).toContain('shop_echo');
    expect(ids).toContain('shop_unified_list_users');
    const twice = definition();
    expect(() => defineConnector({ ...twice, actions: [...twice.actions, ...twice.actions] })).toThrow(
      'shop_echo twice',
    );
  });

  it('checks the input of an action, runs it and checks its output', async () => {
    const open = shop.parse(good, { key: 'k-1' }).open(environment);
    expect(await open.call('shop_echo', { text: 'a', times: 2 })).toEqual({ data: { said: 'aa' }, next: null });
    await expect(open.call('shop_echo', {})).rejects.toMatchObject({
      kind: 'invalidInput',
      details: { field: 'text' },
    });
    await expect(open.call('shop_echo', { text: 'a', times: 9 })).rejects.toMatchObject({
      details: { field: 'times' },
    });
    await expect(open.call('shop_echo', { text: 'a', tmies: 9 })).rejects.toMatchObject({
      details: { field: 'tmies' },
    });
    await expect(open.call('shop_shout', {})).rejects.toMatchObject({ kind: 'notFound' });
    await expect(open.call('shop_echo', null)).rejects.toMatchObject({ kind: 'invalidInput' });
  });

  it('calls an answer that does not fit its own schema a bug', async () => {
    const bad = definition();
    const [echo] = bad.actions;
    if (echo === undefined) throw new Error('the definition has an action');
    const broken = defineConnector({ ...bad, actions: [{ ...echo, run: async () => ({ data: { said: 5 } }) }] });
    const open = broken.parse(good, { key: 'k-1' }).open(environment);
    await expect(open.call('shop_echo', { text: 'a' })).rejects.toMatchObject({
      kind: 'upstreamBug',
      details: { code: 'outputMismatch' },
    });
  });

  it('says that it cannot read a log where the app has none, and which collections there are not', () => {
    const open = shop.parse(good, { key: 'k-1' }).open(environment);
    expect(shop.hasAuditEvents).toBe(false);
    expect(() => open.auditEvents(null)).toThrow('cannot read');
    expect(() => open.pull('things', '', null)).toThrow('no collection things');
  });

  it('describes its fields for forms and flags', () => {
    expect(configFields(shop)).toEqual([
      { name: 'host', title: 'Host', description: 'Where it is', kind: 'text', required: true },
      {
        name: 'region',
        title: 'Region',
        description: '',
        kind: 'choice',
        choices: ['us', 'eu'],
        default: 'us',
        required: false,
      },
      { name: 'rate', title: 'rate', description: '', kind: 'number', default: 2, required: false },
      { name: 'note', title: 'note', description: '', kind: 'text', required: false },
      { name: 'key', title: 'Key', description: '', kind: 'secret', required: true },
    ]);
  });
});

describe('a pull of accounts whose mapping is deferred', () => {
  const person: AccountRecord = {
    kind: 'account', key: '1', email: null, username: null, displayName: null, givenName: null, familyName: null,
    status: 'active', isLocked: null, isService: null, mfa: null, roles: [], employeeNumber: null, createdAt: null,
    extra: {}, volatile: { lastLoginAt: null, extra: {} }, raw: 'x',
  }; // prettier-ignore
  const record = { kind: 'role' as const, key: 'r', name: 'R', description: null, type: 'basic', extra: {} };
  const stopped: string[] = [];
  const opened = () =>
    defineConnector({
      ...definition(),
      collections: [
        {
          id: 'all',
          title: 'All',
          yields: ['account', 'role'],
          async *pull() {
            try {
              const deferred = [{ key: '1', raw: 'x', mappedBy: '', map: () => person }];
              yield { records: [record], deferred, observedAt: '', checkpoint: 1, total: 1 };
              return { isComplete: true };
            } finally {
              stopped.push('all');
            }
          },
        },
      ],
    })
      .parse({ host: 'shop.example' }, { key: 'k-1' })
      .open(environment);

  it('has them mapped among the records, and ends as the collection does', async () => {
    const pages = opened().pull('all', '', null);
    const first = await pages.next();
    expect(first.value).toEqual({ records: [person, record], observedAt: '', checkpoint: 1, total: 1 });
    expect(await pages.next()).toEqual({ done: true, value: { isComplete: true } });
  });

  it('leaves them to who asks for them', async () => {
    const { value } = await opened().pull('all', '', null, true).next();
    expect(value).toMatchObject({ records: [record], deferred: [{ key: '1', raw: 'x' }] });
  });

  it('stops in the connector when it is stopped', async () => {
    const pages = opened().pull('all', '', null);
    await pages.next();
    stopped.length = 0;
    await pages.return({ isComplete: false, reason: 'enough' });
    expect(stopped).toEqual(['all']);
  });
});
