import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestDatabase } from '../testing/index.ts';
import { testDatabase } from '../testing/index.ts';
import { containsPattern } from './sql.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const matches = async (text: string, part: string) => {
  const { rows } = await sql<{ found: boolean }>`select ${text}::text ~ ${containsPattern(part)} as found`.execute(
    database.query,
  );
  return rows[0]?.found;
};

test('a part is found in any letter case, of any alphabet', async () => {
  expect(await matches('Tomás Ruiz', 'TOMÁS')).toBe(true);
  expect(await matches('ЖАННА', 'жан')).toBe(true);
  expect(await matches('Straße', 'straße')).toBe(true);
  expect(await matches('Tomas', 'Tomás')).toBe(false);
});

test('a part is text, whatever it would mean in a pattern', async () => {
  const text = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 12 })
    .filter((part) => !part.includes('\0') && part.isWellFormed());
  await fc.assert(
    fc.asyncProperty(text, async (part) => {
      const whole = part.normalize('NFC');
      expect(await matches(`a${whole}b`, part)).toBe(true);
      expect(await matches(whole, `${part}\u{10FFFD}`)).toBe(false);
    }),
    { numRuns: 200 },
  );
});
