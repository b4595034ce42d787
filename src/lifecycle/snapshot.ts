import type { KnownAccount, ObservedSubject, PlanSnapshot, SubjectState } from '../connector-kit/changes.ts';
import { plainId } from '../connector-kit/unified/ids.ts';
import type { OpenedConnection } from '../connections/views.ts';
import { UsherError } from '../model/errors.ts';
import { fold } from '../model/ids.ts';
import type { Subject } from '../model/changes.ts';
import type { AccountRecord, GroupRecord, JsonValue } from '../model/records.ts';
import {
  accountsByReferences,
  administratorRoles,
  allGroups,
  type HeldAccount,
  knownCredentials,
  knownGroups,
  knownResources,
  knownRoles,
} from '../store/lifecycle/subjects.ts';
import type { Queryable } from '../store/principals.ts';

/** The snapshot of a connection as actions ask it while they plan. */
export function planSnapshot(on: Queryable, connectionId: string): PlanSnapshot {
  return {
    async accounts(references, field) {
      const plain = references.map((reference) => plainId(reference.trim(), field));
      const found = groupByReference(await accountsByReferences(on, connectionId, [...new Set(plain)]));
      return plain.map((reference) => theOne(connectionId, reference, field, found.get(reference) ?? []));
    },
    async accountsAt(addresses) {
      const folded = [...new Set(addresses.map(fold))];
      const found = groupByReference(await accountsByReferences(on, connectionId, folded));
      return new Map(
        [...found].flatMap(([address, held]) => {
          const account = held.find((each) => fold(each.account.email ?? '') === address);
          return account === undefined ? [] : [[address, known(account)] as const];
        }),
      );
    },
    groups: (keys) => knownGroups(on, connectionId, keys),
    groupRecords: () => allGroups(on, connectionId),
    resources: (type, keys) => knownResources(on, connectionId, type, keys),
    roles: (keys) => knownRoles(on, connectionId, keys),
    credentials: (keys) => knownCredentials(on, connectionId, keys),
  };
}

/** Keys of the roles that let their holder administer an app: as its connector makes them up, or as they were pulled. */
export async function administeringRoles(
  on: Queryable,
  { connection, definition }: Pick<OpenedConnection, 'connection' | 'definition'>,
): Promise<readonly string[]> {
  const { roles } = definition.unified;
  if (roles === 'collected') return administratorRoles(on, connection.id);
  return roles.filter(({ type }) => type === 'admin').map(({ key }) => key);
}

/**
 * Status, roles and groups of a subject, for plans and receipts; of a credential its own; null: there is none. A reading
 * that did not look at groups says nothing of them. Groups are told by name: by `names` (key to name), else as read.
 */
export function summaryOf(
  state: SubjectState | ObservedSubject | null,
  subject: Subject,
  names: ReadonlyMap<string, string> = namesIn(state),
): JsonValue {
  if (subject.kind === 'credential') return credentialSummary(state, subject.key);
  if (state?.account == null) return null;
  const { key, email, displayName, status, roles, mfa } = state.account;
  const groups = state.grants.flatMap((grant) =>
    grant.targetKind === 'group' ? [names.get(grant.targetKey) ?? grant.targetKey] : [],
  );
  const isTold = !('covers' in state) || state.covers.includes('group');
  return { key, email, name: displayName, status, roles, mfa, ...(isTold && { groups: groups.sort() }) };
}

/** The names of the groups that a reading brought along. */
function namesIn(state: SubjectState | ObservedSubject | null): ReadonlyMap<string, string> {
  const records = state !== null && 'records' in state ? state.records : [];
  return groupNames(records.filter((record) => record.kind === 'group'));
}

/** Groups by their key. */
export function groupNames(groups: readonly GroupRecord[]): ReadonlyMap<string, string> {
  return new Map(groups.map(({ key, name }) => [key, name]));
}

function credentialSummary(state: SubjectState | null, key: string): JsonValue {
  const credential = state?.credentials?.find((each) => each.key === key);
  if (credential === undefined) return null;
  const { name, type, ownerKey, isEnabled, expiresAt } = credential;
  const status = isEnabled === null ? null : isEnabled ? 'enabled' : 'disabled';
  return { key, name, type, owner: ownerKey, status, expiresAt };
}

function known({ account, grants }: HeldAccount): KnownAccount {
  return { subject: subjectOf(account), state: { account, grants } };
}

/** The subject that an account of the snapshot is. */
export function subjectOf(account: AccountRecord): KnownAccount['subject'] {
  return { kind: 'account', key: account.key, email: account.email, name: account.displayName };
}

function groupByReference(
  found: readonly (HeldAccount & { readonly reference: string })[],
): ReadonlyMap<string, readonly HeldAccount[]> {
  return Map.groupBy(found, ({ reference }) => reference);
}

/** A key means its account, whatever addresses say; an address means the one account that has it, not an invitation. */
function theOne(
  connectionId: string,
  reference: string,
  field: string,
  candidates: readonly HeldAccount[],
): KnownAccount {
  const byKey = candidates.find(({ account }) => account.key === reference);
  if (byKey !== undefined) return known(byKey);
  const joined = candidates.filter(({ account }) => account.status !== 'invited');
  const [first, ...others] = joined.length > 0 ? joined : candidates;
  if (first === undefined) {
    throw new UsherError('notFound', `${connectionId} has no account ${JSON.stringify(reference.slice(0, 200))}.`, {
      field,
      connection: connectionId,
      next: `Accounts are named by e-mail address or key: usher accounts --connection ${connectionId}. If it is new, sync first: usher sync ${connectionId}.`,
    });
  }
  if (others.length === 0) return known(first);
  const keys = [first, ...others].map(({ account }) => account.key).join(', ');
  throw new UsherError('conflict', `${reference} is the address of several accounts of ${connectionId}: ${keys}.`, {
    code: 'ambiguousAccount',
    field,
    connection: connectionId,
    next: 'Name one of them by its key.',
  });
}
