import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { RunProgress } from '../../lifecycle/surface.ts';
import { ERROR_KINDS, invalidInput, toUsherError, UsherError } from '../../model/errors.ts';
import { allow, authenticateAgain, callerOf } from '../http/access.ts';
import { eventStreamText } from '../http/event-stream.ts';
import type { StreamEvent } from '../http/event-stream.ts';
import { waitingSignalOf } from '../http/signal.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { runBody, runChangeBody } from './change-bodies.ts';
import { problems } from './problems.ts';
import { idPath } from './schemas.ts';

/** Shorter than the idle limits of the usual reverse proxies (60 s, some 30 s). */
const HEARTBEAT_MS = 15_000;
const POSITION = /^\d{1,15}$/u;

/** The progress of a run as server-sent events. */
export function runEventsRoute(app: App, { access, changes, log }: Services): void {
  app.get('/v1/runs/:id/events', {
    config: allow('snapshot:read', 'filtered'),
    // To answer HEAD the stream would have to be followed to its end.
    exposeHeadRoute: false,
    schema: {
      tags: ['Changes'],
      summary: 'Follow a run',
      description:
        'Server-sent events until the run has ended: `run` (a Run) first and last, `change` (a RunChange) in between, ' +
        'each with its position as `id`. `Last-Event-ID`, or `after`, goes on from a position. A comment comes every ' +
        '15 seconds. `problem` (a Problem in short) is the last event where something failed on the way.',
      operationId: 'followRun',
      params: idPath,
      headers: z.object({ 'last-event-id': z.string().max(100).optional() }),
      querystring: z.strictObject({
        after: z.string().optional().meta({ description: 'A position; default: from the start.' }),
      }),
      response: {
        200: {
          description: 'The stream.',
          content: { 'text/event-stream': { schema: z.unknown().meta({ type: 'string' }) } },
        },
        ...problems,
      },
    },
    handler: async (request, reply) => {
      const caller = callerOf(request);
      const after = positionOf(request.headers['last-event-id'] ?? request.query.after);
      // Before anything is sent: a run that is not there is a 404.
      const { id } = await changes.getRun(request.params.id, caller);
      const signal = waitingSignalOf(reply);
      const open = (ended: AbortSignal) => {
        return asEvents(changes.follow(id, after, caller, AbortSignal.any([signal, ended])));
      };
      const pulse = {
        beat: (ended: AbortSignal) => wait(HEARTBEAT_MS, undefined, { signal: ended, ref: false }),
        check: () => authenticateAgain(access, request),
      };
      const text = eventStreamText(open, pulse, (thrown) => {
        if (!(thrown instanceof UsherError)) {
          log.error({ error: String(thrown), request: request.id, run: id }, 'following a run failed');
        }
        return problemOf(thrown);
      });
      // Its socket ends with it: one kept alive for a next request would hold up a server that closes.
      reply.header('connection', 'close').header('x-accel-buffering', 'no').type('text/event-stream; charset=utf-8');
      return reply.send(Readable.from(text));
    },
  });
}

async function* asEvents(progress: AsyncGenerator<RunProgress, void, void>): AsyncGenerator<StreamEvent, void, void> {
  for await (const each of progress) {
    yield each.kind === 'run'
      ? { event: 'run', data: runBody(each.run) }
      : { event: 'change', id: String(each.position), data: runChangeBody(each.change) };
  }
}

function problemOf(thrown: unknown): StreamEvent {
  const { kind, message, details, canRetry } = toUsherError(
    thrown instanceof UsherError ? thrown : new Error('Something went wrong in Usher itself.'),
  );
  const { code = kind, next } = details;
  return { event: 'problem', data: { status: ERROR_KINDS[kind].status, code, detail: message, next, retry: canRetry } };
}

function positionOf(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  if (POSITION.test(text)) return Number(text);
  throw invalidInput('after', `"${text.slice(0, 40)}" is no position of an event.`, 'Give the `id` of the last event.');
}
