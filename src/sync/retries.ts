import { toUsherError } from '../model/errors.ts';
import { isDatabaseLoss } from './database-loss.ts';
import type { SyncDependencies } from './dependencies.ts';

/** Asks the app, and again after a failure of the moment, as often as a page of a pull is asked for. */
export async function withRetries<T>(
  deps: Pick<SyncDependencies, 'retryDelaysMs' | 'delay' | 'log'>,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask();
    } catch (thrown) {
      const wait = deps.retryDelaysMs[tries];
      const error = toUsherError(thrown, 'upstreamBug');
      if (isDatabaseLoss(thrown) || signal.aborted || !error.canRetry || wait === undefined) throw thrown;
      deps.log.warn({ code: error.kind }, error.message);
      await deps.delay(wait, signal);
    }
  }
}
