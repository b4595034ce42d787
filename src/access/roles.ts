import { type Permission, type PrincipalKind, type Role, ROLE_PERMISSIONS } from '../model/access.ts';
import { invalidInput } from '../model/errors.ts';

/** What two roles both allow. */
export function commonPermissions(one: Role, other: Role): ReadonlySet<Permission> {
  return new Set([...ROLE_PERMISSIONS[one]].filter((permission) => ROLE_PERMISSIONS[other].has(permission)));
}

/** Whether `role` allows nothing beyond `permissions`. */
export function isWithin(role: Role, permissions: ReadonlySet<Permission>): boolean {
  return [...ROLE_PERMISSIONS[role]].every((permission) => permissions.has(permission));
}

/**
 * The role that a token acts in: its own, capped by what its principal's has become since. An agent stays one whatever
 * its token says, as what it asks for needs a person.
 */
export function effectiveRole(principal: Role, token: Role): Role {
  if (isWithin(token, ROLE_PERMISSIONS[principal]))
    return principal === 'agent' && token !== 'viewer' ? 'agent' : token;
  return isWithin(principal, ROLE_PERMISSIONS[token]) ? principal : 'viewer';
}

/** Throws `invalidInput` where a principal of this kind cannot have this role: agents are agents, persons approve. */
export function checkRoleOfKind(kind: PrincipalKind, role: Role): void {
  if ((kind === 'agent') !== (role === 'agent')) {
    throw invalidInput(
      'role',
      kind === 'agent'
        ? `An agent has the role agent, not ${role}.`
        : `The role agent is for agents; this is a ${kind}.`,
      'Every write an agent asks for waits for a person; choose kind and role together.',
    );
  }
  if (role === 'approver' && kind !== 'person') {
    throw invalidInput('role', `Only persons approve; this is a ${kind}.`, 'Choose the role operator or viewer.');
  }
}

/** Throws `invalidInput` where a token of this role would go beyond its principal's. */
export function checkTokenRole(principal: Role, token: Role): void {
  const isAgentsOwn = principal === 'agent' ? token === 'agent' || token === 'viewer' : token !== 'agent';
  if (isAgentsOwn && isWithin(token, ROLE_PERMISSIONS[principal])) return;
  throw invalidInput(
    'role',
    `A token cannot have the role ${token} where its principal has the role ${principal}.`,
    `Leave the role out for ${principal}, or choose a smaller one.`,
  );
}
