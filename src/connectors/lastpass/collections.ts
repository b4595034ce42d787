import { z } from 'zod';
import type { Collection, CollectionEnd, CollectionPage } from '../../connector-kit/connector.ts';
import { type ShapeWatcher, watchShape } from '../../connector-kit/drift.ts';
import { isObject } from '../../connector-kit/json.ts';
import { zoneTime } from '../../connector-kit/time.ts';
import { UsherError } from '../../model/errors.ts';
import type { JsonValue } from '../../model/records.ts';
import { getSharedFolders, getUserData, type UserDataPage } from './client.ts';
import type { LastPassContext, LastPassSettings } from './config.ts';
import { mapFolder, readFolder } from './folders.ts';
import { ROLES } from './mapping.ts';
import { readUserPage, walkMemory } from './memberships.ts';
import { FOLDER_SHAPE, PERMISSION_SHAPE, USER_SHAPE } from './schemas.ts';

type Settings = LastPassSettings & { readonly provisioningHash: string };

/** Where a walk over `getuserdata` stands. */
const checkpointSchema = z.strictObject({
  pageIndex: z.int().positive(),
  pageSize: z.int().positive(),
  total: z.int().nonnegative().nullable(),
  seen: z.int().nonnegative(),
});
type Checkpoint = z.output<typeof checkpointSchema>;

/**
 * Accounts, invitations, groups, memberships and administrators, all from one walk over `getuserdata`. The paging is by
 * index, so a change of the total between pages means that rows may have shifted: the end is then not complete.
 */
export function directoryCollection(pageSize: number): Collection<Settings> {
  return {
    id: 'directory',
    title: 'Users, groups and invitations',
    yields: ['account', 'group', 'role', 'grant'],
    pull: (context, _scope, checkpoint) => walkDirectory(context, readCheckpoint(checkpoint, pageSize)),
  };
}

async function* walkDirectory(
  context: LastPassContext,
  from: Checkpoint,
): AsyncGenerator<CollectionPage, CollectionEnd, void> {
  const zone = zoneTime(context.settings.timeZone);
  const shape = watchShape(context.drift, { operation: 'getuserdata', path: 'Users.*' }, USER_SHAPE);
  const memory = walkMemory();
  let { pageIndex, pageSize, seen, total: firstTotal } = from;
  for (;;) {
    const observedAt = context.clock.now().toISOString();
    const page = await getUserData(context, { pageSize, pageIndex });
    const count = page.users.length;
    for (const [, user] of page.users) shape.observe(user);
    const { users, records } = readUserPage(page, zone, memory);
    const roles = pageIndex === 0 ? ROLES : [];
    // A first page shorter than asked, of more than that, means: the vendor's pages are at most that long.
    if (pageIndex === 0 && count > 0 && count < pageSize && page.total !== null && count < page.total) pageSize = count;
    seen += count;
    pageIndex += 1;
    const { total } = page;
    firstTotal ??= total;
    yield {
      records: [...roles, ...records],
      deferred: users,
      observedAt,
      checkpoint: { pageIndex, pageSize, total: firstTotal, seen },
      total,
    };

    const isLast = count === 0 || count < pageSize || (total !== null && pageIndex * pageSize >= total);
    if (isLast) return endOf(page, firstTotal, seen);
  }
}

/** Complete only when as many users came as the company is said to have, by a count that did not change. */
function endOf({ total }: UserDataPage, firstTotal: number | null, seen: number): CollectionEnd {
  if (total === null) return { isComplete: true };
  if (firstTotal !== null && firstTotal !== total) {
    return { isComplete: false, reason: `The number of users changed from ${firstTotal} to ${total} during the pull.` };
  }
  if (seen === total) return { isComplete: true };
  return { isComplete: false, reason: `LastPass sent ${seen} of ${total} users and then no more.` };
}

function readCheckpoint(checkpoint: JsonValue, pageSize: number): Checkpoint {
  if (checkpoint === null) return { pageIndex: 0, pageSize, total: null, seen: 0 };
  const parsed = checkpointSchema.safeParse(checkpoint);
  if (parsed.success) return parsed.data;
  throw new UsherError('stale', 'The checkpoint of this pull is of another version of the connector.', {
    next: 'Start the collection again.',
  });
}

/** Shared folders and who may do what with them: one unpaged answer, read as it comes. It cannot resume inside. */
export function sharedFolderCollection(batchSize: number): Collection<Settings> {
  return {
    id: 'shared_folders',
    title: 'Shared folders and their grants',
    yields: ['resource', 'grant'],
    dependsOn: ['directory'],
    pull: (context) => readSharedFolders(context, batchSize),
  };
}

async function* readSharedFolders(
  context: LastPassContext,
  batchSize: number,
): AsyncGenerator<CollectionPage, CollectionEnd, void> {
  const operation = 'getsfdata';
  const folderShape = watchShape(context.drift, { operation, path: '*' }, FOLDER_SHAPE);
  const permissionShape = watchShape(context.drift, { operation, path: '*.users' }, PERMISSION_SHAPE);
  const observedAt = context.clock.now().toISOString();
  const seen = new Set<string>();
  for await (const batch of getSharedFolders(context, batchSize)) {
    // A folder named twice in one answer is taken once, the first time.
    const fresh = batch.filter(([id]) => !seen.has(id) && seen.add(id));
    for (const [, folder] of fresh) observeFolder(folder, folderShape, permissionShape);
    const records = fresh.flatMap((entry) => mapFolder(readFolder(entry)));
    yield { records, observedAt, checkpoint: null, total: null };
  }
  return { isComplete: true };
}

function observeFolder(folder: unknown, folderShape: ShapeWatcher, permissionShape: ShapeWatcher): void {
  if (!isObject(folder)) return;
  folderShape.observe(folder);
  if (!Array.isArray(folder['users'])) return;
  for (const permission of folder['users']) if (isObject(permission)) permissionShape.observe(permission);
}
