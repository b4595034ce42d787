import { createHash } from 'node:crypto';
import { invalidInput } from '../model/errors.ts';

const PREFIX = 'ush_';

/** A new token: 256 random bits behind a prefix that scanners for leaked secrets can know. */
export function newToken(random: (bytes: number) => Buffer): string {
  return `${PREFIX}${random(32).toString('base64url')}`;
}

/**
 * What is kept of a token. A plain SHA-256 is enough for 256 random bits, and the row is found by it: nothing of a token
 * is compared byte by byte.
 */
export function hashToken(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The first characters, to tell tokens apart in a list; one that somebody chose shows nothing of itself. */
export function hintOf(text: string): string {
  return text.startsWith(PREFIX) && text.length > 40 ? text.slice(0, 8) : '••••';
}

/** Throws `invalidInput` where a token that somebody chose (USHER_ADMIN_TOKEN) could be guessed or not be sent. */
export function checkTokenText(text: string): string {
  if (!/^[\x21-\x7e]{20,200}$/.test(text)) {
    throw invalidInput(
      'USHER_ADMIN_TOKEN',
      'The token in USHER_ADMIN_TOKEN needs 20 to 200 printable ASCII characters without spaces.',
      'Make one with: openssl rand -base64 32',
    );
  }
  return text;
}
