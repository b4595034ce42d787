import { toUsherError } from '../../model/errors.ts';
import { moveRun, takeRun } from '../../store/lifecycle/applying.ts';
import { countStates } from '../../store/lifecycle/journal.ts';
import { connectionsWithUncertain, type UncertainChange, uncertainChanges } from '../../store/lifecycle/uncertain.ts';
import { planById, planChangesByOrdinal } from '../../store/lifecycle/plans.ts';
import { verifyChange, verifyPlan } from '../sign.ts';
import { openCarrier } from './carrier.ts';
import type { ApplyDependencies } from './dependencies.ts';
import { endOfRun, forgetChain } from './run-end.ts';
import { settleByMade } from './settle-made.ts';
import { type Carrier, finishedOf, type Outcome, type Work } from './work.ts';

/** An uncertain change is looked at again for so long. */
export const UNCERTAIN_DAYS = 7;
/** What the app took and never showed is given up after this. */
const GIVE_UP_MS = 24 * 3_600_000;
const LIMIT = 200;
/** Runs that nobody carries out. */
const IN_NO_HANDS = ['waiting', 'paused', 'succeeded', 'partial', 'failed', 'cancelled'] as const;

/**
 * Looks again at what was left uncertain, on every connection that has something: what the app shows now is done; what it
 * surely does not show has failed, for a person to retry. An app that cannot be asked yet is asked the next time.
 */
export async function settleUncertain(deps: ApplyDependencies, signal: AbortSignal): Promise<void> {
  for (const connectionId of await connectionsWithUncertain(deps.database.pool, UNCERTAIN_DAYS)) {
    if (signal.aborted) return;
    const changes = await uncertainChanges(deps.database.pool, connectionId, UNCERTAIN_DAYS, LIMIT);
    for (const [runId, ofRun] of Map.groupBy(changes, (change) => change.runId)) {
      await settleOfRun(deps, runId, ofRun, signal).catch((error: unknown) => {
        deps.log.info({ run: runId, error: toUsherError(error).message }, 'uncertain changes could not be settled yet');
      });
    }
  }
}

async function settleOfRun(
  deps: ApplyDependencies,
  runId: string,
  changes: readonly UncertainChange[],
  signal: AbortSignal,
): Promise<void> {
  const { pool } = deps.database;
  const planId = changes[0]?.planId ?? '';
  const plan = await planById(pool, planId);
  if (plan === null) return;
  const header = verifyPlan(deps.vault, plan);
  const stored = await planChangesByOrdinal(
    pool,
    planId,
    changes.map(({ ordinal }) => ordinal),
  );
  // Another worker may look at the same run: whoever takes it last writes its ends.
  const run = await takeRun(pool, runId, IN_NO_HANDS, deps.workerId?.() ?? null);
  if (run === null) return;
  const carrier = await openCarrier(deps, {
    run, header, isLeased: false, stop: signal, end: signal, onTaken: () => undefined,
  }); // prettier-ignore
  try {
    const works: { readonly work: Work; readonly change: UncertainChange }[] = [];
    for (const change of changes) {
      const row = stored.find(({ ordinal }) => ordinal === change.ordinal);
      if (row === undefined) continue;
      const content = verifyChange(deps.vault, planId, row);
      const work: Work = {
        content, change: carrier.change(content.change), attempt: 1, calledAt: change.calledAt,
        calledMs: deps.nowMs() - change.calledAgoMs, foundAt: null, wasTaken: false, before: null,
        beforeSummary: change.receipt.before, inverse: change.held?.inverse ?? null, made: change.made, confirmed: change.receipt.confirmed,
        adopts: change.made === null ? null : await carrier.adoptionOf(change.ordinal), calls: [...change.receipt.calls],
      }; // prettier-ignore
      works.push({ work, change });
    }
    // What was cut off between the answer and its end.
    const kept = works.filter(({ work }) => work.change.proof.by === 'made' && work.made !== null);
    await settleByMade(
      carrier,
      kept.map(({ work }) => ({ work, result: { kind: 'taken' as const } })),
    );
    await byState(
      carrier,
      works.filter(({ work }) => work.change.proof.by === 'state'),
    );
    await byLog(
      carrier,
      works.filter(({ work }) => work.change.proof.by === 'log'),
    );
    await carrier.flush();
  } finally {
    await carrier.close();
  }
  const end = endOfRun(await countStates(pool, runId));
  if (end === 'partial') return;
  await deps.database.transaction(async (client) => {
    if ((await moveRun(client, runId, ['partial'], end, null)) && end === 'succeeded') {
      await forgetChain(client, planId, header.undoes);
    }
  });
}

type Open = readonly { readonly work: Work; readonly change: UncertainChange }[];

async function byState(carrier: Carrier, open: Open): Promise<void> {
  if (open.length === 0) return;
  const observed = await carrier.read(
    open.map(({ work }) => work),
    'before',
  );
  for (const { work, change } of open) {
    const now = observed.get(work.content.subject.key) ?? null;
    if (now === null) continue;
    if (work.change.wanted(now, work.content.params)) {
      await finish(carrier, work, {
        end: 'done', summary: 'Done; the app showed it later.', code: null, proof: 'state', observed: now,
      }); // prettier-ignore
      continue;
    }
    const wasTaken = change.receipt.code === 'unconfirmed';
    if (change.calledAgoMs < (wasTaken ? GIVE_UP_MS : carrier.settings.settleMs)) continue;
    await finish(carrier, work, {
      end: 'failed', code: 'notDone', proof: 'state', observed: now,
      summary: wasTaken ? 'The app took it and never showed it. Retry it.' : 'It was not done; the app shows it now. Retry it.',
    }); // prettier-ignore
  }
}

async function byLog(carrier: Carrier, open: Open): Promise<void> {
  const since = open
    .map(({ work }) => work.calledAt ?? '')
    .filter((at) => at !== '')
    .sort()[0];
  if (since === undefined || !carrier.hasLog) return;
  const log = await carrier.readLog(since);
  for (const { work } of open) {
    const { content, change, calledAt } = work;
    if (log.events.some((event) => change.isShownBy(event, content.subject, content.params))) {
      await finish(carrier, work, {
        end: 'done', summary: "Done; the app's own log shows it.", code: null, proof: 'log', observed: null,
      }); // prettier-ignore
      continue;
    }
    const settled = calledAt === null ? Number.POSITIVE_INFINITY : Date.parse(calledAt) + carrier.settings.settleMs;
    if (log.isCompleteTo === null || Date.parse(log.isCompleteTo) < settled) continue;
    await finish(carrier, work, {
      end: 'failed', summary: "It was not done: the app's own log does not show it. Retry it.", code: 'notDone',
      proof: 'log', observed: null,
    }); // prettier-ignore
  }
}

async function finish(carrier: Carrier, work: Work, outcome: Outcome): Promise<void> {
  await carrier.finish([await finishedOf(carrier, work, outcome)]);
}
