import { databaseTrouble } from '../store/trouble.ts';

/**
 * Whether an error means that the database does no work for the moment, or undid a transaction in favour of another one:
 * what was under way is tried again until it does.
 */
export function isDatabaseLoss(thrown: unknown): boolean {
  return databaseTrouble(thrown) !== null || isUndone(thrown);
}

/** `serialization_failure` and `deadlock_detected`: nothing is wrong, and nothing was written. */
function isUndone(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && (thrown.code === '40001' || thrown.code === '40P01');
}

const FIRST_MS = 1000;
const MOST_MS = 30_000;

/**
 * How long to wait before the next attempt, after so many in a row. One that is gone is looked for every second, which
 * costs nothing; where it has no room an attempt may go as far as the app, so those become rare.
 */
export function databaseRetryMs(thrown: unknown, attempts: number): number {
  return databaseTrouble(thrown) === 'gone' ? FIRST_MS : Math.min(MOST_MS, FIRST_MS * 2 ** attempts);
}
