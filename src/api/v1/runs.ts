import { z } from 'zod';
import type { Caller } from '../../model/access.ts';
import type { RunView } from '../../lifecycle/surface.ts';
import { allow, callerOf } from '../http/access.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { planBodyOf, planChangeBody, runBody } from './change-bodies.ts';
import { assertVisible } from './plans.ts';
import { problems } from './problems.ts';
import { runEventsRoute } from './run-events.ts';
import {
  changePath, changesQuery, emptyBody, idPath, noteBody, pageSchema, planChangeSchema, planSchema, reasonBody, runSchema, runsQuery,
} from './schemas.ts'; // prettier-ignore

const tags = ['Changes'];

/** Runs: plans being carried out, and what came of them. */
export function runRoutes(app: App, services: Services): void {
  const { changes } = services;

  app.get('/v1/runs', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'List runs, newest first',
      operationId: 'listRuns',
      querystring: runsQuery,
      response: { 200: pageSchema(runSchema), ...problems },
    },
    handler: async (request) => {
      const { page_size: limit, next, connection, state: states } = request.query;
      await assertVisible(services, request, connection);
      const page = await changes.listRuns({ connectionId: connection, states, limit, next }, callerOf(request));
      return { data: page.items.map(runBody), next: page.next };
    },
  });

  app.get('/v1/runs/:id', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'Show a run',
      description: 'By its id, or by that of its plan.',
      operationId: 'getRun',
      params: idPath,
      querystring: z.strictObject({}),
      response: { 200: runSchema, ...problems },
    },
    handler: async (request) => runBody(await changes.getRun(request.params.id, callerOf(request))),
  });

  app.get('/v1/runs/:id/changes', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'List the changes of a run, with their receipts',
      operationId: 'listRunChanges',
      params: idPath,
      querystring: changesQuery,
      response: { 200: pageSchema(planChangeSchema), ...problems },
    },
    handler: async (request) => {
      const { page_size: limit, next, state: states } = request.query;
      const caller = callerOf(request);
      const { planId } = await changes.getRun(request.params.id, caller);
      const page = await changes.planChanges(planId, { states, limit, next }, caller);
      return { data: page.items.map(planChangeBody), next: page.next };
    },
  });

  const steer = (
    verb: string,
    summary: string,
    description: string,
    act: (id: string, by: Caller) => Promise<RunView>,
    access = allow('plan:make', 'filtered'),
  ) => {
    app.post(`/v1/runs/:id/${verb}`, {
      config: access,
      schema: {
        tags,
        summary,
        description,
        operationId: `${verb}Run`,
        params: idPath,
        querystring: z.strictObject({}),
        body: emptyBody,
        response: { 202: runSchema, ...problems },
      },
      handler: async (request, reply) => {
        const run = await act(request.params.id, callerOf(request));
        reply.code(202);
        return runBody(run);
      },
    });
  };
  // Who asked for a run and who approved it may stop it; the lifecycle says who that is.
  const stoppers = allow('snapshot:read', 'filtered');
  steer(
    'pause',
    'Pause a run',
    'It stops at the next safe point; what is under way ends first.',
    (id, by) => changes.pause(id, by),
    stoppers,
  );
  steer('resume', 'Resume a paused run', 'What was not called yet goes on.', (id, by) => changes.resume(id, by));
  steer(
    'cancel',
    'Cancel a run',
    'What was not called yet never is; what was done stays done.',
    (id, by) => changes.cancelRun(id, by),
    stoppers,
  );
  steer('retry', 'Try the failed changes of a run again', 'Only those; each is read before it is called.', (id, by) =>
    changes.retry(id, by),
  );

  app.post('/v1/runs/:id/changes/:ordinal/confirm', {
    config: stoppers,
    schema: {
      tags,
      summary: 'Say that the task is done which a change waits for',
      description:
        'Only persons, who asked for the run or may approve one: their name and the note go into the receipt, and the ' +
        'run goes on. A 409 with the code `notWaiting` where the change does not wait for a person.',
      operationId: 'confirmTask',
      params: changePath,
      querystring: z.strictObject({}),
      body: noteBody,
      response: { 202: runSchema, ...problems },
    },
    handler: async (request, reply) => {
      const { id, ordinal } = request.params;
      const run = await changes.confirmTask(id, ordinal, request.body?.note ?? null, callerOf(request));
      reply.code(202);
      return runBody(run);
    },
  });

  app.post('/v1/runs/:id/undo', {
    config: allow('plan:make', 'filtered'),
    schema: {
      tags,
      summary: 'Plan to take a run back',
      description:
        'Makes a plan of what can be taken back; it is approved and applied as any other. A run that waits is cancelled.',
      operationId: 'undoRun',
      params: idPath,
      querystring: z.strictObject({}),
      body: reasonBody,
      response: { 201: planSchema, ...problems },
    },
    handler: async (request, reply) => {
      const plan = await changes.undo(request.params.id, request.body?.reason ?? null, callerOf(request));
      reply.code(201);
      return planBodyOf(plan);
    },
  });

  runEventsRoute(app, services);
}
