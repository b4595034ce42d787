import type { HeldRun } from '../../store/lifecycle/applying.ts';
import { noteHolds } from '../../store/lifecycle/holds.ts';
import { predecessorsOf, type Predecessor } from '../../store/lifecycle/chains.ts';
import { type OpenChange, uncertainSubjects } from '../../store/lifecycle/journal.ts';
import { planChangesByOrdinal } from '../../store/lifecycle/plans.ts';
import { planAltered, verifyChange } from '../sign.ts';
import type { PlanHeader } from '../stored-plan.ts';
import type { OpenCarrier } from './carrier.ts';
import type { ApplyDependencies } from './dependencies.ts';
import { finishedOf, type Outcome, type Work } from './work.ts';

/** The changes of a run that are to be carried now, as they are signed and as far as they are. */
export async function worksOf(
  deps: ApplyDependencies,
  carrier: OpenCarrier,
  header: PlanHeader,
  rows: readonly OpenChange[],
): Promise<readonly Work[]> {
  const stored = await planChangesByOrdinal(
    deps.database.pool,
    header.id,
    rows.map(({ ordinal }) => ordinal),
  );
  const byOrdinal = new Map(stored.map((row) => [row.ordinal, row]));
  const adoptions = new Map<number, Awaited<ReturnType<OpenCarrier['adoptionOf']>>>();
  for (const { ordinal, made } of rows) if (made !== null) adoptions.set(ordinal, await carrier.adoptionOf(ordinal));
  return rows.map((row) => {
    const change = byOrdinal.get(row.ordinal);
    if (change === undefined) throw planAltered(header.id);
    const content = verifyChange(deps.vault, header.id, change);
    const wasCalled = row.state !== 'planned' && row.calledAgoMs !== null;
    return {
      content,
      change: carrier.change(content.change),
      attempt: row.attempt,
      calledAt: row.calledAt,
      // A call of whoever had it before may have gone out as late as this process took the run in hand.
      calledMs: wasCalled ? Math.max(deps.nowMs() - (row.calledAgoMs ?? 0), carrier.openedMs) : null,
      foundAt: wasCalled ? carrier.openedAt : null,
      wasTaken: row.state === 'called',
      before: null,
      beforeSummary: row.held?.before ?? null,
      inverse: row.held?.inverse ?? null,
      made: row.made,
      adopts: adoptions.get(row.ordinal) ?? null,
      ...(row.confirmed === null ? {} : { confirmed: row.confirmed }),
      calls: [],
    };
  });
}

/**
 * Ends what must not be built on what came before it on its subject; returns the others. Nothing is built on a change
 * nobody knows the end of; what follows another one is made only where that one ended well.
 */
export async function withoutBlocked(
  deps: ApplyDependencies,
  carrier: OpenCarrier,
  runId: string,
  works: readonly Work[],
): Promise<readonly Work[]> {
  const { pool } = deps.database;
  const fresh = works.filter(({ calledMs }) => calledMs === null);
  const uncertain = await uncertainSubjects(pool, runId);
  const following = fresh.filter(({ content }) => content.follows === true);
  const before = await predecessorsOf(
    pool,
    runId,
    following.map(({ content }) => content.ordinal),
  );
  const byOrdinal = new Map(before.map((each) => [each.ordinal, each]));
  const whyBlocked = ({ content }: Work): string | null => {
    const why = content.follows === true ? brokenChain(byOrdinal.get(content.ordinal)) : null;
    if (why !== null) return why;
    return uncertain.has(content.subject.key)
      ? 'Not called: what came before it on this subject is uncertain. Retry it when that is settled.'
      : null;
  };
  const blocked = new Map(
    fresh.flatMap((work) => {
      const why = whyBlocked(work);
      return why === null ? [] : [[work, why] as const];
    }),
  );
  if (blocked.size > 0) {
    await carrier.finish(
      await Promise.all([...blocked].map(([work, why]) => finishedOf(carrier, work, blockedOutcome(why)))),
    );
  }
  return works.filter((work) => !blocked.has(work));
}

/** Leaves out what has to wait: for a time, or for a person. What was called before is settled at once. */
export async function withoutHeld(
  deps: ApplyDependencies,
  run: HeldRun,
  works: readonly Work[],
): Promise<readonly Work[]> {
  const holds = works.flatMap(({ content: { ordinal, hold }, calledMs, confirmed }) => {
    if (hold === undefined || calledMs !== null || confirmed !== undefined) return [];
    return [{ ordinal, seconds: hold.kind === 'wait' ? hold.seconds : null }];
  });
  if (holds.length === 0) return works;
  const over = await deps.database.transaction((client) => noteHolds(client, run, holds));
  const held = new Set(holds.flatMap(({ ordinal }) => (over.has(ordinal) ? [] : [ordinal])));
  return works.filter(({ content }) => !held.has(content.ordinal));
}

/** Why a change must not be made, from the one it follows; null: that one ended well. */
function brokenChain(before: Predecessor | undefined): string | null {
  if (before === undefined) return 'Not called: there is nothing before it that it could follow.';
  const { state, receipt, summary } = before;
  const why = receipt === null ? '' : ` ${receipt.summary}`;
  if (state === 'done') return null;
  if (state === 'skipped') {
    return receipt?.code === 'cancelled' ? `Not called: what it follows was cancelled (${summary}).` : null;
  }
  const what = state === 'uncertain' ? 'is uncertain' : 'failed';
  return `Not called: what it follows ${what} (${summary}).${why}`;
}

function blockedOutcome(summary: string): Outcome {
  return { end: 'failed', summary, code: 'blocked', proof: 'nothing', observed: null };
}
