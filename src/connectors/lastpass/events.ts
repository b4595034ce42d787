import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AppEventPage } from '../../connector-kit/connector.ts';
import { type ZoneTime, zoneTime } from '../../connector-kit/time.ts';
import { UsherError } from '../../model/errors.ts';
import type { AppEvent } from '../../model/events.ts';
import type { JsonValue } from '../../model/records.ts';
import { API_USER } from './client.ts';
import type { LastPassContext } from './config.ts';
import { type Atom, atomAt, fromText, type LocalSecond, readNewest, rowText } from './reports.ts';
import type { EventRow } from './schemas.ts';

const LOOK_BACK_MS = 7 * 24 * 3_600_000;
/** The vendor's log may gain rows a little behind the newest one; what is read again has the same ids. */
const OVERLAP_MS = 10 * 60_000;
/** How far a row may be ahead of our clock and still be of now. */
export const CLOCK_SKEW_MS = 5 * 60_000;

/** The instant of the newest event seen, and the zone in which its local time was understood. */
const cursorSchema = z.strictObject({ newestAt: z.iso.datetime(), timeZone: z.string() });

/**
 * Reads the company's audit log from a cursor on (null: the last 7 days), oldest first, in windows of whole local
 * seconds that fit an answer. A poll starts an overlap before the newest event seen; the same row has the same id
 * whenever it is read, so that whoever stores events by id stores each once.
 */
export async function* auditEvents(
  context: LastPassContext,
  cursor: JsonValue,
): AsyncGenerator<AppEventPage, void, void> {
  const { timeZone } = context.settings;
  const zone = zoneTime(timeZone);
  const now = context.clock.now();
  let newestAt = readCursor(cursor, timeZone);
  const sinceMs = newestAt === null ? now.getTime() - LOOK_BACK_MS : Date.parse(newestAt) - OVERLAP_MS;
  const atomOf = (epochMs: number): Atom => atomAt(secondOf(zone.toLocal(epochMs)), zone);
  let from = atomOf(Math.min(sinceMs, now.getTime() - OVERLAP_MS)).first;
  const end = atomOf(now.getTime() + CLOCK_SKEW_MS).last;
  let width = end - from + 1;
  while (from <= end) {
    const to = atomAt(Math.min(end, from + width - 1), zone).last;
    const { rows, remainsTo } = await readNewest(context, { from, to, filters: {} }, zone);
    if (remainsTo !== null && to > atomAt(from, zone).last) {
      // Too many for one answer. The newest `to - remainsTo` seconds nearly filled it: ask for less than that.
      width = Math.max(1, Math.floor(Math.min(to - remainsTo, to - from, width) * 0.8));
      continue;
    }
    if (rows.length > 0) {
      const events = dateRows(rows, zone, now).map(toAppEvent);
      newestAt = events.reduce((newest, { occurredAt }) => (newest > occurredAt ? newest : occurredAt), newestAt ?? '');
      yield { events, cursor: { newestAt, timeZone } };
    }
    from = to + 1;
    width *= 2;
  }
}

/** When the zone was corrected since, the same local second is another instant: events must not fall in between. */
function readCursor(cursor: JsonValue, timeZone: string): string | null {
  if (cursor === null) return null;
  const parsed = cursorSchema.safeParse(cursor);
  if (!parsed.success) {
    throw new UsherError('stale', 'The cursor of the audit log is of another version of the connector.', {
      next: 'Start without a cursor.',
    });
  }
  const { newestAt } = parsed.data;
  if (parsed.data.timeZone === timeZone) return newestAt;
  const local = zoneTime(parsed.data.timeZone).toLocal(Date.parse(newestAt));
  return zoneTime(timeZone).toUtc(local) ?? newestAt;
}

/** A row with what it lacks: an id and an instant. */
export interface DatedRow {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly occurredAt: string;
  readonly row: EventRow;
}

/**
 * Dates rows given newest first; returns them oldest first. An id is the digest of the row's five fields and its number
 * among identical rows of its second, counted from the oldest, so that later rows change no earlier id.
 */
export function dateRows(rows: readonly EventRow[], zone: ZoneTime, now: Date): DatedRow[] {
  const times = instantsOf(rows, zone, now);
  const seen = new Map<string, number>();
  const dated = rows
    .map((row, index) => ({ row, occurredAt: times[index] ?? '' }))
    .toReversed()
    .map(({ row, occurredAt }) => {
      const text = rowText(row);
      const ordinal = seen.get(text) ?? 0;
      seen.set(text, ordinal + 1);
      return { id: createHash('sha256').update(`${text}#${ordinal}`).digest('hex'), occurredAt, row };
    });
  return dated.sort((a, b) => (a.occurredAt < b.occurredAt ? -1 : a.occurredAt > b.occurredAt ? 1 : 0));
}

/**
 * UTC of each row. In the hour that comes twice, the order tells the two passes apart: going back in time, local time
 * falls, until it rises once: from there on it is the first pass. A second pass that has not come yet is none.
 */
function instantsOf(rows: readonly EventRow[], zone: ZoneTime, now: Date): string[] {
  let pass: 'first' | 'second' = 'second';
  let previous: LocalSecond | null = null;
  return rows.map((row) => {
    const isTwice = zone.foldMs(row.Time) > 0;
    const second = secondOf(row.Time);
    if (!isTwice) {
      pass = 'second';
      previous = null;
    } else {
      if (previous !== null && second > previous) pass = 'first';
      const late = zone.toUtc(row.Time, 'second');
      if (late !== null && Date.parse(late) > now.getTime() + CLOCK_SKEW_MS) pass = 'first';
      previous = second;
    }
    return zone.toUtc(row.Time, pass) ?? new Date(second * 1000).toISOString();
  });
}

/** The entry as all of Usher knows it. */
export function toAppEvent({ row, occurredAt, id }: DatedRow): AppEvent {
  return {
    id,
    occurredAt,
    action: row.Action,
    actor: row.Username === '' ? null : row.Username,
    target: targetOf(row.Data),
    ipAddress: row.IP_Address === '' ? null : row.IP_Address,
    data: { localTime: row.Time, text: row.Data, ...(isSelfInflicted(row) ? { selfInflicted: true } : {}) },
  };
}

/** The grammar of `Data` depends on the action, which may be in any language; one address in it is the target. */
function targetOf(data: string): string | null {
  const addresses = data.match(/[^\s@'",;<>()]+@[^\s@'",;<>()]+\.[^\s@'",;<>()]+/g) ?? [];
  return addresses.length === 1 ? (addresses[0] ?? null) : null;
}

/** Every read through this API leaves a row: ours are marked, so that watching does not look like activity. */
export function isSelfInflicted(row: EventRow): boolean {
  const actor = row.Username.toLowerCase().replaceAll(/\s+/g, '');
  return row.Data === 'Initiated by API' && (actor === 'api' || actor === `api:${API_USER}`);
}

/** A local time as a second; throws `upstreamBug` where it is none. */
export function secondOf(local: string): LocalSecond {
  const second = fromText(local);
  if (second !== null) return second;
  throw new UsherError('upstreamBug', 'LastPass sent an event with a time that is no date.', {
    code: 'unexpectedShape',
  });
}
