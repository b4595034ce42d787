import { isAccountAdmin, isOrganization } from './access.ts';
import { type Call, flag } from './call.ts';
import type { Member } from './model.ts';
import { accountNamed, primaryOf, type Tenant } from './tenant.ts';
import { type Answer, json, Refused } from './wire.ts';

/**
 * `GET UserProfile`: the owner of the key and every account they can reach, never anybody else. In `data`, as a captured live
 * answer and the live tests of lacework/python-sdk have it; the reference shows a bare list.
 */
export function userProfile(call: Call): Answer {
  const { tenant, caller } = call;
  const isOrg = isOrganization(tenant);
  const profile = {
    username: caller.name,
    orgAccount: isOrg,
    url: hostOf(isOrg ? primaryOf(tenant).name : caller.home.name),
    orgAdmin: caller.isOrgAdmin,
    orgUser: caller.rows.some(({ orgRole }) => orgRole === 'user'),
    accounts: caller.rows.map((row) => accountEntry(call, row)),
  };
  return enveloped(tenant, [profile]);
}

/** `GET OrganizationInfo`: whether the account is part of an organization, and the address of its primary account. */
export function organizationInfo({ tenant }: Call): Answer {
  const isOrg = isOrganization(tenant);
  return enveloped(tenant, [{ orgAccount: isOrg, ...(isOrg && { orgAccountUrl: hostOf(primaryOf(tenant).name) }) }]);
}

/** A person in an account, as profiles and organization answers list them. */
export function accountEntry(call: Call, row: Member): Readonly<Record<string, unknown>> {
  const account = accountNamed(call.tenant, row.account);
  return {
    admin: account !== null && isAccountAdmin(row, account),
    accountName: row.account,
    custGuid: account?.custGuid ?? '',
    userGuid: row.guid,
    userEnabled: flag(call, row.isEnabled),
  };
}

/** The host of an account, which has no letters in upper case. */
export function hostOf(account: string): string {
  return `${account.toLowerCase()}.lacework.net`;
}

const FIELDS: Readonly<Record<string, readonly (readonly [name: string, type: string])[]>> = {
  AgentAccessTokens: [
    ['accessToken', 'string'],
    ['createdTime', 'string'],
    ['tokenAlias', 'string'],
    ['tokenEnabled', 'integer'],
    ['version', 'string'],
  ],
  // The schema says integer; what comes is a text, as a Splunk input reads it.
  AuditLogs: [
    ['accountName', 'string'],
    ['createdTime', 'integer'],
    ['eventDescription', 'string'],
    ['eventName', 'string'],
    ['userAction', 'string'],
    ['userName', 'string'],
  ],
  ResourceGroups: [
    ['resourceGroupGuid', 'string'],
    ['name', 'string'],
    ['resourceType', 'string'],
    ['enabled', 'integer'],
  ],
  TeamMembers: [
    ['custGuid', 'string'],
    ['userGuid', 'string'],
    ['userName', 'string'],
    ['userEnabled', 'integer'],
    ['props', 'object'],
  ],
  TeamUsers: [
    ['userGuid', 'string'],
    ['type', 'string'],
    ['name', 'string'],
    ['email', 'string'],
    ['company', 'string'],
    ['userEnabled', 'integer'],
    ['userGroups', 'array'],
    ['lastLoginTime', 'integer'],
    ['orgAccess', 'string'],
  ],
};

/** `GET schemas`: the names of the types there are schemas of. */
export function schemaNames(): Answer {
  return json(200, Object.keys(FIELDS));
}

/** `GET schemas/{type}` and `/{subtype}`: a bare list of names and types, whichever user model the account has. */
export function schemaOf({ params: [type = ''] }: Call): Answer {
  const fields = Object.hasOwn(FIELDS, type) ? FIELDS[type] : undefined;
  if (!fields) throw new Refused(404, 'Not Found');
  return json(
    200,
    fields.map(([name, kind]) => ({ name, type: kind })),
  );
}

function enveloped({ switches }: Tenant, list: readonly unknown[]): Answer {
  return json(200, switches.profileEnvelope === 'data' ? { data: list } : list);
}
