import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { invalidInput, UsherError } from '../model/errors.ts';
import { createVault, type Vault } from './vault.ts';

/** Where the database keeps what tells the right master key from a wrong one: a known text sealed under it. */
export interface KeyCheckStore {
  load(): Promise<string | null>;
  /** Keeps `check` unless one is there already; returns what is kept. */
  saveFirst(check: string): Promise<string>;
}

export interface OpenVaultOptions {
  readonly dataDir: string;
  /** USHER_MASTER_KEY: 32 bytes in base64; null or '' for the file in the data directory. */
  readonly masterKey?: string | null;
  readonly keyCheck: KeyCheckStore;
}

const KEY_BYTES = 32;
const CHECK_TEXT = 'Usher knows its master key by this.';
const CHECK_PLACE = { table: 'instance', row: 'master_key_check', column: 'value' };

/**
 * Opens the vault of an instance. The master key comes from the environment, or from `master.key` in the data directory,
 * made at the first start with mode 0600. It is compared with the check that the database keeps since the first start.
 *
 * Throws `conflict` with code `masterKeyMissing` or `wrongMasterKey` where secrets in the database could not be opened,
 * `invalidInput` where the key is no key or its file is open to others.
 */
export async function openVault({ dataDir, masterKey, keyCheck }: OpenVaultOptions): Promise<Vault> {
  const check = await keyCheck.load();
  const key = masterKey ? parseKey(masterKey, 'USHER_MASTER_KEY') : await keyFromFile(dataDir, check === null);
  const vault = createVault(key);
  vault.shred(key);
  const kept = check ?? (await keyCheck.saveFirst(vault.encrypt(CHECK_TEXT, CHECK_PLACE)));
  assertRight(vault, kept, dataDir, masterKey);
  return vault;
}

/**
 * Looks at the master key and changes nothing: `right` where it opens what the database keeps for that, `unproven` where
 * the database keeps nothing yet or cannot be asked (`keyCheck` null). Throws what `openVault` throws.
 */
export async function examineMasterKey(options: {
  readonly dataDir: string;
  readonly masterKey?: string | null;
  readonly keyCheck: Pick<KeyCheckStore, 'load'> | null;
}): Promise<'right' | 'unproven'> {
  const { dataDir, masterKey, keyCheck } = options;
  const key = masterKey ? parseKey(masterKey, 'USHER_MASTER_KEY') : await keyFromFile(dataDir, false);
  const vault = createVault(key);
  vault.shred(key);
  const check = (await keyCheck?.load()) ?? null;
  if (check === null) return 'unproven';
  assertRight(vault, check, dataDir, masterKey);
  return 'right';
}

/** The id of the master key that is in place; null where there is none yet. Makes none. */
export async function masterKeyHere(place: Omit<OpenVaultOptions, 'keyCheck'>): Promise<string | null> {
  try {
    const { dataDir, masterKey } = place;
    const key = masterKey ? parseKey(masterKey, 'USHER_MASTER_KEY') : await keyFromFile(dataDir, false);
    const vault = createVault(key);
    vault.shred(key);
    return vault.keyId;
  } catch (error) {
    if (error instanceof UsherError && error.details.code === 'masterKeyMissing') return null;
    throw error;
  }
}

function assertRight(vault: Vault, check: string, dataDir: string, masterKey: string | null | undefined): void {
  try {
    if (vault.decrypt(check, CHECK_PLACE) === CHECK_TEXT) return;
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
  }
  throw new UsherError('conflict', 'This is not the master key under which the secrets in the database were sealed.', {
    code: 'wrongMasterKey',
    next: masterKey
      ? 'Set USHER_MASTER_KEY to the key that was used before; without it the secrets cannot be read.'
      : `Put back the ${keyPath(dataDir)} that was used before; without it the secrets cannot be read.`,
  });
}

async function keyFromFile(dataDir: string, mayMake: boolean): Promise<Buffer> {
  const path = keyPath(dataDir);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    if (!mayMake) throw keyMissing(path);
    return makeKey(dataDir, path);
  }
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw invalidInput(path, `The master key ${path} can be read by others than its owner.`, `chmod 600 ${path}`);
  }
  return parseKey(text, path);
}

/** Written under another name and linked: whoever finds the file finds a whole key, and two processes find the same. */
async function makeKey(dataDir: string, path: string): Promise<Buffer> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await writeFile(unfinished, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flush: true });
    await link(unfinished, path).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
  } finally {
    await rm(unfinished, { force: true });
  }
  return parseKey(await readFile(path, 'utf8'), path);
}

function parseKey(text: string, field: string): Buffer {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, 'base64');
  if (key.length === KEY_BYTES && /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return key;
  throw invalidInput(
    field,
    `The master key in ${field} is not ${KEY_BYTES} bytes in base64.`,
    'Make one with: openssl rand -base64 32. Keep it: what was sealed under another stays closed.',
  );
}

function keyMissing(path: string): UsherError {
  return new UsherError('conflict', `The database holds secrets sealed under a master key, and ${path} is missing.`, {
    code: 'masterKeyMissing',
    next: `Put ${path} back or set USHER_MASTER_KEY; without the key the secrets cannot be read. A backup does not hold it.`,
  });
}

function keyPath(dataDir: string): string {
  return join(dataDir, 'master.key');
}
