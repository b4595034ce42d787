import type { GrantRecord, ResourceRecord } from '../../model/records.ts';
import { RESOURCE_TYPES } from './models.ts';
import type { IamPermission, IamResource } from './models.ts';
import type { Access, UnifiedShape } from './shape.ts';
import { known, sourceOf, titleOf } from './words.ts';

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

/** What a grant on a resource lets its holder do: as the connector tells, else by the name of the permission. */
export function actionsOf(shape: UnifiedShape, grant: GrantRecord): readonly string[] {
  return shape.actionsOf?.(grant) ?? ACTIONS_BY_PERMISSION[grant.permission] ?? [];
}

const ACTIONS_BY_PERMISSION: Readonly<Record<string, readonly string[]>> = {
  admin: ['read', 'write', 'delete'],
  editor: ['read', 'write'],
  viewer: ['read'],
};
