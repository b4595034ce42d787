import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AppEventPage } from '../../connector-kit/connector.ts';
import { watchShape } from '../../connector-kit/drift.ts';
import { UsherError } from '../../model/errors.ts';
import type { AppEvent } from '../../model/events.ts';
import type { JsonValue } from '../../model/records.ts';
import type { Row } from './client.ts';
import type { LaceworkContext, LaceworkSettings } from './config.ts';
import { byCode } from './mapping.ts';
import { AUDIT_SHAPE, timeOf } from './schemas.ts';
import { wholeClient } from './tenant.ts';

/** Other data sets allow seven days a call (API reference); for this one no limit is told. */
const SLICE_MS = 7 * 24 * 3_600_000;
/** Rows show a little after they happened; what is read again has the same ids. */
const OVERLAP_MS = 15 * 60_000;
/** Whether rows of exactly the bounds are in the answer is not told: slices share so much. */
const SEAM_MS = 60_000;
const MINUTE_MS = 60_000;

/** Everything up to then has been read, but for what may still show. */
const cursorSchema = z.strictObject({ readTo: z.iso.datetime() });

/**
 * Reads the audit log from a cursor on (null: the last 7 days, one slice), in slices of at most 7 days on whole minutes, of the
 * organization as a whole where there is one. A poll starts an overlap before the end of the last; slices overlap by a
 * minute. The same row has the same id whenever it is read, so that whoever stores events by id stores each once. The
 * cursor moves when a slice has been handed over whole.
 */
export async function* auditEvents(
  context: LaceworkContext,
  cursor: JsonValue,
): AsyncGenerator<AppEventPage, void, void> {
  const nowMs = context.clock.now().getTime();
  const readTo = readCursor(cursor);
  // The minute under way is read as well; the next poll reads it again.
  const endMs = Math.ceil((nowMs + 1) / MINUTE_MS) * MINUTE_MS;
  const sinceMs = readTo === null ? endMs - SLICE_MS : Math.min(Date.parse(readTo), nowMs) - OVERLAP_MS;
  let fromMs = Math.floor(sinceMs / MINUTE_MS) * MINUTE_MS;
  let held: JsonValue = cursor;
  while (fromMs < endMs) {
    const toMs = Math.min(endMs, fromMs + SLICE_MS);
    const ids = rowIds();
    let waiting: readonly AppEvent[] | null = null;
    for await (const rows of readRows(context, fromMs, toMs)) {
      if (waiting !== null) yield { events: waiting, cursor: held };
      waiting = rows
        .map((row) => toAppEvent(ids(row), row, context.settings))
        .sort((a, b) => byCode(a.occurredAt, b.occurredAt));
    }
    held = { readTo: new Date(Math.min(toMs, nowMs)).toISOString() };
    yield { events: waiting ?? [], cursor: held };
    if (toMs >= endMs) return;
    fromMs = toMs - SEAM_MS;
  }
}

/** Rows between two moments, in pages of the vendor's. 404 means that there are none: a Splunk input met it. */
export async function* readRows(
  context: LaceworkContext,
  fromMs: number,
  toMs: number,
): AsyncGenerator<readonly AuditRow[], void, void> {
  const watch = watchShape(context.drift, { operation: 'GET AuditLogs', path: 'data.*' }, AUDIT_SHAPE);
  const query = { startTime: new Date(fromMs).toISOString(), endTime: new Date(toMs).toISOString() };
  const call = { method: 'GET', path: 'AuditLogs', query, isEmptyOn404: true } as const;
  for await (const batch of wholeClient(context).rows(call, 5000)) {
    for (const { value } of batch) watch.observe(value);
    yield batch.map(({ value }) => readRow(value));
  }
}

/** A row of the audit log, read: the vendor's own words, and the moment. */
export interface AuditRow {
  readonly occurredAt: string;
  readonly accountName: string;
  readonly userName: string;
  readonly eventName: string;
  readonly userAction: string;
  readonly eventDescription: string;
  /** Only by the guide; '' where it is not sent. */
  readonly eventType: string;
}

function readRow(row: Row): AuditRow {
  const occurredAt = timeOf(row['createdTime']);
  if (occurredAt === null) {
    throw new UsherError('upstreamBug', 'Lacework sent a row of the audit log with a time that is no date.', {
      code: 'unexpectedShape',
      next: 'Try again; if it stays so, report it.',
    });
  }
  const text = (name: string): string => {
    const value = row[name];
    return typeof value === 'string' ? value : '';
  };
  return {
    occurredAt,
    accountName: text('accountName'),
    userName: text('userName'),
    eventName: text('eventName'),
    userAction: text('userAction'),
    eventDescription: text('eventDescription'),
    eventType: text('eventType'),
  };
}

/**
 * Makes ids for rows, which have none: the digest of a row's six fields and its number among equal ones. Equal rows are
 * of one moment, so a window has all of them or none, in whatever order; the moment counts as such, not as it was spelt.
 */
export function rowIds(): (row: AuditRow) => string {
  const seen = new Map<string, number>();
  return (row) => {
    const { occurredAt, accountName, userName, eventName, userAction, eventDescription } = row;
    const fields = [occurredAt, accountName, userName, eventName, userAction, eventDescription];
    const digest = createHash('sha256').update(JSON.stringify(fields)).digest('base64url');
    const ordinal = seen.get(digest) ?? 0;
    seen.set(digest, ordinal + 1);
    return ordinal === 0 ? digest : `${digest}.${ordinal}`;
  };
}

/** The entry as all of Usher knows it. */
export function toAppEvent(id: string, row: AuditRow, { keyId }: Pick<LaceworkSettings, 'keyId'>): AppEvent {
  const { occurredAt, accountName, userName, eventName, userAction, eventDescription, eventType } = row;
  return {
    id,
    occurredAt,
    action: eventType === '' ? [eventName, userAction].filter((word) => word !== '').join(' ') || 'unknown' : eventType,
    actor: userName === '' ? null : userName,
    target: targetOf(row),
    ipAddress: null,
    data: {
      category: categoryOf(row),
      account: accountName.toLowerCase(),
      eventName,
      userAction,
      text: eventDescription,
      ...(eventType === '' ? {} : { eventType }),
      // Every token leaves a row: Usher's own are marked, so that watching does not look like activity.
      ...(/token/i.test(eventName) && eventDescription.includes(keyId) ? { selfInflicted: true } : {}),
    },
  };
}

/** What a row is about. The vendor publishes no list of its words, so the table is of what was seen or is likely. */
export type AuditCategory =
  | 'user.created'
  | 'user.updated'
  | 'user.deleted'
  | 'credential.created'
  | 'credential.updated'
  | 'credential.deleted'
  | 'group.updated'
  | 'login'
  | 'other';

const SUBJECTS: readonly (readonly [words: RegExp, subject: string])[] = [
  [/user ?group|team user group/i, 'group'],
  [/api ?key|access ?key|agent access token/i, 'credential'],
  [/team ?(?:member|user)|service ?user|^user(?:$| )/i, 'user'],
];
const VERBS: readonly (readonly [words: RegExp, verb: string])[] = [
  [/creat|add|invit/i, 'created'],
  [/delet|remov/i, 'deleted'],
  [/updat|edit|chang|enabl|disabl|modif/i, 'updated'],
];

/** What a row is about, as far as its words tell. */
export function categoryOf({ eventType, eventName, userAction }: AuditRow): AuditCategory {
  const said = eventType === '' ? { subject: eventName, verb: userAction } : { subject: eventType, verb: eventType };
  if (/log ?in|sign ?in/i.test(`${said.subject} ${said.verb}`)) return 'login';
  const subject = SUBJECTS.find(([words]) => words.test(said.subject.replaceAll('_', ' ')))?.[1];
  const verb = VERBS.find(([words]) => words.test(said.verb))?.[1];
  if (subject === 'group') return 'group.updated';
  if (subject === 'user' || subject === 'credential') {
    if (verb === 'created' || verb === 'updated' || verb === 'deleted') return `${subject}.${verb}`;
  }
  return 'other';
}

/** Whom it was done to: the one address in the text that is not the doer's. */
function targetOf({ eventDescription, userName }: AuditRow): string | null {
  const found =
    eventDescription.match(/[^\s@'",;:<>()[\]]+@[^\s@'",;:<>()[\]]+\.[^\s@'",;:<>()[\]]*[A-Za-z0-9]/g) ?? [];
  const others = new Set(found.filter((address) => address.toLowerCase() !== userName.toLowerCase()));
  if (others.size === 1) return [...others][0] ?? null;
  return others.size === 0 && found.length > 0 ? (found[0] ?? null) : null;
}

function readCursor(cursor: JsonValue): string | null {
  if (cursor === null) return null;
  const parsed = cursorSchema.safeParse(cursor);
  if (parsed.success) return parsed.data.readTo;
  throw new UsherError('stale', 'The cursor of the audit log is of another version of the connector.', {
    next: 'Start without a cursor.',
  });
}
