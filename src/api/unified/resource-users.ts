import {
  iamUserSchema, plainId, RecordIndex, resourceTypeOf, toResourceUser,
} from '../../connector-kit/unified/index.ts'; // prettier-ignore
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import type { AnyRecord } from '../../model/records.ts';
import type { ResourceHolder } from '../../store/read/index.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import type { Account } from './account.ts';
import { addList } from './routes.ts';
import { resourceUsersQuery } from './schemas.ts';
import { notInSnapshot } from './users.ts';

/** `GET /unified/iam/resource_users`: who holds access to one resource, or to all of a type. */
export function resourceUserRoutes(app: App, services: Services): void {
  const { reads } = services;

  addList(app, services, {
    path: '/unified/iam/resource_users',
    summary: 'List who has access to resources',
    operationId: 'iam_list_resource_users',
    query: resourceUsersQuery,
    item: iamUserSchema,
    live: 'list_resource_users',
    liveInput: ({ resource_type, resource_id }) => ({ resource_type, resource_id }),
    async page({ account, pageSize, next }, query) {
      const resourceType = resourceTypeOf(account.shape, query.resource_type, account.id);
      const resourceKey = query.resource_id === undefined ? null : plainId(query.resource_id, 'resource_id');
      const filter = { connectionId: account.id, resourceType, resourceKey };
      if (resourceKey !== null) await assertResource(services, account, resourceType, resourceKey);
      const binding = { list: 'unified/resource_users', filters: { ...filter } };
      const [resource, grantKey, holder] = decodeCursor(next, binding, 3) ?? [];
      const isContinued = resource !== undefined && grantKey !== undefined && holder !== undefined;
      const after = isContinued ? { resourceKey: resource, grantKey, holder } : null;
      const page = await reads.listResourceHolders(filter, after, pageSize);
      const last = page.rows.at(-1)?.position;
      return {
        items: await shownHolders(services, account, page.rows),
        next: page.hasMore && last ? encodeCursor(binding, [last.resourceKey, last.grantKey, last.holder]) : null,
      };
    },
  });
}

async function assertResource({ reads }: Services, account: Account, type: string, key: string): Promise<void> {
  const found = await reads.listResources({ scope: [account.id], keys: [key], type }, null, 1);
  if (found.rows.length === 0) throw notInSnapshot(account, 'resource', key);
}

async function shownHolders({ reads }: Services, account: Account, holders: readonly ResourceHolder[]) {
  const scope = [account.id];
  const grants = holders.flatMap((holder) => holder.grants);
  const keysOf = (kind: 'account' | 'group') => [
    ...new Set(grants.filter(({ holderKind }) => holderKind === kind).map(({ holderKey }) => holderKey)),
  ];
  const resourceKeys = [...new Set(holders.map(({ resourceKey }) => resourceKey))];
  const accounts = await reads.accountsByKeys(account.id, keysOf('account'));
  const groups = await reads.listGroups({ scope, keys: keysOf('group') }, null, Math.max(1, keysOf('group').length));
  const resources = await reads.listResources({ scope, keys: resourceKeys }, null, Math.max(1, resourceKeys.length));
  const records: AnyRecord[] = [...accounts, ...groups.rows, ...resources.rows].map(({ record }) => record);
  const index = new RecordIndex(account.shape, records);
  const resourceByKey = new Map(index.resources.map((resource) => [resource.key, resource]));
  return holders.flatMap(({ resourceKey, grants: held }) => {
    const resource = resourceByKey.get(resourceKey);
    const [first] = held;
    if (resource === undefined || first === undefined) return [];
    const holder = index.holder(first.holderKind, first.holderKey);
    return [toResourceUser(account.shape, resource, holder, held, account.organizationId)];
  });
}
