import type { AuditEntry } from '../../model/audit.ts';
import { originNow } from './origin.ts';

type Fields = Readonly<Partial<Record<keyof AuditEntry, string>>>;

const NOW = `to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/**
 * The end of a statement that tells the audit log of the rows it wrote, in one go with them: `insert … select … from`.
 * Fields are SQL expressions over `from`; what is left out is null, the time now and the outcome `ok`.
 */
export function tellingAudit(from: string, fields: Fields): string {
  const all: Fields = { at: NOW, outcome: `'ok'`, ...fields };
  const pairs = FIELDS.map((field) => `'${field}', ${all[field] ?? 'null'}`);
  return `insert into audit_inbox (content) select json_build_object(${pairs.join(', ')})::text from ${from}`;
}

/** On whose behalf: the two parameters of such a statement, as JSON and as text. */
export function originParameters(): readonly [actor: string | null, request: string | null] {
  const { actor, request } = originNow();
  return [actor === null ? null : JSON.stringify(actor), request];
}

const FIELDS = [
  'at', 'kind', 'action', 'summary', 'outcome', 'actor', 'connection', 'subject', 'plan', 'run', 'ordinal', 'request',
  'details',
] as const satisfies readonly (keyof AuditEntry)[]; // prettier-ignore
