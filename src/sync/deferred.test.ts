import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountRecord, DeferredAccount } from '../model/records.ts';
import { findRun } from '../store/sync/runs.ts';
import { type TestDatabase, testDatabase } from '../store/testing/index.ts';
import { account, fakeSync, group, membership } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const rows = async (sql: string, ...values: unknown[]): Promise<Record<string, unknown>[]> =>
  (await database.pool.query<Record<string, unknown>>(sql, values)).rows;

/** An app of accounts that are mapped when needed: what it sent, and how often each was mapped. */
async function deferring(id: string) {
  const fake = await fakeSync(database, id);
  const mapped: string[] = [];
  const sent = new Map<string, string>(['1', '2', '3'].map((key) => [key, `Person ${key}`]));
  const of = (key: string, name: string, mappedBy: string): DeferredAccount => ({
    key,
    raw: { name },
    mappedBy,
    map: (): AccountRecord => {
      mapped.push(key);
      return account(key, { displayName: `${name}${mappedBy}`, raw: { name } });
    },
  });
  const pull = async (mappedBy = '') => {
    mapped.length = 0;
    const all = [...sent].map(([key, name]) => of(key, name, mappedBy));
    fake.app.collections = {
      directory: {
        pages: [[group('Ops')], [membership('3', 'Ops')]],
        deferred: [all.slice(0, 2), all.slice(2)],
        yields: ['account', 'group', 'grant'],
      },
    };
    return findRun(database.pool, await fake.sync());
  };
  const names = async () =>
    (await rows('select display_name from account where connection_id = $1 order by key', id)).map(
      (row) => row['display_name'],
    );
  const told = async () =>
    (await rows('select type from change_event where connection_id = $1 order by id', id)).map((row) => row['type']);
  return { fake, sent, mapped, pull, names, told };
}

describe('an account whose mapping is deferred', () => {
  it('is mapped when it is new, and not again while the app sends the same', async () => {
    const app = await deferring('defer-same');
    expect(await app.pull()).toMatchObject({ state: 'succeeded', changes: { added: 5 } });
    expect(new Set(app.mapped)).toEqual(new Set(['1', '2', '3']));
    expect(await app.pull()).toMatchObject({ changes: { added: 0, updated: 0, missing: 0 } });
    expect(app.mapped).toEqual([]);
  });

  it('is mapped, written and told of when the app sends something else, and no other is', async () => {
    const app = await deferring('defer-changed');
    await app.pull();
    app.sent.set('3', 'Renamed');
    expect(await app.pull()).toMatchObject({ changes: { updated: 1 } });
    expect(new Set(app.mapped)).toEqual(new Set(['3']));
    expect(await app.names()).toEqual(['Person 1', 'Person 2', 'Renamed']);
    expect(await app.told()).toEqual(['connection.baselined', 'account.updated']);
    await app.pull();
    expect(app.mapped).toEqual([]);
  });

  it('is mapped again when the settings that decide about it are others', async () => {
    const app = await deferring('defer-settings');
    await app.pull();
    await app.pull(' (UTC)');
    expect(await app.names()).toEqual(['Person 1 (UTC)', 'Person 2 (UTC)', 'Person 3 (UTC)']);
  });

  it('is mapped again by a new mapping, without events', async () => {
    const app = await deferring('defer-mapping');
    await app.pull();
    app.fake.app.mappingVersion = 2;
    expect(await app.pull()).toMatchObject({ state: 'succeeded', changes: { updated: 0 } });
    expect(new Set(app.mapped)).toEqual(new Set(['1', '2', '3']));
    expect(await app.told()).toEqual(['connection.baselined']);
  });

  it('is looked at again where the row was compared by its fields before', async () => {
    const app = await deferring('defer-upgrade');
    await app.pull();
    // As an earlier version, or what is read back after a write, leaves it.
    await rows(`update account_volatile set volatile_hash = gen_random_uuid() where connection_id = 'defer-upgrade'`);
    expect(await app.pull()).toMatchObject({ changes: { added: 0, updated: 0, removed: 0 } });
    expect(new Set(app.mapped)).toEqual(new Set(['1', '2', '3']));
    expect(await app.told()).toEqual(['connection.baselined']);
    await app.pull();
    expect(app.mapped).toEqual([]);
  });

  it('is written when it was doubted, though the app sends the same again', async () => {
    const app = await deferring('defer-doubted');
    await app.pull();
    app.sent.delete('1');
    expect(await app.pull()).toMatchObject({ changes: { missing: 1 } });
    app.sent.set('1', 'Person 1');
    await app.pull();
    expect(
      await rows(`select key from account where connection_id = 'defer-doubted' and missing_run is not null`),
    ).toEqual([]);
  });
});
