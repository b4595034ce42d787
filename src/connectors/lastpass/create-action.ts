import { randomInt } from 'node:crypto';
import { z } from 'zod';
import type { ChangeDraft, WriteAction } from '../../connector-kit/changes.ts';
import { writeAction } from '../../connector-kit/define-change.ts';
import { newAccountSubject } from '../../model/changes.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import { refuseUnknownGroups, unique } from './group-action.ts';
import { isSecretAttribute } from './mapping.ts';
import { refuseRepeated } from './plan-accounts.ts';
import { address, groupName, name } from './write-inputs.ts';

const newUser = z.strictObject({
  email: address.meta({ description: 'The address, by which the user signs in' }),
  full_name: name.optional().meta({ description: 'The full name' }),
  groups: z.array(groupName).max(500).default([]).meta({ description: 'Exact names of groups to be in' }),
  attributes: z
    .record(z.string().min(1).max(255), z.string().max(1000))
    .default({})
    .meta({ description: 'Custom attributes, for example EmployeeNumber; they rest in clear text' }),
  duo_username: name.optional().meta({ description: 'The name at Duo; LastPass takes the address without it' }),
  securid_username: name.optional().meta({ description: 'The name at RSA SecurID' }),
  password: z
    .string()
    .min(8)
    .max(1000)
    .optional()
    .meta({ description: 'A first master password; without it the person chooses one by the mail' }),
  generate_password: z
    .boolean()
    .default(false)
    .meta({ description: 'Make a strong first master password, handed to you once when the account is there' }),
  password_reset_required: z
    .boolean()
    .default(true)
    .meta({ description: 'Have the first master password changed at the first sign-in' }),
});
type NewUserInput = z.output<typeof newUser>;

/** Creates users; `newPassword` makes a master password where one is asked for. */
export function createUsers(newPassword: () => string = strongPassword) {
  const action: WriteAction<typeof input> = writeAction({
    id: 'lastpass_create_users',
    title: 'Create users',
    description:
      'Creates one or many users. Each gets a mail: to activate the account, or an invitation where the person has a LastPass account.',
    effect: 'write',
    input,
    secretInputs: ['users.*.password'],
    async plan({ users, create_groups }, snapshot) {
      const addresses = users.map(({ email }) => email);
      refuseRepeated(addresses, 'users');
      users.forEach(refuseMixedUp);
      const taken = await snapshot.accountsAt(addresses);
      const there = addresses.find((email) => taken.has(fold(email)));
      if (there !== undefined) throw alreadyThere(there, taken.get(fold(there))?.state.account?.status === 'invited');
      if (!create_groups)
        await refuseUnknownGroups(
          snapshot,
          users.flatMap(({ groups }) => groups),
          'users',
        );
      return users.map((user) => draftOf(user, newPassword));
    },
  });
  return action;
}

const input = z.strictObject({
  users: z.array(newUser).min(1).max(10_000).meta({ description: 'One entry a user' }),
  create_groups: z.boolean().default(false).meta({
    description: 'Put them into groups without members too: LastPass makes a group that it does not know',
  }),
});

function draftOf(user: NewUserInput, newPassword: () => string): ChangeDraft {
  const generated = user.generate_password ? newPassword() : undefined;
  const password = user.password ?? generated;
  return {
    change: 'create_user',
    subject: newAccountSubject(user.email, user.full_name ?? null),
    params: {
      ...(user.full_name === undefined ? {} : { fullname: user.full_name }),
      groups: unique(user.groups),
      attribs: user.attributes,
      ...(user.duo_username === undefined ? {} : { duousername: user.duo_username }),
      ...(user.securid_username === undefined ? {} : { securidusername: user.securid_username }),
      hasPassword: password !== undefined,
      passwordResetRequired: user.password_reset_required,
    },
    ...(password === undefined ? {} : { secrets: { password } }),
    ...(generated === undefined ? {} : { handoff: { label: `Master password of ${user.email}`, secret: generated } }),
    before: null,
  };
}

function refuseMixedUp(user: NewUserInput, index: number): void {
  const field = `users.${index}`;
  if (user.password !== undefined && user.generate_password) {
    throw invalidInput(`${field}.generate_password`, 'Give a password, or have one made; not both.');
  }
  const secret = Object.keys(user.attributes).find(isSecretAttribute);
  if (secret === undefined) return;
  throw invalidInput(
    `${field}.attributes`,
    `The attribute ${secret} looks like a secret, and attributes rest in clear text.`,
    'Leave it out; a master password goes into password.',
  );
}

function alreadyThere(email: string, isInvitation: boolean): UsherError {
  if (isInvitation) {
    return new UsherError('alreadyExists', `${email} is invited already.`, {
      field: 'users',
      next: 'Send the invitation again by lastpass_resend_invitation, or withdraw it first.',
    });
  }
  return new UsherError('alreadyExists', `${email} has an account already.`, {
    field: 'users',
    next: 'Change it by lastpass_update_user or lastpass_change_group_members.',
  });
}

/** Letters and digits that are not mistaken for others, and signs that need no escaping anywhere. */
const CLASSES = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz', '23456789', '-_.+='] as const;
const LENGTH = 24;

/** A random password of 24 characters (140 bits), with one of each class at least. */
function strongPassword(): string {
  const all = CLASSES.join('');
  for (;;) {
    const password = Array.from({ length: LENGTH }, () => all.charAt(randomInt(all.length))).join('');
    if (CLASSES.every((signs) => signs.split('').some((sign) => password.includes(sign)))) return password;
  }
}
