import { z } from 'zod';
import type { Change, ChangeParams, Writes } from '../connector-kit/changes.ts';
import { defineChange } from '../connector-kit/define-change.ts';

/** Changes that no connector makes, but Usher itself. */

/** Which change's credentials are put back: those the connection had before it. */
export interface RestoreParams {
  readonly plan: string;
  readonly ordinal: number;
}

const paramsSchema: z.ZodType<RestoreParams> = z.strictObject({ plan: z.string(), ordinal: z.int() });

/** Puts back the credentials that a connection had before a change of its own went over to others. Nothing is called. */
const restore: Change = defineChange<unknown, RestoreParams>({
  id: 'usher_restore_credentials',
  summary: () => 'Give the connection the credentials back that it had before',
  params: paramsSchema,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: false, how: 'Make new credentials again.' },
  wanted: () => false,
  proof: { by: 'answer', note: 'Usher keeps and uses them from now on' },
  batchSize: 1,
  inverse: () => null,
  call: () => Promise.reject(new TypeError('Usher makes this change itself.')),
});

/** Its name in plans. */
export const RESTORE = restore.id;

/** Whether Usher makes this change itself. */
export function isBuiltIn(id: string): boolean {
  return id === RESTORE;
}

/** Which credentials are put back. */
export function restoreParams(params: ChangeParams): RestoreParams {
  return paramsSchema.parse(params);
}

/** A change by its id: a connector's, or Usher's own. Throws `unsupported` where there is none (any more). */
export function changeOf(writes: Writes, id: string): Change {
  return isBuiltIn(id) ? restore : writes.change(id);
}
