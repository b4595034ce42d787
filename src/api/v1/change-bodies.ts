import type { z } from 'zod';
import type { Receipt } from '../../model/changes.ts';
import type {
  HandoffView, MarkView, PlanChangeView, PlanSummary, PlanView, PolicyView, RunChangeView, RunView,
} from '../../lifecycle/surface.ts'; // prettier-ignore
import { externalName } from '../../connector-kit/field-names.ts';
import type { PlanBody, PlanChangeBody, PlanSummaryBody, RunBody, runChangeSchema } from './change-schemas.ts';
import type { policyViewSchema } from './guard-schemas.ts';

/** Puts plans, runs and what belongs to them into the words of `/v1`. */

export function planSummaryBody(plan: PlanSummary): PlanSummaryBody {
  return {
    id: plan.id,
    connection: plan.connectionId,
    action: plan.action,
    title: plan.title,
    state: plan.state,
    effect: plan.effect,
    requested_by: plan.requestedBy,
    reason: plan.reason,
    created_at: plan.createdAt,
    expires_at: plan.expiresAt,
    changes: plan.changes,
    run_id: plan.runId,
  };
}

export function planBodyOf(plan: PlanView): PlanBody {
  return {
    ...planSummaryBody(plan),
    input: plan.input,
    apply_when_approved: plan.appliesWhenApproved,
    apply_at: plan.applyAt,
    approval_reasons: [...plan.approvalReasons],
    guards: plan.guards.map(({ guard, message, threshold, subjects, isOverridden }) => {
      return { guard, message, threshold, subjects: [...subjects], is_overridden: isOverridden };
    }),
    decisions: plan.decisions.map(({ decision, by, reason, at }) => ({ decision, by, reason, at })),
    first_changes: plan.firstChanges.map(planChangeBody),
    next: plan.next,
  };
}

export function planChangeBody(change: PlanChangeView): PlanChangeBody {
  const { ordinal, subject, summary, effect, undo, params, before, preview, follows, hold, outcome } = change;
  return {
    ordinal,
    subject,
    change: change.change,
    summary,
    effect,
    undo: { is_possible: undo.isPossible, how: undo.how },
    params,
    before,
    preview: preview && { ...preview, headers: { ...preview.headers } },
    follows,
    hold: hold && { ...hold },
    outcome: outcome && {
      state: outcome.state,
      attempt: outcome.attempt,
      ended_at: outcome.endedAt,
      receipt: outcome.receipt && receiptBody(outcome.receipt),
      waits_for: outcome.waitsFor,
      held_until: outcome.heldUntil,
    },
  };
}

export function runBody(run: RunView): RunBody {
  return {
    id: run.id,
    plan_id: run.planId,
    connection: run.connectionId,
    action: run.action,
    title: run.title,
    state: run.state,
    requested_by: run.requestedBy,
    created_at: run.createdAt,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    pending: run.pending,
    reason: run.reason,
    wake_at: run.wakeAt,
    total: run.total,
    counts: { ...run.counts },
    can_retry: run.canRetry,
    can_undo: run.canUndo,
  };
}

export function runChangeBody(change: RunChangeView): z.output<typeof runChangeSchema> {
  const { ordinal, subject, summary, state, attempt, outcome } = change;
  return { ordinal, subject, summary, state, attempt, outcome };
}

export function markBody(mark: MarkView) {
  return {
    connection: mark.connectionId,
    account: mark.accountKey,
    is_protected: mark.isProtected,
    is_service: mark.isService,
    owner: mark.owner,
    ignored_until: mark.ignoredUntil,
    note: mark.note,
    set_by: mark.setBy,
    set_at: mark.setAt,
  };
}

export function policyBody({ connectionId, policy, own }: PolicyView): z.output<typeof policyViewSchema> {
  return {
    connection: connectionId,
    policy: {
      window_minutes: policy.windowMinutes,
      approval_above_subjects: policy.approvalAboveSubjects,
      stop_above_subjects: policy.stopAboveSubjects,
      stop_above_percent: policy.stopAbovePercent,
      max_snapshot_age_hours: policy.maxSnapshotAgeHours,
      plan_days: policy.planDays,
    },
    own: own.map(externalName),
  };
}

export function handoffBody({ id, connectionId, label, createdAt, expiresAt }: HandoffView) {
  return { id, connection: connectionId, label, created_at: createdAt, expires_at: expiresAt };
}

function receiptBody(receipt: Receipt) {
  const { summary, code, proof, calls, before, after, verifiedAt, handoff } = receipt;
  return {
    summary, code, proof, calls: calls.map((call) => ({ ...call })), before, after, verified_at: verifiedAt, handoff,
    made: receipt.made === undefined ? null : { ...receipt.made }, confirmed: receipt.confirmed ?? null,
  }; // prettier-ignore
}
