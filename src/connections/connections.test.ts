import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseEgressAllow, strictEgress } from '../connector-kit/http/egress.ts';
import type { CallTrace } from '../connector-kit/http/client.ts';
import { testCertificate } from '../connector-kit/http/testing/certificate.ts';
import { startServer } from '../connector-kit/http/testing/server.ts';
import { createVault } from '../secrets/vault.ts';
import type { Log } from '../store/log.ts';
import { testDatabase } from '../store/testing/index.ts';
import { createConnections, type Connections, type ConnectionsOptions } from './connections.ts';
import { createRegistry } from './registry.ts';
import { type PaperApp, paperConnector, startPaperApp } from './testing/paper-app.ts';
import type { NewConnection } from './views.ts';

const database = await testDatabase();
afterAll(() => database.close());

const masterKey = randomBytes(32);
let app: PaperApp;
let connections: Connections;
let now: Date;
let traces: CallTrace[];
let logged: string[];

const log: Log = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [
    level,
    (details: object, message: string) => void logged.push(JSON.stringify([level, details, message])),
  ]),
) as unknown as Log;

function open(options: Partial<ConnectionsOptions> = {}): Connections {
  return createConnections({
    database,
    vault: createVault(masterKey),
    registry: createRegistry([paperConnector()]),
    clock: { now: () => now },
    egress: parseEgressAllow('127.0.0.1:*'),
    proxy: null,
    signal: new AbortController().signal,
    log,
    onCall: (_id, trace) => void traces.push(trace),
    ...options,
  });
}

beforeEach(async () => {
  await database.pool.query(
    'truncate connection, connection_seat, secret, api_drift, rate_budget, connection_cursor, principal, token',
  );
  now = new Date('2026-11-22T02:00:00.000Z');
  traces = [];
  logged = [];
  app = await startPaperApp();
  connections = open();
});
afterEach(() => app.close());

const input = (change: Partial<NewConnection> = {}): NewConnection => ({
  id: null,
  connector: 'paper-app',
  settings: { base_url: app.url, company: 'northwind' },
  secrets: { password: app.password },
  ...change,
});
const connect = (change: Partial<NewConnection> = {}) => connections.connect(input(change), { dryRun: false });
const stored = async () => (await database.pool.query('select id from connection')).rowCount;

describe('connecting', () => {
  test('probes, then stores, and answers what was found without the secret', async () => {
    const { connection, probe } = await connect();
    expect(probe).toMatchObject({ tenant: { name: 'Northwind Trading' }, notes: ['made of paper'] });
    expect(connection).toEqual({
      id: 'paper-app', connector: 'paper-app', title: 'Paper',
      settings: { base_url: app.url, company: 'northwind', rate: 1_000_000 },
      capabilities: ['read', 'write'], tenant: { id: '1', name: 'Northwind Trading' }, state: 'active',
      pausedReason: null, scheduleSeconds: 3600, nextSyncAt: '2026-11-22T03:00:00.000Z', baselinedAt: null,
      createdAt: '2026-11-22T02:00:00.000Z', updatedAt: '2026-11-22T02:00:00.000Z', budgets: [],
    }); // prettier-ignore
    expect(await connections.get('paper-app')).toEqual(connection);
    expect(await connections.list()).toEqual([connection]);
    expect(await connections.describe('paper-app')).toMatchObject({ credentials: { name: 'northwind' } });
  });

  test('stores nothing when the probe is bad, and says which connection it was', async () => {
    await expect(connect({ secrets: { password: 'wrong-canary-99' } })).rejects.toMatchObject({
      kind: 'auth',
      details: { connection: 'paper-app', next: 'Check it.' },
    });
    const { rows } = await database.pool.query(
      'select (select count(*) from connection) + (select count(*) from secret) + (select count(*) from rate_budget) + (select count(*) from api_drift) as n',
    );
    expect(rows).toEqual([{ n: 0 }]);
  });

  test('as a dry run probes and stores nothing', async () => {
    const { probe } = await connections.connect(input(), { dryRun: true });
    expect(probe.capabilities).toEqual(['read', 'write']);
    expect(await stored()).toBe(0);
  });

  test('takes the next free id, and refuses one that is taken, without asking the app', async () => {
    await connect();
    app.tenant = { id: '2', name: 'Southwind' };
    expect((await connect()).connection.id).toBe('paper-app-2');
    const asked = app.requests.length;
    await expect(connect({ id: 'paper-app' })).rejects.toMatchObject({
      kind: 'alreadyExists',
      details: { field: 'id' },
    });
    expect(app.requests).toHaveLength(asked);
  });

  test('the same company twice needs an id of its own: it may have been forgotten', async () => {
    await connect();
    await expect(connect()).rejects.toMatchObject({ kind: 'alreadyExists', details: { code: 'alreadyConnected' } });
    expect((await connect({ id: 'once-more' })).connection.id).toBe('once-more');
  });

  test('twice with one id at once stores one', async () => {
    const results = await Promise.allSettled([connect({ id: 'one' }), connect({ id: 'one' })]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const { probe } = { probe: await connections.test('one') };
    expect(probe.tenant.id).toBe('1');
  });

  test.each([
    ['connector', { connector: 'paper' }],
    ['id', { id: 'Not A Slug' }],
    ['id', { id: 'sync' }],
    ['scheduleSeconds', { scheduleSeconds: 5 }],
    ['settings.company', { settings: { base_url: 'http://127.0.0.1:1' } }],
    ['secrets.password', { secrets: {} }],
    ['secrets.password', { secrets: { password: 'cat' } }],
  ])('names the field that is wrong: %s', async (field, change) => {
    const error: unknown = await connect(change).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'invalidInput', details: { field } });
    expect(String(error)).not.toContain('cat');
    expect(app.requests).toEqual([]);
  });

  test('reaches this machine only where the operator allows it', async () => {
    connections = open({ egress: strictEgress });
    await expect(connect()).rejects.toMatchObject({ kind: 'guarded', details: { code: 'egressRefused' } });
    expect(app.requests).toEqual([]);
  });
});

describe('editing', () => {
  beforeEach(() => connect());

  test('changes the fields given and leaves the others, after a probe', async () => {
    const edited = await connections.edit('paper-app', { settings: { note: 'hello' }, scheduleSeconds: null });
    expect(edited).toMatchObject({
      settings: { company: 'northwind', note: 'hello' },
      scheduleSeconds: null,
      nextSyncAt: null,
    });
    expect(app.requests).toHaveLength(2);
    const { settings } = await connections.edit('paper-app', { settings: { note: null } });
    expect(settings).not.toHaveProperty('note');
  });

  test('replaces a secret, and keeps the old one when the new is refused', async () => {
    await expect(connections.edit('paper-app', { secrets: { password: 'wrong-one' } })).rejects.toMatchObject({
      kind: 'auth',
    });
    await connections.test('paper-app');
    app.password = 'canary-rotated-5512';
    await expect(connections.test('paper-app')).rejects.toMatchObject({ kind: 'auth' });
    await connections.edit('paper-app', { secrets: { password: 'canary-rotated-5512' } });
    await connections.test('paper-app');
  });

  test('of the address sends nothing there until the secrets are entered again', async () => {
    const thief = await startPaperApp();
    const redirected = connections.edit('paper-app', { settings: { base_url: thief.url } });
    await expect(redirected).rejects.toMatchObject({ kind: 'invalidInput', details: { field: 'secrets.password' } });
    expect(thief.requests).toEqual([]);
    await connections.edit('paper-app', { settings: { base_url: thief.url }, secrets: { password: thief.password } });
    expect(thief.requests).toHaveLength(1);
    await thief.close();
  });

  test('to credentials of another company is refused', async () => {
    app.tenant = { id: '2', name: 'Southwind' };
    const edit = connections.edit('paper-app', { settings: { company: 'southwind' } });
    await expect(edit).rejects.toMatchObject({ kind: 'conflict', details: { code: 'anotherTenant' } });
    expect((await connections.get('paper-app')).settings).toMatchObject({ company: 'northwind' });
  });

  test('twice at once stores one and tells the other', async () => {
    app.together = 2;
    const results = await Promise.allSettled([
      connections.edit('paper-app', { settings: { note: 'a' } }),
      connections.edit('paper-app', { settings: { note: 'b' } }),
    ]);
    const rejected = results.filter((result) => result.status === 'rejected');
    expect(rejected).toMatchObject([{ reason: { kind: 'stale' } }]);
  });

  test('with all secrets given works even when the old ones cannot be opened', async () => {
    connections = open({ vault: createVault(randomBytes(32)) });
    await expect(connections.test('paper-app')).rejects.toMatchObject({
      details: { code: 'wrongMasterKey', connection: 'paper-app' },
    });
    await connections.edit('paper-app', { secrets: { password: app.password, second: 'other' } });
    await connections.test('paper-app');
  });

  test('pauses and resumes by hand', async () => {
    expect(await connections.edit('paper-app', { state: 'paused' })).toMatchObject({
      state: 'paused',
      pausedReason: 'Paused by hand.',
    });
    expect(await connections.edit('paper-app', { state: 'active' })).toMatchObject({
      state: 'active',
      pausedReason: null,
    });
  });
});

describe('testing a connection', () => {
  beforeEach(() => connect());

  test('keeps capabilities that grew', async () => {
    app.capabilities = ['write', 'read', 'audit'];
    await connections.test('paper-app');
    expect(await connections.get('paper-app')).toMatchObject({
      state: 'active',
      capabilities: ['audit', 'read', 'write'],
    });
  });

  test('that the app refuses says how to give it another secret', async () => {
    app.password = 'canary-elsewhere-1';
    const next = 'Check it. To give the connection another secret: `usher connections edit paper-app --new-secret`.';
    await expect(connections.test('paper-app')).rejects.toMatchObject({ kind: 'auth', details: { next } });
    const opened = await connections.open('paper-app', new AbortController().signal);
    await expect(opened.connector.probe()).rejects.toMatchObject({ details: { connection: 'paper-app', next } });
    await opened.close();
  });

  test('pauses it when capabilities shrank; resuming takes them as they are', async () => {
    app.capabilities = ['read'];
    await connections.test('paper-app');
    expect(await connections.get('paper-app')).toMatchObject({
      state: 'paused',
      pausedReason: expect.stringContaining('no longer lets this connection do: write'),
    });
    await connections.edit('paper-app', { state: 'active' });
    await connections.test('paper-app');
    expect(await connections.get('paper-app')).toMatchObject({ state: 'active', capabilities: ['read'] });
  });

  test('pauses it when the credentials speak for another company, whose capabilities are not taken over', async () => {
    app.tenant = { id: '2', name: 'Southwind' };
    app.capabilities = [];
    await connections.test('paper-app');
    expect(await connections.get('paper-app')).toMatchObject({
      state: 'paused', tenant: { id: '1' }, capabilities: ['read', 'write'],
      pausedReason: expect.stringContaining('Southwind (2)'),
    }); // prettier-ignore
    await expect(connections.edit('paper-app', { state: 'active' })).rejects.toMatchObject({ kind: 'conflict' });
  });
});

describe('a live read', () => {
  const call = (action: string, body: unknown = {}, dryRun = false) =>
    connections.callAction('paper-app', action, body, { dryRun, signal: new AbortController().signal });
  beforeEach(() => connect());

  test('asks the app and answers', async () => {
    expect(await call('paper_app_list_people')).toEqual({
      kind: 'result',
      result: { data: { tenant: 'Northwind Trading' }, next: null },
    });
  });

  test('as a dry run shows the masked request and sends nothing', async () => {
    const asked = app.requests.length;
    const outcome = await call('paper_app_list_people', {}, true);
    expect(outcome).toMatchObject({ kind: 'preview', preview: { method: 'POST', url: `${app.url}/people` } });
    expect(JSON.stringify(outcome)).not.toContain(app.password);
    expect(app.requests).toHaveLength(asked);
  });

  test('as a dry run that asks nothing of the app answers', async () => {
    expect(await call('paper_app_add', {}, true)).toMatchObject({ kind: 'result', result: { data: { two: 2 } } });
    await expect(call('paper_app_list_people', { letter: 'ab' }, true)).rejects.toMatchObject({ kind: 'invalidInput' });
  });

  test('carries the connection in what goes wrong', async () => {
    await expect(call('paper_app_nothing')).rejects.toMatchObject({ kind: 'notFound' });
    app.password = 'changed';
    await expect(call('paper_app_list_people')).rejects.toMatchObject({
      kind: 'auth',
      details: { connection: 'paper-app' },
    });
  });

  test('keeps what differs from the schema, counted, without values', async () => {
    await call('paper_app_list_people');
    now = new Date('2026-11-23T02:00:00.000Z');
    await call('paper_app_list_people');
    expect(await connections.drift('paper-app')).toEqual([
      {
        operation: 'probe', path: 'surprise', problem: 'unknown-field', sample: 'string(17)', occurrences: 2,
        firstSeenAt: '2026-11-22T02:00:00.000Z', lastSeenAt: '2026-11-23T02:00:00.000Z',
      },
    ]); // prettier-ignore
  });

  test('leaves all processes the budget that the app says is left', async () => {
    app.headers = { 'ratelimit-remaining': '0', 'ratelimit-reset': '60' };
    await call('paper_app_list_people');
    const waits = async (): Promise<number[]> => {
      const { rows } = await database.pool.query<{ wait: number }>(
        'select extract(epoch from free_at - clock_timestamp())::float8 as wait from rate_budget',
      );
      return rows.map(({ wait }) => wait);
    };
    // The answer does not wait for the budget to be written.
    await expect.poll(waits).toEqual([expect.toSatisfy((wait: number) => wait > 30)]);
  });
});

describe('a token', () => {
  const signal = new AbortController().signal;
  const asked = (): number => app.requests.filter(({ path }) => path === '/token').length;
  const list = () => connections.callAction('paper-app', 'paper_app_list_people', {}, { dryRun: false, signal });
  beforeEach(() => {
    connections = open({ registry: createRegistry([paperConnector({ hasTokens: true })]) });
  });

  test('is asked for once for all that is under way with the same credentials, and kept for what comes', async () => {
    await connections.connect(input(), { dryRun: false });
    expect(asked()).toBe(1);
    const opened = await connections.open('paper-app', signal);
    await Promise.all([list(), list(), opened.connector.probe()]);
    await opened.close();
    await list();
    expect(asked()).toBe(2);
    expect(JSON.stringify(traces)).not.toContain('token of');
  });

  test('is another for other credentials; what runs on with the old ones keeps theirs to its end', async () => {
    await connections.connect(input(), { dryRun: false });
    const opened = await connections.open('paper-app', signal);
    await opened.connector.probe();
    app.password = 'canary-paper-9988';
    await connections.edit('paper-app', { secrets: { password: app.password } });
    expect(asked()).toBe(3);
    await list();
    expect(asked()).toBe(4);
    app.password = 'canary-paper-4471';
    await opened.connector.probe();
    await opened.close();
    expect(asked()).toBe(4);
  });

  test('is not asked for by a dry run, which names the header it would be in', async () => {
    await connections.connect(input(), { dryRun: false });
    const before = app.requests.length;
    const outcome = await connections.callAction('paper-app', 'paper_app_list_people', {}, { dryRun: true, signal });
    expect(outcome).toMatchObject({ kind: 'preview', preview: { headers: { authorization: '••••' } } });
    expect(app.requests).toHaveLength(before);
  });
});

describe('a pinned certificate', () => {
  const sha256 = createHash('sha256').update(new X509Certificate(testCertificate.cert).raw).digest('hex');
  const signal = new AbortController().signal;
  const found = { capabilities: ['read'], tenant: { id: '1', name: 'Northwind Trading' }, surprise: '' };

  test('that the app no longer shows pauses the connection; with the new one it goes on', async () => {
    await using server = await startServer((response) => response.end(JSON.stringify(found)), testCertificate);
    const settings = { base_url: `https://127.0.0.1:${server.port}`, company: 'northwind' };
    await expect(connections.connect(input({ settings }), { dryRun: false })).rejects.toMatchObject({
      details: { code: 'certificateUntrusted', connection: 'paper-app', certificate: { sha256 } },
    });
    const pinned = { ...settings, certificate_fingerprint: sha256 };
    await connections.connect(input({ settings: pinned }), { dryRun: false });
    const other = 'cd'.repeat(32);
    await database.pool.query(`update connection set settings = settings || $1`, [{ certificate_fingerprint: other }]);
    const call = connections.callAction('paper-app', 'paper_app_list_people', {}, { dryRun: false, signal });
    const command = `usher connections edit paper-app --certificate-fingerprint sha256:${sha256} --resume`;
    await expect(call).rejects.toMatchObject({
      details: { code: 'certificateChanged', next: expect.stringContaining(command) },
    });
    const { state, pausedReason } = await connections.get('paper-app');
    expect(state).toBe('paused');
    expect(pausedReason).toContain('is not the pinned one: nothing was sent');
    expect(pausedReason).toContain(command);
    await expect(connections.edit('paper-app', { state: 'active' })).rejects.toThrow('not the pinned one');
    const renewed = { settings: { certificate_fingerprint: sha256 }, state: 'active' } as const;
    expect(await connections.edit('paper-app', renewed)).toMatchObject({ state: 'active' });
    expect(server.arrived).toHaveLength(2);
  });
});

describe('removing', () => {
  test('says what goes, takes it, and leaves the other connections theirs', async () => {
    await connect();
    await connect({ id: 'paper-app-2' });
    expect(await connections.removal('paper-app')).toEqual({
      accounts: 0, groups: 0, roles: 0, resources: 0, grants: 0, credentials: 0, history: 0, events: 0, secrets: 1, syncRuns: 0,
      plans: 0, marks: 0, hasSchedule: true,
    }); // prettier-ignore
    await connections.remove('paper-app');
    expect((await connections.list()).map(({ id }) => id)).toEqual(['paper-app-2']);
    expect((await database.pool.query('select owner from secret')).rows).toEqual([{ owner: 'connection:paper-app-2' }]);
    await connections.test('paper-app-2');
    await expect(connections.remove('paper-app')).rejects.toMatchObject({ kind: 'notFound' });
  });

  test('stops whoever still works for it', async () => {
    await connect();
    const opened = await connections.open('paper-app', new AbortController().signal);
    await connections.remove('paper-app');
    await expect(opened.connector.probe()).rejects.toMatchObject({ kind: 'notFound' });
    await opened.close();
    const { rows } = await database.pool.query(
      'select (select count(*) from rate_budget) + (select count(*) from api_drift) as n',
    );
    expect(rows).toEqual([{ n: 0 }]);
  });
});

describe('a connection that is not there', () => {
  test('is not found, whatever is asked of it', async () => {
    const signal = new AbortController().signal;
    for (const id of ['none', '\0', "x' or true"]) {
      const asked = [
        connections.get(id), connections.edit(id, {}), connections.test(id), connections.removal(id),
        connections.remove(id), connections.drift(id), connections.describe(id), connections.open(id, signal),
        connections.callAction(id, 'paper_app_add', {}, { dryRun: false, signal }),
      ]; // prettier-ignore
      for (const result of await Promise.allSettled(asked)) {
        expect(result).toMatchObject({ status: 'rejected', reason: { kind: 'notFound' } });
      }
    }
  });

  test('because its connector is gone can still be looked at and removed', async () => {
    await connect();
    connections = open({ registry: createRegistry([]) });
    expect(await connections.get('paper-app')).toMatchObject({ title: 'paper-app' });
    await expect(connections.test('paper-app')).rejects.toMatchObject({ kind: 'unsupported' });
    await connections.remove('paper-app');
  });
});

describe('a secret', () => {
  test('is in no table, error, log, trace or answer', async () => {
    const seen: unknown[] = [];
    const attempt = async (work: () => Promise<unknown>) => {
      seen.push(
        await work().catch((error: unknown) => [String(error), error, Object(error).details, Object(error).stack]),
      );
    };
    const signal = new AbortController().signal;
    const canaries = [app.password, 'canary-wrong-7788', 'canary-short-1122'];
    await attempt(() => connect());
    await attempt(() => connect({ secrets: { password: 'canary-wrong-7788' } }));
    await attempt(() => connect({ secrets: { password: app.password, more: 'canary-short-1122' } }));
    await attempt(() => connect({ settings: 'canary-short-1122' }));
    await attempt(() => connections.edit('paper-app', { secrets: { password: 'canary-wrong-7788' } }));
    await attempt(() => connections.test('paper-app'));
    await attempt(() => connections.callAction('paper-app', 'paper_app_list_people', {}, { dryRun: true, signal }));
    await attempt(() => connections.callAction('paper-app', 'paper_app_list_people', {}, { dryRun: false, signal }));
    await attempt(() => connections.list());
    await attempt(() => open({ vault: createVault(randomBytes(32)) }).test('paper-app'));
    await database.pool.query(`update secret set sealed = overlay(sealed placing 'AAAA' from 130)`);
    await attempt(() => connections.test('paper-app'));
    const tables = await database.pool.query<{ name: string }>(
      `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'`,
    );
    expect(tables.rows.length).toBeGreaterThan(20);
    for (const { name } of tables.rows) seen.push((await database.pool.query(`select t::text from ${name} t`)).rows);
    expect(traces.length).toBeGreaterThan(4);
    const everything = JSON.stringify([seen, traces, logged]);
    for (const canary of canaries) {
      expect(everything).not.toContain(canary);
      expect(everything).not.toContain(Buffer.from(canary).toString('base64url'));
    }
  });
});

describe('the audit log', () => {
  test('is told what was done to a connection, with names of secrets alone, and of live reads', async () => {
    await database.pool.query('delete from audit_inbox');
    const { connection } = await connections.connect(input(), { dryRun: false });
    await connections.connect(input({ id: 'dry' }), { dryRun: true });
    await connections.edit(connection.id, { secrets: { password: app.password }, scheduleSeconds: 7200 });
    await connections.edit(connection.id, { state: 'paused' });
    await connections.edit(connection.id, { state: 'active' });
    await connections.test(connection.id);
    const signal = new AbortController().signal;
    const asked = { dryRun: false, signal };
    await connections.callAction(connection.id, 'no_such_action', {}, asked).catch(() => undefined);
    await connections.callAction(connection.id, 'no_such_action', {}, { dryRun: true, signal }).catch(() => undefined);
    await connections.remove(connection.id);
    const { rows } = await database.pool.query<{ content: string }>('select content from audit_inbox order by id');
    expect(rows.map(({ content }): unknown => JSON.parse(content))).toMatchObject([
      { kind: 'connection', action: 'connection.connected', connection: connection.id },
      {
        action: 'connection.edited',
        details: { settings: [], secrets: ['password'], schedule_seconds: { after: 7200 } },
      },
      { action: 'connection.paused', details: 'Paused by hand.' },
      { action: 'connection.resumed' },
      { action: 'connection.tested' },
      { kind: 'read', action: 'no_such_action', outcome: 'failed' },
      { action: 'connection.removed' },
    ]);
    expect(JSON.stringify(rows)).not.toContain(app.password);
  });
});
