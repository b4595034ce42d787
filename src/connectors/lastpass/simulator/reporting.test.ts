import { assert, asyncProperty, integer } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Caller, simulate, type WireAnswer, type WireEvent } from './testing/caller.ts';

const ADA = 'ada.okonkwo@northwind.example';
const WEEK = { from: '2026-11-14 00:00:00', to: '2026-11-21 23:59:59' };

const rows = (json: WireAnswer): readonly WireEvent[] => Object.values(json.events ?? json.data);

describe('reporting', () => {
  it('lists the days before, newest first, in the zone of the account', async () => {
    const { call } = await simulate();
    const { json } = await call('reporting', WEEK);
    const times = rows(json).map(({ Time }) => Time);
    expect(json).toMatchObject({ status: 'OK', next: null });
    expect(times.length).toBeGreaterThan(1_000);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(Object.keys(json.data).slice(0, 2)).toEqual(['Event1', 'Event2']);
    expect(Object.keys(rows(json)[0] ?? {})).toEqual(['Time', 'Username', 'IP_Address', 'Action', 'Data']);
    expect(times.filter((time) => time > '2026-11-21 12:00:00')).toEqual([]);
  });

  it('takes bounds as inclusive seconds, and ISO texts with a zone', async () => {
    const { call } = await simulate();
    const failed = async (from: string, to: string) =>
      rows((await call('reporting', { from, to, user: 'rosa.delgado@northwind.example', search: 'failed' })).json);
    expect(await failed('2026-11-19 00:00:00', '2026-11-19 00:00:00')).toHaveLength(2);
    expect(await failed('2026-11-19T05:00:00Z', '2026-11-19T05:00:00Z')).toHaveLength(2);
    expect(await failed('2026-11-19 00:00:01', '2026-11-19 00:00:01')).toHaveLength(0);
  });

  it("filters by user, text and administrators' actions", async () => {
    const { call } = await simulate();
    expect(
      rows((await call('reporting', { ...WEEK, user: ADA.toUpperCase() })).json).every(
        ({ Username }) => Username === ADA,
      ),
    ).toBe(true);
    const invited = rows((await call('reporting', { ...WEEK, search: 'EMPLOYEE INV' })).json);
    expect(invited.map(({ Data }) => Data)).toEqual([
      '\u0430da.okonkwo@northwind.example',
      'priya.raman@northwind.example',
    ]);
    const admin = rows((await call('reporting', { ...WEEK, admin: 1 })).json).map(({ Action }) => Action);
    expect(new Set(admin)).toEqual(new Set(['Login to Admin Console', 'Employee invited', 'Reporting']));
  });

  it('answers nothing with an empty list, and refuses who is no user and when is no time', async () => {
    const { call } = await simulate();
    expect((await call('reporting', { from: '2030-01-01 00:00:00' })).json).toEqual({
      status: 'OK',
      next: null,
      data: [],
    });
    for (const user of ['ghost@northwind.example', 'api']) {
      expect((await call('reporting', { ...WEEK, user })).json).toEqual({
        status: 'FAIL',
        error: 'Please select a valid user.',
      });
    }
    expect((await call('reporting', { from: 'yesterday' })).json.status).toBe('FAIL');
    expect(rows((await call('reporting', { ...WEEK, user: 'allusers' })).json).length).toBeGreaterThan(1_000);
  });

  it('continues at the instant it ended with, repeating the boundary: nothing lost', async () => {
    await assert(
      asyncProperty(integer({ min: 40, max: 400 }), async (reportingCap) => {
        const simulator = await simulate({ people: 40 });
        const whole = rows((await simulator.call('reporting', WEEK)).json);
        simulator.setSwitches({ reportingCap });
        const pages = await walk(simulator, { ...WEEK, to: '2026-11-21 11:59:59' });
        const united = pages.flatMap((page, place) => (place === 0 ? page : page.slice(1)));
        expect(united).toEqual(whole.filter(({ Time }) => Time < '2026-11-21 12:00:00'));
        expect(pages.slice(1).map((page) => page[0])).toEqual(pages.slice(0, -1).map((page) => page.at(-1)));
      }),
      { numRuns: 5 },
    );
  });

  it('can send next as digits', async () => {
    const { call } = await simulate({ switches: { reportingCap: 10, nextType: 'string' } });
    const { next } = (await call('reporting', WEEK)).json;
    expect(next).toMatch(/^17\d{14}$/);
    expect(rows((await call('reporting', { ...WEEK, next })).json)).toHaveLength(10);
  });

  it('answers the siem format as a list of texts', async () => {
    const { call, setSwitches } = await simulate();
    const [event] = (await call('reporting', { ...WEEK, format: 'siem' })).json.events;
    expect(Object.values(event ?? {}).every((value) => typeof value === 'string')).toBe(true);
    expect(event).not.toHaveProperty('ID');
    setSwitches({ siemId: 'on' });
    expect((await call('reporting', { ...WEEK, format: 'siem' })).json.events[0]).toHaveProperty('ID');
  });

  it('has actions in sentence case, in title case, and two in Japanese', async () => {
    const { call, setSwitches } = await simulate();
    await call('batchadd', [{ username: 'lena.hart@northwind.example' }]);
    await call('disablemultifactor', { username: ADA });
    const newest = async () =>
      rows((await call('reporting', { ...WEEK, search: 'a' })).json).map(({ Action }) => Action);
    expect(await newest()).toEqual(
      expect.arrayContaining(['Employee account created', 'Disabled multifactor authentication', 'Log in']),
    );
    setSwitches({ actionCasing: 'title' });
    expect(await newest()).toEqual(
      expect.arrayContaining(['Employee Account Created', 'Disabled Multifactor Authentication', 'Log in']),
    );
    setSwitches({ actionCasing: 'japanese' });
    expect(await newest()).toContain('従業員のアカウントを作成しました');
  });

  it('reports what is done through the API, reads included, and by whom', async () => {
    const { call, clock } = await simulate();
    clock.set(new Date('2026-11-22T10:00:00Z'));
    await call('getuserdata', { pagesize: 1 }, { apiuser: 'splunk.collector' });
    await call('getsfdata');
    await call('disableuser', ['grace.kim@northwind.example']);
    await call('batchchangegrp', [{ username: ADA, add: ['Travel'], del: ['Platform'] }]);
    const { json } = await call('reporting', { from: '2026-11-22 00:00:00' });
    expect(rows(json).map(({ Username, Action, Data }) => [Username, Action, Data])).toEqual([
      ['API', 'Remove from group', `'Platform' '${ADA}'`],
      ['API', 'Adding user to group', `${ADA} - Travel`],
      ['API', 'Deactivated user', 'grace.kim@northwind.example'],
      ['API', 'Get shared folder data', 'Initiated by API'],
      ['API: splunk.collector', 'Get user data', 'Initiated by API'],
    ]);
    expect(rows((await call('reporting', { from: '2026-11-22 00:00:00' })).json)[0]).toMatchObject({
      Action: 'Reporting',
    });
  });

  it('tells both hours of the night the clocks go back', async () => {
    const { call, clock } = await simulate({ today: new Date('2026-10-30T00:00:00Z') });
    for (const [at, data] of [
      ['2026-11-01T05:30:00Z', 'first'],
      ['2026-11-01T06:30:00Z', 'second'],
    ] as const) {
      clock.set(new Date(at));
      await call('deluser', { username: 'none', deleteaction: 1 });
      await call('getsfdata', undefined, { apiuser: data });
    }
    const night = rows((await call('reporting', { from: '2026-11-01 01:30:00', to: '2026-11-01 01:30:00' })).json);
    expect(night.map(({ Time, Username }) => [Time, Username])).toEqual([
      ['2026-11-01 01:30:00', 'API: second'],
      ['2026-11-01 01:30:00', 'API: first'],
    ]);
  });
});

describe('expiredmasterpwlist', () => {
  it('pages by a token and has ids as numbers', async () => {
    const { call } = await simulate();
    const whole = (await call('expiredmasterpwlist', {})).json;
    expect(whole).toMatchObject({ status: 'Success', continuation: null });
    expect(whole.items.length).toBeGreaterThan(10);
    const first = (await call('expiredmasterpwlist', { limit: 10 })).json;
    expect(first.continuation).toEqual({
      token: String(first.items[9]?.user_id),
      remaining_item_count: whole.items.length - 10,
    });
    const second = (await call('expiredmasterpwlist', { limit: 500, continuation_token: first.continuation.token }))
      .json;
    expect([...first.items, ...second.items]).toEqual(whole.items);
    const [oldest] = whole.items;
    const { json } = await call('getuserdata', { username: oldest?.user_name });
    expect(Object.keys(json.Users)).toEqual([String(oldest?.user_id)]);
  });
});

async function walk(simulator: Caller, query: Record<string, unknown>): Promise<(readonly WireEvent[])[]> {
  const pages: (readonly WireEvent[])[] = [];
  let next: unknown = null;
  do {
    const { json } = await simulator.call('reporting', { ...query, ...(next !== null && { next }) });
    pages.push(rows(json));
    next = json.next;
  } while (next !== null && pages.length < 200);
  return pages;
}
