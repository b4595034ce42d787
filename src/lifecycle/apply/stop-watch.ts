import { WorkTaken } from '../../model/taken.ts';
import { applyingRun, type HeldRun } from '../../store/lifecycle/applying.ts';
import { prolongLeases } from '../../store/lifecycle/leases.ts';
import type { ApplyDependencies } from './dependencies.ts';

/** How often a run looks whether somebody wants it to stop. */
const WATCH_MS = 500;
/** What is under way when the process is to end gets this long. */
const DRAIN_MS = 10_000;

/** Tells a run when to stop. */
export interface StopWatch {
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
export function watchForStop(deps: ApplyDependencies, { id: runId, epoch }: HeldRun, shutdown: AbortSignal): StopWatch {
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
