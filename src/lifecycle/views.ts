import { subjectLabel } from '../model/changes.ts';
import type { DecisionRow } from '../store/lifecycle/decisions.ts';
import type { HandoffRow } from '../store/lifecycle/handoffs.ts';
import type { MarkRow } from '../store/lifecycle/marks.ts';
import type { Person } from '../store/lifecycle/people.ts';
import type { PlanRow } from '../store/lifecycle/plans.ts';
import type { PlanChangeOutcomeRow, ProgressRow, RunCounts, RunRow } from '../store/lifecycle/runs.ts';
import type { PlanChangeContent, PlanHeader } from './stored-plan.ts';
import type {
  DecisionView, HandoffView, MarkView, PersonView, PlanChangeView, PlanSummary, PlanView, RunChangeView, RunView,
} from './surface.ts'; // prettier-ignore

/** Principals by id, as they are called now. */
export type People = ReadonlyMap<string, Person>;

/** All a plan is shown with. */
export interface PlanParts {
  readonly row: Pick<PlanRow, 'id' | 'connectionId' | 'state'>;
  /** As it was signed. */
  readonly header: PlanHeader;
  readonly runId: string | null;
  readonly people: People;
}

/** A plan in a list. */
export function viewPlanSummary({ row, header, runId, people }: PlanParts): PlanSummary {
  return {
    id: row.id,
    connectionId: row.connectionId,
    action: header.action,
    title: header.title,
    state: row.state,
    effect: header.effect,
    requestedBy: people.get(header.requestedBy.id) ?? header.requestedBy,
    reason: header.reason,
    createdAt: header.createdAt,
    expiresAt: header.expiresAt,
    changes: header.changes,
    runId,
  };
}

/** A plan as a whole. `hasOtherApprover`: whether another person than its requester may approve. */
export function viewPlanWhole(
  parts: PlanParts & {
    readonly decisions: readonly DecisionRow[];
    readonly firstChanges: readonly PlanChangeView[];
    readonly hasOtherApprover: boolean;
  },
): PlanView {
  const { header, people, decisions, firstChanges } = parts;
  return {
    ...viewPlanSummary(parts),
    input: header.input,
    appliesWhenApproved: header.appliesWhenApproved,
    applyAt: header.applyAt ?? null,
    approvalReasons: header.approvalReasons,
    guards: header.guards,
    decisions: decisions.map((decision) => viewDecision(decision, people)),
    firstChanges,
    next: nextOf(parts),
  };
}

/** A change of a plan; `outcome` null: it is not stored, or no run carries it out. */
export function viewPlanChange(
  content: PlanChangeContent,
  outcome: Pick<PlanChangeOutcomeRow, 'state' | 'attempt' | 'endedAt' | 'receipt' | 'waitsFor' | 'holdUntil'> | null,
): PlanChangeView {
  const { ordinal, subject, change, summary, effect, undo, params, before, preview } = content;
  const state = outcome?.state ?? null;
  return {
    ordinal, subject, change, summary, effect, undo, params, before, preview,
    follows: content.follows ?? false,
    hold: content.hold ?? null,
    outcome:
      outcome === null || state === null
        ? null
        : {
            state, attempt: outcome.attempt ?? 0, endedAt: outcome.endedAt, receipt: outcome.receipt,
            waitsFor: outcome.waitsFor, heldUntil: outcome.holdUntil,
          },
  }; // prettier-ignore
}

/** A run with its figures. `header`: of its plan. */
export function viewRunWhole(run: RunRow, header: PlanHeader, counts: RunCounts, people: People): RunView {
  const hasEnded = isRunEnd(run.state);
  return {
    id: run.id,
    planId: run.planId,
    connectionId: run.connectionId,
    action: header.action,
    title: header.title,
    state: run.state,
    requestedBy: personOf(run.requestedBy, people, header),
    createdAt: run.createdAt,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    pending: pendingOf(run),
    reason: run.reason,
    wakeAt: run.wakeAt,
    total: header.changes,
    counts: counts.states,
    canRetry: hasEnded && counts.retryable > 0,
    canUndo: (hasEnded || run.state === 'waiting') && counts.undoable > 0,
  };
}

/** A step forward of a run. */
export function viewRunChange({ ordinal, subject, summary, state, attempt, outcome }: ProgressRow): RunChangeView {
  return { ordinal, subject: subjectLabel(subject), summary, state, attempt, outcome };
}

/** Whether a run in this state is over. */
export function isRunEnd(state: RunRow['state']): boolean {
  return state === 'succeeded' || state === 'partial' || state === 'failed' || state === 'cancelled';
}

/** What was said of an account; `row` null: nothing ever. */
export function viewMark(connectionId: string, accountKey: string, row: MarkRow | null, people: People): MarkView {
  return {
    connectionId,
    accountKey,
    isProtected: row?.isProtected ?? false,
    isService: row?.isService ?? false,
    owner: row?.owner ?? null,
    ignoredUntil: row?.ignoredUntil ?? null,
    note: row?.note ?? null,
    setBy: row && personOf(row.setBy, people),
    setAt: row?.setAt ?? null,
  };
}

/** A hand-off without its secret. */
export function viewHandoff({ id, connectionId, label, createdAt, expiresAt }: HandoffRow): HandoffView {
  return { id, connectionId, label, createdAt, expiresAt };
}

function viewDecision({ principalId, decision, reason, decidedAt }: DecisionRow, people: People): DecisionView {
  return { decision, by: personOf(principalId, people), reason, at: decidedAt };
}

/** A principal that is gone keeps the name it had when it asked, or is known by its id. */
function personOf(id: string, people: People, header?: PlanHeader): PersonView {
  const known = people.get(id);
  if (known) return known;
  return header?.requestedBy.id === id ? header.requestedBy : { id, name: id, kind: 'person' };
}

function pendingOf({ state, cancelRequested, pauseRequested }: RunRow): RunView['pending'] {
  if (isRunEnd(state)) return null;
  if (cancelRequested) return 'cancel';
  return pauseRequested && state !== 'paused' ? 'pause' : null;
}

function nextOf(parts: PlanParts & { readonly hasOtherApprover: boolean }): string | null {
  const { row, runId } = parts;
  if (row.id === '') return null; // a dry run: nothing is stored
  return {
    waiting: `${approverOf(parts)} has to approve it: usher plan approve ${row.id}.`,
    ready: `Apply it: usher plan apply ${row.id}.`,
    applied: `See what came of it: usher runs show ${runId ?? row.id}.`,
    rejected: 'It was rejected, and nothing was changed.',
    cancelled: 'It was withdrawn, and nothing was changed.',
    expired: 'It expired, and nothing was changed. Make it again if it should be done after all.',
  }[row.state];
}

function approverOf({ header, people, hasOtherApprover }: PlanParts & { readonly hasOtherApprover: boolean }): string {
  const requester = people.get(header.requestedBy.id) ?? header.requestedBy;
  const isBarred = header.effect === 'destructive' && requester.kind === 'person' && hasOtherApprover;
  return isBarred ? `A person other than ${requester.name}` : 'A person';
}
