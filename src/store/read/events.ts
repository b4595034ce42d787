import { sql } from 'kysely';
import type { ChangeEvent } from '../../model/events.ts';
import { inScope } from './scope.ts';
import type { ConnectionScope } from './scope.ts';
import { allOf } from './sql.ts';
import type { Query, RawBuilder, Sql } from './sql.ts';

/** What a reader of the feed wants to see. */
export interface EventFilter {
  readonly scope: ConnectionScope;
  /** A type (`account.created`), or a prefix that ends in `*` (`account.*`). */
  readonly type?: string | null;
  readonly source?: ChangeEvent['source'] | null;
}

interface EventRow {
  readonly position: number | null;
  readonly connection_id: string;
  readonly source: ChangeEvent['source'];
  readonly type: string;
  readonly subject_kind: ChangeEvent['subjectKind'];
  readonly subject_key: string;
  readonly occurred_at: string;
  readonly run_id: string | null;
  readonly data: ChangeEvent['data'];
  readonly last_position: number;
}

/**
 * Events after a position, in feed order, and the position to go on from: the last event's, or the end of the feed as it
 * was in the same moment when no more of it passes the filter. So nothing is skipped and a filter is not read twice.
 */
export async function readEvents(
  query: Query,
  filter: EventFilter,
  after: number,
  limit: number,
): Promise<{ readonly events: readonly ChangeEvent[]; readonly next: number }> {
  const { rows } = await eventsStatement(filter, after, limit).execute(query);
  const events = rows.flatMap((row) => (row.position === null ? [] : [eventOf(row, row.position)]));
  const isFull = events.length === limit;
  const end = Math.max(after, rows[0]?.last_position ?? 0);
  return { events, next: isFull ? (events.at(-1)?.position ?? end) : end };
}

/** The newest events in feed order, and the end of the feed in that same moment: the position to go on from. */
export async function readLastEvents(
  query: Query,
  filter: EventFilter,
  limit: number,
): Promise<{ readonly events: readonly ChangeEvent[]; readonly next: number }> {
  const { rows } = await lastEventsStatement(filter, limit).execute(query);
  const events = rows.flatMap((row) => (row.position === null ? [] : [eventOf(row, row.position)]));
  return { events, next: rows[0]?.last_position ?? 0 };
}

/** The statement of `readEvents`: one, so that events and the feed's end are of the same moment. */
export function eventsStatement(filter: EventFilter, after: number, limit: number): RawBuilder<EventRow> {
  return statement(filter, sql`position > ${after}::bigint`, sql`order by position limit ${limit}`);
}

/** The statement of `readLastEvents`. */
export function lastEventsStatement(filter: EventFilter, limit: number): RawBuilder<EventRow> {
  return statement(filter, sql`position is not null`, sql`order by position desc limit ${limit}`);
}

function statement(filter: EventFilter, where: Sql, orderAndLimit: Sql): RawBuilder<EventRow> {
  const conditions: (Sql | null)[] = [
    where,
    inScope(sql`connection_id`, filter.scope),
    filter.type ? typeCondition(filter.type) : null,
    filter.source ? sql`source = ${filter.source}` : null,
  ];
  return sql<EventRow>`
    select e.*, feed.last_position
      from feed
      left join lateral (
        select position, connection_id, source, type, subject_kind, subject_key, occurred_at, run_id, data
          from change_event where ${allOf(conditions)} ${orderAndLimit}) e on true
     order by e.position`;
}

function typeCondition(type: string): Sql {
  if (!type.endsWith('*')) return sql`type = ${type}`;
  const prefix = type.slice(0, -1);
  return sql`starts_with(type, ${prefix})`;
}

function eventOf(row: EventRow, position: number): ChangeEvent {
  return {
    position,
    connectionId: row.connection_id,
    source: row.source,
    type: row.type,
    subjectKind: row.subject_kind,
    subjectKey: row.subject_key,
    occurredAt: row.occurred_at,
    runId: row.run_id,
    data: row.data,
  };
}
