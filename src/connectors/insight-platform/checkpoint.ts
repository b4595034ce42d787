import type { z } from 'zod';
import { UsherError } from '../../model/errors.ts';
import type { JsonValue } from '../../model/records.ts';

/** Where a pull stands; throws `stale` for what another version has left. */
export function readCheckpoint<Schema extends z.ZodType>(
  schema: Schema,
  checkpoint: JsonValue,
  start: z.output<Schema>,
): z.output<Schema> {
  if (checkpoint === null) return start;
  const parsed = schema.safeParse(checkpoint);
  if (parsed.success) return parsed.data;
  throw new UsherError('stale', 'The checkpoint of this pull is of another version of the connector.', {
    next: 'Start the collection again.',
  });
}
