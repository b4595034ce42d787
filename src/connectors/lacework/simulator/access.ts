import type { SimulatorRequest } from '../../../connector-kit/simulator-kit/server.ts';
import { type Account, ADMIN_GROUP, type ApiKey, foldAddress, type Member } from './model.ts';
import { accountNamed, primaryOf, type Tenant } from './tenant.ts';
import { header, Refused } from './wire.ts';

/** Who asks: the owner of the key the token was made from. */
export interface Caller {
  readonly key: ApiKey;
  /** As audit rows name them. */
  readonly name: string;
  readonly isService: boolean;
  readonly isOrgAdmin: boolean;
  /** The owner's rows, in the order of the accounts; one for a service user. */
  readonly rows: readonly Member[];
  readonly home: Account;
}

/** What a request is about: the whole organization, one account, or an organization the caller may not see. */
export type Scope =
  | { readonly kind: 'organization' }
  | { readonly kind: 'account'; readonly account: Account }
  | { readonly kind: 'mismatch' };

export type Right = 'none' | 'read' | 'admin';

/** Whether there is an organization at all: more than the one account. */
export function isOrganization(tenant: Tenant): boolean {
  return tenant.accounts.length > 1;
}

/** Whether a member is administrator of their account, in whichever model it has. */
export function isAccountAdmin(member: Member, account: Account): boolean {
  if (member.orgRole === 'admin') return true;
  return account.model === 'rbac' ? member.groups.includes(ADMIN_GROUP) : member.isAdmin;
}

/** The owner's rows that are enabled; none: the owner is gone. */
export function ownerRows(tenant: Tenant, key: ApiKey): readonly Member[] {
  if ('email' in key.owner) return tenant.members.rowsOf(key.owner.email);
  const member = tenant.members.get(key.owner.guid);
  return member ? [member] : [];
}

/**
 * Finds out who asks, by the token with or without `Bearer` (the reference and the Python SDK send it, lacework/go-sdk does
 * not). Throws `Refused` for a token that is unknown, expired or revoked, or whose owner is gone.
 */
export function authenticate(tenant: Tenant, request: SimulatorRequest): Caller {
  const token = tenant.tokens.get(header(request, 'authorization').replace(/^Bearer\s+/i, ''));
  const key = token && tenant.keys.get(token.keyId);
  if (!token || !key || token.expires <= tenant.clock.now().getTime()) throw deadToken(tenant);
  if (!key.isEnabled && tenant.switches.disableKillsTokens === 'on') throw deadToken(tenant);
  const caller = callerOf(tenant, key);
  if (!caller) throw deadToken(tenant);
  return caller;
}

/** The owner of a key, or null where they are gone or disabled in the key's account. */
export function callerOf(tenant: Tenant, key: ApiKey): Caller | null {
  const rows = ownerRows(tenant, key);
  const home = accountNamed(tenant, key.account);
  const first = rows.find(({ account }) => account === key.account);
  if (!home || !first?.isEnabled) return null;
  return {
    key,
    name: 'email' in key.owner ? foldAddress(key.owner.email) : first.displayName,
    isService: first.type === 'ServiceUser',
    isOrgAdmin: isOrganization(tenant) && rows.some(({ orgRole, isEnabled }) => orgRole === 'admin' && isEnabled),
    rows,
    home,
  };
}

/**
 * What a request is about. `Org-Access: true` wins over `Account-Name`; both need a person's key of the primary account, and
 * a service user's never leaves its own. Throws `Refused` where the caller cannot have what they name.
 */
export function scopeOf(tenant: Tenant, request: SimulatorRequest, caller: Caller, takesOrgAccess: boolean): Scope {
  if (takesOrgAccess && header(request, 'org-access').toLowerCase() === 'true') {
    if (caller.isService) throw new Refused(403, 'Service users cannot access other accounts');
    const isPrimary = caller.home.name === primaryOf(tenant).name;
    return caller.isOrgAdmin && isPrimary ? { kind: 'organization' } : { kind: 'mismatch' };
  }
  const name = header(request, 'account-name');
  if (name === '') return { kind: 'account', account: caller.home };
  const account = accountNamed(tenant, name);
  if (account?.name === caller.home.name) return { kind: 'account', account };
  if (caller.isService) throw new Refused(403, 'Service users cannot access other accounts');
  if (!account || caller.home.name !== primaryOf(tenant).name || rightIn(caller, account) === 'none') {
    throw new Refused(403, 'User not authorized');
  }
  return { kind: 'account', account };
}

/** What the caller may do in an account. */
export function rightIn(caller: Caller, account: Account): Right {
  const row = caller.rows.find(({ account: name, isEnabled }) => name === account.name && isEnabled);
  if (!row) return 'none';
  if (isAccountAdmin(row, account)) return 'admin';
  return account.model === 'rbac' && row.orgRole === null && row.groups.length === 0 ? 'none' : 'read';
}

function deadToken({ switches }: Tenant): Refused {
  return new Refused(Number(switches.deadToken), 'Invalid or expired access token');
}
