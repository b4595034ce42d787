import { setTimeout as wait } from 'node:timers/promises';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { UsherError } from '../../model/errors.ts';
import { startOf } from './process.ts';

/** Who holds a data directory. */
export interface LockHolder {
  readonly pid: number;
  /** When that process started, as `startOf` tells: a later process with the same number is another one. */
  readonly startedAt: string;
  /** A command that looks at something and ends, not a server. */
  readonly isBrief: boolean;
}

/** A server that was killed a moment ago may still be on its way out. */
const PATIENCE_MS = 1000;
/** A command ends by itself: whoever starts Usher while one looks should not be sent away. */
const PATIENCE_WITH_COMMANDS_MS = 60_000;
const LOOK_MS = 100;

export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes the lock file at `path` for this process. One left by a process that was killed is taken over, and the end of a
 * brief command is waited for. Throws `conflict` naming the process that holds it.
 */
export async function takeLock(path: string, { isBrief = false }: { isBrief?: boolean } = {}): Promise<Lock> {
  const mine = `${path}.${process.pid}`;
  const text = JSON.stringify({ pid: process.pid, startedAt: (await startOf(process.pid)) ?? '', isBrief });
  try {
    await writeFile(mine, text, { mode: 0o600 });
    const beganMs = performance.now();
    for (let stale = 0; stale < 20;) {
      // A link appears whole or not at all, and fails where the name is taken.
      const isTaken = await link(mine, path).then(
        () => true,
        (error: unknown) => {
          if (isCode(error, 'EEXIST')) return false;
          throw error;
        },
      );
      if (isTaken) return { release: () => release(path, text) };
      const holder = await lockHolder(path);
      if (holder === null) {
        await removeStale(path);
        stale += 1;
        continue;
      }
      const patienceMs = holder.isBrief ? PATIENCE_WITH_COMMANDS_MS : PATIENCE_MS;
      if (performance.now() - beganMs >= patienceMs) throw inUse(path, holder);
      await wait(LOOK_MS);
    }
  } finally {
    await rm(mine, { force: true });
  }
  throw new UsherError('conflict', `The lock file ${path} keeps changing hands.`, {
    next: 'Start one Usher at a time.',
  });
}

/** The live process that holds the lock file at `path`, or null where nobody does. */
export async function lockHolder(path: string): Promise<LockHolder | null> {
  const holder = parse(await readFile(path, 'utf8').catch(() => ''));
  if (holder === null) return null;
  const startedAt = await startOf(holder.pid);
  return startedAt !== null && (startedAt === '' || holder.startedAt === '' || startedAt === holder.startedAt)
    ? holder
    : null;
}

/**
 * Moves a stale lock out of the way. Between looking and moving another process may have done the same and taken the
 * lock: what was moved is then alive and is put back.
 */
async function removeStale(path: string): Promise<void> {
  const aside = `${path}.stale.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  if ((await lockHolder(aside)) !== null) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function release(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => '')) === text) await rm(path, { force: true });
}

function parse(text: string): LockHolder | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('startedAt' in value)) return null;
    const { pid, startedAt } = value;
    // Earlier versions do not say it.
    const isBrief = 'isBrief' in value && value.isBrief === true;
    return Number.isSafeInteger(pid) && typeof pid === 'number' && pid > 0 && typeof startedAt === 'string'
      ? { pid, startedAt, isBrief }
      : null;
  } catch {
    return null;
  }
}

function inUse(path: string, holder: LockHolder): UsherError {
  const who = holder.isBrief ? 'A command of Usher' : 'Another Usher';
  return new UsherError('conflict', `${who}, process ${holder.pid}, is using the data directory of ${path}.`, {
    code: 'dataDirectoryInUse',
    next: `Stop process ${holder.pid}, or give this one another data directory (USHER_DATA_DIR).`,
  });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
