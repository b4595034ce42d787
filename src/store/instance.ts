import type { JsonValue } from '../model/records.ts';
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
} {
  const asText = (value: JsonValue): string | null => (typeof value === 'string' ? value : null);
  return {
    load: async () => asText(await instanceValue(on, KEY_CHECK)),
    saveFirst: async (check) => asText(await setInstanceValueOnce(on, KEY_CHECK, check)) ?? check,
  };
}
