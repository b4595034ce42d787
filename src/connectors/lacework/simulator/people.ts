import { audit, type Call } from './call.ts';
import { guidOf } from './guids.ts';
import { type Account, type Member, READ_ONLY_GROUP } from './model.ts';
import type { Tenant } from './tenant.ts';
import { Refused } from './wire.ts';

/** The row with fields nobody knows, or one under another name, where switched. */
export function drifted(
  call: Pick<Call, 'tenant'>,
  row: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { drift } = call.tenant.switches;
  if (drift === 'off') return row;
  if (drift === 'extra') return { ...row, riskScore: 12, tenancy: { cluster: 'fra' } };
  const { userEnabled, ...rest } = row;
  return { ...rest, userState: userEnabled === 1 || userEnabled === true ? 'ENABLED' : 'DISABLED' };
}

/** Somebody new in an account. */
export function newMember(
  tenant: Tenant,
  account: Account,
  fields: Pick<Member, 'email' | 'firstName' | 'lastName' | 'company' | 'isEnabled' | 'isAdmin'> & Partial<Member>,
): Member {
  return {
    guid: guidOf(account.name, tenant.seedHash, 'made', ++tenant.made),
    account: account.name,
    type: 'StandardUser',
    displayName: [fields.firstName, fields.lastName].filter(Boolean).join(' '),
    description: '',
    orgRole: null,
    groups: account.model === 'rbac' ? [READ_ONLY_GROUP] : [],
    isJit: false,
    created: tenant.clock.now().getTime(),
    updated: null,
    updatedBy: null,
    lastLogin: null,
    ...fields,
  };
}

/** The mail a new user gets, one whatever the number of accounts; there is no call to send it again. */
export function invited(call: Call, email: string, accounts: readonly string[]): void {
  call.effect('user.created', email, { accounts: [...accounts] });
  const [first = ''] = accounts;
  call.effect('mail.invitation', email, {
    subject: `Lacework FortiCNAPP - login information (${first.toLowerCase()})`,
  });
}

/** Takes somebody out of their account. */
export function removeMember(call: Call, member: Member): void {
  call.tenant.members.remove(member.guid);
  call.effect('user.deleted', member.email || member.displayName, { account: member.account });
  audit(call, member.account, 'Team Member', 'Delete', `Team member ${member.email} was deleted`);
}

/** A refusal because the person is there. */
export function duplicate({ tenant }: Call, email: string): Refused {
  return new Refused(Number(tenant.switches.duplicate), `User ${email} already exists`);
}

/** Tells that somebody was changed, and to what; nothing where they are as they were. */
export function updated(call: Call, before: Member, after: Member): void {
  const changes = {
    ...(before.isEnabled !== after.isEnabled && { enabled: after.isEnabled }),
    ...(before.isAdmin !== after.isAdmin && { admin: after.isAdmin }),
    ...(before.firstName !== after.firstName && { first_name: after.firstName }),
    ...(before.lastName !== after.lastName && { last_name: after.lastName }),
    ...(before.displayName !== after.displayName && { name: after.displayName }),
    ...(before.company !== after.company && { company: after.company }),
    ...(before.description !== after.description && { description: after.description }),
  };
  if (Object.keys(changes).length === 0) return;
  call.effect('user.updated', after.email || after.displayName, { account: after.account, ...changes });
}

/** First and last name, and the name made of them. */
export function named(
  member: Member,
  {
    firstName = member.firstName,
    lastName = member.lastName,
  }: { firstName?: string | undefined; lastName?: string | undefined },
): Pick<Member, 'firstName' | 'lastName' | 'displayName'> {
  const isSame = firstName === member.firstName && lastName === member.lastName;
  return { firstName, lastName, displayName: isSame ? member.displayName : `${firstName} ${lastName}`.trim() };
}

/** A first name, and the rest. */
export function splitName(name: string): Pick<Member, 'firstName' | 'lastName' | 'displayName'> {
  const [firstName = '', ...rest] = name.trim().split(/\s+/);
  return { firstName, lastName: rest.join(' '), displayName: name };
}
