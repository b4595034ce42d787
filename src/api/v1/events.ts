import { z } from 'zod';
import { invalidInput } from '../../model/errors.ts';
import { allow, callerOf, scopeOf } from '../http/access.ts';
import { waitingSignalOf } from '../http/signal.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { eventBody } from './bodies.ts';
import { existing } from './connections.ts';
import { problems } from './problems.ts';
import { eventSchema, pageQuery, queryNumber } from './schemas.ts';

/** The feed of change events. */
export function eventRoutes(app: App, services: Services): void {
  app.get('/v1/events', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags: ['Events'],
      summary: 'Read the feed of events',
      description:
        'Events after a position, in the order in which they were committed. `next` is always there: the position to go ' +
        'on from. `after=latest` starts at the end of the feed, `last=N` answers the newest N. With `wait`, an empty answer is held back until something comes or the time is over.',
      operationId: 'listEvents',
      querystring: z.strictObject({
        after: z
          .string()
          .regex(/^(?:latest|\d{1,15})$/u, 'Expected a whole number, or latest')
          .transform((text) => (text === 'latest' ? text : Number(text)))
          .optional()
          .meta({ description: 'A position (`next` of the answer before), or `latest`; default: all.' }),
        last: queryNumber(1, 500).optional().meta({ description: 'Only the newest so many; without `after`.' }),
        connection: z.string().min(1).max(200).optional(),
        type: z
          .string()
          .regex(/^[\p{L}\p{N}_.]+\*?$/u, 'Expected a type as account.created, or a prefix as account.*')
          .max(200)
          .optional()
          .meta({ description: 'A type (`account.created`), or a prefix that ends in `*` (`account.*`).' }),
        source: z.enum(['sync', 'usher', 'app']).optional(),
        page_size: pageQuery.page_size,
        wait: queryNumber(0, 30).default(0).meta({ description: 'Seconds, at most 30.' }),
      }),
      response: { 200: z.object({ data: z.array(eventSchema), next: z.string() }), ...problems },
    },
    handler: async (request, reply) => {
      const { after = 0, last, connection, type, source, page_size: limit, wait } = request.query;
      if (last !== undefined && request.query.after !== undefined) {
        throw invalidInput('last', 'last and after cannot both be asked for.', 'Ask for last, then go on with after.');
      }
      const scope = scopeOf(callerOf(request), connection);
      if (connection !== undefined) await existing(services, connection);
      const { reads, events } = services;
      const filter = { scope, type, source };
      const read = async (from: number) => reads.readEvents(filter, from, limit);
      let page =
        last !== undefined
          ? await reads.readLastEvents(filter, last)
          : after === 'latest'
            ? await latest(services)
            : await read(after);
      if (page.events.length === 0 && wait > 0) {
        await events.waitFor(page.next, wait * 1000, waitingSignalOf(reply));
        page = await read(page.next);
      }
      return { data: page.events.map(eventBody), next: String(page.next) };
    },
  });
}

/** Nothing, and the end of the feed as it is now. */
async function latest({ reads }: Services) {
  return reads.readEvents({ scope: [] }, 0, 1);
}
