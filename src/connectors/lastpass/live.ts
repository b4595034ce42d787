import { zoneTime } from '../../connector-kit/time.ts';
import { UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import type { AccountRecord, AnyRecord } from '../../model/records.ts';
import { getSharedFolders, getUserData, type UserDataPage } from './client.ts';
import type { LastPassContext } from './config.ts';
import { isAddress, readFolder, type SharedFolder } from './folders.ts';
import { groupKey } from './mapping.ts';
import { mapUserPage, walkMemory } from './memberships.ts';

/** The longest page anybody asks the vendor for (Splunk's and Elastic's clients). */
export const MAX_PAGE_SIZE = 2000;

/** One page, and whether it is the last. */
export interface LivePage {
  readonly page: UserDataPage;
  readonly isLast: boolean;
}

/** Reads a page of users and tells whether there are more. An empty page before the total is an error, not an end. */
export async function readUserPage(
  context: LastPassContext,
  query: {
    readonly pageSize: number;
    readonly pageIndex: number;
    readonly username?: string;
    readonly admin?: boolean;
    readonly disabled?: boolean;
  },
): Promise<LivePage> {
  const page = await getUserData(context, query);
  const upTo = query.pageIndex * query.pageSize + page.users.length;
  const isLast = page.total === null ? page.users.length < query.pageSize : upTo >= page.total;
  if (!isLast && page.users.length < query.pageSize) {
    throw new UsherError('upstreamBug', `LastPass sent ${upTo} of ${page.total ?? 'its'} users and then no more.`, {
      code: 'shortPage',
      next: 'Users may have been removed in between, or LastPass allows smaller pages only: try again with a smaller page size.',
    });
  }
  return { page, isLast };
}

/** Walks all users, page by page. */
export async function* allUserPages(context: LastPassContext): AsyncGenerator<UserDataPage, void, void> {
  for (let pageIndex = 0; ; pageIndex += 1) {
    const { page, isLast } = await readUserPage(context, { pageSize: MAX_PAGE_SIZE, pageIndex });
    yield page;
    if (isLast) return;
  }
}

/** All records of the directory: accounts, invitations, groups, memberships, administrator grants. */
export async function readDirectory(context: LastPassContext): Promise<AnyRecord[]> {
  const zone = zoneTime(context.settings.timeZone);
  const memory = walkMemory();
  const records: AnyRecord[] = [];
  for await (const page of allUserPages(context)) records.push(...mapUserPage(page, zone, memory));
  return records;
}

/** One account with its groups and grants, by id, invitation key or address; empty where there is none. */
export async function readAccount(context: LastPassContext, id: string): Promise<readonly AnyRecord[]> {
  if (isAddress(id) && !id.startsWith('invited:')) return readByAddress(context, id);
  if (id.startsWith('invited:')) return withGrants(await readInvited(context, id.slice('invited:'.length)), id);
  if (!/^\d+$/.test(id)) return [];
  // The vendor cannot look up by id: walk until the user comes.
  const zone = zoneTime(context.settings.timeZone);
  for await (const page of allUserPages(context)) {
    if (page.users.some(([key]) => key === id)) return withGrants(mapUserPage(page, zone, walkMemory()), id);
  }
  return [];
}

async function readByAddress(context: LastPassContext, address: string): Promise<readonly AnyRecord[]> {
  const zone = zoneTime(context.settings.timeZone);
  const page = await getUserData(context, { username: address });
  const wanted = fold(address);
  const records = mapUserPage(page, zone, walkMemory());
  const account = records.find((record) => record.kind === 'account' && fold(record.email ?? '') === wanted);
  if (account !== undefined) return withGrants(records, account.key);
  const invited = await readInvited(context, address);
  const invitation = invited.find((record) => record.kind === 'account');
  return invitation === undefined ? [] : withGrants(invited, invitation.key);
}

/** Invitations come with any page: the smallest will do. Only the wanted one is handed on. */
async function readInvited(context: LastPassContext, address: string): Promise<readonly AnyRecord[]> {
  const page = await getUserData(context, { pageSize: 1, pageIndex: 0 });
  const wanted = fold(address);
  const invited = page.invited.filter((each) => fold(each) === wanted).slice(0, 1);
  if (invited.length === 0) return [];
  return mapUserPage({ ...page, users: [], invited }, zoneTime(context.settings.timeZone), walkMemory());
}

/** An account with its grants and what they are for. */
function withGrants(records: readonly AnyRecord[], key: string): readonly AnyRecord[] {
  const grants = records.filter((record) => record.kind === 'grant' && record.holderKey === key);
  const targets = new Set(grants.map((grant) => (grant.kind === 'grant' ? grant.targetKey : '')));
  return [
    ...records.filter((record) => record.kind === 'account' && record.key === key),
    ...records.filter((record) => record.kind === 'group' && targets.has(record.key)),
    ...grants,
  ];
}

/** A group as its name and the addresses of its members. */
export interface LiveGroup {
  readonly name: string;
  readonly members: readonly string[];
}

/** All groups with the addresses of their members, both sorted. A group without members is not told by the API. */
export async function readAllGroups(context: LastPassContext): Promise<LiveGroup[]> {
  const records = await readDirectory(context);
  const addresses = new Map<string, string>();
  const members = new Map<string, string[]>();
  for (const record of records) {
    if (record.kind === 'account') addresses.set(record.key, addressOf(record));
    if (record.kind === 'group') members.set(record.key, []);
  }
  for (const record of records) {
    if (record.kind !== 'grant' || record.targetKind !== 'group') continue;
    const address = addresses.get(record.holderKey);
    if (address !== undefined) members.get(record.targetKey)?.push(address);
  }
  return [...members]
    .map(([name, each]) => ({ name, members: each.sort(byCode) }))
    .sort((a, b) => byCode(a.name, b.name));
}

/** A group by its exact name; throws `notFound`. */
export async function readGroup(context: LastPassContext, name: string): Promise<LiveGroup> {
  const key = groupKey(name);
  const group = (await readAllGroups(context)).find((each) => each.name === key);
  if (group !== undefined) return group;
  throw new UsherError(
    'notFound',
    `LastPass has no group named "${name}", or it has no members: then it is not told.`,
    {
      next: 'Names are exact, letter case included: see lastpass_list_groups.',
    },
  );
}

/** Shared folders, those that are deleted softly left out unless wanted. */
export async function readFolders(context: LastPassContext, withDeleted: boolean): Promise<SharedFolder[]> {
  const folders = new Map<string, SharedFolder>();
  for await (const batch of getSharedFolders(context, 500)) {
    for (const folder of batch.map(readFolder)) {
      if ((withDeleted || !folder.isDeleted) && !folders.has(folder.id)) folders.set(folder.id, folder);
    }
  }
  return [...folders.values()];
}

/** A shared folder by its id; throws `notFound`. The vendor has no look-up: the answer is read until it comes. */
export async function readFolderById(context: LastPassContext, id: string): Promise<SharedFolder> {
  for await (const batch of getSharedFolders(context, 100)) {
    const entry = batch.find(([key]) => key === id);
    if (entry !== undefined) return readFolder(entry);
  }
  throw new UsherError('notFound', `LastPass has no shared folder ${id}.`, {
    next: 'See lastpass_list_shared_folders.',
  });
}

function addressOf(account: AccountRecord): string {
  return account.email ?? account.key;
}

/** By code units: the same everywhere, whatever the locale. */
export function byCode(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
