import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chown, link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { invalidInput, UsherError } from '../model/errors.ts';
import { createVault } from './vault.ts';

const KEY_BYTES = 32;

/** Where the master key comes from. */
export interface KeyPlace {
  readonly dataDir: string;
  /** USHER_MASTER_KEY: 32 bytes in base64; null or '' for the file in the data directory. */
  readonly masterKey?: string | null;
  /** USHER_MASTER_KEY_NEXT: the one to come, while it is being changed. Only beside `masterKey`. */
  readonly nextKey?: string | null;
}

/** `master.key`, and the one to come while it is being changed. */
export function keyPath(dataDir: string): string {
  return join(dataDir, 'master.key');
}

/**
 * The keys that are in place, the present one first and the one to come, if any, after it. Throws `invalidInput` where one
 * is no key or its file is open to others. Empty where there is none.
 */
export async function keysInPlace({ dataDir, masterKey, nextKey }: KeyPlace): Promise<readonly Buffer[]> {
  if (masterKey) {
    return [parseKey(masterKey, 'USHER_MASTER_KEY'), ...(nextKey ? [parseKey(nextKey, 'USHER_MASTER_KEY_NEXT')] : [])];
  }
  const [present, next] = [await readKeyFile(keyPath(dataDir)), await readKeyFile(nextPath(dataDir))];
  return [present, next].filter((key) => key !== null);
}

/**
 * Finds a key by its id where one may have come since the start: for a running server that meets what was sealed under
 * the next key. Synchronous, since secrets are opened in the middle of other work; it happens once in a change of keys.
 */
export function findKey({ dataDir, masterKey, nextKey }: KeyPlace, keyId: string): Uint8Array | null {
  const texts = masterKey ? [nextKey ?? ''] : [textOf(keyPath(dataDir)), textOf(nextPath(dataDir))];
  for (const text of texts) {
    const key = Buffer.from(text.trim(), 'base64');
    if (key.length === KEY_BYTES && idOfKey(key) === keyId) return key;
  }
  return null;
}

/** The id of a key. */
export function idOfKey(key: Uint8Array): string {
  return createVault(key).keyId;
}

/** Makes `master.key` unless it is there, and answers what is there. */
export async function makeKeyFile(dataDir: string): Promise<Buffer> {
  await makeKey(dataDir, keyPath(dataDir));
  return parseKey(await readFile(keyPath(dataDir), 'utf8'), keyPath(dataDir));
}

/** Makes the key to come unless it is there, on the disk when this returns. */
export async function makeNextKeyFile(dataDir: string): Promise<void> {
  await makeKey(dataDir, nextPath(dataDir));
}

/**
 * Puts the key to come into the place of the present one, which is kept as `master.key.retired-ID` for the backups that
 * were made under it. Harmless when repeated; a kill in between leaves both where the start finds them.
 */
export async function settleKeyFiles(dataDir: string, keyId: string): Promise<void> {
  const [present, next] = [await readKeyFile(keyPath(dataDir)), await readKeyFile(nextPath(dataDir))];
  if (next === null || idOfKey(next) !== keyId) return;
  if (present !== null && idOfKey(present) !== keyId) {
    await link(keyPath(dataDir), join(dataDir, `master.key.retired-${idOfKey(present)}`)).catch(unlessThere);
  }
  // Another process may do the same at this moment.
  await rename(nextPath(dataDir), keyPath(dataDir)).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  });
  await syncDirectory(dataDir);
}

/** A key in base64. Throws `invalidInput` naming `field`, without what is in it. */
export function parseKey(text: string, field: string): Buffer {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, 'base64');
  if (key.length === KEY_BYTES && /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return key;
  throw invalidInput(
    field,
    `The master key in ${field} is not ${KEY_BYTES} bytes in base64.`,
    'Make one with: openssl rand -base64 32. Keep it: what was sealed under another stays closed.',
  );
}

/** The error for a master key that is not there and was once. */
export function keyMissing(dataDir: string): UsherError {
  const path = keyPath(dataDir);
  return new UsherError('conflict', `The database holds secrets sealed under a master key, and ${path} is missing.`, {
    code: 'masterKeyMissing',
    next: `Put ${path} back or set USHER_MASTER_KEY; without the key the secrets cannot be read. A backup does not hold it.`,
  });
}

function nextPath(dataDir: string): string {
  return `${keyPath(dataDir)}.next`;
}

async function readKeyFile(path: string): Promise<Buffer | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    return null;
  }
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw invalidInput(path, `The master key ${path} can be read by others than its owner.`, `chmod 600 ${path}`);
  }
  return parseKey(text, path);
}

/** Written under another name and linked: whoever finds the file finds a whole key, and two processes find the same. */
async function makeKey(dataDir: string, path: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await writeFile(unfinished, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flush: true });
    await giveToOwnerOf(keyPath(dataDir), unfinished);
    await link(unfinished, path).catch(unlessThere);
    await syncDirectory(dataDir);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** What root makes for a server that runs as another user has to be that user's. */
async function giveToOwnerOf(present: string, made: string): Promise<void> {
  const owner = process.getuid?.() === 0 ? await stat(present).catch(() => null) : null;
  if (owner !== null) await chown(made, owner.uid, owner.gid);
}

/** A name is as durable as its directory; not every system lets a directory be opened for that. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path).catch(() => null);
  await directory?.sync().catch(() => undefined);
  await directory?.close();
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function unlessThere(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}
