import type { UnifiedLive, UnifiedTraits } from '../../connector-kit/connector.ts';
import { UsherError } from '../../model/errors.ts';
import type { InsightSettings, Settings } from './config.ts';
import { readAccount, readAccounts, readGroupRecords, readResources, readRoles } from './live.ts';
import { ORGANIZATION, PRODUCT } from './mapping.ts';
import { checkKey, platformName } from './probe.ts';

/** How the platform shows in the unified IAM API: users by address, roles of its own, products as resources. */
export const traits: UnifiedTraits<InsightSettings> = {
  userId: 'email',
  roles: 'collected',
  unknownRoleStatus: 404,
  resourceTypes: [PRODUCT, ORGANIZATION],
  resourcesArePolicies: false,
  // What one may do in a product is decided by roles there, which the platform does not tell.
  actionsOf: () => ['read'],
  describe: (settings) => ({
    organizations: [{ id: settings.organizationId ?? settings.region, name: platformName(settings) }],
    // There is no call that tells whose key it is.
    credentials: { name: settings.keyOwner ?? platformName(settings), authType: 'api_key' },
  }),
};

/** The live reads behind the unified actions. */
export const live: UnifiedLive<Settings> = {
  async accounts(context, { cursor, pageSize, email }) {
    if (email !== null) return { records: await readAccount(context, email), next: null };
    return readAccounts(context, { cursor, pageSize });
  },
  account: (context, id) => readAccount(context, id),
  groups: (context) => readGroupRecords(context),
  async resources(context, { resourceType, resourceId }) {
    if (resourceType === PRODUCT || resourceType === ORGANIZATION) {
      return readResources(context, resourceType, resourceId);
    }
    throw new UsherError('invalidInput', `The Insight Platform has no resources of type ${resourceType}.`, {
      field: 'resource_type',
      next: `The types are ${PRODUCT} and ${ORGANIZATION}.`,
    });
  },
  roles: (context) => readRoles(context),
  check: (context) => checkKey(context),
};
