import type { UnifiedLive, UnifiedTraits } from '../../connector-kit/connector.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import type { AnyRecord } from '../../model/records.ts';
import { readArea } from './access.ts';
import { getRoles, getUsers, MAX_PAGE_SIZE } from './client.ts';
import { secondFactors } from './collections.ts';
import type { InsightVmContext, InsightVmSettings, Settings } from './config.ts';
import { findUser } from './find.ts';
import { type Area, ASSET_GROUP, idOfResource, SITE, toAccount, toRole, toRoleGrant } from './mapping.ts';
import { checkCredentials, consoleId, consoleName } from './probe.ts';
import type { User } from './schemas.ts';
import { allUsers, ReachGatherer } from './walk.ts';

/** How the console shows in the unified IAM API: users by id, its own roles, sites and asset groups as resources. */
export const traits: UnifiedTraits<InsightVmSettings> = {
  userId: 'key',
  roles: 'collected',
  unknownRoleStatus: 404,
  resourceTypes: [SITE, ASSET_GROUP],
  resourcesArePolicies: false,
  // What may be done in a site is said by the role, not by the access: sure is only that the data can be seen.
  actionsOf: ({ path }) => (path === 'role:global-admin' ? ['read', 'write', 'delete'] : ['read']),
  describe: (settings) => ({
    organizations: [{ id: consoleId(settings), name: consoleName(settings) }],
    credentials: { name: settings.user, authType: 'service_user' },
  }),
};

/** The live reads behind the unified actions. */
export const live: UnifiedLive<Settings> = {
  async accounts(context, { cursor, pageSize, email }) {
    if (email !== null) return { records: await recordsOf(context, await findUser(context, email)), next: null };
    const page = cursor === null ? 0 : Number(/^\d{1,9}$/.exec(cursor)?.[0] ?? Number.NaN);
    if (Number.isNaN(page)) throw invalidInput('next', 'next is not a cursor of this list.', 'Start the list again.');
    const { rows, isLast } = await getUsers(context, { page, size: Math.min(pageSize, MAX_PAGE_SIZE) });
    return { records: await recordsOf(context, rows), next: isLast ? null : String(page + 1) };
  },
  account: async (context, id) => recordsOf(context, await findUser(context, id)),
  // The console has no groups of users: asset groups are resources.
  async groups(context) {
    await checkCredentials(context);
    return [];
  },
  roles: async (context) => (await getRoles(context)).map(toRole),
  async resources(context, { resourceType, resourceId }) {
    const area = areaOf(resourceType);
    const id = resourceId === null ? null : (idOfResource(area, resourceId) ?? Number(resourceId));
    const gatherer = new ReachGatherer(context.clock.now().toISOString());
    const accounts = new Map<string, AnyRecord>();
    for await (const user of allUsers(context)) {
      gatherer.add(user);
      accounts.set(String(user.id), toAccount(user, null));
    }
    const records = await readArea(context, area, { only: id, reach: gatherer.reach() });
    const holders = new Set(records.flatMap((record) => (record.kind === 'grant' ? [record.holderKey] : [])));
    return [...records, ...[...holders].flatMap((key) => accounts.get(key) ?? [])];
  },
  check: checkCredentials,
};

async function recordsOf(context: InsightVmContext, users: readonly User[]): Promise<AnyRecord[]> {
  const factors = await secondFactors(context, users);
  return users.flatMap((user, at) => [toAccount(user, factors[at] ?? null), toRoleGrant(user)]);
}

function areaOf(type: string): Area {
  if (type === SITE || type === ASSET_GROUP) return type;
  throw new UsherError('invalidInput', `The console has no resources of type ${type}.`, {
    field: 'resource_type',
    next: `The types are ${SITE} and ${ASSET_GROUP}.`,
  });
}
