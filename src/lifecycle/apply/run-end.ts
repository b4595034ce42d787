import type { Receipt, RunState } from '../../model/changes.ts';
import { sentenceOf, type UsherError } from '../../model/errors.ts';
import { applyingRun, moveRun } from '../../store/lifecycle/applying.ts';
import { countStates, endPlanned, leaveUncertain } from '../../store/lifecycle/journal.ts';
import { deletePlanSecrets } from '../../store/lifecycle/plans.ts';
import { type OpenHold, openHolds } from '../../store/lifecycle/holds.ts';
import type { Queryable } from '../../store/principals.ts';

/**
 * Ends a run that nothing is left to do for, or that somebody wants to stop, or lets it wait where all that is left has to;
 * in a transaction that holds it.
 */
export async function endRun(
  client: Queryable,
  { id, planId, undoes }: { readonly id: string; readonly planId: string; readonly undoes: string | null },
): Promise<void> {
  const flags = await applyingRun(client, id);
  const counts = await countStates(client, id);
  const isOpen = counts.planned + counts.calling + counts.called > 0;
  if (flags?.cancelRequested) {
    await endPlanned(client, id, 'skipped', CANCELLED);
    const doubt = 'The run was cancelled before it was known whether this was made. Usher looks again by itself.';
    await leaveUncertain(client, id, receiptOf(doubt, 'unanswered'));
    await shredSecrets(client, planId, await countStates(client, id), 'prior');
    await moveRun(client, id, ['running'], 'cancelled', CANCELLED_RUN);
  } else if (flags?.pauseRequested && isOpen) {
    await moveRun(client, id, ['running'], 'paused', 'Paused by hand.');
  } else if (!isOpen) {
    const end = endOfRun(counts);
    if (end === 'succeeded') await forgetChain(client, planId, undoes);
    await moveRun(client, id, ['running'], end, null);
  } else {
    await letWait(client, id);
  }
}

/**
 * Cancels a run that waits: nobody has it in hand, and nothing of it is under way. False where it does not wait (any more).
 * In a transaction.
 */
export async function cancelWaiting(client: Queryable, runId: string): Promise<boolean> {
  if (!(await moveRun(client, runId, ['waiting'], 'cancelled', CANCELLED_RUN))) return false;
  await endPlanned(client, runId, 'skipped', CANCELLED);
  const run = await applyingRun(client, runId);
  if (run !== null) await shredSecrets(client, run.planId, await countStates(client, runId), 'prior');
  return true;
}

/** Puts a run away until what it waits for is over; whatever is over already wakes it at once. */
async function letWait(client: Queryable, runId: string): Promise<void> {
  const holds = await openHolds(client, runId);
  if (holds.length === 0) return;
  const wakeAt = holds.find(({ until }) => until !== null)?.until ?? null;
  await moveRun(client, runId, ['running'], 'waiting', waitingFor(runId, holds), wakeAt);
}

/** What a run waits for, in sentences. */
function waitingFor(runId: string, holds: readonly OpenHold[]): string {
  const sentences = holds
    .slice(0, MOST_TOLD)
    .map(({ ordinal, summary, hold, until }) =>
      hold.kind === 'wait'
        ? `Waits until ${untilText(until)} for "${summary}": ${hold.why}`
        : `Waits for a person: ${hold.task} (then: ${summary}; when it is done: usher runs task ${runId} ${ordinal} --done)`,
    );
  return [...sentences, ...(holds.length > MOST_TOLD ? [`And ${holds.length - MOST_TOLD} more wait.`] : [])].join(' ');
}

const MOST_TOLD = 3;

/** `2026-03-02 14:00:00 UTC` */
export function untilText(until: string | null): string {
  return until === null ? 'then' : `${until.slice(0, 19).replace('T', ' ')} UTC`;
}

/** How a run has ended, from how its changes did. */
export function endOfRun(counts: Awaited<ReturnType<typeof countStates>>): RunState {
  const good = counts.done + counts.skipped;
  if (counts.failed + counts.uncertain === 0) return 'succeeded';
  return good === 0 && counts.uncertain === 0 ? 'failed' : 'partial';
}

/** What was not called fails with the reason; what may have been called is settled later. */
export async function stopRun(client: Queryable, runId: string, planId: string, error: UsherError): Promise<void> {
  const { calling, called } = await countStates(client, runId);
  // Half-way changes stay as they are: a later start of this run settles them.
  if (calling + called > 0 && (error.kind === 'transient' || error.kind === 'rateLimited')) return;
  const code = error.details.code ?? error.kind;
  await endPlanned(client, runId, 'failed', receiptOf(sentenceOf(error), code));
  await leaveUncertain(client, runId, receiptOf(`It may have been done: ${sentenceOf(error)}`, code));
  const counts = await countStates(client, runId);
  await shredSecrets(client, planId, counts, 'chain');
  await moveRun(client, runId, ['running'], endOfRun(counts), sentenceOf(error));
}

/**
 * What a run kept for those of its changes that follow others, and what the connection had before: nobody needs it once the
 * run has succeeded, nor that of a run which this one took back.
 */
export async function forgetChain(client: Queryable, planId: string, undoes: string | null): Promise<void> {
  await deletePlanSecrets(client, [planId]);
  const undone = undoes === null ? null : await applyingRun(client, undoes);
  if (undone !== null) await deletePlanSecrets(client, [undone.planId], 'own');
}

/** Secrets of changes that ended without being carried out; those of uncertain ones may still be handed on. */
async function shredSecrets(
  client: Queryable,
  planId: string,
  counts: Awaited<ReturnType<typeof countStates>>,
  keep: 'prior' | 'chain',
): Promise<void> {
  if (counts.uncertain + counts.calling + counts.called === 0) await deletePlanSecrets(client, [planId], keep);
}

/** The receipt of a change for which nothing was sent. */
export function receiptOf(summary: string, code: string): Receipt {
  return { summary, code, proof: 'nothing', calls: [], before: null, after: null, verifiedAt: null, handoff: null };
}

const CANCELLED = receiptOf('The run was cancelled before it was called.', 'cancelled');
const CANCELLED_RUN = 'Cancelled; what was not called yet never is.';
