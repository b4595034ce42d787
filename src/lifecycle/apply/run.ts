import { toUsherError, type UsherError } from '../../model/errors.ts';
import { WorkTaken } from '../../model/taken.ts';
import type { Receipt, RunState } from '../../model/changes.ts';
import {
  applyingRun, countStates, endPlanned, firstOpenChanges, type HeldRun, holdRun, leaveUncertain, moveRun,
  type OpenChange, prolongLeases, releaseLeases, takeLeases, takeRun, uncertainSubjects,
} from '../../store/lifecycle/apply.ts'; // prettier-ignore
import { deletePlanSecrets, eachPlanChange, planById, planChangesByOrdinal } from '../../store/lifecycle/plans.ts';
import type { Queryable } from '../../store/principals.ts';
import { databaseRetryMs, isDatabaseLoss } from '../../sync/database-loss.ts';
import { nextHash, planAltered, verifyChange, verifyPlan } from '../sign.ts';
import type { PlanHeader } from '../stored-plan.ts';
import { openCarrier, type OpenCarrier } from './carrier.ts';
import type { ApplyDependencies } from './dependencies.ts';
import { inParallel } from './journal.ts';
import { carryUnit, mayBeLast } from './unit.ts';
import { finishedOf, type Outcome, sentenceOf, type Work } from './work.ts';

const PAGE = 1000;
/** How often a run looks whether somebody wants it to stop. */
const WATCH_MS = 500;
/** What is under way when the process is to end gets this long. */
const DRAIN_MS = 10_000;
/** Units under way for each call the app allows at a time: while some are written down, others are called. */
const UNITS_A_CALL = 4;
/** What waits for a subject that another run has in hand looks again after this. */
const LEASE_WAIT_MS = 250;

/**
 * Carries a run on until it has ended, is paused, or `signal` is aborted; called again after a crash. `run_change` says how
 * far each change is: what was not called is called, what may have been called is settled by reading. While the database
 * is gone it waits and goes on.
 */
export async function carryOutPlan(deps: ApplyDependencies, runId: string, signal: AbortSignal): Promise<void> {
  for (let attempts = 0; ; attempts += 1) {
    try {
      await attempt(deps, runId, signal);
      return;
    } catch (thrown) {
      if (signal.aborted) return; // it goes on at the next start
      if (!isDatabaseLoss(thrown)) throw thrown;
      deps.log.warn({ run: runId, error: String(thrown) }, 'The database does no work; the run waits for it.');
      await deps.delay(databaseRetryMs(thrown, attempts), signal);
    }
  }
}

async function attempt(deps: ApplyDependencies, runId: string, signal: AbortSignal): Promise<void> {
  const { pool } = deps.database;
  const run = await applyingRun(pool, runId);
  const held = run === null ? null : await takeRun(pool, runId, ['queued', 'running'], deps.workerId?.() ?? null);
  if (run === null || held === null) return;
  try {
    const header = await verifiedPlan(deps, run.planId);
    await carryOut(deps, held, header, signal);
  } catch (thrown) {
    if (signal.aborted || isDatabaseLoss(thrown)) throw thrown;
    if (thrown instanceof WorkTaken) {
      deps.log.warn({ run: runId }, 'Another worker has taken this run in hand; it stops here.');
      return;
    }
    const error = toUsherError(thrown);
    deps.log.warn({ run: runId, error: error.message }, 'a run could not go on');
    await deps.database
      .transaction(async (client) => {
        await holdRun(client, held);
        await stopRun(client, runId, run.planId, error);
      })
      .catch((failure: unknown) => {
        if (!(failure instanceof WorkTaken)) throw failure;
      });
  } finally {
    await releaseLeases(pool, held).catch(() => undefined);
  }
}

/** Reads the whole plan, page by page: it must be what was signed, no change more and none less. */
async function verifiedPlan({ database, vault }: ApplyDependencies, planId: string): Promise<PlanHeader> {
  const plan = await planById(database.pool, planId);
  if (plan === null) throw planAltered(planId);
  const header = verifyPlan(vault, plan);
  let rootHash = '';
  let count = 0;
  for await (const row of eachPlanChange(database.pool, planId)) {
    if (row.ordinal !== count) throw planAltered(planId);
    rootHash = nextHash(rootHash, row.content);
    count += 1;
  }
  if (rootHash !== plan.rootHash || count !== header.changes) throw planAltered(planId);
  return header;
}

async function carryOut(deps: ApplyDependencies, run: HeldRun, header: PlanHeader, signal: AbortSignal): Promise<void> {
  const runId = run.id;
  const stop = watchForStop(deps, run, signal);
  try {
    const carrier = await openCarrier(deps, {
      run, header, stop: stop.signal, end: stop.hardSignal, onTaken: (taken) => stop.now(taken),
    }); // prettier-ignore
    try {
      while (!stop.signal.aborted) {
        if ((await carryWave(deps, carrier, runId, header, stop.signal)) === 0) break;
      }
      await carrier.flush();
    } finally {
      await carrier.close();
    }
  } catch (thrown) {
    stop.throwIfTaken();
    throw thrown;
  } finally {
    stop.end();
  }
  if (signal.aborted) return;
  stop.throwIfTaken();
  await deps.database.transaction(async (client) => {
    await holdRun(client, run);
    await endRun(client, { id: runId, planId: header.id });
  });
}

/** Ends a run that nothing is left to do for, or that somebody wants to stop; in a transaction that holds it. */
async function endRun(
  client: Queryable,
  { id, planId }: { readonly id: string; readonly planId: string },
): Promise<void> {
  const flags = await applyingRun(client, id);
  const counts = await countStates(client, id);
  const isOpen = counts.planned + counts.calling + counts.called > 0;
  if (flags?.cancelRequested) {
    await endPlanned(client, id, 'skipped', receiptOf('The run was cancelled before it was called.', 'cancelled'));
    const doubt = 'The run was cancelled before it was known whether this was made. Usher looks again by itself.';
    await leaveUncertain(client, id, receiptOf(doubt, 'unanswered'));
    await shredSecrets(client, planId, await countStates(client, id));
    await moveRun(client, id, ['running'], 'cancelled', 'Cancelled; what was not called yet never is.');
  } else if (flags?.pauseRequested && isOpen) {
    await moveRun(client, id, ['running'], 'paused', 'Paused by hand.');
  } else if (!isOpen) {
    await moveRun(client, id, ['running'], endOfRun(counts), null);
  }
}

/** Carries all changes that are the next of their subject; answers how many there were. */
async function carryWave(
  deps: ApplyDependencies,
  carrier: OpenCarrier,
  runId: string,
  header: PlanHeader,
  stop: AbortSignal,
): Promise<number> {
  let count = 0;
  for (let after = -1; !stop.aborted;) {
    const rows = await firstOpenChanges(deps.database.pool, runId, { after, limit: PAGE });
    const last = rows.at(-1);
    if (last === undefined) break;
    count += rows.length;
    const works = await withoutBlocked(deps, carrier, runId, await worksOf(deps, carrier, header, rows));
    await carryPage(deps, carrier, runId, works, stop);
    if (rows.length < PAGE) break;
    after = last.ordinal;
  }
  return count;
}

/** What comes after a change nobody knows the end of must not be built on it. */
async function withoutBlocked(
  deps: ApplyDependencies,
  carrier: OpenCarrier,
  runId: string,
  works: readonly Work[],
): Promise<readonly Work[]> {
  const uncertain = await uncertainSubjects(deps.database.pool, runId);
  const isBlocked = ({ content, calledMs }: Work): boolean => calledMs === null && uncertain.has(content.subject.key);
  const outcome: Outcome = {
    end: 'failed', summary: 'Not called: what came before it on this subject is uncertain. Retry it when that is settled.',
    code: 'blocked', proof: 'nothing', observed: null,
  }; // prettier-ignore
  const blocked = works.filter(isBlocked);
  await carrier.finish(await Promise.all(blocked.map((work) => finishedOf(carrier, work, outcome))));
  return works.filter((work) => !isBlocked(work));
}

/** Leases what can be had, carries it, and looks again for what somebody else has in hand. */
async function carryPage(
  deps: ApplyDependencies,
  carrier: OpenCarrier,
  runId: string,
  page: readonly Work[],
  stop: AbortSignal,
): Promise<void> {
  const width = carrier.concurrency * UNITS_A_CALL;
  let waiting = page;
  while (waiting.length > 0 && !stop.aborted) {
    const leased = await takeLeases(deps.database.pool, {
      connectionId: carrier.connectionId,
      runId,
      keys: waiting.flatMap((work) => leaseKeys(carrier, work)),
      seconds: deps.settings.leaseSeconds,
    });
    const mine = waiting.filter(({ content }) => leased.has(content.ordinal));
    waiting = waiting.filter(({ content }) => !leased.has(content.ordinal));
    const goesOn = (): boolean => !stop.aborted;
    await inParallel(unitsOf(carrier, mine), width, goesOn, (unit) => carryUnit(carrier, unit));
    if (waiting.length === 0) return;
    await carrier.flush();
    if (mine.length === 0) await deps.delay(LEASE_WAIT_MS, stop).catch(() => undefined);
  }
}

/** The subject, and for whoever may be the last to administer something that only one such change can have. */
function leaseKeys(carrier: OpenCarrier, work: Work): { readonly ordinal: number; readonly key: string }[] {
  const { ordinal, subject } = work.content;
  const own = { ordinal, key: `${subject.kind}:${subject.key}` };
  return mayBeLast(carrier, work) ? [own, { ordinal, key: 'administrators' }] : [own];
}

/** Changes that one call takes go together, in the order of the plan; what was interrupted is looked at by itself. */
function unitsOf(carrier: OpenCarrier, works: readonly Work[]): readonly (readonly Work[])[] {
  const units: Work[][] = [];
  const filling = new Map<string, Work[]>();
  for (const work of works) {
    const { change } = work;
    const isExclusive = mayBeLast(carrier, work);
    const group = `${change.id} ${work.calledMs === null ? 'fresh' : 'interrupted'}`;
    const present = filling.get(group);
    if (present !== undefined && present.length < change.batchSize && !isExclusive) {
      present.push(work);
      continue;
    }
    const unit = [work];
    units.push(unit);
    if (!isExclusive && change.batchSize > 1) filling.set(group, unit);
  }
  return units;
}

async function worksOf(
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
      calls: [],
    };
  });
}

interface StopWatch {
  /** Aborted when nothing new should be begun. */
  readonly signal: AbortSignal;
  /** Aborted when everything must end. */
  readonly hardSignal: AbortSignal;
  /** Ends everything: somebody else has the run in hand. */
  now(taken: WorkTaken): void;
  throwIfTaken(): void;
  end(): void;
}

/** Looks after a run that is under way: is it to stop, is it still ours, and are its leases still needed. */
function watchForStop(deps: ApplyDependencies, { id: runId, epoch }: HeldRun, shutdown: AbortSignal): StopWatch {
  const stop = new AbortController();
  const hard = new AbortController();
  let drain: NodeJS.Timeout | undefined;
  let taken: WorkTaken | null = null;
  const stopNow = (why: WorkTaken): void => {
    taken ??= why;
    stop.abort(why);
    hard.abort(why);
  };
  const onShutdown = (): void => {
    // Where this worker's lease is lost, others go on at once: nothing of it may go out any more.
    if (shutdown.reason instanceof WorkTaken) stopNow(shutdown.reason);
    stop.abort(shutdown.reason);
    drain = setTimeout(() => hard.abort(shutdown.reason), DRAIN_MS);
  };
  if (shutdown.aborted) onShutdown();
  else shutdown.addEventListener('abort', onShutdown, { once: true });
  let isLooking = false;
  let prolongedMs = deps.nowMs();
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void (async () => {
      const run = await applyingRun(deps.database.pool, runId);
      if (run === null || run.pauseRequested || run.cancelRequested) stop.abort();
      if (run !== null && run.epoch !== epoch) stopNow(new WorkTaken(`Run ${runId}`));
      if (deps.nowMs() - prolongedMs > (deps.settings.leaseSeconds * 1000) / 3) {
        await prolongLeases(deps.database.pool, runId, deps.settings.leaseSeconds);
        prolongedMs = deps.nowMs();
      }
    })()
      .catch((error: unknown) => deps.log.warn({ run: runId, error: String(error) }, 'a run could not be looked after'))
      .finally(() => {
        isLooking = false;
      });
  }, WATCH_MS);
  return {
    signal: stop.signal,
    hardSignal: hard.signal,
    now: stopNow,
    throwIfTaken() {
      if (taken !== null) throw taken;
    },
    end() {
      clearInterval(timer);
      clearTimeout(drain);
      shutdown.removeEventListener('abort', onShutdown);
    },
  };
}

/** How a run has ended, from how its changes did. */
export function endOfRun(counts: Awaited<ReturnType<typeof countStates>>): RunState {
  const good = counts.done + counts.skipped;
  if (counts.failed + counts.uncertain === 0) return 'succeeded';
  return good === 0 && counts.uncertain === 0 ? 'failed' : 'partial';
}

/** What was not called fails with the reason; what may have been called is settled later. */
async function stopRun(client: Queryable, runId: string, planId: string, error: UsherError): Promise<void> {
  const { calling, called } = await countStates(client, runId);
  // Half-way changes stay as they are: a later start of this run settles them.
  if (calling + called > 0 && (error.kind === 'transient' || error.kind === 'rateLimited')) return;
  const code = error.details.code ?? error.kind;
  await endPlanned(client, runId, 'failed', receiptOf(sentenceOf(error), code));
  await leaveUncertain(client, runId, receiptOf(`It may have been done: ${sentenceOf(error)}`, code));
  const counts = await countStates(client, runId);
  await shredSecrets(client, planId, counts);
  await moveRun(client, runId, ['running'], endOfRun(counts), sentenceOf(error));
}

/** Secrets of changes that ended without being carried out; those of uncertain ones may still be handed on. */
async function shredSecrets(
  client: Queryable,
  planId: string,
  counts: Awaited<ReturnType<typeof countStates>>,
): Promise<void> {
  if (counts.uncertain + counts.calling + counts.called === 0) await deletePlanSecrets(client, [planId]);
}

/** The receipt of a change for which nothing was sent. */
export function receiptOf(summary: string, code: string): Receipt {
  return { summary, code, proof: 'nothing', calls: [], before: null, after: null, verifiedAt: null, handoff: null };
}
