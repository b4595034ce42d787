import type { Adoption } from '../connector-kit/changes.ts';
import type { Connector, ConnectorConfig } from '../connector-kit/connector.ts';
import { UsherError } from '../model/errors.ts';
import type { JsonValue } from '../model/records.ts';
import type { Vault } from '../secrets/vault.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import { connectionById, type StoredConnection, updateConnection } from '../store/connections.ts';
import type { Queryable } from '../store/principals.ts';
import { connectionEntry } from './audit.ts';
import { fieldsOf } from './checks.ts';
import { noSuchConnection } from './errors.ts';
import { changedConfig, keepSecrets, readSecrets } from './stored-config.ts';

/** Where credentials that a change made are to be used. */
export interface Adopting {
  readonly connectionId: string;
  readonly connector: Connector;
  readonly vault: Vault;
}

/** Why a connection cannot go over to these credentials, as a sentence; null: it can. */
export async function adoptionRefusal(on: Queryable, into: Adopting, adoption: Adoption): Promise<string | null> {
  const current = await connectionById(on, into.connectionId);
  if (current === null) return noSuchConnection(into.connectionId).message;
  try {
    await configWith(on, into, current, adoption);
    return null;
  } catch (error) {
    if (error instanceof UsherError) return error.message;
    throw error;
  }
}

/**
 * Puts credentials in the place of those that a connection has, checked as an edit of it is, and tells the audit log their
 * names; in the caller's transaction. Answers what they replaced: what puts it back as it was. Throws what an edit does.
 */
export async function adoptCredentials(
  client: Queryable,
  into: Adopting,
  adoption: Adoption,
  told: { readonly at: string; readonly plan: string; readonly run: string },
): Promise<Adoption> {
  const { connectionId, vault } = into;
  const current = await connectionById(client, connectionId, { lock: true });
  if (current === null) throw noSuchConnection(connectionId);
  const before = await readSecrets(client, vault, connectionId);
  const config = await configWith(client, into, current, adoption);
  const { at, plan, run } = told;
  // Its time tells an edit that is under way that the secrets are others now.
  await updateConnection(client, { ...current, settings: config.settings, lastProbeAt: at, updatedAt: at });
  await keepSecrets(client, vault, connectionId, config.secrets);
  const details = { settings: Object.keys(adoption.settings), secrets: Object.keys(adoption.secrets) };
  await addAuditEntries(client, [{ ...connectionEntry('adopted', connectionId, at, details), plan, run }]);
  return replacedBy(adoption, current.settings, before);
}

function configWith(
  on: Queryable,
  { connectionId, connector, vault }: Adopting,
  current: StoredConnection,
  adoption: Adoption,
): Promise<ConnectorConfig> {
  return changedConfig(current, connector, adoption, () => readSecrets(on, vault, connectionId));
}

/** What was there under the same names. A setting that was not there is taken away again by null. */
function replacedBy(adoption: Adoption, settings: JsonValue, secrets: Readonly<Record<string, string>>): Adoption {
  const had: ReadonlyMap<string, JsonValue> = new Map(
    typeof settings === 'object' && settings !== null ? Object.entries(settings) : [],
  );
  return {
    settings: Object.fromEntries(
      Object.keys(fieldsOf('settings', adoption.settings)).map((name) => [name, had.get(name) ?? null]),
    ),
    secrets: Object.fromEntries(
      Object.keys(fieldsOf('secrets', adoption.secrets)).flatMap((name) => {
        const value = secrets[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  };
}
