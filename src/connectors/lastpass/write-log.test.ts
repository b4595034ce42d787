import { describe, expect, it } from 'vitest';
import type { AppEvent } from '../../model/events.ts';
import { lastpass } from './index.ts';
import { TODAY, writingDesk } from './testing/writing.ts';

const at = (name: string): string => `${name}@northwind.example`;
const [PRIYA, NOOR] = [at('priya.raman'), at('noor.bakker')];
const SINCE = TODAY.toISOString();
const resend = lastpass.writes?.change('resend_invitation');

async function resent(options: Parameters<typeof writingDesk>[0] = {}) {
  const desk = await writingDesk(options);
  const priya = await desk.subject(PRIYA);
  await desk.call('resend_invitation', [priya]);
  return { ...desk, priya };
}

describe('the log as proof', () => {
  it.each(['sentence', 'title'] as const)('shows a mail in %s case, of this person alone', async (actionCasing) => {
    const { writes, priya, subject, simulator } = await resent({ switches: { actionCasing } });
    simulator.clock.set(new Date('2026-03-02T15:00:10Z'));
    const { events } = await writes.readLog(SINCE);
    const noor = await subject(NOOR);
    expect(events.filter((event) => resend?.isShownBy(event, priya, {}))).toHaveLength(1);
    expect(events.filter((event) => resend?.isShownBy(event, noor, {}))).toEqual([]);
    const reset = lastpass.writes?.change('send_password_reset');
    expect(events.filter((event) => reset?.isShownBy(event, priya, {}))).toEqual([]);
  });

  it('is complete to the read made for it, a second less as it has whole seconds', async () => {
    const { writes, simulator } = await resent();
    simulator.clock.set(new Date('2026-03-02T15:00:10.400Z'));
    expect(await writes.readLog(SINCE)).toMatchObject({ isCompleteTo: '2026-03-02T15:00:09.000Z' });
  });

  it('proves nothing by silence while it comes late', async () => {
    const { writes, simulator } = await resent({ switches: { logDelayMs: 60_000 } });
    simulator.clock.set(new Date('2026-03-02T15:00:30Z'));
    expect(await writes.readLog(SINCE)).toEqual({ events: [], isCompleteTo: null });
    simulator.clock.set(new Date('2026-03-02T15:01:30Z'));
    const { events, isCompleteTo } = await writes.readLog(SINCE);
    expect(events).toHaveLength(1);
    expect(isCompleteTo).toBeNull();
  });

  it('reads on where one answer does not hold it all', async () => {
    const { writes, priya, call, simulator } = await resent({ switches: { reportingCap: 2 } });
    for (const second of [10, 20, 30, 40]) {
      simulator.clock.set(new Date(TODAY.getTime() + second * 1000));
      await call('resend_invitation', [priya]);
    }
    simulator.clock.set(new Date(TODAY.getTime() + 60_000));
    const { events } = await writes.readLog(SINCE);
    expect(events.filter((event) => resend?.isShownBy(event, priya, {}))).toHaveLength(5);
  });

  it('is read in the hour that comes twice', async () => {
    const { writes, priya, call, simulator } = await resent();
    // New York puts its clocks back at 06:00 UTC; both of these are 01:30 there.
    for (const moment of ['2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z']) {
      simulator.clock.set(new Date(moment));
      await call('resend_invitation', [priya]);
      simulator.clock.set(new Date(Date.parse(moment) + 10_000));
      const { events, isCompleteTo } = await writes.readLog(moment);
      expect(
        events.filter((event) => resend?.isShownBy(event, priya, {})).map(({ occurredAt }) => occurredAt),
      ).toContain(new Date(moment).toISOString());
      expect(isCompleteTo).toBe(new Date(Date.parse(moment) + 9000).toISOString());
    }
  });

  it('takes nothing for proof that somebody else did, or another program through this API', () => {
    const priya = { kind: 'account', key: `invited:${PRIYA}`, email: PRIYA, name: null } as const;
    const event = (parts: Partial<AppEvent>, text = PRIYA): AppEvent => ({
      id: '1', occurredAt: SINCE, action: 'Re-invite User', actor: 'API: usher', target: null, ipAddress: null,
      data: { text }, ...parts,
    }); // prettier-ignore
    expect(resend?.isShownBy(event({}), priya, {})).toBe(true);
    expect(resend?.isShownBy(event({ actor: 'API' }), priya, {})).toBe(true);
    expect(resend?.isShownBy(event({}, `${NOOR},${PRIYA.toUpperCase()}`), priya, {})).toBe(true);
    for (const other of [
      event({ actor: 'ada.okonkwo@northwind.example' }),
      event({ actor: 'API: guardian' }),
      event({ actor: null }),
      event({ action: 'Employee invited' }),
      event({}, `x${PRIYA}`),
      event({ data: null }),
    ]) {
      expect(resend?.isShownBy(other, priya, {}), JSON.stringify(other)).toBe(false);
    }
  });
});
