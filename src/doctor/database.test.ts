import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openVault } from '../secrets/index.ts';
import type { StoredConnection } from '../store/connections.ts';
import { keyCheckStore } from '../store/instance.ts';
import type { SyncRunRow } from '../store/sync/runs.ts';
import { createPool } from '../store/pool.ts';
import { migrations } from '../store/migrations/index.ts';
import { testDatabase, type TestDatabase } from '../store/testing/index.ts';
import {
  examineConnection,
  examineConnections,
  examineDatabaseClock,
  examineKey,
  examineSchema,
  examineWork,
} from './database.ts';

const NOW = new Date('2026-03-02T10:00:00Z');
const OTHER_KEY = Buffer.alloc(32, 7).toString('base64');

let database: TestDatabase;
let dataDir: string;
beforeAll(async () => {
  database = await testDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'usher-doctor-'));
});
afterAll(async () => {
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
});

it('the schema is up to date, lacks changes, or is of a newer Usher', async () => {
  expect(await examineSchema(database)).toMatchObject({ state: 'ok' });
  const older = await testDatabase({ migrations: migrations.slice(0, 1) });
  expect(await examineSchema(older)).toMatchObject({
    state: 'warning',
    detail: expect.stringContaining(`${migrations.length - 1} of ${migrations.length}`),
  });
  const role = `reader_${process.pid}`;
  await older.pool.query(`create role ${role}; grant select on schema_migration to ${role}`);
  const reader = createPool({ connectionString: older.url, options: `-c role=${role}`, max: 1 });
  expect(await examineSchema({ ...older, pool: reader })).toMatchObject({
    state: 'problem',
    next: expect.stringContaining('grant create on schema public'),
  });
  await reader.end();
  await older.pool.query(`drop owned by ${role}; drop role ${role}`);
  await older.pool.query(`insert into schema_migration (id, checksum) values ('9999_later', 'x')`);
  expect(await examineSchema(older)).toMatchObject({ state: 'problem', detail: expect.stringContaining('9999_later') });
  await older.close();
  const empty = await testDatabase({ migrations: [] });
  await empty.pool.query('drop table schema_migration');
  expect(await examineSchema(empty)).toMatchObject({ state: 'warning' });
  await empty.close();
});

it('a clock of the database that is far off is a warning that says which way', async () => {
  expect(await examineDatabaseClock(database, () => new Date())).toMatchObject({ state: 'ok' });
  const late = await examineDatabaseClock(database, () => new Date(Date.now() - 3600_000));
  expect(late).toMatchObject({ state: 'warning', detail: expect.stringMatching(/60 min ahead of/) });
});

it('the master key is missing, wrong or right, and no finding shows it', async () => {
  expect(await examineKey({ dataDir, masterKey: null }, database)).toMatchObject({ state: 'problem' });
  await openVault({ dataDir, masterKey: null, keyCheck: keyCheckStore(database.pool) });
  expect(await examineKey({ dataDir, masterKey: null }, database)).toMatchObject({ state: 'ok' });
  const wrong = await examineKey({ dataDir, masterKey: OTHER_KEY }, database);
  expect(wrong).toMatchObject({ state: 'problem', next: expect.stringContaining('USHER_MASTER_KEY') });
  expect(JSON.stringify(wrong)).not.toContain(OTHER_KEY);
  expect(await examineKey({ dataDir, masterKey: 'short' }, null)).toMatchObject({ state: 'problem' });
  expect(await examineKey({ dataDir, masterKey: OTHER_KEY }, null)).toMatchObject({
    state: 'ok',
    detail: expect.stringContaining('not compared'),
  });
});

it('events that wait long are a problem where a server runs, and none where it does not', async () => {
  await database.pool.query(
    `insert into change_event (connection_id, source, type, subject_kind, subject_key, occurred_at, recorded_at, data)
     values ('a', 'sync', 'account.created', 'account', '1', now(), now() - interval '5 minutes', '{}')`,
  );
  expect(await examineWork(database, true)).toMatchObject({ state: 'problem' });
  expect(await examineWork(database, false)).toMatchObject({ state: 'ok' });
});

it('each connection gets a finding of its own; without any there is one that says so', async () => {
  expect(await examineConnections(database, () => NOW, true)).toMatchObject([
    { check: 'connections', state: 'warning' },
  ]);
  await database.pool.query(
    `insert into connection (id, connector, settings, mapping_version, created_at, updated_at)
     values ('a', 'fake', '{}', 1, now(), now()), ('b', 'fake', '{}', 1, now(), now())`,
  );
  expect(await examineConnections(database, () => NOW, true)).toMatchObject([
    { check: 'connection:a', next: 'usher sync a' },
    { check: 'connection:b' },
  ]);
});

it('a budget of the app of which hardly anything is left is told, with when it is there again', async () => {
  await database.pool.query(
    `insert into rate_budget values ('a', 'list', now() + interval '475 seconds', 480, 1),
       ('a', 'create', now() + interval '10 seconds', 480, 1), ('a', 'default', now() + interval '1 hour', 1, 1)`,
  );
  const findings = await examineConnections(database, () => NOW, true);
  const told = findings.filter(({ check: id }) => id.startsWith('budget:'));
  expect(told).toMatchObject([{ check: 'budget:a', state: 'warning' }]);
  expect(told[0]?.detail).toMatch(/list [45] of 480, all again in 8 min/);
  expect(told[0]?.detail).not.toContain('create');
});

describe('a connection', () => {
  const connection: StoredConnection = {
    id: 'lastpass', connector: 'lastpass', settings: {}, capabilities: [], tenant: null, state: 'active',
    pausedReason: null, scheduleSeconds: 3600, nextSyncAt: null, mappingVersion: 1, baselinedAt: null,
    lastProbeAt: null, createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z',
  }; // prettier-ignore
  const run = (state: SyncRunRow['state'], at: string, more: Partial<SyncRunRow> = {}): SyncRunRow => ({
    id: 'r', connection_id: 'lastpass', state, requested_by: 'x', is_baseline: false, is_confirmed: false,
    cancel_requested: false, attempt: 1, epoch: 1, requested_at: at, started_at: at, pulled_at: at, finished_at: at,
    mapping_version: 1, anomalies: [], changes: null, error: null, ...more,
  }); // prettier-ignore
  const recent = run('succeeded', '2026-03-02T09:30:00Z');
  const examined = (runs: readonly SyncRunRow[], more: Partial<StoredConnection> = {}) =>
    examineConnection({ ...connection, ...more }, runs, NOW, true);

  it('that synced of late is well', () => {
    expect(examined([recent])).toMatchObject({ state: 'ok', detail: 'active, last synced 30 min ago' });
    expect(examined([run('running', '2026-03-02T09:59:00Z'), recent])).toMatchObject({ state: 'ok' });
  });

  it('that failed is a problem, with the error and what it says to do', () => {
    const error = { code: 'auth', detail: 'LastPass refused the hash.', next: 'Was it reset?' };
    expect(examined([run('failed', '2026-03-02T09:50:00Z', { error }), recent])).toMatchObject({
      state: 'problem',
      detail: 'The last sync failed: LastPass refused the hash. (last synced 30 min ago)',
      next: 'Was it reset?',
    });
  });

  it('that is paused, whose sync waits, or that is behind its schedule is a warning with the command for it', () => {
    expect(examined([recent], { state: 'paused', pausedReason: 'Rights shrank.' })).toMatchObject({
      state: 'warning',
      next: expect.stringContaining('usher connections edit lastpass --resume'),
    });
    expect(examined([run('paused', '2026-03-02T09:50:00Z'), recent])).toMatchObject({
      state: 'warning',
      next: 'If that is true: usher sync confirm lastpass',
    });
    const old = run('succeeded', '2026-02-20T09:30:00Z');
    expect(examined([old])).toMatchObject({ state: 'warning', detail: expect.stringContaining('10 days ago') });
    expect(examined([old], { scheduleSeconds: null })).toMatchObject({ state: 'ok' });
    expect(examined([])).toMatchObject({ state: 'warning', next: 'usher sync lastpass' });
  });

  it('whose sync is not started though a server runs is a problem', () => {
    expect(examined([run('queued', '2026-03-02T09:00:00Z', { finished_at: null })])).toMatchObject({
      state: 'problem',
    });
  });
});
