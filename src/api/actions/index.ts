import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { connectionIdSchema } from '../../model/ids.ts';
import { UsherError, invalidInput } from '../../model/errors.ts';
import { allow, assertPermission, callerOf, maySee, noSuchAccount } from '../http/access.ts';
import { signalOf } from '../http/signal.ts';
import type { ConnectionView } from '../../connections/views.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { unifiedErrors } from '../unified/schemas.ts';
import { planBodyOf } from '../v1/change-bodies.ts';
import { actionNamed, catalogue, schemasOf } from './catalogue.ts';
import { flatInput } from './input.ts';
import { perform } from './perform.ts';
import { actionSearchRoutes } from './search-routes.ts';
import { actionSchema, catalogueEntry, catalogueQuery, rpcAnswer, rpcBody, rpcHeaders, rpcQuery } from './schemas.ts';

const tags = ['Actions'];

/** The catalogue of actions and their calls: `/actions`, `/actions/{id}`, `/actions/search`, `/actions/rpc`. */
export function actionRoutes(app: App, services: Services): void {
  actionSearchRoutes(app, services);

  app.get('/actions', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'List actions, by connector',
      operationId: 'stackone_list_actions_meta',
      querystring: catalogueQuery,
      response: { 200: z.object({ data: z.array(catalogueEntry), next: z.string().nullable() }), ...unifiedErrors },
    },
    handler: async (request) => catalogue(services, callerOf(request), request.query),
  });

  app.get('/actions/:id', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'Show an action',
      operationId: 'getAction',
      params: z.strictObject({ id: z.string().min(1).max(200) }),
      querystring: z.strictObject({}),
      response: { 200: actionSchema, ...unifiedErrors },
    },
    handler: async (request) => {
      const { connector, action } = actionNamed(services, request.params.id);
      const { id, title, description, effect, schemaType } = action;
      return { id, title, description, effect, schema_type: schemaType, connector: connector.id, ...schemasOf(action) };
    },
  });

  app.post('/actions/rpc', {
    // What an action needs depends on its effect: checked in the handler.
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'Call an action',
      description:
        'Reading actions go to the app, live (`live:read`). Writing ones (`plan:make`) make a plan, apply it and wait for ' +
        'its end, at most a minute; where a person has to approve, or it takes longer, the answer is a 409 that names ' +
        'plan and run. `path`, `query` and `body` make the flat input of the action. The connection is named by the header `x-account-id`, by `headers["x-account-id"]` in the body, or in the query.',
      operationId: 'stackone_rpc_action',
      headers: rpcHeaders,
      querystring: rpcQuery,
      body: rpcBody,
      response: { 200: rpcAnswer, ...unifiedErrors },
    },
    handler: async (request, reply) => {
      const { action: id, path, query, body, dry_run } = request.body;
      const { connector, action } = actionNamed(services, id);
      const caller = callerOf(request);
      assertPermission(caller, action.effect === 'read' ? 'live:read' : 'plan:make');
      const connection = await calledConnection(services, request, request.body.headers, request.query);
      if (connection.connector !== connector.id) {
        throw invalidInput(
          'action',
          `${id} is an action of ${connector.id}; connection ${connection.id} is of ${connection.connector}.`,
          'Name a connection of that connector.',
        );
      }
      const dryRun = dry_run === true || request.query.dry_run === true;
      const input = flatInput({ path, query, body });
      const options = { dryRun, signal: signalOf(reply) };
      if (action.effect !== 'read') {
        const idempotencyKey = request.headers['idempotency-key'] ?? null;
        const call = { connectionId: connection.id, action: id, input, idempotencyKey };
        if (dryRun) {
          return { data: null, next: null, plan: planBodyOf(await services.changes.plan({ ...call, dryRun }, caller)) };
        }
        return { data: await perform(services.changes, call, caller, options.signal), next: null };
      }
      const outcome = await services.connections.callAction(connection.id, id, input, options);
      if (outcome.kind === 'preview') {
        return { data: null, next: null, preview: { ...outcome.preview, headers: { ...outcome.preview.headers } } };
      }
      return { data: outcome.result.data, next: outcome.result.next ?? null };
    },
  });
}

/** The connection a call names, wherever it names it; more than one name must be the same. */
async function calledConnection(
  { connections }: Services,
  request: FastifyRequest,
  bodyHeaders: Readonly<Record<string, unknown>> | null | undefined,
  query: { readonly 'x-account-id'?: string | undefined; readonly account_id?: string | undefined },
): Promise<ConnectionView> {
  const inBody = Object.entries(bodyHeaders ?? {}).find(([name]) => name.toLowerCase() === 'x-account-id')?.[1];
  const given = [request.headers['x-account-id'], inBody, query['x-account-id'], query.account_id];
  const [id, ...others] = new Set(given.filter((each) => each !== undefined && each !== null && each !== ''));
  if (id === undefined) {
    throw invalidInput(
      'x-account-id',
      'The call names no connection.',
      'Name one: the header x-account-id, or `--connection`.',
    );
  }
  if (others.length > 0) throw invalidInput('x-account-id', 'The call names several connections.', 'Name one.');
  const isKnown = typeof id === 'string' && connectionIdSchema.safeParse(id).success && maySee(callerOf(request), id);
  if (!isKnown) throw noSuchAccount();
  try {
    return await connections.get(id);
  } catch (error) {
    if (error instanceof UsherError && error.kind === 'notFound') throw noSuchAccount();
    throw error;
  }
}
