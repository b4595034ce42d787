import type { ChangeItem, ItemResult } from '../../connector-kit/changes.ts';
import { resultOf } from '../../connector-kit/open-writes.ts';
import { subjectLabel } from '../../model/changes.ts';
import { type ErrorKind, UsherError } from '../../model/errors.ts';
import type { InsightContext } from './config.ts';

const TAKEN: ItemResult = { kind: 'taken' };

/**
 * Makes a call for each of the items, one after the other: what goes wrong with one says nothing of the others. Refusals
 * of the kinds in `mayBeSo` may mean that it is so already ("no such user" where that was to be ended): these are unclear,
 * and settled by reading.
 */
export async function oneByOne<Item>(
  { signal }: Pick<InsightContext, 'signal'>,
  items: readonly Item[],
  call: (item: Item) => Promise<unknown>,
  mayBeSo: readonly ErrorKind[] = [],
): Promise<readonly ItemResult[]> {
  const results: ItemResult[] = [];
  for (const item of items) {
    try {
      await call(item);
      results.push(TAKEN);
    } catch (thrown) {
      if (signal.aborted || !(thrown instanceof UsherError)) throw thrown;
      const result = resultOf(thrown);
      results.push(mayBeSo.includes(thrown.kind) ? { kind: 'unclear', error: thrown } : result);
    }
  }
  return results;
}

/** The id the platform knows the account by: as it was read right before, for one made in the same plan as well. */
export function idOf({ subject, before }: Pick<ChangeItem<unknown>, 'subject' | 'before'>): string {
  const id = before.account?.key ?? (subject.key.startsWith('new:') ? undefined : subject.key);
  if (id !== undefined) return id;
  throw new UsherError('notFound', `The Insight Platform has no account ${subjectLabel(subject)} yet.`);
}
