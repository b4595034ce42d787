import { isObject } from '../../connector-kit/json.ts';
import { UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import type { AccountRecord } from '../../model/records.ts';
import type { Row } from './client.ts';
import { flagOf, isTime, timeOf } from './schemas.ts';

/** How people are kept: TeamMembers (legacy), or TeamUsers and UserGroups once RBAC is on. One of them per sub-account. */
export type UserModel = 'legacy' | 'rbac';

/** A membership of a user group, as a row of TeamUsers tells it. */
export interface GroupRef {
  readonly guid: string;
  readonly name: string;
}

/** One person or service user in one sub-account, read and checked. */
export interface PersonRow {
  readonly subAccount: string;
  readonly model: UserModel;
  /** The key of the account record: the folded address, a service user's GUID. */
  readonly key: string;
  /** As sent; null for a service user. */
  readonly email: string | null;
  readonly userGuid: string;
  readonly custGuid: string;
  readonly isService: boolean;
  readonly isEnabled: boolean;
  /** `invited`: enabled, and never signed in. */
  readonly status: Extract<AccountRecord['status'], 'invited' | 'active' | 'disabled'>;
  readonly isAdmin: boolean;
  readonly orgRole: 'org_admin' | 'org_user' | null;
  readonly groups: readonly GroupRef[];
  readonly displayName: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly company: string | null;
  readonly description: string | null;
  readonly isJitCreated: boolean;
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  readonly lastLoginAt: string | null;
  readonly raw: Row;
}

export const ADMIN_GROUP = 'LACEWORK_USER_GROUP_ADMIN';
export const POWER_USER_GROUP = 'LACEWORK_USER_GROUP_POWER_USER';
export const READ_ONLY_GROUP = 'LACEWORK_USER_GROUP_READ_ONLY_USER';

/** The key of a person: the vendor never changes an address, while GUIDs differ by account and change with roles. */
export function personKey(email: string): string {
  return fold(email.trim());
}

/**
 * Reads a row of TeamMembers (API reference; lacework/go-sdk api/team_members.go). Throws `upstreamBug` naming GUID and
 * field where a field that decides about access cannot be understood.
 */
export function readMember(subAccount: string, row: Row): PersonRow {
  const email = memberEmail(row);
  const userGuid = textOf(row['userGuid']) ?? '';
  const isEnabled = flagOf(row['userEnabled']) ?? throwUnreadable('TeamMembers', userGuid, 'userEnabled');
  const { props } = row;
  if (props !== undefined && props !== null && !isObject(props)) throw unreadable('TeamMembers', userGuid, 'props');
  const told = isObject(props) ? props : {};
  const optional = (name: string): boolean =>
    told[name] === undefined || told[name] === null
      ? false
      : (flagOf(told[name]) ?? throwUnreadable('TeamMembers', userGuid, `props.${name}`));
  const givenName = textOf(told['firstName']);
  const familyName = textOf(told['lastName']);
  // Without props nothing is told of logins, so nothing is said about them.
  const hasSignedIn = isTime(told['lastLoginTime']) || isTime(told['lastSessionCreatedTime']) || !isObject(props);
  return new ReadRow({
    subAccount,
    model: 'legacy',
    key: personKey(email),
    email,
    userGuid,
    custGuid: textOf(row['custGuid']) ?? '',
    isService: false,
    isEnabled,
    status: statusOf(isEnabled, hasSignedIn),
    isAdmin: optional('accountAdmin'),
    orgRole: optional('orgAdmin') ? 'org_admin' : optional('orgUser') ? 'org_user' : null,
    groups: NO_GROUPS,
    displayName: [givenName, familyName].filter((name) => name !== null).join(' ') || null,
    givenName,
    familyName,
    company: textOf(told['company']),
    description: null,
    isJitCreated: optional('jitCreated'),
    raw: row,
  });
}

/** Reads a row of TeamUsers (API reference; jefferyfry/eventengine). Throws as `readMember` does. */
export function readUser(subAccount: string, custGuid: string, row: Row): PersonRow {
  const userGuid = userGuidOf(row);
  const isService = row['type'] === SERVICE_USER;
  const email = isService ? null : userEmail(userGuid, row);
  const isEnabled = flagOf(row['userEnabled']) ?? throwUnreadable('TeamUsers', userGuid, 'userEnabled');
  const groups = readGroups(userGuid, row['userGroups']);
  return new ReadRow({
    subAccount,
    model: 'rbac',
    key: email === null ? userGuid : personKey(email),
    email,
    userGuid,
    custGuid,
    isService,
    isEnabled,
    // A service user does not sign in: its keys do.
    status: statusOf(isEnabled, isService || isTime(row['lastLoginTime'])),
    isAdmin: groups.some(({ guid }) => guid === ADMIN_GROUP),
    orgRole: orgRoleOf(row['orgAccess']),
    groups,
    displayName: textOf(row['name']),
    givenName: null,
    familyName: null,
    company: textOf(row['company']),
    description: textOf(row['description']),
    isJitCreated: false,
    raw: row,
  });
}

/** The key of a row of either model, without reading the rest of it. Throws where the row has none. */
export function keyOfRow(model: UserModel, row: Row): string {
  if (model === 'legacy') return personKey(memberEmail(row));
  const userGuid = userGuidOf(row);
  return row['type'] === SERVICE_USER ? userGuid : personKey(userEmail(userGuid, row));
}

/** A row with its times read when they are asked for: of most people of most pulls nobody does. */
class ReadRow implements PersonRow {
  readonly subAccount: string;
  readonly model: UserModel;
  readonly key: string;
  readonly email: string | null;
  readonly userGuid: string;
  readonly custGuid: string;
  readonly isService: boolean;
  readonly isEnabled: boolean;
  readonly status: PersonRow['status'];
  readonly isAdmin: boolean;
  readonly orgRole: PersonRow['orgRole'];
  readonly groups: readonly GroupRef[];
  readonly displayName: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly company: string | null;
  readonly description: string | null;
  readonly isJitCreated: boolean;
  readonly raw: Row;

  constructor(row: Omit<PersonRow, 'createdAt' | 'updatedAt' | 'lastLoginAt'>) {
    this.subAccount = row.subAccount;
    this.model = row.model;
    this.key = row.key;
    this.email = row.email;
    this.userGuid = row.userGuid;
    this.custGuid = row.custGuid;
    this.isService = row.isService;
    this.isEnabled = row.isEnabled;
    this.status = row.status;
    this.isAdmin = row.isAdmin;
    this.orgRole = row.orgRole;
    this.groups = row.groups;
    this.displayName = row.displayName;
    this.givenName = row.givenName;
    this.familyName = row.familyName;
    this.company = row.company;
    this.description = row.description;
    this.isJitCreated = row.isJitCreated;
    this.raw = row.raw;
  }

  get createdAt(): string | null {
    return timeOf(this.#told['createdTime']);
  }

  get updatedAt(): string | null {
    return timeOf(this.#told['updatedTime']);
  }

  get lastLoginAt(): string | null {
    return latest(timeOf(this.#told['lastLoginTime']), timeOf(this.#told['lastSessionCreatedTime']));
  }

  /** Where the times are: TeamUsers has none but the last login. */
  get #told(): Row {
    const { props } = this.raw;
    return this.model === 'rbac' ? this.raw : isObject(props) ? props : {};
  }
}

const SERVICE_USER = 'ServiceUser';
const NO_GROUPS: readonly GroupRef[] = Object.freeze([]);

function memberEmail(row: Row): string {
  const email = textOf(row['userName']) ?? textOf(row['username']);
  return email ?? throwUnreadable('TeamMembers', textOf(row['userGuid']) ?? '', 'userName');
}

function userGuidOf(row: Row): string {
  return textOf(row['userGuid']) ?? throwUnreadable('TeamUsers', '', 'userGuid');
}

function userEmail(userGuid: string, row: Row): string {
  return textOf(row['email']) ?? throwUnreadable('TeamUsers', userGuid, 'email');
}

/** Reads a row of either model. */
export function readPerson(model: UserModel, subAccount: string, custGuid: string, row: Row): PersonRow {
  return model === 'legacy' ? readMember(subAccount, row) : readUser(subAccount, custGuid, row);
}

function readGroups(userGuid: string, value: unknown): readonly GroupRef[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw unreadable('TeamUsers', userGuid, 'userGroups');
  return value.map((group: unknown) => {
    const guid = isObject(group) ? textOf(group['userGroupGuid']) : null;
    if (!isObject(group) || guid === null) throw unreadable('TeamUsers', userGuid, 'userGroups.*.userGroupGuid');
    return { guid, name: textOf(group['userGroupName']) ?? guid };
  });
}

function statusOf(isEnabled: boolean, hasSignedIn: boolean): PersonRow['status'] {
  if (!isEnabled) return 'disabled';
  return hasSignedIn ? 'active' : 'invited';
}

/** NO_ORG_ACCESS and ORG_ADMIN are seen in the field; the third word is not, so anything that speaks of a user is one. */
function orgRoleOf(value: unknown): PersonRow['orgRole'] {
  if (typeof value !== 'string') return null;
  if (/^ORG_ADMIN$/i.test(value)) return 'org_admin';
  return /^ORG_.*USER$/i.test(value) ? 'org_user' : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** The later of two times. */
export function latest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

function throwUnreadable(list: string, guid: string, field: string): never {
  throw unreadable(list, guid, field);
}

function unreadable(list: string, guid: string, field: string): UsherError {
  const who = guid === '' ? 'a user without a GUID' : `user ${guid}`;
  return new UsherError('upstreamBug', `Lacework sent ${who} in ${list} with a field ${field} that makes no sense.`, {
    code: 'unexpectedShape',
    next: 'Nothing was concluded from this answer. Try again; if it stays so, report it with the name of the field.',
  });
}
