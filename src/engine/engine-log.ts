import type { DLogger } from '@dbos-inc/dbos-sdk';
import type { Log } from '../store/log.ts';

/** Two workers that look for work at the same moment: one of them looks again a moment later. */
const CONTENTION = /contention/i;

/** The library's chatter goes to our log a level down: only its errors are ours to show. */
export function engineLog(log: Log): DLogger {
  return {
    info: (entry) => log.debug({ room: 'engine' }, String(entry)),
    debug: () => undefined,
    warn: (entry) =>
      CONTENTION.test(String(entry))
        ? log.debug({ room: 'engine' }, String(entry))
        : log.warn({ room: 'engine' }, String(entry)),
    error: (entry, metadata) => log.error({ room: 'engine', stack: metadata?.stack }, String(entry)),
  };
}
