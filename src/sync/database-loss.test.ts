import { expect, test } from 'vitest';
import { databaseRetryMs, isDatabaseLoss } from './database-loss.ts';

const full = Object.assign(new Error('could not extend file'), { code: '53100' });
const gone = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });

test('a disk that is full is waited for as a database that is gone is', () => {
  expect(isDatabaseLoss(full)).toBe(true);
  expect(isDatabaseLoss(gone)).toBe(true);
  expect(isDatabaseLoss(Object.assign(new Error('twice'), { code: '23505' }))).toBe(false);
});

test('a transaction that gave way to another one is tried again', () => {
  expect(isDatabaseLoss(Object.assign(new Error('deadlock detected'), { code: '40P01' }))).toBe(true);
  expect(isDatabaseLoss(Object.assign(new Error('could not serialize access'), { code: '40001' }))).toBe(true);
});

test('one that is gone is looked for every second, one that is full ever more rarely', () => {
  expect([0, 1, 50].map((attempts) => databaseRetryMs(gone, attempts))).toEqual([1000, 1000, 1000]);
  expect([0, 1, 2, 50].map((attempts) => databaseRetryMs(full, attempts))).toEqual([1000, 2000, 4000, 30_000]);
});
