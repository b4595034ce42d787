import { z } from 'zod';
import type { Collection, CollectionEnd, CollectionPage } from '../../connector-kit/connector.ts';
import { watchShape } from '../../connector-kit/drift.ts';
import type { JsonValue } from '../../model/records.ts';
import { readCheckpoint } from './checkpoint.ts';
import type { InsightContext, Settings } from './config.ts';
import { listGroups, withMembers } from './groups.ts';
import { membership } from './mapping.ts';
import { GROUP_SHAPE } from './schemas.ts';

/** After which group to go on, and how many there were at the start. */
const placeSchema = z.strictObject({ after: z.string(), total: z.int().nonnegative() });

/** User groups and who is in them: the list, and a call a group where the list does not tell its members. */
export const groupCollection: Collection<Settings> = {
  id: 'user_groups',
  title: 'User groups and their members',
  yields: ['group', 'grant'],
  dependsOn: ['users'],
  pull: (context, _scope, checkpoint) => pullGroups(context, checkpoint),
};

async function* pullGroups(
  context: InsightContext,
  checkpoint: JsonValue,
): AsyncGenerator<CollectionPage, CollectionEnd, void> {
  const shape = watchShape(context.drift, { operation: 'getUserGroup', path: '' }, GROUP_SHAPE);
  const listed = await listGroups(context);
  const place = readCheckpoint(placeSchema, checkpoint, { after: '', total: listed.length });
  const rest = listed.filter(({ group }) => group.key > place.after);
  let hidden = 0;
  for (const each of rest) {
    const observedAt = context.clock.now().toISOString();
    const found = await withMembers(context, each);
    if (found === null) return { isComplete: false, reason: `The group ${each.group.name} went during the pull.` };
    shape.observe(found.row);
    // Members are named by the ids of the Account API, which the guide's list of users does not have.
    const members = context.settings.userList === 'vm_v4' ? [] : found.members;
    if (members === null) hidden += 1;
    yield {
      records: [found.group, ...[...new Set(members ?? [])].map((id) => membership(id, found.group.key))],
      observedAt,
      checkpoint: { after: found.group.key, total: place.total },
      total: place.total,
    };
  }
  if (hidden > 0) return { isComplete: false, reason: `The platform does not tell who is in ${hidden} groups.` };
  if (rest.some(({ members }) => members === null)) {
    // The members were read one group after the other: are these still the groups?
    const again = (await listGroups(context)).map(({ group }) => group.key).join(' ');
    if (again !== listed.map(({ group }) => group.key).join(' ')) {
      return { isComplete: false, reason: 'Groups came or went during the pull.' };
    }
  }
  return { isComplete: true };
}
