import type { KnownAccount, PlanSnapshot } from '../../connector-kit/changes.ts';
import { newAccountSubject, type Subject, subjectLabel } from '../../model/changes.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import type { AccountRecord } from '../../model/records.ts';
import { homeAccount, isOrganization, type Settings } from './config.ts';
import { groupOfKey, SUB_ACCOUNT } from './mapping.ts';
import { membershipsOf } from './memberships.ts';
import type { UserModel } from './people.ts';

/** An account with its record: all that a plan begins with. */
export interface PlannedPerson extends KnownAccount {
  readonly account: AccountRecord;
}

/** The person behind a reference; throws `notFound`. */
export async function personOf(snapshot: PlanSnapshot, reference: string, field: string): Promise<PlannedPerson> {
  const [known] = await snapshot.accounts([reference], field);
  const account = known?.state.account ?? null;
  if (known === undefined || account === null) {
    throw new UsherError('notFound', `Lacework has no account ${reference}.`, {
      field,
      next: 'Accounts are known from the last sync: sync the connection if it is new.',
    });
  }
  return { ...known, account };
}

/** The sub-accounts of a connection by name, each with its user model. */
export async function modelsIn(snapshot: PlanSnapshot): Promise<ReadonlyMap<string, UserModel>> {
  const resources = await snapshot.resources(SUB_ACCOUNT, null);
  const models = new Map<string, UserModel>();
  for (const { key, extra } of resources) {
    const model = extra['user_model'];
    if (model === 'legacy' || model === 'rbac') models.set(key, model);
  }
  return models;
}

/** The names, folded and known. Throws `invalidInput` for one that is not, and for one the person is not in. */
export async function namedAccounts(
  snapshot: PlanSnapshot,
  names: readonly string[],
  person: PlannedPerson | null,
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const models = await modelsIn(snapshot);
  const within = person === null ? null : new Set(membershipsOf(person.state, []).map(({ subAccount }) => subAccount));
  return [...new Set(names.map((name) => name.trim().toLowerCase()))].map((name) => {
    if (!models.has(name)) throw unknownAccount(name, [...models.keys()]);
    if (person === null || within?.has(name)) return name;
    throw invalidInput(
      'sub_accounts',
      `${subjectLabel(person.subject)} is not in sub-account ${name}.`,
      `In: ${[...(within ?? [])].join(', ')}.`,
    );
  });
}

/** What somebody is to have: a role in the organization, roles in accounts, groups. */
export interface WantedAccess {
  readonly organizationRole: 'org_admin' | 'org_user' | null;
  /** By sub-account. null: nothing but the groups. */
  readonly roles: ReadonlyMap<string, Role | null>;
  /** By sub-account. */
  readonly groups: ReadonlyMap<string, readonly GroupWish[]>;
  /** The user model of each of these sub-accounts. */
  readonly models: ReadonlyMap<string, UserModel>;
}

export type Role = 'admin' | 'power_user' | 'read_only_user' | 'user';

/** A group somebody is to be in. */
export interface GroupWish {
  readonly guid: string;
  readonly name: string;
}

/** Sorts out what was asked for. Throws `invalidInput` naming what does not fit the accounts there are. */
export async function wantedAccess(
  snapshot: PlanSnapshot,
  settings: Settings,
  asked: {
    readonly organizationRole: 'org_admin' | 'org_user' | null;
    readonly roles: readonly { readonly name: string; readonly role: Role }[];
    readonly groups: readonly string[];
  },
): Promise<WantedAccess> {
  const models = await modelsIn(snapshot);
  const roles = new Map<string, Role | null>();
  for (const { name: given, role } of asked.roles) {
    const name = given.trim().toLowerCase();
    const model = models.get(name);
    if (model === undefined) throw unknownAccount(name, [...models.keys()]);
    if (!ROLES_OF[model].includes(role)) {
      throw invalidInput(
        'sub_accounts.role',
        `Sub-account ${name} has no role ${role}: ${MODEL_WORDS[model]}.`,
        `Roles there: ${ROLES_OF[model].join(', ')}.`,
      );
    }
    roles.set(name, role);
  }
  const groups = await groupWishes(snapshot, asked.groups, models);
  for (const [name, wishes] of groups) {
    if (models.get(name) === 'rbac') {
      if (!roles.has(name)) roles.set(name, null);
      continue;
    }
    // The two groups of an account with the older model are its two roles.
    groups.delete(name);
    const isAdmin = roles.get(name) === 'admin' || wishes.some(({ guid }) => guid === 'ACCOUNT_ADMIN');
    roles.set(name, isAdmin ? 'admin' : 'user');
  }
  if (asked.organizationRole !== null && !isOrganization(settings)) {
    throw invalidInput(
      'organization_role',
      'This connection is for one account, so nobody can be given a role in the organization.',
      'Connect the organization (organization=yes), or leave organization_role out.',
    );
  }
  if (asked.organizationRole !== null && ![...models.values()].includes('legacy')) {
    throw invalidInput(
      'organization_role',
      'RBAC is on in all accounts, and Lacework has no call for roles of the organization there.',
      'Leave organization_role out, and give the role in the console, under the settings of the organization.',
    );
  }
  if (roles.size === 0 && asked.organizationRole === null) {
    const home = settings.subAccount ?? homeAccount(settings);
    if (!models.has(home)) throw unknownAccount(home, [...models.keys()]);
    roles.set(home, models.get(home) === 'legacy' ? 'user' : null);
  }
  return { organizationRole: asked.organizationRole, roles, groups, models };
}

const ROLES_OF: Readonly<Record<UserModel, readonly Role[]>> = {
  legacy: ['admin', 'user'],
  rbac: ['admin', 'power_user', 'read_only_user'],
};
const MODEL_WORDS: Readonly<Record<UserModel, string>> = {
  legacy: 'it has the older user model',
  rbac: 'it has RBAC',
};

async function groupWishes(
  snapshot: PlanSnapshot,
  keys: readonly string[],
  models: ReadonlyMap<string, UserModel>,
): Promise<Map<string, readonly GroupWish[]>> {
  const wishes = new Map<string, readonly GroupWish[]>();
  const known = await snapshot.groups(keys);
  for (const key of keys) {
    const group = groupOfKey(key);
    if (group === null || !models.has(group.subAccount)) throw unknownGroup(key);
    // Groups nobody is in cannot be listed: of an account with RBAC any GUID is taken as it is given.
    if (!known.has(key) && models.get(group.subAccount) === 'legacy') throw unknownGroup(key);
    wishes.set(group.subAccount, [...(wishes.get(group.subAccount) ?? []), { guid: group.guid, name: key }]);
  }
  return wishes;
}

/** The subject of somebody to be made. */
export function newPerson(email: string, name: string): Subject {
  return newAccountSubject(email.trim(), name);
}

function unknownAccount(name: string, known: readonly string[]): UsherError {
  return invalidInput(
    'sub_accounts',
    `There is no sub-account ${name}.`,
    `There are: ${[...known].sort().join(', ')}.`,
  );
}

function unknownGroup(key: string): UsherError {
  return invalidInput(
    'groups',
    `There is no group ${key}.`,
    'Groups are named <sub-account>/<GUID>, as lacework_list_groups shows them.',
  );
}
