import { z } from 'zod';
import type { ChangeItem, ConnectorChange, ItemResult } from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import { subjectLabel } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import { clientOf } from './client.ts';
import type { LaceworkContext, Settings } from './config.ts';
import { KEY_ID, keyCreation, keyRemoval, keySwitch, SECRET, type With } from './key-changes.ts';
import { eachItem } from './memberships.ts';
import { clientFor, getProfile } from './tenant.ts';

/** By the key that was made earlier in the chain: the old one may be the connection's own. */
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
      const client = await clientFor(context, { name: item.params.subAccount }).signedIn(successorOf(item));
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
  // Safe to be said again: nothing is called.
  proof: { by: 'made', note: 'Usher signs in with it from now on.' },
  batchSize: 1,
  inverse: () => null,
  call: (context, items) =>
    eachItem(context, items, async (item) => {
      const { keyId, secret } = successorOf(item);
      return { kind: 'taken', adopts: { settings: { key_id: keyId }, secrets: { secret } } };
    }),
});

const oldKeyParams = z.strictObject({ keyId: z.string() });
type OldKeyParams = z.output<typeof oldKeyParams>;

/** After a person has made a key in the console, where the tenant has no endpoint for keys: the connection must use it. */
const proveByHand = defineChange<Settings, OldKeyParams>({
  id: 'prove_key_by_hand',
  summary: (_subject, { keyId }) =>
    `Sign in with the key that a person has made in the place of ${keyId}, to see that it works`,
  params: oldKeyParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: false, how: 'What was done in the console is taken back there.' },
  wanted: () => false,
  proof: { by: 'made', note: 'The connection signs in with a key that is not the old one.' },
  batchSize: 1,
  inverse: () => null,
  call: (context, items) =>
    eachItem(context, items, async ({ params: { keyId } }) => {
      if (context.settings.keyId === keyId) {
        throw new UsherError('conflict', `This connection still signs in with API key ${keyId}; nothing was called.`, {
          code: 'oldKeyInUse',
          next: `Give it the new one (usher connections edit ${context.connectionId} --key-id ID --new-secret), then retry the run.`,
        });
      }
      return signsIn(context);
    }),
});

/** After a person has put the old key away in the console. */
const retireByHand = defineChange<Settings, OldKeyParams>({
  id: 'retire_key_by_hand',
  summary: (_subject, { keyId }) => `See that the connection signs in without the old key ${keyId}`,
  params: oldKeyParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: false, how: 'What was done in the console is taken back there.' },
  wanted: () => false,
  proof: { by: 'made', note: 'The connection signs in; that the old key is gone, a person has said.' },
  batchSize: 1,
  inverse: () => null,
  call: (context, items) => eachItem(context, items, () => signsIn(context)),
});

/** A token made anew, and used. */
async function signsIn(context: LaceworkContext): Promise<ItemResult> {
  const { keyId, secret } = context.settings;
  const { username } = await getProfile(await clientOf(context).withAccount(null).signedIn({ keyId, secret }));
  return { kind: 'taken', made: { facts: { proven_for: username }, secrets: {} } };
}

/** The steps of a rotation. */
export const rotationChanges: readonly ConnectorChange<Settings>[] = [
  keyCreation('create_successor_key', (subject, { subAccount }) => `Make the API key that is to follow ${subjectLabel(subject)} in ${subAccount}`),
  prove, adopt,
  keySwitch('disable_old_key', false, withSuccessor, (label) => `Disable the old API key ${label}, by the new one`),
  keyRemoval('delete_old_key', withSuccessor, (label) => `Delete the old API key ${label} for good, by the new one`),
  proveByHand, retireByHand,
]; // prettier-ignore
