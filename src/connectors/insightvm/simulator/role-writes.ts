import { bodyOf, deleted, done, type Handler, requireAdmin } from './call.ts';
import { roleOf } from './reads.ts';
import { PRIVILEGES, UNDOCUMENTED_PRIVILEGE } from './roles.ts';
import { badRequest } from './wire.ts';

/** Makes a custom role, or replaces it: there is no POST of roles. */
export const updateRole: Handler = (call) => {
  requireAdmin(call);
  const { console, params, effect } = call;
  const id = params['id'] ?? '';
  const body = bodyOf(call);
  if (typeof body !== 'object' || body === null) throw badRequest('The body must be an object.');
  const fields: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(body));
  const { name, description, privileges = null, id: told = id } = fields;
  if (typeof name !== 'string' || typeof description !== 'string')
    throw badRequest('A role has a name and a description.');
  if (told !== id) throw badRequest('The id of a role cannot be changed.');
  const before = console.roles.get(id);
  if (before?.isBuiltIn) throw badRequest('Built-in roles cannot be changed.');
  console.roles.put({ id, name, description, privileges: privilegesIn(privileges), isBuiltIn: false });
  effect(before ? 'role.updated' : 'role.created', id);
  return done(call);
};

/** A built-in role, and one that somebody has, stays. */
export const deleteRole: Handler = (call) => {
  requireAdmin(call);
  const { console, effect } = call;
  const role = roleOf(call);
  if (role.isBuiltIn) throw badRequest('Built-in roles cannot be deleted.');
  if (console.users.list().some((user) => user.role.id === role.id)) throw badRequest('The role is assigned to users.');
  console.roles.remove(role.id);
  effect('role.deleted', role.id);
  return deleted(call);
};

function privilegesIn(value: unknown): string[] | null {
  if (value === null) return null;
  if (!Array.isArray(value)) throw badRequest('The privileges must be an array.');
  return value.map((name: unknown) => {
    const isKnown = typeof name === 'string' && (PRIVILEGES.includes(name) || name === UNDOCUMENTED_PRIVILEGE);
    if (!isKnown) throw badRequest(`The privilege ${JSON.stringify(name)} does not exist.`);
    return name;
  });
}
