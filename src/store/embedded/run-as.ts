import { lchown, readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsherError } from '../../model/errors.ts';

/** Who Postgres runs as. Postgres refuses root, and its `initdb` refuses a user that the system has no name for. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom to start Postgres as, so that it can use `folder`: null for ourselves, which is the rule. Only root needs another:
 * the owner of `folder` where that is not root, else `nobody`, else any user without rights that the system knows.
 */
export async function chooseRunAs(folder: string): Promise<RunAs | null> {
  if (process.getuid?.() !== 0) return null;
  const users = await knownUsers();
  const { uid } = await stat(folder);
  const owner = users.find((user) => user.uid === uid && uid !== 0);
  const chosen = owner ?? users.find((user) => user.name === 'nobody') ?? users.find((user) => user.uid !== 0);
  if (chosen === undefined) {
    throw new UsherError('unsupported', 'Postgres does not run as root, and this system has no other user.', {
      next: 'Run Usher as another user, or set DATABASE_URL to a Postgres server.',
    });
  }
  return { uid: chosen.uid, gid: chosen.gid };
}

/** Gives `folder` to whom Postgres runs as; nothing where that is ourselves. */
export async function giveTo(folder: string, runAs: RunAs | null): Promise<void> {
  if (runAs !== null) await lchown(folder, runAs.uid, runAs.gid);
}

/** The first folder on the way to `path` (itself included) that `runAs` may not pass; null where all can be passed. */
export async function firstBarrier(path: string, runAs: RunAs | null): Promise<string | null> {
  if (runAs === null) return null;
  const way: string[] = [];
  for (let folder = await realpath(path); ; folder = dirname(folder)) {
    way.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  for (const folder of way) {
    const { uid, gid, mode } = await stat(folder);
    const bit = uid === runAs.uid ? 0o100 : gid === runAs.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return folder;
  }
  return null;
}

async function knownUsers(): Promise<readonly (RunAs & { readonly name: string })[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid || Number.NaN), gid: Number(gid || Number.NaN) }))
    .filter(({ uid, gid }) => Number.isInteger(uid) && Number.isInteger(gid));
}
