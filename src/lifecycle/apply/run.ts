import { toUsherError } from '../../model/errors.ts';
import { WorkTaken } from '../../model/taken.ts';
import { connectionById } from '../../store/connections.ts';
import {
  applyingRun, type HeldRun, holdRun, isEarlyFor, moveRun, takeRun, waitToBegin,
} from '../../store/lifecycle/applying.ts'; // prettier-ignore
import { firstOpenOrdinals, openChanges } from '../../store/lifecycle/journal.ts';
import { releaseLeases, takeLeases } from '../../store/lifecycle/leases.ts';
import { eachPlanChange, planById } from '../../store/lifecycle/plans.ts';
import { databaseRetryMs, isDatabaseLoss } from '../../sync/database-loss.ts';
import { nextHash, planAltered, verifyPlan } from '../sign.ts';
import type { PlanHeader } from '../stored-plan.ts';
import { openCarrier, type OpenCarrier } from './carrier.ts';
import type { ApplyDependencies } from './dependencies.ts';
import { type Lanes, lanes } from './lanes.ts';
import { endRun, stopRun, untilText } from './run-end.ts';
import { type StopWatch, watchForStop } from './stop-watch.ts';
import { carryUnit, mayBeLast } from './unit.ts';
import type { Work } from './work.ts';
import { withoutBlocked, withoutHeld, worksOf } from './works.ts';

/** Changes that are looked at together; fewer to begin with, so that the app has something to do meanwhile. */
const PAGE = 1000;
const FIRST_PAGE = 400;
/** Units under way for each call the app allows at a time: while some are written down, others are called. */
const UNITS_A_CALL = 4;
/** What waits for a subject that another run has in hand looks again after this. */
const LEASE_WAIT_MS = 250;

/**
 * Carries a run on until it has ended, waits, is paused, or `signal` is aborted; called again after a crash. `run_change` says how
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
      deps.log.warn(
        { run: runId, error: String(thrown) },
        'The database did not do its work; the run waits and goes on.',
      );
      await deps.delay(databaseRetryMs(thrown, attempts), signal);
    }
  }
}

async function attempt(deps: ApplyDependencies, runId: string, signal: AbortSignal): Promise<void> {
  const { pool } = deps.database;
  const held = await takeRun(pool, runId, ['queued', 'running', 'waiting'], deps.workerId?.() ?? null);
  const run = held === null ? null : await applyingRun(pool, runId);
  if (run === null || held === null) return;
  try {
    const header = await verifiedPlan(deps, run.planId);
    if (await isEarly(deps, held, header)) return;
    if (held.was === 'waiting' && (await isHeldBack(deps, held, header))) return;
    await carryOut(deps, held, { header, isStopped: run.pauseRequested || run.cancelRequested }, signal);
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

/**
 * A run that is to begin later waits until then, though somebody paused it meanwhile and has it go on now. Answers whether
 * there is nothing to do yet.
 */
async function isEarly({ database }: ApplyDependencies, held: HeldRun, header: PlanHeader): Promise<boolean> {
  const { id, applyAt, undoes } = header;
  if (applyAt === undefined) return false;
  return database.transaction(async (client) => {
    await holdRun(client, held);
    if (!(await isEarlyFor(client, held.id, applyAt))) return false;
    const run = await applyingRun(client, held.id);
    const isStopped = run?.pauseRequested === true || run?.cancelRequested === true;
    if (isStopped) await endRun(client, { id: held.id, planId: id, undoes });
    else await waitToBegin(client, held.id, applyAt, `It begins ${untilText(applyAt)}.`);
    return true;
  });
}

/** A run that has waited does not go on through a connection that was paused meanwhile: somebody has to look at both. */
async function isHeldBack({ database }: ApplyDependencies, held: HeldRun, header: PlanHeader): Promise<boolean> {
  const connection = await connectionById(database.pool, header.connectionId);
  if (connection?.state !== 'paused' || header.override.includes('pausedConnection')) return false;
  const reason = `The connection was paused while it waited: ${connection.pausedReason ?? 'by hand.'}`;
  return database.transaction(async (client) => {
    await holdRun(client, held);
    return moveRun(client, held.id, ['running'], 'paused', reason);
  });
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

/** `isStopped`: somebody wants it to stop already, so that nothing is begun. */
async function carryOut(
  deps: ApplyDependencies,
  run: HeldRun,
  { header, isStopped }: { readonly header: PlanHeader; readonly isStopped: boolean },
  signal: AbortSignal,
): Promise<void> {
  const stop = watchForStop(deps, run, signal);
  try {
    let goesOn = !isStopped;
    while (goesOn && !stop.signal.aborted) goesOn = await carryOpened(deps, run, header, stop);
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
    await endRun(client, { id: run.id, planId: header.id, undoes: header.undoes });
  });
}

/** Carries all that can go on through the connection as it is now; answers whether to go on through another one. */
async function carryOpened(
  deps: ApplyDependencies,
  run: HeldRun,
  header: PlanHeader,
  stop: StopWatch,
): Promise<boolean> {
  const carrier = await openCarrier(deps, {
    run, header, isLeased: true, stop: stop.signal, end: stop.hardSignal, onTaken: (taken) => stop.now(taken),
  }); // prettier-ignore
  try {
    while (!stop.signal.aborted && !carrier.isOutdated()) {
      if ((await carryWave(deps, carrier, run, header, stop.signal)) === 0) break;
    }
    await carrier.flush();
    return carrier.isOutdated();
  } finally {
    await carrier.close();
  }
}

/** Carries all changes that are the next of their subject and need not wait; answers how many there were. */
async function carryWave(
  deps: ApplyDependencies,
  carrier: OpenCarrier,
  run: HeldRun,
  header: PlanHeader,
  stop: AbortSignal,
): Promise<number> {
  let count = 0;
  const units = lanes<readonly Work[]>(
    carrier.concurrency * UNITS_A_CALL,
    () => !stop.aborted,
    (unit) => carryUnit(carrier, unit),
  );
  const waiting: Work[] = [];
  try {
    const ordinals = await firstOpenOrdinals(deps.database.pool, run.id);
    for (let [from, to] = [0, FIRST_PAGE]; from < ordinals.length && !stop.aborted; [from, to] = [to, to + PAGE]) {
      const rows = await openChanges(deps.database.pool, run.id, ordinals.slice(from, to));
      const unblocked = await withoutBlocked(deps, carrier, run.id, await worksOf(deps, carrier, header, rows));
      const works = await withoutHeld(deps, run, unblocked);
      count += rows.length - (unblocked.length - works.length);
      waiting.push(...(await carryLeased(deps, carrier, { runId: run.id, units, works })));
    }
  } finally {
    await units.drained();
  }
  await carrier.flush();
  await carryWaiting(deps, carrier, { runId: run.id, units, works: waiting }, stop);
  return count;
}

interface Carrying {
  readonly runId: string;
  readonly units: Lanes<readonly Work[]>;
  readonly works: readonly Work[];
}

/** Carries what can be leased; answers what somebody else has in hand. Those carried may be under way still. */
async function carryLeased(
  deps: ApplyDependencies,
  carrier: OpenCarrier,
  { runId, units, works }: Carrying,
): Promise<readonly Work[]> {
  if (works.length === 0) return [];
  const leased = await takeLeases(deps.database.pool, {
    connectionId: carrier.connectionId,
    runId,
    keys: works.flatMap((work) => leaseKeys(carrier, work)),
    seconds: deps.settings.leaseSeconds,
  });
  const isMine = ({ content }: Work): boolean => leased.has(content.ordinal);
  await units.add(unitsOf(carrier, works.filter(isMine)));
  return works.filter((work) => !isMine(work));
}

/** Looks again and again for what somebody else has in hand. */
async function carryWaiting(
  deps: ApplyDependencies,
  carrier: OpenCarrier,
  carrying: Carrying,
  stop: AbortSignal,
): Promise<void> {
  let { works } = carrying;
  while (works.length > 0 && !stop.aborted) {
    const left = await carryLeased(deps, carrier, { ...carrying, works });
    await carrying.units.drained();
    await carrier.flush();
    if (left.length === works.length) await deps.delay(LEASE_WAIT_MS, stop).catch(() => undefined);
    works = left;
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
