import { z } from 'zod';
import type { WriteAction } from '../../connector-kit/changes.ts';
import { writeAction } from '../../connector-kit/define-change.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import type { Settings } from './config.ts';
import { givingChain } from './giving-chain.ts';
import { companyOf, role, user } from './person-inputs.ts';
import { draft } from '../../connector-kit/plan-accounts.ts';
import { namedAccounts, newPerson, personOf, wantedAccess } from './plan-people.ts';
import { resendInvitation } from './resend-action.ts';
import { type NewPerson, NO_NAME } from './write-calls.ts';

const subAccounts = z
  .array(z.string().min(1))
  .max(200)
  .optional()
  .meta({ description: 'Only in these sub-accounts; default: in all the person is in' });
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
    const familyName = input.family_name ?? known.account.familyName ?? (rest.join(' ') || NO_NAME);
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

function askedIn(input: NewUserInput): Parameters<typeof wantedAccess>[2] {
  return { organizationRole: input.organization_role ?? null, roles: input.sub_accounts, groups: input.groups };
}

function personIn(input: NewUserInput, settings: Settings): NewPerson {
  return {
    email: input.email,
    givenName: input.given_name,
    familyName: input.family_name,
    company: input.company ?? companyOf(settings),
  };
}

function fullName({ given_name: first, family_name: last }: Pick<NewUserInput, 'given_name' | 'family_name'>): string {
  return `${first} ${last}`;
}

/** What can be done to people. */
export const personActions: readonly WriteAction<z.ZodObject, Settings>[] = [
  createUser, onboardUser, updateUser,
  switching('enable', 'Gives the sign-in back, in these sub-accounts or in all.'),
  switching('disable', 'Blocks the sign-in, in these sub-accounts or in all; groups and roles are kept. API keys of the person are not touched.'),
  deleteUser, resendInvitation,
]; // prettier-ignore
