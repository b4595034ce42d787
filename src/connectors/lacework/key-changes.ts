import { z } from 'zod';
import type { ChangeItem, ConnectorChange, ItemResult, SubjectState } from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import type { Subject } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import type { CredentialRecord } from '../../model/records.ts';
import type { LaceworkClient } from './client.ts';
import type { LaceworkContext, Settings } from './config.ts';
import { apiKeyKey } from './holdings.ts';
import { eachItem } from './memberships.ts';
import { flagOf } from './schemas.ts';
import { clientFor } from './tenant.ts';

/** Names of what a made key is told by: facts for everybody, one secret. */
export const KEY_ID = 'key_id';
export const SECRET = 'secret';

/** One key. */
const keyParams = z.strictObject({ subAccount: z.string(), keyId: z.string() });
export type KeyParams = z.output<typeof keyParams>;

/** `tag` is in the description of the key that is made, so that one whose answer was lost can be told from all others. */
const newKeyParams = z.strictObject({ subAccount: z.string(), description: z.string(), tag: z.string() });
type NewKeyParams = z.output<typeof newKeyParams>;

/**
 * The secret is told once, in the answer. Where that was lost there is a key nobody can use: it is known by its tag, and
 * is deleted before another is made.
 */
export function keyCreation(
  id: string,
  summary: (subject: Subject, params: NewKeyParams) => string,
): ConnectorChange<Settings> {
  return defineChange<Settings, NewKeyParams>({
    id,
    summary,
    params: newKeyParams,
    secrets: [],
    effect: () => 'write',
    endsAccess: false,
    sendsMail: false,
    undo: { isPossible: true, how: 'The new key is deleted again.' },
    wanted: () => false,
    proof: { by: 'made', note: 'The secret is shown to nobody but the one it is handed to.' },
    batchSize: 1,
    inverse(_before, { subAccount }, _subject, made) {
      const keyId = made?.[KEY_ID];
      return typeof keyId === 'string' ? { change: 'delete_api_key', params: { subAccount, keyId } } : null;
    },
    call: (context, items) =>
      eachItem(context, items, async ({ before, params: { subAccount, description, tag } }) => {
        const client = clientFor(context, { name: subAccount });
        for (const orphan of orphansOf(before, tag)) await deleteKey(client, orphan);
        const row = await refusedAtLimit(() =>
          client.one({
            method: 'POST',
            path: 'ApiKeys',
            json: { enabled: 1, props: { description: `${description} [${tag}]` } },
          }),
        );
        const { keyId, secret } = row;
        if (typeof keyId !== 'string' || typeof secret !== 'string' || keyId === '' || secret === '') {
          throw new UsherError('upstreamBug', 'Lacework made an API key without telling its id and secret.', {
            code: 'unexpectedShape',
            next: `Nobody can use it: look for the key with ${tag} in its description and delete it.`,
          });
        }
        return {
          kind: 'taken',
          made: { facts: { [KEY_ID]: keyId, sub_account: subAccount }, secrets: { [SECRET]: secret } },
        };
      }),
  });
}

/** 20 keys a user (administration guide, "API keys"). The list tells no owners, so that only the app can count them. */
async function refusedAtLimit<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (thrown) {
    const isRefused = thrown instanceof UsherError && ['invalidInput', 'alreadyExists'].includes(thrown.kind);
    if (!isRefused) throw thrown;
    throw new UsherError('conflict', thrown.message, {
      code: 'keyRefused',
      next: 'A user can have 20 API keys: if the owner of this connection has as many, delete one that nobody needs.',
    });
  }
}

function orphansOf({ credentials = [] }: SubjectState, tag: string): readonly string[] {
  return credentials.flatMap(({ extra }) => {
    const { key_id: keyId, description } = extra;
    const isOurs = typeof description === 'string' && description.includes(`[${tag}]`);
    return isOurs && typeof keyId === 'string' ? [keyId] : [];
  });
}

/** A key that the connection signs in with must not be taken from it. */
function refuseOwn(context: LaceworkContext, keyId: string): void {
  if (context.settings.keyId !== keyId) return;
  throw new UsherError('guarded', `API key ${keyId} is the one this connection signs in with; nothing was called.`, {
    code: 'ownCredential',
    next: 'Rotate it (lacework_rotate_api_key), or give the connection another key first.',
  });
}

/** By which key a change is made: that of the connection, or the one that was made earlier in the same chain. */
export type With = (context: LaceworkContext, item: ChangeItem<KeyParams>) => LaceworkClient;

const withOwn: With = (context, { params }) => {
  refuseOwn(context, params.keyId);
  return clientFor(context, { name: params.subAccount });
};

function isEnabledOf({ credentials }: SubjectState, { subAccount, keyId }: KeyParams): boolean | null {
  return keyOf(credentials, subAccount, keyId)?.isEnabled ?? null;
}

function keyOf(
  credentials: readonly CredentialRecord[] | undefined,
  subAccount: string,
  keyId: string,
): CredentialRecord | undefined {
  return credentials?.find(({ key }) => key === apiKeyKey(subAccount, keyId));
}

/** Lets a key make tokens, or not any more. */
export function keySwitch(
  id: string,
  isEnabled: boolean,
  by: With,
  summary: (label: string) => string,
): ConnectorChange<Settings> {
  return defineChange<Settings, KeyParams>({
    id,
    // Not the subject: undoing a rotation deletes the new key, in a chain that is about the old one.
    summary: (_subject, { keyId }) => summary(keyId),
    params: keyParams,
    secrets: [],
    effect: () => 'write',
    endsAccess: false,
    sendsMail: false,
    undo: {
      isPossible: true,
      how: isEnabled ? 'Disabling it again.' : 'Enabling it again: the same secret works then.',
    },
    // One that is gone makes no tokens either.
    wanted: (state, params) => state.credentials !== undefined && (isEnabledOf(state, params) ?? false) === isEnabled,
    proof: { by: 'state' },
    batchSize: 1,
    inverse: (before, params) =>
      isEnabledOf(before, params) === !isEnabled
        ? { change: isEnabled ? 'disable_api_key' : 'enable_api_key', params }
        : null,
    call: (context, items) =>
      eachItem(context, items, async (item): Promise<ItemResult> => {
        const client = by(context, item);
        const row = await client.one({
          method: 'PATCH',
          path: `ApiKeys/${encodeURIComponent(item.params.keyId)}`,
          json: { enabled: isEnabled ? 1 : 0 },
        });
        const told = flagOf(row['enabled']);
        if (told === null || told === isEnabled) return { kind: 'taken' };
        throw new UsherError(
          'upstreamBug',
          `Lacework took the change of API key ${item.params.keyId} and shows it unchanged.`,
          {
            code: 'unexpectedShape',
          },
        );
      }),
  });
}

/** Ends a key for good. */
export function keyRemoval(id: string, by: With, summary: (label: string) => string): ConnectorChange<Settings> {
  return defineChange<Settings, KeyParams>({
    id,
    // Not the subject: undoing a rotation deletes the new key, in a chain that is about the old one.
    summary: (_subject, { keyId }) => summary(keyId),
    params: keyParams,
    secrets: [],
    effect: () => 'destructive',
    endsAccess: false,
    sendsMail: false,
    undo: { isPossible: false, how: 'A deleted key does not come back; make a new one.' },
    wanted: ({ credentials }, { subAccount, keyId }) =>
      credentials !== undefined && keyOf(credentials, subAccount, keyId) === undefined,
    proof: { by: 'state' },
    batchSize: 1,
    inverse: () => null,
    call: (context, items) =>
      eachItem(context, items, async (item): Promise<ItemResult> => {
        await deleteKey(by(context, item), item.params.keyId);
        return { kind: 'taken' };
      }),
  });
}

async function deleteKey(client: LaceworkClient, keyId: string): Promise<void> {
  try {
    await client.send({ method: 'DELETE', path: `ApiKeys/${encodeURIComponent(keyId)}` });
  } catch (error) {
    if (!(error instanceof UsherError && error.kind === 'notFound')) throw error;
  }
}

/** Changes of API keys that stand for themselves. */
export const keyChanges: readonly ConnectorChange<Settings>[] = [
  keyCreation('create_api_key', (_subject, { subAccount, description }) => `Make an API key in ${subAccount}: ${description}`),
  keySwitch('enable_api_key', true, (context, { params }) => clientFor(context, { name: params.subAccount }), (label) => `Enable API key ${label}`),
  keySwitch('disable_api_key', false, withOwn, (label) => `Disable API key ${label}: it makes no tokens any more`),
  keyRemoval('delete_api_key', withOwn, (label) => `Delete API key ${label} for good; its tokens end`),
]; // prettier-ignore
