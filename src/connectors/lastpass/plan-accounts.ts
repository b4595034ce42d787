import type { ChangeDraft, EndMode } from '../../connector-kit/changes.ts';
import { accountsIn, draft, type PlannedAccount } from '../../connector-kit/plan-accounts.ts';
import { subjectLabel } from '../../model/changes.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';

/** Accounts that an input names, by key or address. */
export const { accountOf, accountsOf } = accountsIn('LastPass');

/** The change that ends this account so; throws `conflict` where this way does not fit what it is. */
export function endOf(known: PlannedAccount, mode: EndMode): ChangeDraft {
  const label = subjectLabel(known.subject);
  if (mode === 'uninvite') {
    if (isInvitation(known)) return draft('uninvite_user', known);
    throw misfit(
      `${label} has an account already, so there is no invitation to withdraw.`,
      'Use mode disable, remove or delete.',
    );
  }
  if (isInvitation(known)) {
    throw misfit(
      `${label} is only invited: there is no account to ${mode}.`,
      'Use mode uninvite: it withdraws the invitation.',
    );
  }
  return draft(`${mode}_user`, known);
}

/** Throws `conflict` for an invitation: it takes only to be sent again or withdrawn. */
export function refuseInvitation(known: PlannedAccount, what: string): void {
  if (!isInvitation(known)) return;
  throw misfit(
    `${subjectLabel(known.subject)} is only invited: ${what} needs an account.`,
    'Wait until the invitation is accepted, or send it again by lastpass_resend_invitation.',
  );
}

/** Throws `conflict` unless there is somebody to invite again. */
export function refuseUnlessInvitable(known: PlannedAccount): void {
  const label = subjectLabel(known.subject);
  const { status, volatile } = known.account;
  if (status === 'invited') return;
  if (status === 'disabled') throw misfit(`${label} is disabled.`, 'Enable the account first.');
  if (status === 'pending' && volatile.lastLoginAt === null) return;
  throw misfit(`${label} has joined already: there is nothing to invite to.`, 'Nothing needs to be done.');
}

/** Throws `conflict` unless the person can confirm a change of address, which takes a sign-in. */
export function refuseUnlessActivated(known: PlannedAccount): void {
  const label = subjectLabel(known.subject);
  const { status } = known.account;
  if (status === 'active') return;
  if (status === 'disabled') {
    throw misfit(`${label} is disabled and cannot sign in to confirm another address.`, 'Enable the account first.');
  }
  throw misfit(
    `${label} has never signed in, and LastPass changes addresses of activated accounts only.`,
    'Wait for the first sign-in; or end this account and create one with the other address.',
  );
}

/** Throws `invalidInput` where an address comes twice. */
export function refuseRepeated(addresses: readonly string[], field: string): void {
  const seen = new Set<string>();
  for (const address of addresses) {
    if (seen.has(fold(address))) throw invalidInput(field, `${address} is named twice.`, 'Name each address once.');
    seen.add(fold(address));
  }
}

function isInvitation({ account }: PlannedAccount): boolean {
  return account.status === 'invited';
}

function misfit(message: string, next: string): UsherError {
  return new UsherError('conflict', message, { next });
}
