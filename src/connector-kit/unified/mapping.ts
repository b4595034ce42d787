import { fold } from '../../model/ids.ts';
import type { AccountRecord, AccountStatus, GroupRecord, RoleRecord } from '../../model/records.ts';
import type { TenantDescription } from '../connector.ts';
import { MFA_TYPES, ROLE_TYPES } from './models.ts';
import type { IamCredentials, IamGroup, IamOrganization, IamRole, IamUser } from './models.ts';
import { splitFullName } from './names.ts';
import { toIamPermission } from './permission-mapping.ts';
import { NOTHING } from './shape.ts';
import type { Expansions, Observation, UnifiedShape, UserParts } from './shape.ts';
import { enumOf, observed } from './words.ts';

/** The unified id of an account: its folded e-mail address or its key, as the connector's traits say. */
export function userId(shape: UnifiedShape, account: Pick<AccountRecord, 'key' | 'email'>): string {
  return shape.userId === 'email' && account.email !== null ? fold(account.email) : account.key;
}

/**
 * An account as an IamUser. `roles` and `groups` are always there as short references; `expand` gives their full
 * objects. `updated_at` is left null: no app tells it, and our own observation is `unified_custom_fields.last_changed_at`.
 */
export function toIamUser(
  shape: UnifiedShape,
  parts: UserParts,
  organizationId: string | null,
  expand: Expansions = NOTHING,
): IamUser {
  const { account } = parts;
  const id = userId(shape, account);
  const names = splitFullName(account);
  return {
    id,
    remote_id: id,
    first_name: names.first,
    last_name: names.last,
    name: account.displayName,
    primary_email_address: account.email,
    username: account.username,
    roles: parts.roles.map((role) => (expand.has('roles') ? toIamRole(role) : roleReference(role))),
    groups: parts.groups.map((group) => {
      return expand.has('groups') ? toIamGroup(group, organizationId) : groupReference(group);
    }),
    ...(expand.has('permissions') && { permissions: (parts.access ?? []).map((each) => toIamPermission(shape, each)) }),
    status: { value: UNIFIED_STATUS[account.status], source_value: account.status },
    avatar: null,
    is_bot_user: account.isService,
    organization_id: organizationId,
    last_active_at: null,
    last_login_at: account.volatile.lastLoginAt,
    created_at: account.createdAt,
    updated_at: null,
    multi_factor_enabled: account.mfa?.map((kind) => enumOf(kind, MFA_TYPES)) ?? null,
    unified_custom_fields: {
      account_id: account.key,
      ...(account.isLocked !== null && { locked: account.isLocked }),
      ...(account.employeeNumber !== null && { employee_number: account.employeeNumber }),
      ...observed(parts.observation),
      ...account.extra,
    },
  };
}

const UNIFIED_STATUS: Readonly<Record<AccountStatus, string>> = {
  invited: 'pending',
  pending: 'pending',
  active: 'enabled',
  disabled: 'disabled',
};

/** A group as an IamGroup; `users` only where they are given (`expand=users`). */
export function toIamGroup(
  group: GroupRecord,
  organizationId: string | null,
  users?: readonly IamUser[],
  observation?: Observation,
): IamGroup {
  return {
    ...groupReference(group),
    description: group.description,
    parent_id: null,
    remote_parent_id: null,
    organization_id: organizationId,
    roles: [],
    created_at: null,
    updated_at: null,
    ...(users && { users: [...users] }),
    unified_custom_fields: { ...observed(observation), ...group.extra },
  };
}

/** A role as an IamRole; a role's policies and permissions are empty lists when asked for: no app Usher reads tells them. */
export function toIamRole(role: RoleRecord, expand: Expansions = NOTHING, observation?: Observation): IamRole {
  return {
    ...roleReference(role),
    description: role.description,
    ...(expand.has('policies') && { policies: [] }),
    ...(expand.has('permissions') && { permissions: [] }),
    created_at: null,
    updated_at: null,
    unified_custom_fields: { ...observed(observation), ...role.extra },
  };
}

/** The tenants of a connection as IamOrganizations. */
export function toIamOrganizations(tenant: TenantDescription): IamOrganization[] {
  return tenant.organizations.map(({ id, name }) => {
    return { id, remote_id: id, name, created_at: null, updated_at: null };
  });
}

/** The credentials of a connection as IamCredentials; `lastAccessedAt`: when the app was last spoken to, ISO 8601. */
export function toIamCredentials(tenant: TenantDescription, lastAccessedAt: string | null): IamCredentials {
  const { name, authType } = tenant.credentials;
  return {
    name,
    auth_type: { value: authType, source_value: authType },
    scopes: [],
    permissions: [],
    last_accessed_at: lastAccessedAt,
    user: null,
  };
}

function roleReference(role: RoleRecord): IamRole {
  return { id: role.key, remote_id: role.key, name: role.name, type: enumOf(role.type, ROLE_TYPES) };
}

function groupReference(group: GroupRecord) {
  return { id: group.key, remote_id: group.key, name: group.name, type: { value: 'group', source_value: 'group' } };
}
