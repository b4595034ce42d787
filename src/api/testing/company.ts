import { compoundKey } from '../../model/ids.ts';
import type { AccountRecord, AnyRecord, GrantRecord, GroupRecord, ResourceRecord } from '../../model/records.ts';
import { PAPER_ROLES } from './paper.ts';

/** A small invented company: people, groups, folders and who holds what. */

export function account(key: string, more: Partial<AccountRecord> = {}): AccountRecord {
  const email = `person.${key}@northwind.example`;
  return {
    kind: 'account',
    key,
    email,
    username: email,
    displayName: `Person ${key}`,
    givenName: null,
    familyName: null,
    status: 'active',
    isLocked: null,
    isService: null,
    mfa: null,
    roles: ['basic'],
    employeeNumber: null,
    createdAt: '2021-05-03T14:02:11.000Z',
    extra: {},
    volatile: { lastLoginAt: null, extra: {} },
    raw: { id: key },
    ...more,
  };
}

export function group(key: string): GroupRecord {
  return { kind: 'group', key, name: key, description: null, extra: {} };
}

export function folder(key: string, name: string): ResourceRecord {
  return { kind: 'resource', key, type: 'shared_folder', name, extra: {}, volatile: { extra: {} }, raw: { id: key } };
}

export function grant(
  holder: readonly [GrantRecord['holderKind'], string],
  target: readonly [GrantRecord['targetKind'], string],
  permission: string,
  more: Partial<GrantRecord> = {},
): GrantRecord {
  const path = more.path ?? '';
  return {
    kind: 'grant',
    key: compoundKey(holder.join(':'), target.join(':'), permission, path),
    holderKind: holder[0],
    holderKey: holder[1],
    targetKind: target[0],
    targetKey: target[1],
    permission,
    path,
    extra: {},
    ...more,
  };
}

const flags = (readonly: number, give: number, admin: number) => ({ readonly, give, can_administer: admin });

/** Seven accounts, two groups, two folders. */
export const company: readonly AnyRecord[] = [
  ...PAPER_ROLES,
  group('Engineering'),
  group('Zoë & Søren/Team'),
  account('101', { displayName: 'Ada Okonkwo', email: 'Ada@northwind.example', roles: ['admin'], mfa: ['totp'] }),
  account('102', { displayName: 'Lena Fischer', email: 'lena+x@northwind.example', roles: ['admin'], mfa: [] }),
  account('103', {
    displayName: 'Tomás Ruiz Ibarra',
    status: 'disabled',
    volatile: { lastLoginAt: '2026-01-02T03:04:05.000Z', extra: { score: 70 } },
    extra: { linked: 'other@example.net' },
  }),
  account('104', { displayName: 'Grace Kim', status: 'pending', createdAt: null }),
  account('105', { displayName: 'Émile Zola', employeeNumber: 'E-5' }),
  account('106', { displayName: 'chris_lee%' }),
  account('invited:priya@northwind.example', {
    displayName: null,
    email: 'priya@northwind.example',
    status: 'invited',
    createdAt: null,
  }),
  folder('900', 'Finance/Payroll'),
  folder('901', 'Shared'),
  grant(['account', '101'], ['group', 'Engineering'], 'member'),
  grant(['account', '102'], ['group', 'Engineering'], 'member'),
  grant(['account', '105'], ['group', 'Zoë & Søren/Team'], 'member'),
  grant(['account', '101'], ['role', 'admin'], 'holder'),
  grant(['account', '102'], ['role', 'admin'], 'holder'),
  grant(['account', '101'], ['resource', '900'], 'admin', { extra: flags(0, 1, 1) }),
  grant(['account', '102'], ['resource', '900'], 'editor', { extra: flags(1, 1, 0) }),
  grant(['account', '102'], ['resource', '900'], 'viewer', { path: 'group:Engineering', extra: flags(1, 0, 0) }),
  grant(['account', 'email:freelancer@gmail.example'], ['resource', '900'], 'viewer', { extra: flags(1, 0, 0) }),
  grant(['group', 'Engineering'], ['resource', '900'], 'viewer', { extra: flags(1, 0, 0) }),
  grant(['account', '105'], ['resource', '901'], 'viewer', { extra: flags(1, 0, 0) }),
];
