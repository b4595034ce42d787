import { z } from 'zod';
import type { ChangeItem, ConnectorChange, SubjectState } from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import { subjectLabel } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import { addressOf, type Settings } from './change-subject.ts';
import { batchResults, inBatch, oneByOne, settledByReading, switchResults } from './item-results.ts';
import { groupKey } from './mapping.ts';
import { batchAdd, deleteUser, disableUsers, enableUsers } from './write-calls.ts';

const noParams = z.strictObject({});
type NoParams = z.output<typeof noParams>;

const disable = defineChange<Settings, NoParams>({
  id: 'disable_user',
  summary: (subject) => `Disable ${subjectLabel(subject)}: no sign-in; vault, groups and shares are kept`,
  params: noParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: true,
  sendsMail: false,
  undo: { isPossible: true, how: 'Enabling gives the sign-in back as it was.' },
  looksAt: [],
  wanted: ({ account }) => account?.status === 'disabled',
  proof: { by: 'state' },
  batchSize: 100,
  inverse: ({ account }) => (account?.status === 'disabled' ? null : { change: 'enable_user', params: {} }),
  call(context, items) {
    const addresses = items.map(addressOf);
    return settledByReading(
      inBatch(context, addresses, async () => switchResults(await disableUsers(context, addresses), addresses)),
    );
  },
});

const enable = defineChange<Settings, NoParams>({
  id: 'enable_user',
  summary: (subject) => `Enable ${subjectLabel(subject)}: sign-in works again`,
  params: noParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: true, how: 'Disabling blocks the sign-in again.' },
  looksAt: [],
  wanted: ({ account }) => account?.status === 'active' || account?.status === 'pending',
  proof: { by: 'state' },
  batchSize: 100,
  inverse: ({ account }) => (account?.status === 'disabled' ? { change: 'disable_user', params: {} } : null),
  call(context, items) {
    const addresses = items.map(addressOf);
    return settledByReading(
      inBatch(context, addresses, async () => switchResults(await enableUsers(context, addresses), addresses)),
    );
  },
});

type EndMode = 'remove' | 'delete' | 'uninvite';

/** `deluser`; who is gone already is told as unknown, so that answer is settled by reading. */
function end(
  mode: EndMode,
  texts: { summary(label: string): string; readonly how: string },
): ConnectorChange<Settings> {
  return defineChange<Settings, NoParams>({
    id: `${mode}_user`,
    summary: (subject) => texts.summary(subjectLabel(subject)),
    params: noParams,
    secrets: [],
    effect: () => 'destructive',
    endsAccess: mode !== 'uninvite',
    sendsMail: false,
    undo: { isPossible: false, how: texts.how },
    looksAt: [],
    wanted: ({ account }) => account === null,
    proof: { by: 'state' },
    batchSize: 1,
    inverse: () => null,
    call: (context, items) =>
      settledByReading(
        oneByOne(context, items, (item) => deleteUser(context, addressOf(item), mode)),
        ['notFound', 'conflict'],
      ),
  });
}

const ends = [
  end('remove', {
    summary: (label) => `Remove ${label} from the company: the account becomes a personal one with its vault`,
    how: 'The person can be invited again, and has to accept; groups and shares come back by hand.',
  }),
  end('delete', {
    summary: (label) => `Delete ${label} and the vault for good`,
    how: 'LastPass keeps nothing of a deleted account.',
  }),
  end('uninvite', {
    summary: (label) => `Withdraw the invitation of ${label}`,
    how: 'A new invitation can be made, which sends a new mail.',
  }),
];

/** What is known of an account to be made; the password comes as a secret. */
const newUserParams = z.strictObject({
  fullname: z.string().optional(),
  groups: z.array(z.string()),
  attribs: z.record(z.string(), z.string()),
  duousername: z.string().optional(),
  securidusername: z.string().optional(),
  hasPassword: z.boolean(),
  passwordResetRequired: z.boolean(),
});
type NewUserParams = z.output<typeof newUserParams>;

const create = defineChange<Settings, NewUserParams>({
  id: 'create_user',
  summary(subject, { groups, hasPassword }) {
    const into = groups.length === 0 ? '' : ` in ${groups.join(', ')}`;
    const how = hasPassword ? ' with a master password that is set' : '';
    return `Create ${subjectLabel(subject)}${into}${how}; a mail goes out (an invitation, if the person has a LastPass account)`;
  },
  params: newUserParams,
  secrets: ['password'],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: true,
  undo: {
    isPossible: false,
    how: 'The mail is out. End the account by lastpass_delete_user: uninvite while it is an invitation, else remove or delete.',
  },
  wanted: isCreated,
  proof: { by: 'state' },
  batchSize: 50,
  inverse: () => null,
  call(context, items) {
    const addresses = items.map(addressOf);
    const users = items.map((item, index) => ({
      username: addresses[index] ?? '',
      fullname: item.params.fullname,
      ...(item.params.groups.length > 0 && { groups: item.params.groups }),
      ...(Object.keys(item.params.attribs).length > 0 && { attribs: item.params.attribs }),
      duousername: item.params.duousername,
      securidusername: item.params.securidusername,
      ...passwordOf(item),
    }));
    return inBatch(context, addresses, async () => batchResults(await batchAdd(context, users), addresses));
  },
});

/** An invitation shows no groups until it is accepted. */
function isCreated({ account, grants }: SubjectState, { groups }: NewUserParams): boolean {
  if (account === null) return false;
  if (account.status === 'invited') return true;
  const held = new Set(grants.filter(({ targetKind }) => targetKind === 'group').map(({ targetKey }) => targetKey));
  return groups.every((group) => held.has(groupKey(group)));
}

function passwordOf({ subject, params, secrets }: ChangeItem<NewUserParams>): {
  readonly password?: string;
  readonly password_reset_required?: boolean;
} {
  if (!params.hasPassword) return {};
  const password = secrets['password'];
  if (password !== undefined) return { password, password_reset_required: params.passwordResetRequired };
  throw new UsherError(
    'conflict',
    `The master password for ${subjectLabel(subject)} is no longer kept: nothing was sent.`,
    {
      code: 'secretGone',
      next: 'Make the plan again with a password.',
    },
  );
}

/** Changes that make an account, end it, or block and unblock its sign-in. */
export const accountChanges: readonly ConnectorChange<Settings>[] = [disable, enable, ...ends, create];
