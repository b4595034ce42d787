import type { ChangeItem, ItemResult, SubjectState } from '../../connector-kit/changes.ts';
import { resultOf } from '../../connector-kit/open-writes.ts';
import { UsherError } from '../../model/errors.ts';
import type { LaceworkContext } from './config.ts';
import { type SubAccountMembership, subAccountsOf } from './mapping.ts';
import type { Membership } from './write-calls.ts';

/** A membership with what is known of it. */
export interface KnownMembership extends Membership, Pick<SubAccountMembership, 'status' | 'role'> {}

/**
 * The sub-accounts somebody is in, as read or as known, those named; none named: all. By name.
 */
export function membershipsOf({ account }: SubjectState, names: readonly string[]): readonly KnownMembership[] {
  if (account === null) return [];
  return Object.entries(subAccountsOf(account))
    .filter(([name]) => names.length === 0 || names.includes(name))
    .map(([name, { user_guid, user_model, status, role }]) => ({
      subAccount: name,
      model: user_model,
      userGuid: user_guid,
      status,
      role,
    })) // prettier-ignore
    .sort((a, b) => (a.subAccount < b.subAccount ? -1 : 1));
}

/** Those of all of somebody's memberships that have one of these GUIDs. */
export function rowsAmong(state: SubjectState, guids: readonly string[]): readonly KnownMembership[] {
  return membershipsOf(state, []).filter(({ userGuid }) => guids.includes(userGuid));
}

/** One of them; null: not there. */
export function membershipIn(state: SubjectState, subAccount: string): KnownMembership | null {
  return membershipsOf(state, [subAccount])[0] ?? null;
}

export type ForEach = (membership: KnownMembership) => Promise<void>;

/**
 * Makes a call for each membership, one after the other; those with RBAC first, where administrators of the organization
 * are refused.
 */
export async function onEach(
  context: Pick<LaceworkContext, 'signal'>,
  memberships: readonly KnownMembership[],
  call: ForEach,
): Promise<ItemResult> {
  const ordered = memberships.toSorted((a, b) => Number(a.model === 'legacy') - Number(b.model === 'legacy'));
  return inTurn(context, ordered.map((membership) => () => call(membership))); // prettier-ignore
}

/**
 * Makes the calls of one change. Where one fails and none was made before, the app did nothing; else the reading
 * afterwards tells what is left to do, and the same change called again does just that.
 */
export async function inTurn(
  { signal }: Pick<LaceworkContext, 'signal'>,
  calls: readonly (() => Promise<void>)[],
): Promise<ItemResult> {
  for (const [done, call] of calls.entries()) {
    try {
      await call();
    } catch (thrown) {
      if (signal.aborted || !(thrown instanceof UsherError)) throw thrown;
      const result = resultOf(thrown);
      return done === 0 || result.kind === 'taken' ? result : { kind: 'unclear', error: thrown };
    }
  }
  return { kind: 'taken' };
}

/** Runs the calls of each item by itself: what goes wrong with one says nothing of the others. */
export async function eachItem<Params>(
  { signal }: Pick<LaceworkContext, 'signal'>,
  items: readonly ChangeItem<Params>[],
  call: (item: ChangeItem<Params>) => Promise<ItemResult>,
): Promise<readonly ItemResult[]> {
  const results: ItemResult[] = [];
  for (const item of items) {
    try {
      results.push(await call(item));
    } catch (thrown) {
      if (signal.aborted || !(thrown instanceof UsherError)) throw thrown;
      results.push(resultOf(thrown));
    }
  }
  return results;
}

/** "In northwind-eu", or everywhere. */
export function inText(names: readonly string[]): string {
  return names.length === 0 ? 'in all sub-accounts' : `in ${names.join(', ')}`;
}
