import type { Clock } from '../../connector-kit/connector.ts';
import { invalidInput } from '../../model/errors.ts';
import { queryMoment } from './common-schemas.ts';

/** The moment of which a list is asked: `as_of` of a query string. */
export const asOfQuery = queryMoment
  .optional()
  .meta({ description: 'As it was known at this moment: ISO 8601 with zone.' });

/** Throws `invalidInput` for a moment to come, which cannot have been known. */
export function assertPast(moment: string | undefined, clock: Clock): void {
  if (moment === undefined || moment <= clock.now().toISOString()) return;
  throw invalidInput('as_of', `as_of is in the future: ${moment}.`, 'Leave it out for the present.');
}

/** For sentences about what was not there then: ` as of …`, nothing for the present. */
export function asOfWords(moment: string | undefined): string {
  return moment === undefined ? '' : ` as of ${moment}`;
}
