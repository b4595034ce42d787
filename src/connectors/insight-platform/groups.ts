import type { GroupRecord } from '../../model/records.ts';
import { unexpectedShape } from './answers.ts';
import { getUserGroup, getUserGroups } from './client.ts';
import type { InsightContext } from './config.ts';
import { membersOf, toGroup } from './mapping.ts';
import type { Row } from './paging.ts';

/** A group and who is in it. */
export interface GroupWithMembers {
  readonly group: GroupRecord;
  /** Ids of users; null: the platform does not tell. */
  readonly members: readonly string[] | null;
}

/** A group of the list, with its members where the list tells them. */
export interface ListedGroup extends GroupWithMembers {
  readonly row: Row;
}

/** The groups of the organization, by id. */
export async function listGroups(context: InsightContext): Promise<readonly ListedGroup[]> {
  const operation = 'getUserGroups';
  const rows = await getUserGroups(context);
  const groups = rows.map((row) => ({ row, group: toGroup(operation, row), members: membersOf(operation, row) }));
  const byId = new Map(groups.map((each) => [each.group.key, each]));
  return [...byId.values()].sort((a, b) => (a.group.key < b.group.key ? -1 : 1));
}

/** A group with its members, asking for it alone where the list did not tell them; null: it is gone. */
export async function withMembers(
  context: InsightContext,
  listed: ListedGroup,
): Promise<(GroupWithMembers & { readonly row: Row }) | null> {
  if (listed.members !== null) return listed;
  const operation = 'getUserGroup';
  const row = await getUserGroup(context, listed.group.key);
  if (row === null) return null;
  const group = toGroup(operation, row);
  if (group.key !== listed.group.key) throw unexpectedShape(operation, ['id']);
  return { row, group, members: membersOf(operation, row) };
}

/** All groups with their members: one call, and one more a group where the list does not tell who is in it. */
export async function readGroups(context: InsightContext): Promise<readonly GroupWithMembers[]> {
  const groups: GroupWithMembers[] = [];
  for (const listed of await listGroups(context)) {
    const group = await withMembers(context, listed);
    if (group !== null) groups.push({ group: group.group, members: group.members });
  }
  return groups;
}
