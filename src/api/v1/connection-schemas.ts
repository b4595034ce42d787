import { z } from 'zod';
import { connectionIdSchema } from '../../model/ids.ts';
import { count, time } from './common-schemas.ts';

/** Connectors, connections and their syncs. */

const countsSchema = z.object({
  account: count, group: count, role: count, resource: count, grant: count, credential: count,
}); // prettier-ignore

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
    budgets: z
      .array(
        z.object({
          functionality: z.string(),
          limit: count.meta({ description: 'Calls at once after a rest.' }),
          left: count,
          reset_seconds: count.meta({ description: 'Until all of it is there again.' }),
          as_of: time,
        }),
      )
      .meta({ description: 'What is left of the budgets the app grants, where it grants any.' }),
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
        settings: { company_id: '12345678', region: 'us', time_zone: 'America/New_York', requests_per_second: 2 },
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
        budgets: [],
        counts: { account: 250, group: 18, role: 2, resource: 31, grant: 412, credential: 0 },
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
  .meta({
    id: 'Probe',
    description: 'What the app said when the credentials were tried.',
    examples: [
      {
        tenant: { id: '12345678', name: 'LastPass company 12345678' },
        capabilities: ['accounts:read', 'groups:read', 'shared_folders:read'],
        notes: [],
      },
    ],
  });

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
        settings: { company_id: '12345678', region: 'us' },
        secrets: { provisioning_hash: '…' },
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
      credentials: count,
      history: count,
      events: count,
      secrets: count,
      schedule: z.boolean(),
      sync_runs: count,
      plans: count,
      marks: count,
    }),
  })
  .meta({
    id: 'Removal',
    description: 'What removing a connection takes away. The app itself is not touched.',
    examples: [
      {
        connection: 'lastpass',
        goes: {
          accounts: 250,
          groups: 18,
          roles: 2,
          resources: 31,
          grants: 412,
          credentials: 0,
          history: 96,
          events: 1042,
          secrets: 1,
          schedule: true,
          sync_runs: 71,
          plans: 12,
          marks: 3,
        },
      },
    ],
  });

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
  .meta({
    id: 'SyncRun',
    examples: [
      {
        id: '0198f2c4-7c1e-7d6a-b1de-0a4f5f6f7a10',
        connection: 'lastpass',
        state: 'succeeded',
        requested_by: 'schedule',
        requested_at: '2026-03-02T10:15:00.000Z',
        started_at: '2026-03-02T10:15:00.200Z',
        finished_at: '2026-03-02T10:15:02.000Z',
        is_baseline: false,
        progress: { pages: 4, records: 713, rate_per_second: 396, total: 713, eta_seconds: null },
        collections: [
          { id: 'directory', scope: '', state: 'complete', pages: 3, records: 682, total: 250, reason: null },
        ],
        changes: { added: 1, updated: 2, removed: 0, missing: 0, events: 3 },
        anomalies: [],
        error: null,
        counts: { account: 250, group: 18, role: 2, resource: 31, grant: 412, credential: 0 },
      },
    ],
  });
