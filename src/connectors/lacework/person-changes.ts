import { z } from 'zod';
import type { ConnectorChange, SubjectState } from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import { isObject } from '../../connector-kit/json.ts';
import { subjectLabel } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import type { Settings } from './config.ts';
import { eachItem, inText, type KnownMembership, membershipIn, membershipsOf, onEach } from './memberships.ts';
import { createInOrganization, createPerson, deleteMembership, setEnabled, setNames } from './write-calls.ts';

/** Sub-accounts by name; []: all the person is in. */
const whereParams = z.strictObject({ subAccounts: z.array(z.string()) });
type WhereParams = z.output<typeof whereParams>;

const isDisabled = ({ status }: KnownMembership): boolean => status === 'disabled';

const disable = defineChange<Settings, WhereParams>({
  id: 'disable_user',
  summary: (subject, { subAccounts }) =>
    `Disable ${subjectLabel(subject)} ${inText(subAccounts)}: no sign-in; groups and roles are kept`,
  params: whereParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: true,
  sendsMail: false,
  undo: { isPossible: true, how: 'Enabling gives the sign-in back where it was.' },
  wanted: (state, { subAccounts }) => areAll(membershipsOf(state, subAccounts), isDisabled),
  proof: { by: 'state' },
  batchSize: 1,
  inverse(before, { subAccounts }) {
    const enabled = membershipsOf(before, subAccounts).filter((each) => !isDisabled(each));
    return enabled.length === 0
      ? null
      : { change: 'enable_user', params: { subAccounts: enabled.map(({ subAccount }) => subAccount) } };
  },
  call: (context, items) =>
    eachItem(context, items, ({ before, params }) =>
      onEach(
        context,
        membershipsOf(before, params.subAccounts).filter((each) => !isDisabled(each)),
        (_, membership) => setEnabled(context, membership, false),
      ),
    ),
});

const enable = defineChange<Settings, WhereParams>({
  id: 'enable_user',
  summary: (subject, { subAccounts }) => `Enable ${subjectLabel(subject)} ${inText(subAccounts)}: sign-in works again`,
  params: whereParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: true, how: 'Disabling blocks the sign-in again.' },
  wanted: (state, { subAccounts }) => areAll(membershipsOf(state, subAccounts), (each) => !isDisabled(each)),
  proof: { by: 'state' },
  batchSize: 1,
  inverse(before, { subAccounts }) {
    const disabled = membershipsOf(before, subAccounts).filter(isDisabled);
    return disabled.length === 0
      ? null
      : { change: 'disable_user', params: { subAccounts: disabled.map(({ subAccount }) => subAccount) } };
  },
  call: (context, items) =>
    eachItem(context, items, ({ before, params }) =>
      onEach(context, membershipsOf(before, params.subAccounts).filter(isDisabled), (_, membership) =>
        setEnabled(context, membership, true),
      ),
    ),
});

/** Ends memberships. Who is gone already is what is wanted. */
function end(
  id: string,
  texts: { summary(label: string, where: string): string; readonly how: string },
): ConnectorChange<Settings> {
  return defineChange<Settings, WhereParams>({
    id,
    summary: (subject, { subAccounts }) => texts.summary(subjectLabel(subject), inText(subAccounts)),
    params: whereParams,
    secrets: [],
    effect: () => 'destructive',
    endsAccess: true,
    sendsMail: false,
    undo: { isPossible: false, how: texts.how },
    wanted: (state, { subAccounts }) => membershipsOf(state, subAccounts).length === 0,
    proof: { by: 'state' },
    batchSize: 1,
    inverse: () => null,
    call: (context, items) =>
      eachItem(context, items, ({ before, params }) =>
        onEach(context, membershipsOf(before, params.subAccounts), async (_, membership) => {
          try {
            await deleteMembership(context, membership);
          } catch (error) {
            if (!(error instanceof UsherError && error.kind === 'notFound')) throw error;
          }
        }),
      ),
  });
}

const remove = end('delete_user', {
  summary: (label, where) => `Delete ${label} ${where}: console and API access end for good`,
  how: 'The person can be invited again, under other ids; API keys and groups come back by hand.',
});
const withdraw = end('withdraw_invitation', {
  summary: (label, where) => `Delete ${label} ${where}, who has never signed in, so that a new invitation can be sent`,
  how: 'The next step invites again.',
});

/** A person to be made in one sub-account. */
const newPersonParams = z.strictObject({
  subAccount: z.string(),
  model: z.enum(['legacy', 'rbac']),
  email: z.string(),
  givenName: z.string(),
  familyName: z.string(),
  company: z.string(),
  isAdmin: z.boolean(),
});
type NewPersonParams = z.output<typeof newPersonParams>;

/** `anew`: after the one there was has been deleted. */
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
    undo: { isPossible: true, how: 'Deleting the person there again; the mail is out.' },
    wanted(state, { subAccount, model, isAdmin }) {
      const there = membershipIn(state, subAccount);
      return there !== null && (model === 'rbac' || !isAdmin || there.role === 'admin');
    },
    proof: { by: 'state' },
    batchSize: 1,
    inverse: (before, { subAccount }) =>
      membershipIn(before, subAccount) === null
        ? { change: 'delete_user', params: { subAccounts: [subAccount] } }
        : null,
    call: (context, items) =>
      eachItem(context, items, async ({ params }) => {
        const { subAccount, model, isAdmin, ...person } = params;
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
    undo: { isPossible: true, how: 'Deleting the person again; the mail is out.' },
    wanted: (state, params) => hasAccess(state, params),
    proof: { by: 'state' },
    batchSize: 1,
    inverse: ({ account }) => (account === null ? { change: 'delete_user', params: { subAccounts: [] } } : null),
    call: (context, items) =>
      eachItem(context, items, async ({ params }) => {
        const { role, adminOf, userOf, ...person } = params;
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

const nameParams = z.strictObject({ givenName: z.string(), familyName: z.string() });
type NameParams = z.output<typeof nameParams>;

const rename = defineChange<Settings, NameParams>({
  id: 'update_user',
  summary: (subject, params) => `Call ${subjectLabel(subject)} ${fullName(params)} in all sub-accounts`,
  params: nameParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: true, how: 'The name before is given back.' },
  wanted: isNamed,
  proof: { by: 'state' },
  batchSize: 1,
  inverse({ account }, params) {
    if (account === null || account.displayName === null || account.displayName === fullName(params)) return null;
    const [first = '', ...rest] = account.displayName.split(' ');
    return {
      change: 'update_user',
      params: { givenName: account.givenName ?? first, familyName: account.familyName ?? rest.join(' ') },
    };
  },
  call: (context, items) =>
    eachItem(context, items, ({ before, params }) => {
      const open = isNamed(before, params) ? [] : membershipsOf(before, []);
      return onEach(context, open, (_, membership) => setNames(context, membership, params));
    }),
});

/** In every sub-account, as far as its rows are at hand. */
function isNamed({ account }: SubjectState, params: NameParams): boolean {
  if (account === null || account.displayName !== fullName(params)) return false;
  const rows = isObject(account.raw) ? Object.values(account.raw).filter(isObject) : [];
  return rows.every((row) => {
    if (typeof row['name'] === 'string') return row['name'] === fullName(params);
    const props = isObject(row['props']) ? row['props'] : {};
    const [first, last] = [props['firstName'], props['lastName']];
    return (first ?? '') === params.givenName && (last ?? '') === params.familyName;
  });
}

function fullName({ givenName, familyName }: NameParams): string {
  return [givenName, familyName].filter((name) => name !== '').join(' ');
}

function areAll(memberships: readonly KnownMembership[], holds: (membership: KnownMembership) => boolean): boolean {
  return memberships.length > 0 && memberships.every(holds);
}

/** Changes that make a person, name, block or end one. */
export const personChanges: readonly ConnectorChange<Settings>[] = [
  disable, enable, remove, withdraw, rename,
  create('create_in_account', false), create('recreate_in_account', true),
  createInAll('create_in_organization', false), createInAll('recreate_in_organization', true),
]; // prettier-ignore
