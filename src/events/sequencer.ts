import type { Log } from '../store/log.ts';
import type { Database } from '../store/open.ts';
import { hasUnplacedEvents, placeEvents } from '../store/sync/events.ts';

/** Gives committed events their places in the feed, soon after each commit and at the latest at the next beat. */
export interface Sequencer {
  /** Places all that waits now; call it after a commit. Concurrent calls share one pass. */
  place(): Promise<void>;
  /** Resolves when this process has placed events, after `timeoutMs`, or on abort. */
  grown(timeoutMs: number, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

const BEAT_MS = 1000;

/** Starts the sequencer of this process. Several processes may run one: the feed's row keeps them in turn. */
export function startSequencer(database: Database, log: Log): Sequencer {
  let isStopped = false;
  let pass: Promise<void> | null = null;
  const waiting = new Set<() => void>();
  const place = (): Promise<void> => {
    pass ??= placeAll(database)
      .then((placed) => {
        if (placed > 0) for (const wake of waiting) wake();
      })
      .finally(() => {
        pass = null;
      });
    return pass;
  };
  const beat = setInterval(() => {
    if (isStopped || pass) return;
    place().catch((error: unknown) => log.warn({ error: String(error) }, 'Events wait for their place in the feed.'));
  }, BEAT_MS);
  beat.unref();
  return {
    place,
    grown: (timeoutMs, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(wake, timeoutMs);
        signal.addEventListener('abort', wake, { once: true });
        waiting.add(wake);
        function wake(): void {
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          waiting.delete(wake);
          resolve();
        }
      }),
    async stop() {
      isStopped = true;
      clearInterval(beat);
      await pass?.catch(() => undefined);
    },
  };
}

async function placeAll(database: Database): Promise<number> {
  let placed = 0;
  while (await hasUnplacedEvents(database.pool)) {
    placed += await database.transaction((client) => placeEvents(client));
  }
  return placed;
}
