import { z } from 'zod';
import type { Caller, Role } from '../../model/access.ts';
import { ROLE_PERMISSIONS } from '../../model/access.ts';
import { UsherError } from '../../model/errors.ts';
import { allow, assertPermission, callerOf } from '../http/access.ts';
import type { Principal } from '../../store/principals.ts';
import type { Token } from '../../store/tokens.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { principalBodyOf, tokenBodyOf } from './bodies.ts';
import { pageOfListing } from './listing.ts';
import { problems } from './problems.ts';
import {
  idPath, meSchema, pageQuery, pageSchema, principalBody, principalChangeBody, principalSchema, tokenBody, tokenSchema,
} from './schemas.ts'; // prettier-ignore

const tags = ['Access'];

/** Who may call: principals and their tokens. */
export function accessRoutes(app: App, services: Services): void {
  const { access } = services;

  app.get('/v1/me', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'Who am I',
      operationId: 'getMe',
      querystring: z.strictObject({}),
      response: { 200: meSchema, ...problems },
    },
    handler: async (request) => {
      const { principalId: id, principalName: name, principalKind: kind, ...caller } = callerOf(request);
      return {
        principal: { id, name, kind, role: caller.role },
        permissions: [...caller.permissions].sort(),
        connections: caller.connections && [...caller.connections],
      };
    },
  });

  app.get('/v1/principals', {
    config: allow('access:manage', 'instance'),
    schema: {
      tags,
      summary: 'List principals',
      operationId: 'listPrincipals',
      querystring: z.strictObject(pageQuery),
      response: { 200: pageSchema(principalSchema), ...problems },
    },
    handler: async (request) => {
      const rows = await access.listPrincipals();
      const position = ({ createdAt, id }: Principal) => [createdAt, id] as const;
      return pageOfListing({ list: 'principals', rows, position }, request.query, principalBodyOf);
    },
  });

  app.post('/v1/principals', {
    config: allow('access:manage', 'instance'),
    schema: {
      tags,
      summary: 'Add a principal',
      operationId: 'createPrincipal',
      querystring: z.strictObject({}),
      body: principalBody,
      response: { 201: principalSchema, ...problems },
    },
    handler: async (request, reply) => {
      const { name, email = null, kind, role } = request.body;
      reply.code(201);
      return principalBodyOf(await access.createPrincipal({ name, email, kind, role }));
    },
  });

  app.patch('/v1/principals/:id', {
    config: allow('access:manage', 'instance'),
    schema: {
      tags,
      summary: 'Change a principal',
      operationId: 'updatePrincipal',
      params: idPath,
      querystring: z.strictObject({}),
      body: principalChangeBody,
      response: { 200: principalSchema, ...problems },
    },
    handler: async (request) => principalBodyOf(await access.updatePrincipal(request.params.id, request.body)),
  });

  app.get('/v1/tokens', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'List tokens',
      description:
        'All tokens for those who manage access, their own for others; newest first. Never the tokens themselves.',
      operationId: 'listTokens',
      querystring: z.strictObject(pageQuery),
      response: { 200: pageSchema(tokenSchema), ...problems },
    },
    handler: async (request) => {
      const caller = callerOf(request);
      const rows = await access.listTokens(managesAccess(caller) ? null : caller.principalId);
      const position = ({ createdAt, id }: Token) => [createdAt, id] as const;
      return pageOfListing({ list: 'tokens', rows, position, isReversed: true }, request.query, tokenBodyOf);
    },
  });

  app.post('/v1/tokens', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'Make a token',
      description:
        'For yourself, never with more rights than the token you use; for others by those who manage access. ' +
        '`secret` is shown this once.',
      operationId: 'createToken',
      querystring: z.strictObject({}),
      body: tokenBody,
      response: {
        201: z.object({ token: tokenSchema, secret: z.string().meta({ examples: ['ush_…'] }) }),
        ...problems,
      },
    },
    handler: async (request, reply) => {
      const caller = callerOf(request);
      const {
        principal_id: principalId = caller.principalId,
        name,
        expires_in_days: expiresInDays = null,
      } = request.body;
      const asked = { role: request.body.role ?? null, connections: request.body.connections ?? null };
      const limits = managesAccess(caller) ? asked : ownLimits(caller, principalId, asked);
      const made = await access.createToken({ principalId, name, expiresInDays, ...limits }, caller);
      reply.code(201);
      return { token: tokenBodyOf(made.token), secret: made.secret };
    },
  });

  app.delete('/v1/tokens/:id', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'Revoke a token',
      operationId: 'revokeToken',
      params: idPath,
      querystring: z.strictObject({}),
      response: { 204: z.undefined().meta({ description: 'Revoked.' }), ...problems },
    },
    handler: async (request, reply) => {
      const caller = callerOf(request);
      const { id } = request.params;
      const token = await access.getToken(id).catch((error: unknown) => {
        if (error instanceof UsherError && error.kind === 'notFound') return null;
        throw error;
      });
      const isOwn = token?.principalId === caller.principalId;
      if (token === null || (!isOwn && !managesAccess(caller))) {
        throw new UsherError('notFound', `There is no token ${id}.`, {
          next: 'List them: GET /v1/tokens, or `usher token list`.',
        });
      }
      await access.revokeToken(id);
      return reply.code(204).send();
    },
  });
}

/** Manages access of the whole instance; a token limited to connections does not. */
function managesAccess(caller: Caller): boolean {
  return caller.permissions.has('access:manage') && caller.connections === null;
}

/** What a token made by somebody who does not manage access may be: its maker's, no role and no connection beyond. */
function ownLimits(
  caller: Caller,
  principalId: string,
  asked: { readonly role: Role | null; readonly connections: readonly string[] | null },
) {
  if (principalId !== caller.principalId) {
    assertPermission(caller, 'access:manage');
    throw new UsherError('permission', 'A token limited to some connections makes no tokens for others.', {
      code: 'wrongScope',
    });
  }
  const role = asked.role ?? caller.role;
  const isBeyond = [...ROLE_PERMISSIONS[role]].some((permission) => !caller.permissions.has(permission));
  if (isBeyond) {
    throw new UsherError('permission', `Your token (${caller.role}) cannot make one of role ${role}.`, {
      field: 'role',
    });
  }
  const connections = asked.connections ?? caller.connections;
  const foreign = connections?.filter((id) => caller.connections !== null && !caller.connections.includes(id)) ?? [];
  if (foreign.length > 0) {
    throw new UsherError('permission', 'Your token cannot make one for other connections than its own.', {
      field: 'connections',
    });
  }
  return { role, connections };
}
