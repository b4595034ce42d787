import type { ObservedSubject, ReadPurpose } from '../../connector-kit/changes.ts';
import { isNewAccount, type Subject } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import type { AccountRecord, GrantRecord } from '../../model/records.ts';
import { isUnknownCall } from './answers.ts';
import { getUser, getUsers } from './client.ts';
import type { InsightContext } from './config.ts';
import { type GroupWithMembers, readGroups } from './groups.ts';
import { findUser } from './live.ts';
import { adminGrant, membership, productGrant, toAccount } from './mapping.ts';
import type { Row } from './paging.ts';
import { productsOf } from './products.ts';

/**
 * Reads accounts as they are now: one alone by its id, several by the list of all. Memberships take a call a group where
 * the list of groups does not tell them, once for all subjects, so they are read only where a change looks at them. An id is for ever and an address cannot change, so who is
 * not there by the id is gone.
 */
export async function readSubjects(
  context: InsightContext,
  subjects: readonly Subject[],
  _purpose: ReadPurpose,
  looksAt: readonly GrantRecord['targetKind'][] = ['group', 'resource'],
): Promise<ReadonlyMap<string, ObservedSubject>> {
  const observedAt = context.clock.now().toISOString();
  const wanted = subjects.filter(({ kind }) => kind === 'account');
  const rows = await rowsOf(context, wanted);
  const hasGroups = looksAt.includes('group');
  const groups = hasGroups && rows.size > 0 ? await readGroups(context) : [];
  const products = looksAt.includes('resource') ? await productsOfAll(context, rows) : null;
  const covers: GrantRecord['targetKind'][] = [
    'role',
    ...(hasGroups && groups.every(({ members }) => members !== null) ? (['group'] as const) : []),
    ...(products === null ? [] : (['resource'] as const)),
  ];
  return new Map(
    subjects.map((subject): [string, ObservedSubject] => {
      if (subject.kind !== 'account') {
        return [subject.key, { account: null, grants: [], records: [], observedAt, covers: [] }];
      }
      const row = rows.get(subject.key);
      if (row === undefined) {
        // Who is not there holds nothing.
        return [subject.key, { account: null, grants: [], records: [], observedAt, covers: ['role', 'group'] }];
      }
      const account = toAccount('getUser', row);
      const tokens = products?.get(account.key) ?? [];
      return [subject.key, { ...observedOf(account, groups, tokens), observedAt, covers }];
    }),
  );
}

function observedOf(
  account: AccountRecord,
  groups: readonly GroupWithMembers[],
  tokens: readonly string[],
): Pick<ObservedSubject, 'account' | 'grants' | 'records'> {
  const own = groups.filter(({ members }) => members?.includes(account.key) === true).map(({ group }) => group);
  const admin = adminGrant(account);
  const grants = [
    ...(admin === null ? [] : [admin]),
    ...own.map(({ key }) => membership(account.key, key)),
    ...[...new Set(tokens)].map((token) => productGrant(account.key, token)),
  ];
  return { account, grants, records: [account, ...own, ...grants] };
}

/** The users as sent, by the key of their subject. */
async function rowsOf(context: InsightContext, subjects: readonly Subject[]): Promise<ReadonlyMap<string, Row>> {
  const found = new Map<string, Row>();
  if (subjects.length === 0) return found;
  refuseGuide(context);
  const [only] = subjects;
  if (only !== undefined && subjects.length === 1) {
    const row = isNewAccount(only) ? await findUser(context, only.email ?? '') : await rowById(context, only.key);
    if (row !== null) found.set(only.key, row);
    return found;
  }
  const byKey = new Map<string, Row>();
  const byAddress = new Map<string, Row>();
  for (const row of await getUsers(context)) {
    const { key, email } = toAccount('getUsers', row);
    byKey.set(key, row);
    byAddress.set(fold(email ?? ''), row);
  }
  for (const subject of subjects) {
    const row = isNewAccount(subject) ? byAddress.get(fold(subject.email ?? '')) : byKey.get(subject.key);
    if (row !== undefined) found.set(subject.key, row);
  }
  return found;
}

/**
 * A user by id. That there is none is believed of the list of all alone: a 404 may also come of a call that is not there.
 * What is no id of the platform is not asked for: a path made of it could lead to something else.
 */
async function rowById(context: InsightContext, key: string): Promise<Row | null> {
  if (!/^[\w-]{1,64}$/.test(key)) return null;
  const row = await getUserIfKnown(context, key);
  if (row !== null && toAccount('getUser', row).key === key) return row;
  return (await getUsers(context)).find((each) => toAccount('getUsers', each).key === key) ?? null;
}

async function getUserIfKnown(context: InsightContext, key: string): Promise<Row | null> {
  try {
    return await getUser(context, key);
  } catch (thrown) {
    if (isUnknownCall(thrown)) return null;
    throw thrown;
  }
}

/** Products by the id of the user; null: the platform does not show them, or not to this key. */
async function productsOfAll(
  context: InsightContext,
  rows: ReadonlyMap<string, Row>,
): Promise<ReadonlyMap<string, readonly string[]> | null> {
  const products = new Map<string, readonly string[]>();
  for (const row of rows.values()) {
    const tokens = await productsOrNull(context, row);
    if (tokens === null) return null;
    products.set(toAccount('getUser', row).key, tokens);
  }
  return rows.size === 0 ? null : products;
}

async function productsOrNull(context: InsightContext, row: Row): Promise<readonly string[] | null> {
  try {
    return await productsOf(context, row);
  } catch (thrown) {
    if (thrown instanceof UsherError && thrown.kind === 'permission') return null;
    throw thrown;
  }
}

/** Platform Admins that can sign in; null where the users come from a list that does not tell. */
export async function readAdministrators(context: InsightContext): Promise<readonly string[] | null> {
  if (context.settings.userList === 'vm_v4') return null;
  return (await getUsers(context))
    .map((row) => toAccount('getUsers', row))
    .filter(({ status, roles }) => status === 'active' && roles.includes('platform_admin'))
    .map(({ key }) => key);
}

function refuseGuide({ settings }: InsightContext): void {
  if (settings.userList === 'account') return;
  throw new UsherError('unsupported', 'Users from GET /vm/v4/users cannot be read back, so nothing is changed.', {
    code: 'readOnlyList',
    next: 'Set the list of users to account in the settings of the connection, and sync.',
  });
}
