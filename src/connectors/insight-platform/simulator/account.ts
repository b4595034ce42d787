import type { SimulatorAnswer } from '../../../connector-kit/simulator-kit/server.ts';
import { audited, newId, organizationsOf } from './company.ts';
import { uuidOf } from './first-day.ts';
import type { StoredGroup, StoredKey, StoredOrganization, StoredRole } from './model.ts';
import { productJson, userJson } from './users.ts';
import { answer, type Call, isRecord, noRoute, pageOf, readNumber, readText, refused, timeText } from './wire.ts';

const PAGE_SIZE = 20;
const LARGEST_PAGE = 1000;

export function getProducts({ company }: Call): SimulatorAnswer {
  return answer(200, company.products.map(productJson));
}

export function getProduct(call: Call): SimulatorAnswer {
  const product = call.company.products.find(({ token }) => token === call.params[0]);
  return product === undefined ? notThere(call) : answer(200, productJson(product));
}

/** `GET /organizations`: the key's own. */
export function getOrganizations(call: Call): SimulatorAnswer {
  return organizationPage(call, organizationsOf(call.company).slice(0, 1));
}

/** `GET /managed-organizations`: those a service provider manages; needs the parent in `R7-Organization-Id`. */
export function getManagedOrganizations(call: Call): SimulatorAnswer {
  const [home, ...managed] = organizationsOf(call.company);
  const parent = call.request.headers['r7-organization-id'];
  if (parent === undefined) return refused(call, 400, 'R7-Organization-Id is required.');
  if (parent !== home?.id) return refused(call, 403, 'Forbidden');
  return organizationPage(call, managed);
}

function organizationPage(call: Call, rows: readonly StoredOrganization[]): SimulatorAnswer {
  const shown = rows.map(({ id, name, region, externalId }) => ({
    id, name, region, ...(externalId !== null && { external_id: externalId }),
  })); // prettier-ignore
  const { organizations } = call.company.switches;
  if (organizations === 'array') return answer(200, shown);
  if (organizations === 'organizations') return answer(200, { organizations: shown });
  const index = readNumber(call, 'index', 0, 1_000_000);
  const size = readNumber(call, 'size', PAGE_SIZE, LARGEST_PAGE);
  if (index === null || size === null || size === 0) return refused(call, 400, 'index and size are whole numbers.');
  const page = pageOf(shown, index, size);
  return answer(200, {
    data: page.rows,
    metadata: { index, size, total_pages: page.pages, total_data: shown.length },
  });
}

export function getRoles({ company }: Call): SimulatorAnswer {
  return answer(200, [...company.roles.values()].map(roleJson));
}

export function getRole(call: Call): SimulatorAnswer {
  const role = call.company.roles.get(call.params[0] ?? '');
  return role === undefined ? notThere(call) : answer(200, roleJson(role));
}

export function createRole(call: Call): SimulatorAnswer {
  const { company, body, effect } = call;
  const name = isRecord(body) ? readText(body['name']) : null;
  if (name === null) return refused(call, 400, 'name is required.');
  const organizationId = company.organizations[0]?.id ?? null;
  const role: StoredRole = { id: newId(company, 'role'), name, description: '', organizationId };
  company.roles.set(role.id, role);
  effect('role.created', name);
  return answer(201, roleJson(role));
}

export function deleteRole(call: Call): SimulatorAnswer {
  const role = call.company.roles.get(call.params[0] ?? '');
  if (role === undefined) return notThere(call);
  call.company.roles.delete(role.id);
  call.effect('role.deleted', role.name);
  return answer(204, null);
}

/** `GET /user-groups`: who is in them is told only with the switch `groupMembers=listed`. */
export function getUserGroups({ company }: Call): SimulatorAnswer {
  const isListed = company.switches.groupMembers === 'listed';
  return answer(
    200,
    [...company.groups.values()].map((group) => ({ ...groupJson(group), ...(isListed && { users: group.members }) })),
  );
}

export function getUserGroup(call: Call): SimulatorAnswer {
  const { company } = call;
  const group = company.groups.get(call.params[0] ?? '');
  if (group === undefined) return notThere(call);
  const { groupMembers } = company.switches;
  if (groupMembers === 'hidden') return answer(200, groupJson(group));
  const members = group.members.flatMap((id) => company.users.get(id) ?? []);
  const users = members.map((user) => (groupMembers === 'objects' ? userJson(company, user) : user.id));
  return answer(200, { ...groupJson(group), users });
}

export function createUserGroup(call: Call): SimulatorAnswer {
  const { company, body, effect } = call;
  const name = isRecord(body) ? readText(body['name']) : null;
  if (name === null) return refused(call, 400, 'name is required.');
  const group: StoredGroup = { id: newId(company, 'group'), name, description: '', members: [] };
  company.groups.set(group.id, group);
  effect('group.created', name);
  return answer(201, groupJson(group));
}

export function deleteUserGroup(call: Call): SimulatorAnswer {
  const group = call.company.groups.get(call.params[0] ?? '');
  if (group === undefined) return notThere(call);
  call.company.groups.delete(group.id);
  call.effect('group.deleted', group.name);
  return answer(204, null);
}

/** `PUT` and `DELETE /user-groups/{id}/users/{userId}`: inferred; nobody has published how members are changed. */
export function changeMember(call: Call): SimulatorAnswer {
  const { company, params, request, effect, actor } = call;
  if (company.switches.groupMembership === 'off') return noRoute();
  const group = company.groups.get(params[0] ?? '');
  const user = company.users.get(params[1] ?? '');
  if (group === undefined || user === undefined) return notThere(call);
  const isAdded = request.method === 'PUT';
  const others = group.members.filter((id) => id !== user.id);
  if (isAdded !== group.members.includes(user.id)) {
    company.groups.set(group.id, { ...group, members: isAdded ? [...others, user.id] : others });
    const action = isAdded ? 'USER_GROUP_MEMBER_ADDED' : 'USER_GROUP_MEMBER_REMOVED';
    audited(company, { action, actor, target: user.email, address: request.remoteAddress });
    effect(isAdded ? 'group.member-added' : 'group.member-removed', user.email, { group: group.name });
  }
  return answer(204, null);
}

export function getApiKeys({ company }: Call): SimulatorAnswer {
  return answer(200, [...company.keys.values()].map(keyJson));
}

/** `POST /api-keys`: the only answer that has the key itself. */
export function generateApiKey(call: Call): SimulatorAnswer {
  const { company, body, owner, effect } = call;
  const name = isRecord(body) ? readText(body['name']) : null;
  if (name === null) return refused(call, 400, 'name is required.');
  const id = newId(company, 'key');
  const kind = owner === null || (isRecord(body) && body['type'] === 'ORGANIZATION') ? 'organization' : 'user';
  const key: StoredKey = {
    id,
    name,
    kind,
    key: `facade00-${uuidOf(`${company.seed}/key/${id}`).slice(9)}`,
    ownerId: kind === 'user' ? (owner?.id ?? null) : null,
    createdAt: company.clock.now().getTime(),
  };
  company.keys.set(id, key);
  effect('api-key.created', name);
  return answer(201, { ...keyJson(key), api_key: key.key });
}

export function deleteApiKey(call: Call): SimulatorAnswer {
  const key = call.company.keys.get(call.params[0] ?? '');
  if (key === undefined) return notThere(call);
  call.company.keys.delete(key.id);
  call.effect('api-key.revoked', key.name);
  return answer(204, null);
}

export function getFeatures(): SimulatorAnswer {
  return answer(200, [
    { name: 'user_groups', enabled: true },
    { name: 'custom_roles', enabled: true },
  ]);
}

function roleJson({ id, name, description, organizationId }: StoredRole): object {
  return { id, name, description, ...(organizationId !== null && { organization_id: organizationId }) };
}

function groupJson({ id, name, description }: StoredGroup): object {
  return { id, name, description };
}

function keyJson({ id, name, kind, ownerId, createdAt }: StoredKey): object {
  return {
    id,
    name,
    type: kind.toUpperCase(),
    ...(ownerId !== null && { user_id: ownerId }),
    created_at: timeText(createdAt),
  };
}

function notThere(call: Call): SimulatorAnswer {
  return refused(call, 404, 'The requested resource does not exist.');
}
