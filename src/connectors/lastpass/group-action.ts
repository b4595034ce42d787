import { z } from 'zod';
import type { PlanSnapshot } from '../../connector-kit/changes.ts';
import { writeAction } from '../../connector-kit/define-change.ts';
import { draft } from '../../connector-kit/plan-accounts.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import { groupKey } from './mapping.ts';
import { accountsOf, refuseInvitation } from './plan-accounts.ts';
import { groupName, reference } from './write-inputs.ts';

const groups = z.array(groupName).max(500).default([]);

/** Memberships of many users in one plan: a change a user. */
export const changeGroupMembers = writeAction({
  id: 'lastpass_change_group_members',
  title: 'Add users to groups and remove them',
  description: 'Changes the memberships of one or many users; for each, the groups to add to and to remove from.',
  effect: 'write',
  input: z.strictObject({
    changes: z
      .array(
        z.strictObject({
          user: reference.meta({ description: 'Address, numeric id or composite id of the user' }),
          add: groups.meta({ description: 'Exact names of groups to add the user to' }),
          remove: groups.meta({ description: 'Exact names of groups to remove the user from' }),
        }),
      )
      .min(1)
      .max(10_000)
      .meta({ description: 'One entry a user' }),
    create_groups: z.boolean().default(false).meta({
      description:
        'Add to groups without members too: LastPass makes a group that it does not know, a misspelt one as well',
    }),
  }),
  async plan({ changes, create_groups }, snapshot) {
    changes.forEach(({ add, remove }, index) => {
      const field = `changes.${index}`;
      if (add.length + remove.length === 0) {
        throw invalidInput(field, 'There is nothing to change for this user.', 'Give groups in add or remove.');
      }
      const added = new Set(add.map(groupKey));
      const both = remove.find((group) => added.has(groupKey(group)));
      if (both !== undefined) throw invalidInput(field, `The group ${both} is both in add and in remove.`);
    });
    const known = await accountsOf(
      snapshot,
      changes.map((change) => change.user),
      'changes',
    );
    for (const each of known) refuseInvitation(each, 'a membership');
    if (!create_groups)
      await refuseUnknownGroups(
        snapshot,
        changes.flatMap(({ add }) => add),
        'changes',
      );
    return known.map((each, index) =>
      draft('change_groups', each, {
        add: unique(changes[index]?.add ?? []),
        remove: unique(changes[index]?.remove ?? []),
      }),
    );
  },
});

/** Throws `notFound` for the first name that no synced group has: LastPass would make a group of it. */
export async function refuseUnknownGroups(
  snapshot: PlanSnapshot,
  names: readonly string[],
  field: string,
): Promise<void> {
  if (names.length === 0) return;
  const known = await snapshot.groups(unique(names).map(groupKey));
  const unknown = names.find((group) => !known.has(groupKey(group)));
  if (unknown === undefined) return;
  throw new UsherError('notFound', `LastPass has no group named "${unknown}", or nobody is in it yet.`, {
    code: 'unknownGroup',
    field,
    next: 'Names are exact, letter case included. To have LastPass make the group, give create_groups: true.',
  });
}

/** Each name once, in order; two spellings of one name in Unicode are one. */
export function unique(names: readonly string[]): string[] {
  return [...new Map(names.map((each) => [groupKey(each), each])).values()];
}
