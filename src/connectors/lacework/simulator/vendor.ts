import type {
  SimulatedVendor,
  SimulatorAnswer,
  SimulatorRequest,
} from '../../../connector-kit/simulator-kit/server.ts';
import { effectRecorder } from '../../../connector-kit/simulator-kit/logs.ts';
import { createAccessToken, keyIdIn } from './access-tokens.ts';
import { authenticate, type Caller, rightIn, type Scope, scopeOf } from './access.ts';
import { type RateLimiter, rateLimiter, type RateStanding } from './limits.ts';
import { functionalityOf, type Match, matchRoute, type Route, TOKEN_OPERATION } from './routes.ts';
import { emptySearch } from './search.ts';
import { primaryOf, type Tenant } from './tenant.ts';
import { type Answer, apiSegments, describeBody, header, json, readBody, refusalAnswer, Refused } from './wire.ts';

/**
 * The API on the wire. The order of checks: address, method, token, rate, what the request is about, the right to it, the
 * user model of the account, the body.
 */
export function laceworkVendor(tenant: Tenant): Pick<SimulatedVendor, 'describe' | 'answer'> {
  const limiter = rateLimiter(tenant.clock);
  return {
    describe(request) {
      const match = matchOf(tenant, request);
      const operation = match.kind === 'token' ? TOKEN_OPERATION : match.kind === 'route' ? match.route.operation : '';
      return { operation, body: describeBody(request) };
    },
    answer: (request) => answerRequest(tenant, limiter, request),
  };
}

function answerRequest(tenant: Tenant, limiter: RateLimiter, request: SimulatorRequest): SimulatorAnswer {
  let standing: RateStanding | null = null;
  const count = (bucket: string) => {
    standing = limiter.take(bucket, tenant.switches.rateLimitPerHour);
    if (standing && !standing.isAllowed) throw new Refused(429, 'Too Many Requests');
  };
  try {
    return finished(tenant, standingAnswer(tenant, request, count), standing);
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    return finished(tenant, refusalAnswer(thrown, tenant.switches), standing);
  }
}

function standingAnswer(tenant: Tenant, request: SimulatorRequest, count: (bucket: string) => void): Answer {
  const match = matchOf(tenant, request);
  switch (match.kind) {
    case 'unknown':
      throw new Refused(403, 'Unrecognized url');
    case 'wrong-method':
      throw new Refused(405, 'Method Not Allowed');
    case 'token':
      needContentType(tenant, request);
      count(`${keyIdIn(readBody(request))} POST access/tokens`);
      return createAccessToken(tenant, request);
    default: {
      const caller = authenticate(tenant, request);
      needContentType(tenant, request);
      count(`${ownerOf(caller)} ${functionalityOf(match.route)}`);
      return answerRoute(tenant, request, caller, match);
    }
  }
}

function answerRoute(
  tenant: Tenant,
  request: SimulatorRequest,
  caller: Caller,
  { route, params }: Extract<Match, { kind: 'route' }>,
): Answer {
  const scope = scopeOf(tenant, request, caller, route.takesOrgAccess);
  // The profile is the caller's own, whatever it was asked about.
  if (scope.kind === 'mismatch' && route.kind !== 'self') return mismatch(tenant, route);
  const about: Exclude<Scope, { kind: 'mismatch' }> =
    scope.kind === 'mismatch' ? { kind: 'account', account: caller.home } : scope;
  const account = about.kind === 'account' ? about.account : primaryOf(tenant);
  const right = about.kind === 'account' ? rightIn(caller, account) : 'admin';
  if (!isEnough(right, route.needs)) throw new Refused(403, 'User not authorized');
  if (route.model && account.model !== route.model) {
    const resource = route.path.split('/')[0] ?? '';
    throw new Refused(Number(tenant.switches.rbacRefusal), `${resource} API is not available for this account`);
  }
  return route.answer({
    tenant,
    caller,
    scope: about,
    params,
    query: request.query,
    body: route.method === 'GET' || route.method === 'DELETE' ? undefined : readBody(request),
    origin: `http://${header(request, 'host')}`,
    effect: effectRecorder(tenant, request.number),
  });
}

/** A key without a right to the organization: nothing there and no error (a guide), or 403. */
function mismatch(tenant: Tenant, { kind }: Route): Answer {
  if (tenant.switches.scopeMismatch === 'forbidden' || kind === 'write') throw new Refused(403, 'User not authorized');
  if (kind === 'get') throw new Refused(404, 'Not Found');
  return kind === 'search' ? emptySearch({ tenant }) : json(200, { data: [] });
}

function isEnough(right: 'none' | 'read' | 'admin', needed: Route['needs']): boolean {
  return needed === 'none' || right === 'admin' || right === needed;
}

function needContentType(tenant: Tenant, request: SimulatorRequest): void {
  if (tenant.switches.contentTypeRequired === 'off') return;
  if (!header(request, 'content-type').toLowerCase().startsWith('application/json')) {
    throw new Refused(400, 'Invalid Content-Type');
  }
}

function ownerOf({ key: { owner } }: Caller): string {
  return 'email' in owner ? owner.email : owner.guid;
}

function matchOf(tenant: Tenant, request: SimulatorRequest): Match {
  const segments = apiSegments(request.path);
  return segments ? matchRoute(request.method, segments, tenant.switches) : { kind: 'unknown' };
}

/** With the headers every answer has; those of the rate say a whole allowance where nothing was counted. */
function finished({ switches }: Tenant, { status, body }: Answer, standing: RateStanding | null): SimulatorAnswer {
  const rate = standing ?? fullStanding(switches.rateLimitPerHour);
  return {
    status,
    headers: {
      ...(status !== 204 && { 'content-type': 'application/json' }),
      ...(rate &&
        switches.rateLimitHeaders === 'on' && {
          'ratelimit-limit': String(rate.limit),
          'ratelimit-remaining': String(rate.remaining),
          'ratelimit-reset': String(rate.resetSeconds),
        }),
    },
    body,
  };
}

function fullStanding(perHour: number | 'off'): RateStanding | null {
  if (perHour === 'off') return null;
  return { isAllowed: true, limit: perHour, remaining: perHour, resetSeconds: 0 };
}
