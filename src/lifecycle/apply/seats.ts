import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../../store/log.ts';
import type { Database } from '../../store/open.ts';
import { leaveSeats, type Seats, takeSeats } from '../../store/seats.ts';
import { type Gate, gate, type VariableGate } from '../../sync/gate.ts';

/** A gate that somebody uses until they leave it. */
export interface EnteredGate extends Gate {
  /** Called once, when nothing more is asked of the app. */
  leave(): void;
}

/** The gates before all apps. */
export interface Gates {
  /** `width`: how many calls the app takes at a time. All runs of a connection share it, whichever worker carries them out. */
  enter(connectionId: string, width: number): EnteredGate;
  /** Resolves when what the others could use is given back; everybody has left. */
  close(): Promise<void>;
}

export interface GatesOptions {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly log: Log;
  /** Under which name seats are taken; none: this process has no other beside it, and all are its own. */
  workerId?(): string | null;
  /** How long what was divided stays so before it is looked at again, in milliseconds. */
  readonly lookMs?: number;
  /** The same for who waits for seats that another still holds. */
  readonly waitMs?: number;
}

/** The gate of one connection. */
interface Entrance {
  readonly connectionId: string;
  readonly gate: VariableGate;
  readonly width: number;
  users: number;
  /** Ends the wait for the next look. */
  wake: () => void;
}

const LOOK_MS = 1000;
const WAIT_MS = 200;

/** The gates of one process. It holds its share of an app for as long as somebody uses its gate. */
export function openGates(options: GatesOptions): Gates {
  const { database, log, lookMs = LOOK_MS, waitMs = WAIT_MS } = options;
  const open = new Map<string, Entrance>();
  const kept = new Set<Promise<void>>();
  const workerId = (): string | null => options.workerId?.() ?? null;
  const failed = (connection: string, error: unknown): void =>
    log.info({ connection, error: String(error) }, 'how an app is divided among workers could not be looked at');

  /** Takes this worker's share as it is now; answers how long that may stay so. */
  const look = async ({ connectionId, gate: turnstile, width }: Entrance): Promise<number> => {
    const worker = workerId();
    if (worker === null) return waitMs;
    // Whoever passed meanwhile would not be counted.
    const before = turnstile.width();
    turnstile.setWidth(0);
    let seats: Seats | null;
    try {
      const busy = turnstile.busy();
      seats = await database.transaction((client) => takeSeats(client, { connectionId, worker, width, busy }));
    } catch (error) {
      // What it holds stays its own, until its lease is over: then nothing is asked of the app any more.
      turnstile.setWidth(before);
      failed(connectionId, error);
      return waitMs;
    }
    // What it has under way beyond its share stays its own until it ends; nothing new takes its place.
    turnstile.setWidth(seats === null ? 0 : Math.min(seats.held, seats.share));
    return seats !== null && seats.held === seats.share ? lookMs : waitMs;
  };

  const keep = async (entrance: Entrance): Promise<void> => {
    const { connectionId } = entrance;
    do {
      while (entrance.users > 0) {
        const ms = await look(entrance);
        if (entrance.users > 0) await paused(entrance, ms);
      }
      entrance.gate.setWidth(0);
      const worker = workerId();
      if (worker === null) continue;
      await leaveSeats(database.pool, connectionId, worker).catch((error: unknown) => failed(connectionId, error));
    } while (entrance.users > 0);
    open.delete(connectionId);
  };

  const entranceOf = (connectionId: string, width: number): Entrance => {
    const present = open.get(connectionId);
    if (present !== undefined) return present;
    const isShared = options.workerId !== undefined;
    const entrance: Entrance = {
      connectionId,
      gate: gate(isShared ? 0 : width),
      width,
      users: 0,
      wake: () => undefined,
    };
    open.set(connectionId, entrance);
    if (!isShared) return entrance;
    // Begins with the first look, by when whoever enters has been counted.
    const keeping: Promise<void> = Promise.resolve()
      .then(() => keep(entrance))
      .finally(() => kept.delete(keeping));
    kept.add(keeping);
    return entrance;
  };

  return {
    enter(connectionId, width) {
      const entrance = entranceOf(connectionId, width);
      entrance.users += 1;
      return {
        pass: entrance.gate.pass,
        passFirst: entrance.gate.passFirst,
        leave() {
          entrance.users -= 1;
          if (entrance.users === 0) entrance.wake();
        },
      };
    },
    async close() {
      await Promise.all(kept);
    },
  };
}

/** Waits until the next look, or until the last user has left. */
async function paused(entrance: Entrance, ms: number): Promise<void> {
  const left = new AbortController();
  entrance.wake = () => left.abort();
  await wait(ms, undefined, { signal: left.signal, ref: false }).catch(() => undefined);
  entrance.wake = () => undefined;
}
