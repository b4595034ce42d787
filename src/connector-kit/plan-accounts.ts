import { subjectLabel } from '../model/changes.ts';
import { invalidInput, UsherError } from '../model/errors.ts';
import type { AccountRecord } from '../model/records.ts';
import type { ChangeDraft, ChangeParams, KnownAccount, PlanSnapshot } from './changes.ts';

/** An account with its record: all that a plan begins with. */
export interface PlannedAccount extends KnownAccount {
  readonly account: AccountRecord;
}

/** Finds the accounts that an action's input names. */
export interface AccountFinder {
  /** The account behind a reference; throws `notFound` naming the field of the input. */
  readonly accountOf: (snapshot: PlanSnapshot, reference: string, field: string) => Promise<PlannedAccount>;
  /** The accounts behind references, in order; throws `notFound`, and `invalidInput` where one is meant twice. */
  readonly accountsOf: (
    snapshot: PlanSnapshot,
    references: readonly string[],
    field: string,
  ) => Promise<readonly PlannedAccount[]>;
}

/** How accounts of this app are found for a plan; `app` is what its messages call it: `The Insight Platform`. */
export function accountsIn(app: string): AccountFinder {
  const notThere = (reference: string, field: string): UsherError =>
    new UsherError('notFound', `${app} has no account ${reference}.`, {
      field,
      next: 'Accounts are known from the last sync: sync the connection if it is new.',
    });
  const accountsOf: AccountFinder['accountsOf'] = async (snapshot, references, field) => {
    const known = await snapshot.accounts(references, field);
    const seen = new Set<string>();
    return known.map((each, index) => {
      const { account } = each.state;
      if (account === null) throw notThere(references[index] ?? '', field);
      if (seen.has(each.subject.key)) {
        throw invalidInput(field, `${subjectLabel(each.subject)} is named twice.`, 'Name each account once.');
      }
      seen.add(each.subject.key);
      return { ...each, account };
    });
  };
  return {
    accountsOf,
    async accountOf(snapshot, reference, field) {
      const [found] = await accountsOf(snapshot, [reference], field);
      if (found !== undefined) return found;
      throw notThere(reference, field);
    },
  };
}

/** A change wished for on an account. */
export function draft(change: string, { subject, state }: KnownAccount, params: ChangeParams = {}): ChangeDraft {
  return { change, subject, params, before: state };
}
