import { z } from 'zod';
import type { ChangeDraft, KnownAccount, WriteAction } from '../../connector-kit/changes.ts';
import { writeAction } from '../../connector-kit/define-change.ts';
import { subjectLabel } from '../../model/changes.ts';
import { invalidInput } from '../../model/errors.ts';
import { isOrganization, type Settings } from './config.ts';
import { organizationChange } from './giving-chain.ts';
import { groupOfKey } from './mapping.ts';
import { membershipsOf } from './memberships.ts';
import { misfit, role, user } from './person-inputs.ts';
import { draft } from '../../connector-kit/plan-accounts.ts';
import { modelsIn, namedAccounts, personOf, type Role, wantedAccess } from './plan-people.ts';

const roleInput = z.strictObject({
  user,
  sub_account: z.string().min(1).optional().meta({ description: 'The sub-account; absent with organization_role' }),
  role: role.optional(),
  organization_role: z.enum(['org_admin', 'org_user', 'none']).optional().meta({
    description: 'The role in the organization; none: only what the person is in its accounts',
  }),
});
const setRole = writeAction<typeof roleInput, Settings>({
  id: 'lacework_set_role',
  title: "Set a user's role",
  description:
    'Gives the role in one sub-account, or in the organization. With RBAC roles are the built-in user groups; groups made in the console are not touched. An organization role takes the place of roles in accounts.',
  effect: 'write',
  input: roleInput,
  async plan(input, snapshot, settings) {
    const known = await personOf(snapshot, input.user, 'user');
    if (input.organization_role !== undefined) {
      if (!isOrganization(settings)) {
        throw invalidInput('organization_role', 'This connection is for one account.', 'Give sub_account and role.');
      }
      const next = input.organization_role === 'none' ? null : input.organization_role;
      const { change, params } = organizationChange(known, next);
      return [draft(change, known, params)];
    }
    const { sub_account: given, role: wantedRole } = input;
    if (given === undefined || wantedRole === undefined) {
      throw invalidInput('role', 'It takes sub_account and role, or organization_role.', 'See lacework_list_roles.');
    }
    const [subAccount = ''] = await namedAccounts(snapshot, [given], known);
    await wantedAccess(snapshot, settings, {
      organizationRole: null,
      roles: [{ name: subAccount, role: wantedRole }],
      groups: [],
    });
    return [accountRole(known, subAccount, wantedRole)];
  },
});

/** The change that gives somebody a role in a sub-account. */
function accountRole(known: KnownAccount, subAccount: string, wanted: Role): ChangeDraft {
  if (known.state.account?.roles.includes('org_admin') === true) {
    throw misfit(
      `${subjectLabel(known.subject)} is an administrator of the organization, which stands above roles in accounts.`,
      'Take that role away first: organization_role none, or org_user.',
    );
  }
  const change = wanted === 'admin' ? 'make_account_admin' : 'set_account_role';
  return draft(change, known, { subAccount, role: wanted });
}

const membersInput = z.strictObject({
  group: z.string().min(3).meta({ description: '<sub-account>/<GUID>, as lacework_list_groups shows it' }),
  users: z.array(user).min(1).max(10_000).meta({ description: 'Addresses, GUIDs of service users or composite ids' }),
});

function memberAction(
  verb: 'add' | 'remove',
  texts: { readonly title: string; readonly description: string },
): WriteAction<z.ZodObject, Settings> {
  return writeAction<typeof membersInput, Settings>({
    id: `lacework_${verb}_group_members`,
    ...texts,
    effect: 'write',
    input: membersInput,
    async plan({ group: key, users }, snapshot) {
      const group = groupOfKey(key);
      const models = await modelsIn(snapshot);
      const model = group === null ? undefined : models.get(group.subAccount);
      if (group === null || model === undefined || (model === 'legacy' && !(await snapshot.groups([key])).has(key))) {
        throw invalidInput(
          'group',
          `There is no group ${key}.`,
          'Groups are named <sub-account>/<GUID>: see lacework_list_groups.',
        );
      }
      if (verb === 'remove' && group.guid === 'ACCOUNT_USER') {
        throw invalidInput(
          'group',
          'Everybody in an account with the older user model is its user or its administrator; nobody can be neither.',
          'Delete the person there, or put it among the administrators.',
        );
      }
      const known = await snapshot.accounts(users, 'users');
      return known.map((each) => {
        if (membershipsOf(each.state, [group.subAccount]).length === 0) {
          throw invalidInput(
            'users',
            `${subjectLabel(each.subject)} is not in sub-account ${group.subAccount}.`,
            'Use lacework_onboard_user to make the account there with its groups.',
          );
        }
        if (model === 'rbac') {
          return draft(`${verb === 'add' ? 'add_to' : 'remove_from'}_group`, each, { ...group, name: key });
        }
        // The two groups of an account with the older model are its two roles.
        const isRaised = verb === 'add' && group.guid === 'ACCOUNT_ADMIN';
        return accountRole(each, group.subAccount, isRaised ? 'admin' : 'user');
      });
    },
  });
}

/** What can be done to what people may do. */
export const accessActions: readonly WriteAction<z.ZodObject, Settings>[] = [
  setRole,
  memberAction('add', { title: 'Add members to a group', description: 'Puts people into a user group of a sub-account with RBAC; in the older model, makes them administrators or users.' }),
  memberAction('remove', { title: 'Remove members from a group', description: 'Takes people out of a user group of a sub-account.' }),
]; // prettier-ignore
