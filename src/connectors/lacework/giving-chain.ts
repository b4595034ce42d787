import type { ChangeDraft, ChangeParams, KnownAccount, SubjectState } from '../../connector-kit/changes.ts';
import { type Subject, subjectLabel } from '../../model/changes.ts';
import { invalidInput } from '../../model/errors.ts';
import { accessOf, isMember } from './access-changes.ts';
import { isOrganization, type Settings } from './config.ts';
import { BUILT_IN_GROUPS, groupKey } from './mapping.ts';
import { membershipIn, membershipsOf } from './memberships.ts';
import type { GroupWish, Role, WantedAccess } from './plan-people.ts';
import type { NewPerson } from './write-calls.ts';

/** A change with its params, before it is known whose it is. */
interface PlannedChange {
  readonly change: string;
  readonly params: ChangeParams;
}

/** Somebody as the snapshot has them; `state` null: not there. */
interface Recipient {
  readonly subject: Subject;
  readonly state: SubjectState | null;
}

/**
 * The chain that gives a person what is wanted and takes nothing: one call of the organization for all accounts with the
 * older model, one for each account with RBAC, then groups. What the person has is left out. `oldGuids`: of the rows that
 * the change before has deleted, so that everything is made anew.
 */
export function givingChain(
  { subject, state }: Recipient,
  person: NewPerson,
  wanted: WantedAccess,
  { settings, oldGuids = [] }: { readonly settings: Settings; readonly oldGuids?: readonly string[] },
): readonly ChangeDraft[] {
  const isAnew = oldGuids.length > 0;
  const now = isAnew ? null : state;
  const changes = [
    ...creations({ subject, state: now }, wanted, isOrganization(settings)).map(
      ({ change, params }, index): PlannedChange => ({
        change: isAnew && index === 0 ? `re${change}` : change,
        params: { ...person, ...params, ...(isAnew ? { insteadOf: [...oldGuids] } : {}) },
      }),
    ),
    ...[...wanted.roles].flatMap(([subAccount, role]) => additions(now, wanted, subAccount, role, isAnew)),
  ];
  const organization = organizationRole({ subject, state: now }, wanted);
  return [...organization, ...changes].map(({ change, params }, index) => ({
    change, subject, params, before: state,
    ...(index > 0 || isAnew ? { follows: true as const } : {}),
  })); // prettier-ignore
}

/** What makes the person where it is not. */
function creations(
  { state }: Recipient,
  { roles, models, organizationRole: role }: WantedAccess,
  isForAll: boolean,
): readonly PlannedChange[] {
  const present = new Set(state === null ? [] : membershipsOf(state, []).map(({ subAccount }) => subAccount));
  const missing = [...roles].filter(([name]) => !present.has(name));
  const legacy = missing.filter(([name]) => models.get(name) === 'legacy');
  const rbac = missing.filter(([name]) => models.get(name) === 'rbac');
  const named = (isAdmin: boolean): string[] =>
    legacy.filter(([, each]) => (each === 'admin') === isAdmin).map(([name]) => name);
  const inEach = (): PlannedChange[] =>
    legacy.map(([subAccount, each]) => ({
      change: 'create_in_account',
      params: { subAccount, model: 'legacy', isAdmin: each === 'admin' },
    }));
  const isAtOnce = isForAll && present.size === 0 && (role !== null || legacy.length > 0);
  // Who is there already gets the organization's role, and all accounts of the older model with it.
  const isCovered = role !== null && present.size > 0;
  return [
    ...(isAtOnce
      ? [{ change: 'create_in_organization', params: { role, adminOf: named(true), userOf: named(false) } }]
      : isCovered
        ? []
        : inEach()),
    ...rbac.map(([subAccount]) => ({
      change: 'create_in_account',
      params: { subAccount, model: 'rbac', isAdmin: false },
    })),
  ];
}

/** What gives somebody who is there a role in the organization; one who administers all of it has more already. */
function organizationRole({ subject, state }: Recipient, wanted: WantedAccess): readonly PlannedChange[] {
  const role = wanted.organizationRole;
  const roles = state?.account?.roles ?? [];
  if (role === null || state?.account == null || roles.includes('org_admin') || roles.includes(role)) return [];
  const admins = [...wanted.roles].flatMap(([name, each]) =>
    each === 'admin' && wanted.models.get(name) === 'legacy' ? [name] : [],
  );
  return [organizationChange({ subject, state }, role, admins)];
}

/** Roles and groups in one sub-account, after the person is there. */
function additions(
  now: SubjectState | null,
  { models, groups }: WantedAccess,
  subAccount: string,
  role: Role | null,
  isAnew: boolean,
): readonly PlannedChange[] {
  const there = now === null ? null : membershipIn(now, subAccount);
  const wishes = [...builtInFor(models.get(subAccount), subAccount, role), ...(groups.get(subAccount) ?? [])];
  const open = wishes.filter(({ guid }) => now === null || there === null || !isMember(now, { subAccount, guid }));
  return [
    ...(there?.model === 'legacy' && role === 'admin' && there.role !== 'admin'
      ? [{ change: 'make_account_admin', params: { subAccount, role } }]
      : []),
    ...open.map(({ guid, name }) => ({
      change: isAnew ? 'rejoin_group' : 'add_to_group',
      params: { subAccount, guid, name },
    })),
  ];
}

function builtInFor(model: string | undefined, subAccount: string, role: Role | null): readonly GroupWish[] {
  if (model !== 'rbac' || role === null) return [];
  return Object.entries(BUILT_IN_GROUPS)
    .filter(([, group]) => group.role === role)
    .map(([guid, group]) => ({ guid, name: `${group.name} (${groupKey(subAccount, guid)})` }));
}

/**
 * The change that makes somebody this in the organization; null: nothing but what they are in its accounts. What they
 * administer stays, `admins` come to it. Throws `invalidInput` for somebody in accounts with RBAC alone.
 */
export function organizationChange(
  { subject, state }: KnownAccount,
  role: 'org_admin' | 'org_user' | null,
  admins: readonly string[] = [],
): PlannedChange {
  const now = accessOf(state);
  if (now === null) {
    throw invalidInput(
      'organization_role',
      `${subjectLabel(subject)} is in accounts with RBAC only, and Lacework has no call for roles of the organization there.`,
      'Set it in the console, under the settings of the organization.',
    );
  }
  const legacy = membershipsOf(state, []).filter(({ model }) => model === 'legacy');
  const adminOf = [...new Set([...now.adminOf, ...admins])];
  const userOf = legacy.map(({ subAccount }) => subAccount).filter((each) => !adminOf.includes(each));
  const params = {
    role,
    adminOf: role === 'org_admin' ? [] : adminOf,
    userOf: role === null ? userOf : [],
  };
  return { change: role === 'org_admin' ? 'make_organization_admin' : 'set_organization_access', params };
}
