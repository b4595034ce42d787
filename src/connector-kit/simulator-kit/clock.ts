import type { Clock } from '../connector.ts';

/** The machine's own clock. */
export const systemClock: Clock = { now: () => new Date() };

/** A simulator's clock: follows its source until it is set, then stands still until it is advanced or released. */
export interface SimulatorClock extends Clock {
  /** Stops the clock at this moment. */
  set(moment: Date): void;
  /** Moves the clock on by so many milliseconds; a running clock goes on running from there. */
  advance(milliseconds: number): void;
  /** Follows the source again, without any offset. */
  follow(): void;
  readonly isStopped: boolean;
}

/** A settable clock over `source` (default: the machine's clock). */
export function simulatorClock(source: Clock = systemClock): SimulatorClock {
  let stoppedAt: number | null = null;
  let offsetMs = 0;
  return {
    now: () => new Date(stoppedAt ?? source.now().getTime() + offsetMs),
    set(moment) {
      stoppedAt = moment.getTime();
    },
    advance(milliseconds) {
      if (stoppedAt === null) offsetMs += milliseconds;
      else stoppedAt += milliseconds;
    },
    follow() {
      stoppedAt = null;
      offsetMs = 0;
    },
    get isStopped() {
      return stoppedAt !== null;
    },
  };
}
