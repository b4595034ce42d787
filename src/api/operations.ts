import { z } from 'zod';
import { publicRoute } from './http/access.ts';
import { descriptionOf, partSchema } from './openapi-parts.ts';
import type { Services } from './services.ts';
import type { App } from './types.ts';

const config = { access: publicRoute };
const tags = ['Operations'];

/** What operators and their tools ask for: `/healthz`, `/readyz`, `/openapi.json`. They tell nothing of a company. */
export function operationRoutes(app: App, { health, log, settings }: Services): void {
  app.get('/healthz', {
    config,
    schema: {
      tags,
      security: [],
      summary: 'Is the process alive',
      operationId: 'getHealth',
      response: { 200: z.object({ status: z.literal('ok'), version: z.string() }) },
    },
    handler: async () => ({ status: 'ok' as const, version: settings.version }),
  });

  const readiness = z.object({
    status: z.enum(['ready', 'notReady']),
    waiting_for: z.array(z.string()),
    workers: z.int().nullable().describe('How many processes carry work out; null: the database does not say'),
  });
  app.get('/readyz', {
    config,
    schema: {
      tags,
      security: [],
      summary: 'Can it serve: database reachable, engine launched',
      operationId: 'getReadiness',
      response: { 200: readiness, 503: readiness },
    },
    handler: async (_, reply) => {
      const waitingFor = await health.notReady().catch((error: unknown) => {
        log.warn({ error: error instanceof Error ? error.message : String(error) }, 'the readiness check failed');
        return ['the check itself'];
      });
      if (waitingFor.length > 0) reply.code(503).header('retry-after', '2');
      return {
        status: waitingFor.length > 0 ? ('notReady' as const) : ('ready' as const),
        waiting_for: [...waitingFor],
        workers: await health.workers().catch(() => null),
      };
    },
  });

  app.get('/openapi.json', {
    config,
    schema: { hide: true, querystring: z.strictObject({ part: partSchema.optional() }) },
    handler: async (request, reply) => {
      const description = descriptionOf(app.swagger(), request.query.part ?? null);
      return reply.type('application/json; charset=utf-8').send(JSON.stringify(description));
    },
  });
}
