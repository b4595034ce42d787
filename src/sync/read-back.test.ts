import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnyRecord, emailHolderKey } from '../model/records.ts';
import { keepReadBacks, type ReadBack } from '../store/sync/read-back.ts';
import { findRun, openRunOf } from '../store/sync/runs.ts';
import { type TestDatabase, testDatabase } from '../store/testing/index.ts';
import { account, fakeSync, group, membership } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const RUN = '00000000-0000-4000-8000-00000000a991';
const invitation = account('invited:new@northwind.example', { email: 'new@northwind.example', status: 'invited' });
const joined = account('77', { email: 'New@northwind.example' });
const onFolder = (holder: string) => membership(holder, 'f1', { targetKind: 'resource', permission: 'editor' });
const others = (): AnyRecord[] => [
  ...Array.from({ length: 9 }, (_, i) => account(String(i + 11))),
  group('Ops'),
  group('Finance'),
  ...['11', '12', '13'].map((key) => membership(key, 'Ops')),
];
const company = (): AnyRecord[] => [account('1'), membership('1', 'Ops'), onFolder('1'), invitation, ...others()];

/** What an app shows of one person, and how it is read. */
type Shown = Pick<ReadBack, 'accountKey' | 'records'> & Partial<Pick<ReadBack, 'covers' | 'observedAt'>>;

/** A synced connection; `keep` takes readings, of the fake's present where they have no time of their own. */
async function start(id: string, records = company()) {
  const fake = await fakeSync(database, id);
  fake.app.collections = { directory: { pages: [records, []], yields: ['account', 'group', 'grant'] } };
  await fake.sync();
  const taken = (client: PoolClient, shown: readonly Shown[], isLeased: boolean): Promise<void> =>
    keepReadBacks(
      client,
      { connectionId: id, collectionOf: () => 'directory', runId: RUN, isLeased },
      shown.map((reading) => ({ covers: ['group'], observedAt: fake.later(), ...reading })),
    );
  const keep = (...shown: readonly Shown[]): Promise<void> =>
    database.transaction((client) => taken(client, shown, false));
  /** Takes readings in a transaction that stays open until it is ended. */
  const begin = (shown: Shown, { isLeased }: { readonly isLeased: boolean }) => {
    const written = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const ended = database.transaction(async (client) => {
      await taken(client, [shown], isLeased);
      written.resolve();
      await mayEnd.promise;
    });
    const end = (): Promise<void> => {
      mayEnd.resolve();
      return ended;
    };
    return { written: written.promise, end };
  };
  return {
    ...fake,
    keep,
    begin,
    show: (shown: AnyRecord[]) => fake.app.collections['directory']?.pages.splice(0, 1, shown),
  };
}

const rows = async (sql: string, ...values: unknown[]): Promise<Record<string, unknown>[]> =>
  (await database.pool.query<Record<string, unknown>>(sql, values)).rows;

const told = async (connection: string): Promise<string[]> =>
  (
    await rows('select source, type, subject_key from change_event where connection_id = $1 order by id', connection)
  ).map((event) => `${String(event['source'])} ${String(event['type'])} ${String(event['subject_key'])}`);

/** Keys of what was held at a moment, with an account's status. */
async function heldAt(connection: string, at: string): Promise<readonly string[]> {
  const held = await rows(
    `select key || ' ' || status as held from account where connection_id = $1 and seen_from <= $2
     union all select key || ' ' || status from account_history where connection_id = $1 and seen_from <= $2 and seen_to > $2
     union all select key from "grant" where connection_id = $1 and seen_from <= $2
     union all select key from grant_history where connection_id = $1 and seen_from <= $2 and seen_to > $2`,
    connection,
    at,
  );
  return held.map((row) => String(row['held'])).toSorted();
}

const holding = (records: readonly AnyRecord[]): readonly string[] =>
  records
    .flatMap((record) => {
      if (record.kind === 'account') return [`${record.key} ${record.status}`];
      return record.kind === 'grant' ? [record.key] : [];
    })
    .toSorted();

interface Change {
  readonly name: string;
  readonly id: string;
  /** What is read back, and what the app shows then besides the others. */
  readonly reading: Shown;
  readonly shows: readonly AnyRecord[];
  readonly told: readonly string[];
}

const one = [account('1'), membership('1', 'Ops'), onFolder('1')];
const disabled = account('1', { status: 'disabled' });
const created = account('50');
const changes: readonly Change[] = [
  {
    name: 'an account that was changed',
    id: 'changed',
    reading: { accountKey: '1', records: [disabled, membership('1', 'Ops')] },
    shows: [disabled, membership('1', 'Ops'), onFolder('1'), invitation],
    told: ['usher account.disabled 1'],
  },
  {
    name: 'an account that was created',
    id: 'created',
    reading: { accountKey: null, records: [created, membership('50', 'Ops')] },
    shows: [...one, invitation, created, membership('50', 'Ops')],
    told: ['usher account.created 50', `usher grant.added ${membership('50', 'Ops').key}`],
  },
  {
    name: 'an account that was removed',
    id: 'removed',
    reading: { accountKey: '1', records: [] },
    shows: [invitation],
    told: [
      'usher account.removed 1',
      ...[membership('1', 'Ops'), onFolder('1')].map(({ key }) => `usher grant.removed ${key}`),
    ],
  },
  {
    name: 'a grant that was added',
    id: 'granted',
    reading: { accountKey: '1', records: [account('1'), membership('1', 'Ops'), membership('1', 'Finance')] },
    shows: [...one, membership('1', 'Finance'), invitation],
    told: [`usher grant.added ${membership('1', 'Finance').key}`],
  },
  {
    name: 'a grant that was removed',
    id: 'revoked',
    reading: { accountKey: '1', records: [account('1')] },
    shows: [account('1'), onFolder('1'), invitation],
    told: [`usher grant.removed ${membership('1', 'Ops').key}`],
  },
  {
    name: 'an invitation that was withdrawn',
    id: 'withdrawn',
    reading: { accountKey: invitation.key, records: [] },
    shows: one,
    told: [`usher account.removed ${invitation.key}`],
  },
  {
    name: 'an invitation that was accepted',
    id: 'accepted',
    reading: { accountKey: invitation.key, records: [joined] },
    shows: [...one, joined],
    told: ['usher account.joined 77'],
  },
];

describe.each(changes)('a sync that pulled an older page does not undo $name', (change) => {
  it.each(['before', 'after'] as const)('and was read back %s the page was compared', async (when) => {
    const id = `${change.id}-${when}`;
    const fake = await start(id);
    const past = fake.later();
    fake.betweenPages(when, (page) => (page === 0 ? fake.keep(change.reading) : undefined));
    await fake.sync();
    const shown = [...change.shows, ...others()];
    expect(await heldAt(id, fake.later())).toEqual(holding(shown));
    expect(await heldAt(id, past)).toEqual(holding(company()));
    expect((await told(id)).slice(1).toSorted()).toEqual(change.told.toSorted());
    expect(await openRunOf(database.pool, id)).toBeNull();
    fake.betweenPages(when, () => undefined);
    fake.show(shown);
    const next = await findRun(database.pool, await fake.sync());
    expect(next).toMatchObject({ changes: { added: 0, updated: 0, removed: 0, missing: 0, events: 0 } });
    expect(await rows('select from read_back where connection_id = $1', id)).toEqual([]);
  });
});

it('a sync does not add a grant of an older page that a reading of all grants no longer showed', async () => {
  const fake = await start('unknown');
  fake.show([...company(), membership('1', 'Finance'), membership('11', 'Finance')]);
  fake.betweenPages('before', (page) =>
    page === 0 ? fake.keep({ accountKey: '1', records: one }, { accountKey: '11', records: [] }) : undefined,
  );
  await fake.sync();
  expect(await heldAt('unknown', fake.later())).toEqual(
    holding(company().filter(({ key }) => key !== '11' && key !== membership('11', 'Ops').key)),
  );
});

describe('a reading older than the page that called its row unchanged', () => {
  const readings = [
    { name: 'of a changed account', id: 'late-account', records: [disabled, membership('1', 'Ops')] },
    { name: 'of an account that was gone', id: 'late-gone', records: [] },
    { name: 'of a grant that was gone', id: 'late-grant', records: [account('1')] },
  ];
  it.each(readings)('asks for one more sync: $name', async ({ id, records }) => {
    const fake = await start(id);
    let observedAt = '';
    const late = (): Promise<void> => fake.keep({ accountKey: '1', records, observedAt });
    fake.betweenPages('after', late);
    const { runId } = await fake.service.request(id, 'test');
    observedAt = fake.later();
    await fake.carryOut(runId);
    const next = await openRunOf(database.pool, id);
    expect(next).toMatchObject({ state: 'queued', requested_by: 'read-back' });
    fake.betweenPages('after', () => undefined);
    await fake.carryOut(next?.id ?? '');
    expect(await heldAt(id, fake.later())).toEqual(holding(company()));
    expect(await openRunOf(database.pool, id)).toBeNull();
  });

  it('asks for none where the page was compared with it', async () => {
    const fake = await start('in-time');
    const { runId } = await fake.service.request('in-time', 'test');
    const observedAt = fake.later();
    fake.betweenPages('before', async (page) => {
      if (page === 0) await fake.keep({ accountKey: '1', records: [disabled], observedAt });
    });
    await fake.carryOut(runId);
    expect(await heldAt('in-time', fake.later())).toEqual(holding(company()));
    expect(await openRunOf(database.pool, 'in-time')).toBeNull();
  });
});

describe('a reading', () => {
  it('is told in the words of a sync, with the run it belongs to', async () => {
    const fake = await start('words');
    const observedAt = fake.later();
    await fake.keep({ accountKey: '1', records: [account('1', { displayName: 'Jane' })], covers: [], observedAt });
    await fake.keep({ accountKey: '1', records: [disabled], covers: [] });
    await fake.keep({ accountKey: '1', records: [account('1')], covers: [] });
    expect((await told('words')).slice(1)).toEqual([
      'usher account.updated 1',
      'usher account.disabled 1',
      'usher account.enabled 1',
    ]);
    expect(await rows(`select * from change_event where type = 'account.updated' and connection_id = 'words'`)).toEqual(
      [
        expect.objectContaining({
          run_id: RUN,
          occurred_at: observedAt,
          data: { display_name: { before: 'Person 1', after: 'Jane' } },
        }),
      ],
    );
  });

  it('that shows nothing new says that the row is fresh, and not in doubt', async () => {
    const fake = await start('fresh');
    const kept = `select seen_from from account where connection_id = 'fresh' and key = '1'`;
    const before = await rows(kept);
    fake.show(company().filter(({ key }) => key !== '1'));
    await fake.sync();
    const observedAt = fake.later();
    await fake.keep({ accountKey: '1', records: [account('1')], covers: [], observedAt });
    expect(
      await rows(
        `select observed_at, missing_run, missing_since from account where connection_id = 'fresh' and key = '1'`,
      ),
    ).toEqual([{ observed_at: observedAt, missing_run: null, missing_since: null }]);
    expect(await rows(kept)).toEqual(before);
    expect(await told('fresh')).toHaveLength(1);
  });

  it('changes nothing where a later pull or a later reading has seen the row', async () => {
    const fake = await start('older');
    const beforePull = fake.later();
    await fake.sync();
    const changed = { accountKey: '1', records: [disabled, membership('1', 'Finance')] };
    await fake.keep(
      { ...changed, observedAt: beforePull },
      { accountKey: '11', records: [], observedAt: beforePull },
      { accountKey: null, records: [account('60')], observedAt: beforePull },
    );
    const beforeReading = fake.later();
    await fake.keep({ accountKey: '1', records: one }, { accountKey: '12', records: [] });
    await fake.keep(
      { ...changed, observedAt: beforeReading },
      { accountKey: '12', records: [account('12'), membership('12', 'Ops')], observedAt: beforeReading },
    );
    expect(await heldAt('older', fake.later())).toEqual(
      holding(company().filter(({ key }) => key !== '12' && key !== membership('12', 'Ops').key)),
    );
  });

  it('takes away only grants of the kinds that were read whole', async () => {
    const fake = await start('covers');
    await fake.keep({ accountKey: '1', records: [account('1')], covers: [] });
    expect(await heldAt('covers', fake.later())).toEqual(holding(company()));
    await fake.keep({ accountKey: '1', records: [account('1')], covers: ['resource'] });
    expect(await heldAt('covers', fake.later())).not.toContain(onFolder('1').key);
    expect(await heldAt('covers', fake.later())).toContain(membership('1', 'Ops').key);
  });

  it('shows groups that are new, and leaves those that are known to the pulls', async () => {
    const fake = await start('groups');
    const described = { ...group('Ops'), description: 'Another' } as AnyRecord;
    await fake.keep({ accountKey: '1', records: [account('1'), described, group('New')], covers: [] });
    expect(await rows(`select key, description from "group" where connection_id = 'groups' order by key`)).toEqual([
      { key: 'Finance', description: null },
      { key: 'New', description: null },
      { key: 'Ops', description: null },
    ]);
    expect((await told('groups')).slice(1)).toEqual(['usher group.created New']);
  });

  it('gives a share with the address of the account that was read to this account', async () => {
    const fake = await start('address');
    await fake.keep({
      accountKey: null,
      records: [account('50', { email: 'Jörg@northwind.example' }), onFolder(emailHolderKey('JÖRG@northwind.example'))],
    });
    expect(await heldAt('address', fake.later())).toContain(onFolder('50').key);
  });

  it('leaves of two of one subject the newest, and of one moment no version of no length', async () => {
    const fake = await start('twice');
    const observedAt = fake.later();
    const named = (displayName: string, at = observedAt): Shown => ({
      accountKey: '1',
      records: [account('1', { displayName }), ...one.slice(1)],
      observedAt: at,
    });
    const newest = fake.later();
    await fake.keep(named('Newest', newest), named('Older'));
    await fake.keep(named('Same moment', newest));
    await fake.sync();
    expect(
      await rows(
        `select display_name from account_history where connection_id = 'twice' and key = '1' order by seen_from`,
      ),
    ).toEqual([{ display_name: 'Person 1' }, { display_name: 'Same moment' }]);
    expect(await rows(`select display_name from account where connection_id = 'twice' and key = '1'`)).toEqual([
      { display_name: 'Person 1' },
    ]);
  });

  it('keeps every value and hash as a pull does', async () => {
    const odd = account('odd', {
      displayName: 'a\tb\\c\n"d" {e},\u0000\\N',
      username: '\ud800',
      mfa: ['totp', 'a "b"', String.raw`c\d`],
      extra: { b: [1, null, 'x\u0000'], a: { '\t': '\\' } },
      volatile: { lastLoginAt: '2026-02-01T00:00:00.000Z', extra: { n: 0.1 } },
      raw: { z: 1, a: ['\\', '\u0000', '\n'] },
    });
    const records = [
      odd,
      account('bare', { mfa: null, raw: undefined }),
      membership('odd', 'Ops', { extra: { a: 1 } }),
    ];
    await start('by-pull', [...company(), ...records]);
    const fake = await start('by-reading');
    await fake.keep(...records.slice(0, 2).map((record) => ({ accountKey: null, records: [record], covers: [] })));
    await fake.keep({ accountKey: 'odd', records: [odd, ...records.slice(2)] });
    const kept = (id: string): Promise<unknown> =>
      rows(
        `select to_jsonb(a) - '{connection_id,observed_at,seen_from}'::text[] as row,
                to_jsonb(v) - '{connection_id,volatile_hash}'::text[] as side, v.raw::text as sent
           from account a join account_volatile v using (connection_id, key)
          where connection_id = $1 and key in ('odd', 'bare')
         union all
         select to_jsonb(g) - '{connection_id,observed_at,seen_from}'::text[], null, null
           from "grant" g where connection_id = $1 and holder_key = 'odd'`,
        id,
      );
    expect(await kept('by-reading')).toEqual(await kept('by-pull'));
  });

  it('is no event before the connection has a baseline', async () => {
    const fake = await fakeSync(database, 'unpulled');
    const shown = { accountKey: null, records: [account('1')], covers: [], observedAt: fake.later() };
    await database.transaction((client) =>
      keepReadBacks(client, { connectionId: 'unpulled', collectionOf: () => 'directory', runId: RUN }, [shown]),
    );
    fake.app.collections = { directory: { pages: [company()], yields: ['account', 'group', 'grant'] } };
    await fake.sync();
    expect(await told('unpulled')).toEqual(['sync connection.baselined unpulled']);
    expect(await heldAt('unpulled', fake.later())).toEqual(holding(company()));
  });

  it('is nothing to a connection that is gone', async () => {
    const shown = { accountKey: null, records: [account('1')], covers: [], observedAt: '2026-03-01T08:00:00.000Z' };
    await database.transaction((client) =>
      keepReadBacks(client, { connectionId: 'nowhere', collectionOf: () => 'directory', runId: RUN }, [shown]),
    );
    expect(await heldAt('nowhere', '2026-04-01T00:00:00.000Z')).toEqual([]);
  });

  it('takes no more statements for hundreds of subjects than for one', async () => {
    const fake = await start('many');
    const many = Array.from({ length: 300 }, (_, i) => ({
      accountKey: null,
      records: [account(`m${i}`), group(`G${i % 7}`), membership(`m${i}`, `G${i % 7}`)],
      covers: ['group' as const],
      observedAt: fake.later(),
    }));
    let statements = 0;
    await database.transaction(async (client) => {
      const counted = new Proxy(client, {
        get(target, name) {
          if (name === 'query') statements += 1;
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      await keepReadBacks(counted, { connectionId: 'many', collectionOf: () => 'directory', runId: RUN }, many);
    });
    expect(statements).toBeLessThanOrEqual(7);
    expect((await told('many')).length).toBe(1 + 300 + 7 + 300);
  });
});

describe('readings of leased subjects', () => {
  const person = (key: string): Shown => ({
    accountKey: key,
    records: [account(key, { status: 'disabled' })],
    covers: [],
  });

  it('are taken in side by side; whoever wants the connection alone waits, and is waited for by those who come later', async () => {
    const { begin, keep } = await start('beside');
    const first = begin(person('11'), { isLeased: true });
    await first.written;
    const second = begin(person('12'), { isLeased: true });
    await second.written;
    let order = '';
    const alone = keep(person('13')).then(() => (order += 'alone '));
    await waitsFor(1);
    const later = begin(person('14'), { isLeased: true });
    const written = later.written.then(() => (order += 'later '));
    await waitsFor(2);
    expect(order).toBe('');
    await Promise.all([first.end(), second.end()]);
    await Promise.all([alone, written, later.end()]);
    expect(order).toBe('alone later ');
    expect((await told('beside')).filter((event) => event.startsWith('usher account.')).length).toBe(4);
  });

  it('add a group that both name once, and tell of it once', async () => {
    const { begin } = await start('one-group');
    const joins = (key: string): Shown => ({
      accountKey: key,
      records: [account(key), group('New'), membership(key, 'New')],
    });
    const first = begin(joins('15'), { isLeased: true });
    await first.written;
    const second = begin(joins('16'), { isLeased: true });
    await waitsFor(1);
    await first.end();
    await second.end();
    const events = await told('one-group');
    expect(events.filter((event) => event.includes('group.'))).toEqual(['usher group.created New']);
    expect(
      await rows(`select holder_key from "grant" where connection_id = 'one-group' and target_key = 'New' order by 1`),
    ).toEqual([{ holder_key: '15' }, { holder_key: '16' }]);
  });
});

/** Resolves when so many sessions of this database wait for a lock. */
async function waitsFor(count: number): Promise<void> {
  for (;;) {
    const [waiting] = await rows(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (waiting?.['n'] === count) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
