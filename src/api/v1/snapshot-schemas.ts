import { z } from 'zod';
import { ACCOUNT_STATUSES } from '../../model/records.ts';
import { count, extra, time } from './common-schemas.ts';

/** What the snapshot holds, and the events of its changes. */

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
  .meta({
    id: 'Grant',
    examples: [
      {
        connection: 'lastpass',
        key: 'account:90042 resource:7001 editor ',
        holder: { kind: 'account', key: '90042', name: 'Lena Fischer' },
        target: { kind: 'resource', key: '7001', name: 'Payroll', type: 'shared_folder' },
        permission: 'editor',
        path: '',
        extra: { can_administer: false, give: true, readonly: false },
        seen_from: '2026-02-27T08:00:01.000Z',
        missing_since: null,
      },
    ],
  });
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
  .meta({
    id: 'Group',
    examples: [
      {
        connection: 'lastpass',
        key: 'Finance',
        name: 'Finance',
        description: null,
        extra: {},
        seen_from: '2026-02-27T08:00:01.000Z',
        missing_since: null,
      },
    ],
  });

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
  .meta({
    id: 'Resource',
    examples: [
      {
        connection: 'lastpass',
        key: '7001',
        type: 'shared_folder',
        name: 'Payroll',
        extra: {},
        seen_from: '2026-02-27T08:00:01.000Z',
        missing_since: null,
      },
    ],
  });

export const credentialSchema = z
  .object({
    connection: z.string(),
    key: z.string(),
    type: z.string().meta({ description: '`api_key`, `agent_token`.' }),
    name: z.string(),
    owner: z
      .object({
        key: z.string().meta({ description: 'Of the account; `email:…` where no account has that address.' }),
        name: z.string().nullable(),
        email: z.string().nullable(),
      })
      .nullable()
      .meta({ description: 'The account it acts for; null: the app does not tell.' }),
    is_enabled: z.boolean().nullable().meta({ description: 'null: the app does not tell.' }),
    created_at: time.nullable(),
    expires_at: time.nullable().meta({ description: 'null: never, or the app does not tell.' }),
    last_used_at: time.nullable().meta({ description: 'null: never, or the app does not tell.' }),
    extra,
    seen_from: time,
    missing_since: time.nullable(),
  })
  .meta({
    id: 'Credential',
    description: 'An API key or token that an account owns. Its secret is never kept.',
    examples: [
      {
        connection: 'lacework',
        key: 'NORTHWIND_7C3F0A',
        type: 'api_key',
        name: 'terraform',
        owner: { key: 'NORTHWIND_4B1D', name: 'Lena Fischer', email: 'lena.fischer@northwind.example' },
        is_enabled: true,
        created_at: '2025-11-03T14:02:11.000Z',
        expires_at: null,
        last_used_at: null,
        extra: {},
        seen_from: '2026-02-27T08:00:01.000Z',
        missing_since: null,
      },
    ],
  });

export const credentialDetailSchema = credentialSchema
  .extend({
    raw: z.unknown().optional().meta({ description: 'What the app sent, without secrets; only with `raw=true`.' }),
  })
  .meta({ id: 'CredentialDetail' });

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
    credentials: count,
    snapshot_at: time.nullable(),
  })
  .meta({
    id: 'Figures',
    examples: [
      {
        accounts: {
          total: 250,
          by_status: { active: 231, disabled: 12, invited: 4, pending: 3 },
          administrators: 3,
          administrators_without_second_factor: 1,
        },
        groups: 18,
        roles: 2,
        resources: 31,
        grants: 412,
        credentials: 0,
        snapshot_at: '2026-03-02T10:15:00.000Z',
      },
    ],
  });

export const eventSchema = z
  .object({
    position: count,
    connection: z.string(),
    source: z.enum(['sync', 'usher', 'app']),
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
