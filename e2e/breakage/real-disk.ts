// `npm run e2e -- breakage`: a disk that is really full, under an Usher that runs and under one that starts.
import { execFile } from 'node:child_process';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { postgresPid, startUsher, temporaryDirectory, type UsherProcess } from '../processes.ts';

const run = promisify(execFile);
const SIZE_MB = 220;
const CHUNK = Buffer.alloc(65_536);
const MOST_REQUESTS = 5000;

export interface DiskResult {
  readonly problems: readonly string[];
  /** How many requests were answered as done before the disk was full. */
  readonly written: number;
}

/** Needs the right to mount a file system (Linux, root). Throws where it has not. */
export async function fillRealDisk(): Promise<DiskResult> {
  const directory = await temporaryDirectory();
  await chmod(directory.path, 0o755);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', directory.path]);
  const dataDir = join(directory.path, 'data');
  const ballast = join(directory.path, 'ballast');
  await mkdir(dataDir);
  const problems: string[] = [];
  let usher: UsherProcess | null = await startUsher({ allow: [], dataDir });
  try {
    await fill(ballast);
    const written = await writeUntilFull(usher, problems);
    if (!(await names(usher)).includes(`service ${written - 1}`)) problems.push('What was done cannot be read');
    await kill(usher, dataDir);
    usher = null;
    await fill(`${ballast}.2`);
    const refusal = await startUsher({ allow: [], dataDir }).then(
      () => 'it started',
      (error: unknown) => String(error),
    );
    if (!/Make room/.test(refusal)) problems.push(`A start on a full disk says: ${refusal}`);
    await rm(ballast);
    await rm(`${ballast}.2`);
    usher = await startUsher({ allow: [], dataDir });
    const kept = await names(usher);
    const lost = Array.from({ length: written }, (_, index) => `service ${index}`).filter(
      (name) => !kept.includes(name),
    );
    if (lost.length > 0) problems.push(`${lost.length} that were answered as done are lost`);
    await create(usher, 'afterwards');
    return { problems, written };
  } finally {
    await usher?.end('SIGTERM');
    await run('umount', ['-l', directory.path]);
    await directory.remove();
  }
}

/** Writes zeros until there is no room. */
async function fill(path: string): Promise<void> {
  for (;;) {
    try {
      await writeFile(path, CHUNK, { flag: 'a' });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return;
      throw error;
    }
  }
}

/** Makes principals until Usher refuses one, which it must do by naming the disk; answers how many it made. */
async function writeUntilFull(usher: UsherProcess, problems: string[]): Promise<number> {
  for (let made = 0; made < MOST_REQUESTS; made += 1) {
    try {
      await create(usher, `service ${made}`);
    } catch (error) {
      if (!/503 .*databaseFull/.test(String(error))) problems.push(`On a full disk it says: ${String(error)}`);
      return made;
    }
  }
  problems.push('The disk was never full');
  return MOST_REQUESTS;
}

async function create(usher: UsherProcess, name: string): Promise<void> {
  await usher.call('POST', '/v1/principals', { name, kind: 'service', role: 'viewer' });
}

async function names(usher: UsherProcess): Promise<readonly string[]> {
  const page = z.object({ data: z.array(z.object({ name: z.string() })), next: z.string().nullable() });
  const all: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const path: string = `/v1/principals?page_size=500${next === '' ? '' : `&next=${encodeURIComponent(next)}`}`;
    const { data, next: after } = page.parse(await usher.call('GET', path));
    all.push(...data.map(({ name }) => name));
    next = after;
  }
  return all;
}

async function kill(usher: UsherProcess, dataDir: string): Promise<void> {
  const pid = await postgresPid(dataDir);
  await usher.end('SIGKILL');
  if (pid !== null) process.kill(pid, 'SIGKILL');
}
