import type {
  SimulatedVendor,
  SimulatorAnswer,
  SimulatorRequest,
} from '../../../connector-kit/simulator-kit/server.ts';
import { z } from 'zod';
import { effectRecorder } from '../../../connector-kit/simulator-kit/logs.ts';
import {
  changeMember, createRole, createUserGroup, deleteApiKey, deleteRole, deleteUserGroup, generateApiKey, getApiKeys,
  getFeatures, getManagedOrganizations, getOrganizations, getProduct, getProducts, getRole, getRoles, getUserGroup,
  getUserGroups,
} from './account.ts'; // prettier-ignore
import type { Company } from './company.ts';
import { getLogs, pollQuery, queryLog } from './log-search.ts';
import type { StoredKey, StoredUser } from './model.ts';
import { getIdr, getVmUsers, listApps, listAssets, searchIdrAccounts, searchIdrUsers } from './products.ts';
import { type MinuteBudget, minuteBudget } from './rate.ts';
import {
  assignProduct, createUser, deleteUser, getUser, getUserProducts, getUsers, removeProduct, setRoles, updateUser,
} from './users.ts'; // prettier-ignore
import { answer, type Call, correlationOf, type Handle, noRoute, type Origin, refusal } from './wire.ts';

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly operation: string;
  readonly origin: Origin;
  /** Open to every key; else only to organization keys and user keys of Platform Admins. */
  readonly isOpen: boolean;
  readonly handle: Handle;
}

const ACCOUNT = '/account/api/1';

function route(methods: string, path: string, operation: string, handle: Handle, isOpen = false): readonly Route[] {
  const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`);
  return methods
    .split(' ')
    .map((method) => ({ method, path: pattern, operation, origin: originOf(path), isOpen, handle }));
}

function originOf(path: string): Origin {
  if (path.startsWith(ACCOUNT)) return 'account';
  if (path.startsWith('/vm/v4')) return 'v4';
  if (path.startsWith('/idr') || path.startsWith('/ias')) return 'idr';
  return path === '/validate' ? 'gateway' : 'logs';
}

const ROUTES: readonly Route[] = [
  ...route('GET POST', '/validate', 'validate', () => answer(200, { message: 'Authorized' }), true),
  ...route('GET', `${ACCOUNT}/users`, 'getUsers', getUsers),
  ...route('POST', `${ACCOUNT}/users`, 'createUser', createUser),
  ...route('GET', `${ACCOUNT}/users/{id}`, 'getUser', getUser),
  ...route('PATCH PUT', `${ACCOUNT}/users/{id}`, 'updateUser', updateUser),
  ...route('DELETE', `${ACCOUNT}/users/{id}`, 'deleteUser', deleteUser),
  ...route('GET', `${ACCOUNT}/users/{id}/products`, 'getUserProducts', getUserProducts),
  ...route('PATCH', `${ACCOUNT}/users/{id}/products/{token}`, 'assignProduct', assignProduct),
  ...route('DELETE', `${ACCOUNT}/users/{id}/products/{token}`, 'removeProduct', removeProduct),
  ...route('PUT', `${ACCOUNT}/users/{id}/organizations/{organization}/roles`, 'setRoles', setRoles),
  ...route('GET', `${ACCOUNT}/products`, 'getProducts', getProducts, true),
  ...route('GET', `${ACCOUNT}/products/{token}`, 'getProduct', getProduct, true),
  ...route('GET', `${ACCOUNT}/organizations`, 'getOrganizations', getOrganizations),
  ...route('GET', `${ACCOUNT}/managed-organizations`, 'getManagedOrganizations', getManagedOrganizations),
  ...route('GET', `${ACCOUNT}/roles`, 'getRoles', getRoles),
  ...route('POST', `${ACCOUNT}/roles`, 'createRole', createRole),
  ...route('GET', `${ACCOUNT}/roles/{id}`, 'getRole', getRole),
  ...route('DELETE', `${ACCOUNT}/roles/{id}`, 'deleteRole', deleteRole),
  ...route('GET', `${ACCOUNT}/user-groups`, 'getUserGroups', getUserGroups),
  ...route('POST', `${ACCOUNT}/user-groups`, 'createUserGroup', createUserGroup),
  ...route('GET', `${ACCOUNT}/user-groups/{id}`, 'getUserGroup', getUserGroup),
  ...route('DELETE', `${ACCOUNT}/user-groups/{id}`, 'deleteUserGroup', deleteUserGroup),
  ...route('PUT DELETE', `${ACCOUNT}/user-groups/{id}/users/{user}`, 'changeMember', changeMember),
  ...route('GET', `${ACCOUNT}/api-keys`, 'getApiKeys', getApiKeys),
  ...route('POST', `${ACCOUNT}/api-keys`, 'generateApiKey', generateApiKey),
  ...route('DELETE', `${ACCOUNT}/api-keys/{id}`, 'deleteApiKey', deleteApiKey),
  ...route('GET', `${ACCOUNT}/features`, 'getFeatures', getFeatures, true),
  ...route('GET', '/vm/v4/users', 'getVmUsers', getVmUsers),
  ...route('POST', '/vm/v4/integration/assets', 'listAssets', listAssets, true),
  ...route('GET', '/ias/v1/apps', 'listApps', listApps, true),
  ...route('POST', '/idr/v1/users/_search', 'searchIdrUsers', searchIdrUsers, true),
  ...route('POST', '/idr/v1/accounts/_search', 'searchIdrAccounts', searchIdrAccounts, true),
  ...route('GET', '/idr/v1/(?:users|accounts)/{rrn}', 'getIdr', getIdr, true),
  ...['', '/log_search'].flatMap((prefix) => [
    ...route('GET', `${prefix}/management/logs`, 'getLogs', getLogs),
    ...route('GET', `${prefix}/query/logs/{id}`, 'queryLog', queryLog),
    ...route('GET', `${prefix}/query/{id}`, 'pollQuery', pollQuery),
  ]),
];

/** What another region answers of an account that is not its own, with the switch `wrongRegion=validates`. */
const ANSWERED_ANYWHERE: ReadonlySet<string> = new Set(['validate', 'getProducts']);

/**
 * The platform on the wire: gateway first (key, then rate), then the part of the platform the path belongs to. Answers of
 * the Account API carry the headers of its rate and `www-authenticate`, good ones too.
 */
export function insightPlatformVendor(company: Company): Pick<SimulatedVendor, 'describe' | 'answer'> {
  const budget = minuteBudget(company.clock);
  return {
    describe: (request) => ({ operation: routeOf(request)?.operation ?? '', body: bodyOf(request) }),
    answer(request) {
      const given = answerRequest(company, budget, request);
      return { ...given, headers: { ...given.headers, 'r7-correlation-id': correlationOf(company, request) } };
    },
  };
}

function answerRequest(company: Company, budget: MinuteBudget, request: SimulatorRequest): SimulatorAnswer {
  const found = routeOf(request);
  const { key, owner } = keyOf(company, request);
  if (key === null) return refusal('gateway', 401, 'Unauthorized', '');
  const { wrongRegion, ratePerMinute, retryAfter } = company.switches;
  const isElsewhere =
    wrongRegion === '401' || (wrongRegion === 'validates' && !ANSWERED_ANYWHERE.has(found?.operation ?? ''));
  if (isElsewhere) return refusal('gateway', 401, 'Unauthorized', '');
  if (!request.path.startsWith(`${ACCOUNT}/`)) return answerRoute(company, request, found, key, owner);
  const left = ratePerMinute === 'off' ? null : budget.take(key.id, ratePerMinute);
  const rate: Record<string, string> = left
    ? {
        'ratelimit-limit': String(ratePerMinute),
        'ratelimit-remaining': String(left.remaining),
        'ratelimit-reset': String(left.resetSeconds),
      }
    : {};
  if (left?.isExceeded === true) {
    if (retryAfter === 'on') rate['retry-after'] = rate['ratelimit-reset'] ?? '60';
    return refusal('gateway', 429, 'API rate limit exceeded', '', rate);
  }
  const given = answerRoute(company, request, found, key, owner);
  return { ...given, headers: { ...given.headers, ...rate, 'www-authenticate': 'Key realm="kong"' } };
}

function answerRoute(
  company: Company,
  request: SimulatorRequest,
  found: Route | null,
  key: StoredKey,
  owner: StoredUser | null,
): SimulatorAnswer {
  const correlation = correlationOf(company, request);
  if (found === null) return notRouted(company, request);
  if (found.operation === 'getVmUsers' && company.switches.vmV4Users === 'off')
    return notRouted(company, request, true);
  const { switches } = company;
  const isUserCall = /^\/account\/api\/1\/users(?:\/|$)/.test(request.path);
  const isRefused =
    company.refused.has(found.operation) ||
    (!found.isOpen && owner !== null && !owner.platformAdmin) ||
    (isUserCall && key.kind === 'organization' && switches.organizationKey === 'refused');
  if (isRefused) return refusal(found.origin, 403, 'Forbidden', correlation);
  return found.handle({
    company,
    request,
    params: (found.path.exec(request.path) ?? []).slice(1).map(decodeURIComponent),
    body: bodyOf(request) ?? undefined,
    key,
    owner,
    actor: owner?.email ?? key.name,
    effect: effectRecorder(company, request.number),
  } satisfies Call);
}

/** 405 where the path is known under other verbs, else what the part of the platform says of unknown paths. */
function notRouted(company: Company, request: SimulatorRequest, isGone = false): SimulatorAnswer {
  const correlation = correlationOf(company, request);
  const others = isGone ? [] : ROUTES.filter(({ path }) => path.test(request.path));
  const origin = originOf(request.path);
  if (others.length > 0) {
    const allow = others.map(({ method }) => method).join(', ');
    return refusal(origin, 405, 'Method Not Allowed', correlation, { allow });
  }
  if (origin === 'v4') return refusal('v4', 404, 'The requested resource does not exist.', correlation);
  return noRoute();
}

/** The key of a request, and the owner of a user key: both have to be good. */
function keyOf(
  company: Company,
  request: SimulatorRequest,
): { readonly key: StoredKey | null; readonly owner: StoredUser | null } {
  const given = request.headers['x-api-key'];
  const key = [...company.keys.values()].find((each) => each.key === given) ?? null;
  if (key?.kind !== 'user') return { key, owner: null };
  const owner = company.users.get(key.ownerId ?? '') ?? null;
  return owner?.status === 'ACTIVE' ? { key, owner } : { key: null, owner: null };
}

function routeOf({ method, path }: SimulatorRequest): Route | null {
  return ROUTES.find((each) => each.method === method && each.path.test(path)) ?? null;
}

function bodyOf({ body }: SimulatorRequest): z.output<ReturnType<typeof z.json>> {
  if (body === '') return null;
  try {
    const parsed = z.json().safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
