import { auditEntry, type NewAuditEntry } from '../../model/audit.ts';
import type { Queryable } from '../principals.ts';
import { originNow } from './origin.ts';

/**
 * Puts entries into the audit log's inbox, in the caller's transaction: they are there if, and only if, what they tell of
 * is. The chainer links them soon after the commit. Actor and request are those of the origin where an entry does not say.
 */
export async function addAuditEntries(on: Queryable, entries: readonly NewAuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const origin = originNow();
  await on.query({
    name: 'add_audit_entries',
    text: 'insert into audit_inbox (content) select content from json_array_elements_text($1::json) with ordinality e(content, i) order by e.i',
    values: [JSON.stringify(entries.map((entry) => JSON.stringify(auditEntry({ ...origin, ...entry }))))],
  });
}
