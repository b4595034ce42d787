import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLog } from '../store/log.ts';
import { type TestDatabase, testDatabase } from '../store/testing/index.ts';
import { fakeSync } from '../sync/testing.ts';
import type { AppEventPage } from '../connector-kit/connector.ts';
import { UsherError } from '../model/errors.ts';
import type { AppEvent } from '../model/events.ts';
import type { JsonValue } from '../model/records.ts';
import { createFeed } from './feed.ts';
import { pollAppEvents } from './poll.ts';
import { startSequencer } from './sequencer.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const tell = (type: string): string =>
  `insert into change_event (connection_id, source, type, subject_kind, subject_key, occurred_at, data)
   values ('feed', 'sync', '${type}', 'account', '1', now(), '{}')`;

const feed = async (): Promise<unknown[]> =>
  (
    await database.pool.query<{ type: string; position: number }>(
      `select type, position from change_event where connection_id = 'feed' and position is not null order by position`,
    )
  ).rows;

it('gives events their places in commit order: one that commits late comes late, and no reader misses it', async () => {
  const sequencer = startSequencer(database, silentLog);
  const slow = await database.pool.connect();
  await slow.query('begin');
  await slow.query(tell('slow')); // takes its id first, commits last
  await database.pool.query(tell('fast'));
  await sequencer.place();
  expect(await feed()).toEqual([{ type: 'fast', position: 1 }]);
  await slow.query('commit');
  slow.release();
  await sequencer.place();
  expect(await feed()).toEqual([
    { type: 'fast', position: 1 },
    { type: 'slow', position: 2 },
  ]);
  await Promise.all([sequencer.place(), sequencer.place()]);
  await sequencer.stop();
});

it('places no event twice when two processes sequence at once', async () => {
  for (let i = 0; i < 50; i += 1) await database.pool.query(tell('many'));
  const two = [startSequencer(database, silentLog), startSequencer(database, silentLog)];
  await Promise.all(two.map((sequencer) => sequencer.place()));
  await Promise.all(two.map((sequencer) => sequencer.stop()));
  const positions = (await feed()).map((row) => (row as { position: number }).position);
  expect(positions).toEqual(Array.from({ length: positions.length }, (_, i) => i + 1));
});

it('wakes whoever waits for the feed to grow, and lets go after the time', async () => {
  const sequencer = startSequencer(database, silentLog);
  const waiting = createFeed(database, sequencer);
  const last =
    (await database.pool.query<{ last_position: number }>('select last_position from feed')).rows[0]?.last_position ??
    0;
  const woken = waiting.waitFor(last, 30_000, new AbortController().signal);
  await database.pool.query(tell('news'));
  await sequencer.place();
  await woken;
  await expect(waiting.waitFor(last + 1, 1, new AbortController().signal)).resolves.toBeUndefined();
  await sequencer.stop();
});

it('keeps each entry of an app log once, however the polls overlap, and goes on from its cursor', async () => {
  const { deps } = await fakeSync(database, 'applog');
  const entry = (id: string): AppEvent => ({
    id,
    occurredAt: '2026-03-01T10:00:00.000Z',
    action: 'Failed login attempt',
    actor: 'a\u0000b@northwind.example',
    target: null,
    ipAddress: '192.0.2.1',
    data: { text: '\ud800' },
  });
  const seen: JsonValue[] = [];
  let pages: AppEventPage[] = [];
  const openConnection: typeof deps.openConnection = async (...args) => {
    const opened = await deps.openConnection(...args);
    return {
      ...opened,
      definition: { ...opened.definition, hasAuditEvents: true },
      connector: {
        ...opened.connector,
        async *auditEvents(cursor) {
          seen.push(cursor);
          if (cursor === 'three') throw new UsherError('stale', 'A cursor of long ago.');
          yield* pages;
        },
      },
    };
  };
  const poll = () => pollAppEvents({ ...deps, openConnection }, 'applog', new AbortController().signal);
  pages = [{ events: [entry('1'), entry('2')], cursor: 'two' }];
  expect(await poll()).toBe(2);
  pages = [
    { events: [entry('2')], cursor: 'two' },
    { events: [entry('3')], cursor: 'three' },
  ];
  expect(await poll()).toBe(1);
  expect(seen).toEqual([null, 'two']);
  // A cursor that the connector no longer understands does not stop the log for good.
  pages = [{ events: [entry('3')], cursor: 'two' }];
  expect(await poll()).toBe(0);
  expect(seen).toEqual([null, 'two', 'three', null]);
  const { rows } = await database.pool.query(
    `select app_event_id, type from change_event where connection_id = 'applog' order by id`,
  );
  expect(rows).toEqual(['1', '2', '3'].map((id) => ({ app_event_id: id, type: 'app.failed_login_attempt' })));
});
