import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { Caller, Permission } from '../../model/access.ts';
import { UsherError, invalidInput } from '../../model/errors.ts';
import { connectionIdSchema } from '../../model/ids.ts';
import type { AccessService } from '../services.ts';
import type { Limiter } from './limits.ts';
import { isCompatiblePath } from './paths.ts';

/**
 * Who may call a route, and how the connections of a token narrow it:
 * `instance`: concerns no single connection; a token limited to some may not.
 * `connection`: the path parameter `connection` must be one of the token's.
 * `account`: the header `x-account-id` must name one of the token's.
 * `filtered`: answers only what concerns the token's connections; the handler sees to it with `scopeOf`.
 */
export type AccessRule =
  | { readonly kind: 'public' }
  | {
      readonly kind: 'token';
      readonly permission: Permission;
      readonly reach: 'instance' | 'connection' | 'account' | 'filtered';
    };

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: AccessRule;
  }
  interface FastifyRequest {
    /** null on public routes. */
    caller: Caller | null;
  }
}

export const publicRoute: AccessRule = { kind: 'public' };

/** A rule for `route.config.access`. */
export function allow(
  permission: Permission,
  reach: Extract<AccessRule, { kind: 'token' }>['reach'],
): { readonly access: AccessRule } {
  return { access: { kind: 'token', permission, reach } };
}

/** Refuses at start any route without an access rule, and lets no request reach a handler that its rule forbids. */
export function enforceAccess(
  app: FastifyInstance,
  access: AccessService,
  limiter: Limiter,
  isPublicAsset: (url: string) => boolean,
): void {
  app.decorateRequest('caller', null);
  app.addHook('onRoute', (route: RouteOptions) => {
    // The documentation UI brings routes of its own: static files and the description of the API.
    if (isPublicAsset(route.url)) route.config = { ...route.config, access: publicRoute };
    if (route.config?.access === undefined) {
      throw new Error(`Route ${String(route.method)} ${route.url} has no access rule: set config.access.`);
    }
  });
  app.addHook('onRequest', async (request, reply) => {
    const rule = request.routeOptions.config.access;
    if (rule === undefined || rule.kind === 'public') return; // no rule: the router found no route
    limiter.admit(request);
    const caller = await authenticate(access, limiter, request);
    limiter.count(request, reply, caller);
    request.caller = caller;
    assertPermission(caller, rule.permission);
    assertReach(request, caller, rule.reach);
  });
}

/** Who calls; what is refused counts against its address. */
async function authenticate(access: AccessService, limiter: Limiter, request: FastifyRequest): Promise<Caller> {
  try {
    return await access.authenticate(tokenOf(request));
  } catch (error) {
    if (error instanceof UsherError && error.kind === 'auth') limiter.failed(request);
    throw error;
  }
}

/** Throws where the token of a request is good no longer: for answers that go on for long. */
export async function authenticateAgain(access: AccessService, request: FastifyRequest): Promise<void> {
  await access.authenticate(tokenOf(request));
}

/** The caller of a request; on a public route there is none, and asking is a programming error. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error(`${request.routeOptions.url} asks for a caller but is public.`);
  return request.caller;
}

/** Throws `permission` unless the caller has it. */
export function assertPermission(caller: Caller, permission: Permission): void {
  if (caller.permissions.has(permission)) return;
  throw new UsherError(
    'permission',
    `${caller.principalName} (${caller.role}) may not do this: it needs ${permission}.`,
    {
      next: 'Use a token of a principal with a role that has it.',
    },
  );
}

/** Whether a caller may see a connection. */
export function maySee(caller: Caller, connection: string): boolean {
  return caller.connections === null || caller.connections.includes(connection);
}

/**
 * The connections a list may show: all the caller may see, or the one asked for. One that the caller may not see is
 * answered as one that does not exist.
 */
export function scopeOf(caller: Caller, asked: string | undefined): readonly string[] | null {
  if (asked === undefined) return caller.connections;
  if (!maySee(caller, asked)) throw noSuchConnection(asked);
  return [asked];
}

/** The one way to say that a connection is not there, or not for this caller. */
export function noSuchConnection(id: string): UsherError {
  return new UsherError('notFound', `There is no connection ${id}.`, {
    next: 'List them: GET /v1/connections, or `usher connections`.',
  });
}

/** The connection that `x-account-id` names: `invalidInput` where it is absent or no connection's id. */
export function accountIdOf(request: FastifyRequest): string {
  const header = request.headers['x-account-id'];
  if (header === undefined || header === '') {
    throw invalidInput('x-account-id', 'The header x-account-id is missing.', 'Set it to the id of a connection.');
  }
  if (typeof header !== 'string' || !connectionIdSchema.safeParse(header).success) throw noSuchAccount();
  return header;
}

/** The one way to say that `x-account-id` names no connection of this caller (400, as the contract has it). */
export function noSuchAccount(): UsherError {
  return invalidInput(
    'x-account-id',
    'x-account-id names no connection.',
    'Name one that is: GET /v1/connections or `usher connections` lists them.',
  );
}

function assertReach(request: FastifyRequest, caller: Caller, reach: string): void {
  if (caller.connections === null) {
    if (reach === 'account') accountIdOf(request);
    return;
  }
  if (reach === 'account' && !maySee(caller, accountIdOf(request))) throw noSuchAccount();
  if (reach === 'connection') {
    const id = connectionParameter(request);
    if (!maySee(caller, id)) throw noSuchConnection(id);
  }
  if (reach === 'instance') {
    throw new UsherError('permission', 'This token is limited to some connections; this concerns the whole instance.', {
      code: 'wrongScope',
      next: 'Use a token that is not limited to connections.',
    });
  }
}

function connectionParameter({ params }: FastifyRequest): string {
  if (
    typeof params === 'object' &&
    params !== null &&
    'connection' in params &&
    typeof params.connection === 'string'
  ) {
    return params.connection;
  }
  throw new Error('A route of reach "connection" has no path parameter named connection.');
}

/** The token of a request: `Bearer`, and on the compatible paths also Basic with the token as user name. */
function tokenOf(request: FastifyRequest): string {
  const header = request.headers.authorization;
  if (header === undefined) throw unauthorized('missingToken', 'There is no Authorization header.');
  const [, scheme = '', credentials = ''] = /^(\S+) +(\S+) *$/u.exec(header) ?? [];
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (scheme.toLowerCase() === 'basic' && isCompatiblePath(request.url)) return basicUserName(credentials);
  throw unauthorized('invalidToken', 'The Authorization header is not of the form `Bearer TOKEN`.');
}

function basicUserName(credentials: string): string {
  const [, user = '', password] = /^([^:]*):(.*)$/su.exec(Buffer.from(credentials, 'base64').toString('utf8')) ?? [];
  if (user !== '' && password === '') return user;
  throw unauthorized('invalidToken', 'Basic credentials here are the token as user name and an empty password.');
}

function unauthorized(code: string, message: string): UsherError {
  return new UsherError('auth', message, {
    code,
    next: 'Send `Authorization: Bearer TOKEN`; `usher token create --local` makes a token.',
  });
}
