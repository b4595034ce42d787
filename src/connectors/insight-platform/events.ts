import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AppEventPage } from '../../connector-kit/connector.ts';
import { isJson, isObject } from '../../connector-kit/json.ts';
import { UsherError } from '../../model/errors.ts';
import type { AppEvent } from '../../model/events.ts';
import type { JsonValue } from '../../model/records.ts';
import { isUnknownCall } from './answers.ts';
import type { InsightContext } from './config.ts';
import { auditLogs, type LogEvent, type PlatformLog, queryLog } from './log-search.ts';

const LOOK_BACK_MS = 7 * 24 * 3_600_000;
/** Events may come into the log a little late; what is read again has the same ids. */
const OVERLAP_MS = 10 * 60_000;
const PAGE_SIZE = 1000;
const MAX_TEXT = 8000;

const cursorSchema = z.strictObject({ newestAt: z.iso.datetime() });

/**
 * Reads audit events through Log Search from a cursor on (null: the last 7 days), oldest first. Where audit logging is not
 * enabled there are none. A poll starts an overlap before the newest event seen; the same event has the same id whenever
 * it is read.
 */
export async function* auditEvents(
  context: InsightContext,
  cursor: JsonValue,
  pollMs: number,
): AsyncGenerator<AppEventPage, void, void> {
  const now = context.clock.now().getTime();
  let newestAt = readCursor(cursor);
  const logs = await logsOrNone(context);
  if (logs.length === 0) return;
  let from = newestAt === null ? now - LOOK_BACK_MS : Date.parse(newestAt) - OVERLAP_MS;
  while (from <= now) {
    const { events, isWholeToMs } = await readWindow(context, logs, {
      fromMs: from,
      toMs: now,
      atMost: PAGE_SIZE,
      pollMs,
    });
    if (events.length > 0) {
      newestAt = events.reduce((newest, { occurredAt }) => (newest > occurredAt ? newest : occurredAt), newestAt ?? '');
      yield { events, cursor: { newestAt } };
    }
    from = isWholeToMs + 1;
  }
}

/** An organization without Log Search has no audit events either. */
async function logsOrNone(context: InsightContext): Promise<readonly PlatformLog[]> {
  try {
    return await auditLogs(context);
  } catch (thrown) {
    if (isUnknownCall(thrown)) return [];
    throw thrown;
  }
}

export interface EventWindow {
  readonly fromMs: number;
  readonly toMs: number;
  /** Some more may come, so that a millisecond is never cut in two. */
  readonly atMost: number;
  readonly pollMs: number;
}

/** Events of all these logs in a window, oldest first, from its beginning as far as they fit: whole up to a millisecond. */
export async function readWindow(
  context: InsightContext,
  logs: readonly PlatformLog[],
  window: EventWindow,
): Promise<{ readonly events: readonly AppEvent[]; readonly isWholeToMs: number }> {
  const { fromMs, toMs, atMost, pollMs } = window;
  const read: { readonly log: PlatformLog; readonly found: readonly LogEvent[] }[] = [];
  let isWholeToMs = toMs;
  for (const log of logs) {
    const found: LogEvent[] = [];
    for await (const page of queryLog(context, { log: log.id, fromMs, toMs: isWholeToMs, pollMs })) {
      found.push(...page.filter(({ timestampMs }) => timestampMs >= fromMs && timestampMs <= toMs));
      const last = found.reduce((latest, { timestampMs }) => Math.max(latest, timestampMs), fromMs - 1);
      if (found.length < atMost || last <= fromMs) continue;
      isWholeToMs = Math.min(isWholeToMs, last - 1);
      break;
    }
    read.push({ log, found });
  }
  const events = read.flatMap(
    ({ log, found }) =>
    identified(log, found.filter(({ timestampMs }) => timestampMs <= isWholeToMs)), // prettier-ignore
  );
  const order = (a: AppEvent, b: AppEvent): number =>
    a.occurredAt < b.occurredAt ? -1 : a.occurredAt > b.occurredAt ? 1 : 0;
  return { events: events.sort(order), isWholeToMs };
}

function readCursor(cursor: JsonValue): string | null {
  if (cursor === null) return null;
  const parsed = cursorSchema.safeParse(cursor);
  if (parsed.success) return parsed.data.newestAt;
  throw new UsherError('stale', 'The cursor of the audit log is of another version of the connector.', {
    next: 'Start without a cursor.',
  });
}

/**
 * Events get an id of their content and their number among identical ones of a millisecond: which other id there is, is
 * not documented.
 */
function identified(log: PlatformLog, events: readonly LogEvent[]): AppEvent[] {
  const seen = new Map<string, number>();
  return events.map((event) => {
    const text = `${log.id}/${event.timestampMs}/${event.message}`;
    const ordinal = seen.get(text) ?? 0;
    seen.set(text, ordinal + 1);
    return toAppEvent(event, createHash('sha256').update(`${text}#${ordinal}`).digest('hex'));
  });
}

/** An event's text has JSON in it, of which no description is public: what is there under the usual names is taken. */
function toAppEvent({ timestampMs, message }: LogEvent, id: string): AppEvent {
  const content = parse(message);
  return {
    id,
    occurredAt: new Date(timestampMs).toISOString(),
    action: textAt(content, ['action'], ['event'], ['event_type'], ['type']) ?? 'audit',
    actor: textAt(content, ['request', 'user', 'email'], ['user', 'email'], ['actor', 'email'], ['actor'], ['user']),
    target: textAt(content, ['target', 'email'], ['target', 'name'], ['target']),
    ipAddress: textAt(content, ['request', 'source_ip'], ['source_ip'], ['ip_address'], ['ip']),
    data: content !== null && isJson(content) ? content : { text: message.slice(0, MAX_TEXT) },
  };
}

function parse(message: string): Readonly<Record<string, unknown>> | null {
  if (message.length > MAX_TEXT) return null;
  try {
    const parsed: unknown = JSON.parse(message);
    return isObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

/** The text at the first of these places that has one. */
function textAt(content: unknown, ...places: readonly (readonly string[])[]): string | null {
  for (const place of places) {
    let value: unknown = content;
    for (const name of place) value = isObject(value) ? value[name] : undefined;
    if (typeof value === 'string' && value !== '') return value.slice(0, 500);
  }
  return null;
}
