import { UsherError } from '../model/errors.ts';
import type { JsonValue } from '../model/records.ts';
import { retiredKeys, rotationSince, type StoredKeys } from './keys.ts';
import type { Queryable } from './principals.ts';

const KEY_CHECK = 'master_key_check';

/** A setting of the instance, or null where it was never set. */
async function instanceValue(on: Queryable, key: string): Promise<JsonValue> {
  const { rows } = await on.query<{ value: JsonValue }>('select value from instance where key = $1', [key]);
  return rows[0]?.value ?? null;
}

/** Sets a setting of the instance unless it is set already; returns what holds now. */
async function setInstanceValueOnce(on: Queryable, key: string, value: JsonValue): Promise<JsonValue> {
  await on.query('insert into instance (key, value) values ($1, $2) on conflict (key) do nothing', [
    key,
    JSON.stringify(value),
  ]);
  return instanceValue(on, key);
}

/** Where the vault finds out whether it has the right master key; goes into `openVault`. */
export function keyCheckStore(on: Queryable): {
  load(): Promise<string | null>;
  saveFirst(check: string): Promise<string>;
  history(): Promise<{ readonly retired: StoredKeys['retired']; readonly isRotating: boolean }>;
} {
  const asText = (value: JsonValue): string | null => (typeof value === 'string' ? value : null);
  return {
    load: async () => asText(await instanceValue(on, KEY_CHECK)),
    saveFirst: async (check) => asText(await setInstanceValueOnce(on, KEY_CHECK, check)) ?? check,
    history: async () => ({ retired: await retiredKeys(on), isRotating: (await rotationSince(on)) !== null }),
  };
}

/** Names this database, wherever it is moved; made at the first question. `newId` gives the name. */
export async function databaseId(on: Queryable, newId: () => string): Promise<string> {
  const id = (await instanceValue(on, 'database_id')) ?? (await setInstanceValueOnce(on, 'database_id', newId()));
  return typeof id === 'string' ? id : JSON.stringify(id);
}

/** The setting that keeps a restored instance still until somebody has looked at it. */
export const FROZEN = 'frozen';

/** Since when (ISO 8601, UTC) the instance stands still after a restore; null: it does not. */
export async function frozenSince(on: Queryable): Promise<string | null> {
  const value = await instanceValue(on, FROZEN);
  if (value === null) return null;
  const since = typeof value === 'object' && 'since' in value ? value['since'] : null;
  return typeof since === 'string' ? since : 'an unknown time';
}

/** Throws `conflict` with code `frozen` where the instance stands still after a restore. */
export async function assertNotFrozen(on: Queryable): Promise<void> {
  const since = await frozenSince(on);
  if (since === null) return;
  throw new UsherError(
    'conflict',
    `This Usher stands still since ${since}, as after a restore: nothing is synced or changed.`,
    {
      code: 'frozen',
      next: 'See that it is the only one that runs on these apps and that what it would carry on is still wanted; then: usher thaw.',
    },
  );
}

/** Has the instance stand still from `since` (ISO 8601, UTC) on; one that stands still already goes on to. */
export async function freeze(on: Queryable, since: string): Promise<void> {
  await setInstanceValueOnce(on, FROZEN, { since });
}

/** Ends the standing still; answers since when it stood still, or null where it did not. */
export async function thaw(on: Queryable): Promise<string | null> {
  const since = await frozenSince(on);
  await on.query('delete from instance where key = $1', [FROZEN]);
  return since;
}
