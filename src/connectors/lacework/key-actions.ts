import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ChangeDraft, PlanSnapshot, WriteAction } from '../../connector-kit/changes.ts';
import { writeAction } from '../../connector-kit/define-change.ts';
import type { Subject } from '../../model/changes.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import type { CredentialRecord } from '../../model/records.ts';
import { homeAccount, type Settings } from './config.ts';
import { apiKeyKey, apiKeyOf } from './holdings.ts';
import { SECRET } from './key-changes.ts';
import { modelsIn } from './plan-people.ts';

const key = z.string().trim().min(3).max(300).meta({
  description: 'The id of the key, or <sub-account>/<id> as lacework_list_api_keys shows it',
});
const description = z.string().trim().min(1).max(200).meta({
  description: 'What it is for and whose it is: Lacework tells neither owner nor age of a key',
});
/** The longest life of a token (API reference): what was made with the old key may work as long. */
const TOKEN_HOURS = 24;

const createInput = z.strictObject({
  description,
  sub_account: z.string().min(1).optional().meta({ description: 'Default: the account of the key' }),
});
const createKey = writeAction<typeof createInput, Settings>({
  id: 'lacework_create_api_key',
  title: 'Create an API key',
  description:
    'Makes a key that acts with the rights of the owner of this connection. The secret is handed over once, to whoever asks for it.',
  effect: 'write',
  input: createInput,
  async plan(input, snapshot, settings) {
    const subAccount = await accountFor(snapshot, settings, input.sub_account);
    const tag = newTag();
    return [
      {
        change: 'create_api_key',
        subject: { kind: 'credential', key: `new:${apiKeyKey(subAccount, tag)}`, email: null, name: input.description },
        params: { subAccount, description: input.description, tag },
        handoff: { label: `Secret of the API key "${input.description}"`, made: SECRET },
        before: null,
      },
    ];
  },
});

const keyInput = z.strictObject({ key });

function keyAction(
  verb: 'enable' | 'disable' | 'delete',
  texts: { readonly title: string; readonly description: string },
): WriteAction<z.ZodObject, Settings> {
  return writeAction<typeof keyInput, Settings>({
    id: `lacework_${verb}_api_key`,
    ...texts,
    effect: verb === 'delete' ? 'destructive' : 'write',
    input: keyInput,
    async plan(input, snapshot, settings) {
      const found = await keyOf(snapshot, input.key);
      if (verb !== 'enable' && found.keyId === settings.keyId) throw ownKey(found.keyId);
      return [draft(`${verb}_api_key`, found)];
    },
  });
}

const rotateInput = z.strictObject({
  key: key.optional().meta({ description: 'The key to rotate; default: the one this connection signs in with' }),
  wait_hours: z.number().min(0).max(720).default(TOKEN_HOURS).meta({
    description:
      'Between disabling the old key and deleting it, which ends its tokens: those made before may live for 24 hours, so give less only where the key has leaked',
  }),
  description: description.optional(),
});
const rotateKey = writeAction<typeof rotateInput, Settings>({
  id: 'lacework_rotate_api_key',
  title: 'Rotate an API key',
  description:
    'Makes a new key, proves that it signs in, hands it over (the connection takes its own), disables the old one by the new one, waits, and deletes it. It can be taken back until the end. Whosever the old key is, the new one acts with the rights of the owner of this connection. Where the tenant has no endpoint for keys, a person makes the key in the console and Usher proves it.',
  effect: 'destructive',
  input: rotateInput,
  async plan(input, snapshot, settings) {
    const known = await snapshot.credentials(null);
    if (!known.some(({ type }) => type === 'api_key')) return byHand(settings, input.key);
    const found = await keyOf(snapshot, input.key ?? settings.keyId);
    const { subAccount, keyId, credential } = found;
    const isOwn = keyId === settings.keyId;
    const what = input.description ?? nameWithoutTag(credential);
    const step = (change: string, params: ChangeDraft['params'], more: Partial<ChangeDraft> = {}): ChangeDraft => ({
      change, params, subject: found.subject, before: found.before, follows: true, ...more,
    }); // prettier-ignore
    const { follows: _, ...first } = step('create_successor_key', { subAccount, description: what, tag: newTag() });
    const task = `Put the new key wherever ${keyId} is used (usher secret list shows what is there to be taken, once), then say so. It acts with the rights of the owner of this connection.`;
    return [
      isOwn ? first : { ...first, handoff: { label: `Secret of the key that follows ${keyId}`, made: SECRET } },
      step('prove_api_key', { subAccount }),
      ...(isOwn ? [step('adopt_api_key', { subAccount })] : []),
      step('disable_old_key', { subAccount, keyId }, isOwn ? {} : { hold: { kind: 'task', task } }),
      step('delete_old_key', { subAccount, keyId }, {
        hold: { kind: 'wait', seconds: Math.round(input.wait_hours * 3600), why: 'tokens made with the old key may still be in use' },
      }),
    ]; // prettier-ignore
  },
});

/**
 * The endpoint for keys is told by the guide alone; in a tenant without it keys are made in the console, by a person, and
 * Usher proves what it can: that the connection signs in by another key.
 */
function byHand(settings: Settings, asked: string | undefined): readonly ChangeDraft[] {
  const keyId = asked === undefined ? settings.keyId : (apiKeyOf(asked)?.keyId ?? asked);
  if (keyId !== settings.keyId) {
    throw new UsherError('unsupported', `This tenant has no API for API keys, so that Usher cannot see ${keyId}.`, {
      field: 'key',
      next: 'Rotate it in the Lacework console, under Settings > API keys: make a new key, put it wherever the old one is used, disable the old one, and delete it a day later. Of its own key, Usher guides the rotation.',
    });
  }
  const subject: Subject = {
    kind: 'credential',
    key: apiKeyKey(homeAccount(settings), keyId),
    email: null,
    name: keyId,
  };
  const task = (text: string): Pick<ChangeDraft, 'hold'> => ({ hold: { kind: 'task', task: text } });
  return [
    {
      change: 'prove_key_by_hand', subject, params: { keyId }, before: null,
      ...task('This tenant has no API for API keys. In the Lacework console, under Settings > API keys: make a new key as the same user who owns the old one, and download it. Give this connection its keyId and secret (usher connections edit {connection} --key-id ID --new-secret asks for the secret). Leave the old key enabled. Then say so.'),
    },
    {
      change: 'retire_key_by_hand', subject, params: { keyId }, before: null, follows: true,
      ...task(`The connection signs in with the new key. In the Lacework console, under Settings > API keys: disable ${keyId}; if nothing has missed it a day later, delete it. Then say so.`),
    },
  ]; // prettier-ignore
}

interface FoundKey {
  readonly subAccount: string;
  readonly keyId: string;
  readonly credential: CredentialRecord;
  readonly subject: Subject;
  readonly before: NonNullable<ChangeDraft['before']>;
}

/** The key behind an id; throws `notFound`, and `conflict` where several sub-accounts have one of that id. */
async function keyOf(snapshot: PlanSnapshot, reference: string): Promise<FoundKey> {
  const all = (await snapshot.credentials(null)).filter(({ type }) => type === 'api_key');
  const found = all.filter((each) => each.key === reference || apiKeyOf(each.key)?.keyId === reference);
  const [credential, ...others] = found;
  const parts = credential === undefined ? null : apiKeyOf(credential.key);
  if (credential === undefined || parts === null) {
    throw new UsherError('notFound', `Lacework has no API key ${reference}.`, {
      field: 'key',
      next:
        all.length === 0
          ? 'No keys are known of this tenant: sync first; where it has no API for keys, they are managed in the console.'
          : 'See lacework_list_api_keys; sync the connection if it is new.',
    });
  }
  if (others.length > 0) {
    throw new UsherError('conflict', `Several sub-accounts have an API key ${reference}.`, {
      field: 'key',
      next: `Name one: ${found.map((each) => each.key).join(', ')}.`,
    });
  }
  const subject: Subject = { kind: 'credential', key: credential.key, email: null, name: parts.keyId };
  return { ...parts, credential, subject, before: { account: null, grants: [], credentials: [credential] } };
}

function draft(change: string, { subAccount, keyId, subject, before }: FoundKey): ChangeDraft {
  return { change, subject, params: { subAccount, keyId }, before };
}

async function accountFor(snapshot: PlanSnapshot, settings: Settings, given: string | undefined): Promise<string> {
  const name = given?.trim().toLowerCase() ?? settings.subAccount ?? homeAccount(settings);
  const models = await modelsIn(snapshot);
  if (models.size === 0 || models.has(name)) return name;
  throw invalidInput(
    'sub_account',
    `There is no sub-account ${name}.`,
    `There are: ${[...models.keys()].sort().join(', ')}.`,
  );
}

function ownKey(keyId: string): UsherError {
  return new UsherError('guarded', `API key ${keyId} is the one this connection signs in with.`, {
    code: 'ownCredential',
    next: 'Rotate it (lacework_rotate_api_key), or give the connection another key first.',
  });
}

/** In the description of a made key: not to be guessed, not to be met twice. */
function newTag(): string {
  return `usher-${randomBytes(6).toString('hex')}`;
}

function nameWithoutTag({ name }: CredentialRecord): string {
  return name.replaceAll(/\s*\[usher-[0-9a-f]{12}\]/g, '').slice(0, 200) || 'API key';
}

/** What can be done to API keys. */
export const keyActions: readonly WriteAction<z.ZodObject, Settings>[] = [
  createKey,
  keyAction('enable', { title: 'Enable an API key', description: 'Lets a disabled key make tokens again.' }),
  keyAction('disable', {
    title: 'Disable an API key',
    description: 'It makes no tokens any more. Tokens made before may work until they expire, a day at most.',
  }),
  keyAction('delete', { title: 'Delete an API key', description: 'It is gone for good, and its tokens with it.' }),
  rotateKey,
];
