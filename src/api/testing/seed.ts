import type { AnyRecord } from '../../model/records.ts';
import type { Database } from '../../store/open.ts';
import { KINDS } from '../../store/sync/kinds.ts';

const RUN = '00000000-0000-4000-8000-000000000001';
export const SEEN = '2026-03-01T10:00:00.000Z';

/** Writes records as the snapshot of a connection, as if a sync had just committed them. */
export async function seedSnapshot(
  { pool }: Pick<Database, 'pool'>,
  connectionId: string,
  records: readonly AnyRecord[],
  seenFrom = SEEN,
): Promise<void> {
  for (const record of records) {
    const { table, values, volatile } = columnsOf(record);
    await insert(pool, table, {
      connection_id: connectionId, key: record.key, collection: 'all', scope: '', ...values,
      content_hash: RUN, observed_at: seenFrom, seen_from: seenFrom,
    }); // prettier-ignore
    if (Object.keys(volatile).length === 0) continue;
    const side = { connection_id: connectionId, key: record.key, ...volatile, volatile_hash: RUN };
    await insert(pool, `${record.kind}_volatile`, side);
  }
  await insert(pool, 'collection_state', {
    connection_id: connectionId, collection: 'all', scope: '', complete_as_of: seenFrom, run_id: RUN, last_end: 'complete',
  }); // prettier-ignore
}

/** Writes a version of a record that ended at `seenTo`. */
export async function seedHistory(
  { pool }: Pick<Database, 'pool'>,
  connectionId: string,
  record: AnyRecord,
  seenFrom: string,
  seenTo: string,
  wasRemoved = false,
): Promise<void> {
  const { values } = columnsOf(record);
  await insert(pool, `${record.kind}_history`, {
    connection_id: connectionId, key: record.key, collection: 'all', scope: '', ...values, content_hash: RUN,
    observed_at: seenFrom, seen_from: seenFrom, seen_to: seenTo, was_removed: wasRemoved, run_id: RUN,
  }); // prettier-ignore
}

/** Writes placed events, positions from 1 on. */
export async function seedEvents({ pool }: Pick<Database, 'pool'>, connectionIds: readonly string[]): Promise<void> {
  for (const [at, connectionId] of connectionIds.entries()) {
    await insert(pool, 'change_event', {
      position: at + 1, connection_id: connectionId, source: 'sync', type: at % 2 === 0 ? 'account.created' : 'grant.added',
      subject_kind: 'account', subject_key: String(at), occurred_at: SEEN, data: JSON.stringify({ n: at }),
    }); // prettier-ignore
  }
  await pool.query('update feed set last_position = $1', [connectionIds.length]);
}

function columnsOf(record: AnyRecord) {
  switch (record.kind) {
    case 'account':
      return filled(KINDS.account, record);
    case 'group':
      return filled(KINDS.group, record);
    case 'role':
      return filled(KINDS.role, record);
    case 'resource':
      return filled(KINDS.resource, record);
    case 'credential':
      return filled(KINDS.credential, record);
    default:
      return filled(KINDS.grant, record);
  }
}

interface Described<Record> {
  readonly table: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly value: (record: Record) => unknown;
  }[];
  readonly volatile: readonly {
    readonly name: string;
    readonly type: string;
    readonly value: (record: Record) => unknown;
  }[];
}

function filled<Record>({ table, columns, volatile }: Described<Record>, record: Record) {
  const valuesOf = (described: Described<Record>['columns']) => {
    return Object.fromEntries(described.map(({ name, type, value }) => [name, parameter(type, value(record))]));
  };
  return { table, values: valuesOf(columns), volatile: valuesOf(volatile) };
}

function parameter(type: string, value: unknown): unknown {
  return type.startsWith('json') && value !== null ? JSON.stringify(value) : value;
}

async function insert(pool: Database['pool'], table: string, row: Readonly<Record<string, unknown>>): Promise<void> {
  const names = Object.keys(row);
  const places = names.map((_, at) => `$${at + 1}`);
  await pool.query(`insert into ${table} (${names.join(', ')}) values (${places.join(', ')})`, Object.values(row));
}
