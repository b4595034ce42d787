import { groupWithMembers, iamGroupSchema, plainId, RecordIndex } from '../../connector-kit/unified/index.ts';
import type { Expansions } from '../../connector-kit/unified/index.ts';
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import type { GroupRecord } from '../../model/records.ts';
import type { Stored } from '../../store/read/index.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import type { Account } from './account.ts';
import { addList, addOne } from './routes.ts';
import { groupsQuery } from './schemas.ts';
import { notInSnapshot } from './users.ts';

/** `GET /unified/iam/groups` and `/groups/{id}`. */
export function groupRoutes(app: App, services: Services): void {
  const { reads } = services;

  addList(app, services, {
    path: '/unified/iam/groups',
    summary: 'List groups',
    operationId: 'iam_list_groups',
    query: groupsQuery,
    item: iamGroupSchema,
    live: 'list_groups',
    liveInput: ({ filter = {} }) => {
      const given = Object.entries(filter).filter(([, value]) => value !== undefined);
      return given.length === 0 ? {} : { filter };
    },
    async page({ account, pageSize, next, expand, updatedAfter }, { filter = {} }) {
      const binding = { list: `unified/groups/${account.id}`, filters: { ...filter, updated_after: updatedAfter } };
      const [key] = decodeCursor(next, binding, 1) ?? [];
      const isElsewhere = filter.organization_id !== undefined && filter.organization_id !== account.organizationId;
      if (isElsewhere) return { items: [], next: null };
      const after = key === undefined ? null : { connectionId: account.id, key };
      const query = { scope: [account.id], name: filter.name, changedAfter: updatedAfter };
      const page = await reads.listGroups(query, after, pageSize);
      const last = page.rows.at(-1);
      return {
        items: await shownGroups(services, account, page.rows, expand),
        next: page.hasMore && last ? encodeCursor(binding, [last.record.key]) : null,
      };
    },
  });

  addOne(app, services, {
    path: '/unified/iam/groups/:id',
    summary: 'Get a group',
    operationId: 'iam_get_group',
    item: iamGroupSchema,
    live: 'get_group',
    async one({ account, expand }, id) {
      const key = plainId(id).normalize('NFC');
      const page = await reads.listGroups({ scope: [account.id], keys: [key] }, null, 1);
      const [item] = await shownGroups(services, account, page.rows, expand);
      if (item === undefined) throw notInSnapshot(account, 'group', id);
      return { item };
    },
  });
}

async function shownGroups(
  { reads }: Services,
  account: Account,
  groups: readonly Stored<GroupRecord>[],
  expand: Expansions,
) {
  const keys = groups.map(({ record }) => record.key);
  const grants = expand.has('users') ? await reads.grantsOnTargets(account.id, 'group', keys) : [];
  const held = grants.map(({ record }) => record).filter(({ holderKind }) => holderKind === 'account');
  const members = await reads.accountsByKeys(account.id, [...new Set(held.map(({ holderKey }) => holderKey))]);
  const records = [...groups, ...members].map(({ record }) => record);
  const index = new RecordIndex(account.shape, [...records, ...held]);
  return groups.map(({ record, seenFrom, missingSince }) => {
    return groupWithMembers(index, record.key, account.organizationId, expand, { seenFrom, missingSince });
  });
}
