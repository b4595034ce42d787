import { z } from 'zod';
import { flagSchema } from '../../connector-kit/unified/index.ts';
import { idempotencyHeaders, planSchema } from '../v1/change-schemas.ts';
import { accountHeaders, idParams } from './schemas.ts';

/** What the writes of `/unified` take and answer: the bodies of StackOne's SDK, and those of our own paths. */

export const writeHeaders = accountHeaders.extend(idempotencyHeaders.shape);

const dryRun = {
  dry_run: flagSchema.optional().meta({ description: 'Only answers the plan that would be made; nothing is stored.' }),
};
export const writeQuery = z.strictObject(dryRun);
export const endQuery = z.strictObject({
  ...dryRun,
  mode: z
    .enum(['disable', 'remove', 'delete', 'uninvite'])
    .optional()
    .meta({ description: 'How; default: the mildest way the app has to end access for good.' }),
});

export const memberParams = idParams.extend({
  user_id: z.string().min(1).max(2000).meta({ description: "The app's id of the user, or a composite id." }),
});

const text = z.string().trim().min(1).max(500);
const email = z
  .string()
  .trim()
  .min(3)
  .max(320)
  .regex(/^\S+@\S+$/u, 'Expected an e-mail address');
const statusChange = z.object({
  value: z.string().nullish().meta({ description: '`enabled` or `disabled`.' }),
  source_value: z.unknown().optional(),
});
const names = {
  name: text.nullish().meta({ description: 'Full name.' }),
  first_name: text.nullish().meta({ description: 'With `last_name`, where `name` is not given.' }),
  last_name: text.nullish(),
};

/** StackOne's body; what no app of ours can change is known, so that the answer can say so. */
export const updateBody = z
  .strictObject({
    ...names,
    primary_email_address: email.nullish(),
    status: statusChange.nullish(),
    username: text.nullish().meta({ description: 'Refused (422): no app lets it be changed by itself.' }),
    is_bot_user: z.unknown().optional().meta({ description: 'Refused (422): mark the account as a service instead.' }),
    passthrough: z.record(z.string(), z.unknown()).nullish().meta({ description: 'Refused (422) unless empty.' }),
  })
  .meta({ examples: [{ status: { value: 'disabled' } }] });
export type UpdateBody = z.output<typeof updateBody>;

const groupReference = z.union([text, z.object({ id: text })]);
export const createBody = z
  .strictObject({
    ...names,
    primary_email_address: email,
    groups: z.array(groupReference).max(100).nullish().meta({ description: 'Ids of groups to put the user into.' }),
  })
  .meta({
    examples: [{ primary_email_address: 'lena.fischer@northwind.example', name: 'Lena Fischer', groups: ['Finance'] }],
  });

const resultShape = {
  statusCode: z.number().int(),
  message: z.string(),
  timestamp: z.iso.datetime({ offset: true }),
};
const example = { message: 'lena.fischer@northwind.example is disabled.', timestamp: '2026-03-02T10:15:00.000Z' };

export const writeResult = z
  .object({
    ...resultShape,
    run: z
      .string()
      .nullable()
      .optional()
      .meta({ description: 'The run that did it: GET /v1/runs/{id}/changes has the receipts.' }),
    plan: planSchema.optional().meta({ description: 'With `dry_run`: the plan it would make.' }),
  })
  .meta({
    id: 'WriteResult',
    examples: [{ statusCode: 200, ...example, run: '0198f2c9-11b2-7c52-9d0e-51d0aa20c3f7' }],
  });

export const createResult = z
  .object({ ...resultShape, run: z.string().nullable(), data: z.object({ id: z.string() }) })
  .meta({ id: 'CreateResult' });

export const heldResult = z
  .object({ ...resultShape, code: z.string(), plan: planSchema })
  .meta({ id: 'HeldResult', description: 'It waits for a person, or goes on: `message` says how to go on.' });
