import { z } from 'zod';
import { flagSchema, wholeNumber } from '../../connector-kit/unified/index.ts';
import { nextQuery } from '../v1/common-schemas.ts';
import { idempotencyHeaders, planSchema } from '../v1/change-schemas.ts';
import { accountHeaders } from '../unified/schemas.ts';

/** What `/actions` takes and answers: StackOne's catalogue and RPC call, and our own extras. */

const part = z.record(z.string(), z.unknown()).nullish();

export const rpcQuery = z.strictObject({
  'x-account-id': z.string().optional(),
  account_id: z.string().optional(),
  dry_run: flagSchema.optional(),
  sync: z.string().optional().meta({ description: 'Ignored: all calls are synchronous.' }),
  debug: z.string().optional().meta({ description: 'Ignored.' }),
});

export const rpcBody = z
  .strictObject({
    action: z.string().min(1).max(200).meta({ description: 'Id of the action; GET /actions lists them.' }),
    path: part,
    query: part,
    headers: part.meta({ description: '`x-account-id`, for clients that send no HTTP header.' }),
    body: part,
    dry_run: z
      .boolean()
      .optional()
      .meta({ description: 'Only shows the call to the app, or the plan, that would be made; secrets masked.' }),
    defender_config: part.meta({ description: 'Ignored.' }),
  })
  .meta({ examples: [{ action: 'lastpass_list_users', query: { disabled: true, page_size: 100 } }] });

export const rpcHeaders = accountHeaders.extend(idempotencyHeaders.shape);

export const previewSchema = z.object({
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string().nullable(),
});

export const rpcAnswer = z.object({
  data: z.unknown(),
  next: z.string().nullable(),
  preview: previewSchema
    .optional()
    .meta({ description: 'With `dry_run` of a reading action: the exact call, secrets masked.' }),
  plan: planSchema
    .optional()
    .meta({ description: 'With `dry_run` of a writing action: the plan it would make. It is not stored.' }),
});

export const catalogueQuery = z.strictObject({
  filter: z
    .strictObject({
      account_ids: z
        .string()
        .max(2000)
        .optional()
        .meta({ description: 'Comma list of connections: one entry for each.' }),
      connectors: z.string().max(2000).optional().meta({ description: 'Comma list of connectors.' }),
      action_key: z.string().max(200).optional().meta({ description: 'Only this action.' }),
    })
    .optional(),
  group_by: z
    .enum(['connector', '["connector"]'])
    .optional()
    .meta({ description: 'Only by connector; that is also the default.' }),
  include: z
    .string()
    .max(200)
    .optional()
    .meta({ description: '`action_details` (or `operation_details`) adds the schemas of input and output.' }),
  exclude: z.enum(['actions']).optional().meta({ description: '`actions` leaves the actions out.' }),
  search: z.string().max(200).optional().meta({ description: 'Words that id, label or description must hold.' }),
  page_size: wholeNumber(1, 100).default(25),
  next: nextQuery,
});

const jsonSchema = z.record(z.string(), z.unknown());
const details = z.object({ input_schema: jsonSchema, output_schema: jsonSchema });
const actionMeta = z.object({
  id: z.string(),
  label: z.string(),
  description: z.string(),
  schema_type: z.enum(['native', 'unified']),
  effect: z.enum(['read', 'write', 'destructive']),
  tags: z.array(z.string()),
  required_scopes: z.array(z.string()),
  action_details: details.optional(),
  operation_details: details.optional(),
});

export const catalogueEntry = z
  .object({
    key: z.string(),
    name: z.string(),
    description: z.string(),
    icon: z.null(),
    version: z.string(),
    release_stage: z.string(),
    account_id: z.string().optional(),
    authentication: z.array(z.object({ key: z.string(), label: z.string(), type: z.string() })),
    scope_definitions: z.array(z.unknown()),
    actions: z.array(actionMeta).optional(),
  })
  .meta({ id: 'ConnectorActions' });
export type CatalogueEntry = z.output<typeof catalogueEntry>;

export const actionSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    description: z.string(),
    effect: z.enum(['read', 'write', 'destructive']),
    schema_type: z.enum(['native', 'unified']),
    connector: z.string(),
    input_schema: jsonSchema,
    output_schema: jsonSchema,
  })
  .meta({ id: 'Action' });
