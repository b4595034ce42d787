import {
  iamUserSchema,
  plainId,
  STATUSES_OF_UNIFIED,
  toIamUser,
  RecordIndex,
} from '../../connector-kit/unified/index.ts';
import type { Expansions, RawEntry } from '../../connector-kit/unified/index.ts';
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import { UsherError } from '../../model/errors.ts';
import type { AccountRecord, AnyRecord } from '../../model/records.ts';
import type { Page, Stored } from '../../store/read/index.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import type { Account } from './account.ts';
import { addList, addOne } from './routes.ts';
import { usersQuery } from './schemas.ts';

/** `GET /unified/iam/users` and `/users/{id}`. */
export function userRoutes(app: App, services: Services): void {
  const { reads } = services;

  addList(app, services, {
    path: '/unified/iam/users',
    summary: 'List users',
    operationId: 'iam_list_users',
    query: usersQuery,
    item: iamUserSchema,
    live: 'list_users',
    liveInput({ filter = {} }) {
      const { updated_after: _, ...rest } = filter; // refused before: a live read cannot tell
      return { filter: rest };
    },
    async page({ account, pageSize, next, expand, wantsRaw, updatedAfter }, { filter = {} }) {
      const binding = { list: `unified/users/${account.id}`, filters: { ...filter, updated_after: updatedAfter } };
      const [key] = decodeCursor(next, binding, 1) ?? [];
      const isElsewhere = filter.organization_id !== undefined && filter.organization_id !== account.organizationId;
      if (isElsewhere) return { items: [], next: null };
      const page = await reads.listAccounts(
        {
          scope: [account.id],
          email: filter.email,
          name: filter.name,
          statuses: filter.status && STATUSES_OF_UNIFIED[filter.status],
          role: filter.role_id && plainId(filter.role_id, 'filter[role_id]'),
          group: filter.group_id && plainId(filter.group_id, 'filter[group_id]').normalize('NFC'),
          changedAfter: updatedAfter,
        },
        key === undefined ? null : { connectionId: account.id, key },
        pageSize,
      );
      const last = page.rows.at(-1);
      return {
        items: await shownUsers(services, account, page.rows, expand),
        next: page.hasMore && last ? encodeCursor(binding, [last.record.key]) : null,
        ...(wantsRaw && { raw: await rawEntries(services, account, 'account', page.rows) }),
      };
    },
  });

  addOne(app, services, {
    path: '/unified/iam/users/:id',
    summary: 'Get a user',
    operationId: 'iam_get_user',
    item: iamUserSchema,
    live: 'get_user',
    async one({ account, expand, wantsRaw }, id) {
      const found = await reads.findAccount(account.id, plainId(id));
      const [item] = found ? await shownUsers(services, account, [found], expand) : [];
      if (found === null || item === undefined) throw notInSnapshot(account, 'user', id);
      return { item, ...(wantsRaw && { raw: await rawEntries(services, account, 'account', [found]) }) };
    },
  });
}

/** Accounts as IamUsers, with the roles and groups they have and, where asked, what they hold on resources. */
async function shownUsers(
  { reads }: Services,
  account: Account,
  accounts: readonly Stored<AccountRecord>[],
  expand: Expansions,
) {
  const scope = [account.id];
  const keys = accounts.map(({ record }) => record.key);
  const kinds = expand.has('permissions') ? (['group', 'resource'] as const) : (['group'] as const);
  const grants = (await reads.grantsOfHolders(account.id, 'account', keys, kinds)).map(({ record }) => record);
  const targets = Map.groupBy(grants, ({ targetKind }) => targetKind);
  const keysOf = (kind: 'group' | 'resource') => [...new Set(targets.get(kind)?.map(({ targetKey }) => targetKey))];
  const roleKeys =
    account.shape.roles === 'collected' ? [...new Set(accounts.flatMap(({ record }) => record.roles))] : [];
  const related: AnyRecord[] = [
    ...(await named(reads.listGroups, scope, keysOf('group'))),
    ...(await named(reads.listResources, scope, keysOf('resource'))),
    ...(await named(reads.listRoles, scope, roleKeys)),
  ];
  const index = new RecordIndex(account.shape, [...grants, ...related]);
  return accounts.map(({ record, seenFrom, missingSince }) => {
    const parts = { ...index.userParts(record), observation: { seenFrom, missingSince } };
    return toIamUser(account.shape, parts, account.organizationId, expand);
  });
}

/** The records of these keys; nothing is asked where there are none. */
async function named<Named>(
  list: (
    filter: { readonly scope: readonly string[]; readonly keys: readonly string[] },
    after: null,
    pageSize: number,
  ) => Promise<Page<Stored<Named>>>,
  scope: readonly string[],
  keys: readonly string[],
): Promise<Named[]> {
  if (keys.length === 0) return [];
  return (await list({ scope, keys }, null, keys.length)).rows.map(({ record }) => record);
}

/** What the app sent for the records of a page, as it was kept: one entry a record. */
export async function rawEntries(
  { reads }: Services,
  account: Account,
  kind: 'account' | 'resource',
  records: readonly { readonly record: { readonly key: string } }[],
): Promise<RawEntry[]> {
  const keys = records.map(({ record }) => record.key);
  const raw = await reads.rawByKeys(kind, account.id, keys);
  return keys.flatMap((key) => {
    const url = `usher:${account.id}/${kind}s/${encodeURIComponent(key)}`;
    const response = raw.get(key);
    return response === undefined ? [] : [{ method: 'GET', url, response }];
  });
}

/** The 404 of an object that the snapshot does not hold. */
export function notInSnapshot(
  account: Account,
  what: string,
  id: string,
  next = 'It may be newer than the snapshot: ask with fresh=true.',
): UsherError {
  return new UsherError('notFound', `Connection ${account.id} has no ${what} ${id}.`, {
    connection: account.id,
    next,
  });
}
