import type { Clock } from '../connector-kit/connector.ts';
import type { Caller } from '../model/access.ts';
import type { PlanState } from '../model/changes.ts';
import { UsherError } from '../model/errors.ts';
import type { Vault } from '../secrets/vault.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import { type DecisionRow, insertDecision } from '../store/lifecycle/decisions.ts';
import { hasOtherApprover } from '../store/lifecycle/people.ts';
import { deletePlanSecrets, planById, type PlanRow, setPlanState } from '../store/lifecycle/plans.ts';
import type { Database } from '../store/open.ts';
import type { Queryable } from '../store/principals.ts';
import { decisionEntry } from './audit.ts';
import { assertMay, isId, keptText, maySee, notFound } from './callers.ts';
import { isDecisionSigned, signDecision, verifyPlan } from './sign.ts';
import type { PlanHeader } from './stored-plan.ts';

type Signer = Pick<Vault, 'sign' | 'isSigned'>;
type Decision = DecisionRow['decision'];

/** What decisions need of the world. */
export interface DecisionDependencies {
  readonly database: Pick<Database, 'transaction'>;
  readonly vault: Signer;
  readonly clock: Clock;
}

/**
 * What people decide on stored plans, recorded and signed; nothing is carried out here. All of it throws `notFound` for a
 * plan the caller may not see, `conflict` (code `alreadyDecided` or `planExpired`) where there is nothing left to decide,
 * and `stale` (code `planAltered` or `clockWentBack`) where what is stored, or the clock, cannot be relied on.
 */
export interface Decisions {
  /**
   * Approves a plan that waits for it; it is `ready` then. Throws `permission` with code `personsOnly` for agents and
   * services, `needsAnotherPerson` for the requester of a destructive plan while another person could approve it.
   */
  approve(id: string, reason: string | null, by: Caller): Promise<PlanRow>;
  /** Rejects a plan that was not applied; what it holds in secrets is deleted. */
  reject(id: string, reason: string | null, by: Caller): Promise<PlanRow>;
  /** Withdraws a plan that was not applied; what it holds in secrets is deleted. An agent withdraws its own only. */
  cancel(id: string, by: Caller): Promise<PlanRow>;
}

/** Clocks of two machines may differ by this much. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** Which states a decision can be made in, and which it leads to. */
const STEPS: Readonly<Record<Decision, { readonly from: readonly PlanState[]; readonly to: PlanState }>> = {
  approve: { from: ['waiting'], to: 'ready' },
  reject: { from: ['waiting', 'ready'], to: 'rejected' },
  cancel: { from: ['waiting', 'ready'], to: 'cancelled' },
};

/** Opens the desk at which plans are decided. */
export function createDecisions({ database, vault, clock }: DecisionDependencies): Decisions {
  const decide = (decision: Decision, id: string, reason: string | null, by: Caller): Promise<PlanRow> =>
    database.transaction(async (client) => {
      // Two at once: the second waits here, and then finds the plan decided.
      const row = isId(id) ? await planById(client, id, { lock: true }) : null;
      if (row === null || !maySee(by, row.connectionId)) throw notFound('plan', id);
      const header = verifyPlan(vault, row);
      assertOpen(row, header, decision, clock.now());
      await assertAllowed(client, header, decision, by);
      const decidedAt = clock.now().toISOString();
      const made = { principalId: by.principalId, decision, reason: keptText('reason', reason), decidedAt };
      await insertDecision(client, { planId: row.id, ...made, mac: signDecision(vault, row, made) });
      const { to } = STEPS[decision];
      await setPlanState(client, row.id, to, decidedAt);
      if (decision !== 'approve') await deletePlanSecrets(client, [row.id]);
      await addAuditEntries(client, [decisionEntry(decision, header, made, by)]);
      return { ...row, state: to, decidedAt: row.decidedAt ?? decidedAt };
    });
  return {
    approve: (id, reason, by) => decide('approve', id, reason, by),
    reject: (id, reason, by) => decide('reject', id, reason, by),
    cancel: (id, by) => decide('cancel', id, null, by),
  };
}

/**
 * The approval of this very plan among its stored decisions; null: there is none. One that was edited, or copied from
 * another plan, does not count; a plan that was rejected or withdrawn as well is not approved.
 */
export function approvedBy(
  vault: Signer,
  plan: Pick<PlanRow, 'id' | 'mac'>,
  decisions: readonly DecisionRow[],
): DecisionRow | null {
  const genuine = genuineDecisions(vault, plan, decisions);
  if (genuine.some(({ decision }) => decision !== 'approve')) return null;
  return genuine[0] ?? null;
}

/** Those decisions that were made, as they stand there, on this very plan. */
export function genuineDecisions(
  vault: Signer,
  plan: Pick<PlanRow, 'id' | 'mac'>,
  decisions: readonly DecisionRow[],
): readonly DecisionRow[] {
  return decisions.filter((decision) => decision.planId === plan.id && isDecisionSigned(vault, plan, decision));
}

/** Throws `stale` with code `clockWentBack` where a plan was made later than now: nothing it says of its end is sure then. */
export function assertClock({ id, createdAt }: Pick<PlanHeader, 'id' | 'createdAt'>, now: Date): void {
  if (Date.parse(createdAt) <= now.getTime() + CLOCK_TOLERANCE_MS) return;
  throw new UsherError(
    'stale',
    `Plan ${id} was made at ${createdAt}, but this machine's clock says ${now.toISOString()}: it went back.`,
    { code: 'clockWentBack', next: 'Set the clock right, or make the plan again.' },
  );
}

function assertOpen(row: PlanRow, header: PlanHeader, decision: Decision, now: Date): void {
  if (!STEPS[decision].from.includes(row.state)) throw alreadyDecided(row, header, decision);
  assertClock(header, now);
  if (Date.parse(header.expiresAt) > now.getTime()) return;
  throw new UsherError('conflict', `Plan ${row.id} expired at ${header.expiresAt}.`, {
    code: 'planExpired',
    next: 'Make it again.',
  });
}

async function assertAllowed(on: Queryable, header: PlanHeader, decision: Decision, by: Caller): Promise<void> {
  if (decision === 'cancel') return assertMayCancel(header, by);
  if (by.principalKind !== 'person') {
    throw new UsherError('permission', `${by.principalName} is no person: only people decide on plans.`, {
      code: 'personsOnly',
      next: `Ask somebody with the role approver or admin: usher plan ${decision} ${header.id}.`,
    });
  }
  assertMay(by, 'plan:approve');
  const isOwnDestructive = header.requestedBy.id === by.principalId && header.effect === 'destructive';
  if (decision !== 'approve' || !isOwnDestructive || !(await hasOtherApprover(on, by.principalId))) return;
  const why = 'who asks for what cannot be taken back is not its only approver';
  throw new UsherError('permission', `${by.principalName} asked for plan ${header.id}: ${why}.`, {
    code: 'needsAnotherPerson',
    next: `Another person has to approve it: usher plan approve ${header.id}.`,
  });
}

function assertMayCancel(header: PlanHeader, by: Caller): void {
  if (header.requestedBy.id === by.principalId) return;
  if (by.principalKind === 'agent') {
    throw new UsherError(
      'permission',
      `Plan ${header.id} is not of ${by.principalName}: an agent withdraws its own only.`,
      {
        code: 'personsOnly',
        next: 'Ask a person.',
      },
    );
  }
  if (!by.permissions.has('plan:approve')) assertMay(by, 'plan:make');
}

function alreadyDecided({ id, state }: PlanRow, { approvalReasons }: PlanHeader, decision: Decision): UsherError {
  const said = {
    waiting: 'waits for a decision',
    ready: approvalReasons.length === 0 ? 'needs no approval' : 'was approved already',
    applied: 'was applied already',
    rejected: 'was rejected',
    cancelled: 'was withdrawn',
    expired: 'has expired',
  }[state];
  const next = {
    waiting: null,
    ready: `Apply it: usher plan apply ${id}.`,
    applied: `See what came of it: usher runs show ${id}.`,
    rejected: null,
    cancelled: null,
    expired: null,
  }[state];
  return new UsherError('conflict', `Plan ${id} ${said}.`, {
    code: state === 'expired' ? 'planExpired' : 'alreadyDecided',
    next:
      next ??
      (decision === 'approve' ? 'Make it again if it should be done after all.' : 'There is nothing left to decide.'),
  });
}
