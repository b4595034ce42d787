import { z } from 'zod';
import { allow } from '../http/access.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { problems } from './problems.ts';
import { emptyBody } from './schemas.ts';
import { time } from './common-schemas.ts';

const tags = ['Instance'];
const instanceSchema = z.object({
  version: z.string(),
  frozen_since: time.nullable().meta({
    description: 'Since when it stands still after a restore: it answers, and neither syncs nor changes anything.',
  }),
});

/** The instance as a whole: how it is, and going on after a restore. */
export function instanceRoutes(app: App, { instance, settings }: Services): void {
  app.get('/v1/instance', {
    config: allow('snapshot:read', 'instance'),
    schema: {
      tags,
      summary: 'Show this instance',
      operationId: 'getInstance',
      querystring: z.strictObject({}),
      response: { 200: instanceSchema, ...problems },
    },
    handler: async () => ({ version: settings.version, frozen_since: await instance.frozenSince() }),
  });

  app.post('/v1/thaw', {
    config: allow('access:manage', 'instance'),
    schema: {
      tags,
      summary: 'Go on after a restore',
      description:
        'Ends the standing still of a restored instance: syncs, schedules and runs that were under way go on. Harmless where it does not stand still.',
      operationId: 'thaw',
      querystring: z.strictObject({}),
      body: emptyBody,
      response: { 200: z.object({ was_frozen_since: time.nullable() }), ...problems },
    },
    handler: async () => ({ was_frozen_since: await instance.thaw() }),
  });
}
