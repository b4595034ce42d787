import { setTimeout as wait } from 'node:timers/promises';
import { Pool, type PoolClient } from 'pg';
import type { Log } from './log.ts';
import type { Database } from './open.ts';

export type EnginePool = Pool;

const SIZE = 6;
/** Making all tables of the library takes a second or two. */
const LAUNCH_PATIENCE_MS = 60_000;
const TURN_POLL_MS = 100;

/**
 * A pool for the durable engine, with the driver's own types, apart from ours: its polling must not starve requests.
 * `timeoutMs`: a statement that takes longer fails, as on a connection that went silent.
 */
export function enginePool(
  connection: Database['connection'],
  log: Log,
  options: { readonly size?: number; readonly timeoutMs?: number } = {},
): Pool {
  const pool = new Pool({
    ...connection,
    max: options.size ?? SIZE,
    application_name: 'usher engine',
    // A process that is stopped within a transaction gives its locks back: others may have to go on with its work.
    verify: (client, done) => client.query('set idle_in_transaction_session_timeout = 15000', done),
    ...(options.timeoutMs === undefined
      ? {}
      : { query_timeout: options.timeoutMs, connectionTimeoutMillis: options.timeoutMs }),
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  // While the pool ends, connections may break before they have said goodbye: nobody needs them any more.
  pool.on('error', (error) => {
    if (!pool.ending) log.warn({ room: 'engine', error: error.message }, 'a database connection broke');
  });
  // A connection that breaks while it is lent tells its error here too; whoever holds it sees its query fail.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/**
 * Launches the engine's library, one process at a time: it makes its tables then, and two that do it at the same time on
 * an empty database end in a deadlock. The lock goes with its transaction, as nothing of ours relies on sessions. Whoever does not
 * get it asks again: a statement that waits would be waited for by an index that is made beside it.
 */
export async function inTurn(pool: EnginePool, launch: () => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    while (!(await hasTurn(client))) {
      await client.query('rollback');
      await wait(TURN_POLL_MS);
    }
    await launch();
    await client.query('commit');
    client.release();
  } catch (error) {
    // With the connection goes the lock.
    client.release(true);
    throw error;
  }
}

async function hasTurn(client: PoolClient): Promise<boolean> {
  await client.query('begin');
  await client.query(`set local idle_in_transaction_session_timeout = ${LAUNCH_PATIENCE_MS}`);
  const { rows } = await client.query<{ mine: boolean }>(
    `select pg_try_advisory_xact_lock(hashtextextended('usher engine', 0)) as mine`,
  );
  return rows[0]?.mine === true;
}
