import type { PoolClient } from 'pg';
import type { JsonValue } from '../../model/records.ts';
import { connectionTurn } from '../connections.ts';
import type { KindChanges } from './commit.ts';
import { hasReadBacks } from './outdated.ts';
import { countsAfterLastSync } from './runs.ts';
import { COMMIT_ORDER, kindDescription } from './kinds.ts';

interface LockedConnection {
  readonly baselined_at: string | null;
}

/** Locks a connection's row for the length of the transaction: commits and removals of one connection take turns. */
export async function lockConnection(client: PoolClient, connectionId: string): Promise<LockedConnection | null> {
  const { rows } = await client.query<LockedConnection>(
    `with ${connectionTurn('alone')} select baselined_at from turn, connection where id = $1 for update of connection`,
    [connectionId],
  );
  return rows[0] ?? null;
}

/**
 * The same, for a transaction that from here on looks rows up by their keys alone: `PAGE_PLANNING` without a call of its
 * own, and a statement with a name is planned once. `beside others`: so do others at the same time, while whoever wants it
 * alone waits for all of them.
 */
export async function lockConnectionForPage(
  client: PoolClient,
  connectionId: string,
  hold: 'alone' | 'beside others',
): Promise<LockedConnection | null> {
  const isAlone = hold === 'alone';
  const { rows } = await client.query<LockedConnection>({
    name: `lock_connection_for_page_${isAlone ? 'alone' : 'beside'}`,
    text: `with ${connectionTurn(hold)}
           select baselined_at, set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
                  set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)
             from turn, connection where id = $1 for ${isAlone ? 'update' : 'key share'} of connection`,
    values: [connectionId],
  });
  return rows[0] ?? null;
}

/** Notes a committed sync on its connection; `isBaseline` sets the moment from which the snapshot counts. */
export async function markSynced(
  client: PoolClient,
  input: {
    readonly connectionId: string;
    readonly mappingVersion: number;
    readonly isBaseline: boolean;
    readonly now: string;
  },
): Promise<void> {
  await client.query(
    `update connection set mapping_version = $2, updated_at = $3,
            baselined_at = case when $4 then coalesce(baselined_at, $3) else baselined_at end
      where id = $1`,
    [input.connectionId, input.mappingVersion, input.now, input.isBaseline],
  );
}

/** How many rows of each kind the snapshot of a connection holds. */
export async function countRecords(
  client: PoolClient,
  connectionId: string,
): Promise<{ readonly [kind: string]: number }> {
  const counts = COMMIT_ORDER.map(
    (kind) => `(select count(*) from ${kindDescription(kind).table} where connection_id = $1) as "${kind}"`,
  );
  const { rows } = await client.query<Record<string, number>>(`select ${counts.join(', ')}`, [connectionId]);
  return rows[0] ?? {};
}

/** Reads where the polling of an app's log goes on; null: it has not begun. */
export async function readCursor(client: PoolClient, connectionId: string, name: string): Promise<JsonValue> {
  const { rows } = await client.query<{ cursor: JsonValue }>(
    'select cursor from connection_cursor where connection_id = $1 and name = $2 for update',
    [connectionId, name],
  );
  return rows[0]?.cursor ?? null;
}

/** Keeps a cursor: in the transaction of the events it covers. */
export async function writeCursor(
  client: PoolClient,
  connectionId: string,
  name: string,
  cursor: JsonValue,
  now: string,
): Promise<void> {
  await client.query(
    `insert into connection_cursor (connection_id, name, cursor, updated_at) values ($1, $2, $3, $4)
     on conflict (connection_id, name) do update set cursor = excluded.cursor, updated_at = excluded.updated_at`,
    [connectionId, name, JSON.stringify(cursor), now],
  );
}

/** How many records there are after a commit: as after the last one where nothing has changed since, else counted. */
export async function countsAfter(
  client: PoolClient,
  connectionId: string,
  changes: readonly KindChanges[],
): Promise<{ readonly [kind: string]: number }> {
  const isSame = changes.every(({ added, removed }) => added + removed === 0);
  if (isSame && !(await hasReadBacks(client, connectionId))) {
    const before = await countsAfterLastSync(client, connectionId);
    if (COMMIT_ORDER.every((kind) => kind in before)) return before;
  }
  return countRecords(client, connectionId);
}
