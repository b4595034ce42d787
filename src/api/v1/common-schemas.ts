import { z } from 'zod';

/** What `/v1` takes and answers; JSON in snake_case, times ISO 8601 in UTC. */

export const time = z.string().meta({ description: 'ISO 8601, UTC.', examples: ['2026-03-02T10:15:00.000Z'] });
export const count = z.number().int().nonnegative();
export const extra = z.record(z.string(), z.unknown());

const digits = z.string().regex(/^\d{1,15}$/u, 'Expected a whole number');
/** A whole number in a query string. */
export function queryNumber(min: number, max: number) {
  return digits.transform(Number).pipe(z.int().min(min).max(max));
}
export const queryFlag = z.enum(['true', 'false']).transform((word) => word === 'true');
/** A moment in a query string: with zone, so that nobody has to guess it. */
export const queryMoment = z.iso
  .datetime({ offset: true, error: 'Expected a date and time with zone, as 2026-03-02T10:15:00Z' })
  .transform((text) => new Date(text).toISOString());

/** An empty one is refused: a client that lost its cursor would go over the first page for ever. */
export const nextQuery = z
  .string()
  .min(1, 'It is empty. Leave it out for the first page')
  .max(4096)
  .optional()
  .meta({ description: 'The `next` of the page before.' });

export const pageQuery = {
  page_size: queryNumber(1, 500).default(50).meta({ description: 'Rows a page, 1 to 500.' }),
  next: nextQuery,
};

/** The path of what belongs to a connection. Any text: one that names no connection is a 404. */
export const connectionPath = z.strictObject({ connection: z.string().min(1).max(200) });
export const idPath = z.strictObject({ id: z.string().min(1).max(200) });
export const runPath = z.strictObject({ run: z.uuid() });

/** `{data, next}`: a page of a list. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), next: z.string().nullable() });
}

/** `{data}`: a list that is always whole. */
export function wholeListSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), next: z.null() });
}

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string(),
    next: z.string().optional().meta({ description: 'What to do next.' }),
    field: z.string().optional().meta({ description: 'The field of the request that is wrong.' }),
    connection: z.string().optional(),
    retry: z.boolean().meta({ description: 'Whether the same call can succeed later.' }),
    help: z.string().optional(),
    plan: z.string().optional().meta({ description: 'The plan it is about: held for approval, or still running.' }),
    run: z.string().optional().meta({ description: 'The run it is about.' }),
    certificate: z
      .object({
        sha256: z.string().meta({ description: 'Its fingerprint, 64 hex digits.' }),
        subject: z.string(),
        issuer: z.string(),
        valid_from: time,
        valid_to: time,
      })
      .optional()
      .meta({ description: 'What the app showed where its certificate is not trusted, for a person to compare.' }),
    request_id: z.string(),
  })
  .meta({
    id: 'Problem',
    description: 'What happened, to what, and what to do next (RFC 9457).',
    examples: [
      {
        type: 'https://usher.example/errors/not-found',
        title: 'Not found',
        status: 404,
        code: 'notFound',
        detail: 'There is no connection lastpas.',
        next: 'List them: GET /v1/connections, or `usher connections`.',
        retry: false,
        request_id: '0198f2c4-7c1e-7d6a-b1de-0a4f5f6f7a10',
      },
    ],
  });
