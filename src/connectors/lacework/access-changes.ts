import { z } from 'zod';
import type { ChangeItem, ConnectorChange, ItemResult, SubjectState } from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import { subjectLabel } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import type { LaceworkContext, Settings } from './config.ts';
import { BUILT_IN_GROUPS, groupKey } from './mapping.ts';
import { eachItem, type KnownMembership, membershipIn, membershipsOf } from './memberships.ts';
import { accessText, hasAccess } from './creation-changes.ts';
import { addToGroup, removeFromGroup, setAccountAdmin, setOrganizationAccess } from './write-calls.ts';

const groupParams = z.strictObject({
  subAccount: z.string(),
  guid: z.string(),
  /** For people. */
  name: z.string(),
});
type GroupParams = z.output<typeof groupParams>;

/** Accounts with RBAC alone have user groups. `rejoin_group`: of somebody made anew, who has been in it. */
function join(id: 'add_to_group' | 'rejoin_group'): ConnectorChange<Settings> {
  const isAnew = id === 'rejoin_group';
  return defineChange<Settings, GroupParams>({
    id,
    summary: (subject, { name }) => `Put ${subjectLabel(subject)} into ${name}${isAnew ? ' again' : ''}`,
    params: groupParams,
    secrets: [],
    effect: () => 'write',
    endsAccess: false,
    sendsMail: false,
    undo: { isPossible: !isAnew, how: isAnew ? 'It is as it was.' : 'Taking the person out of the group again.' },
    wanted: isMember,
    proof: { by: 'state' },
    batchSize: 1,
    inverse: (before, params) => (isAnew || isMember(before, params) ? null : { change: 'remove_from_group', params }),
    call: (context, items) =>
      eachItem(context, items, (item) =>
        onMembership(item, (membership) => addToGroup(context, membership, item.params.guid)),
      ),
  });
}

const leave = defineChange<Settings, GroupParams>({
  id: 'remove_from_group',
  summary: (subject, { name }) => `Take ${subjectLabel(subject)} out of ${name}`,
  params: groupParams,
  secrets: [],
  effect: () => 'write',
  // Administrators are a group here.
  endsAccess: true,
  sendsMail: false,
  undo: { isPossible: true, how: 'Putting the person into the group again.' },
  wanted: (state, params) => state.account !== null && !isMember(state, params),
  proof: { by: 'state' },
  batchSize: 1,
  inverse: (before, params) => (isMember(before, params) ? { change: 'add_to_group', params } : null),
  call: (context, items) =>
    eachItem(context, items, (item) =>
      onMembership(item, (membership) => removeFromGroup(context, membership, item.params.guid)),
    ),
});

const roleParams = z.strictObject({
  subAccount: z.string(),
  role: z.enum(['admin', 'power_user', 'read_only_user', 'user']),
});
type RoleParams = z.output<typeof roleParams>;

/** Two changes of one making: only the one that may take the administrator's rights away is guarded for that. */
function setRole(id: 'make_account_admin' | 'set_account_role'): ConnectorChange<Settings> {
  return defineChange<Settings, RoleParams>({
    id,
    summary: (subject, { subAccount, role }) =>
      `Make ${subjectLabel(subject)} ${ROLE_WORDS[role]} of sub-account ${subAccount}`,
    params: roleParams,
    secrets: [],
    effect: () => 'write',
    endsAccess: id === 'set_account_role',
    sendsMail: false,
    undo: { isPossible: true, how: 'The role before is given back; groups made in the console are not touched.' },
    wanted: (state, { subAccount, role }) => membershipIn(state, subAccount)?.role === role,
    proof: { by: 'state' },
    batchSize: 1,
    inverse(before, { subAccount, role: given }) {
      const role = roleParams.shape.role.safeParse(membershipIn(before, subAccount)?.role).data;
      if (role === undefined || role === given) return null;
      return { change: role === 'admin' ? 'make_account_admin' : 'set_account_role', params: { subAccount, role } };
    },
    call: (context, items) =>
      eachItem(context, items, (item) => onMembership(item, (membership) => giveRole(context, item, membership))),
  });
}

const ROLE_WORDS: Readonly<Record<RoleParams['role'], string>> = {
  admin: 'administrator', power_user: 'power user', read_only_user: 'read-only user', user: 'user',
}; // prettier-ignore

/** The groups of the role are joined before the others are left: nobody is without rights in between. */
async function giveRole(
  context: LaceworkContext,
  { before, params: { role } }: ChangeItem<RoleParams>,
  membership: KnownMembership,
): Promise<void> {
  if (membership.role === role) return;
  if (membership.model === 'legacy') return setAccountAdmin(context, membership, role === 'admin');
  const held = new Set(
    before.grants.filter(({ targetKind }) => targetKind === 'group').map(({ targetKey }) => targetKey),
  );
  const isIn = (guid: string): boolean => held.has(groupKey(membership.subAccount, guid));
  const builtIn = Object.entries(BUILT_IN_GROUPS);
  for (const [guid, group] of builtIn) {
    if (group.role === role && !isIn(guid)) await addToGroup(context, membership, guid);
  }
  for (const [guid, group] of builtIn) {
    if (group.role !== role && isIn(guid)) await removeFromGroup(context, membership, guid);
  }
}

const organizationParams = z.strictObject({
  role: z.enum(['org_admin', 'org_user']).nullable(),
  adminOf: z.array(z.string()),
  userOf: z.array(z.string()),
});
type OrganizationParams = z.output<typeof organizationParams>;

function setOrganization(id: 'make_organization_admin' | 'set_organization_access'): ConnectorChange<Settings> {
  return defineChange<Settings, OrganizationParams>({
    id,
    summary: (subject, { role, adminOf, userOf }) =>
      `Have ${subjectLabel(subject)} ${accessText(role, adminOf, userOf)} (accounts with the older user model)`,
    params: organizationParams,
    secrets: [],
    effect: () => 'write',
    endsAccess: id === 'set_organization_access',
    sendsMail: false,
    undo: { isPossible: true, how: 'What the person was in the organization before is given back.' },
    wanted: hasAccess,
    proof: { by: 'state' },
    batchSize: 1,
    inverse(before, params) {
      const was = accessOf(before);
      if (was === null || hasAccess(before, params)) return null;
      return { change: was.role === 'org_admin' ? 'make_organization_admin' : 'set_organization_access', params: was };
    },
    call: (context, items) =>
      eachItem(context, items, async ({ before, params, subject }) => {
        const row = membershipsOf(before, []).find(({ model }) => model === 'legacy');
        if (row === undefined) throw notThere(subjectLabel(subject), 'an account with the older user model');
        if (hasAccess(before, params)) return { kind: 'taken' };
        await setOrganizationAccess(context, row.userGuid, params);
        return { kind: 'taken' };
      }),
  });
}

/** What somebody is in the accounts with the older model; null: in none. */
export function accessOf(state: SubjectState): OrganizationParams | null {
  const legacy = membershipsOf(state, []).filter(({ model }) => model === 'legacy');
  if (state.account === null || legacy.length === 0) return null;
  const { roles } = state.account;
  const role = roles.includes('org_admin') ? 'org_admin' : roles.includes('org_user') ? 'org_user' : null;
  const named = (isAdmin: boolean): string[] =>
    legacy.filter((each) => (each.role === 'admin') === isAdmin).map(({ subAccount }) => subAccount);
  return { role, adminOf: role === 'org_admin' ? [] : named(true), userOf: role === null ? named(false) : [] };
}

/** Whether somebody is in a group. */
export function isMember(state: SubjectState, { subAccount, guid }: Pick<GroupParams, 'subAccount' | 'guid'>): boolean {
  const key = groupKey(subAccount, guid);
  return state.grants.some(({ targetKind, targetKey }) => targetKind === 'group' && targetKey === key);
}

async function onMembership<Params extends { readonly subAccount: string }>(
  { before, params, subject }: ChangeItem<Params>,
  call: (membership: KnownMembership) => Promise<void>,
): Promise<ItemResult> {
  const membership = membershipIn(before, params.subAccount);
  if (membership === null) throw notThere(subjectLabel(subject), `sub-account ${params.subAccount}`);
  await call(membership);
  return { kind: 'taken' };
}

function notThere(label: string, where: string): UsherError {
  return new UsherError('stale', `${label} is not in ${where} (any more); nothing was called.`, {
    next: 'Sync and plan again.',
  });
}

/** Changes of what people may do. */
export const accessChanges: readonly ConnectorChange<Settings>[] = [
  join('add_to_group'), join('rejoin_group'), leave, setRole('make_account_admin'), setRole('set_account_role'), setOrganization('make_organization_admin'),
  setOrganization('set_organization_access'),
]; // prettier-ignore
