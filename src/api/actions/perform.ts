import type { Lifecycle, PlanChangeView, PlanRequest, PlanView, RunView } from '../../lifecycle/surface.ts';
import type { Caller } from '../../model/access.ts';
import { UsherError } from '../../model/errors.ts';
import { subjectLabel } from '../../model/changes.ts';
import type { ChangeState } from '../../model/changes.ts';

/** How long a call waits for its run before it answers that it goes on. */
export const WAIT_MS = 60_000;
/** What an answer lists at most; all of them are at `/v1/runs/{id}/changes`. */
const MAX_LISTED = 1000;
const PAGE = 500;

/** What a writing action answers, as its output schema has it. */
export interface Performed {
  readonly plan: string;
  readonly state: string;
  readonly run: string | null;
  readonly summary: string;
  readonly changes: readonly {
    readonly subject: string;
    readonly change: string;
    readonly state: string;
    readonly summary: string;
  }[];
}

/**
 * Plans a writing action, applies it and waits for the end. Throws what `Lifecycle.perform` does: `guarded` with code
 * `needsApproval`, `conflict` with code `stillRunning` or `waiting`, and what the app refused.
 */
export async function perform(
  changes: Lifecycle,
  request: PlanRequest,
  by: Caller,
  signal: AbortSignal,
): Promise<Performed> {
  const { plan, run } = await changes.perform(request, by, { waitMs: WAIT_MS, signal }).catch((error: unknown) => {
    throw signal.aborted && !(error instanceof UsherError) ? stoppedWaiting(request) : error;
  });
  const listed = run === null ? plan.firstChanges : await outcomes(changes, plan.id, by);
  return {
    plan: plan.id,
    state: run === null ? plan.state : 'applied',
    run: run?.id ?? plan.runId,
    summary: summaryOf(plan, run, listed),
    changes: listed.map(({ subject, change, summary, outcome }) => ({
      subject: subjectLabel(subject),
      change,
      state: outcome?.state ?? 'planned',
      summary: outcome?.receipt?.summary ?? summary,
    })),
  };
}

/** The server closes: what was started goes on at its next start, so nobody must think that nothing was done. */
function stoppedWaiting({ action, connectionId }: PlanRequest): UsherError {
  return new UsherError('conflict', `Usher is stopping and waits no longer for ${action}; its run goes on by itself.`, {
    code: 'stillRunning',
    connection: connectionId,
    next: `See how it goes: \`usher runs list --connection ${connectionId}\`.`,
  });
}

/** One sentence on what came of it: the only change's own, or how many ended how. */
export function summaryOf(plan: PlanView, run: RunView | null, listed: readonly PlanChangeView[]): string {
  const [only] = listed;
  if (plan.changes === 0 || only === undefined) return 'There was nothing to change.';
  if (plan.changes === 1) return only.outcome?.receipt?.summary ?? only.summary;
  if (run === null) return `${plan.title}: ${plan.changes} changes, not applied.`;
  const ends = ENDS.filter(([state]) => run.counts[state] > 0).map(([state, words]) => `${run.counts[state]} ${words}`);
  return `${plan.title}: ${ends.join(', ')} of ${run.total}.`;
}

const ENDS: readonly (readonly [state: ChangeState, words: string])[] = [
  ['done', 'done'],
  ['skipped', 'were so already'],
  ['failed', 'failed'],
  ['uncertain', 'uncertain'],
];

async function outcomes(changes: Lifecycle, planId: string, by: Caller): Promise<readonly PlanChangeView[]> {
  const found: PlanChangeView[] = [];
  let next: string | null | undefined;
  do {
    const page = await changes.planChanges(planId, { limit: PAGE, next: next ?? undefined }, by);
    found.push(...page.items);
    next = page.next;
  } while (next !== null && found.length < MAX_LISTED);
  return found;
}
