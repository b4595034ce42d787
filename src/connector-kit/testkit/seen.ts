import { expect } from 'vitest';
import { UsherError } from '../../model/errors.ts';

/** Fails where what people see holds one of these secrets, in any usual disguise. */
export function holdsNoSecret(seen: readonly unknown[], secrets: Readonly<Record<string, string>>): void {
  const text = JSON.stringify(seen);
  for (const secret of Object.values(secrets)) {
    for (const form of disguises(secret)) expect(text.includes(form)).toBe(false);
  }
}

/** A secret as it looks by itself, in JSON, in a text of JSON within JSON, in a URL and in base64. */
function disguises(secret: string): readonly string[] {
  const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  return [secret, escaped(secret), escaped(escaped(secret)), encodeURIComponent(secret), base64];
}

/** What came of it: only UsherErrors may come out of a connector, everything else fails the test. */
export async function outcomeOf<T>(work: Promise<T>): Promise<T | UsherError> {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof UsherError) return thrown;
    throw thrown;
  }
}

/** The UsherError that must come of it. */
export async function failureOf(work: Promise<unknown>): Promise<UsherError> {
  const outcome = await outcomeOf(work);
  if (outcome instanceof UsherError) return outcome;
  throw new Error('An error was expected, and there was none.');
}
