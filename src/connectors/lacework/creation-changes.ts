import { z } from 'zod';
import type { ConnectorChange, SubjectState } from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import { subjectLabel } from '../../model/changes.ts';
import type { Settings } from './config.ts';
import { eachItem, membershipIn, rowsAmong } from './memberships.ts';
import { createInOrganization, createPerson } from './write-calls.ts';

/** GUIDs of the rows that what is made takes the place of; []: nobody was there. */
const insteadOf = { insteadOf: z.array(z.string()).default([]) };

/** A person to be made in one sub-account. */
const newPersonParams = z.strictObject({
  subAccount: z.string(),
  model: z.enum(['legacy', 'rbac']),
  email: z.string(),
  givenName: z.string(),
  familyName: z.string(),
  company: z.string(),
  isAdmin: z.boolean(),
  ...insteadOf,
});
type NewPersonParams = z.output<typeof newPersonParams>;

const NOT_TAKEN_BACK = { isPossible: false, how: 'It is as it was but for the ids; the mail is out.' };

/** `makesAccount`: after the one there was has been deleted. */
function create(id: string, makesAccount: boolean): ConnectorChange<Settings> {
  return defineChange<Settings, NewPersonParams>({
    id,
    summary(subject, { subAccount, model, isAdmin }) {
      const as = model === 'rbac' ? ', in no user group yet' : isAdmin ? ' as its administrator' : ' as a user';
      return `Create ${subjectLabel(subject)} in sub-account ${subAccount}${as}; Lacework mails an invitation`;
    },
    params: newPersonParams,
    secrets: [],
    effect: () => 'write',
    endsAccess: false,
    makesAccount,
    sendsMail: true,
    undo: makesAccount
      ? NOT_TAKEN_BACK
      : { isPossible: true, how: 'Deleting the person there again; the mail is out.' },
    wanted(state, { subAccount, model, isAdmin, insteadOf: old }) {
      const there = membershipIn(state, subAccount);
      if (there === null || old.includes(there.userGuid)) return false;
      return model === 'rbac' || !isAdmin || there.role === 'admin';
    },
    proof: { by: 'state' },
    batchSize: 1,
    // Taking back a new invitation would leave nobody invited.
    inverse: (before, { subAccount, insteadOf: old }) =>
      membershipIn(before, subAccount) === null && old.length === 0
        ? { change: 'delete_user', params: { subAccounts: [subAccount] } }
        : null,
    call: (context, items) =>
      eachItem(context, items, async ({ params }) => {
        const { subAccount, model, isAdmin, insteadOf: _, ...person } = params;
        await createPerson(context, subAccount, model, person, isAdmin);
        return { kind: 'taken' };
      }),
  });
}

const organizationParams = z.strictObject({
  email: z.string(),
  givenName: z.string(),
  familyName: z.string(),
  company: z.string(),
  role: z.enum(['org_admin', 'org_user']).nullable(),
  adminOf: z.array(z.string()),
  userOf: z.array(z.string()),
  ...insteadOf,
});
type OrganizationParams = z.output<typeof organizationParams>;

/** The organization's own call makes a row in each of its accounts with the older model. */
function createInAll(id: string, makesAccount: boolean): ConnectorChange<Settings> {
  return defineChange<Settings, OrganizationParams>({
    id,
    summary(subject, { role, adminOf, userOf }) {
      return `Create ${subjectLabel(subject)} ${accessText(role, adminOf, userOf)}; Lacework mails an invitation`;
    },
    params: organizationParams,
    secrets: [],
    effect: () => 'write',
    endsAccess: false,
    makesAccount,
    sendsMail: true,
    undo: makesAccount ? NOT_TAKEN_BACK : { isPossible: true, how: 'Deleting the person again; the mail is out.' },
    wanted: (state, params) => hasAccess(state, params) && rowsAmong(state, params.insteadOf).length === 0,
    proof: { by: 'state' },
    batchSize: 1,
    inverse: ({ account }, { insteadOf: old }) =>
      account === null && old.length === 0 ? { change: 'delete_user', params: { subAccounts: [] } } : null,
    call: (context, items) =>
      eachItem(context, items, async ({ params }) => {
        const { role, adminOf, userOf, insteadOf: _, ...person } = params;
        await createInOrganization(context, person, { role, adminOf, userOf });
        return { kind: 'taken' };
      }),
  });
}

/** Whether somebody is what the organization was told. */
export function hasAccess(
  state: SubjectState,
  { role, adminOf, userOf }: Pick<OrganizationParams, 'role' | 'adminOf' | 'userOf'>,
): boolean {
  if (state.account === null) return false;
  const { roles } = state.account;
  if (role !== null && !roles.includes(role)) return false;
  if (role === null && (roles.includes('org_admin') || roles.includes('org_user'))) return false;
  if (role === 'org_admin') return true;
  const isAdmin = (name: string): boolean => membershipIn(state, name)?.role === 'admin';
  return adminOf.every(isAdmin) && userOf.every((name) => membershipIn(state, name) !== null && !isAdmin(name));
}

/** What somebody is to be in the organization, in words. */
export function accessText(
  role: 'org_admin' | 'org_user' | null,
  adminOf: readonly string[],
  userOf: readonly string[],
): string {
  if (role === 'org_admin') return 'as administrator of the organization and all its accounts';
  const parts = [
    ...(role === 'org_user' ? ['as user of the organization'] : []),
    ...(adminOf.length > 0 ? [`as administrator of ${adminOf.join(', ')}`] : []),
    ...(userOf.length > 0 ? [`as user of ${userOf.join(', ')}`] : []),
  ];
  return parts.length === 0 ? 'without access to any account' : parts.join(', ');
}

/** Changes that make a person; the second of each pair where one has been deleted just before. */
export const creationChanges: readonly ConnectorChange<Settings>[] = [
  create('create_in_account', false), create('recreate_in_account', true),
  createInAll('create_in_organization', false), createInAll('recreate_in_organization', true),
]; // prettier-ignore
