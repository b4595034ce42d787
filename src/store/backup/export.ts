import type { Pool, PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type AppliedMigration, appliedMigrations } from '../migrate.ts';
import { quoted, SCHEMA_HISTORY, sequenceNames, type TableShape, tablesInOrder } from './catalogue.ts';

/** Where a sequence stands. */
export interface SequenceState {
  readonly name: string;
  /** As text: it may be larger than a number holds exactly. */
  readonly value: string;
  /** Whether `value` was given out already. */
  readonly isCalled: boolean;
}

/** The data of a database as of one moment; good until the work it was given to ends. */
export interface DatabaseExport {
  readonly migrations: readonly AppliedMigration[];
  /** Each after those its rows refer to. */
  readonly tables: readonly TableShape[];
  /** A setting of the instance, or null. */
  setting(key: string): Promise<unknown>;
  /** The rows of a table in Postgres' text form of COPY; returns how many there were. */
  rows(table: TableShape): AsyncGenerator<Buffer, number>;
  /** Ask when all rows were read: then none of them is beyond these. */
  sequences(): Promise<readonly SequenceState[]>;
}

/** How values are written, whatever the server or the database prefers. */
export const PORTABLE = `set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres';
  set local extra_float_digits = 3; set local bytea_output = 'hex'; set local statement_timeout = 0;
  set local lock_timeout = 0; set local idle_in_transaction_session_timeout = 0`;

/** Reads the whole database as of one moment, beside whoever works on it; what `work` throws is thrown on. */
export async function exportDatabase<T>(pool: Pool, work: (data: DatabaseExport) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let isDone = false;
  try {
    await client.query(`begin; set transaction isolation level repeatable read, read only; ${PORTABLE}`);
    const tables = (await tablesInOrder(client)).filter(({ name }) => name !== SCHEMA_HISTORY);
    const result = await work({
      migrations: await appliedMigrations(client),
      tables,
      setting: async (key) =>
        (await client.query<{ value: unknown }>('select value from instance where key = $1', [key])).rows[0]?.value ??
        null,
      rows: (table) => copyOut(client, table),
      sequences: () => sequences(client),
    });
    await client.query('commit');
    isDone = true;
    return result;
  } finally {
    // A copy that was cut off cannot be spoken over: the connection goes with it.
    client.release(!isDone);
  }
}

async function* copyOut(client: PoolClient, { name, columns }: TableShape): AsyncGenerator<Buffer, number> {
  const stream = client.query(copyTo(`copy ${quoted(name)} (${columns.map(quoted).join(', ')}) to stdout`));
  for await (const chunk of stream) yield bufferOf(chunk);
  return stream.rowCount;
}

function bufferOf(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  throw new TypeError('A copy from the database came as something else than bytes.');
}

async function sequences(client: PoolClient): Promise<readonly SequenceState[]> {
  const states: SequenceState[] = [];
  for (const name of await sequenceNames(client)) {
    const { rows } = await client.query<{ value: string; isCalled: boolean }>(
      `select last_value::text as value, is_called as "isCalled" from ${quoted(name)}`,
    );
    const [state] = rows;
    if (state !== undefined) states.push({ name, ...state });
  }
  return states;
}
