import { Pool } from 'pg';
import type { Log } from './log.ts';
import type { Database } from './open.ts';

export type EnginePool = Pool;

const SIZE = 6;

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
