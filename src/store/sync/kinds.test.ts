import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RECORD_KINDS } from '../../model/records.ts';
import { type TestDatabase, testDatabase } from '../testing/index.ts';
import { collectionOfKind, kindDescription, yieldedKinds } from './kinds.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const BOOKKEEPING: Readonly<Record<string, readonly string[]>> = {
  current: ['connection_id', 'key', 'collection', 'scope', 'content_hash', 'observed_at', 'seen_from', 'missing_run', 'missing_since'],
  history: ['connection_id', 'key', 'collection', 'scope', 'content_hash', 'observed_at', 'seen_from', 'seen_to', 'was_removed', 'run_id'],
  staged: ['run_id', 'page', 'key', 'collection', 'scope', 'content_hash', 'observed_at'],
  volatile: ['connection_id', 'key', 'volatile_hash'],
}; // prettier-ignore

async function columns(table: string, kept: string): Promise<Record<string, string>> {
  const { rows } = await database.pool.query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
    [table],
  );
  const own = rows.filter(({ name }) => !(BOOKKEEPING[kept] ?? []).includes(name) && name !== 'volatile_hash');
  return Object.fromEntries(
    own.map(({ name, type }) => [name, type.replace('timestamp with time zone', 'timestamptz')]),
  );
}

describe.each(RECORD_KINDS)('the tables of %s', (kind) => {
  it('have the columns that the description says, current, closed and staged', async () => {
    const { columns: described, volatile } = kindDescription(kind);
    const main = Object.fromEntries(described.map(({ name, type }) => [name, type]));
    const side = Object.fromEntries(volatile.map(({ name, type }) => [name, type]));
    expect(await columns(kindDescription(kind).table, 'current')).toEqual(main);
    expect(await columns(`${kind}_history`, 'history')).toEqual(main);
    expect(await columns(`staged_${kind}`, 'staged')).toEqual({ ...main, ...side });
  });
});

it.each(RECORD_KINDS.filter((kind) => kindDescription(kind).volatile.length > 0))(
  'the side table of %s has the columns that the description says',
  async (kind) => {
    const side = Object.fromEntries(kindDescription(kind).volatile.map(({ name, type }) => [name, type]));
    expect(await columns(`${kind}_volatile`, 'volatile')).toEqual(side);
  },
);

describe('of the collections of a connector', () => {
  const collections = [
    { id: 'keys', yields: ['credential', 'grant'] as const },
    { id: 'people', yields: ['account', 'grant'] as const },
    { id: 'more keys', yields: ['credential'] as const },
  ];

  it('the kinds come in the order of commits, each once', () => {
    expect(yieldedKinds(collections)).toEqual(['account', 'grant', 'credential']);
  });

  it('the one that a record read by itself belongs to is that of the accounts, else the first with its kind', () => {
    const found = (['account', 'grant', 'credential', 'group'] as const).map((kind) =>
      collectionOfKind(collections, kind),
    );
    expect(found).toEqual(['people', 'people', 'keys', 'people']);
    expect(collectionOfKind([], 'account')).toBe('');
  });
});
