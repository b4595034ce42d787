import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsherError } from '../model/errors.ts';
import type { AnyRecord } from '../model/records.ts';
import { emailHolderKey } from '../model/records.ts';
import { type TestDatabase, testDatabase } from '../store/testing/index.ts';
import { findRun } from '../store/sync/runs.ts';
import { account, fakeSync, group, membership } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const rows = async (sql: string, ...values: unknown[]): Promise<Record<string, unknown>[]> =>
  (await database.pool.query<Record<string, unknown>>(sql, values)).rows;

const keys = async (connection: string, table = 'account'): Promise<unknown[]> =>
  (await rows(`select key from ${table} where connection_id = $1 order by key`, connection)).map((row) => row.key);

const eventTypes = async (connection: string): Promise<unknown[]> =>
  (await rows('select type from change_event where connection_id = $1 order by id', connection)).map((row) => row.type);

const people = (count: number): AnyRecord[] => Array.from({ length: count }, (_, i) => account(String(100 + i)));

async function start(id: string, ...pages: AnyRecord[][]) {
  const fake = await fakeSync(database, id);
  fake.app.collections = { directory: { pages, yields: ['account', 'group', 'grant'] } };
  return fake;
}

describe('a first sync', () => {
  it('keeps everything and tells one event, not one a record', async () => {
    const fake = await start('first', [...people(3), group('Ops'), membership('100', 'Ops')]);
    const run = await findRun(database.pool, await fake.sync());
    expect(run).toMatchObject({ state: 'succeeded', is_baseline: true, changes: { added: 5, removed: 0 } });
    expect(await keys('first')).toEqual(['100', '101', '102']);
    expect(await eventTypes('first')).toEqual(['connection.baselined']);
    expect(await rows('select count(*) n from staged_page where run_id = $1', run?.id)).toEqual([{ n: 0 }]);
  });

  it('keeps one row of a record that two pages show', async () => {
    const fake = await start(
      'twice',
      [account('1'), group('Ops')],
      [account('1', { displayName: 'Later' }), group('Ops')],
    );
    await fake.sync();
    expect(await rows(`select display_name from account where connection_id = 'twice'`)).toEqual([
      { display_name: 'Later' },
    ]);
    expect(await keys('twice', '"group"')).toEqual(['Ops']);
  });

  it('is no baseline while accounts are partial, and says notice of none', async () => {
    const fake = await start('part', people(2));
    const directory = fake.app.collections.directory;
    if (directory) directory.end = { isComplete: false, reason: 'only half is visible' };
    await fake.sync();
    expect(await rows(`select baselined_at from connection where id = 'part'`)).toEqual([{ baselined_at: null }]);
    expect(await eventTypes('part')).toEqual([]);
    if (directory) delete directory.end;
    await fake.sync();
    expect(await eventTypes('part')).toEqual(['connection.baselined']);
  });
});

describe('a later sync', () => {
  it('writes no account row and no event when nothing changed', async () => {
    const fake = await start('same', people(5));
    await fake.sync();
    const before = await rows(
      `select key, xmin::text, ctid::text from account where connection_id = 'same' order by key`,
    );
    await fake.sync();
    expect(
      await rows(`select key, xmin::text, ctid::text from account where connection_id = 'same' order by key`),
    ).toEqual(before);
    expect(await eventTypes('same')).toEqual(['connection.baselined']);
  });

  it('closes the old version and tells what changed', async () => {
    const fake = await start('change', people(9));
    await fake.sync();
    fake.app.collections.directory = {
      pages: [
        [
          account('100', { status: 'disabled' }),
          account('101', { displayName: 'New' }),
          ...people(9).slice(2),
          account('200'),
        ],
      ],
      yields: ['account'],
    };
    const run = await findRun(database.pool, await fake.sync());
    expect(run?.changes).toMatchObject({ added: 1, updated: 2, removed: 0, missing: 0 });
    expect(await eventTypes('change')).toEqual(
      expect.arrayContaining(['account.created', 'account.disabled', 'account.updated']),
    );
    const [updated] = await rows(
      `select data from change_event where connection_id = 'change' and type = 'account.updated'`,
    );
    expect(updated).toEqual({ data: { display_name: { before: 'Person 101', after: 'New' } } });
    const history = await rows(
      `select h.key, h.seen_to = a.seen_from as adjoins, h.was_removed from account_history h join account a using (connection_id, key)
        where connection_id = 'change' order by key`,
    );
    expect(history).toEqual([
      { key: '100', adjoins: true, was_removed: false },
      { key: '101', adjoins: true, was_removed: false },
    ]);
  });

  it('updates volatile values without a version or an event', async () => {
    const fake = await start('volatile', [account('1', { volatile: { lastLoginAt: null, extra: { score: 1 } } })]);
    await fake.sync();
    fake.app.collections.directory = {
      pages: [[account('1', { volatile: { lastLoginAt: '2026-02-01T00:00:00.000Z', extra: { score: 2 } } })]],
      yields: ['account'],
    };
    await fake.sync();
    expect(
      await rows(`select last_login_at, volatile_extra from account_volatile where connection_id = 'volatile'`),
    ).toEqual([{ last_login_at: '2026-02-01T00:00:00.000Z', volatile_extra: { score: 2 } }]);
    expect(await eventTypes('volatile')).toEqual(['connection.baselined']);
    expect(await rows(`select key from account_history where connection_id = 'volatile'`)).toEqual([]);
  });

  it('doubts a vanished account first and removes it when a second complete pull agrees', async () => {
    const fake = await start('vanish', [
      ...people(9),
      group('Ops'),
      membership('108', 'Ops'),
      membership('100', 'Ops'),
    ]);
    await fake.sync();
    fake.app.collections.directory = {
      pages: [[...people(8), group('Ops'), membership('100', 'Ops')]],
      yields: ['account', 'group', 'grant'],
    };
    await fake.sync();
    expect(
      await rows(
        `select missing_since is not null as missing from account where connection_id = 'vanish' and key = '108'`,
      ),
    ).toEqual([{ missing: true }]);
    expect(await eventTypes('vanish')).toEqual(['connection.baselined']);
    await fake.sync();
    expect(await keys('vanish')).not.toContain('108');
    expect(await keys('vanish', '"grant"')).toEqual([membership('100', 'Ops').key]);
    expect(new Set(await eventTypes('vanish'))).toEqual(
      new Set(['account.removed', 'connection.baselined', 'grant.removed']),
    );
  });

  it('forgets its doubt when the account is back unchanged', async () => {
    const fake = await start('back', people(9));
    await fake.sync();
    fake.app.collections.directory = { pages: [people(8)], yields: ['account'] };
    await fake.sync();
    fake.app.collections.directory = { pages: [people(9)], yields: ['account'] };
    await fake.sync();
    expect(await rows(`select missing_run from account where connection_id = 'back' and key = '108'`)).toEqual([
      { missing_run: null },
    ]);
    expect(await eventTypes('back')).toEqual(['connection.baselined']);
  });

  it('removes nothing that a partial collection does not show', async () => {
    const fake = await start('partial', people(5));
    await fake.sync();
    fake.app.collections.directory = {
      pages: [people(4)],
      yields: ['account'],
      end: { isComplete: false, reason: 'cut' },
    };
    await fake.sync();
    await fake.sync();
    expect(await keys('partial')).toHaveLength(5);
    expect(
      await rows(`select missing_run from account where connection_id = 'partial' and missing_run is not null`),
    ).toEqual([]);
  });

  it('does not undo what was observed after its page', async () => {
    const fake = await start('newest', people(5));
    await fake.sync();
    fake.app.collections.directory = {
      pages: [[account('100', { displayName: 'Old page' }), ...people(5).slice(1)]],
      yields: ['account'],
    };
    fake.app.onPage = async () => {
      // A write was read back between the vendor's answer and the commit.
      await database.pool.query(
        `update account set display_name = 'Read back', observed_at = '2027-01-01', content_hash = gen_random_uuid() where connection_id = 'newest' and key = '100'`,
      );
    };
    await fake.sync();
    expect(await rows(`select display_name from account where connection_id = 'newest' and key = '100'`)).toEqual([
      { display_name: 'Read back' },
    ]);
  });

  it('re-bases without events or history when the mapping is a new one', async () => {
    const fake = await start('rebase', people(3));
    await fake.sync();
    fake.app.mappingVersion = 2;
    fake.app.collections.directory = {
      pages: [people(3).map((a) => ({ ...a, extra: { more: true } }))],
      yields: ['account'],
    };
    await fake.sync();
    expect(await eventTypes('rebase')).toEqual(['connection.baselined']);
    expect(await rows(`select key from account_history where connection_id = 'rebase'`)).toEqual([]);
    expect(await rows(`select distinct extra from account where connection_id = 'rebase'`)).toEqual([
      { extra: { more: true } },
    ]);
  });

  it('says joined, not created and removed, when an invitation becomes an account', async () => {
    const invited = account('invited:new@northwind.example', { email: 'new@northwind.example', status: 'invited' });
    const fake = await start('join', [...people(9), invited]);
    await fake.sync();
    fake.app.collections.directory = {
      pages: [[...people(9), account('777', { email: 'New@northwind.example' })]],
      yields: ['account'],
    };
    await fake.sync();
    expect(await keys('join')).not.toContain('invited:new@northwind.example');
    expect(await eventTypes('join')).toEqual(['connection.baselined', 'account.joined']);
  });

  it('resolves holders named by address to accounts, and keeps strangers by address', async () => {
    const fake = await start('holders', [account('1', { email: 'Jörg@northwind.example' })]);
    fake.app.collections.folders = {
      pages: [
        [
          membership(emailHolderKey('JÖRG@northwind.example'), 'f1', { targetKind: 'resource', permission: 'editor' }),
          membership(emailHolderKey('stranger@gmail.example'), 'f1', { targetKind: 'resource', permission: 'viewer' }),
        ],
      ],
      yields: ['grant'],
      dependsOn: ['directory'],
    };
    await fake.sync();
    await fake.sync();
    expect(
      await rows(`select holder_key, permission from "grant" where connection_id = 'holders' order by holder_key`),
    ).toEqual([
      { holder_key: '1', permission: 'editor' },
      { holder_key: 'email:stranger@gmail.example', permission: 'viewer' },
    ]);
    expect(await eventTypes('holders')).toEqual(['connection.baselined']);
  });
});

describe('the anomaly guard', () => {
  it('pauses a pull that lost too many, and changes nothing until it is confirmed', async () => {
    const fake = await start('guard', people(10));
    await fake.sync();
    fake.app.collections.directory = { pages: [people(7)], yields: ['account'] };
    const runId = await fake.sync();
    expect(await findRun(database.pool, runId)).toMatchObject({
      state: 'paused',
      anomalies: [
        {
          kind: 'account',
          gone: 3,
          before: 10,
          message: '3 of 10 accounts are gone in guard (30 %, the limit is 20 %).',
        },
      ],
    });
    expect(await rows(`select key from account where connection_id = 'guard' and missing_run is not null`)).toEqual([]);
    await fake.service.confirmConnection('guard', 'ada');
    await fake.carryOut(runId);
    expect(
      await rows(`select count(*) n from account where connection_id = 'guard' and missing_run is not null`),
    ).toEqual([{ n: 3 }]);
  });

  it('pauses when nothing is left of a kind that had some', async () => {
    const fake = await start('empty', [...people(3), group('Ops')]);
    await fake.sync();
    fake.app.collections.directory = { pages: [people(3)], yields: ['account', 'group'] };
    expect(await findRun(database.pool, await fake.sync())).toMatchObject({
      state: 'paused',
      anomalies: [{ kind: 'group' }],
    });
  });

  it('pauses when many change status at once', async () => {
    const fake = await start('status', people(10));
    await fake.sync();
    fake.app.collections.directory = {
      pages: [people(10).map((a, i) => (i < 3 ? { ...a, status: 'disabled' as const } : a))] as AnyRecord[][],
      yields: ['account'],
    };
    expect(await findRun(database.pool, await fake.sync())).toMatchObject({
      state: 'paused',
      anomalies: [{ status_changed: 3 }],
    });
  });

  it('lets two of ten go unasked', async () => {
    const fake = await start('two', people(10));
    await fake.sync();
    fake.app.collections.directory = { pages: [people(8)], yields: ['account'] };
    expect(await findRun(database.pool, await fake.sync())).toMatchObject({
      state: 'succeeded',
      changes: { missing: 2 },
    });
  });

  it('is superseded by a newer pull', async () => {
    const fake = await start('newer', people(10));
    await fake.sync();
    fake.app.collections.directory = { pages: [people(5)], yields: ['account'] };
    const paused = await fake.sync();
    fake.app.collections.directory = { pages: [people(10)], yields: ['account'] };
    expect(await findRun(database.pool, await fake.sync())).toMatchObject({ state: 'succeeded' });
    expect(await findRun(database.pool, paused)).toMatchObject({ state: 'cancelled' });
    expect(await rows('select count(*) n from staged_page where run_id = $1', paused)).toEqual([{ n: 0 }]);
  });
});

describe('a pull that is interrupted', () => {
  it('goes on at the page where it stopped', async () => {
    const fake = await start('resume', people(2), people(4).slice(2), people(6).slice(4));
    const stop = new AbortController();
    fake.app.onPage = (_, page) => {
      if (page === 2) stop.abort();
    };
    const { runId } = await fake.service.request('resume', 'test');
    await fake.carryOut(runId, stop.signal);
    expect(await findRun(database.pool, runId)).toMatchObject({ state: 'running' });
    fake.app.onPage = () => undefined;
    fake.app.asked.length = 0;
    await fake.carryOut(runId);
    expect(await keys('resume')).toHaveLength(6);
    expect(fake.app.asked).not.toContain('directory/0');
  });

  it('goes on at the same page when a shutdown cut off the call for it', async () => {
    const fake = await start('cut', people(2), people(4).slice(2), people(6).slice(4));
    const stop = new AbortController();
    const { runId } = await fake.service.request('cut', 'test');
    fake.app.onPage = async (_, page) => {
      if (page !== 2) return;
      const staged = 'select from sync_collection where run_id = $1 and pages = 2';
      while ((await rows(staged, runId)).length === 0);
      stop.abort();
      throw stop.signal.reason;
    };
    await fake.carryOut(runId, stop.signal);
    expect(await findRun(database.pool, runId)).toMatchObject({ state: 'running', error: null });
    fake.app.onPage = () => undefined;
    fake.app.asked.length = 0;
    await fake.carryOut(runId);
    expect(await findRun(database.pool, runId)).toMatchObject({ state: 'succeeded' });
    expect(fake.app.asked[0]).toBe('directory/2');
    expect(await keys('cut')).toHaveLength(6);
  });

  it('tries a failure of the moment again from the same page, and fails for good with the reason kept', async () => {
    const fake = await start('retry', people(2), people(4).slice(2));
    let failures = 2;
    fake.app.onPage = (_, page) => {
      if (page === 1 && failures-- > 0) throw new UsherError('transient', 'The app is away.');
    };
    expect(await findRun(database.pool, await fake.sync())).toMatchObject({ state: 'succeeded' });
    expect(fake.app.asked.filter((asked) => asked === 'directory/0')).toHaveLength(1);
    fake.app.onPage = () => {
      throw new UsherError('auth', 'LastPass answered "Authorization Error".', { next: 'Was it reset?' });
    };
    const failed = await findRun(database.pool, await fake.sync());
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'auth', status: 401, next: 'Was it reset?' } });
    expect(await keys('retry')).toHaveLength(4);
    expect(await rows('select count(*) n from staged_page where run_id = $1', failed?.id)).toEqual([{ n: 0 }]);
  });

  it('tries a probe that fails for the moment again, and keeps what was pulled before', async () => {
    const fake = await start('probe', people(2), people(4).slice(2), people(6).slice(4));
    const stop = new AbortController();
    fake.app.onPage = (_, page) => {
      if (page === 2) stop.abort();
    };
    const { runId } = await fake.service.request('probe', 'test');
    await fake.carryOut(runId, stop.signal);
    fake.app.onPage = () => undefined;
    fake.app.asked.length = 0;
    let failures = 1;
    fake.app.onProbe = () => {
      if (failures-- > 0) throw new UsherError('transient', 'The app is away.');
    };
    await fake.carryOut(runId);
    expect(await findRun(database.pool, runId)).toMatchObject({ state: 'succeeded' });
    expect(fake.app.asked).not.toContain('directory/0');
  });

  it('starts a collection again when its total changes, and ends it partial after three times', async () => {
    const fake = await start('total', people(2), people(4).slice(2));
    const directory = fake.app.collections.directory;
    if (directory) directory.totals = [4, 5, 5, 5];
    const once = await fake.sync();
    expect(await rows('select state, restarts from sync_collection where run_id = $1', once)).toEqual([
      { state: 'complete', restarts: 1 },
    ]);
    if (directory) directory.totals = Array.from({ length: 40 }, (_, i) => i);
    const often = await fake.sync();
    expect(await rows('select state, restarts from sync_collection where run_id = $1', often)).toEqual([
      { state: 'partial', restarts: 3 },
    ]);
    expect(await keys('total')).toHaveLength(4);
  });

  it('is not taken for complete when it was interrupted after its total kept changing', async () => {
    const fake = await start('shifted', people(2), people(4).slice(2), people(6).slice(4));
    const directory = fake.app.collections['directory'];
    // Three new starts, a last try whose total shifts once more, and a failure after that.
    if (directory) directory.totals = [1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 6, 6, 6];
    let asked = 0;
    fake.app.onPage = (_, page) => {
      if (page === 2 && (asked += 1) === 4) throw new UsherError('transient', 'The app is away.');
    };
    const runId = await fake.sync();
    expect(await rows('select state, restarts from sync_collection where run_id = $1', runId)).toEqual([
      { state: 'partial', restarts: 3 },
    ]);
  });

  it('starts again when the checkpoint is too old', async () => {
    const fake = await start('old', people(2), people(4).slice(2), people(5).slice(4));
    const stop = new AbortController();
    fake.app.onPage = (_, page) => {
      if (page === 2) stop.abort();
    };
    const { runId } = await fake.service.request('old', 'test');
    await fake.carryOut(runId, stop.signal);
    await database.pool.query(
      `update sync_collection set checkpoint_at = checkpoint_at - interval '1 hour' where run_id = $1`,
      [runId],
    );
    fake.app.onPage = () => undefined;
    fake.app.asked.length = 0;
    await fake.carryOut(runId);
    expect(fake.app.asked[0]).toBe('directory/0');
    expect(await keys('old')).toHaveLength(5);
  });

  it('is cancelled at the next page and keeps nothing', async () => {
    const fake = await start('cancel', people(2), people(4).slice(2));
    const { runId } = await fake.service.request('cancel', 'test');
    fake.app.onPage = async (_, page) => {
      if (page === 1) await fake.service.cancel(runId);
    };
    await fake.carryOut(runId);
    expect(await findRun(database.pool, runId)).toMatchObject({ state: 'cancelled' });
    expect(await keys('cancel')).toEqual([]);
  });

  it('waits while the database is gone and goes on when it is back', async () => {
    const fake = await start('gone', people(2), people(4).slice(2));
    let isGone = true;
    fake.app.onPage = (_, page) => {
      if (page !== 1 || !isGone) return;
      isGone = false;
      throw Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' });
    };
    expect(await findRun(database.pool, await fake.sync())).toMatchObject({ state: 'succeeded' });
    expect(await keys('gone')).toHaveLength(4);
  });
});

describe('two requests', () => {
  it('for one connection share one run', async () => {
    const fake = await start('joined', people(2));
    const asked = await Promise.all([1, 2, 3].map(() => fake.service.request('joined', 'test')));
    expect(new Set(asked.map(({ runId }) => runId)).size).toBe(1);
    expect(asked.filter(({ isJoined }) => !isJoined)).toHaveLength(1);
  });
});

describe('rights that shrank', () => {
  it('pause the connection; nothing is removed', async () => {
    const fake = await start('rights', people(5));
    await fake.sync();
    fake.app.capabilities = [];
    fake.app.collections.directory = { pages: [[]], yields: ['account'] };
    expect(await findRun(database.pool, await fake.sync())).toMatchObject({
      state: 'failed',
      error: { code: 'rightsShrank' },
    });
    expect(await rows(`select state from connection where id = 'rights'`)).toEqual([{ state: 'paused' }]);
    expect(await keys('rights')).toHaveLength(5);
  });
});

describe('the parts of a pull', () => {
  it('are pulled side by side, those that depend on another after it', async () => {
    const fake = await start('parts', people(2));
    fake.app.collections['memberships'] = {
      pages: [[group('Ops'), membership('100', 'Ops')]],
      yields: ['group', 'grant'],
      dependsOn: ['directory'],
    };
    fake.app.collections['sites'] = { pages: [[group('Site')]], yields: ['group'] };
    const bothAsked = Promise.withResolvers<void>();
    const under = new Set<string>();
    fake.app.onPage = async (collection) => {
      under.add(collection);
      if (under.has('directory') && under.has('sites')) bothAsked.resolve();
      await bothAsked.promise; // neither is answered before the other was asked for
    };
    expect(await findRun(database.pool, await fake.sync())).toMatchObject({ state: 'succeeded' });
    expect(fake.app.asked.indexOf('memberships/0')).toBeGreaterThan(fake.app.asked.indexOf('directory/0'));
    expect(await keys('parts', '"group"')).toEqual(['Ops', 'Site']);
  });

  it('end with the first that fails, and what was pulled is not committed', async () => {
    const fake = await start('onefails', people(2));
    fake.app.collections['sites'] = { pages: [[group('Site')], [group('Other')]], yields: ['group'] };
    const failed = Promise.withResolvers<void>();
    fake.app.onPage = async (collection) => {
      if (collection === 'sites') return failed.promise;
      failed.resolve();
      throw new UsherError('permission', 'No longer.', {});
    };
    const run = await findRun(database.pool, await fake.sync());
    expect(run).toMatchObject({ state: 'failed', error: { detail: 'No longer.' } });
    expect(await keys('onefails')).toEqual([]);
    expect(await rows('select 1 from staged_page where run_id = $1', run?.id)).toEqual([]);
  });
});
