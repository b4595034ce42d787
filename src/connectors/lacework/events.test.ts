import { expect, it } from 'vitest';
import type { AppEventPage } from '../../connector-kit/connector.ts';
import type { OpenedConnector } from '../../connector-kit/testkit/open.ts';
import type { AppEvent } from '../../model/events.ts';
import type { JsonValue } from '../../model/records.ts';
import { categoryOf, rowIds } from './events.ts';
import { startReading } from './testing/reading.ts';

const TODAY = new Date('2026-03-02T15:00:30Z');
const DAY_MS = 24 * 3_600_000;
const ROW = {
  account: 'NORTHWIND', userName: 'ada.okonkwo@northwind.example', eventName: 'Team Member', userAction: 'Create',
  eventDescription: 'Team member joan.clarke@northwind.example was created',
} as const; // prettier-ignore

it('reads the last seven days by one call, and from then on the overlap alone', async () => {
  await using reading = await started();
  let first: Polled | null = null;
  expect(await reading.asked(async () => (first = await poll(reading.connector, null)))).toEqual([
    'access.tokens',
    'AuditLogs.list',
  ]);
  const seen = shown(first);
  expect(seen.ids.length).toBeGreaterThan(5);
  const later = await poll(reading.connector, seen.cursor);
  expect(later.ids.length).toBeLessThan(seen.ids.length);
  expect(seen.cursor).toEqual({ readTo: TODAY.toISOString() });
});

it('tells equal rows of one moment apart, each with the same id in every poll and whatever comes later', async () => {
  await using reading = await started();
  reading.simulator.mutate({ op: 'add-audit-row', ...ROW, times: 3 });
  const first = await poll(reading.connector, null);
  reading.simulator.mutate({ op: 'add-audit-row', ...ROW, times: 2 });
  const second = await poll(reading.connector, first.cursor);
  const own = ({ events }: Polled) => events.filter(({ target }) => target === 'joan.clarke@northwind.example');
  expect(new Set(own(first).map(({ id }) => id)).size).toBe(3);
  expect(new Set(own(second).map(({ id }) => id)).size).toBe(5);
  expect(own(second).map(({ id }) => id)).toEqual(expect.arrayContaining(own(first).map(({ id }) => id)));
});

it('gives the same ids whichever way times and pages are written', async () => {
  await using reading = await started();
  const from = { readTo: '2026-02-25T10:00:30.000Z' };
  // A row of this very moment may be in the next poll only.
  await poll(reading.connector, from);
  reading.simulator.clock.advance(120_000);
  const usual = await poll(reading.connector, from);
  expect(usual.ids.length).toBeGreaterThan(20);
  for (const switches of [
    { auditCreatedTime: 'epochMs' },
    { auditCreatedTime: 'epochSeconds' },
    { auditBounds: 'exclusive' },
    { pageSize: 3, nextPageForm: 'token' },
    { pageSize: 3, nextPageForm: 'relative' },
  ]) {
    reading.simulator.setSwitches(switches);
    expect(new Set((await poll(reading.connector, from)).ids), JSON.stringify(switches)).toEqual(new Set(usual.ids));
  }
});

it('misses nothing and repeats no id over polls that are killed at every page', async () => {
  await using reading = await started();
  for (let day = 0; day < 20; day += 1) {
    reading.simulator.mutate({ op: 'add-audit-row', ...ROW, userAction: `Act ${day}` });
    reading.simulator.clock.advance(DAY_MS);
  }
  reading.simulator.setSwitches({ pageSize: 4 });
  const whole = await poll(reading.connector, { readTo: TODAY.toISOString() });
  const stored = new Set<string>();
  let cursor: JsonValue = { readTo: TODAY.toISOString() };
  for (let kills = 0; kills < 60; kills += 1) {
    await using process = reading.reopen();
    // What is stored is a page with its cursor; then the process dies.
    const page: AppEventPage | undefined = (await process.auditEvents(cursor).next()).value ?? undefined;
    if (page === undefined) break;
    for (const event of page.events) if (isAct(event)) stored.add(event.id);
    const isStuck = JSON.stringify(page.cursor) === JSON.stringify(cursor);
    if (isStuck) {
      // Within a slice the cursor stays: a process that lives a little longer gets past it.
      for await (const rest of process.auditEvents(cursor)) {
        for (const event of rest.events) if (isAct(event)) stored.add(event.id);
        if (JSON.stringify(rest.cursor) !== JSON.stringify(cursor)) {
          cursor = rest.cursor;
          break;
        }
      }
    } else cursor = page.cursor;
  }
  const acts = whole.events.filter(isAct);
  expect(new Set(acts.map(({ id }) => id)).size).toBe(20);
  expect(stored).toEqual(new Set(acts.map(({ id }) => id)));
});

it.each(['204', '200', '404'] as const)('takes %s for a window without rows', async (emptyAudit) => {
  await using reading = await started({ emptyAudit });
  reading.simulator.clock.advance(30 * DAY_MS);
  const polled = await poll(reading.connector, { readTo: reading.simulator.clock.now().toISOString() });
  expect(polled.ids.length).toBeLessThan(3);
});

it('tells who did what to whom, and marks what Usher caused itself', async () => {
  await using reading = await started();
  reading.simulator.mutate({ op: 'add-audit-row', ...ROW });
  const { events } = await poll(reading.connector, null);
  expect(events.find(({ target }) => target === 'joan.clarke@northwind.example')).toEqual({
    id: expect.any(String),
    occurredAt: expect.stringMatching(/^2026-03-02T15:00:3\d\.000Z$/),
    action: 'Team Member Create',
    actor: 'ada.okonkwo@northwind.example',
    target: 'joan.clarke@northwind.example',
    ipAddress: null,
    data: {
      category: 'user.created', account: 'northwind', eventName: 'Team Member', userAction: 'Create',
      text: 'Team member joan.clarke@northwind.example was created',
    },
  }); // prettier-ignore
  const again = await poll(reading.connector, null);
  const own = again.events.filter(({ data }) => JSON.stringify(data).includes('"selfInflicted":true'));
  expect(own.map(({ action }) => action)).toEqual(['Access Token Create']);
});

it.each([
  ['USER_CREATED', '', '', 'user.created'],
  ['USER_DELETED', '', '', 'user.deleted'],
  ['', 'Team Member', 'Update', 'user.updated'],
  ['', 'Team User', 'Delete', 'user.deleted'],
  ['', 'API Key', 'Create', 'credential.created'],
  ['', 'User Group', 'Add users', 'group.updated'],
  ['', 'User Login', 'Login', 'login'],
  ['', 'Policy', 'Update', 'other'],
  ['', '', '', 'other'],
])('puts "%s" / "%s" "%s" under %s', (eventType, eventName, userAction, category) => {
  expect(categoryOf({ ...row(''), eventType, eventName, userAction })).toBe(category);
});

it('makes ids of all six fields', () => {
  const one = row('2026-03-02T15:00:00.000Z');
  const others = (
    ['occurredAt', 'accountName', 'userName', 'eventName', 'userAction', 'eventDescription'] as const
  ).map((field) => ({ ...one, [field]: `${one[field]} ` }));
  const ids = rowIds();
  expect(new Set([one, ...others].map(ids)).size).toBe(7);
});

/** One of the events of the test: every process leaves one of its token besides. */
function isAct({ data }: AppEvent): boolean {
  return JSON.stringify(data).includes('"userAction":"Act ');
}

function row(occurredAt: string) {
  return {
    occurredAt, accountName: 'A', userName: 'u', eventName: 'e', userAction: 'a', eventDescription: 'd', eventType: '',
  }; // prettier-ignore
}

function started(switches: Readonly<Record<string, string>> = {}) {
  return startReading({
    clock: { now: () => TODAY },
    today: TODAY,
    switches: { rateLimitPerHour: 'off', ...switches },
  });
}

interface Polled {
  readonly events: readonly AppEvent[];
  readonly ids: readonly string[];
  readonly cursor: JsonValue;
}

async function poll(connector: OpenedConnector, from: JsonValue): Promise<Polled> {
  const events: AppEvent[] = [];
  let cursor = from;
  for await (const page of connector.auditEvents(from)) {
    events.push(...page.events);
    cursor = page.cursor;
  }
  return { events, ids: events.map(({ id }) => id), cursor };
}

function shown(polled: Polled | null): Polled {
  if (polled === null) throw new Error('Nothing was polled.');
  return polled;
}
