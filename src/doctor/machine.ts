import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { UsherError } from '../model/errors.ts';
import { installedPostgres } from '../store/embedded/binaries.ts';
import { check, type Finding } from './finding.ts';

const OLDEST_NODE = 24;
const GIGABYTE = 1024 ** 3;
const LITTLE_DISK = 2 * GIGABYTE;
const TOO_LITTLE_DISK = 0.25 * GIGABYTE;

/** Blocks that are left to an ordinary user, and bytes in a block. */
type Measure = (path: string) => Promise<{ readonly bavail: number; readonly bsize: number }>;

/** The Node that runs this. `version` as `process.versions.node` has it. */
export function examineNode(version: string, platform: string): Finding {
  const { ok, problem } = check('node', 'Node');
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return ok(`${version} on ${platform}`);
  return problem(
    `This is Node ${version}; Usher needs ${OLDEST_NODE} or later.`,
    'Install a newer one, or run "npm start" once in the clone: it brings its own.',
  );
}

/** Whether there is a Postgres to run: the installed one, unless a server is named. */
export function examineBinaries(databaseUrl: string | null): Finding {
  const { ok, skipped, failed } = check('postgres-programs', 'Postgres programs');
  if (databaseUrl !== null) return skipped('DATABASE_URL names a server; the embedded Postgres is not needed.');
  try {
    return ok(`installed in ${installedPostgres()}`);
  } catch (error) {
    return failed(error);
  }
}

/** Whether the data directory is there, ours to write, and closed to others. */
export async function examineDataDirectory(dataDir: string): Promise<Finding> {
  const { ok, warning, problem, failed } = check('data-directory', 'Data directory');
  try {
    const found = await stat(dataDir).catch(ifMissing);
    if (found === null) {
      return warning(
        `There is no ${dataDir} yet: Usher has not been started here.`,
        'Start it, or name the directory it was started with: USHER_DATA_DIR or --data-dir.',
      );
    }
    if (!found.isDirectory())
      return problem(`${dataDir} is no directory.`, 'Name another: USHER_DATA_DIR or --data-dir.');
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: unknown) => {
      throw new UsherError('permission', `${dataDir} cannot be read and written by this user.`, {
        next: `Run this as the user that Usher runs as (its number is ${found.uid}).`,
        cause: error,
      });
    });
    const mode = (found.mode & 0o777).toString(8);
    if (process.platform !== 'win32' && (found.mode & 0o022) !== 0) {
      return problem(`Others than its owner may write into ${dataDir} (mode ${mode}).`, `chmod go-w ${dataDir}`);
    }
    return ok(`${dataDir} (mode ${mode})`);
  } catch (error) {
    return failed(error);
  }
}

/** How much room is left where the data is. */
export async function examineDisk(dataDir: string, measure: Measure = (path) => statfs(path)): Promise<Finding> {
  const { ok, warning, problem, failed, skipped } = check('disk', 'Free disk');
  try {
    const found = await measure(dataDir).catch(ifMissing);
    if (found === null) return skipped('There is no data directory yet.');
    const free = found.bavail * found.bsize;
    const shown = `${(free / GIGABYTE).toFixed(1)} GB free at ${dataDir}`;
    const next = 'Make room, or move the data directory while Usher is stopped: Postgres stops when the disk is full.';
    if (free < TOO_LITTLE_DISK) return problem(`Only ${shown}.`, next);
    if (free < LITTLE_DISK) return warning(`Only ${shown}.`, next);
    return ok(shown);
  } catch (error) {
    return failed(error);
  }
}

/** Whether an embedded Postgres has ever been made in this data directory. */
export async function hasEmbeddedData(dataDir: string): Promise<boolean> {
  return (await stat(join(dataDir, 'postgres', 'data')).catch(() => null)) !== null;
}

function ifMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
  throw error;
}
