import { z } from 'zod';
import type { ChangeDefinition, ConnectorChange } from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import { type Subject, subjectLabel } from '../../model/changes.ts';
import type { AppEvent } from '../../model/events.ts';
import { fold } from '../../model/ids.ts';
import { addressOf, type Settings } from './change-subject.ts';
import { API_USER } from './client.ts';
import { namesAddress, oneByOne, settledByReading } from './item-results.ts';
import { type AddressCommand, callForAddress, updateEmail } from './write-calls.ts';

const noParams = z.strictObject({});
type NoParams = z.output<typeof noParams>;

/** What is the same for the commands that take an address and nothing else. */
function onAddress(
  command: AddressCommand,
  rest: Pick<ChangeDefinition<Settings, NoParams>, 'id' | 'summary' | 'sendsMail' | 'undo' | 'wanted' | 'proof'> & {
    readonly isDestructive?: boolean;
  },
): ConnectorChange<Settings> {
  const { isDestructive = false, ...parts } = rest;
  return defineChange<Settings, NoParams>({
    ...parts,
    params: noParams,
    secrets: [],
    effect: () => (isDestructive ? 'destructive' : 'write'),
    endsAccess: false,
    batchSize: 1,
    looksAt: [],
    inverse: () => null,
    call(context, items) {
      const results = oneByOne(context, items, (item) => callForAddress(context, command, addressOf(item)));
      return parts.proof.by === 'state' ? settledByReading(results) : results;
    },
  });
}

const MAIL_IS_OUT = { isPossible: false, how: 'A mail cannot be called back.' } as const;

const resendInvitation = onAddress('reinviteuser', {
  id: 'resend_invitation',
  summary: (subject) => `Send ${subjectLabel(subject)} the invitation again`,
  sendsMail: true,
  undo: MAIL_IS_OUT,
  wanted: () => false,
  proof: { by: 'log', shows: (event, subject) => isLogged(event, subject, ['re-invite user', 'reinvite user']) },
});

const sendPasswordReset = onAddress('resetpassword', {
  id: 'send_password_reset',
  summary: (subject) => `Send ${subjectLabel(subject)} a mail to reset the master password`,
  sendsMail: true,
  undo: MAIL_IS_OUT,
  wanted: () => false,
  proof: { by: 'log', shows: (event, subject) => isLogged(event, subject, ['password reset', 'reset password']) },
});

const disableMultifactor = onAddress('disablemultifactor', {
  id: 'disable_multifactor',
  summary: (subject) => `Take the second factor away from ${subjectLabel(subject)}: the master password alone signs in`,
  isDestructive: true,
  sendsMail: false,
  undo: { isPossible: false, how: 'The person sets up a second factor again.' },
  wanted: ({ account }) => account !== null && account.mfa !== null && account.mfa.length === 0,
  proof: { by: 'state' },
});

const requirePasswordChange = onAddress('requiremasterpasswordchange', {
  id: 'require_password_change',
  summary: (subject) => `Have ${subjectLabel(subject)} change the master password at the next sign-in`,
  sendsMail: false,
  undo: { isPossible: false, how: 'The API has no command to stop requiring it; the admin console has.' },
  wanted: ({ account }) => account?.extra['passwordResetRequired'] === true,
  proof: { by: 'state' },
});

const emailParams = z.strictObject({ newEmail: z.string() });
type EmailParams = z.output<typeof emailParams>;

/** Finished by the person, so the old address stays in all answers until then. */
const changeEmail = defineChange<Settings, EmailParams>({
  id: 'update_email',
  summary: (subject, { newEmail }) =>
    `Change the address of ${subjectLabel(subject)} to ${newEmail}, once the person has confirmed it`,
  params: emailParams,
  secrets: [],
  effect: () => 'destructive',
  endsAccess: false,
  sendsMail: true,
  undo: { isPossible: false, how: 'The mail is out; once confirmed, the address can be changed back the same way.' },
  looksAt: [],
  wanted: ({ account }, { newEmail }) => account !== null && fold(account.email ?? '') === fold(newEmail),
  proof: {
    by: 'answer',
    note: "Awaiting the person's confirmation: the change is made when they sign in with the old address and master password.",
  },
  batchSize: 1,
  inverse: () => null,
  call: (context, items) =>
    oneByOne(context, items, (item) => updateEmail(context, addressOf(item), item.params.newEmail)),
});

/** Changes around how a person signs in and is reached. */
export const contactChanges: readonly ConnectorChange<Settings>[] = [
  resendInvitation, sendPasswordReset, disableMultifactor, requirePasswordChange, changeEmail,
]; // prettier-ignore

/**
 * Whether an entry of the log is of this action, on this address, by this API. Letter case drifted over the years
 * (Elastic's fixtures have both), and one entry may name several addresses. What somebody did in the console is not ours.
 */
function isLogged({ action, actor, data }: AppEvent, subject: Subject, actions: readonly string[]): boolean {
  if (subject.email === null || !actions.includes(fold(action).trim())) return false;
  const by = fold(actor ?? '').replaceAll(/\s+/g, '');
  if (by !== 'api' && by !== `api:${API_USER}`) return false;
  const text = typeof data === 'object' && data !== null && 'text' in data ? data['text'] : null;
  return typeof text === 'string' && namesAddress(text, subject.email);
}
