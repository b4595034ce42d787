import { z } from 'zod';
import { actionNamed } from '../actions/catalogue.ts';
import { UsherError, invalidInput } from '../../model/errors.ts';
import { allow, callerOf, maySee, noSuchConnection, scopeOf } from '../http/access.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { planBodyOf, planChangeBody, planSummaryBody, runBody } from './change-bodies.ts';
import { existing } from './connections.ts';
import { problems } from './problems.ts';
import {
  changesQuery, emptyBody, idempotencyHeaders, idPath, pageSchema, planBody, planChangeSchema, plansQuery, planSchema,
  planSummarySchema, queryFlag, reasonBody, runSchema,
} from './schemas.ts'; // prettier-ignore

const tags = ['Changes'];

/** Plans: asking for changes, looking at them, deciding, starting. What carries them out is in `runs.ts`. */
export function planRoutes(app: App, services: Services): void {
  const { changes } = services;

  app.post('/v1/plans', {
    config: allow('plan:make', 'filtered'),
    schema: {
      tags,
      summary: 'Plan an action',
      description:
        'Works out what a writing action would change, and stores that as a plan: `waiting` for an approval, or `ready` ' +
        'to be applied. Nothing is sent to the app. With `dry_run=true` nothing is stored either.',
      operationId: 'makePlan',
      headers: idempotencyHeaders,
      querystring: z.strictObject({ dry_run: queryFlag.optional() }),
      body: planBody,
      response: {
        200: planSchema.meta({ description: 'Only worked out, with `dry_run=true`.' }),
        201: planSchema,
        ...problems,
      },
    },
    handler: async (request, reply) => {
      const { connection, action, input, reason = null, override, apply_when_approved, apply_at = null } = request.body;
      const caller = callerOf(request);
      if (!maySee(caller, connection)) throw noSuchConnection(connection);
      assertWriting(services, action, (await existing(services, connection)).connector);
      const dryRun = request.query.dry_run === true;
      const plan = await changes.plan(
        {
          connectionId: connection,
          action,
          input,
          reason,
          override,
          appliesWhenApproved: apply_when_approved,
          applyAt: apply_at,
          dryRun,
          idempotencyKey: request.headers['idempotency-key'] ?? null,
        },
        caller,
      );
      reply.code(dryRun ? 200 : 201);
      return planBodyOf(plan);
    },
  });

  app.get('/v1/plans', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'List plans, newest first',
      operationId: 'listPlans',
      querystring: plansQuery,
      response: { 200: pageSchema(planSummarySchema), ...problems },
    },
    handler: async (request) => {
      const { page_size: limit, next, connection, state: states } = request.query;
      await assertVisible(services, request, connection);
      const page = await changes.listPlans({ connectionId: connection, states, limit, next }, callerOf(request));
      return { data: page.items.map(planSummaryBody), next: page.next };
    },
  });

  app.get('/v1/plans/:id', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'Show a plan',
      operationId: 'getPlan',
      params: idPath,
      querystring: z.strictObject({}),
      response: { 200: planSchema, ...problems },
    },
    handler: async (request) => planBodyOf(await changes.getPlan(request.params.id, callerOf(request))),
  });

  app.get('/v1/plans/:id/changes', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'List the changes of a plan, with what came of them',
      operationId: 'listPlanChanges',
      params: idPath,
      querystring: changesQuery,
      response: { 200: pageSchema(planChangeSchema), ...problems },
    },
    handler: async (request) => {
      const { page_size: limit, next, state: states } = request.query;
      const page = await changes.planChanges(request.params.id, { states, limit, next }, callerOf(request));
      return { data: page.items.map(planChangeBody), next: page.next };
    },
  });

  app.post('/v1/plans/:id/approve', {
    config: allow('plan:approve', 'filtered'),
    schema: {
      tags,
      summary: 'Approve a plan',
      description: 'Binds to the plan as it was signed. It starts at once where the plan asks for that.',
      operationId: 'approvePlan',
      params: idPath,
      querystring: z.strictObject({}),
      body: reasonBody,
      response: { 200: planSchema, ...problems },
    },
    handler: async (request) => {
      return planBodyOf(await changes.approve(request.params.id, request.body?.reason ?? null, callerOf(request)));
    },
  });

  app.post('/v1/plans/:id/reject', {
    config: allow('plan:approve', 'filtered'),
    schema: {
      tags,
      summary: 'Reject a plan',
      operationId: 'rejectPlan',
      params: idPath,
      querystring: z.strictObject({}),
      body: reasonBody,
      response: { 200: planSchema, ...problems },
    },
    handler: async (request) => {
      return planBodyOf(await changes.reject(request.params.id, request.body?.reason ?? null, callerOf(request)));
    },
  });

  app.post('/v1/plans/:id/cancel', {
    config: allow('plan:make', 'filtered'),
    schema: {
      tags,
      summary: 'Withdraw a plan that was not applied',
      operationId: 'cancelPlan',
      params: idPath,
      querystring: z.strictObject({}),
      body: emptyBody,
      response: { 200: planSchema, ...problems },
    },
    handler: async (request) => planBodyOf(await changes.cancelPlan(request.params.id, callerOf(request))),
  });

  app.post('/v1/plans/:id/apply', {
    config: allow('plan:make', 'filtered'),
    schema: {
      tags,
      summary: 'Apply a plan',
      description: 'Starts its run, or answers the one there is: applying twice changes nothing twice.',
      operationId: 'applyPlan',
      params: idPath,
      querystring: z.strictObject({}),
      body: emptyBody,
      response: { 202: runSchema, ...problems },
    },
    handler: async (request, reply) => {
      const run = await changes.apply(request.params.id, callerOf(request));
      reply.code(202);
      return runBody(run);
    },
  });
}

/** A list narrowed to a connection: one that is not there, or not for this caller, is a 404 and no empty list. */
export async function assertVisible(
  services: Services,
  request: Parameters<typeof callerOf>[0],
  connection: string | undefined,
): Promise<void> {
  scopeOf(callerOf(request), connection);
  if (connection !== undefined) await existing(services, connection);
}

/** Throws unless the action is there, writes, and is one of the connection's connector. */
function assertWriting(services: Services, id: string, connectorId: string): void {
  const { connector, action } = actionNamed(services, id, connectorId);
  if (connector.id !== connectorId) {
    throw invalidInput(
      'action',
      `${id} is an action of ${connector.id}; the connection is of ${connectorId}.`,
      'Name an action of that connector: GET /actions, or `usher actions`.',
    );
  }
  if (action.effect !== 'read') return;
  throw new UsherError('invalidInput', `${id} only reads: there is nothing to plan.`, {
    field: 'action',
    next: `Call it: POST /actions/rpc, or \`usher call ${id}\`.`,
  });
}
