import { UsherError } from '../model/errors.ts';
import type { PlanHeader } from './stored-plan.ts';
import type { PlanView, RunView } from './surface.ts';

/** What callers are told of plans and runs that did not end as they asked. */

/** What a caller is told when a person has to decide first. */
export function needsApproval({ id }: PlanHeader, reasons: readonly string[]): UsherError {
  return new UsherError('guarded', `Plan ${id} waits for the approval of a person. ${reasons.join(' ')}`, {
    code: 'needsApproval',
    plan: id,
    next: `A person with the role approver or admin decides: usher plan approve ${id}.`,
  });
}

/** The plan's time is over. */
export function expired({ id, expiresAt }: PlanHeader): UsherError {
  return new UsherError('conflict', `Plan ${id} expired at ${expiresAt}.`, {
    code: 'planExpired',
    next: 'Make it again.',
  });
}

/** It takes longer than the caller waits. */
export function stillRunning({ id, planId }: RunView): UsherError {
  return new UsherError('conflict', `Run ${id} is still under way; it goes on by itself.`, {
    code: 'stillRunning',
    plan: planId,
    run: id,
    next: `See how it goes: usher runs follow ${id}.`,
  });
}

/** It has to wait for a time or a person. */
export function waits({ id, planId, reason }: RunView): UsherError {
  return new UsherError('conflict', `Run ${id} has to wait, and goes on afterwards. ${reason ?? ''}`.trim(), {
    code: 'waiting',
    plan: planId,
    run: id,
    next: `See how it stands: usher runs show ${id}.`,
  });
}

/** One change: its own failure. Several: that some failed, and where to look. */
export function throwFailures(plan: PlanView, run: RunView): void {
  if (run.state === 'succeeded') return;
  if (run.state === 'paused' || run.state === 'cancelled') {
    throw new UsherError('conflict', `Run ${run.id} was ${run.state} by somebody.`, { code: run.state, run: run.id });
  }
  const bad = plan.firstChanges.filter(({ outcome }) => outcome?.state === 'failed' || outcome?.state === 'uncertain');
  const [first] = bad;
  const receipt = first?.outcome?.receipt;
  const where = { plan: plan.id, run: run.id, next: `See what came of each: usher runs show ${run.id}.` };
  if (run.total > 1 || first === undefined) {
    const { failed, uncertain } = run.counts;
    throw new UsherError(
      'partialFailure',
      `${failed} of ${run.total} changes failed${uncertain === 0 ? '' : ` and ${uncertain} are uncertain`}.`,
      where,
    );
  }
  const message = `${first.summary}: ${receipt?.summary ?? 'it failed.'}`;
  if (first.outcome?.state === 'uncertain') throw new UsherError('transient', message, { ...where, code: 'uncertain' });
  throw new UsherError(kindOf(receipt?.code ?? null), message, { ...where, code: receipt?.code ?? undefined });
}

const KINDS_BY_CODE: Readonly<Record<string, UsherError['kind']>> = {
  stale: 'stale',
  addressMoved: 'stale',
  protectedAccount: 'guarded',
  lastAdministrator: 'guarded',
  notFound: 'notFound',
  alreadyExists: 'alreadyExists',
  invalidInput: 'invalidInput',
  unsupported: 'unsupported',
  auth: 'auth',
  permission: 'permission',
  rateLimited: 'rateLimited',
};

function kindOf(code: string | null): UsherError['kind'] {
  return (code === null ? undefined : KINDS_BY_CODE[code]) ?? 'transient';
}
