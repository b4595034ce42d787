import { z } from 'zod';
import { type CursorBinding, decodeCursor, encodeCursor } from '../../model/cursor.ts';
import { UsherError, invalidInput } from '../../model/errors.ts';
import type { Caller } from '../../model/access.ts';
import { allow, callerOf, maySee } from '../http/access.ts';
import type { SyncRunPosition } from '../../store/sync/runs.ts';
import type { SyncRunView } from '../../sync/view.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { syncRunBody } from './bodies.ts';
import { existing } from './connections.ts';
import { problems } from './problems.ts';
import { connectionPath, pageQuery, pageSchema, runPath, syncRunSchema } from './schemas.ts';

const tags = ['Syncs'];
const oneRun = z.object({ run: syncRunSchema });

/** Pulls of connections: asking for one, watching it, confirming what the guard paused, cancelling. */
export function syncRoutes(app: App, services: Services): void {
  const { syncs } = services;

  app.post('/v1/connections/:connection/syncs', {
    config: allow('sync:run', 'connection'),
    schema: {
      tags,
      summary: 'Sync a connection',
      description: 'Starts a pull, or joins the one under way (`joined`).',
      operationId: 'requestSync',
      params: connectionPath,
      querystring: z.strictObject({}),
      response: { 202: oneRun.extend({ joined: z.boolean() }), ...problems },
    },
    handler: async (request, reply) => {
      const { id } = await existing(services, request.params.connection);
      const { run, isJoined } = await syncs.request(id, callerOf(request).principalName);
      reply.code(202);
      return { run: syncRunBody(run), joined: isJoined };
    },
  });

  app.get('/v1/connections/:connection/syncs', {
    config: allow('snapshot:read', 'connection'),
    schema: {
      tags,
      summary: 'List the syncs of a connection, newest first',
      operationId: 'listSyncs',
      params: connectionPath,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageSchema(syncRunSchema), ...problems },
    },
    handler: async (request) => {
      const { page_size: pageSize, next } = request.query;
      const { id } = await existing(services, request.params.connection);
      const binding = { list: `v1/connections/${id}/syncs`, filters: {} };
      const { rows, hasMore } = await syncs.list(id, positionOf(next, binding), pageSize);
      const last = rows.at(-1);
      return {
        data: rows.map(syncRunBody),
        next: hasMore && last !== undefined ? encodeCursor(binding, [last.requestedAt, last.id]) : null,
      };
    },
  });

  app.post('/v1/connections/:connection/syncs/confirm', {
    config: allow('sync:run', 'connection'),
    schema: {
      tags,
      summary: 'Confirm the paused sync of a connection',
      operationId: 'confirmPausedSync',
      params: connectionPath,
      querystring: z.strictObject({}),
      response: { 202: oneRun, ...problems },
    },
    handler: async (request, reply) => {
      const { id } = await existing(services, request.params.connection);
      const paused = await syncs.paused(id);
      if (paused === null) {
        throw new UsherError('conflict', `No sync of ${id} waits to be confirmed.`, { connection: id });
      }
      reply.code(202);
      return { run: syncRunBody(await syncs.confirm(paused.id, callerOf(request).principalName)) };
    },
  });

  app.get('/v1/syncs/:run', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'Show a sync',
      operationId: 'getSync',
      params: runPath,
      querystring: z.strictObject({}),
      response: { 200: syncRunSchema, ...problems },
    },
    handler: async (request) => syncRunBody(await visibleRun(services, callerOf(request), request.params.run)),
  });

  app.post('/v1/syncs/:run/confirm', {
    config: allow('sync:run', 'filtered'),
    schema: {
      tags,
      summary: 'Confirm a paused sync',
      description: 'Says that what the guard stopped is true; the pull is then committed.',
      operationId: 'confirmSync',
      params: runPath,
      querystring: z.strictObject({}),
      response: { 202: oneRun, ...problems },
    },
    handler: async (request, reply) => {
      const { id } = await visibleRun(services, callerOf(request), request.params.run);
      reply.code(202);
      return { run: syncRunBody(await syncs.confirm(id, callerOf(request).principalName)) };
    },
  });

  app.post('/v1/syncs/:run/cancel', {
    config: allow('sync:run', 'filtered'),
    schema: {
      tags,
      summary: 'Cancel a sync',
      description: 'What was pulled is dropped; the snapshot stays as it is.',
      operationId: 'cancelSync',
      params: runPath,
      querystring: z.strictObject({}),
      response: { 202: oneRun, ...problems },
    },
    handler: async (request, reply) => {
      const { id } = await visibleRun(services, callerOf(request), request.params.run);
      reply.code(202);
      return { run: syncRunBody(await syncs.cancel(id)) };
    },
  });
}

const positionSchema = z.tuple([z.iso.datetime(), z.uuid()]);

/** The run after which the list goes on; null: from the newest. Throws `invalidInput` for a cursor that was made up. */
function positionOf(next: string | undefined, binding: CursorBinding): SyncRunPosition | null {
  const position = decodeCursor(next, binding, 2);
  if (position === null) return null;
  const parsed = positionSchema.safeParse(position);
  if (!parsed.success) {
    throw invalidInput('next', 'next is not a cursor that this list handed out.', 'Start the list again without it.');
  }
  const [requestedAt, id] = parsed.data;
  return { requestedAt, id };
}

/** A run by id; one of a connection the caller may not see is answered as one that does not exist. */
async function visibleRun({ syncs }: Services, caller: Caller, id: string): Promise<SyncRunView> {
  const noSuchRun = () =>
    new UsherError('notFound', `There is no sync ${id}.`, {
      next: 'List those of a connection: GET /v1/connections/{id}/syncs, or `usher sync status`.',
    });
  try {
    const run = await syncs.get(id);
    if (maySee(caller, run.connectionId)) return run;
  } catch (error) {
    if (!(error instanceof UsherError) || error.kind !== 'notFound') throw error;
  }
  throw noSuchRun();
}
