import type { Caller } from '../model/access.ts';
import { actorOf, type NewAuditEntry } from '../model/audit.ts';
import { GUARDS, type ReceiptCall, subjectLabel } from '../model/changes.ts';
import { UsherError } from '../model/errors.ts';
import type { JsonValue } from '../model/records.ts';
import type { EndedChange } from '../store/lifecycle/journal.ts';
import type { HandoffRow } from '../store/lifecycle/handoffs.ts';
import type { PlanChangeContent, PlanHeader } from './stored-plan.ts';

/** What the audit log is told of plans, guards, marks, hand-offs and changes. Inputs and bodies stay out of it. */

/** A plan that was made, and the guards that were overridden for it. */
export function planMadeEntries(header: PlanHeader, by: Caller): readonly NewAuditEntry[] {
  const { id: plan, connectionId: connection, createdAt: at, title, changes, reason, override } = header;
  const actor = actorOf(by);
  const made: NewAuditEntry = {
    at, actor, connection, plan, kind: 'plan', action: 'plan.made',
    summary: `${title}: a plan of ${changes} change${changes === 1 ? '' : 's'} was made.`,
    details: {
      action: header.action, effect: header.effect, changes, reason, undoes: header.undoes,
      approval_reasons: header.approvalReasons,
    },
  }; // prettier-ignore
  if (override.length === 0) return [made];
  const overridden = header.guards.flatMap(({ guard, message, isOverridden }) =>
    isOverridden ? [{ guard, message }] : [],
  );
  return [
    made,
    {
      at, actor, connection, plan, kind: 'guard', action: 'guard.overridden',
      summary: `${by.principalName} overrode ${override.join(', ')}: ${reason ?? ''}`,
      details: { override, overridden },
    },
  ]; // prettier-ignore
}

/** A plan that a guard stopped; null for any other failure. */
export function guardStopEntry(
  thrown: unknown,
  stopped: { readonly connectionId: string; readonly plan: string | null; readonly at: string },
  by: Caller,
): NewAuditEntry | null {
  if (!(thrown instanceof UsherError) || thrown.kind !== 'guarded') return null;
  const guard = GUARDS.find((each) => each === thrown.details.code);
  if (guard === undefined) return null;
  return {
    at: stopped.at, kind: 'guard', action: 'guard.stopped', outcome: 'denied', summary: thrown.message,
    actor: actorOf(by), connection: stopped.connectionId, plan: stopped.plan, details: { guard },
  }; // prettier-ignore
}

/** A decision on a plan. */
export function decisionEntry(
  decision: 'approve' | 'reject' | 'cancel',
  header: PlanHeader,
  made: { readonly decidedAt: string; readonly reason: string | null },
  by: Caller,
): NewAuditEntry {
  const word = { approve: 'approved', reject: 'rejected', cancel: 'cancelled' }[decision];
  return {
    at: made.decidedAt, kind: 'plan', action: `plan.${word}`,
    summary: `${by.principalName} ${word} plan ${header.id}: ${header.title}.`,
    actor: actorOf(by), connection: header.connectionId, plan: header.id, details: { reason: made.reason },
  }; // prettier-ignore
}

/** A task that a person says is done, so that a change that waited for it is made. */
export function taskEntry(
  run: { readonly id: string; readonly planId: string; readonly connectionId: string },
  ordinal: number,
  note: string | null,
  at: string,
  by: Caller,
): NewAuditEntry {
  return {
    at, kind: 'run', action: 'run.taskDone', summary: `${by.principalName} said that the task of change ${ordinal} is done.`,
    actor: actorOf(by), connection: run.connectionId, plan: run.planId, run: run.id, ordinal, details: { note },
  }; // prettier-ignore
}

/** What was said of an account. */
export function markEntry(
  mark: { readonly connectionId: string; readonly key: string; readonly at: string; readonly said: JsonValue },
  by: Caller,
): NewAuditEntry {
  return {
    at: mark.at, kind: 'guard', action: 'mark.set', summary: `${by.principalName} marked an account.`,
    actor: actorOf(by), connection: mark.connectionId, subject: { kind: 'account', key: mark.key, name: null },
    details: mark.said,
  }; // prettier-ignore
}

/** Thresholds that were set. */
export function policyEntry(
  policy: { readonly connectionId: string | null; readonly at: string; readonly change: JsonValue },
  by: Caller,
): NewAuditEntry {
  const { connectionId: connection, at, change: details } = policy;
  const where = connection ?? 'all connections';
  return {
    at, kind: 'guard', action: 'policy.set', summary: `${by.principalName} set thresholds of the guards for ${where}.`,
    actor: actorOf(by), connection, details,
  }; // prettier-ignore
}

/** A hand-off that was taken: the secret was shown this once. */
export function handoffEntry({ id, connectionId, label }: HandoffRow, at: string, by: Caller): NewAuditEntry {
  return {
    at, kind: 'secret', action: 'handoff.taken', summary: `${by.principalName} took the hand-off "${label}".`,
    actor: actorOf(by), connection: connectionId, subject: { kind: 'handoff', key: id, name: label },
  }; // prettier-ignore
}

/** A change as it ended: what was called, and what reading back showed. */
export function changeEntry(
  header: PlanHeader,
  run: string,
  { content, ended }: { readonly content: PlanChangeContent; readonly ended: EndedChange },
  at: string,
): NewAuditEntry {
  const { subject, change, effect, ordinal } = content;
  const { end, receipt } = ended;
  const { id, name, kind } = header.requestedBy;
  return {
    at, kind: 'change', action: `${header.connector}.${change}`,
    outcome: end === 'done' || end === 'skipped' ? 'ok' : 'failed',
    summary: `${content.summary}: ${receipt.summary}`,
    actor: { id, name, kind, token: null }, connection: header.connectionId,
    subject: { kind: subject.kind, key: subject.key, name: subjectLabel(subject) },
    plan: header.id, run, ordinal,
    details: {
      end, effect, code: receipt.code, proof: receipt.proof, verified_at: receipt.verifiedAt, before: receipt.before,
      after: receipt.after, handoff: receipt.handoff, calls: receipt.calls.map(callOf),
    },
  }; // prettier-ignore
}

/** Neither address nor answer: those may hold what somebody sent. */
function callOf({ operation, method, at, ms, status, outcome, changes }: ReceiptCall): JsonValue {
  return { operation, method, at, ms, status, outcome, changes };
}
