import { hash } from 'node:crypto';
import { z } from 'zod';
import { auditKindSchema, auditOutcomeSchema, type AuditEntry } from '../model/audit.ts';
import { canonicalText } from '../model/canonical.ts';
import { fold } from '../model/ids.ts';
import type { JsonValue } from '../model/records.ts';
import type { Vault } from '../secrets/vault.ts';
import type { ChainHead, EntryColumns, LinkedEntry } from '../store/audit/chain.ts';

export type Signer = Pick<Vault, 'sign' | 'isSigned'>;

const ENTRY = 'usher audit entry';
const HEAD = 'usher audit head';

/** Where linking goes on. */
export type Link = Pick<ChainHead, 'seq' | 'hash'>;

/** Links entries to what is before them, in their order. */
export function linkEntries(
  vault: Signer,
  chain: string,
  from: Link,
  contents: readonly string[],
): readonly LinkedEntry[] {
  let { seq, hash: before } = from;
  return contents.map((content) => {
    seq += 1;
    const linked = nextHash(before, content);
    before = linked;
    const mac = vault.sign(entryBytes(chain, seq, linked, digestOf(content)), ENTRY);
    return { seq, content, hash: linked, mac, ...columnsOf(content) };
  });
}

/** The hash of an entry: over the one before it ('' for the first) and its content. */
export function nextHash(before: string, content: string): string {
  return hash('sha256', before + content, 'hex');
}

/** What an entry's signature needs of its content. */
export function digestOf(content: string): string {
  return hash('sha256', content, 'hex');
}

/** Whether an entry of this hash and content was written by this Usher for this place. */
export function isEntryAt(
  vault: Signer,
  chain: string,
  seq: number,
  entry: { readonly hash: string; readonly digest: string; readonly mac: string },
): boolean {
  return vault.isSigned(entryBytes(chain, seq, entry.hash, entry.digest), ENTRY, entry.mac);
}

/** Signs a head. */
export function signHead(vault: Signer, chain: string, { seq, hash: at }: Link): string {
  return vault.sign(canonicalText({ chain, seq, hash: at }), HEAD);
}

/** Whether the database's head is one that this Usher wrote; an empty chain has none. */
export function isHeadSigned(vault: Signer, { chain, seq, hash: at, mac }: ChainHead): boolean {
  if (seq === 0) return at === '' && mac === '';
  return vault.isSigned(canonicalText({ chain, seq, hash: at }), HEAD, mac);
}

const contentSchema = z.looseObject({
  at: z.string(),
  kind: z.string(),
  action: z.string().default(''),
  outcome: z.string().default(''),
  summary: z.string().default(''),
  actor: z
    .object({
      id: z.string(),
      name: z.string(),
      kind: z.enum(['person', 'service', 'agent']),
      token: z.string().nullable(),
    })
    .nullable()
    .default(null),
  connection: z.string().nullable().default(null),
  subject: z.object({ kind: z.string(), key: z.string(), name: z.string().nullable() }).nullable().default(null),
  plan: z.string().nullable().default(null),
  run: z.string().nullable().default(null),
  ordinal: z.number().nullable().default(null),
  request: z.string().nullable().default(null),
  // JSON, as all of it is.
  details: z.custom<JsonValue>().default(null),
});

/** A stored entry as it was written; null where what is stored is none. */
export function parseEntry(content: string): AuditEntry | null {
  const parsed = contentSchema.safeParse(parsedJson(content));
  if (!parsed.success) return null;
  const { kind, outcome, ...rest } = parsed.data;
  const [known, ended] = [auditKindSchema.safeParse(kind), auditOutcomeSchema.safeParse(outcome)];
  return known.success && ended.success ? { ...rest, kind: known.data, outcome: ended.data } : null;
}

/** What lists are asked for of an entry. One that cannot be read is linked as it is, and found by its place alone. */
export function columnsOf(content: string): EntryColumns {
  const entry = parsedJson(content);
  const timeMs = Date.parse(textIn(entry, 'at') ?? '');
  const name = textIn(fieldIn(entry, 'subject'), 'name');
  return {
    at: new Date(Number.isNaN(timeMs) ? 0 : timeMs).toISOString(),
    kind: textIn(entry, 'kind') ?? 'audit',
    outcome: textIn(entry, 'outcome') ?? 'failed',
    actorId: textIn(fieldIn(entry, 'actor'), 'id'),
    connectionId: textIn(entry, 'connection'),
    subjectKey: textIn(fieldIn(entry, 'subject'), 'key'),
    subjectName: name === null ? null : fold(name),
    planId: textIn(entry, 'plan'),
    runId: textIn(entry, 'run'),
  };
}

function fieldIn(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : null;
}

/** Postgres keeps neither NUL nor lone surrogates in a text. */
function textIn(value: unknown, name: string): string | null {
  const text = fieldIn(value, name);
  return typeof text === 'string' ? text.replaceAll('\0', '').toWellFormed() : null;
}

function entryBytes(chain: string, seq: number, at: string, digest: string): string {
  return `${chain}\n${seq}\n${at}\n${digest}`;
}

/** The value of a JSON text; null for what is none. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
