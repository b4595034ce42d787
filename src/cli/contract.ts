import { z } from 'zod';

/**
 * What the CLI reads from the answers of `/v1` and `/actions`: checked at the edge, tolerant of fields and words that a
 * newer server adds, which `--json` passes on untouched.
 */
const time = z.string().nullish();
const count = z.number().nullish();

const probeSchema = z.looseObject({
  tenant: z.looseObject({ id: z.string(), name: z.string() }),
  capabilities: z.array(z.string()),
  notes: z.array(z.string()).default([]),
});

export const configFieldSchema = z.looseObject({
  name: z.string(),
  title: z.string(),
  description: z.string().nullish(),
  kind: z.enum(['text', 'secret', 'choice', 'number']).catch('text'),
  choices: z.array(z.string()).nullish(),
  default: z.union([z.string(), z.number(), z.boolean()]).nullish(),
  required: z.boolean(),
});
export type ConfigField = z.infer<typeof configFieldSchema>;

export const connectorSchema = z.looseObject({
  id: z.string(),
  title: z.string(),
  description: z.string().nullish(),
  fields: z.array(configFieldSchema),
});
export type ConnectorInfo = z.infer<typeof connectorSchema>;

const countsSchema = z.looseObject({
  account: count, group: count, role: count, resource: count, grant: count, credential: count,
}); // prettier-ignore
export type Counts = z.infer<typeof countsSchema>;

export const connectionSchema = z.looseObject({
  id: z.string(),
  connector: z.string(),
  title: z.string().nullish(),
  settings: z.record(z.string(), z.unknown()).default({}),
  state: z.string(),
  paused_reason: z.string().nullish(),
  capabilities: z.array(z.string()).default([]),
  tenant: z.looseObject({ id: z.string(), name: z.string() }).nullish(),
  schedule_seconds: z.number().nullish(),
  next_sync_at: time,
  last_sync: z.looseObject({ run_id: z.string(), state: z.string(), finished_at: time }).nullish(),
  snapshot_at: time,
  counts: countsSchema.nullish(),
  budgets: z
    .array(z.looseObject({ functionality: z.string(), limit: z.number(), left: z.number(), reset_seconds: z.number() }))
    .default([]),
});
export type Connection = z.infer<typeof connectionSchema>;
export const connectedSchema = connectionSchema.extend({ probe: probeSchema.nullish() });
export const testedSchema = z.looseObject({ probe: probeSchema });
export type Probe = z.infer<typeof probeSchema>;

/** A difference between what an app sent and what its connector knows. */
const driftSchema = z.looseObject({
  operation: z.string(),
  path: z.string(),
  problem: z.string(),
  sample: z.string(),
  first_seen_at: time,
  last_seen_at: time,
  occurrences: z.number(),
});
export type Drift = z.infer<typeof driftSchema>;
export const driftListSchema = z.looseObject({ data: z.array(driftSchema) });

export const removalSchema = z.looseObject({
  connection: z.unknown().optional(),
  goes: z.record(z.string(), z.union([z.number(), z.boolean(), z.string(), z.null()])),
});

const problemSchema = z.looseObject({
  title: z.string().nullish(),
  status: z.number().nullish(),
  code: z.string().nullish(),
  detail: z.string().nullish(),
  next: z.string().nullish(),
  type: z.string().nullish(),
  field: z.string().nullish(),
  connection: z.string().nullish(),
  retry: z.boolean().nullish(),
  help: z.string().nullish(),
  request_id: z.string().nullish(),
  certificate: z
    .looseObject({
      sha256: z.string(),
      subject: z.string(),
      issuer: z.string(),
      valid_from: z.string(),
      valid_to: z.string(),
    })
    .nullish(),
  // The frame of the compatible paths.
  statusCode: z.number().nullish(),
  message: z.string().nullish(),
});
export type Problem = z.infer<typeof problemSchema>;
export { problemSchema };

export const syncRunSchema = z.looseObject({
  id: z.string(),
  connection: z.string(),
  state: z.string(),
  requested_by: z.string().nullish(),
  started_at: time,
  finished_at: time,
  is_baseline: z.boolean().nullish(),
  progress: z
    .looseObject({ pages: count, records: count, rate_per_second: count, total: count, eta_seconds: count })
    .nullish(),
  collections: z
    .array(
      z.looseObject({
        id: z.string(),
        scope: z.string().nullish(),
        state: z.string(),
        pages: count,
        records: count,
        total: count,
        reason: z.string().nullish(),
      }),
    )
    .default([]),
  changes: z.looseObject({ added: count, updated: count, removed: count, missing: count, events: count }).nullish(),
  anomalies: z.array(z.looseObject({ message: z.string() })).default([]),
  error: problemSchema.nullish(),
  counts: countsSchema.nullish(),
});
export type SyncRun = z.infer<typeof syncRunSchema>;
export const syncRunListSchema = z.looseObject({ data: z.array(syncRunSchema) });
export const startedSyncSchema = z.looseObject({ run: syncRunSchema, joined: z.boolean().nullish() });
export const confirmedSyncSchema = z.looseObject({ run: syncRunSchema });

export const accountSchema = z.looseObject({
  connection: z.string(),
  key: z.string(),
  email: z.string().nullish(),
  username: z.string().nullish(),
  display_name: z.string().nullish(),
  status: z.string(),
  is_locked: z.boolean().nullish(),
  is_service: z.boolean().nullish(),
  mfa: z.array(z.string()).nullish(),
  roles: z.array(z.string()).default([]),
  employee_number: z.string().nullish(),
  created_at: time,
  last_login_at: time,
  extra: z.record(z.string(), z.unknown()).nullish(),
  seen_from: time,
  missing_since: time,
});
export type Account = z.infer<typeof accountSchema>;

const grantSchema = z.looseObject({
  target: z.looseObject({
    kind: z.string(),
    key: z.string(),
    name: z.string().nullish(),
    type: z.string().nullish(),
  }),
  permission: z.string(),
  path: z.string().nullish(),
});

export const accountDetailSchema = accountSchema.extend({
  grants: z.array(grantSchema).default([]),
  history: z.array(z.looseObject({ seen_from: time, seen_to: time, changes: z.unknown().optional() })).default([]),
});
export type AccountDetail = z.infer<typeof accountDetailSchema>;

export const credentialSchema = z.looseObject({
  connection: z.string(),
  key: z.string(),
  type: z.string(),
  name: z.string(),
  owner: z.looseObject({ key: z.string(), name: z.string().nullish(), email: z.string().nullish() }).nullish(),
  is_enabled: z.boolean().nullish(),
  created_at: time,
  expires_at: time,
  last_used_at: time,
  extra: z.record(z.string(), z.unknown()).nullish(),
  missing_since: time,
});
export type Credential = z.infer<typeof credentialSchema>;
export const credentialDetailSchema = credentialSchema.extend({ raw: z.unknown().optional() });

export const eventSchema = z.looseObject({
  position: z.union([z.number(), z.string()]),
  connection: z.string(),
  source: z.string().nullish(),
  type: z.string(),
  subject: z.looseObject({ kind: z.string(), key: z.string() }).nullish(),
  occurred_at: z.string(),
  data: z.unknown().optional(),
});
export type FeedEvent = z.infer<typeof eventSchema>;
export const eventPageSchema = z.looseObject({
  data: z.array(eventSchema),
  next: z.union([z.string(), z.number()]).nullish(),
});

export const principalSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  email: z.string().nullish(),
  kind: z.string(),
  role: z.string(),
});

export const tokenSchema = z.looseObject({
  id: z.string(),
  name: z.string().nullish(),
  role: z.string().nullish(),
  connections: z.array(z.string()).nullish(),
  expires_at: time,
  last_used_at: time,
  revoked_at: time,
});
export const madeTokenSchema = z.looseObject({ token: tokenSchema, secret: z.string() });

export const actionSchema = z.looseObject({
  id: z.string(),
  title: z.string().nullish(),
  description: z.string().nullish(),
  effect: z.string().nullish(),
  schema_type: z.string().nullish(),
  connector: z.string().nullish(),
  input_schema: z.unknown().optional(),
  output_schema: z.unknown().optional(),
});
export type ActionDetail = z.infer<typeof actionSchema>;

/** `GET /actions` groups the actions by connector. */
export const catalogueEntrySchema = z.looseObject({
  key: z.string(),
  name: z.string().nullish(),
  actions: z
    .array(
      z.looseObject({
        id: z.string(),
        label: z.string().nullish(),
        description: z.string().nullish(),
        schema_type: z.string().nullish(),
        effect: z.string().nullish(),
      }),
    )
    .nullish(),
});

/** `POST /actions/search`, best first. */
export const foundActionsSchema = z.looseObject({
  results: z.array(z.looseObject({ action_name: z.string(), label: z.string() })),
});

/** A request that was not sent. */
export const previewSchema = z.looseObject({
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()).nullish(),
  body: z.unknown().optional(),
});

export const callAnswerSchema = z.looseObject({
  data: z.unknown().optional(),
  next: z.string().nullish(),
  preview: previewSchema.nullish(),
});
export type CallAnswer = z.infer<typeof callAnswerSchema>;
