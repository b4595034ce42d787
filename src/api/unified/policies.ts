import { iamPolicySchema, plainId, toIamPolicy } from '../../connector-kit/unified/index.ts';
import type { Expansions } from '../../connector-kit/unified/index.ts';
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import { UsherError } from '../../model/errors.ts';
import type { ResourceRecord } from '../../model/records.ts';
import type { Stored } from '../../store/read/index.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import type { Account } from './account.ts';
import { addList, addOne } from './routes.ts';
import { namedQuery } from './schemas.ts';
import { notInSnapshot, rawEntries } from './users.ts';

/** `GET /unified/iam/policies` and `/policies/{id}`: one policy a resource, its permission set. */
export function policyRoutes(app: App, services: Services): void {
  const { reads } = services;

  addList(app, services, {
    path: '/unified/iam/policies',
    summary: 'List policies',
    operationId: 'iam_list_policies',
    query: namedQuery,
    item: iamPolicySchema,
    live: null,
    async page({ account, pageSize, next, expand, wantsRaw, updatedAfter }, { filter = {} }) {
      assertPolicies(account);
      const binding = { list: `unified/policies/${account.id}`, filters: { ...filter, updated_after: updatedAfter } };
      const [key] = decodeCursor(next, binding, 1) ?? [];
      const after = key === undefined ? null : { connectionId: account.id, key };
      const query = { scope: [account.id], name: filter.name, changedAfter: updatedAfter };
      const page = await reads.listResources(query, after, pageSize);
      const last = page.rows.at(-1);
      return {
        items: await shownPolicies(services, account, page.rows, expand),
        next: page.hasMore && last ? encodeCursor(binding, [last.record.key]) : null,
        ...(wantsRaw && { raw: await rawEntries(services, account, 'resource', page.rows) }),
      };
    },
  });

  addOne(app, services, {
    path: '/unified/iam/policies/:id',
    summary: 'Get a policy',
    operationId: 'iam_get_policy',
    item: iamPolicySchema,
    live: null,
    async one({ account, expand, wantsRaw }, id) {
      assertPolicies(account);
      const page = await reads.listResources({ scope: [account.id], keys: [plainId(id)] }, null, 1);
      const [item] = await shownPolicies(services, account, page.rows, expand);
      if (item === undefined) throw notInSnapshot(account, 'policy', id);
      return { item, ...(wantsRaw && { raw: await rawEntries(services, account, 'resource', page.rows) }) };
    },
  });
}

async function shownPolicies(
  { reads }: Services,
  account: Account,
  resources: readonly Stored<ResourceRecord>[],
  expand: Expansions,
) {
  const keys = resources.map(({ record }) => record.key);
  const grants = expand.has('permissions') ? await reads.grantsOnTargets(account.id, 'resource', keys) : [];
  const byResource = Map.groupBy(
    grants.map(({ record }) => record),
    ({ targetKey }) => targetKey,
  );
  return resources.map(({ record, seenFrom, missingSince }) => {
    const held = byResource.get(record.key) ?? [];
    return toIamPolicy(account.shape, record, held, expand, { seenFrom, missingSince });
  });
}

function assertPolicies(account: Account): void {
  if (account.shape.resourcesArePolicies) return;
  throw new UsherError('unsupported', `${account.id}: ${account.connector} has no policies.`, {
    connection: account.id,
  });
}
