import { UsherError } from '../model/errors.ts';
import {
  findKey, idOfKey, keyMissing, keyPath, keysInPlace, type KeyPlace, makeKeyFile, settleKeyFiles,
} from './key-files.ts'; // prettier-ignore
import { createVault, keyIdOf, type Vault } from './vault.ts';

/** Where the database keeps what tells the right master key from a wrong one: a known text sealed under it. */
export interface KeyCheckStore {
  load(): Promise<string | null>;
  /** Keeps `check` unless one is there already; returns what is kept. */
  saveFirst(check: string): Promise<string>;
  /** The keys that were the master key once, sealed under the present one, and whether it is being changed. */
  history(): Promise<KeyHistory>;
}

export interface KeyHistory {
  readonly retired: readonly RetiredKey[];
  readonly isRotating: boolean;
}

export interface RetiredKey {
  readonly id: string;
  /** The key in base64, sealed under the present one. */
  readonly sealed: string;
}

export interface OpenVaultOptions extends KeyPlace {
  readonly keyCheck: KeyCheckStore;
}

const CHECK_TEXT = 'Usher knows its master key by this.';
const CHECK_PLACE = { table: 'instance', row: 'master_key_check', column: 'value' };

/**
 * Opens the vault of an instance. The master key comes from the environment, or from `master.key` in the data directory,
 * made at the first start with mode 0600. It is compared with the check that the database keeps since the first start.
 * A change of the master key that was interrupted is found: the vault opens with whichever key the database is under,
 * and goes over to the next by itself while it is open.
 *
 * Throws `conflict` with code `masterKeyMissing` or `wrongMasterKey` where secrets in the database could not be opened,
 * `invalidInput` where the key is no key or its file is open to others.
 */
export async function openVault(options: OpenVaultOptions): Promise<Vault> {
  const { keyCheck, dataDir } = options;
  const check = await keyCheck.load();
  const keys = await keysInPlace(options);
  if (check !== null) {
    const key = rightKey(keys, check, options);
    if (!options.masterKey) await settleKeyFiles(dataDir, idOfKey(key));
    return vaultOf(key, options, await keyCheck.history());
  }
  const key = keys[0] ?? (await makeKeyFile(dataDir));
  rightKey([key], await keyCheck.saveFirst(checkOf(createVault(key))), options);
  return vaultOf(key, options, { retired: [], isRotating: false });
}

/**
 * Looks at the master key and changes nothing: `right` where it opens what the database keeps for that, `unproven` where
 * the database keeps nothing yet or cannot be asked (`keyCheck` null). Throws what `openVault` throws.
 */
export async function examineMasterKey(
  options: KeyPlace & { readonly keyCheck: Pick<KeyCheckStore, 'load'> | null },
): Promise<'right' | 'unproven'> {
  const keys = await keysInPlace(options);
  if (keys.length === 0) throw keyMissing(options.dataDir);
  const check = (await options.keyCheck?.load()) ?? null;
  if (check === null) return 'unproven';
  rightKey(keys, check, options);
  return 'right';
}

/** The id of the master key that is in place; null where there is none yet. Makes none. */
export async function masterKeyHere(place: KeyPlace): Promise<string | null> {
  const [key] = await keysInPlace(place);
  return key === undefined ? null : idOfKey(key);
}

/**
 * Sees whether the database is under another master key by now, and has the vault go over to it. Throws `conflict` with
 * code `wrongMasterKey` where that key cannot be found here.
 */
export async function followKey(vault: Vault, keyCheck: Pick<KeyCheckStore, 'load'>): Promise<void> {
  const check = await keyCheck.load();
  if (check !== null && keyIdOf(check) !== vault.keyId) vault.decrypt(check, CHECK_PLACE);
}

/** What the database keeps to know the present key of a vault by. */
export function checkOf(vault: Vault): string {
  return vault.encrypt(CHECK_TEXT, CHECK_PLACE);
}

/** Where a retired key is sealed for. */
export function retiredPlace(id: string): { readonly table: string; readonly row: string; readonly column: string } {
  return { table: 'instance', row: 'retired_keys', column: id };
}

/** The one of these keys that opens the check. */
export function rightKey(keys: readonly Buffer[], check: string, { dataDir, masterKey }: KeyPlace): Buffer {
  if (keys.length === 0) throw keyMissing(dataDir);
  for (const key of keys) {
    try {
      if (createVault(key).decrypt(check, CHECK_PLACE) === CHECK_TEXT) return key;
    } catch (error) {
      if (!(error instanceof UsherError)) throw error;
    }
  }
  const which = keyIdOf(check);
  throw new UsherError('conflict', 'This is not the master key under which the secrets in the database were sealed.', {
    code: 'wrongMasterKey',
    next: masterKey
      ? `Set USHER_MASTER_KEY to the key that was used before (its id is ${which}); without it the secrets cannot be read.`
      : `Put back the ${keyPath(dataDir)} that was used before (its id is ${which}); without it the secrets cannot be read.`,
  });
}

function vaultOf(key: Buffer, place: KeyPlace, { retired, isRotating }: KeyHistory): Vault {
  const opener = createVault(key);
  const opened = retired.map(({ id, sealed }) => Buffer.from(opener.decrypt(sealed, retiredPlace(id)), 'base64'));
  const vault = createVault(key, { retired: opened, isRotating, find: (keyId) => findKey(place, keyId) });
  for (const bytes of [key, ...opened]) vault.shred(bytes);
  return vault;
}
