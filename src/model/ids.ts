import { z } from 'zod';

/** The verbs of the CLI: a connection named like one would make commands ambiguous. */
const RESERVED_SLUGS = new Set([
  'serve', 'worker', 'demo', 'connect', 'connections', 'sync', 'status', 'confirm', 'accounts', 'credentials', 'actions', 'call', 'plan',
  'runs', 'events', 'audit', 'principals', 'token', 'secret', 'simulate', 'doctor', 'backup', 'restore', 'thaw', 'key',
  'identities', 'access', 'findings', 'policy', 'reconcile', 'webhooks', 'scim', 'mcp', 'list', 'show', 'test', 'edit',
  'remove', 'help', 'all',
]); // prettier-ignore

/** A connection's id: a slug people type (`lastpass`, `lacework-prod`). */
export const connectionIdSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'Use 1 to 63 of a-z, 0-9 and -, not starting or ending with -.')
  .refine((slug) => !RESERVED_SLUGS.has(slug), 'That name is a command of the CLI; choose another.');

/** What needs normalising at all: plain ASCII is in NFC and well-formed. */
const BEYOND_ASCII = /[^\u0000-\u007f]/;

/**
 * Folds a name or an e-mail address for comparison: Unicode NFC, then lower case, so that keys compare by plain
 * equality and never by the database's locale. Lone surrogates are replaced, as UTF-8 cannot hold them.
 */
export function fold(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text.toLowerCase(); // nearly always, and ten times as fast
  return text.toWellFormed().normalize('NFC').toLowerCase();
}

/** Joins the parts of a compound key so that no part can be mistaken for a separator. */
export function compoundKey(...parts: readonly string[]): string {
  return parts.map((part) => encodeURIComponent(part.toWellFormed())).join(' ');
}
