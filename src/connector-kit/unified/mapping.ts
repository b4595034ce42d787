import type {
  AccountRecord,
  AccountStatus,
  GrantRecord,
  GroupRecord,
  ResourceRecord,
  RoleRecord,
} from '../../model/records.ts';
import { fold } from '../../model/ids.ts';
import type { TenantDescription, UnifiedTraits } from '../connector.ts';
import { MFA_TYPES, RESOURCE_TYPES, ROLE_TYPES } from './models.ts';
import type {
  IamCredentials, IamGroup, IamOrganization, IamPermission, IamPolicy, IamResource, IamRole, IamUser,
} from './models.ts'; // prettier-ignore
import { splitFullName } from './names.ts';

/** What of a connector decides how its records look; the same for the snapshot and for live reads. */
export type UnifiedShape = Omit<UnifiedTraits<never>, 'describe'>;

/** What the snapshot knows about a record beside the record; absent on live reads. */
export interface Observation {
  /** When this version was first seen. ISO 8601, UTC. */
  readonly seenFrom: string;
  /** Since when a pull no longer finds it, while that is not confirmed. */
  readonly missingSince: string | null;
}

/** A grant on a resource, with the resource where it is known. */
export interface Access {
  readonly grant: GrantRecord;
  readonly resource: ResourceRecord | null;
}

/** All that an IamUser is made from. */
export interface UserParts {
  readonly account: AccountRecord;
  readonly roles: readonly RoleRecord[];
  readonly groups: readonly GroupRecord[];
  readonly access?: readonly Access[];
  readonly observation?: Observation;
}

/**
 * Who holds a grant: a known account, a group, an address whose account is not at hand, or one that no account of the
 * connection has (`unmatched`).
 */
export type Holder =
  | { readonly kind: 'account'; readonly account: AccountRecord }
  | { readonly kind: 'group'; readonly key: string; readonly group: GroupRecord | null }
  | { readonly kind: 'address' | 'unmatched'; readonly key: string };

/** `expand` names that add something; others are accepted where the contract says they have no effect. */
export type Expansion = 'roles' | 'groups' | 'permissions' | 'users' | 'policies';
export type Expansions = ReadonlySet<Expansion>;
export const EXPANSIONS: readonly Expansion[] = ['roles', 'groups', 'permissions', 'users', 'policies'];
const NOTHING: Expansions = new Set();

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

/** A resource as an IamResource. */
export function toIamResource(resource: ResourceRecord): IamResource {
  return {
    id: resource.key,
    remote_id: resource.key,
    name: resource.name,
    description: null,
    location: null,
    type: { value: RESOURCE_WORDS[resource.type] ?? known(resource.type, RESOURCE_TYPES), source_value: resource.type },
    created_at: null,
    updated_at: null,
  };
}

const RESOURCE_WORDS: Readonly<Record<string, string>> = { shared_folder: 'folder' };

/**
 * A resource's permission set as an IamPolicy: one permission for each distinct way in which the resource is held, with
 * how many hold it so. `permissions` only with `expand=permissions`.
 */
export function toIamPolicy(
  shape: UnifiedShape,
  resource: ResourceRecord,
  grants: readonly GrantRecord[],
  expand: Expansions = NOTHING,
  observation?: Observation,
): IamPolicy {
  return {
    id: resource.key,
    remote_id: resource.key,
    name: resource.name,
    description: `Who may do what in ${resource.name}.`,
    ...(expand.has('permissions') && { permissions: permissionSet(shape, resource, grants) }),
    created_at: null,
    updated_at: null,
    unified_custom_fields: { resource_type: resource.type, ...observed(observation), ...resource.extra },
  };
}

function permissionSet(shape: UnifiedShape, resource: ResourceRecord, grants: readonly GrantRecord[]): IamPermission[] {
  const held = new Map<string, { grant: GrantRecord; holders: Set<string> }>();
  for (const grant of grants) {
    const way = `${grant.permission} ${JSON.stringify(grant.extra)}`;
    const entry = held.get(way) ?? { grant, holders: new Set() };
    entry.holders.add(`${grant.holderKind} ${grant.holderKey}`);
    held.set(way, entry);
  }
  return [...held.keys()].sort().flatMap((way) => {
    const entry = held.get(way);
    if (entry === undefined) return [];
    const permission = toIamPermission(shape, { grant: entry.grant, resource });
    return [{ ...permission, unified_custom_fields: { holders: entry.holders.size } }];
  });
}

/** One grant on a resource as an IamPermission, scoped to that resource; the app's own flags in `type.source_value`. */
export function toIamPermission(shape: UnifiedShape, { grant, resource }: Access): IamPermission {
  const actions = actionsOf(shape, grant);
  const type = actions.includes('write') ? 'read_write' : actions.includes('read') ? 'read' : 'unmapped_value';
  return {
    id: grant.permission,
    remote_id: grant.permission,
    name: titleOf(grant.permission),
    description: null,
    type: { value: type, source_value: sourceOf(grant) },
    resources: resource ? [toIamResource(resource)] : [],
    scopes: resource ? [{ resource_type: resource.type, resource_id: resource.key }] : [],
    created_at: null,
    updated_at: null,
    unified_custom_fields: { path: grant.path },
  };
}

/** What a grant lets its holder do: as the connector tells, else by the name of the permission. */
function actionsOf(shape: UnifiedShape, grant: GrantRecord): readonly string[] {
  return shape.actionsOf?.(grant) ?? ACTIONS_BY_PERMISSION[grant.permission] ?? [];
}

const ACTIONS_BY_PERMISSION: Readonly<Record<string, readonly string[]>> = {
  admin: ['read', 'write', 'delete'],
  editor: ['read', 'write'],
  viewer: ['read'],
};

/**
 * One holder of access to one resource, IamUser-shaped as the contract wants it also for groups: those are marked by
 * `unified_custom_fields.principal_type` (`user`, `group`, or `unmatched`: an address no account has). `roles` has one
 * entry for each way it holds the access, direct ones first.
 */
export function toResourceUser(
  shape: UnifiedShape,
  resource: ResourceRecord,
  holder: Holder,
  grants: readonly GrantRecord[],
  organizationId: string | null,
): IamUser {
  const roles = [...grants]
    .sort((a, b) => compare(a.path, b.path) || compare(a.permission, b.permission))
    .map((grant) => resourceRole(resource, grant));
  const where = { resource_type: resource.type, resource_id: resource.key, resource_name: resource.name };
  if (holder.kind === 'account') {
    const user = toIamUser(shape, { account: holder.account, roles: [], groups: [] }, organizationId);
    const custom = { ...user.unified_custom_fields, principal_type: 'user', ...where };
    return { ...user, roles, groups: [], unified_custom_fields: custom };
  }
  if (holder.kind === 'group') {
    const name = holder.group?.name ?? holder.key;
    return holderRow(holder.key, name, null, roles, { principal_type: 'group', ...where });
  }
  const address = holder.key.replace(/^email:/u, '');
  return holderRow(address, null, address, roles, {
    principal_type: holder.kind === 'address' ? 'user' : 'unmatched',
    ...where,
  });
}

function holderRow(
  id: string,
  name: string | null,
  email: string | null,
  roles: IamRole[],
  custom: Record<string, unknown>,
): IamUser {
  return {
    id,
    remote_id: id,
    first_name: null,
    last_name: null,
    name,
    primary_email_address: email,
    username: email,
    roles,
    groups: [],
    status: null,
    avatar: null,
    is_bot_user: null,
    multi_factor_enabled: null,
    unified_custom_fields: custom,
  };
}

function resourceRole(resource: ResourceRecord, grant: GrantRecord): IamRole {
  return {
    id: grant.permission,
    remote_id: grant.permission,
    name: titleOf(grant.permission),
    type: { value: known(grant.permission, ROLE_TYPES), source_value: sourceOf(grant) },
    scope: { resource_type: resource.type, resource_id: resource.key },
    unified_custom_fields: { path: grant.path },
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

function observed(observation: Observation | undefined): Record<string, unknown> {
  if (observation === undefined) return {};
  const { seenFrom, missingSince } = observation;
  return { last_changed_at: seenFrom, ...(missingSince !== null && { missing_since: missingSince }) };
}

function enumOf(word: string, values: readonly string[]): { value: string; source_value: string } {
  return { value: known(word, values), source_value: word };
}

function known(word: string, values: readonly string[]): string {
  return values.includes(word) ? word : 'unmapped_value';
}

/** The app's own flags where the connector kept them, else the permission's name. */
function sourceOf(grant: GrantRecord): string | Record<string, unknown> {
  return Object.keys(grant.extra).length > 0 ? { ...grant.extra } : grant.permission;
}

function titleOf(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).replaceAll('_', ' ');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
