import { chmod, lstat, mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { UsherError } from '../../model/errors.ts';
import { chooseRunAs, firstBarrier, giveTo, type RunAs } from './run-as.ts';

/** Longest path of a unix socket: 107 bytes on Linux, 103 on macOS and the BSDs. */
const SOCKET_PATH_LIMIT = 103;
/** Postgres names its socket after a port even where it listens on none. */
export const SOCKET_PORT = 5432;

/** Where the embedded Postgres of a data directory keeps what. All below `folder`, which belongs to `runAs` alone. */
export interface Layout {
  /** The data directory as given, links resolved. */
  readonly dataDir: string;
  readonly runAs: RunAs | null;
  readonly folder: string;
  /** Postgres' own data directory. */
  readonly cluster: string;
  /** Where the socket is; null where there are no unix sockets: then loopback with `password`. */
  readonly socketFolder: string | null;
  readonly password: string | null;
  readonly lockFile: string;
  readonly logFile: string;
  /** Copies of the programs, where the installed ones cannot be reached. */
  readonly copies: string;
}

/**
 * Makes the folders of the embedded Postgres in `dataDir` and says where things are. Under root the folders belong to
 * the user that Postgres runs as, and `dataDir` is made passable (never readable) for it.
 * Throws `invalidInput` where a folder above keeps that user out, or where the data belongs to somebody else.
 */
export async function layOut(dataDir: string): Promise<Layout> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const root = await realpath(dataDir);
  const folder = join(root, 'postgres');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const runAs = await settleOwner(root, folder);
  const hasSockets = process.platform !== 'win32';
  return {
    dataDir: root,
    runAs,
    folder,
    cluster: join(folder, 'data'),
    socketFolder: hasSockets ? await socketFolder(folder, runAs) : null,
    password: hasSockets ? null : await storedPassword(join(root, 'postgres.password')),
    lockFile: join(root, 'usher.lock'),
    logFile: join(folder, 'postgres.log'),
    copies: folder,
  };
}

async function settleOwner(root: string, folder: string): Promise<RunAs | null> {
  const me = process.getuid?.();
  const { uid } = await lstat(folder);
  if (me !== undefined && me !== 0 && uid !== me) {
    throw new UsherError('invalidInput', `${folder} belongs to the user with number ${uid}, and Usher runs as ${me}.`, {
      field: 'USHER_DATA_DIR',
      next: 'Start Usher as the user who started it first, or give it another data directory.',
    });
  }
  // Data that is there decides whom Postgres runs as; else the owner of the directory it was given.
  const runAs = await chooseRunAs(uid === 0 ? root : folder);
  if (runAs === null) return null;
  await giveTo(folder, runAs);
  const { mode, uid: rootOwner } = await lstat(root);
  if (rootOwner !== runAs.uid) await chmod(root, (mode & 0o777) | 0o011);
  const barrier = await firstBarrier(folder, runAs);
  if (barrier !== null) {
    throw new UsherError(
      'invalidInput',
      `Postgres does not run as root, and the user it would run as (number ${runAs.uid}) cannot pass ${barrier} to the data directory ${root}.`,
      {
        field: 'USHER_DATA_DIR',
        next: 'Set USHER_DATA_DIR to a folder that others can pass (such as /var/lib/usher), or run Usher as an ordinary user.',
      },
    );
  }
  return runAs;
}

/** In the data directory; where that makes the socket's path too long, a private folder of a short name. */
async function socketFolder(folder: string, runAs: RunAs | null): Promise<string> {
  const inside = join(folder, 'run');
  const short = `/tmp/usher-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  const chosen = Buffer.byteLength(join(inside, `.s.PGSQL.${SOCKET_PORT}`)) > SOCKET_PATH_LIMIT ? short : inside;
  await mkdir(chosen, { mode: 0o700 }).then(
    () => giveTo(chosen, runAs),
    (error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    },
  );
  // Names in /tmp can be taken by others: only a real folder of our own, closed to everybody else, will do.
  const { uid, mode } = await lstat(chosen);
  const owner = runAs?.uid ?? process.getuid?.();
  if ((mode & 0o170000) !== 0o040000 || uid !== owner || (mode & 0o077) !== 0) {
    throw new UsherError(
      'conflict',
      `${chosen}, the folder for Postgres' socket, belongs to somebody else or is open.`,
      {
        next: 'Remove it, or give Usher a data directory with a shorter path.',
      },
    );
  }
  return chosen;
}

async function storedPassword(path: string): Promise<string> {
  const known = await readFile(path, 'utf8').catch(() => '');
  if (known !== '') return known;
  const made = randomBytes(24).toString('base64url');
  await writeFile(path, made, { mode: 0o600 });
  return made;
}
