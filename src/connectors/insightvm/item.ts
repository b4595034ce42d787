import type { ChangeItem, ItemResult } from '../../connector-kit/changes.ts';
import { resultOf } from '../../connector-kit/open-writes.ts';
import { isNewAccount, type Subject, subjectLabel } from '../../model/changes.ts';
import { toUsherError, UsherError } from '../../model/errors.ts';
import type { AccountRecord } from '../../model/records.ts';
import type { InsightVmContext, Settings } from './config.ts';
import { isOwn } from './rights.ts';

/** Stands for the id of a user that is still to be made, in previews alone. */
const NOT_YET = 'ID';

/** The id to call with: as read right before, else as planned. */
export function idOf({ subject, before }: Pick<ChangeItem<unknown>, 'subject' | 'before'>): string {
  if (before.account !== null) return before.account.key;
  return isNewAccount(subject) ? NOT_YET : subject.key;
}

/** The account as read right before; throws `conflict`, code `stale`, where it is gone, or is Usher's own: nobody locks Usher out. */
export function accountOf(
  { subject, before }: Pick<ChangeItem<unknown>, 'subject' | 'before'>,
  settings: Settings,
): AccountRecord {
  const { account } = before;
  if (account === null) {
    throw new UsherError('conflict', `${subjectLabel(subject)} is not there any more; nothing was sent.`, {
      code: 'stale',
      next: 'Sync the connection, then plan again.',
    });
  }
  refuseOwn(settings, account, subject);
  return account;
}

/**
 * Throws `conflict`, code `ownAccount`, for the login that Usher itself uses. Not a guard that an administrator may
 * override: done through Usher, it would fail half-way.
 */
export function refuseOwn(settings: Pick<Settings, 'user'>, account: AccountRecord, subject: Subject): void {
  if (!isOwn(settings, account.username)) return;
  throw new UsherError(
    'conflict',
    `${subjectLabel(subject)} is the login that Usher itself uses (${account.username}): nothing was sent, as it could lock Usher out.`,
    {
      code: 'ownAccount',
      next: 'Change it in the console by hand, or give Usher another login: usher connections edit.',
    },
  );
}

/** The error for a user that is no longer as the plan was made for; trying the same again cannot help. */
export function changedSince(subject: Subject, what: string): UsherError {
  return new UsherError(
    'conflict',
    `${subjectLabel(subject)} has changed since the plan was made (${what}); nothing was sent.`,
    { code: 'stale', next: 'Sync the connection, then plan again.' },
  );
}

/** Runs one call for the only item; what it throws is refused where the console did nothing, else unclear. */
export async function one<Params>(
  context: Pick<InsightVmContext, 'signal'>,
  items: readonly ChangeItem<Params>[],
  call: (item: ChangeItem<Params>) => Promise<ItemResult | void>,
): Promise<readonly ItemResult[]> {
  const results: ItemResult[] = [];
  for (const item of items) {
    try {
      results.push((await call(item)) ?? { kind: 'taken' });
    } catch (thrown) {
      if (context.signal.aborted) throw thrown;
      results.push(resultOf(toUsherError(thrown)));
    }
  }
  return results;
}

/** The result of a call of several requests of which one failed: what went before it may be done. */
export function unclear(thrown: unknown): ItemResult {
  return { kind: 'unclear', error: toUsherError(thrown) };
}
