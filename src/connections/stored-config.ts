import type { Connector, ConnectorConfig } from '../connector-kit/connector.ts';
import { externalName } from '../connector-kit/field-names.ts';
import { invalidInput, UsherError } from '../model/errors.ts';
import type { SecretPlace, Vault } from '../secrets/vault.ts';
import { secretOwner } from '../store/connection-data.ts';
import type { StoredConnection } from '../store/connections.ts';
import type { Queryable } from '../store/principals.ts';
import { replaceSecrets, secretsOf } from '../store/secrets.ts';
import { fieldsOf, merged } from './checks.ts';

/** Seals the secrets of a connection in the place of those it has; run it in a transaction. */
export async function keepSecrets(
  on: Queryable,
  vault: Vault,
  connectionId: string,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  const sealed = Object.entries(secrets).map(([name, value]) => ({
    name,
    sealed: vault.encrypt(value, placeOf(connectionId, name)),
  }));
  await replaceSecrets(on, secretOwner(connectionId), sealed);
}

/** The secrets of a connection, opened. Throws what the vault throws, naming the connection. */
export async function readSecrets(
  on: Queryable,
  vault: Vault,
  connectionId: string,
): Promise<Readonly<Record<string, string>>> {
  const sealed = await secretsOf(on, secretOwner(connectionId));
  return Object.fromEntries(
    sealed.map((secret) => [secret.name, vault.decrypt(secret.sealed, placeOf(connectionId, secret.name))]),
  );
}

/**
 * The settings and secrets of a connection with a change over them. Secrets that are not given stay, unless the address
 * changes: whoever may edit a connection must not thereby send its secrets to a server of their own.
 */
export async function changedConfig(
  stored: StoredConnection,
  connector: Connector,
  change: { readonly settings?: unknown; readonly secrets?: unknown },
  readStored: () => Promise<Readonly<Record<string, string>>>,
): Promise<ConnectorConfig> {
  const given = fieldsOf('secrets', change.secrets);
  const settings = merged(fieldsOf('settings', stored.settings), fieldsOf('settings', change.settings));
  // When all are given, the old ones are not opened: that is the way out when the master key was lost.
  const isComplete = Object.keys(connector.config.secrets.shape).every(
    (name) => typeof given[externalName(name)] === 'string',
  );
  const config = connector.parse(settings, isComplete ? given : merged(await readStored(), given));
  if (config.baseUrl === baseUrlOf(stored, connector, config)) return config;
  const missing = Object.keys(config.secrets).find((name) => typeof given[name] !== 'string');
  if (missing === undefined) return config;
  throw invalidInput(
    `secrets.${missing}`,
    `The address changes to ${new URL(config.baseUrl).host}: the secrets have to be entered again.`,
    'Give the secrets together with the settings.',
  );
}

/** The address as stored; null where the stored settings no longer fit the connector. */
function baseUrlOf(stored: StoredConnection, connector: Connector, { secrets }: ConnectorConfig): string | null {
  try {
    return connector.parse(stored.settings, secrets).baseUrl;
  } catch (error) {
    if (error instanceof UsherError) return null;
    throw error;
  }
}

function placeOf(connectionId: string, name: string): SecretPlace {
  return { table: 'secret', row: secretOwner(connectionId), column: name };
}
