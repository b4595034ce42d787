import { z } from 'zod';
import { previewSchema } from '../contract.ts';

/** What the CLI reads of plans, runs, marks, policies and hand-offs; like `../contract.ts`, tolerant of what is newer. */
const time = z.string().nullish();
const count = z.number().nullish();
const personSchema = z.looseObject({ id: z.string(), name: z.string(), kind: z.string() });

const receiptSchema = z.looseObject({
  summary: z.string(),
  code: z.string().nullish(),
  proof: z.string().nullish(),
  calls: z
    .array(
      z.looseObject({
        operation: z.string(),
        method: z.string(),
        url: z.string(),
        at: z.string(),
        status: count,
        outcome: z.string(),
        error: z.string().nullish(),
      }),
    )
    .default([]),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  verified_at: time,
  handoff: z.string().nullish(),
  made: z.record(z.string(), z.unknown()).nullish(),
  confirmed: z.looseObject({ by: z.string(), at: z.string(), note: z.string().nullish() }).nullish(),
});

export const planChangeSchema = z.looseObject({
  ordinal: z.number(),
  subject: z.looseObject({
    kind: z.string(),
    key: z.string(),
    email: z.string().nullish(),
    name: z.string().nullish(),
  }),
  change: z.string(),
  summary: z.string(),
  effect: z.string(),
  undo: z.looseObject({ is_possible: z.boolean(), how: z.string() }),
  params: z.unknown().optional(),
  before: z.unknown().optional(),
  preview: previewSchema.nullish(),
  follows: z.boolean().nullish(),
  hold: z
    .looseObject({ kind: z.string(), seconds: count, why: z.string().nullish(), task: z.string().nullish() })
    .nullish(),
  outcome: z
    .looseObject({
      state: z.string(),
      attempt: count,
      ended_at: time,
      receipt: receiptSchema.nullish(),
      waits_for: z.string().nullish(),
      held_until: time,
    })
    .nullish(),
});
export type PlanChange = z.infer<typeof planChangeSchema>;

export const planSummarySchema = z.looseObject({
  id: z.string(),
  connection: z.string(),
  action: z.string(),
  title: z.string(),
  state: z.string(),
  effect: z.string(),
  requested_by: personSchema,
  reason: z.string().nullish(),
  created_at: z.string(),
  expires_at: z.string(),
  changes: z.number(),
  run_id: z.string().nullish(),
});
export type PlanSummaryAnswer = z.infer<typeof planSummarySchema>;

export const planSchema = planSummarySchema.extend({
  apply_when_approved: z.boolean().nullish(),
  apply_at: z.string().nullish(),
  approval_reasons: z.array(z.string()).default([]),
  guards: z
    .array(
      z.looseObject({
        guard: z.string(),
        message: z.string(),
        threshold: z.string(),
        is_overridden: z.boolean().nullish(),
      }),
    )
    .default([]),
  decisions: z
    .array(z.looseObject({ decision: z.string(), by: personSchema, reason: z.string().nullish(), at: z.string() }))
    .default([]),
  first_changes: z.array(planChangeSchema).default([]),
  next: z.string().nullish(),
});
export type PlanAnswer = z.infer<typeof planSchema>;

export const runSchema = z.looseObject({
  id: z.string(),
  plan_id: z.string(),
  connection: z.string(),
  action: z.string(),
  title: z.string(),
  state: z.string(),
  requested_by: personSchema,
  created_at: z.string(),
  started_at: time,
  finished_at: time,
  pending: z.string().nullish(),
  reason: z.string().nullish(),
  wake_at: time,
  total: z.number(),
  counts: z.record(z.string(), z.number()),
  can_retry: z.boolean().nullish(),
  can_undo: z.boolean().nullish(),
});
export type RunAnswer = z.infer<typeof runSchema>;

/** A change as progress tells it. */
export const runChangeSchema = z.looseObject({
  ordinal: z.number(),
  subject: z.string(),
  summary: z.string(),
  state: z.string(),
  attempt: count,
  outcome: z.string().nullish(),
});
export type RunChange = z.infer<typeof runChangeSchema>;

export const markSchema = z.looseObject({
  connection: z.string(),
  account: z.string(),
  is_protected: z.boolean(),
  is_service: z.boolean(),
  owner: z.string().nullish(),
  ignored_until: time,
  note: z.string().nullish(),
  set_by: personSchema.nullish(),
  set_at: time,
});
export type MarkAnswer = z.infer<typeof markSchema>;

export const policyAnswerSchema = z.looseObject({
  connection: z.string().nullish(),
  policy: z.record(z.string(), z.number()),
  own: z.array(z.string()),
});
export type PolicyAnswer = z.infer<typeof policyAnswerSchema>;

export const handoffSchema = z.looseObject({
  id: z.string(),
  connection: z.string(),
  label: z.string(),
  created_at: z.string(),
  expires_at: z.string(),
});
export type HandoffAnswer = z.infer<typeof handoffSchema>;
export const handoffListSchema = z.looseObject({ data: z.array(handoffSchema) });
export const takenHandoffSchema = z.looseObject({ handoff: handoffSchema, secret: z.string() });
