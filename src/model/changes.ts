import { z } from 'zod';
import { fold } from './ids.ts';
import type { JsonValue } from './records.ts';

/** The worst a change can do: `destructive` ends access for good or takes away what cannot be given back. */
export type ChangeEffect = 'write' | 'destructive';

/** What a change is about: pinned when the plan is made, by the app's immutable id where it has one. */
export interface Subject {
  readonly kind: 'account' | 'group' | 'credential' | 'connection';
  /** The record's key; `new:<folded address>` for an account that is to be made; '' for the connection itself. */
  readonly key: string;
  readonly email: string | null;
  readonly name: string | null;
}

const NEW_ACCOUNT = 'new:';

/** The subject of a change that makes an account: known by its address alone. */
export function newAccountSubject(email: string, name: string | null): Subject {
  return { kind: 'account', key: NEW_ACCOUNT + fold(email), email, name };
}

/** Whether the account is still to be made. */
export function isNewAccount(subject: Subject): boolean {
  return subject.kind === 'account' && subject.key.startsWith(NEW_ACCOUNT);
}

/** How a person calls a subject: its address, else its name, else its key. */
export function subjectLabel(subject: Subject): string {
  return subject.email ?? subject.name ?? (subject.key === '' ? 'the whole connection' : subject.key);
}

/**
 * What has to be over before a change is made, beside the changes before it. wait: so long after the change before it
 * ended. task: a person does something outside of Usher and says so.
 */
export type Hold =
  | { readonly kind: 'wait'; readonly seconds: number; readonly why: string }
  | { readonly kind: 'task'; readonly task: string };

export const PLAN_STATES = ['waiting', 'ready', 'applied', 'rejected', 'cancelled', 'expired'] as const;
export const planStateSchema = z.enum(PLAN_STATES);
/**
 * waiting: for a person's approval. ready: may be applied. applied: a run carries it out, or has. cancelled: withdrawn
 * before it was applied.
 */
export type PlanState = z.infer<typeof planStateSchema>;

export const RUN_STATES = [
  'queued', 'running', 'waiting', 'paused', 'succeeded', 'partial', 'failed', 'cancelled',
] as const; // prettier-ignore
export const runStateSchema = z.enum(RUN_STATES);
/**
 * waiting: for a time or a person (`Hold`), and nothing else can go on. succeeded: every change is done or was so already.
 * partial: some are. failed: none is.
 */
export type RunState = z.infer<typeof runStateSchema>;

export const CHANGE_STATES = ['planned', 'calling', 'called', 'done', 'skipped', 'failed', 'uncertain'] as const;
export const changeStateSchema = z.enum(CHANGE_STATES);
/**
 * planned: nothing was sent. calling: it may have been sent. called: the app took it. The last four are ends: `uncertain`
 * may still become another once the app can be asked.
 */
export type ChangeState = z.infer<typeof changeStateSchema>;
export type ChangeEnd = Extract<ChangeState, 'done' | 'skipped' | 'failed' | 'uncertain'>;

/** Codes of failed changes that trying again cannot mend: what the plan rests on is no longer so, or more than it happened. */
export const FINAL_FAILURES = ['stale', 'addressMoved', 'planAltered', 'secretsGone', 'fieldChanged'] as const;

/** What shows that a change was made: the app's state, its log, only its answer, or nothing. */
export type Proof = 'state' | 'log' | 'answer' | 'nothing';

/** One call to the app on behalf of a change; secrets are masked, the answer is cut to its head. */
export interface ReceiptCall {
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly ms: number;
  /** null: no answer came. */
  readonly status: number | null;
  readonly outcome: 'answered' | 'repeated' | 'failed';
  readonly error: string | null;
  readonly answer: string | null;
  /** How many changes this one call carried. */
  readonly changes: number;
}

/** What a change came to, for whoever asks later. */
export interface Receipt {
  /** One sentence: what happened, and what to do where something is left to do. */
  readonly summary: string;
  /** The error's kind or code for `failed` and `uncertain`, else null. */
  readonly code: string | null;
  readonly proof: Proof;
  /** Writing calls only, oldest first. */
  readonly calls: readonly ReceiptCall[];
  /** The subject right before the call and as read back: status, roles, groups. null: not there, or not read. */
  readonly before: JsonValue;
  readonly after: JsonValue;
  /** When it was read back, ISO 8601, UTC; null: it was not. */
  readonly verifiedAt: string | null;
  /** A one-time hand-off that holds a secret the change made; null: none. */
  readonly handoff: string | null;
  /** What the answer told of what was made (an id); never a secret. Absent: nothing. */
  readonly made?: Readonly<Record<string, JsonValue>>;
  /** Who said that the task was done which it waited for. Absent: it waited for nobody. */
  readonly confirmed?: { readonly by: string; readonly at: string; readonly note: string | null };
}

export const GUARDS = [
  'blastRadius', 'staleSnapshot', 'pausedConnection', 'protectedAccount', 'ownAccount', 'lastAdministrator',
] as const; // prettier-ignore
export const guardSchema = z.enum(GUARDS);
export type Guard = z.infer<typeof guardSchema>;

/** What a guard says of a plan: the rule, its threshold, what it met, and who may say otherwise. */
export interface GuardFinding {
  readonly guard: Guard;
  /** One sentence with the figures (`31 accounts within 60 minutes are more than 20 % of the 120 there are.`). */
  readonly message: string;
  /** The threshold in words (`20 % of the accounts`), as it is configured. */
  readonly threshold: string;
  /** Keys of the subjects concerned, the first ten; empty where it is the plan as a whole. */
  readonly subjects: readonly string[];
  /** Overridden by an administrator, with the plan's reason. */
  readonly isOverridden: boolean;
}

/** What of an account a change rests on: if it is another when the change is made, the plan is stale. */
export interface Basis {
  readonly key: string | null;
  readonly email: string | null;
  readonly status: string | null;
  readonly roles: readonly string[];
}

export const policySchema = z.strictObject({
  windowMinutes: z.int().min(1).max(10_080).default(60).meta({ description: 'The sliding window that counts subjects' }),
  approvalAboveSubjects: z.int().min(0).max(1_000_000).default(10).meta({ description: 'More subjects than this need an approval' }),
  stopAboveSubjects: z.int().min(1).max(10_000_000).default(100).meta({ description: 'More subjects than this stop a plan' }),
  stopAbovePercent: z.number().min(0).max(100).default(20).meta({ description: 'More than this share of the accounts stops a plan (two accounts never do)' }),
  maxSnapshotAgeHours: z.number().min(0.1).max(8760).default(24).meta({ description: 'An older snapshot stops a plan' }),
  planDays: z.int().min(1).max(90).default(7).meta({ description: 'How long a plan can be approved and applied' }),
}); // prettier-ignore
/** The thresholds of a connection's guards. */
export type Policy = z.output<typeof policySchema>;
