import type { AccountRecord } from '../../model/records.ts';
import type { AccountVersion } from '../../store/read/index.ts';

/** One step in an account's history. */
export interface HistoryEntry {
  readonly seen_from: string;
  readonly seen_to: string | null;
  readonly changes: Record<string, { before: unknown; after: unknown }>;
}

/** The fields of an account that make a version, in the words of `/v1`. */
const FIELDS: Readonly<Record<string, (record: AccountRecord) => unknown>> = {
  email: (record) => record.email,
  username: (record) => record.username,
  display_name: (record) => record.displayName,
  given_name: (record) => record.givenName,
  family_name: (record) => record.familyName,
  status: (record) => record.status,
  is_locked: (record) => record.isLocked,
  is_service: (record) => record.isService,
  mfa: (record) => record.mfa,
  roles: (record) => record.roles,
  employee_number: (record) => record.employeeNumber,
  created_at: (record) => record.createdAt,
  extra: (record) => record.extra,
};

/**
 * The versions of an account, newest first, each with what it changed against the one before it. The first version
 * changed nothing; one that follows a removal is compared with the version before that.
 */
export function accountHistory(versions: readonly AccountVersion[]): HistoryEntry[] {
  const entries = versions.map((version, at) => ({
    seen_from: version.seenFrom,
    seen_to: version.seenTo,
    changes: changesBetween(versions[at - 1]?.record, version.record),
  }));
  return entries.reverse();
}

function changesBetween(before: AccountRecord | undefined, after: AccountRecord): HistoryEntry['changes'] {
  if (before === undefined) return {};
  const changes: HistoryEntry['changes'] = {};
  for (const [field, valueOf] of Object.entries(FIELDS)) {
    const values = { before: valueOf(before), after: valueOf(after) };
    if (canonical(values.before) !== canonical(values.after)) changes[field] = values;
  }
  return changes;
}

/** JSON with sorted keys, so that equal values are equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
