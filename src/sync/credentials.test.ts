import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { planSnapshot } from '../lifecycle/snapshot.ts';
import { type AnyRecord, type CredentialRecord, emailHolderKey } from '../model/records.ts';
import { keepReadBacks, type ReadBack } from '../store/sync/read-back.ts';
import { type TestDatabase, testDatabase } from '../store/testing/index.ts';
import { account, fakeSync, group } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const RUN = '00000000-0000-4000-8000-00000000c4ed';

function key(id: string, values: Partial<CredentialRecord> = {}): CredentialRecord {
  return {
    kind: 'credential', key: id, type: 'api_key', name: `Key ${id}`, ownerKey: '1', isEnabled: true,
    createdAt: '2026-01-01T00:00:00.000Z', expiresAt: null, extra: {}, raw: { keyId: id },
    volatile: { lastUsedAt: null, extra: {} }, ...values,
  }; // prettier-ignore
}

const people = [account('1', { email: 'ada@northwind.example' }), account('2')];

/** A synced connection with people and keys; `show` makes other keys what the app has. */
async function start(id: string, keys: readonly AnyRecord[]) {
  const fake = await fakeSync(database, id);
  const show = (shown: readonly AnyRecord[]): void => {
    fake.app.collections = {
      people: { pages: [people], yields: ['account'] },
      keys: { pages: [[...shown]], yields: ['credential'], dependsOn: ['people'] },
    };
  };
  show(keys);
  await fake.sync();
  const keep = (reading: Omit<ReadBack, 'covers'>): Promise<void> =>
    database.transaction((client) =>
      keepReadBacks(client, { connectionId: id, collectionOf: () => 'keys', scope: 'elsewhere', runId: RUN }, [
        { ...reading, covers: [] },
      ]),
    );
  return { ...fake, show, keep };
}

const rows = async (sql: string, ...values: unknown[]): Promise<Record<string, unknown>[]> =>
  (await database.pool.query<Record<string, unknown>>(sql, values)).rows;
const told = (id: string): Promise<Record<string, unknown>[]> =>
  rows(
    `select source, type, subject_key as key, data from change_event
      where connection_id = $1 and subject_kind = 'credential' order by occurred_at, type`,
    id,
  );
const held = async (id: string): Promise<readonly (readonly [string, string | null, boolean | null])[]> =>
  (await planSnapshot(database.pool, id).credentials(null)).map((each) => [each.key, each.ownerKey, each.isEnabled]);

describe('credentials that are pulled', () => {
  it('are kept, changed, doubted and removed as all records are, each told of once', async () => {
    const others = [key('b', { ownerKey: '2' }), key('c')];
    const fake = await start('pulled', [key('a'), ...others]);
    fake.show([key('a', { isEnabled: false }), ...others, key('d', { ownerKey: null })]);
    await fake.sync();
    await fake.sync();
    expect(await held('pulled')).toEqual([
      ['a', '1', false],
      ['b', '2', true],
      ['c', '1', true],
      ['d', null, true],
    ]);
    fake.show([...others, key('d', { ownerKey: null })]);
    await fake.sync();
    expect(
      await rows(`select key from credential where connection_id = 'pulled' and missing_since is not null`),
    ).toEqual([{ key: 'a' }]);
    await fake.sync();
    expect(await told('pulled')).toEqual([
      {
        source: 'sync', type: 'credential.created', key: 'd',
        data: { type: 'api_key', name: 'Key d', owner_key: null, is_enabled: true },
      },
      { source: 'sync', type: 'credential.updated', key: 'a', data: { is_enabled: { before: true, after: false } } },
      {
        source: 'sync', type: 'credential.removed', key: 'a',
        data: { type: 'api_key', name: 'Key a', owner_key: '1', is_enabled: false },
      },
    ]); // prettier-ignore
    expect(await rows(`select key, was_removed from credential_history where connection_id = 'pulled' order by seen_to`))
      .toEqual([{ key: 'a', was_removed: false }, { key: 'a', was_removed: true }]); // prettier-ignore
  });

  it('may be used every day without a version or an event', async () => {
    const fake = await start('used', [key('a')]);
    fake.show([
      key('a', { volatile: { lastUsedAt: '2026-02-01T00:00:00.000Z', extra: {} }, raw: { keyId: 'a', n: 2 } }),
    ]);
    await fake.sync();
    const [found] = await planSnapshot(database.pool, 'used').credentials(['a', 'unknown']);
    expect(found?.volatile.lastUsedAt).toBe('2026-02-01T00:00:00.000Z');
    expect(await told('used')).toEqual([]);
    expect(await rows(`select raw from credential_volatile where connection_id = 'used'`)).toEqual([
      { raw: { keyId: 'a', n: 2 } },
    ]);
  });

  it('belong to the account that has the address of their owner, and stay a stranger’s otherwise', async () => {
    const owners = [emailHolderKey('ADA@northwind.example'), emailHolderKey('gone@northwind.example')];
    const fake = await start(
      'owned',
      owners.map((ownerKey, i) => key(String(i), { ownerKey })),
    );
    await fake.sync();
    expect(await held('owned')).toEqual([
      ['0', '1', true],
      ['1', 'email:gone@northwind.example', true],
    ]);
    expect(await told('owned')).toEqual([]);
  });

  it('cost a connection that has none no statement', async () => {
    const fake = await fakeSync(database, 'without');
    fake.app.collections = { people: { pages: [[...people, group('Ops')]], yields: ['account', 'group'] } };
    // What every statement comes to, pooled or in a transaction.
    const spy = vi.spyOn(pg.Client.prototype, 'query');
    for (let i = 0; i < 3; i += 1) await fake.sync();
    const asked = spy.mock.calls.map(([query]) => (typeof query === 'string' ? query : String(Object(query).text)));
    spy.mockRestore();
    const own = asked.filter((text) => text.includes('credential'));
    // One that counts all kinds and one that empties all staging.
    expect(own.filter((text) => !/select \(select count|delete from staged_page/.test(text))).toEqual([]);
    expect(asked.length).toBeGreaterThan(50);
  });

  it('stop a pull whose collection does not say that it yields them', async () => {
    const fake = await start('undeclared', [key('a')]);
    fake.app.collections = { people: { pages: [[key('b')]], yields: ['account'] } };
    await fake.sync();
    const [run] = await rows(
      `select state, error from sync_run where connection_id = 'undeclared' order by requested_at desc limit 1`,
    );
    expect(run).toMatchObject({
      state: 'failed',
      error: {
        code: 'undeclaredKind',
        detail: 'The connector fake handed over a credential in its collection people, which does not say so.',
      },
    });
    expect(await held('undeclared')).toEqual([['a', '1', true]]);
  });
});

describe('credentials that are read back', () => {
  it('are in the snapshot at once, with what came and went beside them', async () => {
    const fake = await start('read', [key('old'), key('other')]);
    const made = key('new', { ownerKey: emailHolderKey('ada@northwind.example') });
    await fake.keep({
      accountKey: null, credentialKey: 'old', records: [key('old', { isEnabled: false }), made], observedAt: fake.later(),
    }); // prettier-ignore
    expect(await held('read')).toEqual([
      ['new', '1', true],
      ['old', '1', false],
      ['other', '1', true],
    ]);
    await fake.keep({ accountKey: null, credentialKey: 'old', records: [made], observedAt: fake.later() });
    expect((await told('read')).map(({ source, type, key: subject }) => [source, type, subject])).toEqual([
      ['usher', 'credential.created', 'new'],
      ['usher', 'credential.updated', 'old'],
      ['usher', 'credential.removed', 'old'],
    ]);
    // The next pull, whose keys are of another scope than the reading knew, finds nothing new and takes them over.
    fake.show([key('new'), key('other')]);
    await fake.sync();
    expect(await told('read')).toHaveLength(3);
    expect(await rows(`select distinct collection, scope from credential where connection_id = 'read'`)).toEqual([
      { collection: 'keys', scope: '' },
    ]);
  });

  it('are not undone by a page that is older, nor undo one that is newer', async () => {
    const fake = await start('order', [key('a'), key('b')]);
    fake.app.onPage = async (name) => {
      if (name !== 'keys') return;
      fake.app.onPage = async () => undefined;
      // Read after the page was asked for, and before it is committed.
      await fake.keep({ accountKey: null, credentialKey: 'a', records: [], observedAt: fake.later() });
    };
    fake.show([key('a', { name: 'Renamed' }), key('b')]);
    await fake.sync();
    expect((await held('order')).map(([id]) => id)).toEqual(['b']);
    await fake.keep({ accountKey: null, credentialKey: 'b', records: [], observedAt: '2020-01-01T00:00:00.000Z' });
    expect((await held('order')).map(([id]) => id)).toEqual(['b']);
  });
});

describe('a plan', () => {
  it('asks the snapshot for resources of a type, roles and credentials, some or all', async () => {
    const fake = await fakeSync(database, 'asked');
    const site = (id: string, type = 'site'): AnyRecord => {
      return { kind: 'resource', key: id, type, name: id, extra: {}, volatile: { extra: {} } };
    };
    const role = (id: string): AnyRecord => {
      return { kind: 'role', key: id, name: id, description: null, type: 'viewer', extra: {} };
    };
    fake.app.collections = {
      all: {
        pages: [
          [...people, site('s2'), site('s1'), site('g1', 'asset_group'), role('r2'), role('r1'), key('a'), key('b')],
        ],
        yields: ['account', 'resource', 'role', 'credential'],
      },
    };
    await fake.sync();
    const snapshot = planSnapshot(database.pool, 'asked');
    const keys = (records: readonly { readonly key: string }[]): readonly string[] => records.map((each) => each.key);
    expect(keys(await snapshot.resources('site', null))).toEqual(['s1', 's2']);
    expect(keys(await snapshot.resources('site', ['s2', 'g1', 'x']))).toEqual(['s2']);
    expect(keys(await snapshot.roles(null))).toEqual(['r1', 'r2']);
    expect(keys(await snapshot.roles(['r2', 'x']))).toEqual(['r2']);
    expect(await snapshot.roles([])).toEqual([]);
    expect(keys(await snapshot.credentials(null))).toEqual(['a', 'b']);
    expect(keys(await snapshot.credentials(['b', 'x']))).toEqual(['b']);
  });
});
