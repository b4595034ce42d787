import { resignPlans } from '../lifecycle/resign.ts';
import { UsherError } from '../model/errors.ts';
import { beginRotation, followKey, openVault, rewrapSecrets } from '../secrets/index.ts';
import type { KeyPlace } from '../secrets/key-files.ts';
import type { Vault } from '../secrets/vault.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import { keyCheckStore } from '../store/instance.ts';
import { changeKeys, endRotation, replaceSealed, rotationSince, secretsNotUnder } from '../store/keys.ts';
import type { Log } from '../store/log.ts';
import type { Database } from '../store/open.ts';

/** What a change of the master key did. */
export interface RotationSummary {
  /** False: one that was begun before was gone on with. */
  readonly isNew: boolean;
  /** Ids of the keys. */
  readonly from: string | null;
  readonly to: string;
  /** Secrets whose data key was wrapped anew. */
  readonly secrets: number;
  /** Plans that were signed anew. */
  readonly plans: number;
  /** Plans that are not what was signed; they stay as they are, and nothing of them is carried out. */
  readonly alteredPlans: number;
}

/**
 * Changes the master key, beside running servers or without one, and can be killed anywhere: called again it goes on.
 * Throws what `beginRotation` throws.
 */
export async function rotateMasterKey(place: KeyPlace, database: Database): Promise<RotationSummary> {
  const { pool } = database;
  const keyCheck = keyCheckStore(pool);
  const begun = await beginRotation(place, {
    ...keyCheck,
    change: ({ before, ...next }) => changeKeys(database, before, next),
  });
  const swept = await sweep(database, await openVault({ ...place, keyCheck }));
  if (!begun.isNew) await endRotation(pool);
  await addAuditEntries(pool, [
    {
      at: new Date().toISOString(), kind: 'instance', action: 'instance.master_key_changed',
      summary: begun.isNew ? `The master key is now ${begun.to}.` : `The change to the master key ${begun.to} went on.`,
      details: { ...begun, ...swept },
    },
  ]); // prettier-ignore
  return { ...begun, ...swept };
}

/**
 * Has the vault of a running server follow a change of the master key, and brings over what was still sealed or signed
 * under the key before while the change was made. Harmless when there is none. Never throws.
 */
export async function followRotation(
  vault: Vault,
  database: Database,
  log: Pick<Log, 'info' | 'error'>,
): Promise<void> {
  try {
    const before = vault.keyId;
    await followKey(vault, keyCheckStore(database.pool));
    if (vault.keyId !== before) log.info({ key: vault.keyId }, 'the master key was changed; this server follows');
    if ((await rotationSince(database.pool)) === null) return;
    await sweep(database, vault);
    await endRotation(database.pool);
  } catch (error) {
    // The database may be away for a moment; it is looked again soon.
    if (!(error instanceof UsherError)) return;
    log.error(
      { error: error.message },
      'the master key was changed, and this server cannot follow; restart it with the new one',
    );
  }
}

async function sweep(
  database: Database,
  vault: Vault,
): Promise<Pick<RotationSummary, 'secrets' | 'plans' | 'alteredPlans'>> {
  const { pool } = database;
  const secrets = await rewrapSecrets(vault, {
    secretsNotUnder: (keyId, limit) => secretsNotUnder(pool, keyId, limit),
    replaceSealed: (rows) => replaceSealed(pool, rows),
  });
  const { resigned, altered } = await resignPlans(database, vault);
  return { secrets, plans: resigned, alteredPlans: altered };
}
