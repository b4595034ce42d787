import type { UnifiedLive, UnifiedTraits } from '../../connector-kit/connector.ts';
import { zoneTime } from '../../connector-kit/time.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import type { AnyRecord } from '../../model/records.ts';
import { getSharedFolders } from './client.ts';
import type { LastPassContext, LastPassSettings } from './config.ts';
import { mapFolder, readFolder, SHARED_FOLDER } from './folders.ts';
import { readAccount, readDirectory, readUserPage } from './live.ts';
import { ROLES } from './mapping.ts';
import { mapUserPage, walkMemory } from './memberships.ts';
import { checkCredentials, companyName } from './probe.ts';

/** How LastPass shows in the unified IAM API: users by address, two roles made up, folders also as policies. */
export const traits: UnifiedTraits<LastPassSettings> = {
  userId: 'email',
  roles: ROLES,
  unknownRoleStatus: 400,
  resourceTypes: [SHARED_FOLDER],
  resourcesArePolicies: true,
  // `give` shows the passwords, `readonly` keeps from changing them: a folder's editor may be allowed to look only.
  actionsOf: ({ permission, extra }) => {
    if (permission === 'admin') return ['read', 'write', 'delete'];
    return extra['readonly'] === true ? ['read'] : ['read', 'write'];
  },
  describe: (settings) => ({
    organizations: [{ id: settings.companyId, name: companyName(settings) }],
    // The credentials are the company's: there is no current user.
    credentials: { name: companyName(settings), authType: 'api_key' },
  }),
};

/** The live reads behind the unified actions. */
export const live: UnifiedLive<LastPassSettings & { readonly provisioningHash: string }> = {
  async accounts(context, { cursor, pageSize, email }) {
    if (email !== null) return { records: await readAccount(context, email), next: null };
    return readAccountPage(context, readPosition(cursor), pageSize);
  },
  account: (context, id) => readAccount(context, id),
  groups: (context) => readDirectory(context),
  async resources(context, { resourceType, resourceId }) {
    if (resourceType !== SHARED_FOLDER) {
      throw new UsherError('invalidInput', `LastPass has no resources of type ${resourceType}.`, {
        field: 'resource_type',
        next: `The only type is ${SHARED_FOLDER}.`,
      });
    }
    const records: AnyRecord[] = [];
    for await (const batch of getSharedFolders(context, 500)) {
      const wanted = resourceId === null ? batch : batch.filter(([id]) => id === resourceId);
      records.push(...wanted.flatMap((entry) => mapFolder(readFolder(entry))));
    }
    return records;
  },
  async check(context) {
    await checkCredentials(context);
  },
};

/** Page index, and whether invitations were shown: they may come with every page. */
interface Position {
  readonly pageIndex: number;
  readonly hasInvitations: boolean;
}

async function readAccountPage(
  context: LastPassContext,
  position: Position,
  pageSize: number,
): Promise<{ readonly records: readonly AnyRecord[]; readonly next: string | null }> {
  const { pageIndex, hasInvitations } = position;
  const { page, isLast } = await readUserPage(context, { pageSize, pageIndex });
  const shown = hasInvitations ? { ...page, invited: [] } : page;
  const records = mapUserPage(shown, zoneTime(context.settings.timeZone), walkMemory());
  const following = `${pageIndex + 1}${hasInvitations || page.invited.length > 0 ? 'i' : ''}`;
  return { records, next: isLast ? null : following };
}

function readPosition(cursor: string | null): Position {
  if (cursor === null) return { pageIndex: 0, hasInvitations: false };
  const match = /^(\d{1,9})(i?)$/.exec(cursor);
  if (match === null)
    throw invalidInput('next', 'next is not a cursor of this list.', 'Start the list again without it.');
  return { pageIndex: Number(match[1]), hasInvitations: match[2] === 'i' };
}
