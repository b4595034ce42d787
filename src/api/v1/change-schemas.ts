import { z } from 'zod';
import {
  CHANGE_STATES, changeStateSchema, PLAN_STATES, RUN_STATES, guardSchema, planStateSchema, runStateSchema,
} from '../../model/changes.ts'; // prettier-ignore
import { count, nextQuery, queryNumber, time } from './common-schemas.ts';

/** Plans of changes and the runs that carry them out. */

export const connectionText = z.string().min(1).max(200);
const reason = z.string().trim().min(1).max(2000);
/** JSON of the connector's own shape. */
const anyJson = z.unknown();

/** A comma list of states in a query string. */
function statesQuery<State extends string>(states: readonly State[]) {
  const list = z.array(z.enum(states)).min(1);
  const known = states.join(', ');
  return z
    .string()
    .max(200)
    .transform((text, context) => {
      const parsed = list.safeParse(text.split(',').map((word) => word.trim()));
      if (parsed.success) return parsed.data;
      context.addIssue({ code: 'custom', message: `Expected a comma list of: ${known}` });
      return z.NEVER;
    })
    .optional()
    .meta({ description: `Comma list of: ${known}.` });
}

const paging = {
  page_size: queryNumber(1, 500).default(50).meta({ description: 'Rows a page, 1 to 500.' }),
  next: nextQuery,
};
const connection = connectionText.optional().meta({ description: 'Only of this connection.' });
export const plansQuery = z.strictObject({ ...paging, connection, state: statesQuery(PLAN_STATES) });
export const runsQuery = z.strictObject({ ...paging, connection, state: statesQuery(RUN_STATES) });
export const changesQuery = z.strictObject({ ...paging, state: statesQuery(CHANGE_STATES) });

/** What makes a request safe to repeat. */
export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .min(1, 'It is empty')
    .max(255)
    .optional()
    .meta({ description: 'The same request again under this key is answered with the same plan; another is a 409.' }),
});

export const planBody = z
  .strictObject({
    connection: connectionText,
    action: z.string().min(1).max(200).meta({ description: 'A writing action; GET /actions lists them.' }),
    input: z.record(z.string(), z.unknown()).default({}),
    reason: reason.nullish().meta({ description: 'Why, for whoever approves; required with `override`.' }),
    override: z
      .array(guardSchema)
      .max(10)
      .default([])
      .meta({ description: 'Guards to let it pass; needs `guard:override` and a reason.' }),
    apply_when_approved: z.boolean().default(true).meta({ description: 'Whether its approval starts it.' }),
    apply_at: z.iso
      .datetime({ offset: true })
      .nullish()
      .meta({
        description:
          'When its changes are to be made: once it is applied its run waits until then. Absent: at once. No later than the plan is good.',
        examples: ['2026-03-02T17:00:00Z'],
      }),
  })
  .meta({
    examples: [
      {
        connection: 'lastpass',
        action: 'lastpass_disable_user',
        input: { user: 'lena.fischer@northwind.example' },
        reason: 'Left on Friday',
      },
    ],
  });

export const reasonBody = z.strictObject({ reason: reason.nullish() }).nullish();
export const noteBody = z
  .strictObject({ note: reason.nullish().meta({ description: 'What was done, for the receipt.' }) })
  .nullish();
export const changePath = z.strictObject({
  id: z.string().min(1).max(200),
  ordinal: queryNumber(0, 1_000_000).meta({ description: 'Of the change, from 0.' }),
});
export const emptyBody = z.strictObject({}).nullish();

export const person = z.object({ id: z.string(), name: z.string(), kind: z.enum(['person', 'service', 'agent']) });
const effect = z.enum(['write', 'destructive']);
const subject = z.object({
  kind: z.enum(['account', 'group', 'credential', 'connection']),
  key: z.string(),
  email: z.string().nullable(),
  name: z.string().nullable(),
});

const receiptSchema = z
  .object({
    summary: z.string().meta({ description: 'What happened, and what is left to do.' }),
    code: z.string().nullable(),
    proof: z.enum(['state', 'log', 'answer', 'nothing']).meta({
      description: "What shows it: the app's state, its log, only its answer, or nothing.",
    }),
    calls: z.array(
      z.object({
        operation: z.string(),
        method: z.string(),
        url: z.string(),
        at: time,
        ms: z.number(),
        status: z.number().int().nullable(),
        outcome: z.enum(['answered', 'repeated', 'failed']),
        error: z.string().nullable(),
        answer: z.string().nullable(),
        changes: count.meta({ description: 'How many changes this one call carried.' }),
      }),
    ),
    before: anyJson,
    after: anyJson.meta({ description: 'As read back.' }),
    verified_at: time.nullable(),
    handoff: z.string().nullable().meta({ description: 'A one-time hand-off that holds a secret it made.' }),
    made: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'What the answer told of what it made (an id), never a secret; null: nothing.' }),
    confirmed: z
      .object({ by: z.string(), at: time, note: z.string().nullable() })
      .nullable()
      .meta({ description: 'Who said that the task was done which it waited for; null: it waited for nobody.' }),
  })
  .meta({ id: 'Receipt' });

const holdSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('wait').meta({ description: 'So long after the change before it ended.' }),
    seconds: z.number(),
    why: z.string(),
  }),
  z.object({
    kind: z.literal('task').meta({ description: 'A person does something outside of Usher and says so.' }),
    task: z.string(),
  }),
]);

export const planChangeSchema = z
  .object({
    ordinal: count,
    subject,
    change: z.string(),
    summary: z.string(),
    effect,
    undo: z.object({ is_possible: z.boolean(), how: z.string() }),
    params: anyJson,
    before: anyJson.meta({ description: 'The subject as the snapshot had it; null: not there.' }),
    preview: z
      .object({
        method: z.string(),
        url: z.string(),
        headers: z.record(z.string(), z.string()),
        body: z.string().nullable(),
      })
      .nullable()
      .meta({ description: 'The exact call, secrets masked.' }),
    follows: z
      .boolean()
      .meta({ description: 'Made only where the change before it on the same subject is done or was so already.' }),
    hold: holdSchema.nullable().meta({ description: 'What is waited for before it is made; null: nothing.' }),
    outcome: z
      .object({
        state: changeStateSchema,
        attempt: count,
        ended_at: time.nullable(),
        receipt: receiptSchema.nullable(),
        waits_for: z.enum(['wait', 'task']).nullable().meta({ description: 'What it waits for now; null: nothing.' }),
        held_until: time.nullable().meta({ description: 'When that is, or was, over by itself.' }),
      })
      .nullable()
      .meta({ description: 'What came of it; null: not applied.' }),
  })
  .meta({ id: 'PlanChange' });
export type PlanChangeBody = z.output<typeof planChangeSchema>;

const summaryShape = {
  id: z.string().meta({ description: 'Empty for a dry run: nothing is stored.' }),
  connection: z.string(),
  action: z.string(),
  title: z.string(),
  state: planStateSchema,
  effect,
  requested_by: person,
  reason: z.string().nullable(),
  created_at: time,
  expires_at: time,
  changes: count.meta({ description: 'How many.' }),
  run_id: z.string().nullable(),
};
export const planSummarySchema = z.object(summaryShape).meta({ id: 'PlanSummary' });
export type PlanSummaryBody = z.output<typeof planSummarySchema>;

export const planSchema = z
  .object({
    ...summaryShape,
    input: anyJson.meta({ description: 'Secrets masked.' }),
    apply_when_approved: z.boolean(),
    apply_at: time.nullable().meta({ description: 'Its run begins no earlier; null: as soon as it is applied.' }),
    approval_reasons: z.array(z.string()).meta({ description: 'Why a person has to approve; empty: nobody has to.' }),
    guards: z.array(
      z.object({
        guard: guardSchema,
        message: z.string(),
        threshold: z.string(),
        subjects: z.array(z.string()),
        is_overridden: z.boolean(),
      }),
    ),
    decisions: z.array(
      z.object({
        decision: z.enum(['approve', 'reject', 'cancel']),
        by: person,
        reason: z.string().nullable(),
        at: time,
      }),
    ),
    first_changes: z
      .array(planChangeSchema)
      .meta({ description: 'The first hundred; all: GET /v1/plans/{id}/changes.' }),
    next: z.string().nullable().meta({ description: 'How a person goes on from here.' }),
  })
  .meta({ id: 'Plan', examples: [planExample()] });
export type PlanBody = z.output<typeof planSchema>;

export const runSchema = z
  .object({
    id: z.string(),
    plan_id: z.string(),
    connection: z.string(),
    action: z.string(),
    title: z.string(),
    state: runStateSchema,
    requested_by: person,
    created_at: time,
    started_at: time.nullable(),
    finished_at: time.nullable(),
    pending: z.enum(['pause', 'cancel']).nullable().meta({ description: 'Asked for, and not there yet.' }),
    reason: z.string().nullable().meta({ description: 'Why it is paused or has stopped, or what it waits for.' }),
    wake_at: time
      .nullable()
      .meta({ description: 'When one that waits goes on by itself; null: it waits for no time.' }),
    total: count,
    counts: z.object({
      planned: count, calling: count, called: count, done: count, skipped: count, failed: count, uncertain: count,
    }), // prettier-ignore
    can_retry: z.boolean(),
    can_undo: z.boolean(),
  })
  .meta({ id: 'Run', examples: [runExample()] });
export type RunBody = z.output<typeof runSchema>;

/** A change in short, as the events of a run tell it. */
export const runChangeSchema = z
  .object({
    ordinal: count,
    subject: z.string(),
    summary: z.string(),
    state: changeStateSchema,
    attempt: count,
    outcome: z.string().nullable().meta({ description: "The receipt's sentence; null while it is under way." }),
  })
  .meta({ id: 'RunChange' });

function planExample() {
  return {
    id: '0198f2c4-7c1e-7d6a-b1de-0a4f5f6f7a10',
    connection: 'lastpass',
    action: 'lastpass_disable_user',
    title: 'Disable a user, keep the vault',
    state: 'waiting' as const,
    effect: 'write' as const,
    requested_by: { id: 'p_3f9a', name: 'Onboarding', kind: 'agent' as const },
    reason: 'Left on Friday',
    created_at: '2026-03-02T10:15:00.000Z',
    expires_at: '2026-03-09T10:15:00.000Z',
    changes: 1,
    run_id: null,
    input: { user: 'lena.fischer@northwind.example' },
    apply_when_approved: true,
    apply_at: null,
    approval_reasons: ['An agent asks for it.'],
    guards: [],
    decisions: [],
    first_changes: [
      {
        ordinal: 0,
        subject: {
          kind: 'account' as const,
          key: '90042',
          email: 'lena.fischer@northwind.example',
          name: 'Lena Fischer',
        },
        change: 'disable_user',
        summary: 'Disable lena.fischer@northwind.example; the vault is kept',
        effect: 'write' as const,
        undo: { is_possible: true, how: 'Enable the user again.' },
        params: {},
        before: { status: 'active', roles: ['admin'], groups: ['Finance'] },
        preview: {
          method: 'POST',
          url: 'https://lastpass.com/enterpriseapi.php',
          headers: { 'content-type': 'application/json' },
          body: '{"cid":12345678,"provhash":"••••","cmd":"disableuser"}',
        },
        follows: false,
        hold: null,
        outcome: null,
      },
    ],
    next: 'Somebody who may approve: `usher plan approve 0198f2c4-7c1e-7d6a-b1de-0a4f5f6f7a10`.',
  };
}

function runExample() {
  return {
    id: '0198f2c9-11b2-7c52-9d0e-51d0aa20c3f7',
    plan_id: '0198f2c4-7c1e-7d6a-b1de-0a4f5f6f7a10',
    connection: 'lastpass',
    action: 'lastpass_disable_user',
    title: 'Disable a user, keep the vault',
    state: 'succeeded' as const,
    requested_by: { id: 'p_3f9a', name: 'Onboarding', kind: 'agent' as const },
    created_at: '2026-03-02T10:20:00.000Z',
    started_at: '2026-03-02T10:20:00.210Z',
    finished_at: '2026-03-02T10:20:01.870Z',
    pending: null,
    reason: null,
    wake_at: null,
    total: 1,
    counts: { planned: 0, calling: 0, called: 0, done: 1, skipped: 0, failed: 0, uncertain: 0 },
    can_retry: false,
    can_undo: true,
  };
}
