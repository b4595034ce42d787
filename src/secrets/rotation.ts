import { UsherError } from '../model/errors.ts';
import { idOfKey, keysInPlace, type KeyPlace, makeNextKeyFile, settleKeyFiles } from './key-files.ts';
import { checkOf, type KeyHistory, retiredPlace, type RetiredKey, rightKey } from './master-key.ts';
import { createVault, type SecretPlace, type Vault } from './vault.ts';

/** A row of `secret` as a change of keys sees it. */
export interface StoredSecret {
  readonly owner: string;
  readonly name: string;
  readonly sealed: string;
}

/** What a change of the master key asks of the database. */
export interface RotationStore {
  load(): Promise<string | null>;
  history(): Promise<KeyHistory>;
  /**
   * Puts the next key into force, all in one transaction: what it is known by, and the keys before it. False where the
   * check is not `before` any more: somebody else did it.
   */
  change(next: {
    readonly before: string;
    readonly check: string;
    readonly retired: readonly RetiredKey[];
  }): Promise<boolean>;
}

/** Where the sealed secrets are. */
export interface SecretRows {
  /** Some secrets that are not under this key. */
  secretsNotUnder(keyId: string, limit: number): Promise<readonly StoredSecret[]>;
  /** Puts these in the place of `before`; those that were changed meanwhile stay. */
  replaceSealed(rows: readonly (StoredSecret & { readonly before: string })[]): Promise<void>;
}

const BATCH = 500;

/**
 * Puts another master key into force: the one of `master.key.next` (made here), or of USHER_MASTER_KEY_NEXT. One
 * transaction makes it the instance's key; from then on a start finds it, wherever this is killed, and what was sealed or
 * signed before is known by its predecessor, which the database keeps sealed under the new one. Where a change was
 * interrupted, that one is finished and no other begun.
 *
 * Throws `conflict` with code `masterKeyMissing`, `wrongMasterKey`, `neverStarted` or `nextKeyMissing`.
 */
export async function beginRotation(
  place: KeyPlace,
  store: RotationStore,
): Promise<{ readonly isNew: boolean; readonly from: string | null; readonly to: string }> {
  const before = await store.load();
  if (before === null) {
    throw new UsherError('conflict', 'This Usher was never started: it has no master key yet.', {
      code: 'neverStarted',
    });
  }
  const present = rightKey(await keysInPlace(place), before, place);
  const history = await store.history();
  if (history.isRotating) {
    const to = idOfKey(present);
    if (!place.masterKey) await settleKeyFiles(place.dataDir, to);
    return { isNew: false, from: history.retired.at(-1)?.id ?? null, to };
  }
  if (!place.masterKey) await makeNextKeyFile(place.dataDir);
  const next = (await keysInPlace(place)).find((key) => idOfKey(key) !== idOfKey(present));
  if (next === undefined) throw nextKeyMissing();
  const [old, vault] = [createVault(present), createVault(next)];
  const retired = [
    ...history.retired.map(({ id, sealed }) => ({ id, key: old.decrypt(sealed, retiredPlace(id)) })),
    { id: old.keyId, key: present.toString('base64') },
  ].map(({ id, key }) => ({ id, sealed: vault.encrypt(key, retiredPlace(id)) }));
  if (!(await store.change({ before, check: checkOf(vault), retired }))) return beginRotation(place, store);
  if (!place.masterKey) await settleKeyFiles(place.dataDir, vault.keyId);
  return { isNew: true, from: old.keyId, to: vault.keyId };
}

/** Wraps the data keys of all secrets anew that are not under the vault's present key; answers how many. No secret is opened. */
export async function rewrapSecrets(vault: Vault, store: SecretRows): Promise<number> {
  let count = 0;
  const damaged = new Set<string>();
  for (;;) {
    const found = await store.secretsNotUnder(vault.keyId, BATCH + damaged.size);
    const rows = found.filter(({ owner, name }) => !damaged.has(JSON.stringify([owner, name])));
    if (rows.length === 0) return count;
    const wrapped = rows.flatMap((row) => {
      const sealed = rewrapped(vault, row);
      if (sealed === null) damaged.add(JSON.stringify([row.owner, row.name]));
      return sealed === null ? [] : [{ ...row, before: row.sealed, sealed }];
    });
    await store.replaceSealed(wrapped);
    count += wrapped.length;
  }
}

/** null: it cannot be opened as it is; whoever needs it is told so then. */
function rewrapped(vault: Vault, { owner, name, sealed }: StoredSecret): string | null {
  const place: SecretPlace = { table: 'secret', row: owner, column: name };
  try {
    return vault.rewrap(sealed, place);
  } catch (error) {
    if (error instanceof UsherError) return null;
    throw error;
  }
}

function nextKeyMissing(): UsherError {
  return new UsherError('conflict', 'The master key is that of USHER_MASTER_KEY, and no other is given to change to.', {
    code: 'nextKeyMissing',
    next: 'Make one (openssl rand -base64 32), start the servers with it in USHER_MASTER_KEY_NEXT beside the present one, and call this again so.',
  });
}
