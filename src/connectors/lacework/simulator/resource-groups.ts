import { z } from 'zod';
import { accountOf, audit, bodyOf, type Call, flag, flagOf, isoOrZero, parseBody, text } from './call.ts';
import { guidOf } from './guids.ts';
import type { ResourceGroup } from './model.ts';
import { isPageToken, listAnswer, readCursor } from './paging.ts';
import { emptySearch, isFound, project, readSearch, type Row } from './search.ts';
import { type Answer, json, nothing, Refused } from './wire.ts';

const TYPES = ['AWS', 'AZURE', 'GCP', 'OCI', 'CONTAINER', 'MACHINE', 'KUBERNETES', 'LW_ACCOUNT'] as const;
const SEARCHABLE = ['resourceGroupGuid', 'resourceGuid', 'name', 'resourceName', 'resourceType', 'enabled'];

/** `GET ResourceGroups` */
export function listResourceGroups(call: Call): Answer {
  return page(call, call.query.get('nextPage'));
}

/** `GET ResourceGroups/{guid}` */
export function getResourceGroup(call: Call): Answer {
  const [guid = ''] = call.params;
  if (isPageToken(guid)) return page(call, guid);
  return json(200, { data: resourceGroup(call, groupHere(call)) });
}

/** `POST ResourceGroups/search` */
export function searchResourceGroups(call: Call): Answer {
  const search = readSearch(call, SEARCHABLE);
  const found = groupsHere(call)
    .map((group) => resourceGroup(call, group))
    .filter((row) => isFound(row, search));
  return found.length === 0 ? emptySearch(call) : json(200, { data: found.map((row) => project(row, search)) });
}

/** `POST ResourceGroups`, of the newer kind. */
export function createResourceGroup(call: Call): Answer {
  const { tenant } = call;
  const account = accountOf(call).name;
  const body = parseBody(
    call,
    bodyOf(call, {
      name: text,
      resourceType: z.enum(TYPES),
      description: z.string().optional(),
      enabled: flagOf(call).optional(),
      query: z.json(),
    }),
  );
  const now = tenant.clock.now().getTime();
  const group: ResourceGroup = {
    guid: guidOf(account, tenant.seedHash, 'resourceGroup', 1_000 + ++tenant.made),
    account,
    name: body.name,
    description: body.description ?? '',
    type: body.resourceType,
    isEnabled: body.enabled ?? true,
    isDefault: false,
    createdBy: call.caller.name,
    created: now,
    updatedBy: call.caller.name,
    updated: now,
    query: body.query,
  };
  tenant.resourceGroups.set(group.guid, group);
  call.effect('resource-group.created', group.name, { account });
  audit(call, account, 'Resource Group', 'Create', `Resource group "${group.name}" was created`);
  return json(201, { data: resourceGroup(call, group) });
}

/** `PATCH ResourceGroups/{guid}` */
export function patchResourceGroup(call: Call): Answer {
  const group = groupHere(call);
  const body = parseBody(
    call,
    bodyOf(call, {
      name: text.optional(),
      description: z.string().optional(),
      enabled: flagOf(call).optional(),
      query: z.json().optional(),
    }),
  );
  const next: ResourceGroup = {
    ...group,
    name: body.name ?? group.name,
    description: body.description ?? group.description,
    isEnabled: body.enabled ?? group.isEnabled,
    query: body.query ?? group.query,
    updatedBy: call.caller.name,
    updated: call.tenant.clock.now().getTime(),
  };
  call.tenant.resourceGroups.set(group.guid, next);
  call.effect('resource-group.updated', group.name);
  audit(call, group.account, 'Resource Group', 'Update', `Resource group "${group.name}" was updated`);
  return json(200, { data: resourceGroup(call, next) });
}

/** `DELETE ResourceGroups/{guid}`: 204, but for the default ones. */
export function deleteResourceGroup(call: Call): Answer {
  const group = groupHere(call);
  if (group.isDefault) throw new Refused(400, 'Invalid request: a default resource group cannot be deleted');
  call.tenant.resourceGroups.delete(group.guid);
  call.effect('resource-group.deleted', group.name);
  audit(call, group.account, 'Resource Group', 'Delete', `Resource group "${group.name}" was deleted`);
  return nothing();
}

/** The object since 2023, the only one current SDKs know; or the one before. */
function resourceGroup(call: Call, group: ResourceGroup): Row {
  if (call.tenant.switches.resourceGroupShape === 'old') return olderGroup(call, group);
  return {
    resourceGroupGuid: group.guid,
    name: group.name,
    description: group.description,
    resourceType: group.type,
    enabled: flag(call, group.isEnabled),
    isDefaultBoolean: group.isDefault,
    createdBy: group.createdBy,
    createdTime: isoOrZero(group.created),
    updatedBy: group.updatedBy,
    updatedTime: isoOrZero(group.updated),
    query: group.query,
  };
}

function olderGroup(call: Call, group: ResourceGroup): Row {
  const props = {
    description: group.description,
    accountIds: ['123456789012'],
    updatedBy: group.updatedBy,
    lastUpdated: group.updated,
  };
  return {
    resourceGuid: group.guid,
    guid: call.tenant.accounts.find(({ name }) => name === group.account)?.custGuid ?? '',
    resourceName: group.name,
    resourceType: group.type,
    enabled: flag(call, group.isEnabled),
    isDefault: flag(call, group.isDefault),
    isDefaultInteger: group.isDefault ? 1 : 0,
    props,
    propsJson: props,
  };
}

function page(call: Call, token: string | null): Answer {
  return listAnswer(call, {
    rows: groupsHere(call),
    render: (group) => resourceGroup(call, group),
    isPaged: call.tenant.switches.pagedLists === 'on',
    of: 'ResourceGroups',
    cursor: token === null ? null : readCursor(call, token, 'ResourceGroups'),
    spec: null,
  });
}

function groupsHere(call: Call): readonly ResourceGroup[] {
  const groups = [...call.tenant.resourceGroups.values()];
  const { scope } = call;
  return scope.kind === 'organization' ? groups : groups.filter(({ account }) => account === scope.account.name);
}

function groupHere(call: Call): ResourceGroup {
  const group = groupsHere(call).find(({ guid }) => guid === call.params[0]);
  if (!group) throw new Refused(404, 'Not Found');
  return group;
}
