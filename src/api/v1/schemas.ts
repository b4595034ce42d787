import { z } from 'zod';
import { ROLES, principalKindSchema, roleSchema } from '../../model/access.ts';
import { connectionIdSchema } from '../../model/ids.ts';
import { ACCOUNT_STATUSES } from '../../model/records.ts';

/** What `/v1` takes and answers; JSON in snake_case, times ISO 8601 in UTC. */

export const time = z.string().meta({ description: 'ISO 8601, UTC.', examples: ['2026-03-02T10:15:00.000Z'] });
const count = z.number().int().nonnegative();
const extra = z.record(z.string(), z.unknown());

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

export const pageQuery = {
  page_size: queryNumber(1, 500).default(50).meta({ description: 'Rows a page, 1 to 500.' }),
  next: z.string().max(4096).optional().meta({ description: 'The `next` of the page before.' }),
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
        next: 'GET /v1/connections lists them.',
        retry: false,
        request_id: '0198f2c4-7c1e-7d6a-b1de-0a4f5f6f7a10',
      },
    ],
  });

const countsSchema = z.object({ account: count, group: count, role: count, resource: count, grant: count });

export const connectionSchema = z
  .object({
    id: z.string(),
    connector: z.string(),
    title: z.string(),
    settings: z.record(z.string(), z.unknown()).meta({ description: 'Without secrets.' }),
    state: z.enum(['active', 'paused']),
    paused_reason: z.string().nullable(),
    capabilities: z.array(z.string()),
    tenant: z.object({ id: z.string(), name: z.string() }).nullable(),
    schedule_seconds: z.number().int().nullable(),
    next_sync_at: time.nullable(),
    baselined_at: time.nullable().meta({ description: 'When the first complete pull was committed.' }),
    last_sync: z.object({ run_id: z.string(), state: z.string(), finished_at: time.nullable() }).nullable(),
    snapshot_at: time.nullable().meta({ description: 'How fresh the oldest part of the snapshot is.' }),
    counts: countsSchema,
    created_at: time,
    updated_at: time,
  })
  .meta({
    id: 'Connection',
    examples: [
      {
        id: 'lastpass',
        connector: 'lastpass',
        title: 'LastPass Business',
        settings: { companyId: '12345678', region: 'us', timeZone: 'America/New_York', requestsPerSecond: 2 },
        state: 'active',
        paused_reason: null,
        capabilities: ['accounts:read', 'groups:read', 'shared_folders:read'],
        tenant: { id: '12345678', name: 'LastPass company 12345678' },
        schedule_seconds: 3600,
        next_sync_at: '2026-03-02T11:15:00.000Z',
        baselined_at: '2026-02-27T08:00:04.120Z',
        last_sync: {
          run_id: '0198f2c4-7c1e-7d6a-b1de-0a4f5f6f7a10',
          state: 'succeeded',
          finished_at: '2026-03-02T10:15:02.000Z',
        },
        snapshot_at: '2026-03-02T10:15:00.000Z',
        counts: { account: 250, group: 18, role: 2, resource: 31, grant: 412 },
        created_at: '2026-02-27T08:00:00.000Z',
        updated_at: '2026-03-02T10:15:02.000Z',
      },
    ],
  });
export type ConnectionBody = z.output<typeof connectionSchema>;

export const probeSchema = z
  .object({
    tenant: z.object({ id: z.string(), name: z.string() }),
    capabilities: z.array(z.string()),
    notes: z.array(z.string()),
  })
  .meta({ id: 'Probe', description: 'What the app said when the credentials were tried.' });

const scheduleSeconds = z
  .int()
  .min(60)
  .max(7 * 86_400)
  .nullable()
  .optional()
  .meta({ description: 'Seconds between syncs; null: only when asked.' });

export const connectBody = z
  .strictObject({
    id: connectionIdSchema.optional(),
    connector: z.string().min(1).max(100),
    settings: z.record(z.string(), z.unknown()).default({}),
    secrets: z.record(z.string(), z.unknown()).default({}),
    schedule_seconds: scheduleSeconds,
  })
  .meta({
    examples: [
      {
        connector: 'lastpass',
        settings: { companyId: '12345678', region: 'us' },
        secrets: { provisioningHash: '…' },
        schedule_seconds: 3600,
      },
    ],
  });

export const connectionChangeBody = z.strictObject({
  settings: z.record(z.string(), z.unknown()).optional(),
  secrets: z.record(z.string(), z.unknown()).optional(),
  schedule_seconds: scheduleSeconds,
  state: z.enum(['active', 'paused']).optional(),
});

export const removalSchema = z
  .object({
    connection: z.string(),
    goes: z.object({
      accounts: count,
      groups: count,
      roles: count,
      resources: count,
      grants: count,
      history: count,
      events: count,
      secrets: count,
      schedule: z.boolean(),
      sync_runs: count,
    }),
  })
  .meta({ id: 'Removal', description: 'What removing a connection takes away. The app itself is not touched.' });

export const driftSchema = z
  .object({
    operation: z.string(),
    path: z.string(),
    problem: z.string(),
    sample: z.string(),
    first_seen_at: time,
    last_seen_at: time,
    occurrences: count,
  })
  .meta({ id: 'Drift', description: 'A difference between what the app sent and what its connector knows.' });

export const configFieldSchema = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  kind: z.enum(['text', 'secret', 'choice', 'number']),
  choices: z.array(z.string()).optional(),
  default: z.union([z.string(), z.number()]).optional(),
  required: z.boolean(),
});

export const connectorSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    description: z.string(),
    fields: z.array(configFieldSchema),
    collections: z.array(z.object({ id: z.string(), title: z.string(), yields: z.array(z.string()) })),
    actions: count,
  })
  .meta({ id: 'Connector' });

export const syncRunSchema = z
  .object({
    id: z.string(),
    connection: z.string(),
    state: z.enum(['queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled']),
    requested_by: z.string(),
    requested_at: time,
    started_at: time.nullable(),
    finished_at: time.nullable(),
    is_baseline: z.boolean(),
    progress: z.object({
      pages: count,
      records: count,
      rate_per_second: z.number().nullable(),
      total: count.nullable(),
      eta_seconds: z.number().nullable(),
    }),
    collections: z.array(
      z.object({
        id: z.string(),
        scope: z.string(),
        state: z.enum(['pending', 'pulling', 'complete', 'partial', 'failed']),
        pages: count,
        records: count,
        total: count.nullable(),
        reason: z.string().nullable(),
      }),
    ),
    changes: z.object({ added: count, updated: count, removed: count, missing: count, events: count }).nullable(),
    anomalies: z.array(
      z.object({
        kind: z.string(),
        gone: count,
        status_changed: count,
        before: count,
        after: count,
        limit_percent: z.number(),
        message: z.string(),
      }),
    ),
    error: z.record(z.string(), z.unknown()).nullable(),
    counts: z.record(z.string(), count),
  })
  .meta({ id: 'SyncRun' });

export const accountSchema = z
  .object({
    connection: z.string(),
    key: z.string(),
    email: z.string().nullable(),
    username: z.string().nullable(),
    display_name: z.string().nullable(),
    given_name: z.string().nullable(),
    family_name: z.string().nullable(),
    status: z.enum(ACCOUNT_STATUSES),
    is_locked: z.boolean().nullable(),
    is_service: z.boolean().nullable(),
    mfa: z.array(z.string()).nullable().meta({ description: 'Second factors; []: none; null: the app does not tell.' }),
    roles: z.array(z.string()),
    employee_number: z.string().nullable(),
    created_at: time.nullable(),
    last_login_at: time.nullable(),
    extra,
    seen_from: time.meta({ description: 'When this version was first seen.' }),
    missing_since: time.nullable().meta({ description: 'Since when a pull no longer finds it, not yet confirmed.' }),
  })
  .meta({
    id: 'Account',
    examples: [
      {
        connection: 'lastpass',
        key: '90042',
        email: 'lena.fischer@northwind.example',
        username: 'lena.fischer@northwind.example',
        display_name: 'Lena Fischer',
        given_name: null,
        family_name: null,
        status: 'active',
        is_locked: null,
        is_service: null,
        mfa: [],
        roles: ['admin'],
        employee_number: null,
        created_at: '2021-05-03T14:02:11.000Z',
        last_login_at: '2026-03-01T07:58:40.000Z',
        extra: {},
        seen_from: '2026-02-27T08:00:01.000Z',
        missing_since: null,
      },
    ],
  });
export type AccountBody = z.output<typeof accountSchema>;

export const grantSchema = z
  .object({
    connection: z.string(),
    key: z.string(),
    holder: z.object({ kind: z.enum(['account', 'group']), key: z.string(), name: z.string().nullable() }),
    target: z.object({
      kind: z.enum(['group', 'role', 'resource']),
      key: z.string(),
      name: z.string().nullable(),
      type: z.string().nullable(),
    }),
    permission: z.string(),
    path: z.string().meta({ description: 'Empty for a direct grant, else through what it is held.' }),
    extra,
    seen_from: time,
    missing_since: time.nullable(),
  })
  .meta({ id: 'Grant' });
export type GrantBody = z.output<typeof grantSchema>;

export const groupSchema = z
  .object({
    connection: z.string(),
    key: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    extra,
    seen_from: time,
    missing_since: time.nullable(),
  })
  .meta({ id: 'Group' });

export const resourceSchema = z
  .object({
    connection: z.string(),
    key: z.string(),
    type: z.string(),
    name: z.string(),
    extra,
    seen_from: time,
    missing_since: time.nullable(),
  })
  .meta({ id: 'Resource' });

export const accountDetailSchema = accountSchema
  .extend({
    grants: z.array(grantSchema),
    history: z.array(
      z.object({
        seen_from: time,
        seen_to: time.nullable(),
        changes: z.record(z.string(), z.object({ before: z.unknown(), after: z.unknown() })),
      }),
    ),
    raw: z.unknown().optional().meta({ description: 'What the app sent; only with `raw=true`.' }),
  })
  .meta({ id: 'AccountDetail' });

export const figuresSchema = z
  .object({
    accounts: z.object({
      total: count,
      by_status: z.record(z.string(), count),
      administrators: count,
      administrators_without_second_factor: count,
    }),
    groups: count,
    roles: count,
    resources: count,
    grants: count,
    snapshot_at: time.nullable(),
  })
  .meta({ id: 'Figures' });

export const eventSchema = z
  .object({
    position: count,
    connection: z.string(),
    source: z.enum(['sync', 'app']),
    type: z.string(),
    subject: z.object({ kind: z.string(), key: z.string() }),
    occurred_at: time,
    run_id: z.string().nullable(),
    data: z.unknown(),
  })
  .meta({
    id: 'Event',
    examples: [
      {
        position: 1042,
        connection: 'lastpass',
        source: 'sync',
        type: 'account.disabled',
        subject: { kind: 'account', key: '90042' },
        occurred_at: '2026-03-02T10:15:00.000Z',
        run_id: '0198f2c4-7c1e-7d6a-b1de-0a4f5f6f7a10',
        data: { status: { before: 'active', after: 'disabled' } },
      },
    ],
  });

export const principalSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    kind: principalKindSchema,
    role: roleSchema,
    disabled_at: time.nullable(),
    created_at: time,
  })
  .meta({ id: 'Principal' });

const name = z.string().trim().min(1).max(200);
export const principalBody = z.strictObject({
  name,
  email: z.email().max(320).optional(),
  kind: principalKindSchema,
  role: roleSchema.meta({ description: `One of ${ROLES.join(', ')}; agent only and always for kind agent.` }),
});
export const principalChangeBody = z.strictObject({
  name: name.optional(),
  role: roleSchema.optional(),
  disabled: z.boolean().optional(),
});

export const tokenSchema = z
  .object({
    id: z.string(),
    principal_id: z.string(),
    name: z.string(),
    hint: z.string().meta({ description: 'Its first characters; the token itself is not kept.' }),
    role: roleSchema,
    connections: z.array(z.string()).nullable().meta({ description: 'null: all connections.' }),
    created_at: time,
    expires_at: time.nullable(),
    last_used_at: time.nullable(),
    revoked_at: time.nullable(),
  })
  .meta({ id: 'Token' });

export const tokenBody = z.strictObject({
  principal_id: z.string().min(1).max(200).optional().meta({ description: 'Default: your own.' }),
  name,
  role: roleSchema.optional().meta({ description: "Default: the principal's, capped by your own." }),
  connections: z
    .array(connectionIdSchema)
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Default: all you may see.' }),
  expires_in_days: z.int().min(1).max(3650).optional(),
});

export const meSchema = z
  .object({
    principal: z.object({ id: z.string(), name: z.string(), kind: principalKindSchema, role: roleSchema }),
    permissions: z.array(z.string()),
    connections: z.array(z.string()).nullable(),
  })
  .meta({ id: 'Me' });
