import { databaseTrouble } from '../store/trouble.ts';

/** Whether an error means that the database does no work for the moment: what was under way is tried again until it does. */
export function isDatabaseLoss(thrown: unknown): boolean {
  return databaseTrouble(thrown) !== null;
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
