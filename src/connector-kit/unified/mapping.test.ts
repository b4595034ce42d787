import { describe, expect, test } from 'vitest';
import type { AccountRecord, GrantRecord, ResourceRecord } from '../../model/records.ts';
import { toIamPolicy, toResourceUser } from './access-mapping.ts';
import { toIamCredentials, toIamGroup, toIamRole, toIamUser } from './mapping.ts';
import type { UnifiedShape } from './shape.ts';
import { iamCredentialsSchema, iamGroupSchema, iamPolicySchema, iamRoleSchema, iamUserSchema } from './models.ts';
import { toIamPermission } from './permission-mapping.ts';
import { RecordIndex } from './record-index.ts';

const shape: UnifiedShape = {
  userId: 'email',
  roles: [{ kind: 'role', key: 'admin', name: 'Administrator', description: null, type: 'admin', extra: {} }],
  unknownRoleStatus: 400,
  resourceTypes: ['shared_folder'],
  resourcesArePolicies: true,
};

const lena: AccountRecord = {
  kind: 'account', key: '42', email: 'Lena@Northwind.example', username: 'lena', displayName: 'Lena Fischer',
  givenName: null, familyName: null, status: 'active', isLocked: true, isService: false, mfa: ['totp', 'palmistry'],
  roles: ['admin', 'wizard'], employeeNumber: 'E7', createdAt: '2021-05-03T14:02:11.000Z', extra: { linked: true },
  volatile: { lastLoginAt: null, extra: {} },
}; // prettier-ignore

const folder: ResourceRecord = {
  kind: 'resource', key: '900', type: 'shared_folder', name: 'Payroll', extra: {}, volatile: { extra: {} },
}; // prettier-ignore

const grant = (more: Partial<GrantRecord>): GrantRecord => ({
  kind: 'grant', key: JSON.stringify(more), holderKind: 'account', holderKey: '42', targetKind: 'resource',
  targetKey: '900', permission: 'viewer', path: '', extra: {}, ...more,
}); // prettier-ignore

const user = (more: Partial<AccountRecord> = {}, of: UnifiedShape = shape) => {
  const account = { ...lena, ...more };
  return toIamUser(of, new RecordIndex(of, [account]).userParts(account), 'T1');
};

describe('users', () => {
  test('are what the SDK accepts, with enum objects and ids as text', () => {
    const shown = user();
    expect(iamUserSchema.parse(shown)).toEqual(shown);
    expect(shown).toMatchObject({
      id: 'lena@northwind.example',
      primary_email_address: 'Lena@Northwind.example',
      status: { value: 'enabled', source_value: 'active' },
      multi_factor_enabled: [
        { value: 'totp', source_value: 'totp' },
        { value: 'unmapped_value', source_value: 'palmistry' },
      ],
      roles: [
        { id: 'admin', type: { value: 'admin' } },
        { id: 'wizard', type: { value: 'unmapped_value' } },
      ],
      updated_at: null,
      unified_custom_fields: { account_id: '42', locked: true, employee_number: 'E7', linked: true },
    });
  });

  test('are enabled, disabled or pending', () => {
    const status = (of: AccountRecord['status']) => user({ status: of }).status;
    expect(status('invited')).toEqual({ value: 'pending', source_value: 'invited' });
    expect(status('pending')).toEqual({ value: 'pending', source_value: 'pending' });
    expect(status('disabled')).toEqual({ value: 'disabled', source_value: 'disabled' });
  });

  test('no second factor and an app that does not tell are different', () => {
    expect(user({ mfa: [] }).multi_factor_enabled).toEqual([]);
    expect(user({ mfa: null }).multi_factor_enabled).toBeNull();
  });

  test('are known by their key where the app has no address or its trait says so', () => {
    expect(user({ email: null }).id).toBe('42');
    expect(user({}, { ...shape, userId: 'key' }).id).toBe('42');
  });
});

test("a grant's raw flags stand in source_value, and decide what it allows where the connector tells", () => {
  const flags = { readonly: 1, give: 1, can_administer: 0 };
  const held = { grant: grant({ permission: 'editor', extra: flags }), resource: folder };
  expect(toIamPermission(shape, held).type).toEqual({ value: 'read_write', source_value: flags });
  const careful: UnifiedShape = {
    ...shape,
    actionsOf: ({ extra }) => (extra['readonly'] === 1 ? ['read'] : ['read', 'write']),
  };
  expect(toIamPermission(careful, held).type).toEqual({ value: 'read', source_value: flags });
  expect(toIamPermission(shape, { ...held, grant: grant({ permission: 'odd' }) }).type).toEqual({
    value: 'unmapped_value',
    source_value: 'odd',
  });
});

test('a policy is one permission for each distinct way of holding, with how many hold it so', () => {
  const flags = { readonly: 1 };
  const grants = [
    grant({ extra: flags }),
    grant({ extra: flags, holderKey: '43' }),
    grant({ extra: flags, path: 'group:A' }),
    grant({ permission: 'admin', holderKind: 'group', holderKey: 'A' }),
  ];
  const policy = toIamPolicy(shape, folder, grants, new Set(['permissions']));
  expect(iamPolicySchema.parse(policy)).toEqual(policy);
  expect(policy.permissions?.map(({ id, unified_custom_fields: custom }) => [id, custom?.['holders']])).toEqual([
    ['admin', 1],
    ['viewer', 2],
  ]);
  expect(toIamPolicy(shape, folder, grants)).not.toHaveProperty('permissions');
});

test('a holder of a resource has a role for each way, direct ones first, scoped to the resource', () => {
  const grants = [grant({ path: 'group:A' }), grant({ permission: 'admin' })];
  const row = toResourceUser(shape, folder, { kind: 'account', account: lena }, grants, 'T1');
  expect(iamUserSchema.parse(row)).toEqual(row);
  expect(row.roles).toMatchObject([
    { id: 'admin', scope: { resource_type: 'shared_folder', resource_id: '900' } },
    { id: 'viewer', unified_custom_fields: { path: 'group:A' } },
  ]);
  const type = (kind: 'address' | 'unmatched') => {
    return toResourceUser(shape, folder, { kind, key: 'email:a@b.example' }, grants, null);
  };
  expect(type('unmatched')).toMatchObject({
    id: 'a@b.example',
    unified_custom_fields: { principal_type: 'unmatched' },
  });
  expect(type('address').unified_custom_fields).toMatchObject({ principal_type: 'user' });
});

test('groups, roles and credentials are what the SDK accepts', () => {
  const group = toIamGroup({ kind: 'group', key: 'A', name: 'A', description: null, extra: {} }, 'T1', [user()]);
  expect(iamGroupSchema.parse(group)).toEqual(group);
  const role = toIamRole(
    { kind: 'role', key: 'x', name: 'X', description: null, type: 'guest', extra: {} },
    new Set(['policies']),
  );
  expect(iamRoleSchema.parse(role)).toEqual(role);
  const tenant = { organizations: [], credentials: { name: 'Company 1', authType: 'api_key' as const } };
  const me = toIamCredentials(tenant, '2026-03-02T10:15:00.000Z');
  expect(iamCredentialsSchema.parse(me)).toEqual(me);
});

test('a holder named by address is the account with that address, and unmatched where the accounts are known', () => {
  const byEmail = grant({ holderKey: 'email:lena@northwind.example' });
  const stranger = grant({ holderKey: 'email:stranger@example.net' });
  const kinds = (records: ConstructorParameters<typeof RecordIndex>[1]) => {
    return new RecordIndex(shape, records).holdersOf('900').map(({ holder }) => holder.kind);
  };
  expect(kinds([lena, folder, byEmail, stranger])).toEqual(['account', 'unmatched']);
  expect(kinds([folder, stranger])).toEqual(['address']);
  const twice = new RecordIndex(shape, [lena, folder, byEmail, grant({ permission: 'admin' })]).holdersOf('900');
  expect(twice.map(({ grants }) => grants.length)).toEqual([2]);
});
