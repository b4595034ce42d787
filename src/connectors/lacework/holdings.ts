import { createHash } from 'node:crypto';
import type { Collection, CollectionEnd, CollectionPage } from '../../connector-kit/connector.ts';
import { watchShape } from '../../connector-kit/drift.ts';
import type { FieldShape } from '../../connector-kit/drift.ts';
import { isObject } from '../../connector-kit/json.ts';
import { UsherError } from '../../model/errors.ts';
import type { AnyRecord, CredentialRecord, Extra, JsonValue, ResourceRecord } from '../../model/records.ts';
import type { LaceworkClient, Row } from './client.ts';
import type { LaceworkContext, Settings } from './config.ts';
import { scopesOf, unknownScope } from './collections.ts';
import { RESOURCE_GROUP } from './mapping.ts';
import { AGENT_TOKEN_SHAPE, API_KEY_SHAPE, flagOf, RESOURCE_GROUP_SHAPE, timeOf } from './schemas.ts';
import { clientFor, reachableSubAccounts } from './tenant.ts';

/** Resource groups of each sub-account: what user groups may be limited to, which the API does not tell. */
export const resourceGroupCollection: Collection<Settings> = {
  id: 'resource_groups',
  title: 'Resource groups of each sub-account',
  yields: ['resource'],
  scopes: scopesOf,
  pull: (context, scope) =>
    pullList(context, scope, {
      path: 'ResourceGroups',
      shape: RESOURCE_GROUP_SHAPE,
      map: (row) => toResourceGroup(scope, row),
    }),
};

/** API keys of each sub-account, where the tenant can tell them; whom they belong to is not told. */
export const apiKeyCollection: Collection<Settings> = {
  id: 'api_keys',
  title: 'API keys of each sub-account',
  yields: ['credential'],
  scopes: scopesOf,
  pull: (context, scope) =>
    pullList(context, scope, {
      path: 'ApiKeys',
      shape: API_KEY_SHAPE,
      map: (row) => toApiKey(scope, row),
      absent: 'This tenant has no API for API keys: they are managed in the console alone.',
    }),
};

/** Tokens that agents on machines report with. */
export const agentTokenCollection: Collection<Settings> = {
  id: 'agent_tokens',
  title: 'Agent access tokens of each sub-account',
  yields: ['credential'],
  scopes: scopesOf,
  pull: (context, scope) =>
    pullList(context, scope, {
      path: 'AgentAccessTokens',
      shape: AGENT_TOKEN_SHAPE,
      map: (row) => toAgentToken(scope, row),
      absent: 'This tenant does not show agent access tokens.',
    }),
};

interface ListOptions {
  readonly path: string;
  readonly shape: Readonly<Record<string, FieldShape>>;
  readonly map: (row: Row) => AnyRecord;
  /** The reason of the end where the tenant has no such part of the API; absent: that is an error. */
  readonly absent?: string;
}

/** One list of one sub-account: a call, and a page a batch of its answer. */
async function* pullList(
  context: LaceworkContext,
  scope: string,
  options: ListOptions,
): AsyncGenerator<CollectionPage, CollectionEnd, void> {
  const account = (await reachableSubAccounts(context)).find(({ name }) => name === scope);
  if (account === undefined) throw unknownScope(scope);
  const watch = watchShape(context.drift, { operation: `GET ${options.path}`, path: 'data.*' }, options.shape);
  const observedAt = context.clock.now().toISOString();
  try {
    for await (const batch of clientFor(context, account).rows({ method: 'GET', path: options.path })) {
      for (const { value } of batch) watch.observe(value);
      yield { records: batch.map(({ value }) => options.map(value)), observedAt, checkpoint: null, total: null };
    }
  } catch (error) {
    const { absent } = options;
    if (absent === undefined || !isAbsent(error)) throw error;
    return { isComplete: false, reason: absent };
  }
  return { isComplete: true };
}

/** Whether the tenant has no such part of the API at all. */
export function isAbsent(error: unknown): boolean {
  return error instanceof UsherError && (error.details.code === 'noSuchEndpoint' || error.kind === 'notFound');
}

/** All API keys of one account, as they came but without secrets. Throws `unsupported` where the tenant has no such list. */
export async function listApiKeys(client: LaceworkClient): Promise<readonly Row[]> {
  const rows = await client.list({ method: 'GET', path: 'ApiKeys' });
  return rows.map(withoutSecret);
}

/** A resource group in either of its two shapes. */
export function toResourceGroup(subAccount: string, row: Row): ResourceRecord {
  const guid = textOf(row['resourceGroupGuid']) ?? textOf(row['resourceGuid']) ?? textOf(row['guid']);
  if (guid === null) throw unreadable('ResourceGroups', 'resourceGroupGuid');
  const props = isObject(row['props']) ? row['props'] : {};
  const isDefault = flagOf(row['isDefaultBoolean'] ?? row['isDefault']);
  const isEnabled = flagOf(row['enabled']);
  const extra: Record<string, JsonValue> = { sub_account: subAccount, guid };
  const description = textOf(row['description']) ?? textOf(props['description']);
  if (description !== null) extra['description'] = description;
  if (isEnabled !== null) extra['enabled'] = isEnabled;
  if (isDefault !== null) extra['is_default'] = isDefault;
  const covers = textOf(row['resourceType']);
  if (covers !== null) extra['covers'] = covers.toLowerCase();
  return {
    kind: 'resource',
    key: `${subAccount}/${guid}`,
    type: RESOURCE_GROUP,
    name: textOf(row['name']) ?? textOf(row['resourceName']) ?? guid,
    extra,
    volatile: { extra: updatedOf(timeOf(row['updatedTime'] ?? props['lastUpdated'])) },
    raw: row,
  };
}

/**
 * An API key. Neither owner nor age are told (the guide has `keyId`, `enabled` and `props.description`), so none is
 * claimed: who a key is for, people write into its description.
 */
export function toApiKey(subAccount: string, row: Row): CredentialRecord {
  const keyId = textOf(row['keyId']);
  if (keyId === null) throw unreadable('ApiKeys', 'keyId');
  const isEnabled = flagOf(row['enabled']);
  if (isEnabled === null) throw unreadable('ApiKeys', 'enabled');
  const description = descriptionOf(row);
  return {
    kind: 'credential',
    key: apiKeyKey(subAccount, keyId),
    type: 'api_key',
    name: description ?? keyId,
    ownerKey: null,
    isEnabled,
    createdAt: null,
    expiresAt: null,
    extra: { sub_account: subAccount, key_id: keyId, ...(description === null ? {} : { description }) },
    volatile: { lastUsedAt: null, extra: {} },
    raw: withoutSecret(row),
  };
}

/** The record key of an API key: a key belongs to one account. */
export function apiKeyKey(subAccount: string, keyId: string): string {
  return `${subAccount}/${keyId}`;
}

/** Sub-account and key id of an API key's record key; null where it is none. */
export function apiKeyOf(key: string): { readonly subAccount: string; readonly keyId: string } | null {
  const at = key.indexOf('/');
  return at <= 0 || key.includes('/agent:') ? null : { subAccount: key.slice(0, at), keyId: key.slice(at + 1) };
}

/** An agent token. Its id is the token itself, which is a secret: it is known by its digest here. */
export function toAgentToken(subAccount: string, row: Row): CredentialRecord {
  const token = textOf(row['accessToken']);
  if (token === null) throw unreadable('AgentAccessTokens', 'accessToken');
  const props = isObject(row['props']) ? row['props'] : {};
  const digest = createHash('sha256').update(token).digest('hex').slice(0, 16);
  const description = textOf(props['description']);
  const os = textOf(props['os']);
  return {
    kind: 'credential',
    key: `${subAccount}/agent:${digest}`,
    type: 'agent_token',
    name: textOf(row['tokenAlias']) ?? description ?? `agent token ${digest}`,
    ownerKey: null,
    isEnabled: flagOf(row['tokenEnabled']),
    createdAt: timeOf(row['createdTime']) ?? timeOf(props['createdTime']),
    expiresAt: null,
    extra: {
      sub_account: subAccount,
      ...(description === null ? {} : { description }),
      ...(os === null ? {} : { os }),
    },
    volatile: { lastUsedAt: null, extra: {} },
    raw: withoutSecret(row),
  };
}

/** A row without the fields that hold what signs in. */
export function withoutSecret(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !/^(?:secret|accessToken|token)$/i.test(name)));
}

/** What people call a key. */
export function descriptionOf(row: Row): string | null {
  const props = isObject(row['props']) ? row['props'] : {};
  return textOf(props['description']) ?? textOf(row['description']);
}

function updatedOf(time: string | null): Extra {
  return time === null ? {} : { updated_at: time };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

function unreadable(list: string, field: string): UsherError {
  return new UsherError('upstreamBug', `Lacework sent a row in ${list} with a field ${field} that makes no sense.`, {
    code: 'unexpectedShape',
    next: 'Nothing was concluded from this answer. Try again; if it stays so, report it with the name of the field.',
  });
}
