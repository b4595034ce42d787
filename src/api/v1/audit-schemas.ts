import { z } from 'zod';
import { CHAIN_PROBLEMS } from '../../audit/problems.ts';
import { principalKindSchema } from '../../model/access.ts';
import { auditKindSchema, auditOutcomeSchema } from '../../model/audit.ts';
import { count, pageQuery, queryMoment, time } from './common-schemas.ts';

/** Usher's own log. */

const named = z.string().min(1).max(320);

const filters = {
  kind: auditKindSchema.optional(),
  outcome: auditOutcomeSchema.optional(),
  actor: named.optional().meta({ description: "A principal's id." }),
  connection: named.optional(),
  subject: named
    .optional()
    .meta({ description: 'What it was done to: a key or id, or the address or name it went by.' }),
  plan: named.optional(),
  run: named.optional(),
  since: queryMoment.optional().meta({ description: 'The first moment that counts.' }),
  until: queryMoment.optional().meta({ description: 'The first moment that counts no more.' }),
};
export const auditFilterQuery = z.strictObject(filters);
export const auditQuery = z.strictObject({ ...filters, ...pageQuery });

export const auditEntrySchema = z
  .object({
    seq: count.meta({ description: 'Its place in the chain.' }),
    hash: z.string().meta({ description: 'SHA-256 over the hash before and the stored entry, hex.' }),
    at: time,
    kind: auditKindSchema,
    action: z.string(),
    outcome: auditOutcomeSchema,
    summary: z.string(),
    actor: z
      .object({ id: z.string(), name: z.string(), kind: principalKindSchema, token: z.string().nullable() })
      .nullable()
      .meta({ description: 'null: Usher itself, or nobody it knows.' }),
    connection: z.string().nullable(),
    subject: z.object({ kind: z.string(), key: z.string(), name: z.string().nullable() }).nullable(),
    plan: z.string().nullable(),
    run: z.string().nullable(),
    ordinal: z.number().int().nullable(),
    request: z.string().nullable(),
    details: z.unknown(),
  })
  .meta({
    id: 'AuditEntry',
    examples: [
      {
        seq: 4711,
        hash: 'b1946ac92492d2347c6235b4d2611184f3b5a3d6c7e2a5c9a2b9e0f7d6c5b4a3',
        at: '2026-03-02T10:15:00.000Z',
        kind: 'change',
        action: 'lastpass.disable_user',
        outcome: 'ok',
        summary: 'Done; read back from the app.',
        actor: { id: 'p_2kq9', name: 'Ada', kind: 'person', token: null },
        connection: 'lastpass',
        subject: { kind: 'account', key: '10023', name: 'grace@northwind.example' },
        plan: 'plan_0c5f',
        run: '0198f2c4-7c1e-7d6a-b1de-0a4f5f6f7a10',
        ordinal: 0,
        request: null,
        details: { end: 'done', proof: 'state' },
      },
    ],
  });

export const auditVerdictSchema = z
  .object({
    is_whole: z.boolean(),
    entries: count,
    last: count.meta({ description: "The last entry's place." }),
    problems: z.array(
      z.object({
        kind: z.enum(CHAIN_PROBLEMS),
        from: z.number().int(),
        to: z.number().int(),
        message: z.string(),
      }),
    ),
    unlinked: count.meta({ description: 'Entries that wait to be linked: usually for a second.' }),
    head: z.object({
      state: z
        .enum(['kept', 'missing', 'altered'])
        .meta({ description: 'The head that is kept outside the database.' }),
      seq: count.nullable(),
      since: count.nullable().meta({ description: 'From which entry on a tail that is cut off would show.' }),
    }),
  })
  .meta({
    id: 'AuditVerdict',
    examples: [
      {
        is_whole: true,
        entries: 4711,
        last: 4711,
        problems: [],
        unlinked: 0,
        head: { state: 'kept', seq: 4711, since: 0 },
      },
    ],
  });
