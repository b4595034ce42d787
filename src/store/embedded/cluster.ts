import { spawn } from 'node:child_process';
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsherError } from '../../model/errors.ts';
import type { Binaries } from './binaries.ts';
import type { Layout } from './layout.ts';
import { giveTo } from './run-as.ts';

/** The role that owns the database; a name for Postgres, not a secret. */
export const OWNER_ROLE = 'usher';

/**
 * Makes Postgres' data directory unless it is there; true when it was made now. It is made under another name and
 * renamed when whole, so that a kill in between leaves nothing that looks like a database.
 */
export async function ensureCluster(layout: Layout, binaries: Binaries): Promise<boolean> {
  for (const name of await readdir(layout.folder)) {
    if (name.startsWith('data.new-')) await rm(join(layout.folder, name), { recursive: true, force: true });
  }
  if (await isFile(join(layout.cluster, 'PG_VERSION'))) return false;
  await assertNothingThere(layout.cluster);
  const unfinished = join(layout.folder, `data.new-${process.pid}`);
  const passwordFile = join(layout.folder, `password.new-${process.pid}`);
  const auth = layout.password === null ? ['--auth=trust'] : ['--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  try {
    if (layout.password !== null) await writeFile(passwordFile, layout.password, { mode: 0o600 });
    await giveTo(layout.folder, layout.runAs);
    await initdb(layout, binaries, [`--pgdata=${unfinished}`, ...auth]);
    await rename(unfinished, layout.cluster);
  } finally {
    await rm(passwordFile, { force: true });
  }
  return true;
}

/** What a child is given of our environment: nothing that is ours or looks like a secret. */
export function childEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(
    ([name]) => !/^(USHER_|DATABASE_URL|PG|LC_|LANG|NODE_|npm_)|TOKEN|SECRET|PASS|KEY|CREDENTIAL/i.test(name),
  );
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}

async function initdb(layout: Layout, binaries: Binaries, extra: readonly string[]): Promise<void> {
  // No instructions, no locale of the machine; data checksums are on by default since Postgres 18.
  const options = [`--username=${OWNER_ROLE}`, '--encoding=UTF8', '--locale=C', '--no-instructions', ...extra];
  const child = spawn(binaries.initdb, options, {
    cwd: layout.folder,
    env: childEnvironment(process.env),
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    ...layout.runAs,
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000);
  });
  const code = await new Promise<number | string | null>((resolve, reject) => {
    child.once('error', (error) => reject(cannotRun(binaries.initdb, error)));
    child.once('close', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  if (code === 0) return;
  const isFull = /No space left on device/i.test(complaint);
  throw new UsherError('transient', `Making the embedded database failed (${code}): ${complaint.trim()}`, {
    code: isFull ? 'diskFull' : 'embeddedPostgresFailed',
    next: isFull
      ? `Make room on the disk of ${layout.folder}, then start Usher again.`
      : 'Is the disk full? Otherwise set DATABASE_URL to a Postgres server.',
  });
}

/** A program that the system would not start: on musl (Alpine) the loader that it wants is missing. */
export function cannotRun(program: string, cause: Error): UsherError {
  return new UsherError('unsupported', `The embedded Postgres cannot run on this system: ${cause.message}.`, {
    code: 'embeddedPostgresFailed',
    next: `Try ${program} --version by hand; where it needs a C library that is missing, set DATABASE_URL to a server.`,
    cause,
  });
}

/** Files without PG_VERSION are no database: somebody removed part of one, or a copy was cut short. */
async function assertNothingThere(cluster: string): Promise<void> {
  const names = await readdir(cluster).catch(() => []);
  if (names.length === 0) return;
  throw new UsherError('conflict', `${cluster} holds files, and is no whole database: PG_VERSION is missing.`, {
    code: 'databaseDamaged',
    next: 'Nothing was changed. Where a copy was cut short, copy again; else restore a backup (`usher restore`) into a new data directory.',
  });
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
