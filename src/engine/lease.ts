import type { Log } from '../store/log.ts';
import { WorkTaken } from '../model/taken.ts';
import type { Queryable } from '../store/principals.ts';
import { registerWorker, removeExpiredWorkers, removeWorker, renewWorker } from '../store/workers.ts';

/** Who a worker is, for others to see. */
export interface WorkerIdentity {
  /** Of this process, until it ends. */
  readonly process: string;
  readonly host: string;
  readonly version: string;
}

export interface LeaseOptions {
  readonly on: Queryable;
  readonly log: Log;
  readonly identity: WorkerIdentity;
  readonly epoch: number;
  readonly leaseSeconds: number;
  /** No other process can be on this database. */
  readonly isAlone: boolean;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs: () => number;
  /** Called after each heartbeat; `dead`: whose leases were found expired and taken away just now. */
  readonly onBeat: (dead: readonly string[]) => Promise<void>;
}

/** The right of a process to carry work out, for some seconds from each heartbeat. */
export interface Lease {
  readonly id: string;
  /** By this process's own clock, so that one that was stopped and woke up knows it before it has asked anybody. */
  isHeld(): boolean;
  /** Aborted with a `WorkTaken` when somebody has taken the lease away. */
  readonly lost: AbortSignal;
  /** Gives it back: what was claimed under it may be taken over at once. */
  release(): Promise<void>;
}

/**
 * Registers a worker and keeps its lease by a heartbeat every third of it. Time is told by the database's clock alone;
 * this process only measures how long ago it asked. Throws where the database cannot be reached.
 */
export async function takeLease(options: LeaseOptions): Promise<Lease> {
  const { on, log, identity, epoch, leaseSeconds, nowMs } = options;
  const id = `${identity.process}.${epoch}`;
  const lost = new AbortController();
  const askedMs = nowMs();
  await registerWorker(on, { id, epoch, ...identity }, options);
  const state = { heldUntilMs: askedMs + leaseSeconds * 1000, wasRenewed: true, isBeating: false, isReleased: false };

  /** Prolongs the lease; answers whose expired ones were taken away, or null where ours is gone. */
  const renew = async (): Promise<readonly string[] | null> => {
    const sentMs = nowMs();
    if (!(await renewWorker(on, id, leaseSeconds))) return null;
    state.heldUntilMs = sentMs + leaseSeconds * 1000;
    // After an outage of the database all leases have expired together: whoever lives prolongs its own first.
    const dead = state.wasRenewed ? await removeExpiredWorkers(on) : [];
    state.wasRenewed = true;
    return dead;
  };
  /** What comes of a heartbeat may take its time; the next one does not wait for it. */
  let following = Promise.resolve();
  const beat = async (): Promise<void> => {
    const dead = await renew();
    if (state.isReleased) return;
    if (dead === null) {
      clearInterval(timer);
      state.heldUntilMs = Number.NEGATIVE_INFINITY;
      lost.abort(new WorkTaken(`The work of ${id}`));
      return;
    }
    if (dead.length > 0) {
      log.warn({ room: 'engine', workers: dead }, 'Workers gave no sign of life; their work is taken over.');
    }
    following = following
      .then(() => options.onBeat(dead))
      .catch((error: unknown) =>
        log.warn({ room: 'engine', error: String(error) }, 'Work could not be taken over yet.'),
      );
  };
  const timer = setInterval(
    () => {
      if (state.isBeating) return;
      state.isBeating = true;
      void beat()
        .catch((error: unknown) => {
          if (state.wasRenewed) {
            log.warn({ room: 'engine', error: String(error) }, 'The lease of this worker was not prolonged.');
          }
          state.wasRenewed = false;
        })
        .finally(() => {
          state.isBeating = false;
        });
    },
    (leaseSeconds * 1000) / 3,
  );

  return {
    id,
    lost: lost.signal,
    isHeld: () => nowMs() < state.heldUntilMs,
    async release() {
      state.isReleased = true;
      clearInterval(timer);
      await following;
      await removeWorker(on, id).catch(() => undefined); // it expires by itself
    },
  };
}
