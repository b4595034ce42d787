import type { JsonValue } from '../model/records.ts';
import type { Queryable } from './principals.ts';

/** A stored connection, without its secrets. Times are ISO 8601, UTC. */
export interface StoredConnection {
  readonly id: string;
  readonly connector: string;
  /** As the connector's own schema parsed them. */
  readonly settings: JsonValue;
  /** As the last probe found; sorted. */
  readonly capabilities: readonly string[];
  readonly tenant: { readonly id: string; readonly name: string } | null;
  readonly state: 'active' | 'paused';
  readonly pausedReason: string | null;
  /** Seconds between two syncs; null: only when asked. */
  readonly scheduleSeconds: number | null;
  readonly nextSyncAt: string | null;
  /** Of the mapping its snapshot was made by. */
  readonly mappingVersion: number;
  /** When its first complete pull was committed. */
  readonly baselinedAt: string | null;
  readonly lastProbeAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

const COLUMNS = `id, connector, settings, capabilities, tenant, state, paused_reason as "pausedReason",
  schedule_seconds as "scheduleSeconds", next_sync_at as "nextSyncAt", mapping_version as "mappingVersion",
  baselined_at as "baselinedAt", last_probe_at as "lastProbeAt", created_at as "createdAt", updated_at as "updatedAt"`;

/** All connections, by id. */
export async function allConnections(on: Queryable): Promise<readonly StoredConnection[]> {
  return (await on.query<StoredConnection>(`select ${COLUMNS} from connection order by id`)).rows;
}

/**
 * Waits until nobody else holds what a connection has (commits, removals, changes of its settings), before its row is
 * locked; `$1` is its id. They queue here, because a row that is held in common again and again is never free for whoever
 * wants it alone.
 */
export function connectionTurn(hold: 'alone' | 'beside others'): string {
  const lock = hold === 'alone' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared';
  return `turn as materialized (select ${lock}(hashtextextended('usher connection ' || $1, 0)))`;
}

/** The connection with this id, or null; locked until the transaction ends when asked for. */
export async function connectionById(
  on: Queryable,
  id: string,
  options: { readonly lock?: boolean } = {},
): Promise<StoredConnection | null> {
  const { rows } = await on.query<StoredConnection>(
    options.lock === true
      ? `with ${connectionTurn('alone')} select ${COLUMNS} from turn, connection where id = $1 for update of connection`
      : `select ${COLUMNS} from connection where id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** Which of these ids are connections. */
export async function knownConnectionIds(on: Queryable, ids: readonly string[]): Promise<readonly string[]> {
  const { rows } = await on.query<{ id: string }>('select id from connection where id = any ($1)', [ids]);
  return rows.map(({ id }) => id);
}

/** Adds a connection; false where one with that id is there. */
export async function insertConnection(on: Queryable, connection: StoredConnection): Promise<boolean> {
  const { rowCount } = await on.query(
    `insert into connection (id, connector, settings, capabilities, tenant, state, paused_reason, schedule_seconds,
       next_sync_at, mapping_version, baselined_at, last_probe_at, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict (id) do nothing`,
    [
      connection.id, connection.connector, JSON.stringify(connection.settings), connection.capabilities,
      connection.tenant, connection.state, connection.pausedReason, connection.scheduleSeconds, connection.nextSyncAt,
      connection.mappingVersion, connection.baselinedAt, connection.lastProbeAt, connection.createdAt, connection.updatedAt,
    ],
  ); // prettier-ignore
  return rowCount === 1;
}

/** Writes what people and probes change of a connection; its mapping version and baseline are the sync's. */
export async function updateConnection(on: Queryable, connection: StoredConnection): Promise<void> {
  await on.query(
    `update connection set settings = $2, capabilities = $3, tenant = $4, state = $5, paused_reason = $6,
       schedule_seconds = $7, next_sync_at = $8, last_probe_at = $9, updated_at = $10
     where id = $1`,
    [
      connection.id, JSON.stringify(connection.settings), connection.capabilities, connection.tenant, connection.state,
      connection.pausedReason, connection.scheduleSeconds, connection.nextSyncAt, connection.lastProbeAt,
      connection.updatedAt,
    ],
  ); // prettier-ignore
}

/** Deletes the row of a connection and nothing else; see `deleteConnectionData`. */
export async function deleteConnection(on: Queryable, id: string): Promise<void> {
  await on.query('delete from connection where id = $1', [id]);
}
