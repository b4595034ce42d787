import { z } from 'zod';
import { address, audit, bodyOf, type Call, flagOf, parseBody, text } from './call.ts';
import { guidOf } from './guids.ts';
import { type Account, type Member, type OrgRole, READ_ONLY_GROUP } from './model.ts';
import { accountEntry, hostOf } from './profile.ts';
import { duplicate, invited, named, newMember, removeMember, updated } from './people.ts';
import { accountNamed, primaryOf } from './tenant.ts';
import { type Answer, json, nothing, Refused } from './wire.ts';

/** A person's roles over the organization: one for all of it, or one in each of some accounts. */
interface Roles {
  readonly orgRole: OrgRole;
  /** Folded to upper case. */
  readonly adminOf: ReadonlySet<string>;
  readonly userOf: ReadonlySet<string>;
}

/** The rows of all accounts that have TeamMembers. */
export function orgRows(call: Call): readonly Member[] {
  return call.tenant.accounts
    .filter(({ model }) => model === 'legacy')
    .flatMap(({ name }) => call.tenant.members.list(name));
}

/** `GET TeamMembers/{userGuid}` in the organization: the person over all accounts. */
export function getOrgMember(call: Call, guid: string): Answer {
  const member = call.tenant.members.shown(guid);
  if (!member || member.email === '') throw new Refused(404, 'Not Found');
  return json(200, { data: orgObject(call, member.email) });
}

/** `POST TeamMembers` in the organization: a row for every account the person gets a role in, and one mail. */
export function createOrgMember(call: Call): Answer {
  const { tenant } = call;
  const body = parseBody(
    call,
    bodyOf(call, {
      userName: address,
      userEnabled: flagOf(call),
      props: bodyOf(call, { firstName: text, lastName: text, company: text, accountAdmin: z.boolean().optional() }),
      orgAdmin: z.boolean().optional(),
      orgUser: z.boolean().optional(),
      adminRoleAccounts: z.array(z.string()),
      userRoleAccounts: z.array(z.string()),
      schemaOption: z.enum(['With_Org-Access', 'Without_Org-Access']).optional(),
    }),
  );
  if (tenant.members.rowsOf(body.userName).length > 0) throw duplicate(call, body.userName);
  const roles = rolesOf(call, body);
  needSomeAccount(call, [], roles);
  const { firstName, lastName, company } = body.props;
  const rows = accountsOf(call, roles).map((account) =>
    newMember(tenant, account, {
      email: body.userName,
      firstName,
      lastName,
      company,
      isEnabled: body.userEnabled,
      isAdmin: isAdminIn(roles, account),
      orgRole: roles.orgRole,
    }),
  );
  for (const row of rows) tenant.members.put(row);
  invited(
    call,
    body.userName,
    rows.map(({ account }) => account),
  );
  audit(call, primaryOf(tenant).name, 'Team Member', 'Create', `Team member ${body.userName} was created`);
  return json(201, { data: orgObject(call, body.userName) });
}

/**
 * `PATCH TeamMembers/{userGuid}` in the organization. Roles that are given replace those there are, and give the person new
 * GUIDs (a note of lacework/terraform-provider-lacework); what `userEnabled` reaches is a switch, as sources differ.
 */
export function patchOrgMember(call: Call, guid: string): Answer {
  const { tenant } = call;
  const member = tenant.members.get(guid);
  if (!member || member.email === '') throw new Refused(404, 'Not Found');
  const body = parseBody(
    call,
    bodyOf(call, {
      userEnabled: flagOf(call).optional(),
      props: bodyOf(call, {
        firstName: text.optional(),
        lastName: text.optional(),
        company: text.optional(),
        accountAdmin: z.boolean().optional(),
      }).optional(),
      orgAdmin: z.boolean().optional(),
      orgUser: z.boolean().optional(),
      adminRoleAccounts: z.array(z.string()).optional(),
      userRoleAccounts: z.array(z.string()).optional(),
      schemaOption: z.enum(['With_Org-Access', 'Without_Org-Access']).optional(),
    }),
  );
  const before = tenant.members.rowsOf(member.email);
  const givesRoles = [body.orgAdmin, body.orgUser, body.adminRoleAccounts, body.userRoleAccounts].some(
    (role) => role !== undefined,
  );
  const roles = givesRoles ? rolesOf(call, { ...rolesNow(call, before), ...given(body) }) : null;
  if (roles) needSomeAccount(call, before, roles);
  const patched = before.map((row) => ({
    ...row,
    ...named(row, body.props ?? {}),
    company: body.props?.company ?? row.company,
    isEnabled: reachesRow(call, row.guid === guid) ? (body.userEnabled ?? row.isEnabled) : row.isEnabled,
    updated: tenant.clock.now().getTime(),
    updatedBy: call.caller.name,
  }));
  for (const row of patched) tenant.members.put(row);
  for (const [place, row] of patched.entries()) updated(call, before[place] ?? row, row);
  if (roles) giveRoles(call, patched, roles);
  audit(call, primaryOf(tenant).name, 'Team Member', 'Update', `Team member ${member.email} was updated`);
  return json(200, { data: orgObject(call, member.email) });
}

/** `DELETE TeamMembers/{userGuid}` in the organization: the account of that GUID alone, or all, as switched. */
export function deleteOrgMember(call: Call, guid: string): Answer {
  const { tenant } = call;
  const member = tenant.members.get(guid);
  if (!member || member.email === '') throw new Refused(404, 'Not Found');
  const rows = tenant.switches.orgDelete === 'row' ? [member] : tenant.members.rowsOf(member.email);
  for (const row of rows) removeMember(call, row);
  return nothing();
}

/** What the organization says of a person: no props, no GUID of its own, those of the accounts inside. */
function orgObject(call: Call, email: string): Readonly<Record<string, unknown>> {
  const { tenant } = call;
  const rows = tenant.members.rowsOf(email);
  return {
    [tenant.switches.orgNameKey]: rows[0]?.email ?? email,
    orgAccount: true,
    url: hostOf(primaryOf(tenant).name),
    orgAdmin: rows.some(({ orgRole }) => orgRole === 'admin'),
    orgUser: rows.some(({ orgRole }) => orgRole === 'user'),
    accounts: rows.map((row) => accountEntry(call, row)),
  };
}

interface RoleFields {
  readonly orgAdmin?: boolean | undefined;
  readonly orgUser?: boolean | undefined;
  readonly adminRoleAccounts?: readonly string[] | undefined;
  readonly userRoleAccounts?: readonly string[] | undefined;
}

/**
 * Reads roles. An organization administrator is administrator everywhere and both lists are ignored; an organization user is
 * a user everywhere and only the list of users is.
 */
function rolesOf(call: Call, fields: RoleFields): Roles {
  if (fields.orgAdmin) return { orgRole: 'admin', adminOf: new Set(), userOf: new Set() };
  const adminOf = namesOf(call, fields.adminRoleAccounts ?? []);
  if (fields.orgUser) return { orgRole: 'user', adminOf, userOf: new Set() };
  const userOf = namesOf(call, fields.userRoleAccounts ?? []);
  const both = [...adminOf].find((name) => userOf.has(name));
  if (both !== undefined) throw new Refused(400, `Invalid request: account ${both} is in both role lists`);
  return { orgRole: null, adminOf, userOf };
}

function namesOf(call: Call, names: readonly string[]): ReadonlySet<string> {
  return new Set(
    names.map((name) => {
      const account = accountNamed(call.tenant, name);
      if (!account) throw new Refused(400, `Invalid request: account ${name} does not exist`);
      if (account.model === 'rbac') {
        throw new Refused(400, `Invalid request: account ${name} does not use the TeamMembers API`);
      }
      return account.name;
    }),
  );
}

function rolesNow(call: Call, rows: readonly Member[]): RoleFields {
  const legacy = rows.filter(({ account }) => accountNamed(call.tenant, account)?.model === 'legacy');
  return {
    orgAdmin: rows.some(({ orgRole }) => orgRole === 'admin'),
    orgUser: rows.some(({ orgRole }) => orgRole === 'user'),
    adminRoleAccounts: legacy.filter(({ isAdmin }) => isAdmin).map(({ account }) => account),
    userRoleAccounts: legacy.filter(({ isAdmin }) => !isAdmin).map(({ account }) => account),
  };
}

/** Only what was given; one of the organization's roles given takes the other away. */
function given(fields: RoleFields): RoleFields {
  return {
    ...(fields.orgAdmin !== undefined && { orgAdmin: fields.orgAdmin }),
    ...(fields.orgUser !== undefined && { orgUser: fields.orgUser }),
    ...(fields.orgUser === true && fields.orgAdmin === undefined && { orgAdmin: false }),
    ...(fields.adminRoleAccounts && {
      adminRoleAccounts: fields.adminRoleAccounts,
      ...(!fields.userRoleAccounts && { userRoleAccounts: [] }),
    }),
    ...(fields.userRoleAccounts && {
      userRoleAccounts: fields.userRoleAccounts,
      ...(!fields.adminRoleAccounts && { adminRoleAccounts: [] }),
    }),
  };
}

/** Refuses roles that leave somebody nowhere. */
function needSomeAccount(call: Call, rows: readonly Member[], roles: Roles): void {
  if (accountsOf(call, roles).length > 0 || rows.some((row) => staysByGroups(call, row))) return;
  throw new Refused(400, 'Invalid request: the user has no role in any account');
}

/** Makes a person's rows those of the roles. */
function giveRoles(call: Call, before: readonly Member[], roles: Roles): void {
  const { tenant } = call;
  const [first] = before;
  if (!first) return;
  const wanted = accountsOf(call, roles);
  if (hasRoles(call, before, roles, wanted)) return;
  for (const row of before) {
    if (wanted.some(({ name }) => name === row.account)) continue;
    if (staysByGroups(call, row)) tenant.members.put({ ...row, orgRole: null });
    else tenant.members.remove(row.guid);
  }
  for (const account of wanted) {
    const row = before.find(({ account: name }) => name === account.name);
    const fields = { isAdmin: isAdminIn(roles, account), orgRole: roles.orgRole };
    if (!row) {
      const { email, firstName, lastName, displayName, company, isEnabled, lastLogin } = first;
      tenant.members.put(
        newMember(tenant, account, {
          email,
          firstName,
          lastName,
          displayName,
          company,
          isEnabled,
          lastLogin,
          ...fields,
        }),
      );
    } else if (tenant.switches.newGuidOnRoleChange === 'on') {
      const guid = guidOf(account.name, tenant.seedHash, 'made', ++tenant.made);
      tenant.members.replace(row.guid, { ...row, guid, ...fields });
    } else tenant.members.put({ ...row, ...fields });
  }
  call.effect('user.roles', first.email, {
    organization: roles.orgRole,
    admin_of: [...roles.adminOf],
    user_of: [...roles.userOf],
  });
}

/** Whether a person has just these roles already. */
function hasRoles(call: Call, rows: readonly Member[], roles: Roles, wanted: readonly Account[]): boolean {
  const isWanted = (row: Member) => wanted.some(({ name }) => name === row.account);
  return (
    rows.every((row) => isWanted(row) || (row.orgRole === null && staysByGroups(call, row))) &&
    wanted.every((account) => {
      const row = rows.find(({ account: name }) => name === account.name);
      return row?.orgRole === roles.orgRole && row.isAdmin === isAdminIn(roles, account);
    })
  );
}

/** The accounts these roles are in: all, with a role in the organization. */
function accountsOf(call: Call, roles: Roles): readonly Account[] {
  return call.tenant.accounts.filter(
    ({ name }) => roles.orgRole !== null || roles.adminOf.has(name) || roles.userOf.has(name),
  );
}

function isAdminIn(roles: Roles, account: Account): boolean {
  return roles.orgRole === 'admin' || roles.adminOf.has(account.name);
}

/** Whether somebody is in an account with RBAC for a reason of its own: the organization's lists do not say. */
function staysByGroups(call: Call, row: Member): boolean {
  if (accountNamed(call.tenant, row.account)?.model !== 'rbac') return false;
  return row.orgRole === null || row.groups.some((group) => group !== READ_ONLY_GROUP);
}

function reachesRow(call: Call, isAddressed: boolean): boolean {
  const { orgEnable } = call.tenant.switches;
  return orgEnable === 'all' || (orgEnable === 'row' && isAddressed);
}
