import type { Pool, PoolClient } from 'pg';
import type { AppEvent } from '../../model/events.ts';
import type { JsonValue } from '../../model/records.ts';
import { canonicalJson, cleanText } from './encode.ts';

/**
 * Gives the committed events that have no place yet their positions in the feed, in one transaction under one lock, so
 * that a reader who continues from a position never misses one. Answers how many were placed.
 */
export async function placeEvents(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ last_position: number }>('select last_position from feed for update');
  const last = rows[0]?.last_position ?? 0;
  const { rowCount } = await client.query(
    `with unplaced as (
       select id, row_number() over (order by id) as n from change_event where position is null order by id limit 20000
     )
     update change_event e set position = $1::bigint + u.n from unplaced u where e.id = u.id`,
    [last],
  );
  const placed = rowCount ?? 0;
  if (placed > 0) await client.query('update feed set last_position = $1', [last + placed]);
  return placed;
}

/** Whether any committed event waits for its place. */
export async function hasUnplacedEvents(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query('select from change_event where position is null limit 1');
  return rows.length > 0;
}

/** The position of the newest event in the feed; 0 while it is empty. */
export async function lastPosition(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ last_position: number }>('select last_position from feed');
  return rows[0]?.last_position ?? 0;
}

/** The one event that stands for a connection's first complete pull. */
export async function addBaselineEvent(
  client: PoolClient,
  input: { readonly connectionId: string; readonly runId: string; readonly now: string; readonly counts: JsonValue },
): Promise<void> {
  await client.query(
    `insert into change_event (connection_id, source, type, subject_kind, subject_key, occurred_at, run_id, data)
     values ($1, 'sync', 'connection.baselined', 'connection', $1, $2, $3, $4)`,
    [input.connectionId, input.now, input.runId, JSON.stringify(input.counts)],
  );
}

/** How many events a run has made so far, in its own transaction. */
export async function countEvents(client: PoolClient, runId: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'select count(*) as count from change_event where run_id = $1 and position is null',
    [runId],
  );
  return rows[0]?.count ?? 0;
}

/** Adds entries of an app's own log; one that is there already is left alone. Answers how many were new. */
export async function addAppEvents(
  client: PoolClient,
  connectionId: string,
  events: readonly AppEvent[],
): Promise<number> {
  if (events.length === 0) return 0;
  const { rowCount } = await client.query(
    `insert into change_event (connection_id, source, type, subject_kind, subject_key, occurred_at, app_event_id, data)
     select $1, 'app', 'app.' || e.type, 'app', e.subject, e.occurred_at, e.id, e.data
       from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::jsonb[])
            with ordinality as e(id, type, subject, occurred_at, data, i)
      order by e.i
     on conflict (connection_id, app_event_id) where app_event_id is not null do nothing`,
    [
      connectionId,
      events.map((event) => cleanText(event.id)),
      events.map((event) => eventType(event.action)),
      events.map((event) => cleanText(event.target ?? event.actor ?? '')),
      events.map((event) => event.occurredAt),
      events.map((event) =>
        canonicalJson({
          action: event.action,
          actor: event.actor,
          data: event.data,
          ip_address: event.ipAddress,
          target: event.target,
        }),
      ),
    ],
  );
  return rowCount ?? 0;
}

/** `Failed login attempt` -> `failed_login_attempt`: letters of any language are kept. */
function eventType(action: string): string {
  const words = cleanText(action)
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  return words ? words.join('_') : 'unknown';
}
