import type { AccountRecord } from '../../model/records.ts';

/** Scripts whose names usually put the family name first: the order of two words then says nothing. */
const FAMILY_FIRST_SCRIPTS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
/** Letters, marks, apostrophes and hyphens: what one word of a person's name is made of. */
const NAME_WORD = /^\p{L}[\p{L}\p{M}'’ʼ.-]*$/u;

/**
 * First and last name of an account: as the app has them, else split from the full name where that cannot go wrong: two
 * words of letters, no comma, a script that puts the given name first, not a service's account. Otherwise null and null.
 */
export function splitFullName(account: Pick<AccountRecord, 'givenName' | 'familyName' | 'displayName' | 'isService'>): {
  readonly first: string | null;
  readonly last: string | null;
} {
  if (account.givenName !== null || account.familyName !== null) {
    return { first: account.givenName, last: account.familyName };
  }
  const words = (account.displayName ?? '').trim().split(/\s+/u);
  const [first, last] = words;
  if (words.length !== 2 || first === undefined || last === undefined) return UNKNOWN;
  if (account.isService === true || !words.every((word) => NAME_WORD.test(word))) return UNKNOWN;
  if (FAMILY_FIRST_SCRIPTS.test(`${first}${last}`)) return UNKNOWN;
  return { first, last };
}

const UNKNOWN = { first: null, last: null };
