import { describe, expect, it } from 'vitest';
import { type Caller, simulate, TODAY, type Wire } from './testing/caller.ts';

const ORG = { headers: { 'Org-Access': 'true' } };
const FROM = '2026-10-20T00:00:00Z';

/** All rows, page after page, each page followed the way the answer says. */
async function allRows({ call }: Pick<Caller, 'call'>, first: string): Promise<readonly Wire[]> {
  const rows: Wire[] = [];
  let next: string | null | undefined = first;
  while (next !== null && next !== undefined) {
    const page = await call('GET', next, ORG);
    rows.push(...page.rows);
    const { paging, nextPage } = Object(page.json);
    next = paging ? paging.urls.nextPage : nextPage && `AuditLogs?nextPage=${nextPage}`;
  }
  return rows;
}

describe('the audit log', () => {
  it('has rows of six fields, newest first; of one account, or of all', async () => {
    const { call } = await simulate();
    const all = await call('GET', `AuditLogs?startTime=${FROM}`, ORG);
    const home = await call('GET', `AuditLogs?startTime=${FROM}`);
    expect(all.rows.length).toBeGreaterThan(1_000);
    expect(new Set(all.rows.map(({ accountName }) => accountName)).size).toBe(3);
    expect(home.rows.every(({ accountName }) => accountName === 'NORTHWIND')).toBe(true);
    const fields = ['accountName', 'createdTime', 'eventDescription', 'eventName', 'userAction', 'userName'];
    expect(Object.keys(all.rows[0] ?? {}).toSorted()).toEqual(fields);
    const times = all.rows.map(({ createdTime }) => String(createdTime));
    expect(times).toEqual(times.toSorted().toReversed());
    expect(times[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Object(all.json)).not.toHaveProperty('paging');
  });

  it('has rows alike in everything', async () => {
    const { call } = await simulate();
    const { rows } = await call('GET', 'AuditLogs?startTime=2026-11-19T04:00:00Z&endTime=2026-11-19T06:00:00Z');
    const failed = rows.filter(({ userAction }) => userAction === 'Failed');
    expect(failed).toHaveLength(2);
    expect(failed[0]).toEqual(failed[1]);
  });

  it('takes the formats of the reference, the last day by default, and no other', async () => {
    const { call } = await simulate();
    const get = (query: string) => call('GET', `AuditLogs?${query}`, ORG);
    const day = await get('startTime=2026-11-18&endTime=2026-11-19');
    expect(day.rows.length).toBeGreaterThan(10);
    for (const form of ['2026-11-18T00', '2026-11-18T00:00:00Z', '2026-11-18T00:00:00.000Z']) {
      expect((await get(`startTime=${form}&endTime=2026-11-19`)).rows).toEqual(day.rows);
    }
    const lastDay = await get('');
    expect(lastDay.rows).toEqual((await get('startTime=2026-11-20T17:00:00Z')).rows);
    for (const form of ['yesterday', '1795000000', '2026-11-18 00:00', '2026-13-01', '2026-11-18:00:00Z']) {
      expect(await get(`startTime=${form}`)).toMatchObject({ status: 400, message: 'Invalid startTime' });
    }
    expect((await get('startTime=2026-11-19&endTime=2026-11-18')).status).toBe(400);
  });

  it('is 204, an empty list or 404 where nothing happened, as switched', async () => {
    const { call, setSwitches } = await simulate();
    const none = async () => {
      const { status, text } = await call('GET', 'AuditLogs?startTime=2020-01-01&endTime=2020-01-02');
      return `${status} ${text}`;
    };
    expect(await none()).toBe('204 ');
    setSwitches({ emptyAudit: '200' });
    expect(await none()).toBe('200 {"data":[]}');
    setSwitches({ emptyAudit: '404' });
    expect(await none()).toBe('404 {"message":"Not Found"}');
  });

  it('includes its bounds unless switched; shows rows late where switched', async () => {
    const { call, clock, setSwitches, mutate } = await simulate();
    clock.set(new Date('2026-11-22T09:00:00Z'));
    await call('GET', 'UserProfile');
    const row = {
      account: 'NORTHWIND',
      userName: 'x',
      eventName: 'Policy',
      userAction: 'Update',
      eventDescription: 'y',
    };
    mutate({ op: 'add-audit-row', ...row });
    const at = async () =>
      (await call('GET', 'AuditLogs?startTime=2026-11-22T09:00:00Z&endTime=2026-11-22T09:00:00Z')).rows.length;
    expect(await at()).toBe(2);
    setSwitches({ auditBounds: 'exclusive' });
    expect(await at()).toBe(0);
    setSwitches({ auditBounds: 'inclusive', auditDelayMs: 10_000 });
    expect(await at()).toBe(0);
    clock.advance(10_000);
    expect(await at()).toBe(2);
  });

  it('has times as numbers and a kind of event, where switched', async () => {
    const { call, setSwitches } = await simulate({ switches: { auditCreatedTime: 'epochMs', auditEventType: 'on' } });
    const get = async () => (await call('GET', 'AuditLogs?startTime=2026-11-21T17:00:00Z')).rows[0];
    expect(await get()).toMatchObject({ createdTime: TODAY.getTime(), eventType: '' });
    const body = {
      userName: 'lena.hart@northwind.example',
      userEnabled: 1,
      props: { firstName: 'L', lastName: 'H', company: 'N' },
    };
    await call('POST', 'TeamMembers', { body });
    setSwitches({ auditCreatedTime: 'epochSeconds' });
    expect(await get()).toMatchObject({ createdTime: TODAY.getTime() / 1_000, eventType: 'USER_CREATED' });
  });

  it('comes in pages that stay the same while the log grows, in every form of the next page', async () => {
    const simulator = await simulate();
    const { call } = simulator;
    await call('GET', 'UserProfile');
    const whole = (await call('GET', `AuditLogs?startTime=${FROM}`, ORG)).rows;
    simulator.setSwitches({ pageSize: 400 });
    for (const [nextPageForm, lastPage] of [
      ['absolute', 'null'],
      ['absolute', 'absent'],
      ['relative', 'null'],
      ['token', 'null'],
    ]) {
      simulator.setSwitches({ nextPageForm, lastPage });
      const rows = await allRows(simulator, `AuditLogs?startTime=${FROM}`);
      expect(rows).toEqual(whole);
    }
    const first = Object((await call('GET', `AuditLogs?startTime=${FROM}`, ORG)).json);
    expect(first.nextPage).toMatch(/^eyJ/);
    simulator.mutate({ op: 'add-audit-row', account: 'NORTHWIND', userName: 'x', eventName: 'y', userAction: 'z', eventDescription: '' });
    const second = await call('GET', `AuditLogs/${first.nextPage}`);
    expect(second.rows).toEqual(whole.slice(400, 800));
  }); // prettier-ignore

  it('tells a page by its token, whatever else is asked; not after a day, nor to somebody else', async () => {
    const { call, clock, token } = await simulate({ switches: { pageSize: 400 } });
    const { paging } = Object((await call('GET', `AuditLogs?startTime=${FROM}`, ORG)).json);
    const second = await call('GET', paging.urls.nextPage);
    expect((await call('GET', `${paging.urls.nextPage}?endTime=2026-11-01&startTime=2026-10-31`)).text).toBe(
      second.text,
    );
    expect((await call('GET', paging.urls.nextPage, { as: 'accountAdmin' })).status).toBe(404);
    expect((await call('GET', 'AuditLogs/eyJ4IjoxfQ')).status).toBe(404);
    expect((await call('GET', 'AuditLogs/garbage')).status).toBe(404);
    const nextDay = async (milliseconds: number) => {
      clock.advance(milliseconds);
      const { token: fresh } = Object((await token()).json);
      return (await call('GET', paging.urls.nextPage, { token: fresh })).status;
    };
    expect([await nextDay(24 * 3_600_000), await nextDay(60_000)]).toEqual([200, 404]);
  });

  it('points to another host where switched, for clients to refuse', async () => {
    const { call } = await simulate({ switches: { pageSize: 400, nextPageForm: 'foreign' } });
    const { paging } = Object((await call('GET', `AuditLogs?startTime=${FROM}`)).json);
    expect(paging.urls.nextPage).toMatch(/^https:\/\/collector\.example\/api\/v2\/AuditLogs\/eyJ/);
  });

  it('is searched with time, filters and fields, in pages too', async () => {
    const { call } = await simulate({ switches: { pageSize: 100 } });
    const find = (body: object) => call('POST', 'AuditLogs/search', { ...ORG, body });
    const timeFilter = { startTime: FROM, endTime: '2026-11-21T00:00:00Z' };
    const filters = [
      { field: 'eventName', expression: 'eq', value: 'User Login' },
      { field: 'userName', expression: 'rlike', value: String.raw`.*@northwind\.example` },
    ];
    const first = await find({ timeFilter, filters, returns: ['userName', 'userAction'] });
    expect(first.rows).toHaveLength(100);
    expect(Object.keys(first.rows[0] ?? {})).toEqual(['userName', 'userAction']);
    const { paging } = Object(first.json);
    const second = await call('GET', paging.urls.nextPage);
    expect(Object.keys(second.rows[0] ?? {})).toEqual(['userName', 'userAction']);
    expect((await find({ timeFilter, filters: [{ field: 'createdTime', expression: 'gt', value: '2026-11-15' }] })).rows).toHaveLength(100);
    expect((await find({ timeFilter: { startTime: '2020-01-01', endTime: '2020-01-02' } })).status).toBe(204);
    expect((await find({ timeFilter: { since: 'x' } })).message).toBe('key since is unrecognized');
    expect((await call('POST', 'AuditLogs/search', ORG)).status).toBe(200);
  }); // prettier-ignore
});
