import type { SimulatorAnswer } from '../../../connector-kit/simulator-kit/server.ts';
import {
  addAssetGroupUser, addOneUserAccess, addSiteUser, addUserAccess, removeAllUserAccess, removeOneUserAccess,
  removeUserOf, setUserAccess, setUsersOf,
} from './access-writes.ts'; // prettier-ignore
import { type Call, type Handler, link, ok } from './call.ts';
import {
  getAssetGroup, getAssetGroups, getAssetGroupUsers, getAuthenticationSource, getAuthenticationSources,
  getAuthenticationSourceUsers, getInfo, getPrivilege, getPrivileges, getRole, getRoles, getRoleUsers, getSettings,
  getSite, getSiteOrganization, getSites, getSiteUsers, getUser, getUserAccess, getUserPrivileges, getUsers,
  getUsersWithPrivilege,
} from './reads.ts'; // prettier-ignore
import { deleteRole, updateRole } from './role-writes.ts';
import {
  createUser, deleteUser, getTwoFactorAuthenticationKey, regenerateTwoFactorAuthentication, resetPassword,
  setTwoFactorAuthentication, unlockUser, updateUser,
} from './user-writes.ts'; // prettier-ignore
import { API_PATH, notFound, Refusal } from './wire.ts';

interface Operation {
  /** The operation's id in the OpenAPI document: what faults and logs call it. */
  readonly name: string;
  readonly handle: Handler;
  /** Only in the guide's dialect. */
  readonly isGuide?: boolean;
}

interface Route {
  readonly path: string;
  readonly parts: readonly string[];
  readonly operations: Readonly<Partial<Record<string, Operation>>>;
}

/** All paths under `/api/3` and what each takes: the document's, and the two of administration. */
const ROUTES: readonly Route[] = [
  route('', { GET: ['resources', resources] }),
  route('/administration/info', { GET: ['getConsoleInfo', getInfo] }),
  route('/administration/settings', { GET: ['getConsoleSettings', getSettings] }),
  route('/users', { GET: ['getUsers', getUsers], POST: ['createUser', createUser] }),
  route('/users/{id}', {
    GET: ['getUser', getUser],
    PUT: ['updateUser', updateUser],
    DELETE: ['deleteUser', deleteUser],
  }),
  route('/users/{id}/lock', { DELETE: ['unlockUser', unlockUser] }),
  route('/users/{id}/password', { PUT: ['resetPassword', resetPassword] }),
  route('/users/{id}/privileges', { GET: ['getUserPrivileges', getUserPrivileges] }),
  route('/users/{id}/2FA', {
    GET: ['getTwoFactorAuthenticationKey', getTwoFactorAuthenticationKey],
    POST: ['regenerateTwoFactorAuthentication', regenerateTwoFactorAuthentication],
    PUT: ['setTwoFactorAuthentication', setTwoFactorAuthentication],
  }),
  route(
    '/users/{id}/sites',
    {
      GET: ['getUserSites', getUserAccess('sites')],
      PUT: ['setUserSites', setUserAccess('sites')],
      DELETE: ['removeAllUserSites', removeAllUserAccess('sites')],
    },
    { POST: ['addUserSites', addUserAccess('sites')] },
  ),
  route('/users/{id}/sites/{siteId}', {
    PUT: ['addUserSite', addOneUserAccess('sites', 'siteId')],
    DELETE: ['removeUserSite', removeOneUserAccess('sites', 'siteId')],
  }),
  route('/users/{id}/asset_groups', {
    GET: ['getUserAssetGroups', getUserAccess('assetGroups')],
    PUT: ['setUserAssetGroups', setUserAccess('assetGroups')],
    DELETE: ['removeAllUserAssetGroups', removeAllUserAccess('assetGroups')],
  }),
  route('/users/{id}/asset_groups/{assetGroupId}', {
    PUT: ['addUserAssetGroup', addOneUserAccess('assetGroups', 'assetGroupId')],
    DELETE: ['removeUserAssetGroup', removeOneUserAccess('assetGroups', 'assetGroupId')],
  }),
  route('/sites', { GET: ['getSites', getSites] }),
  route('/sites/{id}', { GET: ['getSite', getSite] }),
  route('/sites/{id}/organization', { GET: ['getSiteOrganization', getSiteOrganization] }),
  route('/sites/{id}/users', {
    GET: ['getSiteUsers', getSiteUsers],
    POST: ['addSiteUser', addSiteUser],
    PUT: ['setSiteUsers', setUsersOf('sites')],
  }),
  route('/sites/{id}/users/{userId}', { DELETE: ['removeSiteUser', removeUserOf('sites')] }),
  route('/asset_groups', { GET: ['getAssetGroups', getAssetGroups] }),
  route('/asset_groups/{id}', { GET: ['getAssetGroup', getAssetGroup] }),
  route('/asset_groups/{id}/users', {
    GET: ['getAssetGroupUsers', getAssetGroupUsers],
    PUT: ['setAssetGroupUsers', setUsersOf('assetGroups')],
  }),
  route('/asset_groups/{id}/users/{userId}', {
    PUT: ['addAssetGroupUser', addAssetGroupUser],
    DELETE: ['removeAssetGroupUser', removeUserOf('assetGroups')],
  }),
  route('/roles', { GET: ['getRoles', getRoles] }),
  route('/roles/{id}', {
    GET: ['getRole', getRole],
    PUT: ['updateRole', updateRole],
    DELETE: ['deleteRole', deleteRole],
  }),
  route('/roles/{id}/users', { GET: ['getRoleUsers', getRoleUsers] }),
  route('/privileges', { GET: ['getPrivileges', getPrivileges] }),
  route('/privileges/{id}', { GET: ['getPrivilege', getPrivilege] }),
  route('/privileges/{id}/users', { GET: ['getUsersWithPrivilege', getUsersWithPrivilege] }),
  route('/authentication_sources', { GET: ['getAuthenticationSources', getAuthenticationSources] }),
  route('/authentication_sources/{id}', { GET: ['getAuthenticationSource', getAuthenticationSource] }),
  route('/authentication_sources/{id}/users', { GET: ['getAuthenticationSourceUsers', getAuthenticationSourceUsers] }),
];

/** A route that a path fits, with the values of its parts. */
export interface Match {
  readonly params: Readonly<Record<string, string>>;
  readonly operations: Route['operations'];
}

/** Finds the route of a path under `/api/3`; null: there is none. */
export function matchRoute(path: string): Match | null {
  const given = path.slice(API_PATH.length).split('/').filter(Boolean).map(decoded);
  for (const { parts, operations } of ROUTES) {
    if (parts.length !== given.length) continue;
    const params: Record<string, string> = {};
    const fits = parts.every((part, place) => {
      const value = given[place] ?? '';
      if (!part.startsWith('{')) return part === value;
      params[part.slice(1, -1)] = value;
      return value !== '';
    });
    if (fits) return { params, operations };
  }
  return null;
}

/** The operation of a method; null: the path does not take it. */
export function operationOf({ operations }: Match, method: string, isGuide: boolean): Operation | null {
  const found = Object.hasOwn(operations, method) ? operations[method] : undefined;
  return found && (isGuide || found.isGuide !== true) ? found : null;
}

/** The methods a path takes, as `Allow` lists them. */
export function allowOf(match: Match, isGuide: boolean): string {
  const methods = Object.keys(match.operations).filter((method) => operationOf(match, method, isGuide) !== null);
  return [...methods, 'OPTIONS'].join(', ');
}

/** Carries a request to a known path out. Throws a 404 for an unknown path, a 405 for a verb it does not take. */
export function carryOut(call: Omit<Call, 'params'>, match: Match | null): SimulatorAnswer {
  if (!match) throw notFound();
  const operation = operationOf(match, call.request.method, call.console.switches.dialect === 'guide');
  if (!operation) throw new Refusal(405, `The method ${call.request.method} is not allowed for the resource.`);
  return operation.handle({ ...call, params: match.params });
}

/** Every route as a template: the credential check, for any login. */
function resources(call: Call): SimulatorAnswer {
  return ok({
    links: ROUTES.map(({ path }) => link(call, path, path === '' ? 'self' : path.slice(1).replaceAll('/', ' '))),
  });
}

type Verbs = Readonly<Partial<Record<'GET' | 'POST' | 'PUT' | 'DELETE', readonly [name: string, handle: Handler]>>>;

function route(path: string, verbs: Verbs, ofGuide: Verbs = {}): Route {
  const operations = (of: Verbs, isGuide: boolean) =>
    Object.entries(of).map(([method, [name, handle]]) => [method, { name, handle, isGuide }] as const);
  return {
    path,
    parts: path.split('/').filter(Boolean),
    operations: Object.fromEntries([...operations(verbs, false), ...operations(ofGuide, true)]),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
