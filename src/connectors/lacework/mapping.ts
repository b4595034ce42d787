import { z } from 'zod';
import type {
  AccountRecord,
  DeferredAccount,
  Extra,
  GroupRecord,
  JsonValue,
  ResourceRecord,
  RoleRecord,
} from '../../model/records.ts';
import { ADMIN_GROUP, latest, type PersonRow, POWER_USER_GROUP, READ_ONLY_GROUP, type UserModel } from './people.ts';

export const SUB_ACCOUNT = 'sub_account';
export const RESOURCE_GROUP = 'resource_group';

/** What somebody may do in a sub-account, as its grant says: a role of one of the two models, or membership alone. */
export const SUB_ACCOUNT_PERMISSIONS = ['admin', 'power_user', 'read_only_user', 'user', 'member'] as const;

/** Lacework has no roles API (lacework/terraform-provider-lacework, issue 628): these are the ones it documents. */
export const ROLES: readonly RoleRecord[] = [
  role('org_admin', 'Organization administrator', 'Full rights in the organization and all its accounts', 'admin', 'organization'),
  role('org_user', 'Organization user', 'Reads organization and all its accounts; may be administrator of some', 'viewer', 'organization'),
  role('admin', 'Administrator', 'Full rights in a sub-account', 'admin', 'sub_account'),
  role('power_user', 'Power user', 'Writes all but access settings in a sub-account with RBAC', 'editor', 'sub_account'),
  role('read_only_user', 'Read-only user', 'Reads a sub-account with RBAC', 'viewer', 'sub_account'),
  role('user', 'User', 'Reads a sub-account with the older user model', 'viewer', 'sub_account'),
]; // prettier-ignore

/** The three groups every sub-account with RBAC has, under the same GUIDs; the role each of them gives. */
export const BUILT_IN_GROUPS: Readonly<Record<string, { readonly name: string; readonly role: string }>> = {
  [ADMIN_GROUP]: { name: 'Admin', role: 'admin' },
  [POWER_USER_GROUP]: { name: 'Power user', role: 'power_user' },
  [READ_ONLY_GROUP]: { name: 'Read-only user', role: 'read_only_user' },
};

/** The older model has no groups; its two roles in a sub-account are shown as such, and are joined and left as such. */
export const LEGACY_GROUPS: Readonly<Record<string, { readonly name: string; readonly role: string }>> = {
  ACCOUNT_ADMIN: { name: 'Account administrators', role: 'admin' },
  ACCOUNT_USER: { name: 'Account users', role: 'user' },
};

/** The key of a group: GUIDs of the built-in ones are the same in every sub-account. */
export function groupKey(subAccount: string, guid: string): string {
  return `${subAccount}/${guid}`;
}

/** Sub-account and GUID of a group's key; null where it is none. */
export function groupOfKey(key: string): { readonly subAccount: string; readonly guid: string } | null {
  const at = key.indexOf('/');
  return at <= 0 || at === key.length - 1 ? null : { subAccount: key.slice(0, at), guid: key.slice(at + 1) };
}

/** A group of a sub-account; `name` as the app tells it. */
export function toGroup(subAccount: string, model: UserModel, guid: string, name: string): GroupRecord {
  const known = (model === 'legacy' ? LEGACY_GROUPS : BUILT_IN_GROUPS)[guid];
  return {
    kind: 'group',
    key: groupKey(subAccount, guid),
    name: `${known?.name ?? name} (${subAccount})`,
    description:
      known === undefined
        ? `User group of sub-account ${subAccount}, made in the console`
        : model === 'legacy'
          ? `Everybody with this role in sub-account ${subAccount}`
          : `Built-in user group of sub-account ${subAccount}`,
    extra: { sub_account: subAccount, guid, is_built_in: known !== undefined },
  };
}

/** A sub-account as something to have access to. */
export function toSubAccount(
  name: string,
  told: { readonly custGuid: string; readonly isPrimary: boolean; readonly model: UserModel | null },
): ResourceRecord {
  return {
    kind: 'resource',
    key: name,
    type: SUB_ACCOUNT,
    name,
    extra: {
      ...(told.custGuid === '' ? {} : { cust_guid: told.custGuid }),
      is_primary: told.isPrimary,
      ...(told.model === null ? {} : { user_model: told.model }),
    },
    volatile: { extra: {} },
  };
}

const membershipSchema = z.object({
  status: z.enum(['invited', 'active', 'disabled']),
  role: z.enum(SUB_ACCOUNT_PERMISSIONS).nullable(),
  user_guid: z.string(),
  user_model: z.enum(['legacy', 'rbac']),
  cust_guid: z.string().optional(),
});
/** What an account record tells of its person in one sub-account. */
export type SubAccountMembership = z.output<typeof membershipSchema>;
const membershipsSchema = z.record(z.string(), membershipSchema);

/** The sub-accounts a person or service user is in, by name; empty for a record of another making. */
export function subAccountsOf(account: Pick<AccountRecord, 'extra'>): Readonly<Record<string, SubAccountMembership>> {
  const parsed = membershipsSchema.safeParse(account.extra['sub_accounts']);
  return parsed.success ? parsed.data : {};
}

/**
 * A person over all sub-accounts it is in, or a service user: one account, the same whatever the order in which its rows
 * came. `raw` decides all of it.
 */
export class Person implements DeferredAccount {
  readonly key: string;
  readonly raw: unknown;
  /** One a sub-account, by its name. */
  readonly rows: readonly PersonRow[];
  #mapped: AccountRecord | undefined;

  /** `rows` are all of one key, at least one. */
  constructor(key: string, rows: readonly PersonRow[]) {
    this.key = key;
    const bySubAccount = new Map<string, PersonRow>();
    for (const row of rows.toSorted(byStrength)) {
      if (!bySubAccount.has(row.subAccount)) bySubAccount.set(row.subAccount, row);
    }
    this.rows = [...bySubAccount.values()].sort((a, b) => byCode(a.subAccount, b.subAccount));
    this.raw = Object.fromEntries(this.rows.map((row) => [row.subAccount, row.raw]));
  }

  /** A row of TeamUsers does not say of which account it is; the rest follows from the rows. */
  get mappedBy(): string {
    let told = '';
    for (const row of this.rows) if (row.model === 'rbac') told += `${row.subAccount}:${row.custGuid} `;
    return told;
  }

  map(): AccountRecord {
    return (this.#mapped ??= this.#map());
  }

  #map(): AccountRecord {
    const { rows } = this;
    const first = <Value>(of: (row: PersonRow) => Value | null): Value | null => {
      for (const row of rows) {
        const value = of(row);
        if (value !== null) return value;
      }
      return null;
    };
    const email = first((row) => row.email);
    const isService = rows.some((row) => row.isService);
    return {
      kind: 'account',
      key: this.key,
      email,
      username: email ?? first((row) => row.displayName),
      displayName: first((row) => row.displayName),
      givenName: first((row) => row.givenName),
      familyName: first((row) => row.familyName),
      status: statusOver(rows),
      isLocked: null,
      // The older model knows people only, and does not say so.
      isService: isService ? true : rows.some((row) => row.model === 'rbac') ? false : null,
      mfa: null,
      roles: rolesOf(rows),
      employeeNumber: null,
      createdAt: rows.reduce<string | null>((earliest, { createdAt }) => earlier(earliest, createdAt), null),
      extra: extraOf(rows, first),
      volatile: { lastLoginAt: lastOf(rows, ({ lastLoginAt }) => lastLoginAt), extra: volatileOf(rows) },
      raw: this.raw,
    };
  }
}

/** Of several rows of a person in one sub-account, which there should not be, the one that lets it do more. */
function byStrength(a: PersonRow, b: PersonRow): number {
  if (a.isEnabled !== b.isEnabled) return a.isEnabled ? -1 : 1;
  if (a.isAdmin !== b.isAdmin) return a.isAdmin ? -1 : 1;
  return byCode(a.userGuid, b.userGuid) || byCode(JSON.stringify(a.raw), JSON.stringify(b.raw));
}

/** Active where it is active anywhere; disabled only where it is disabled everywhere. */
function statusOver(rows: readonly PersonRow[]): AccountRecord['status'] {
  if (rows.some(({ status }) => status === 'active')) return 'active';
  return rows.some(({ status }) => status === 'invited') ? 'invited' : 'disabled';
}

/** The strongest thing a person is in a sub-account; null: it is listed there and has no rights. */
export function permissionOf(row: PersonRow): (typeof SUB_ACCOUNT_PERMISSIONS)[number] | null {
  if (row.orgRole === 'org_admin' || row.isAdmin) return 'admin';
  if (row.model === 'legacy') return 'user';
  if (row.groups.some(({ guid }) => guid === POWER_USER_GROUP)) return 'power_user';
  if (row.orgRole === 'org_user' || row.groups.some(({ guid }) => guid === READ_ONLY_GROUP)) return 'read_only_user';
  return row.groups.length > 0 ? 'member' : null;
}

function rolesOf(rows: readonly PersonRow[]): readonly string[] {
  const roles = new Set<string>();
  for (const row of rows) {
    if (row.orgRole !== null) roles.add(row.orgRole);
    const permission = permissionOf(row);
    if (permission !== null && permission !== 'member') roles.add(permission);
  }
  return [...roles].sort();
}

function extraOf(rows: readonly PersonRow[], first: <V>(of: (row: PersonRow) => V | null) => V | null): Extra {
  const company = first((row) => row.company);
  const description = first((row) => row.description);
  const subAccounts: Record<string, JsonValue> = {};
  for (const row of rows) {
    subAccounts[row.subAccount] = {
      ...(row.custGuid === '' ? {} : { cust_guid: row.custGuid }),
      role: permissionOf(row),
      status: row.status,
      user_guid: row.userGuid,
      user_model: row.model,
    };
  }
  return {
    ...(company === null ? {} : { company }),
    ...(description === null ? {} : { description }),
    ...(rows.some(({ isJitCreated }) => isJitCreated) ? { jit_created: true } : {}),
    sub_accounts: subAccounts,
  };
}

function volatileOf(rows: readonly PersonRow[]): Extra {
  const updatedAt = lastOf(rows, (row) => row.updatedAt);
  const logins = rows.flatMap(({ subAccount, lastLoginAt }) =>
    lastLoginAt === null ? [] : [[subAccount, lastLoginAt] as const],
  );
  return {
    ...(rows.length > 1 && logins.length > 0 ? { last_logins: Object.fromEntries(logins) } : {}),
    ...(updatedAt === null ? {} : { updated_at: updatedAt }),
  };
}

function lastOf(rows: readonly PersonRow[], of: (row: PersonRow) => string | null): string | null {
  return rows.reduce<string | null>((last, row) => latest(last, of(row)), null);
}

function earlier(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

/** A text among a record's own values; null where there is none. */
export function textIn(extra: Extra, name: string): string | null {
  const value = extra[name];
  return typeof value === 'string' ? value : null;
}

/** By code units: the same everywhere, whatever the locale. */
export function byCode(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function role(key: string, name: string, description: string, type: string, level: string): RoleRecord {
  return { kind: 'role', key, name, description, type, extra: { level } };
}
