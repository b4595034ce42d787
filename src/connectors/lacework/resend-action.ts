import { z } from 'zod';
import { writeAction } from '../../connector-kit/define-change.ts';
import { subjectLabel } from '../../model/changes.ts';
import { accessOf } from './access-changes.ts';
import { isOrganization, type Settings } from './config.ts';
import { givingChain } from './giving-chain.ts';
import { groupKey, groupOfKey } from './mapping.ts';
import { type KnownMembership, membershipsOf } from './memberships.ts';
import { companyOf, misfit, user } from './person-inputs.ts';
import { draft } from '../../connector-kit/plan-accounts.ts';
import { type GroupWish, personOf, type PlannedPerson, type Role, type WantedAccess } from './plan-people.ts';
import { type NewPerson, NO_NAME } from './write-calls.ts';

const resendInput = z.strictObject({ user });

/** The app has no call for it (the guide), so that a person is deleted and made anew, with what they had. */
export const resendInvitation = writeAction<typeof resendInput, Settings>({
  id: 'lacework_resend_invitation',
  title: 'Send an invitation again',
  description:
    'Lacework has no call for it: somebody who has never signed in is deleted and created again with the same access, which sends a new mail. The ids of the account change.',
  effect: 'destructive',
  input: resendInput,
  async plan(input, snapshot, settings) {
    const known = await personOf(snapshot, input.user, 'user');
    const memberships = membershipsOf(known.state, []);
    refuseUnlessInvited(known, memberships, settings);
    const guids = memberships.map(({ userGuid }) => userGuid);
    return [
      draft('withdraw_invitation', known, { guids, roles: [...known.account.roles] }),
      ...givingChain(known, sameAs(known, settings), accessHeld(known, memberships, settings), {
        settings,
        oldGuids: guids,
      }),
    ];
  },
});

/** The person as it is told now. */
function sameAs({ account }: PlannedPerson, settings: Settings): NewPerson {
  const company = account.extra['company'];
  const [first = '', ...rest] = (account.displayName ?? account.email ?? '').split(' ');
  const family = account.familyName ?? rest.join(' ');
  return {
    email: account.email ?? '',
    givenName: account.givenName ?? first,
    familyName: family === '' ? NO_NAME : family,
    company: typeof company === 'string' ? company : companyOf(settings),
  };
}

/** All that somebody has, in either model; somebody with RBAC and in no group there is made there again all the same. */
function accessHeld(
  { state }: PlannedPerson,
  memberships: readonly KnownMembership[],
  settings: Settings,
): WantedAccess {
  const organizationRole = isOrganization(settings) ? (accessOf(state)?.role ?? null) : null;
  const roles = new Map<string, Role | null>();
  for (const { subAccount, model, role } of memberships) {
    // A role in the organization is in all accounts; an organization's user may administer some of them.
    if (model === 'legacy' && organizationRole !== null && role !== 'admin') continue;
    roles.set(subAccount, model === 'rbac' ? null : role === 'admin' ? 'admin' : 'user');
  }
  const groups = new Map<string, GroupWish[]>();
  for (const { targetKind, targetKey } of state.grants) {
    const group = targetKind === 'group' ? groupOfKey(targetKey) : null;
    if (group === null || memberships.some((each) => each.subAccount === group.subAccount && each.model === 'legacy'))
      continue;
    const { subAccount, guid } = group;
    groups.set(subAccount, [...(groups.get(subAccount) ?? []), { guid, name: groupKey(subAccount, guid) }]);
  }
  const models = new Map(memberships.map(({ subAccount, model }) => [subAccount, model]));
  return { organizationRole, roles, groups, models };
}

function refuseUnlessInvited(
  { account, subject }: PlannedPerson,
  memberships: readonly KnownMembership[],
  settings: Settings,
): void {
  const label = subjectLabel(subject);
  if (account.isService === true) {
    throw misfit(`${label} is a service user: it is never invited.`, 'Nothing needs to be done.');
  }
  if (account.status === 'active' || account.volatile.lastLoginAt !== null) {
    throw misfit(`${label} has signed in already: there is nothing to invite to.`, 'Nothing needs to be done.');
  }
  const disabled = memberships.find(({ status }) => status === 'disabled');
  if (disabled !== undefined) {
    throw misfit(
      `${label} is disabled in sub-account ${disabled.subAccount}, and would be enabled there by being created again.`,
      'Enable the account first, or delete it there.',
    );
  }
  const inOrganization = account.roles.some((each) => each === 'org_admin' || each === 'org_user');
  if (inOrganization && (!isOrganization(settings) || memberships.some(({ model }) => model === 'rbac'))) {
    throw misfit(
      `${label} has a role in the organization, which one account and accounts with RBAC cannot give back.`,
      'Delete and invite the person again in the console.',
    );
  }
}
