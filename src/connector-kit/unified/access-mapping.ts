import type { GrantRecord, ResourceRecord } from '../../model/records.ts';
import { toIamUser } from './mapping.ts';
import { ROLE_TYPES } from './models.ts';
import type { IamPermission, IamPolicy, IamRole, IamUser } from './models.ts';
import { toIamPermission } from './permission-mapping.ts';
import { NOTHING } from './shape.ts';
import type { Expansions, Holder, Observation, UnifiedShape } from './shape.ts';
import { compare, known, observed, sourceOf, titleOf } from './words.ts';

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
