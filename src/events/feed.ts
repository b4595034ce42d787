import type { Database } from '../store/open.ts';
import { lastPosition } from '../store/sync/events.ts';
import type { Sequencer } from './sequencer.ts';

/** For readers who wait until the feed grows. */
export interface Feed {
  /** Resolves when the feed may have grown beyond `position`, after `timeoutMs`, or on abort; whichever is first. */
  waitFor(position: number, timeoutMs: number, signal: AbortSignal): Promise<void>;
}

const LOOK_EVERY_MS = 1000;

/** Waits by listening to this process's sequencer, and by looking now and then for what others have placed. */
export function createFeed(database: Pick<Database, 'pool'>, sequencer: Sequencer): Feed {
  return {
    async waitFor(position, timeoutMs, signal) {
      const end = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      while (!end.aborted && (await lastPosition(database.pool)) <= position) {
        await sequencer.grown(LOOK_EVERY_MS, end);
      }
    },
  };
}
