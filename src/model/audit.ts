import { z } from 'zod';
import type { Caller, PrincipalKind } from './access.ts';
import type { JsonValue } from './records.ts';

export const AUDIT_KINDS = [
  'access', // principals and tokens
  'login', // a token's first use of a day
  'connection', // connected, edited, tested, paused, removed
  'sync', // asked for, confirmed, cancelled, ended
  'read', // people's data read from the app itself
  'guard', // marks, thresholds, what a guard stopped, what was overridden
  'plan', // made, decided, applied, expired
  'run', // started, paused, resumed, cancelled, ended
  'change', // one change of a run, as it ended
  'secret', // hand-offs taken
  'request', // a request that wants to change something, and what came of it
  'denied', // refused for want of a token or a right
  'instance', // backed up, restored, made to stand still; another master key
  'audit', // of the chain itself
] as const;
export const auditKindSchema = z.enum(AUDIT_KINDS);
export type AuditKind = z.infer<typeof auditKindSchema>;

export const AUDIT_OUTCOMES = ['ok', 'denied', 'failed'] as const;
export const auditOutcomeSchema = z.enum(AUDIT_OUTCOMES);
export type AuditOutcome = z.infer<typeof auditOutcomeSchema>;

/** Who did it, as they were called then; their token by its id, never its text. */
export interface AuditActor {
  readonly id: string;
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly token: string | null;
}

/** What it was done to. */
export interface AuditSubject {
  /** `account`, `group`, `principal`, `token`, `mark` … */
  readonly kind: string;
  readonly key: string;
  /** What people call it: an address, a name. */
  readonly name: string | null;
}

/**
 * One entry of Usher's own log: what was done, by whom, to what, and what came of it. It says enough to be understood
 * when everything it names is gone. It never holds a secret, nor the body of a request or of an answer.
 */
export interface AuditEntry {
  /** When, ISO 8601, UTC. */
  readonly at: string;
  readonly kind: AuditKind;
  /** `token.created`, `plan.approved`, `lastpass.disable_user` … */
  readonly action: string;
  readonly outcome: AuditOutcome;
  /** One sentence for people. */
  readonly summary: string;
  /** null: Usher itself, or nobody it knows. */
  readonly actor: AuditActor | null;
  readonly connection: string | null;
  readonly subject: AuditSubject | null;
  readonly plan: string | null;
  readonly run: string | null;
  /** The change's place in its plan. */
  readonly ordinal: number | null;
  /** The id of the request it came from, as the log and the caller know it. */
  readonly request: string | null;
  readonly details: JsonValue;
}

/** What whoever writes an entry has to say; what is left out is null, and the outcome `ok`. */
export type NewAuditEntry = Pick<AuditEntry, 'at' | 'kind' | 'action' | 'summary'> & Partial<AuditEntry>;

/** An entry with everything it has. */
export function auditEntry(entry: NewAuditEntry): AuditEntry {
  const { at, kind, action, summary, outcome = 'ok', actor = null, connection = null, subject = null } = entry;
  const { plan = null, run = null, ordinal = null, request = null, details = null } = entry;
  return { at, kind, action, summary, outcome, actor, connection, subject, plan, run, ordinal, request, details };
}

/** A caller as the actor of an entry; null for nobody. */
export function actorOf(
  caller: Pick<Caller, 'principalId' | 'principalName' | 'principalKind' | 'tokenId'> | null,
): AuditActor | null {
  if (caller === null) return null;
  const { principalId, principalName, principalKind, tokenId } = caller;
  return { id: principalId, name: principalName, kind: principalKind, token: tokenId };
}
