import { z } from 'zod';
import type { ChangeItem, ConnectorChange, ItemResult, SubjectState } from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import type { Subject } from '../../model/changes.ts';
import { subjectLabel } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import type { CredentialRecord } from '../../model/records.ts';
import type { LaceworkClient } from './client.ts';
import type { LaceworkContext, Settings } from './config.ts';
import { apiKeyKey } from './holdings.ts';
import { eachItem } from './memberships.ts';
import { flagOf } from './schemas.ts';
import { clientFor, getProfile } from './tenant.ts';

/** Names of what a made key is told by: facts for everybody, one secret. */
const KEY_ID = 'key_id';
export const SECRET = 'secret';

const keyParams = z.strictObject({ subAccount: z.string(), keyId: z.string() });
type KeyParams = z.output<typeof keyParams>;

/** `tag` is in the description of the key that is made, so that one whose answer was lost can be told from all others. */
const newKeyParams = z.strictObject({ subAccount: z.string(), description: z.string(), tag: z.string() });
type NewKeyParams = z.output<typeof newKeyParams>;

/**
 * The secret is told once, in the answer. Where that was lost there is a key nobody can use: it is known by its tag, and
 * is deleted before another is made.
 */
function create(id: string, summary: (subject: Subject, params: NewKeyParams) => string): ConnectorChange<Settings> {
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
        const row = await client.one({
          method: 'POST',
          path: 'ApiKeys',
          json: { enabled: 1, props: { description: `${description} [${tag}]` } },
        });
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
type With = (context: LaceworkContext, item: ChangeItem<KeyParams>) => LaceworkClient;

const withOwn: With = (context, { params }) => {
  refuseOwn(context, params.keyId);
  return clientFor(context, { name: params.subAccount });
};

const withSuccessor: With = (context, item) => {
  const { keyId, secret } = successorOf(item);
  return clientFor(context, { name: item.params.subAccount }).withKey({ keyId, secret });
};

function successorOf({ earlier = [], subject }: Pick<ChangeItem<unknown>, 'earlier' | 'subject'>): {
  readonly keyId: string;
  readonly secret: string;
} {
  for (const { facts, secrets } of earlier) {
    const [keyId, secret] = [facts[KEY_ID], secrets[SECRET]];
    if (typeof keyId === 'string' && secret !== undefined) return { keyId, secret };
  }
  throw new UsherError('conflict', `The key that follows ${subjectLabel(subject)} is no longer kept.`, {
    code: 'secretsGone',
    next: 'Undo the run and plan the rotation again.',
  });
}

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

function setEnabled(
  id: string,
  isEnabled: boolean,
  by: With,
  summary: (label: string) => string,
): ConnectorChange<Settings> {
  return defineChange<Settings, KeyParams>({
    id,
    summary: (subject) => summary(subjectLabel(subject)),
    params: keyParams,
    secrets: [],
    effect: () => 'write',
    endsAccess: false,
    sendsMail: false,
    undo: {
      isPossible: true,
      how: isEnabled ? 'Disabling it again.' : 'Enabling it again: the same secret works then.',
    },
    wanted: (state, params) => isEnabledOf(state, params) === isEnabled,
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

function remove(id: string, by: With, summary: (label: string) => string): ConnectorChange<Settings> {
  return defineChange<Settings, KeyParams>({
    id,
    summary: (subject) => summary(subjectLabel(subject)),
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

const noParams = z.strictObject({ subAccount: z.string() });
type NoParams = z.output<typeof noParams>;

/** A token is made with the new key, and used: both have to work before anything is taken from the old one. */
const prove = defineChange<Settings, NoParams>({
  id: 'prove_api_key',
  summary: (subject) => `Sign in with the key that follows ${subjectLabel(subject)}, to see that it works`,
  params: noParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: false, how: 'Nothing was changed.' },
  wanted: () => false,
  proof: { by: 'made', note: 'The new key signs in.' },
  batchSize: 1,
  inverse: () => null,
  call: (context, items) =>
    eachItem(context, items, async (item) => {
      const client = clientFor(context, { name: item.params.subAccount }).withKey(successorOf(item));
      const { username } = await getProfile(client);
      return { kind: 'taken', made: { facts: { proven_for: username }, secrets: {} } };
    }),
});

/** The connection itself signs in with the new key from here on. Nothing is called. */
const adopt = defineChange<Settings, NoParams>({
  id: 'adopt_api_key',
  summary: (subject) => `Let this connection sign in with the key that follows ${subjectLabel(subject)}`,
  params: noParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: true, how: 'The connection gets the key back that it had.' },
  wanted: () => false,
  proof: { by: 'answer', note: 'Usher signs in with it from now on' },
  batchSize: 1,
  inverse: () => null,
  call: (context, items) =>
    eachItem(context, items, async (item) => {
      const { keyId, secret } = successorOf(item);
      return { kind: 'taken', adopts: { settings: { key_id: keyId }, secrets: { secret } } };
    }),
});

/** What a person has done where the tenant has no endpoint for keys. */
const byHand = defineChange<Settings, NoParams>({
  id: 'api_key_by_hand',
  summary: (subject) => `A person makes another key in the place of ${subjectLabel(subject)} in the console`,
  params: noParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: false, how: 'What was done in the console is taken back there.' },
  wanted: () => false,
  proof: { by: 'made', note: 'The credentials of this connection sign in.' },
  batchSize: 1,
  inverse: () => null,
  call: (context, items) =>
    eachItem(context, items, async () => {
      const { username } = await getProfile(clientFor(context, { name: context.settings.account }).withAccount(null));
      return { kind: 'taken', made: { facts: { proven_for: username }, secrets: {} } };
    }),
});

/** Changes of API keys; the last ones are steps of a rotation. */
export const keyChanges: readonly ConnectorChange<Settings>[] = [
  create('create_api_key', (_subject, { subAccount, description }) => `Make an API key in ${subAccount}: ${description}`),
  setEnabled('enable_api_key', true, (context, { params }) => clientFor(context, { name: params.subAccount }), (label) => `Enable API key ${label}`),
  setEnabled('disable_api_key', false, withOwn, (label) => `Disable API key ${label}: it makes no tokens any more`),
  remove('delete_api_key', withOwn, (label) => `Delete API key ${label} for good; its tokens end`),
  create('create_successor_key', (subject, { subAccount }) => `Make the API key that is to follow ${subjectLabel(subject)} in ${subAccount}`),
  prove, adopt, byHand,
  setEnabled('disable_old_key', false, withSuccessor, (label) => `Disable the old API key ${label}, by the new one`),
  remove('delete_old_key', withSuccessor, (label) => `Delete the old API key ${label} for good, by the new one`),
]; // prettier-ignore
