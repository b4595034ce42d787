import { setTimeout as wait } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import { UsherError } from '../../model/errors.ts';
import type { Log } from '../log.ts';
import { prepareBinaries } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { type Layout, layOut } from './layout.ts';
import { lockHolder, takeLock } from './lock.ts';
import {
  answers,
  bringUp,
  connectionTo,
  type Postmaster,
  type PostmasterOptions,
  recorded,
  shutDown,
} from './postmaster.ts';
import { isRunning } from './process.ts';
import type { Settings } from './settings.ts';

/** The database of an Usher that brings its own Postgres. */
const EMBEDDED_DATABASE = 'usher';

export interface EmbeddedServer {
  /** How to reach its database, for node-postgres. */
  readonly connection: ClientConfig;
  /** Whether it was found running, left by an Usher that was killed. */
  readonly isAdopted: boolean;
  /** Process number of the Postgres that runs now. */
  readonly pid: () => number;
  /** Stops Postgres and gives the data directory back. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly log: Log;
  /** Over the sensible defaults; tests turn durability off. */
  readonly settings?: Settings;
  /** For a command that looks at something and ends; a server that starts meanwhile waits for it. */
  readonly isBrief?: boolean;
}

/**
 * Runs Postgres on `dataDir` for this process alone: made at the first start, adopted where it still runs, started
 * otherwise, started again should it die. Throws `conflict` naming the process where another Usher has the directory.
 */
export async function startEmbedded({
  dataDir,
  log,
  settings = {},
  isBrief = false,
}: EmbeddedOptions): Promise<EmbeddedServer> {
  const layout = await layOut(dataDir);
  const lock = await takeLock(layout.lockFile, { isBrief });
  try {
    const binaries = await prepareBinaries(layout.runAs, layout.copies);
    const isNew = await ensureCluster(layout, binaries);
    const options = { layout, binaries, settings };
    const supervisor = supervise(options, await bringUp(options), log);
    await ensureDatabase(layout, supervisor.now().port);
    const { pid, isAdopted } = supervisor.now();
    log.debug({ pid, isNew, isAdopted, cluster: layout.cluster }, 'embedded Postgres runs');
    return {
      connection: connectionTo(layout, supervisor.now().port, EMBEDDED_DATABASE),
      isAdopted,
      pid: () => supervisor.now().pid,
      async stop() {
        await supervisor.stop();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * How to reach the Postgres of another Usher that runs on `dataDir` now; null where none does. For commands of the same
 * machine that must work beside a running server. Throws `transient` where that Usher does not get its database up.
 */
export async function attachEmbedded(dataDir: string): Promise<ClientConfig | null> {
  const layout = await layOut(dataDir);
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if ((await lockHolder(layout.lockFile)) === null) return null;
    const found = await recorded(layout);
    if (found !== null && (await answers(layout, found.port)))
      return connectionTo(layout, found.port, EMBEDDED_DATABASE);
    await wait(100);
  }
  throw new UsherError('transient', `The Usher that runs on ${layout.dataDir} does not get its database up.`, {
    next: 'Look at what it says, or stop it and try again.',
  });
}

interface Supervisor {
  now(): Postmaster;
  stop(): Promise<void>;
}

/** Watches Postgres and starts it again when it dies: out of memory, or killed by hand. */
function supervise(options: PostmasterOptions, first: Postmaster, log: Log): Supervisor {
  let current = first;
  let restarting = Promise.resolve();
  const stopped = new AbortController();

  const restart = async (): Promise<void> => {
    log.warn({ pid: current.pid }, 'the embedded Postgres died; starting it again');
    for (let pauseMs = 500; !stopped.signal.aborted; pauseMs = Math.min(pauseMs * 2, 30_000)) {
      try {
        current = await bringUp(options);
        log.warn({ pid: current.pid }, 'the embedded Postgres runs again');
        watch();
        return;
      } catch (error) {
        log.error({ error: String(error) }, 'the embedded Postgres does not start; trying again');
        await wait(pauseMs, undefined, { ref: false, signal: stopped.signal }).catch(() => undefined);
      }
    }
  };
  const watch = (): void => {
    const died = current.isAdopted ? endOf(current.pid, stopped.signal) : current.ended;
    died
      .then(() => {
        if (!stopped.signal.aborted) restarting = restart();
        return null;
      })
      .catch(() => null);
  };
  watch();
  return {
    now: () => current,
    async stop() {
      stopped.abort();
      await restarting;
      await shutDown(current.pid, options.layout, options.binaries);
    },
  };
}

/** Resolves when a process that is not our child has ended; rejects when `signal` says that nobody wants to know. */
async function endOf(pid: number, signal: AbortSignal): Promise<void> {
  while (await isRunning(pid)) await wait(1000, undefined, { ref: false, signal });
}

async function ensureDatabase(layout: Layout, port: number): Promise<void> {
  const client = new Client(connectionTo(layout, port, 'postgres'));
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [EMBEDDED_DATABASE]);
    if (rowCount === 0)
      await client.query(`create database ${EMBEDDED_DATABASE} encoding 'UTF8' locale 'C' template template0`);
  } finally {
    await client.end();
  }
}
