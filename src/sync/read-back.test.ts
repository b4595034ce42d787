import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnyRecord } from '../model/records.ts';
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
  const keep = (...shown: readonly Shown[]): Promise<void> =>
    database.transaction((client) =>
      keepReadBacks(
        client,
        { connectionId: id, collection: 'directory', runId: RUN },
        shown.map((reading) => ({ covers: ['group'], observedAt: fake.later(), ...reading })),
      ),
    );
  return { ...fake, keep, show: (shown: AnyRecord[]) => fake.app.collections['directory']?.pages.splice(0, 1, shown) };
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
