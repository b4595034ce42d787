import { z } from 'zod';
import { allow, callerOf } from '../http/access.ts';
import type { PolicyChange } from '../../lifecycle/surface.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { handoffBody, markBody, policyBody } from './change-bodies.ts';
import { existing } from './connections.ts';
import { problems } from './problems.ts';
import {
  connectionPath, emptyBody, handoffSchema, idPath, markChangeBody, markPath, markSchema, policyChangeBody,
  policyViewSchema, wholeListSchema,
} from './schemas.ts'; // prettier-ignore

const tags = ['Guards and marks'];

/** What guards go by: marks of accounts and thresholds; and the secrets that changes hand over, shown once. */
export function guardRoutes(app: App, services: Services): void {
  markRoutes(app, services);
  policyRoutes(app, services);
  handoffRoutes(app, services);
}

function markRoutes(app: App, services: Services): void {
  const { changes } = services;

  app.get('/v1/connections/:connection/marks', {
    config: allow('snapshot:read', 'connection'),
    schema: {
      tags,
      summary: 'List the marks of a connection',
      operationId: 'listMarks',
      params: connectionPath,
      querystring: z.strictObject({}),
      response: { 200: wholeListSchema(markSchema), ...problems },
    },
    handler: async (request) => {
      const { id } = await existing(services, request.params.connection);
      return { data: (await changes.listMarks(id, callerOf(request))).map(markBody), next: null };
    },
  });

  app.get('/v1/accounts/:connection/:key/mark', {
    config: allow('snapshot:read', 'connection'),
    schema: {
      tags,
      summary: 'Show the mark of an account',
      operationId: 'getMark',
      params: markPath,
      querystring: z.strictObject({}),
      response: { 200: markSchema, ...problems },
    },
    handler: async (request) => {
      const { id } = await existing(services, request.params.connection);
      return markBody(await changes.getMark(id, request.params.key, callerOf(request)));
    },
  });

  app.patch('/v1/accounts/:connection/:key/mark', {
    config: allow('mark:manage', 'connection'),
    schema: {
      tags,
      summary: 'Mark an account',
      description: 'By its key or e-mail address. What is absent stays as it is; null takes away.',
      operationId: 'setMark',
      params: markPath,
      querystring: z.strictObject({}),
      body: markChangeBody,
      response: { 200: markSchema, ...problems },
    },
    handler: async (request) => {
      const {
        is_protected: isProtected,
        is_service: isService,
        ignored_until: ignoredUntil,
        owner,
        note,
      } = request.body;
      const { id } = await existing(services, request.params.connection);
      const change = { isProtected, isService, owner, ignoredUntil, note };
      return markBody(await changes.setMark(id, request.params.key, given(change), callerOf(request)));
    },
  });
}

function policyRoutes(app: App, services: Services): void {
  const { changes } = services;

  app.get('/v1/policy', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'Show the thresholds for all connections',
      operationId: 'getPolicy',
      querystring: z.strictObject({}),
      response: { 200: policyViewSchema, ...problems },
    },
    handler: async (request) => policyBody(await changes.getPolicy(null, callerOf(request))),
  });

  app.patch('/v1/policy', {
    config: allow('guard:override', 'instance'),
    schema: {
      tags,
      summary: 'Set thresholds for all connections',
      operationId: 'setPolicy',
      querystring: z.strictObject({}),
      body: policyChangeBody,
      response: { 200: policyViewSchema, ...problems },
    },
    handler: async (request) => {
      return policyBody(await changes.setPolicy(null, policyChange(request.body), callerOf(request)));
    },
  });

  app.get('/v1/connections/:connection/policy', {
    config: allow('snapshot:read', 'connection'),
    schema: {
      tags,
      summary: 'Show the thresholds of a connection',
      operationId: 'getConnectionPolicy',
      params: connectionPath,
      querystring: z.strictObject({}),
      response: { 200: policyViewSchema, ...problems },
    },
    handler: async (request) => {
      const { id } = await existing(services, request.params.connection);
      return policyBody(await changes.getPolicy(id, callerOf(request)));
    },
  });

  app.patch('/v1/connections/:connection/policy', {
    config: allow('guard:override', 'connection'),
    schema: {
      tags,
      summary: 'Set thresholds of a connection',
      operationId: 'setConnectionPolicy',
      params: connectionPath,
      querystring: z.strictObject({}),
      body: policyChangeBody,
      response: { 200: policyViewSchema, ...problems },
    },
    handler: async (request) => {
      const { id } = await existing(services, request.params.connection);
      return policyBody(await changes.setPolicy(id, policyChange(request.body), callerOf(request)));
    },
  });
}

function handoffRoutes(app: App, { changes }: Services): void {
  app.get('/v1/handoffs', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'List the secrets that wait for you',
      operationId: 'listHandoffs',
      querystring: z.strictObject({}),
      response: { 200: wholeListSchema(handoffSchema), ...problems },
    },
    handler: async (request) => {
      return { data: (await changes.listHandoffs(callerOf(request))).map(handoffBody), next: null };
    },
  });

  app.post('/v1/handoffs/:id/take', {
    // Both who asks for changes and who approves them are given secrets; which of them may, the lifecycle says.
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'Take a secret',
      description: 'Shows it this once, to the one it is for; then it is gone.',
      operationId: 'takeHandoff',
      params: idPath,
      querystring: z.strictObject({}),
      body: emptyBody,
      response: { 200: z.object({ handoff: handoffSchema, secret: z.string() }), ...problems },
    },
    handler: async (request) => {
      const { handoff, secret } = await changes.takeHandoff(request.params.id, callerOf(request));
      return { handoff: handoffBody(handoff), secret };
    },
  });
}

function policyChange(body: z.output<typeof policyChangeBody>): PolicyChange {
  return given({
    windowMinutes: body.window_minutes,
    approvalAboveSubjects: body.approval_above_subjects,
    stopAboveSubjects: body.stop_above_subjects,
    stopAbovePercent: body.stop_above_percent,
    maxSnapshotAgeHours: body.max_snapshot_age_hours,
    planDays: body.plan_days,
  });
}

/** The fields that were given: an absent one is not the same as one that is taken away. */
function given<Change extends object>(change: Change): Partial<Change> {
  const kept: Partial<Change> = { ...change };
  for (const name in kept) if (kept[name] === undefined) delete kept[name];
  return kept;
}
