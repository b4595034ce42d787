import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryDrift } from '../../connector-kit/drift.ts';
import type { HttpClient } from '../../connector-kit/http/client.ts';
import { zoneTime } from '../../connector-kit/time.ts';
import type { AppEvent } from '../../model/events.ts';
import type { JsonValue } from '../../model/records.ts';
import type { LastPassContext } from './config.ts';
import { auditEvents, dateRows } from './events.ts';
import { repeatedAt } from './reports.ts';

const zone = zoneTime('America/New_York');

interface Entry {
  readonly atMicros: number;
  readonly username: string;
  readonly data?: string;
}

interface VendorOptions {
  readonly cap: number;
  /** How a time that comes twice is read in a query. */
  readonly reads: 'first' | 'second';
  readonly hasInclusiveEnds: boolean;
}

/** The vendor's log as its sources describe it: newest first, capped, continued at an instant that is included. */
function vendor(log: Entry[], options: VendorOptions): HttpClient & { readonly calls: number } {
  const instant = (local: string): number => Date.parse(zone.toUtc(local, options.reads) ?? '') * 1000;
  let calls = 0;
  const answer = (body: { data: { from: string; to: string; next?: string } }): string => {
    const { from, to, next } = body.data;
    const slack = options.hasInclusiveEnds ? 1_000_000 : 0;
    const found = log
      .filter(({ atMicros }) => atMicros >= instant(from) && atMicros < instant(to) + slack)
      .filter(({ atMicros }) => next === undefined || atMicros <= Number(next))
      .sort((a, b) => b.atMicros - a.atMicros);
    const sent = found.slice(0, options.cap);
    const rows = sent.map((entry, index) => [
      `Event${index + 1}`,
      {
        Time: zone.toLocal(Math.floor(entry.atMicros / 1000)),
        Username: entry.username,
        IP_Address: '198.51.100.24',
        Action: 'Log in',
        Data: entry.data ?? '',
      },
    ]);
    const isCut = found.length > sent.length;
    return JSON.stringify({
      status: 'OK',
      next: isCut ? sent.at(-1)?.atMicros : null,
      data: rows.length === 0 ? [] : Object.fromEntries(rows),
    });
  };
  return {
    baseUrl: 'https://lastpass.example',
    get calls() {
      return calls;
    },
    request: async ({ body }) => {
      calls += 1;
      if (body === undefined || !('json' in body)) throw new Error('a JSON body was expected');
      return { status: 200, headers: {}, text: answer(JSON.parse(JSON.stringify(body.json))) };
    },
    stream: () => Promise.reject(new Error('not used')),
  };
}

function contextAt(http: HttpClient, now: number): LastPassContext {
  return {
    connectionId: 'lastpass',
    settings: { companyId: '1', region: 'us', timeZone: zone.timeZone, requestsPerSecond: 2, provisioningHash: 'x' },
    http,
    clock: { now: () => new Date(now) },
    drift: memoryDrift(),
    signal: new AbortController().signal,
  };
}

/** Polls and keeps events by id, as the store does. */
async function poll(
  http: HttpClient,
  now: number,
  cursor: JsonValue,
  store: Map<string, AppEvent>,
): Promise<JsonValue> {
  let last = cursor;
  for await (const page of auditEvents(contextAt(http, now), cursor)) {
    for (const event of page.events) if (!store.has(event.id)) store.set(event.id, event);
    last = JSON.parse(JSON.stringify(page.cursor));
  }
  return last;
}

const MINUTE = 60_000;

/** Logs of a few hours with bursts, identical rows and silence, polled every so often. */
const story = fc.record({
  startMs: fc.constantFrom(
    Date.parse('2026-07-01T10:00:00Z'),
    Date.parse('2026-11-01T03:30:00Z'), // the clocks are put back at 06:00 UTC
    Date.parse('2026-03-08T05:30:00Z'), // and forward at 07:00 UTC
  ),
  entries: fc.array(
    fc.record({
      minute: fc.nat(300),
      second: fc.constantFrom(0, 0, 1, 30, 59),
      burst: fc.constantFrom(1, 1, 1, 2, 5, 12),
      username: fc.constantFrom('ada@northwind.example', 'noor@northwind.example'),
    }),
    { maxLength: 40 },
  ),
  pollsEvery: fc.constantFrom(7, 25, 61, 400),
  options: fc.record({
    cap: fc.constantFrom(3, 4, 10, 10_000),
    reads: fc.constantFrom('first' as const, 'second' as const),
    hasInclusiveEnds: fc.boolean(),
  }),
});

describe('the audit log', () => {
  it('is read with nothing lost and nothing twice, whatever the caps, bursts, polls and clock changes', async () => {
    await fc.assert(
      fc.asyncProperty(story, async ({ startMs, entries, pollsEvery, options }) => {
        let micros = 0;
        const log: Entry[] = entries.flatMap(({ minute, second, burst, username }) =>
          Array.from({ length: burst }, () => ({
            atMicros: (startMs + minute * MINUTE + second * 1000) * 1000 + (micros += 1),
            username,
          })),
        );
        const store = new Map<string, AppEvent>();
        let cursor: JsonValue = null;
        for (let minute = 0; minute <= 300 + pollsEvery; minute += pollsEvery) {
          const now = startMs + minute * MINUTE + 500;
          const http = vendor(
            log.filter(({ atMicros }) => atMicros <= now * 1000),
            options,
          );
          cursor = await poll(http, now, cursor, store);
        }
        const wanted = log.map((entry) => `${zone.toLocal(Math.floor(entry.atMicros / 1000))} ${entry.username}`);
        const got = [...store.values()].map(({ actor, data }) => `${localTimeOf(data)} ${actor}`);
        expect(got.sort()).toEqual(wanted.sort());
      }),
      { numRuns: 250, seed: 20260302 },
    );
  });

  it('gives the two passes of the hour that comes twice their own instants, by the order of the rows', async () => {
    const instants = [
      '2026-11-01T05:10:00Z',
      '2026-11-01T05:50:00Z',
      '2026-11-01T06:05:00Z',
      '2026-11-01T06:40:00Z',
      '2026-11-01T07:20:00Z',
    ];
    const log = instants.map((time) => ({ atMicros: Date.parse(time) * 1000, username: 'ada@northwind.example' }));
    const store = new Map<string, AppEvent>();
    const http = vendor(log, { cap: 10_000, reads: 'first', hasInclusiveEnds: true });
    await poll(http, Date.parse('2026-11-01T08:00:00Z'), null, store);
    expect([...store.values()].map(({ occurredAt }) => occurredAt)).toEqual(
      instants.map((time) => new Date(time).toISOString()),
    );
  });

  it('does not date a row of the first pass into a second pass that has not come', () => {
    const row = { Time: '2026-11-01 01:30:00', Username: 'a', IP_Address: '', Action: 'Log in', Data: '' };
    const [during] = dateRows([row], zone, new Date('2026-11-01T05:31:00Z'));
    expect(during?.occurredAt).toBe('2026-11-01T05:30:00.000Z');
    const [after] = dateRows([row], zone, new Date('2026-11-01T09:00:00Z'));
    expect(after?.id).toBe(during?.id);
  });

  it('looks back a week at first and ten minutes later on, in one call where little happened', async () => {
    const now = Date.parse('2026-07-10T12:00:00Z');
    const at = (time: string): Entry => ({ atMicros: Date.parse(time) * 1000, username: time });
    const log = [at('2026-07-03T11:00:00Z'), at('2026-07-03T13:00:00Z'), at('2026-07-10T11:59:00Z')];
    const http = vendor(log, { cap: 10_000, reads: 'first', hasInclusiveEnds: true });
    const store = new Map<string, AppEvent>();
    const cursor = await poll(http, now, null, store);
    expect([...store.values()].map(({ actor }) => actor)).toEqual(['2026-07-03T13:00:00Z', '2026-07-10T11:59:00Z']);
    expect(cursor).toEqual({ newestAt: '2026-07-10T11:59:00.000Z', timeZone: zone.timeZone });
    expect(http.calls).toBe(1);
    // A row that the vendor's log gained late, behind the newest, is still found.
    log.push(at('2026-07-10T11:50:00Z'));
    await poll(http, now + MINUTE, cursor, store);
    expect(store.size).toBe(3);
  });

  it('loses nothing when the zone of the account is corrected between two polls', async () => {
    const now = Date.parse('2026-07-10T12:00:00Z');
    const log: Entry[] = [{ atMicros: Date.parse('2026-07-10T11:00:00Z') * 1000, username: 'before' }];
    const http = vendor(log, { cap: 10_000, reads: 'first', hasInclusiveEnds: true });
    const store = new Map<string, AppEvent>();
    await poll(http, now, null, store);
    // Until now the zone was thought to be two hours west of what it is: that poll dated its newest event 17:00 UTC.
    const mistaken: JsonValue = { newestAt: '2026-07-10T17:00:00.000Z', timeZone: 'America/Denver' };
    const local = zoneTime('America/Denver').toLocal(Date.parse('2026-07-10T17:00:00Z'));
    expect(zone.toUtc(local)).toBe('2026-07-10T15:00:00.000Z');
    log.push({ atMicros: Date.parse('2026-07-10T15:30:00Z') * 1000, username: 'after' });
    await poll(http, Date.parse('2026-07-10T18:00:00Z'), mistaken, store);
    expect([...store.values()].map(({ actor }) => actor)).toEqual(['before', 'after']);
  });

  it('tells who, on whom, from where, and marks what our own reading left', () => {
    const row = {
      Time: '2026-07-10 08:00:00',
      Username: 'noor@northwind.example',
      IP_Address: '',
      Action: 'Add to group',
      Data: 'ines@northwind.example - All Staff',
    };
    const own = {
      ...row,
      Username: 'API: usher',
      IP_Address: '203.0.113.9',
      Action: 'Reporting',
      Data: 'Initiated by API',
    };
    const other = { ...own, Username: 'API: another tool' };
    const http: HttpClient = {
      baseUrl: 'https://lastpass.example',
      request: async () => ({
        status: 200,
        headers: {},
        text: JSON.stringify({ status: 'OK', next: null, data: { Event1: own, Event2: other, Event3: row } }),
      }),
      stream: () => Promise.reject(new Error('not used')),
    };
    return collect(http, Date.parse('2026-07-10T13:00:00Z')).then((events) => {
      expect(events).toMatchObject([
        {
          actor: 'noor@northwind.example',
          target: 'ines@northwind.example',
          ipAddress: null,
          occurredAt: '2026-07-10T12:00:00.000Z',
        },
        { actor: 'API: another tool', target: null },
        { actor: 'API: usher', ipAddress: '203.0.113.9', data: { selfInflicted: true } },
      ]);
      expect(JSON.stringify(events[1])).not.toContain('selfInflicted');
    });
  });

  it('gives up with an error, not with a gap, when the vendor does not come to an end', async () => {
    const log = Array.from({ length: 9 }, () => ({
      atMicros: Date.parse('2026-07-10T11:00:00Z') * 1000,
      username: 'a',
    }));
    const http = vendor(log, { cap: 2, reads: 'first', hasInclusiveEnds: true });
    await expect(poll(http, Date.parse('2026-07-10T12:00:00Z'), null, new Map())).rejects.toMatchObject({
      kind: 'upstreamBug',
      details: { code: 'noProgress' },
    });
  });
});

describe('the overlap of two answers', () => {
  const row = (Data: string) => ({ Time: '2026-07-10 08:00:00', Username: 'a', IP_Address: '', Action: 'x', Data });

  it.each([
    ['abc', 'cde', 1],
    ['abc', 'bcd', 2],
    ['aaa', 'aaa', 1],
    ['abc', 'def', 0],
    ['', 'abc', 0],
  ])('of %s and %s is %i', (previous, page, length) => {
    expect(repeatedAt(previous.split('').map(row), page.split('').map(row))).toBe(length);
  });
});

async function collect(http: HttpClient, now: number): Promise<AppEvent[]> {
  const events: AppEvent[] = [];
  for await (const page of auditEvents(contextAt(http, now), null)) events.push(...page.events);
  return events;
}

function localTimeOf(data: JsonValue): string {
  const time = typeof data === 'object' && data !== null && 'localTime' in data ? data['localTime'] : null;
  return typeof time === 'string' ? time : '';
}
