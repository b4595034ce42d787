import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JsonValue } from '../../model/records.ts';
import { account } from '../../sync/testing.ts';
import { type TestDatabase, testDatabase } from '../testing/index.ts';
import { canonicalJson, copyColumns, encodeRecord } from './encode.ts';
import { kindDescription } from './kinds.ts';
import { from as copyFrom } from 'pg-copy-streams';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const shuffled = (value: JsonValue): JsonValue => {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(shuffled);
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]) => [key, shuffled(item)]),
  );
};

it('gives the same canonical JSON whatever the order of keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.parse(JSON.stringify(value)) as JsonValue;
      expect(canonicalJson(shuffled(json))).toBe(canonicalJson(json));
    }),
  );
});

it('hashes what means something, and only that', () => {
  const kind = kindDescription('account');
  const base = encodeRecord(kind, account('1'));
  const login = encodeRecord(kind, account('1', { volatile: { lastLoginAt: '2026-01-01T00:00:00.000Z', extra: {} } }));
  const renamed = encodeRecord(kind, account('1', { displayName: 'Other' }));
  expect(login.contentHash()).toBe(base.contentHash());
  expect(renamed.contentHash()).not.toBe(base.contentHash());
  expect(new Set([base.hash, login.hash, renamed.hash]).size).toBe(3);
});

it('copies any text, list and JSON into the tables and gets it back', { timeout: 120_000 }, async () => {
  const text = fc.string({ unit: 'binary' });
  await fc.assert(
    fc.asyncProperty(text, fc.array(text), fc.dictionary(text, fc.jsonValue()), async (name, roles, extra) => {
      const kind = kindDescription('account');
      const given = account('k', {
        displayName: name,
        roles,
        extra: JSON.parse(JSON.stringify(extra)) as Record<string, JsonValue>,
      });
      const encoded = encodeRecord(kind, given);
      const client = await database.pool.connect();
      try {
        await client.query('truncate staged_account');
        const columns = [
          'run_id',
          'page',
          'collection',
          'scope',
          'observed_at',
          'key',
          'content_hash',
          ...copyColumns(kind),
        ];
        const line = `00000000-0000-4000-8000-000000000000\t0\tc\t\t2026-01-01\t${encoded.key}\t${encoded.contentHash()}${encoded.copyFields()}\n`;
        await pipeline(
          Readable.from([line]),
          client.query(copyFrom(`copy staged_account (${columns.join(', ')}) from stdin`)),
        );
        const { rows } = await client.query<Record<string, unknown>>(
          'select display_name, roles, extra from staged_account',
        );
        const clean = (value: string): string => value.toWellFormed().replaceAll('\0', '\uFFFD');
        expect(rows[0]?.['display_name']).toBe(clean(name));
        expect(rows[0]?.['roles']).toEqual(roles.map(clean));
        expect(canonicalJson(rows[0]?.['extra'] as JsonValue)).toBe(canonicalJson(given.extra));
      } finally {
        client.release();
      }
    }),
    { numRuns: 150 },
  );
});
