import { z } from 'zod';
import type { PlanSnapshot, WriteAction } from '../../connector-kit/changes.ts';
import { writeAction } from '../../connector-kit/define-change.ts';
import { draft, type PlannedAccount } from '../../connector-kit/plan-accounts.ts';
import { subjectLabel } from '../../model/changes.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import { createUsers } from './create-action.ts';
import { changeGroupMembers } from './group-action.ts';
import {
  accountOf,
  accountsOf,
  endOf,
  refuseInvitation,
  refuseUnlessActivated,
  refuseUnlessInvitable,
} from './plan-accounts.ts';
import { pushSites } from './push-action.ts';
import { address, name, reference } from './write-inputs.ts';

const user = reference.meta({ description: 'Address, numeric id or composite id of the user' });
const mode = z.enum(['disable', 'remove', 'delete', 'uninvite']).meta({
  description:
    'disable: no sign-in, everything kept. remove: out of the company, the account becomes a personal one. delete: account and vault gone for good. uninvite: withdraw an invitation',
});

const updateUser = writeAction({
  id: 'lastpass_update_user',
  title: "Update a user's names",
  description: 'Changes the full name, Duo name or SecurID name. Rights, groups and the address it cannot change.',
  effect: 'write',
  input: z.strictObject({
    user,
    full_name: name.optional().meta({ description: 'The full name' }),
    duo_username: name.optional().meta({ description: 'The name at Duo' }),
    securid_username: name.optional().meta({ description: 'The name at RSA SecurID; the API never shows it' }),
  }),
  async plan({ user: given, full_name, duo_username, securid_username }, snapshot) {
    if (full_name === undefined && duo_username === undefined && securid_username === undefined) {
      throw invalidInput(
        'full_name',
        'There is nothing to change.',
        'Give full_name, duo_username or securid_username.',
      );
    }
    const known = await accountOf(snapshot, given, 'user');
    refuseInvitation(known, 'a name');
    const names = {
      ...(full_name === undefined ? {} : { fullname: full_name }),
      ...(duo_username === undefined ? {} : { duousername: duo_username }),
    };
    return [
      ...(Object.keys(names).length === 0 ? [] : [draft('update_names', known, names)]),
      ...(securid_username === undefined
        ? []
        : [draft('update_securid_name', known, { securidusername: securid_username })]),
    ];
  },
});

const deleteUser = writeAction({
  id: 'lastpass_delete_user',
  title: 'Disable, remove, delete or uninvite a user',
  description: 'Ends the access of one user, in the way that mode says. There is no default.',
  effect: 'destructive',
  input: z.strictObject({ user, mode }),
  plan: async (input, snapshot) => [endOf(await accountOf(snapshot, input.user, 'user'), input.mode)],
});

const deleteUsers = writeAction({
  id: 'lastpass_delete_users',
  title: 'Disable, remove, delete or uninvite many users',
  description:
    'Ends the access of each of these users in the same way. LastPass has no command for many but to disable: each is a call and a result of its own, and what is done stays done if another fails.',
  effect: 'destructive',
  input: z.strictObject({
    users: z.array(reference).min(1).max(10_000).meta({ description: 'Addresses, numeric ids or composite ids' }),
    mode,
  }),
  async plan(input, snapshot) {
    const known = await accountsOf(snapshot, input.users, 'users');
    return known.map((each) => endOf(each, input.mode));
  },
});

/** One user, or many at once: LastPass has commands for both that take lists. */
const oneOrMany = z.strictObject({
  user: user.optional(),
  users: z.array(reference).min(1).max(10_000).optional().meta({ description: 'Many users instead of one' }),
});

function chosen(input: z.output<typeof oneOrMany>, snapshot: PlanSnapshot): Promise<readonly PlannedAccount[]> {
  if (input.user !== undefined && input.users !== undefined) {
    throw invalidInput('users', 'Give user or users, not both.');
  }
  if (input.users !== undefined) return accountsOf(snapshot, input.users, 'users');
  if (input.user !== undefined) return accountsOf(snapshot, [input.user], 'user');
  throw invalidInput('user', 'user is missing.', 'Give user, or users for many.');
}

const disableUser = writeAction({
  id: 'lastpass_disable_user',
  title: 'Disable a user, keep the vault',
  description:
    'Blocks the sign-in of a user, or of many. Vault, groups and shares are kept; lastpass_enable_user takes it back.',
  effect: 'write',
  input: oneOrMany,
  plan: async (input, snapshot) => (await chosen(input, snapshot)).map((known) => endOf(known, 'disable')),
});

const enableUser = writeAction({
  id: 'lastpass_enable_user',
  title: 'Enable a disabled user',
  description: 'Lets a disabled user, or many, sign in again, with the vault and groups of before.',
  effect: 'write',
  input: oneOrMany,
  async plan(input, snapshot) {
    const known = await chosen(input, snapshot);
    for (const each of known) refuseInvitation(each, 'enabling');
    return known.map((each) => draft('enable_user', each));
  },
});

const resendInvitation = writeAction({
  id: 'lastpass_resend_invitation',
  title: 'Send an invitation again',
  description: 'Sends one more mail to somebody who was invited, or created, and has not signed in yet.',
  effect: 'write',
  input: z.strictObject({ user }),
  async plan(input, snapshot) {
    const known = await accountOf(snapshot, input.user, 'user');
    refuseUnlessInvitable(known);
    return [draft('resend_invitation', known)];
  },
});

const disableMultifactor = writeAction({
  id: 'lastpass_disable_multifactor',
  title: 'Disable multifactor authentication',
  description:
    'Takes the second factor away from a user, who lost it: until a new one is set up the password is enough.',
  effect: 'destructive',
  input: z.strictObject({ user }),
  async plan(input, snapshot) {
    const known = await accountOf(snapshot, input.user, 'user');
    refuseInvitation(known, 'a second factor');
    return [draft('disable_multifactor', known)];
  },
});

const sendPasswordReset = writeAction({
  id: 'lastpass_send_master_password_reset',
  title: 'Send a mail to reset the master password',
  description: 'Sends a user the mail with which the master password can be reset. It changes nothing by itself.',
  effect: 'write',
  input: z.strictObject({ user }),
  async plan(input, snapshot) {
    const known = await accountOf(snapshot, input.user, 'user');
    refuseInvitation(known, 'a master password');
    return [draft('send_password_reset', known)];
  },
});

const requirePasswordChange = writeAction({
  id: 'lastpass_require_master_password_change',
  title: 'Require a new master password',
  description: 'Has a user change the master password at the next sign-in.',
  effect: 'write',
  input: z.strictObject({ user }),
  async plan(input, snapshot) {
    const known = await accountOf(snapshot, input.user, 'user');
    refuseInvitation(known, 'a master password');
    return [draft('require_password_change', known)];
  },
});

const updateEmail = writeAction({
  id: 'lastpass_update_email',
  title: "Change a user's address",
  description:
    'Asks the new address by mail. The change is made when the person signs in with the old address and master password; until then LastPass shows the old one.',
  effect: 'destructive',
  input: z.strictObject({ user, new_email: address.meta({ description: 'The new address' }) }),
  async plan(input, snapshot) {
    const known = await accountOf(snapshot, input.user, 'user');
    const label = subjectLabel(known.subject);
    if (fold(known.account.email ?? '') === fold(input.new_email)) {
      throw invalidInput('new_email', `${label} has this address already.`, 'Give another one.');
    }
    refuseUnlessActivated(known);
    const others = await snapshot.accountsAt([input.new_email]);
    if (others.size === 0) return [draft('update_email', known, { newEmail: input.new_email })];
    throw new UsherError('alreadyExists', `The address ${input.new_email} belongs to another account or invitation.`, {
      field: 'new_email',
      next: 'End that account first, or give another address.',
    });
  },
});

/** The writing actions of the catalogue. `newPassword` makes a master password where one is asked for. */
export function writeActions(newPassword?: () => string): readonly WriteAction<z.ZodObject>[] {
  return [
    changeGroupMembers,
    pushSites,
    createUsers(newPassword),
    updateUser,
    deleteUser,
    deleteUsers,
    disableUser,
    enableUser,
    resendInvitation,
    disableMultifactor,
    sendPasswordReset,
    requirePasswordChange,
    updateEmail,
  ];
}
