import { spawn } from 'node:child_process';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import { UsherError } from '../../model/errors.ts';
import type { Binaries } from './binaries.ts';
import { cannotRun, childEnvironment, OWNER_ROLE } from './cluster.ts';
import { type Layout, SOCKET_PORT } from './layout.ts';
import { commandLine, isRunning } from './process.ts';
import { type Settings, settingsFor } from './settings.ts';

/** How long a start may take, crash recovery of a large log included. */
const START_DEADLINE_MS = 180_000;
const POLL_MS = 25;
const LOG_LIMIT_BYTES = 5_000_000;

/** A running Postgres: the process to stop, and where it listens. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** Whether it was found running: a child of an Usher that was killed. */
  readonly isAdopted: boolean;
  /** Resolves when it has ended; for an adopted one, never: it is nobody's child and must be looked after. */
  readonly ended: Promise<void>;
}

export interface PostmasterOptions {
  readonly layout: Layout;
  readonly binaries: Binaries;
  readonly settings: Settings;
}

/**
 * Starts Postgres on its data directory, or adopts the one that runs there already; returns when it takes connections.
 * One that was started in another way than we would (another version's programs or settings) is stopped first. After a
 * kill, files and shared memory of the dead one hinder the next for a second or two: it is tried again until they do not.
 */
export async function bringUp(options: PostmasterOptions): Promise<Postmaster> {
  const { layout } = options;
  const deadline = Date.now() + START_DEADLINE_MS;
  let obstacle = '';
  while (Date.now() < deadline) {
    const found = await recorded(layout);
    if (found !== null && (await isOurs(found.pid, layout))) {
      if (!(await isAsWeWouldStartIt(found, options))) await shutDown(found.pid, layout, options.binaries);
      else if (await answers(layout, found.port)) return { ...found, isAdopted: true, ended: new Promise(() => {}) };
      else await wait(POLL_MS); // it starts, recovers or stops
      continue;
    }
    if (found !== null) await removeMisleadingPidFile(found.pid, layout);
    const started = await launch(options, deadline);
    if (typeof started !== 'string') return started;
    obstacle = started;
    if (!/lock file|shared memory|in use/i.test(obstacle)) break;
    await wait(200);
  }
  throw await explained(obstacle, layout);
}

/** What Postgres said when it would not start, with what to do about it. */
async function explained(obstacle: string, layout: Layout): Promise<UsherError> {
  if (/database files are incompatible/i.test(obstacle)) {
    const made = (await readFile(join(layout.cluster, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
    return new UsherError('conflict', `The database in ${layout.cluster} was made by Postgres ${made || '?'}, and this Usher brings another.`, {
      code: 'databaseOfOtherVersion',
      next: 'Nothing was changed. Start the Usher that was used before and make a backup with it (`usher backup`), then restore that here into a new data directory.',
    }); // prettier-ignore
  }
  if (
    /could not find the database system|pg_control|could not locate a valid checkpoint|is not a valid data directory/i.test(
      obstacle,
    )
  ) {
    return new UsherError('conflict', `The database in ${layout.cluster} is damaged or not whole: ${oneLine(obstacle)}`, {
      code: 'databaseDamaged',
      next: `Nothing was changed. Put the missing files back, or restore a backup (\`usher restore\`) into a new data directory.`,
    }); // prettier-ignore
  }
  const isFull = /No space left on device/i.test(obstacle);
  return new UsherError('transient', `The embedded Postgres did not start: ${oneLine(obstacle) || 'it takes no connections'}`, {
    code: isFull ? 'diskFull' : 'embeddedPostgresFailed',
    next: isFull
      ? `Make room on the disk of ${layout.folder}, then start Usher again: what was under way goes on.`
      : `See ${layout.logFile}; is the disk full, or does another Postgres use this data directory?`,
  }); // prettier-ignore
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Stops Postgres in order: sessions are ended, everything is on disk, the process is gone when this returns. */
export async function shutDown(pid: number, layout: Layout, binaries: Binaries): Promise<void> {
  if (process.platform === 'win32') {
    const pgCtl = join(binaries.postgres, '..', 'pg_ctl.exe');
    spawn(pgCtl, ['stop', '-D', layout.cluster, '-m', 'fast', '-W'], { stdio: 'ignore', windowsHide: true }).unref();
    await hasEnded(pid, 60_000);
    return;
  }
  // Fast, then immediate, then the hammer: crash recovery would mend even that.
  for (const [signal, patienceMs] of [
    ['SIGINT', 60_000],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 10_000],
  ] as const) {
    if (!(await isRunning(pid))) return;
    signalTo(pid, signal);
    if (await hasEnded(pid, patienceMs)) return;
  }
}

/** How to reach it, for node-postgres. */
export function connectionTo(layout: Layout, port: number, database: string): ClientConfig {
  return {
    host: layout.socketFolder ?? '127.0.0.1',
    port,
    user: OWNER_ROLE,
    database,
    ...(layout.password === null ? {} : { password: layout.password }),
  };
}

/** What `postmaster.pid` says: process, data directory, start, port, socket folder, address, shared memory, status. */
export async function recorded(layout: Layout): Promise<{ readonly pid: number; readonly port: number } | null> {
  const text = await readFile(join(layout.cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const [pid, , , port] = text.split('\n');
  const number = Number(pid);
  return Number.isSafeInteger(number) && number > 0 ? { pid: number, port: Number(port) || SOCKET_PORT } : null;
}

/** Whether a Postgres takes connections there. */
export async function answers(layout: Layout, port: number): Promise<boolean> {
  const client = new Client({ ...connectionTo(layout, port, 'postgres'), connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Spawns Postgres in a session of its own; its last words where it ended before it took connections. */
async function launch(options: PostmasterOptions, deadline: number): Promise<Postmaster | string> {
  const { layout, binaries } = options;
  const port = layout.socketFolder === null ? await freePort() : SOCKET_PORT;
  await rotate(layout.logFile);
  const log = await open(layout.logFile, 'a', 0o600);
  const { size: logStart } = await log.stat();
  try {
    const child = spawn(binaries.postgres, serverArguments(options, port), {
      cwd: layout.folder,
      env: childEnvironment(process.env),
      stdio: ['ignore', log.fd, log.fd],
      // A terminal's Ctrl-C goes to the whole process group: Usher must end its work before its database does.
      detached: true,
      windowsHide: true,
      ...layout.runAs,
    });
    let failure: Error | undefined;
    let hasExited = false;
    const ended = new Promise<void>((resolve) => {
      child.once('error', (error) => {
        failure = error;
        resolve();
      });
      child.once('exit', () => {
        hasExited = true;
        resolve();
      });
    });
    child.unref();
    while (Date.now() < deadline) {
      if (child.pid === undefined || failure !== undefined) {
        await ended;
        throw cannotRun(binaries.postgres, failure ?? new Error('it has no process'));
      }
      if (hasExited) return await lastWords(layout.logFile, logStart);
      if (await answers(layout, port)) return { pid: child.pid, port, isAdopted: false, ended };
      await wait(POLL_MS);
    }
    return 'it takes no connections';
  } finally {
    await log.close();
  }
}

function serverArguments({ layout, settings }: PostmasterOptions, port: number): readonly string[] {
  const values = Object.entries(settingsFor(layout, port, settings));
  return ['-D', layout.cluster, ...values.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** Numbers of processes come back: the one recorded counts only while it runs a Postgres on this data directory. */
async function isOurs(pid: number, layout: Layout): Promise<boolean> {
  if (!(await isRunning(pid))) return false;
  return process.platform === 'win32' || (await commandLine(pid)).includes(`-D ${layout.cluster}`);
}

async function isAsWeWouldStartIt(found: { pid: number; port: number }, options: PostmasterOptions): Promise<boolean> {
  if (process.platform === 'win32') return true;
  const expected = [options.binaries.postgres, ...serverArguments(options, found.port)].join(' ');
  return (await commandLine(found.pid)) === expected;
}

/**
 * Postgres takes the process in its pid file for a rival as long as that number answers signals: a stranger that got it
 * after a restart of the machine, or a zombie that nobody reaps. Sessions that outlived their postmaster are found
 * without that file, by the shared memory that belongs to the data directory.
 */
async function removeMisleadingPidFile(pid: number, layout: Layout): Promise<void> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return;
  }
  await rm(join(layout.cluster, 'postmaster.pid'), { force: true });
}

async function hasEnded(pid: number, patienceMs: number): Promise<boolean> {
  for (let waited = 0; waited < patienceMs; waited += POLL_MS) {
    if (!(await isRunning(pid))) return true;
    await wait(POLL_MS);
  }
  return false;
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function rotate(path: string): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_LIMIT_BYTES) await rename(path, `${path}.1`);
}

async function lastWords(path: string, from: number): Promise<string> {
  const text = (await readFile(path)).subarray(from).toString();
  const lines = text.split('\n').filter((line) => /FATAL|PANIC|error while loading|HINT/.test(line));
  return (lines.length > 0 ? lines.join(' ') : text.trim().slice(-500)) || 'it ended without a word';
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : SOCKET_PORT));
    });
  });
}
