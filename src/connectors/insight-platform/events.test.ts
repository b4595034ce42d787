import { describe, expect, it } from 'vitest';
import type { AppEvent } from '../../model/events.ts';
import type { OpenedConnector } from '../../connector-kit/testkit/index.ts';
import type { JsonValue } from '../../model/records.ts';
import { platform, TODAY } from './testing/platform.ts';

async function poll(open: OpenedConnector, cursor: JsonValue): Promise<{ events: AppEvent[]; cursor: JsonValue }> {
  const events: AppEvent[] = [];
  let last = cursor;
  for await (const page of open.auditEvents(cursor)) {
    events.push(...page.events);
    last = page.cursor;
  }
  return { events, cursor: last };
}

const DAY_MS = 86_400_000;

describe('Audit events of the Insight Platform', () => {
  it.each([
    ['in one answer', {}],
    ['in many pages, each after several questions', { logPage: 7, logPolls: 3 }],
    ['by links to the other host of Log Search, where the key is never sent', { logPage: 50, logHost: 'rest' }],
  ])('come whole and in order, %s', async (_how, switches) => {
    const { open, simulator } = await platform({ people: 60, switches });
    const { events } = await poll(open, null);
    expect(events.length).toBe(simulator.state().audit_events);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    const times = events.map(({ occurredAt }) => occurredAt);
    expect(times).toEqual([...times].sort());
    expect(events.find(({ action }) => action === 'LOG_CREATED')).toMatchObject({
      actor: expect.stringContaining('@northwind.example'), target: 'Dashboards', ipAddress: '198.51.100.24',
    }); // prettier-ignore
  });

  it('are told once: those of a poll that overlaps have the ids they had', async () => {
    const { open, simulator } = await platform({ people: 24 });
    const { events, cursor } = await poll(open, null);
    const twice = {
      op: 'add-event',
      actor: 'ada.okonkwo@northwind.example',
      action: 'USER_CREATED',
      target: 'x',
    } as const;
    // Two that are the same to the millisecond are two.
    simulator.mutate(twice);
    simulator.mutate(twice);
    const again = await poll(open, cursor);
    const known = new Set(events.map(({ id }) => id));
    expect(again.events.filter(({ id }) => !known.has(id)).length).toBe(2);
  });

  it('keep a text that is no JSON as it is', async () => {
    const { open } = await platform({ people: 24, switches: { auditText: 'plain' } });
    const [event] = (await poll(open, null)).events;
    expect(event).toMatchObject({
      action: 'audit',
      actor: null,
      data: { text: expect.stringContaining('USER_LOGGED_IN') },
    });
  });

  it('are none where audit logging is not enabled, and a question for them says how to enable it', async () => {
    const { open } = await platform({ people: 24, switches: { auditLog: 'off' } });
    expect((await poll(open, null)).events).toEqual([]);
    await expect(open.call('insight_platform_list_audit_events', {})).rejects.toMatchObject({
      kind: 'unsupported',
      message: 'Log Search has no log with "audit" in its name.',
      details: {
        next: 'Audit logging is off until an administrator enables it at Settings > Audit Logging; if it is on, name the log in the settings.',
      },
    });
  });

  it('are looked for in the log that the settings name', async () => {
    const { open } = await platform({ people: 24, settings: { auditLog: 'Endpoint Activity' } });
    expect((await poll(open, null)).events).toEqual([]);
    expect((await open.probe()).capabilities).toContain('events');
  });

  it('are given up where Log Search never has a result', async () => {
    const { open } = await platform({ people: 24, switches: { logPolls: 100 } });
    await expect(poll(open, null)).rejects.toMatchObject({
      kind: 'transient',
      message: 'Log Search did not finish a query of the audit log in time.',
    });
  });

  it('can be listed page by page without losing or repeating one', async () => {
    const { open, simulator } = await platform({ people: 24 });
    const from = new Date(TODAY.getTime() - 7 * DAY_MS).toISOString();
    const seen: string[] = [];
    let next: string | null = null;
    do {
      const page = await open.call('insight_platform_list_audit_events', {
        from,
        page_size: 11,
        ...(next && { next }),
      });
      for (const event of Array.isArray(page.data) ? page.data : []) seen.push(JSON.stringify(event));
      next = page.next ?? null;
    } while (next !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(simulator.state().audit_events);
  });

  it('refuse a cursor of another version', async () => {
    const { open } = await platform({ people: 24 });
    await expect(poll(open, { sequence: 7 })).rejects.toMatchObject({ kind: 'stale' });
  });
});
