import { isObject } from '../../connector-kit/json.ts';
import { UsherError } from '../../model/errors.ts';
import type { Row } from './client.ts';
import { clientOf } from './client.ts';
import type { LaceworkContext } from './config.ts';
import type { UserModel } from './people.ts';
import { flagOf } from './schemas.ts';
import { clientFor } from './tenant.ts';

/** One person, or service user, in one sub-account, as a write addresses it. */
export interface Membership {
  readonly subAccount: string;
  readonly model: UserModel;
  readonly userGuid: string;
}

/** What is told of a person to be made. Company is required by the API reference for both models. */
export interface NewPerson {
  readonly email: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly company: string;
}

/** Makes a person in one sub-account; the vendor mails the invitation. Answers the GUID. */
export async function createPerson(
  context: LaceworkContext,
  subAccount: string,
  model: UserModel,
  person: NewPerson,
  isAdmin: boolean,
): Promise<string> {
  const { email, givenName, familyName, company } = person;
  const row = await refusedByModel(subAccount, model, () =>
    clientFor(context, { name: subAccount }).one(
      model === 'legacy'
        ? {
            method: 'POST',
            path: 'TeamMembers',
            json: {
              userName: email,
              userEnabled: 1,
              props: { firstName: givenName, lastName: familyName, company, accountAdmin: isAdmin },
            },
          }
        : {
            method: 'POST',
            path: 'TeamUsers',
            json: {
              type: 'StandardUser', name: wholeName(person), email, company, userEnabled: 1,
            }, // prettier-ignore
          },
    ),
  );
  return guidOf(row);
}

/** What the older model has for the last name of somebody with one name alone: it takes no empty one. */
export const NO_NAME = '-';

/** With RBAC there is one name alone. */
export function wholeName({ givenName, familyName }: Pick<NewPerson, 'givenName' | 'familyName'>): string {
  return [givenName, familyName].filter((name) => name !== '' && name !== NO_NAME).join(' ');
}

/** What somebody is in the organization: both lists hold names of sub-accounts. */
export interface OrganizationAccess {
  readonly role: 'org_admin' | 'org_user' | null;
  readonly adminOf: readonly string[];
  readonly userOf: readonly string[];
}

/** Makes a person in the organization (older model); the vendor mails the invitation. */
export async function createInOrganization(
  context: LaceworkContext,
  { email, givenName, familyName, company }: NewPerson,
  access: OrganizationAccess,
): Promise<void> {
  await clientOf(context)
    .withOrganization()
    .send({
      method: 'POST',
      path: 'TeamMembers',
      json: {
        userName: email,
        userEnabled: 1,
        props: { firstName: givenName, lastName: familyName, company },
        ...accessBody(access),
      },
    });
}

/** Changes what somebody is in the organization (older model). GUIDs may be others afterwards (Terraform provider). */
export async function setOrganizationAccess(
  context: LaceworkContext,
  userGuid: string,
  access: OrganizationAccess,
): Promise<void> {
  await clientOf(context)
    .withOrganization()
    .send({ method: 'PATCH', path: `TeamMembers/${encodeURIComponent(userGuid)}`, json: accessBody(access) });
}

function accessBody({ role, adminOf, userOf }: OrganizationAccess): Row {
  const upper = (names: readonly string[]): readonly string[] => names.map((name) => name.toUpperCase());
  return {
    orgAdmin: role === 'org_admin',
    orgUser: role === 'org_user',
    adminRoleAccounts: role === 'org_admin' ? [] : upper(adminOf),
    userRoleAccounts: role === null ? upper(userOf) : [],
  };
}

/** Blocks or gives back the sign-in of one membership. Flags are 1 and 0, never booleans. */
export async function setEnabled(context: LaceworkContext, membership: Membership, isEnabled: boolean): Promise<void> {
  await patch(context, membership, { userEnabled: isEnabled ? 1 : 0 });
}

/**
 * Blocks or gives back the sign-in of a person in the organization, by one of its rows, and answers the sub-accounts that
 * say so now. Sources differ on what this reaches: the API reference lists `userEnabled`, the official Go client leaves it
 * out as not modifiable. So null, where it is refused, is no error; and each row is looked at.
 */
export async function setEnabledInOrganization(
  context: LaceworkContext,
  { userGuid }: Membership,
  isEnabled: boolean,
): Promise<ReadonlySet<string> | null> {
  try {
    const row = await clientOf(context)
      .withOrganization()
      .one({
        method: 'PATCH',
        path: `TeamMembers/${encodeURIComponent(userGuid)}`,
        json: { userEnabled: isEnabled ? 1 : 0 },
      });
    const accounts = Array.isArray(row['accounts']) ? row['accounts'].filter(isObject) : [];
    const reached = accounts.filter((account) => flagOf(account['userEnabled']) === isEnabled);
    return new Set(
      reached.map(({ accountName }) => (typeof accountName === 'string' ? accountName.toLowerCase() : '')),
    );
  } catch (thrown) {
    if (!(thrown instanceof UsherError) || !NOT_MODIFIABLE.has(thrown.kind) || thrown.details.code === 'dryRun')
      throw thrown;
    return null;
  }
}

const NOT_MODIFIABLE: ReadonlySet<string> = new Set(['invalidInput', 'unsupported', 'permission', 'notFound']);

/** Makes somebody an administrator of a sub-account with the older model, or a plain user of it. */
export async function setAccountAdmin(
  context: LaceworkContext,
  membership: Membership,
  isAdmin: boolean,
): Promise<void> {
  await patch(context, membership, { props: { accountAdmin: isAdmin } });
}

/** Changes the names of one membership. With RBAC there is one name alone. */
export async function setNames(
  context: LaceworkContext,
  membership: Membership,
  { givenName, familyName }: Pick<NewPerson, 'givenName' | 'familyName'>,
): Promise<void> {
  const body =
    membership.model === 'legacy'
      ? { props: { firstName: givenName, lastName: familyName } }
      : { name: wholeName({ givenName, familyName }) };
  await patch(context, membership, body);
}

/** Ends one membership: console and API access are gone. Who is gone already is `notFound`. */
export async function deleteMembership(context: LaceworkContext, membership: Membership): Promise<void> {
  await refusedByModel(membership.subAccount, membership.model, () =>
    clientFor(context, { name: membership.subAccount }).send({ method: 'DELETE', path: pathOf(membership) }),
  );
}

/** Puts somebody into a user group of a sub-account with RBAC; who is in it stays in it. */
export async function addToGroup(context: LaceworkContext, membership: Membership, guid: string): Promise<void> {
  await changeGroup(context, membership, guid, 'addUsers');
}

/** Takes somebody out of a user group of a sub-account with RBAC. */
export async function removeFromGroup(context: LaceworkContext, membership: Membership, guid: string): Promise<void> {
  await changeGroup(context, membership, guid, 'removeUsers');
}

async function changeGroup(
  context: LaceworkContext,
  { subAccount, userGuid }: Membership,
  guid: string,
  action: 'addUsers' | 'removeUsers',
): Promise<void> {
  await refusedByModel(subAccount, 'rbac', () =>
    clientFor(context, { name: subAccount }).send({
      method: 'POST',
      path: `UserGroups/${encodeURIComponent(guid)}/${action}`,
      json: { userGuids: [userGuid] },
    }),
  );
}

async function patch(context: LaceworkContext, membership: Membership, json: Row): Promise<void> {
  await refusedByModel(membership.subAccount, membership.model, () =>
    clientFor(context, { name: membership.subAccount }).send({ method: 'PATCH', path: pathOf(membership), json }),
  );
}

function pathOf({ model, userGuid }: Membership): string {
  return `${model === 'legacy' ? 'TeamMembers' : 'TeamUsers'}/${encodeURIComponent(userGuid)}`;
}

/** A sub-account goes over to RBAC once, and then refuses all of the older model: the plan no longer fits. */
async function refusedByModel<Result>(
  subAccount: string,
  model: UserModel,
  call: () => Promise<Result>,
): Promise<Result> {
  try {
    return await call();
  } catch (thrown) {
    const isRefused = thrown instanceof UsherError && (thrown.kind === 'permission' || thrown.kind === 'unsupported');
    if (!isRefused) throw thrown;
    const names = { legacy: 'the older user model (TeamMembers)', rbac: 'RBAC (TeamUsers)' } as const;
    throw new UsherError(thrown.kind, thrown.message, {
      ...thrown.details,
      next: `The plan rests on ${names[model]} in sub-account '${subAccount}'. If that has changed since, sync and plan again; else the key's owner lacks the right.`,
    });
  }
}

function guidOf(row: Row): string {
  const guid = row['userGuid'];
  return typeof guid === 'string' ? guid : '';
}
