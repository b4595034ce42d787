import { z } from 'zod';
import { sleep } from '../../connector-kit/http/retry.ts';
import { isObject } from '../../connector-kit/json.ts';
import { UsherError } from '../../model/errors.ts';
import { unexpectedShape } from './answers.ts';
import { askLogSearch } from './client.ts';
import type { InsightContext } from './config.ts';
import type { Row } from './paging.ts';

/** A log of Log Search. */
export interface PlatformLog {
  readonly id: string;
  readonly name: string;
}

/** An event as Log Search has it: a text, and when. */
export interface LogEvent {
  readonly timestampMs: number;
  readonly message: string;
}

/** Events of a log, oldest first, a page at a time. */
export interface LogQuery {
  readonly log: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** How long to wait before asking again for a result that is not ready. */
  readonly pollMs: number;
}

const logSchema = z.looseObject({
  id: z.string().min(1),
  name: z.string(),
  logsets_info: z.array(z.looseObject({ name: z.string() })).nullish(),
});

/** The vendor's plugins ask for 500 events at a time. */
const PAGE_SIZE = 500;
/** So often a query is asked for its result before it is given up. */
const MOST_POLLS = 60;

/**
 * Logs that hold audit events: the one named in the settings, else all with "audit" in their name. Audit logging is off
 * until an administrator enables it: then there is none.
 */
export async function auditLogs(context: InsightContext): Promise<readonly PlatformLog[]> {
  const operation = 'getLogs';
  const { body } = await askLogSearch(context, operation, '/management/logs');
  const logs = z.array(logSchema).safeParse(body['logs']);
  if (!logs.success) throw unexpectedShape(operation, ['logs', ...(logs.error.issues[0]?.path ?? [])]);
  const wanted = context.settings.auditLog?.toLowerCase();
  return logs.data
    .filter(({ name }) => (wanted === undefined ? /audit/i.test(name) : name.toLowerCase() === wanted))
    .map(({ id, name }) => ({ id, name }));
}

/** Events of a log in a window of time, page by page; a query that is not ready is asked for again. */
export async function* queryLog(context: InsightContext, query: LogQuery): AsyncGenerator<LogEvent[], void, void> {
  const seen = new Set<string>();
  let path = `/query/logs/${encodeURIComponent(query.log)}`;
  let parameters: Readonly<Record<string, string | number>> = {
    query: '', from: query.fromMs, to: query.toMs, per_page: PAGE_SIZE,
  }; // prettier-ignore
  for (;;) {
    const body = await resultOf(context, path, parameters, query.pollMs);
    yield eventsOf(body);
    const next = linkOf(body, 'next');
    if (next === null) return;
    if (seen.has(next)) throw unexpectedShape('queryLog', ['links', 'Next']);
    seen.add(next);
    path = next;
    parameters = {};
  }
}

async function resultOf(
  context: InsightContext,
  path: string,
  parameters: Readonly<Record<string, string | number>>,
  pollMs: number,
): Promise<Row> {
  let { status, body } = await askLogSearch(context, 'queryLog', path, parameters);
  for (let polls = 0; status === 202; polls += 1) {
    const self = linkOf(body, 'self');
    if (self === null) throw unexpectedShape('queryLog', ['links']);
    if (polls >= MOST_POLLS) {
      throw new UsherError('transient', 'Log Search did not finish a query of the audit log in time.', {
        code: 'timeout',
        next: 'Try again later: what was read before is kept.',
      });
    }
    await sleep(pollMs, context.signal);
    ({ status, body } = await askLogSearch(context, 'pollQuery', self));
  }
  return body;
}

const eventSchema = z.looseObject({ timestamp: z.number(), message: z.string() });

function eventsOf(body: Row): LogEvent[] {
  const events = z.array(eventSchema).safeParse(body['events']);
  if (!events.success) throw unexpectedShape('queryLog', ['events', ...(events.error.issues[0]?.path ?? [])]);
  return events.data.map(({ timestamp, message }) => ({ timestampMs: timestamp, message }));
}

/**
 * Where a link of an answer leads, below `/log_search`. The links are whole addresses, some of another host of the vendor
 * (`rest.logs.insight.rapid7.com`): the key goes to the address of the settings alone, so only their path is taken.
 */
function linkOf(body: Row, rel: string): string | null {
  const links: readonly unknown[] = Array.isArray(body['links']) ? body['links'] : [];
  for (const link of links) {
    if (!isObject(link) || typeof link['rel'] !== 'string' || link['rel'].toLowerCase() !== rel) continue;
    const { href } = link;
    if (typeof href !== 'string' || !URL.canParse(href)) throw unexpectedShape('queryLog', ['links', rel]);
    const { pathname, search } = new URL(href);
    const at = pathname.indexOf('/query/');
    if (at < 0) throw unexpectedShape('queryLog', ['links', rel]);
    return `${pathname.slice(at)}${search}`;
  }
  return null;
}
