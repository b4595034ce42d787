import { z } from 'zod';

/** One call behind an answer, shown when `raw=true`. */
export const rawEntrySchema = z
  .object({
    method: z.string(),
    url: z.string(),
    body: z.unknown().optional(),
    response: z.unknown().optional(),
  })
  .meta({ id: 'RawEntry', description: 'What the app sent, as it was kept at the last observation.' });
export type RawEntry = z.input<typeof rawEntrySchema>;

/** The envelope of a list: `next` is an opaque cursor, null at the end; the SDK's iterator stops there. */
export function listEnvelope<Item extends z.ZodType>(item: Item) {
  return z.object({
    data: z.array(item),
    next: z.string().nullable(),
    raw: z.array(rawEntrySchema).optional(),
  });
}

/** The envelope of one object. */
export function oneEnvelope<Item extends z.ZodType>(item: Item) {
  return z.object({ data: item, raw: z.array(rawEntrySchema).optional() });
}

/**
 * Every error of the unified and action paths. The first three fields are required by the SDK, which otherwise raises a
 * validation error instead of its typed one; the others are ours.
 */
export const unifiedErrorSchema = z
  .object({
    statusCode: z.number().int(),
    message: z.string(),
    timestamp: z.iso.datetime({ offset: true }),
    code: z.string().meta({ description: 'For programs: `auth`, `invalidToken`, `notSynced` …' }),
    next: z.string().optional().meta({ description: 'What to do next.' }),
    field: z.string().optional().meta({ description: 'The field of the request that is wrong.' }),
    connection: z.string().optional(),
    retry: z.boolean().meta({ description: 'Whether the same call can succeed later.' }),
    help: z.string().optional(),
    plan: z.string().optional().meta({ description: 'The plan it is about: held for approval, or still running.' }),
    run: z.string().optional().meta({ description: 'The run it is about.' }),
    request_id: z.string(),
  })
  .meta({
    id: 'UnifiedError',
    examples: [
      {
        statusCode: 409,
        message: 'Connection lastpass has not been pulled completely yet.',
        timestamp: '2026-03-02T10:15:00.000Z',
        code: 'notSynced',
        next: 'Start a sync (`usher sync lastpass`) and ask again when it has succeeded.',
        connection: 'lastpass',
        retry: true,
        request_id: '0198f2c4-7c1e-7d6a-b1de-0a4f5f6f7a10',
      },
    ],
  });
