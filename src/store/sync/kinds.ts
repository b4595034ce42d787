import { fold } from '../../model/ids.ts';
import type { JsonValue, RecordKind, RecordOf } from '../../model/records.ts';

/** One typed column: its name and type in the tables, and how a record fills it. */
export type Column<K extends RecordKind> =
  | { readonly name: string; readonly type: 'text' | 'timestamptz'; value(record: RecordOf<K>): string | null }
  | { readonly name: string; readonly type: 'text[]'; value(record: RecordOf<K>): readonly string[] | null }
  | { readonly name: string; readonly type: 'boolean'; value(record: RecordOf<K>): boolean | null }
  | { readonly name: string; readonly type: 'jsonb'; value(record: RecordOf<K>): JsonValue }
  /** What the app sent, parsed from its JSON: kept as text, nobody asks for its fields. */
  | { readonly name: string; readonly type: 'json'; value(record: RecordOf<K>): unknown };

/** All that the statements of `store/sync` need to know of a kind. */
export interface KindDescription<K extends RecordKind> {
  readonly kind: K;
  /** The table's name as SQL (`"group"` is a reserved word). */
  readonly table: string;
  readonly columns: readonly Column<K>[];
  /** Columns of the side table of values that change without meaning; empty where the kind has none. */
  readonly volatile: readonly Column<K>[];
  /** The fields that make a version, with keys in sorted order: their JSON is hashed. */
  content(record: RecordOf<K>): { readonly [field: string]: JsonValue };
  /** Columns an event of a new or removed record carries. */
  readonly eventColumns: readonly string[];
}

const foldOrNull = (text: string | null): string | null => (text === null ? null : fold(text));

const account: KindDescription<'account'> = {
  kind: 'account',
  table: 'account',
  columns: [
    { name: 'email', type: 'text', value: (a) => a.email },
    { name: 'email_folded', type: 'text', value: (a) => foldOrNull(a.email) },
    { name: 'username', type: 'text', value: (a) => a.username },
    { name: 'display_name', type: 'text', value: (a) => a.displayName },
    { name: 'given_name', type: 'text', value: (a) => a.givenName },
    { name: 'family_name', type: 'text', value: (a) => a.familyName },
    { name: 'status', type: 'text', value: (a) => a.status },
    { name: 'is_locked', type: 'boolean', value: (a) => a.isLocked },
    { name: 'is_service', type: 'boolean', value: (a) => a.isService },
    { name: 'mfa', type: 'text[]', value: (a) => a.mfa },
    { name: 'roles', type: 'text[]', value: (a) => a.roles },
    { name: 'employee_number', type: 'text', value: (a) => a.employeeNumber },
    { name: 'created_at', type: 'timestamptz', value: (a) => a.createdAt },
    { name: 'extra', type: 'jsonb', value: (a) => a.extra },
  ],
  volatile: [
    { name: 'last_login_at', type: 'timestamptz', value: (a) => a.volatile.lastLoginAt },
    { name: 'volatile_extra', type: 'jsonb', value: (a) => a.volatile.extra },
    { name: 'raw', type: 'json', value: ({ raw }) => raw },
  ],
  content: (a) => ({
    createdAt: a.createdAt,
    displayName: a.displayName,
    email: a.email,
    employeeNumber: a.employeeNumber,
    extra: a.extra,
    familyName: a.familyName,
    givenName: a.givenName,
    isLocked: a.isLocked,
    isService: a.isService,
    mfa: a.mfa,
    roles: a.roles,
    status: a.status,
    username: a.username,
  }),
  eventColumns: ['email', 'display_name', 'status', 'roles'],
};

const group: KindDescription<'group'> = {
  kind: 'group',
  table: '"group"',
  columns: [
    { name: 'name', type: 'text', value: (g) => g.name },
    { name: 'name_folded', type: 'text', value: (g) => fold(g.name) },
    { name: 'description', type: 'text', value: (g) => g.description },
    { name: 'extra', type: 'jsonb', value: (g) => g.extra },
  ],
  volatile: [],
  content: (g) => ({ description: g.description, extra: g.extra, name: g.name }),
  eventColumns: ['name'],
};

const role: KindDescription<'role'> = {
  kind: 'role',
  table: 'role',
  columns: [
    { name: 'name', type: 'text', value: (r) => r.name },
    { name: 'description', type: 'text', value: (r) => r.description },
    { name: 'type', type: 'text', value: (r) => r.type },
    { name: 'extra', type: 'jsonb', value: (r) => r.extra },
  ],
  volatile: [],
  content: (r) => ({ description: r.description, extra: r.extra, name: r.name, type: r.type }),
  eventColumns: ['name', 'type'],
};

const resource: KindDescription<'resource'> = {
  kind: 'resource',
  table: 'resource',
  columns: [
    { name: 'type', type: 'text', value: (r) => r.type },
    { name: 'name', type: 'text', value: (r) => r.name },
    { name: 'name_folded', type: 'text', value: (r) => fold(r.name) },
    { name: 'extra', type: 'jsonb', value: (r) => r.extra },
  ],
  volatile: [
    { name: 'volatile_extra', type: 'jsonb', value: (r) => r.volatile.extra },
    { name: 'raw', type: 'json', value: ({ raw }) => raw },
  ],
  content: (r) => ({ extra: r.extra, name: r.name, type: r.type }),
  eventColumns: ['type', 'name'],
};

const grant: KindDescription<'grant'> = {
  kind: 'grant',
  table: '"grant"',
  columns: [
    { name: 'holder_kind', type: 'text', value: (g) => g.holderKind },
    { name: 'holder_key', type: 'text', value: (g) => g.holderKey },
    { name: 'target_kind', type: 'text', value: (g) => g.targetKind },
    { name: 'target_key', type: 'text', value: (g) => g.targetKey },
    { name: 'permission', type: 'text', value: (g) => g.permission },
    { name: 'path', type: 'text', value: (g) => g.path },
    { name: 'extra', type: 'jsonb', value: (g) => g.extra },
  ],
  volatile: [],
  // Everything else of a grant is in its key.
  content: (g) => ({ extra: g.extra }),
  eventColumns: ['holder_kind', 'holder_key', 'target_kind', 'target_key', 'permission', 'path'],
};

const SECRET_FIELD = /(?:secret|password|private_?key|token)$/i;

/** What an app sent of a credential, should it ever send with it what makes it one. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  const masked = ([name, item]: [string, unknown]): [string, unknown] =>
    typeof item === 'string' && SECRET_FIELD.test(name) ? [name, '••••'] : [name, withoutSecrets(item)];
  return Object.fromEntries(Object.entries(value).map(masked));
}

const credential: KindDescription<'credential'> = {
  kind: 'credential',
  table: 'credential',
  columns: [
    { name: 'type', type: 'text', value: (c) => c.type },
    { name: 'name', type: 'text', value: (c) => c.name },
    { name: 'name_folded', type: 'text', value: (c) => fold(c.name) },
    { name: 'owner_key', type: 'text', value: (c) => c.ownerKey },
    { name: 'is_enabled', type: 'boolean', value: (c) => c.isEnabled },
    { name: 'created_at', type: 'timestamptz', value: (c) => c.createdAt },
    { name: 'expires_at', type: 'timestamptz', value: (c) => c.expiresAt },
    { name: 'extra', type: 'jsonb', value: (c) => c.extra },
  ],
  volatile: [
    { name: 'last_used_at', type: 'timestamptz', value: (c) => c.volatile.lastUsedAt },
    { name: 'volatile_extra', type: 'jsonb', value: (c) => c.volatile.extra },
    { name: 'raw', type: 'json', value: ({ raw }) => withoutSecrets(raw) },
  ],
  content: (c) => ({
    createdAt: c.createdAt,
    expiresAt: c.expiresAt,
    extra: c.extra,
    isEnabled: c.isEnabled,
    name: c.name,
    ownerKey: c.ownerKey,
    type: c.type,
  }),
  eventColumns: ['type', 'name', 'owner_key', 'is_enabled'],
};

/** The kinds in the order in which they are committed: what is referred to comes first. */
export const KINDS = { role, group, resource, account, grant, credential } as const;

/** The description of a kind. */
export function kindDescription<K extends RecordKind>(kind: K): KindDescription<K> {
  const descriptions: { readonly [Key in RecordKind]: KindDescription<Key> } = KINDS;
  return descriptions[kind];
}

/** All kinds in commit order. */
export const COMMIT_ORDER: readonly RecordKind[] = ['role', 'group', 'resource', 'account', 'grant', 'credential'];

/** The kinds that these collections may yield, in commit order: only their tables have anything to do with a run. */
export function yieldedKinds(
  collections: readonly { readonly yields: readonly RecordKind[] }[],
): readonly RecordKind[] {
  return COMMIT_ORDER.filter((kind) => collections.some(({ yields }) => yields.includes(kind)));
}

/**
 * The collection that a record of a kind belongs to when it was read on its own: that of the accounts where it yields
 * the kind, else the first that does. That of the accounts where none does.
 */
export function collectionOfKind(
  collections: readonly { readonly id: string; readonly yields: readonly RecordKind[] }[],
  kind: RecordKind,
): string {
  const accounts = collections.find(({ yields }) => yields.includes('account'));
  const own = accounts?.yields.includes(kind) ? accounts : collections.find(({ yields }) => yields.includes(kind));
  return (own ?? accounts)?.id ?? '';
}
