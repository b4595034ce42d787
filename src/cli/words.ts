import { usage } from './failure.ts';

/** A flag's value as one of the words that it may be; undefined where it was not given. Throws what is wrong with it. */
export function oneOf<const Word extends string>(
  given: string | undefined,
  known: readonly Word[],
  flag: string,
): Word | undefined {
  if (given === undefined) return undefined;
  const word = known.find((each) => each === given);
  if (word === undefined) throw usage(`${flag} has to be one of ${known.join(', ')}, not "${given}".`);
  return word;
}
