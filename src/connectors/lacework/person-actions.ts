import { z } from 'zod';
import type { WriteAction } from '../../connector-kit/changes.ts';
import { writeAction } from '../../connector-kit/define-change.ts';
import { subjectLabel } from '../../model/changes.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import { homeAccount, isOrganization, type Settings } from './config.ts';
import { accessOf } from './access-changes.ts';
import { groupOfKey } from './mapping.ts';
import { membershipsOf } from './memberships.ts';
import {
  draft, givingChain, modelsIn, namedAccounts, newPerson, personOf, type PlannedPerson, type Role, wantedAccess,
} from './plan-people.ts'; // prettier-ignore

const user = z.string().trim().min(1).max(320).meta({ description: 'Address, GUID of a service user or composite id' });
const subAccounts = z
  .array(z.string().min(1))
  .max(200)
  .optional()
  .meta({ description: 'Only in these sub-accounts; default: in all the person is in' });
const role = z.enum(['admin', 'power_user', 'read_only_user', 'user']).meta({
  description: 'admin; power_user or read_only_user where RBAC is on; user where it is not',
});
const name = z.string().trim().min(1).max(200);

const newUserInput = z.strictObject({
  email: z.email('Give an address.').meta({ description: 'The address; it can never be changed' }),
  given_name: name.meta({ description: 'First name' }),
  family_name: name.meta({ description: 'Last name' }),
  company: name.optional().meta({ description: 'Default: the name of the account. It can never be changed' }),
  organization_role: z.enum(['org_admin', 'org_user']).optional().meta({
    description: 'A role in the organization: org_admin administers all accounts, org_user reads all of them',
  }),
  sub_accounts: z
    .array(z.strictObject({ name: z.string().min(1), role }))
    .max(200)
    .default([])
    .meta({ description: 'Access to sub-accounts; default: to the account of the key' }),
  groups: z.array(z.string().min(1)).max(200).default([]).meta({
    description: 'User groups, <sub-account>/<GUID> as lacework_list_groups shows them',
  }),
});
type NewUserInput = z.output<typeof newUserInput>;

const createUser = writeAction<typeof newUserInput, Settings>({
  id: 'lacework_create_user',
  title: 'Create a user',
  description:
    'Creates a person in the sub-accounts named, in either user model, with roles and groups; Lacework mails an invitation. Refused where the person exists: lacework_onboard_user adds what is missing.',
  effect: 'write',
  input: newUserInput,
  async plan(input, snapshot, settings) {
    const known = (await snapshot.accountsAt([input.email])).get(fold(input.email));
    if (known !== undefined) {
      throw new UsherError('alreadyExists', `${input.email} has an account already.`, {
        field: 'email',
        next: 'To give it more sub-accounts or groups, use lacework_onboard_user.',
      });
    }
    const wanted = await wantedAccess(snapshot, settings, askedIn(input));
    return givingChain(
      { subject: newPerson(input.email, fullName(input)), state: null },
      personIn(input, settings),
      wanted,
      { settings },
    );
  },
});

const onboardUser = writeAction<typeof newUserInput, Settings>({
  id: 'lacework_onboard_user',
  title: 'Onboard a user',
  description:
    'Gives a person access to sub-accounts, step by step: made where it is not yet, put into the groups its role needs, each step read back. Stopped anywhere, it goes on from there.',
  effect: 'write',
  input: newUserInput,
  async plan(input, snapshot, settings) {
    const wanted = await wantedAccess(snapshot, settings, askedIn(input));
    const known = (await snapshot.accountsAt([input.email])).get(fold(input.email)) ?? null;
    const person = personIn(input, settings);
    if (known === null) {
      return givingChain({ subject: newPerson(input.email, fullName(input)), state: null }, person, wanted, {
        settings,
      });
    }
    const chain = givingChain(known, person, wanted, { settings });
    if (chain.length > 0) return chain;
    throw new UsherError('conflict', `${input.email} has all of this already.`, { next: 'Nothing needs to be done.' });
  },
});

const updateInput = z.strictObject({ user, given_name: name.optional(), family_name: name.optional() });
const updateUser = writeAction<typeof updateInput, Settings>({
  id: 'lacework_update_user',
  title: "Update a user's name",
  description: 'Changes the name in all sub-accounts. Address and company cannot be changed.',
  effect: 'write',
  input: updateInput,
  async plan(input, snapshot) {
    if (input.given_name === undefined && input.family_name === undefined) {
      throw invalidInput('given_name', 'There is nothing to change.', 'Give given_name or family_name.');
    }
    const known = await personOf(snapshot, input.user, 'user');
    const [first = '', ...rest] = (known.account.displayName ?? '').split(' ');
    const givenName = input.given_name ?? known.account.givenName ?? first;
    const familyName = input.family_name ?? known.account.familyName ?? rest.join(' ');
    return [draft('update_user', known, { givenName, familyName })];
  },
});

const whereInput = z.strictObject({ user, sub_accounts: subAccounts });

function switching(verb: 'enable' | 'disable', description: string): WriteAction<z.ZodObject, Settings> {
  return writeAction<typeof whereInput, Settings>({
    id: `lacework_${verb}_user`,
    title: verb === 'enable' ? 'Enable a user' : 'Disable a user',
    description,
    effect: 'write',
    input: whereInput,
    async plan(input, snapshot) {
      const known = await personOf(snapshot, input.user, 'user');
      const named = await namedAccounts(snapshot, input.sub_accounts ?? [], known);
      return [draft(`${verb}_user`, known, { subAccounts: [...named] })];
    },
  });
}

const deleteUser = writeAction<typeof whereInput, Settings>({
  id: 'lacework_delete_user',
  title: 'Delete a user',
  description:
    'Deletes the person, or service user, in these sub-accounts or in all: console and API access end for good, its API keys with them.',
  effect: 'destructive',
  input: whereInput,
  async plan(input, snapshot) {
    const known = await personOf(snapshot, input.user, 'user');
    const named = await namedAccounts(snapshot, input.sub_accounts ?? [], known);
    return [draft('delete_user', known, { subAccounts: [...named] })];
  },
});

const resendInput = z.strictObject({ user });
const resendInvitation = writeAction<typeof resendInput, Settings>({
  id: 'lacework_resend_invitation',
  title: 'Send an invitation again',
  description:
    'Lacework has no call for it: somebody who has never signed in is deleted and created again with the same access, which sends a new mail. The ids of the account change.',
  effect: 'destructive',
  input: resendInput,
  async plan(input, snapshot, settings) {
    const known = await personOf(snapshot, input.user, 'user');
    refuseUnlessInvited(known);
    const { account } = known;
    const company = account.extra['company'];
    const [first = '', ...rest] = (account.displayName ?? '').split(' ');
    const access = accessOf(known.state);
    const groups = known.state.grants.flatMap(({ targetKind, targetKey }) => {
      const isRbac =
        targetKind === 'group' &&
        membershipsOf(known.state, [groupOfKey(targetKey)?.subAccount ?? '']).some(({ model }) => model === 'rbac');
      return isRbac ? [targetKey] : [];
    });
    const roles = [
      ...(access?.adminOf ?? []).map((each) => ({ name: each, role: 'admin' as Role })),
      ...(access?.userOf ?? []).map((each) => ({ name: each, role: 'user' as Role })),
    ];
    const wanted = await wantedAccess(snapshot, settings, {
      organizationRole: isOrganization(settings) ? (access?.role ?? null) : null,
      roles,
      groups,
    });
    // Somebody in an account with RBAC and in no group of it is made there again all the same.
    const everywhere = new Map(wanted.roles);
    for (const { subAccount, model } of membershipsOf(known.state, [])) {
      if (model === 'rbac' && !everywhere.has(subAccount)) everywhere.set(subAccount, null);
    }
    const person = {
      email: account.email ?? '',
      givenName: account.givenName ?? first,
      familyName: account.familyName ?? rest.join(' '),
      company: typeof company === 'string' ? company : companyOf(settings),
    };
    return [
      draft('withdraw_invitation', known, { subAccounts: [] }),
      ...givingChain(known, person, { ...wanted, roles: everywhere }, { settings, isAnew: true }),
    ];
  },
});

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
      const now = accessOf(known.state);
      if (now === null) {
        throw invalidInput(
          'organization_role',
          `${subjectLabel(known.subject)} is in accounts with RBAC only, and Lacework has no call for roles of the organization there.`,
          'Set it in the console, under the settings of the organization.',
        );
      }
      const next = input.organization_role === 'none' ? null : input.organization_role;
      const legacy = membershipsOf(known.state, [])
        .filter(({ model }) => model === 'legacy')
        .map(({ subAccount }) => subAccount);
      const adminOf = now.role === 'org_admin' ? [] : now.adminOf;
      const params = {
        role: next,
        adminOf: next === 'org_admin' ? [] : adminOf,
        userOf: next === null ? legacy.filter((each) => !adminOf.includes(each)) : [],
      };
      return [draft(next === 'org_admin' ? 'make_organization_admin' : 'set_organization_access', known, params)];
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
    return [
      draft(wantedRole === 'admin' ? 'make_account_admin' : 'set_account_role', known, {
        subAccount,
        role: wantedRole,
      }),
    ];
  },
});

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
        return draft(`${verb === 'add' ? 'add_to' : 'remove_from'}_group`, each, { ...group, name: key });
      });
    },
  });
}

function askedIn(input: NewUserInput): Parameters<typeof wantedAccess>[2] {
  return { organizationRole: input.organization_role ?? null, roles: input.sub_accounts, groups: input.groups };
}

function personIn(input: NewUserInput, settings: Settings): Parameters<typeof givingChain>[1] {
  return {
    email: input.email,
    givenName: input.given_name,
    familyName: input.family_name,
    company: input.company ?? companyOf(settings),
  };
}

/** Required by the API reference; the guide leaves it out. */
function companyOf(settings: Settings): string {
  return homeAccount(settings);
}

function fullName({ given_name: first, family_name: last }: Pick<NewUserInput, 'given_name' | 'family_name'>): string {
  return `${first} ${last}`;
}

function refuseUnlessInvited({ account, subject }: PlannedPerson): void {
  const label = subjectLabel(subject);
  if (account.isService === true)
    throw misfit(`${label} is a service user: it is never invited.`, 'Nothing needs to be done.');
  if (account.status === 'disabled') throw misfit(`${label} is disabled.`, 'Enable the account first.');
  if (account.status === 'invited' && account.volatile.lastLoginAt === null) return;
  throw misfit(`${label} has signed in already: there is nothing to invite to.`, 'Nothing needs to be done.');
}

function misfit(message: string, next: string): UsherError {
  return new UsherError('conflict', message, { next });
}

/** What can be done to people. */
export const personActions: readonly WriteAction<z.ZodObject, Settings>[] = [
  createUser, onboardUser, updateUser,
  switching('enable', 'Gives the sign-in back, in these sub-accounts or in all.'),
  switching('disable', 'Blocks the sign-in, in these sub-accounts or in all; groups and roles are kept. API keys of the person are not touched.'),
  deleteUser, resendInvitation, setRole,
  memberAction('add', { title: 'Add members to a group', description: 'Puts people into a user group of a sub-account with RBAC; in the older model, makes them administrators or users.' }),
  memberAction('remove', { title: 'Remove members from a group', description: 'Takes people out of a user group of a sub-account.' }),
]; // prettier-ignore
