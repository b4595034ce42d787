import type { UnifiedLive, UnifiedTraits } from '../../connector-kit/connector.ts';
import { UsherError } from '../../model/errors.ts';
import type { AnyRecord } from '../../model/records.ts';
import { isOrganization, type LaceworkContext, type LaceworkSettings, type Settings } from './config.ts';
import { sideBySide, SIDE_BY_SIDE } from './directory.ts';
import { toResourceGroup } from './holdings.ts';
import { readEverybody, readGroups, readOne, subAccountRecords, withGrants } from './live.ts';
import { RESOURCE_GROUP, ROLES, SUB_ACCOUNT } from './mapping.ts';
import { clientFor, profileOf, reachableSubAccounts } from './tenant.ts';

/** How Lacework shows in the unified IAM API: people by address, its documented roles, sub-accounts to have access to. */
export const traits: UnifiedTraits<LaceworkSettings> = {
  userId: 'email',
  roles: ROLES,
  unknownRoleStatus: 404,
  resourceTypes: [SUB_ACCOUNT, RESOURCE_GROUP],
  resourcesArePolicies: false,
  actionsOf: ({ permission, extra }) => {
    if (extra['disabled'] === true) return [];
    if (permission === 'admin') return ['read', 'write', 'delete'];
    if (permission === 'power_user') return ['read', 'write'];
    // What a group made in the console allows is told by the console alone; it is not guessed.
    return permission === 'member' ? [] : ['read'];
  },
  describe: (settings) => {
    const name = isOrganization(settings) ? settings.account : (settings.subAccount ?? settings.account);
    const title = `Lacework ${isOrganization(settings) ? 'organization' : 'account'} ${name}`;
    return { organizations: [{ id: name, name: title }], credentials: { name: settings.keyId, authType: 'api_key' } };
  },
};

/** The live reads behind the unified actions. */
export const live: UnifiedLive<Settings> = {
  async accounts(context, { cursor, pageSize, email }) {
    if (email !== null) return { records: await oneWithGrants(context, email), next: null };
    const everybody = await readEverybody(context);
    const people = everybody.page(cursor ?? '', pageSize);
    const last = people.at(-1)?.key ?? '';
    const isEnd = people.length === 0 || last === everybody.keys.at(-1);
    return { records: await withGrants(context, people), next: isEnd ? null : last };
  },
  account: oneWithGrants,
  async groups(context) {
    const everybody = await readEverybody(context);
    const records = await withGrants(context, everybody.page('', everybody.keys.length));
    const groups = await readGroups(context);
    return [...records.filter(({ kind }) => kind !== 'group'), ...groups];
  },
  async resources(context, { resourceType, resourceId }) {
    const isWanted = ({ key }: AnyRecord): boolean => resourceId === null || key === resourceId;
    if (resourceType === RESOURCE_GROUP) return (await readResourceGroups(context)).filter(isWanted);
    if (resourceType !== SUB_ACCOUNT) {
      throw new UsherError('invalidInput', `Lacework has no resources of type ${resourceType}.`, {
        field: 'resource_type',
        next: `There are ${SUB_ACCOUNT} and ${RESOURCE_GROUP}.`,
      });
    }
    const everybody = await readEverybody(context);
    const records = await withGrants(context, everybody.page('', everybody.keys.length));
    const accounts = (await subAccountRecords(context)).filter(isWanted);
    const keys = new Set(accounts.map(({ key }) => key));
    return [
      ...accounts,
      ...records.filter(
        (record) =>
          record.kind === 'account' ||
          (record.kind === 'grant' && record.targetKind === 'resource' && keys.has(record.targetKey)),
      ),
    ];
  },
  async check(context) {
    await profileOf(context);
  },
};

async function oneWithGrants(context: LaceworkContext, reference: string): Promise<readonly AnyRecord[]> {
  const person = await readOne(context, reference);
  return person === null ? [] : withGrants(context, [person]);
}

/** All resource groups; whom they are for, the API does not tell. */
async function readResourceGroups(context: LaceworkContext): Promise<readonly AnyRecord[]> {
  const records: AnyRecord[] = [];
  await sideBySide(await reachableSubAccounts(context), SIDE_BY_SIDE, async (account) => {
    const rows = await clientFor(context, account).list({ method: 'GET', path: 'ResourceGroups' });
    records.push(...rows.map((row) => toResourceGroup(account.name, row)));
  });
  return records;
}
