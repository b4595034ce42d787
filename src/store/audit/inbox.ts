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
    // Elements of `json` keep their text: what is linked is what was written here, to the byte.
    text: 'insert into audit_inbox (content) select content::text from json_array_elements($1::json) with ordinality e(content, i) order by e.i',
    values: [JSON.stringify(entries.map((entry) => auditEntry({ ...origin, ...entry })))],
  });
}
