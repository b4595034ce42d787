import type { Pool } from 'pg';

/** Connections whose next sync is due, or whose first one has no time yet. */
export async function connectionsDue(
  pool: Pool,
  now: string,
): Promise<readonly { readonly id: string; readonly schedule_seconds: number }[]> {
  const { rows } = await pool.query<{ id: string; schedule_seconds: number }>(
    `select id, schedule_seconds from connection
      where state = 'active' and schedule_seconds is not null and (next_sync_at is null or next_sync_at <= $1)`,
    [now],
  );
  return rows;
}

/** Sets when connections are due next. A time set meanwhile by somebody else is overwritten: it was for the sync that starts now. */
export async function setNextSync(
  pool: Pool,
  times: readonly { readonly id: string; readonly nextSyncAt: string }[],
): Promise<void> {
  if (times.length === 0) return;
  await pool.query(
    `update connection c set next_sync_at = t.next_sync_at
       from unnest($1::text[], $2::timestamptz[]) as t(id, next_sync_at) where c.id = t.id`,
    [times.map((time) => time.id), times.map((time) => time.nextSyncAt)],
  );
}

/** Active, baselined connections of these connectors whose app log was last read before `before`, or never. */
export async function connectionsToPoll(
  pool: Pool,
  connectors: readonly string[],
  cursorName: string,
  before: string,
): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select c.id from connection c
       left join connection_cursor k on k.connection_id = c.id and k.name = $2
      where c.state = 'active' and c.baselined_at is not null and c.connector = any($1)
        and (k.updated_at is null or k.updated_at < $3)`,
    [connectors, cursorName, before],
  );
  return rows.map((row) => row.id);
}
