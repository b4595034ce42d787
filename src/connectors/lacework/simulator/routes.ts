import {
  createAgentToken,
  createApiKey,
  deleteApiKey,
  getAgentToken,
  listAgentTokens,
  listApiKeys,
  patchAgentToken,
  patchApiKey,
  searchAgentTokens,
} from './credentials.ts';
import { listAuditLogs, searchAuditLogs } from './audit-logs.ts';
import type { Right } from './access.ts';
import type { Call } from './call.ts';
import type { UserModel } from './model.ts';
import { organizationInfo, schemaNames, schemaOf, userProfile } from './profile.ts';
import {
  createResourceGroup,
  deleteResourceGroup,
  getResourceGroup,
  listResourceGroups,
  patchResourceGroup,
  searchResourceGroups,
} from './resource-groups.ts';
import type { LaceworkSwitches } from './switches.ts';
import {
  createTeamMember,
  deleteTeamMember,
  getTeamMember,
  listTeamMembers,
  patchTeamMember,
  searchTeamMembers,
} from './team-members.ts';
import {
  changeGroup,
  createTeamUser,
  deleteTeamUser,
  getTeamUser,
  listTeamUsers,
  patchTeamUser,
} from './team-users.ts';
import type { Answer } from './wire.ts';

/** One thing the API can do. */
export interface Route {
  readonly method: string;
  /** Under `/api/v2`, with `:` where anything may stand. */
  readonly path: string;
  /** For faults and the log: `TeamMembers.create`. */
  readonly operation: string;
  /** What an organization that the caller may not see answers with, by default: nothing, without an error. */
  readonly kind: 'self' | 'list' | 'search' | 'get' | 'write';
  readonly needs: Right;
  /** Whether `Org-Access` means something here. */
  readonly takesOrgAccess: boolean;
  /** The user model the account needs; null: any. */
  readonly model: UserModel | null;
  readonly answer: (call: Call) => Answer;
}

type Terms = Pick<Route, 'takesOrgAccess' | 'model'>;

const ANY: Terms = { takesOrgAccess: true, model: null };
const LEGACY: Terms = { takesOrgAccess: true, model: 'legacy' };
/** The reference lists no `Org-Access` for these. */
const RBAC: Terms = { takesOrgAccess: false, model: 'rbac' };
const ACCOUNT: Terms = { takesOrgAccess: false, model: null };

const ROUTES: readonly Route[] = [
  route('GET', 'UserProfile', 'UserProfile.get', 'self', 'none', ANY, userProfile),
  route('GET', 'OrganizationInfo', 'OrganizationInfo.get', 'self', 'none', ANY, organizationInfo),
  route('GET', 'schemas', 'schemas.list', 'self', 'none', ANY, schemaNames),
  route('GET', 'schemas/:', 'schemas.get', 'self', 'none', ANY, schemaOf),
  route('GET', 'schemas/:/:', 'schemas.get', 'self', 'none', ANY, schemaOf),

  route('GET', 'TeamMembers', 'TeamMembers.list', 'list', 'read', LEGACY, listTeamMembers),
  route('POST', 'TeamMembers', 'TeamMembers.create', 'write', 'admin', LEGACY, createTeamMember),
  route('POST', 'TeamMembers/search', 'TeamMembers.search', 'search', 'read', LEGACY, searchTeamMembers),
  route('GET', 'TeamMembers/:', 'TeamMembers.get', 'get', 'read', LEGACY, getTeamMember),
  route('PATCH', 'TeamMembers/:', 'TeamMembers.update', 'write', 'admin', LEGACY, patchTeamMember),
  route('DELETE', 'TeamMembers/:', 'TeamMembers.delete', 'write', 'admin', LEGACY, deleteTeamMember),

  route('GET', 'TeamUsers', 'TeamUsers.list', 'list', 'read', RBAC, listTeamUsers),
  route('POST', 'TeamUsers', 'TeamUsers.create', 'write', 'admin', RBAC, createTeamUser),
  route('GET', 'TeamUsers/:', 'TeamUsers.get', 'get', 'read', RBAC, getTeamUser),
  route('PATCH', 'TeamUsers/:', 'TeamUsers.update', 'write', 'admin', RBAC, patchTeamUser),
  route('DELETE', 'TeamUsers/:', 'TeamUsers.delete', 'write', 'admin', RBAC, deleteTeamUser),
  route('POST', 'UserGroups/:/addUsers', 'UserGroups.addUsers', 'write', 'admin', RBAC, changeGroup('addUsers')),
  route('POST', 'UserGroups/:/removeUsers', 'UserGroups.removeUsers', 'write', 'admin', RBAC, changeGroup('removeUsers')),

  route('GET', 'AuditLogs', 'AuditLogs.list', 'list', 'read', ANY, listAuditLogs),
  route('POST', 'AuditLogs/search', 'AuditLogs.search', 'search', 'read', ANY, searchAuditLogs),
  route('GET', 'AuditLogs/:', 'AuditLogs.page', 'get', 'read', ANY, listAuditLogs),

  route('GET', 'ResourceGroups', 'ResourceGroups.list', 'list', 'read', ANY, listResourceGroups),
  route('POST', 'ResourceGroups', 'ResourceGroups.create', 'write', 'admin', ANY, createResourceGroup),
  route('POST', 'ResourceGroups/search', 'ResourceGroups.search', 'search', 'read', ANY, searchResourceGroups),
  route('GET', 'ResourceGroups/:', 'ResourceGroups.get', 'get', 'read', ANY, getResourceGroup),
  route('PATCH', 'ResourceGroups/:', 'ResourceGroups.update', 'write', 'admin', ANY, patchResourceGroup),
  route('DELETE', 'ResourceGroups/:', 'ResourceGroups.delete', 'write', 'admin', ANY, deleteResourceGroup),

  route('GET', 'ApiKeys', 'ApiKeys.list', 'list', 'admin', ACCOUNT, listApiKeys),
  route('POST', 'ApiKeys', 'ApiKeys.create', 'write', 'admin', ACCOUNT, createApiKey),
  route('PATCH', 'ApiKeys/:', 'ApiKeys.update', 'write', 'admin', ACCOUNT, patchApiKey),
  route('DELETE', 'ApiKeys/:', 'ApiKeys.delete', 'write', 'admin', ACCOUNT, deleteApiKey),

  route('GET', 'AgentAccessTokens', 'AgentAccessTokens.list', 'list', 'read', ACCOUNT, listAgentTokens),
  route('POST', 'AgentAccessTokens', 'AgentAccessTokens.create', 'write', 'admin', ACCOUNT, createAgentToken),
  route('POST', 'AgentAccessTokens/search', 'AgentAccessTokens.search', 'search', 'read', ACCOUNT, searchAgentTokens),
  route('GET', 'AgentAccessTokens/:', 'AgentAccessTokens.get', 'get', 'read', ACCOUNT, getAgentToken),
  route('PATCH', 'AgentAccessTokens/:', 'AgentAccessTokens.update', 'write', 'admin', ACCOUNT, patchAgentToken),
]; // prettier-ignore

/** Where tokens are made: the one address without a token. */
export const TOKEN_OPERATION = 'access.tokens';

/** What a request asks for. */
export type Match =
  | { readonly kind: 'route'; readonly route: Route; readonly params: readonly string[] }
  | { readonly kind: 'token' }
  | { readonly kind: 'wrong-method' }
  /** No such address: the API answers that with 403, not 404. */
  | { readonly kind: 'unknown' };

/** Finds the route of a method and path. `ApiKeys` is not there where it is switched off. */
export function matchRoute(method: string, segments: readonly string[], switches: LaceworkSwitches): Match {
  if (segments.join('/') === 'access/tokens') return { kind: method === 'POST' ? 'token' : 'wrong-method' };
  if (segments[0] === 'ApiKeys' && switches.apiKeysEndpoint === 'absent') return { kind: 'unknown' };
  const fitting = ROUTES.filter(({ path }) => fits(path.split('/'), segments));
  const route = fitting.find((candidate) => candidate.method === method);
  if (!route) return { kind: fitting.length === 0 ? 'unknown' : 'wrong-method' };
  const params = route.path.split('/').flatMap((part, place) => (part === ':' ? [segments[place] ?? ''] : []));
  return { kind: 'route', route, params };
}

/**
 * What requests are counted by: method, resource and action, the id aside, so that a list and one of it share their
 * allowance (the reference on rate limits).
 */
export function functionalityOf({ method, path }: Pick<Route, 'method' | 'path'>): string {
  const parts = path.split('/').filter((part) => part !== ':');
  return `${method} ${parts.join('/')}`;
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, place) => (part === ':' ? (segments[place] ?? '') !== '' : part === segments[place]))
  );
}

function route(
  method: string,
  path: string,
  operation: string,
  kind: Route['kind'],
  needs: Right,
  terms: Terms,
  answer: Route['answer'],
): Route {
  return { method, path, operation, kind, needs, ...terms, answer };
}
