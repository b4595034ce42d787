import type { NewAuditEntry } from '../model/audit.ts';
import type { Principal } from '../store/principals.ts';
import type { Token, TokenHolder } from '../store/tokens.ts';

/** What the audit log is told of principals and tokens: what they may do, never what they prove themselves by. */

export function principalMade(principal: Principal): NewAuditEntry {
  const { kind, role, name, createdAt: at } = principal;
  return {
    at, kind: 'access', action: 'principal.created', summary: `The ${kind} ${name} was added as ${role}.`,
    subject: principalSubject(principal), details: { kind, role },
  }; // prettier-ignore
}

export function principalChanged(before: Principal, after: Principal): NewAuditEntry {
  const [was, is] = [stateOf(before), stateOf(after)];
  return {
    at: after.updatedAt, kind: 'access', action: 'principal.changed', subject: principalSubject(after),
    summary: `The ${after.kind} ${after.name} was changed.`, details: { before: was, after: is },
  }; // prettier-ignore
}

export function tokenMade(token: Token, principal: Principal): NewAuditEntry {
  const { role, connections, expiresAt, hint } = token;
  return {
    at: token.createdAt, kind: 'access', action: 'token.created', subject: tokenSubject(token),
    summary: `A token "${token.name}" was made for ${principal.name}.`,
    details: { principal: principal.id, role, connections, expires_at: expiresAt, hint },
  }; // prettier-ignore
}

export function tokenRevoked(token: Token, at: string): NewAuditEntry {
  return {
    at, kind: 'access', action: 'token.revoked', subject: tokenSubject(token),
    summary: `The token "${token.name}" was revoked.`, details: { principal: token.principalId, hint: token.hint },
  }; // prettier-ignore
}

/** A token's first use of a day. */
export function loggedIn(holder: TokenHolder, at: string): NewAuditEntry {
  const { principalId: id, principalName: name, principalKind: kind } = holder;
  return {
    at, kind: 'login', action: 'token.used', subject: tokenSubject(holder),
    summary: `${name} used the token "${holder.name}" for the first time that day.`,
    actor: { id, name, kind, token: holder.id }, details: { last_used_at: holder.lastUsedAt, hint: holder.hint },
  }; // prettier-ignore
}

function principalSubject({ id, name, email }: Principal): NewAuditEntry['subject'] {
  return { kind: 'principal', key: id, name: email ?? name };
}

function tokenSubject({ id, name }: Token): NewAuditEntry['subject'] {
  return { kind: 'token', key: id, name };
}

function stateOf({ name, role, disabledAt }: Principal) {
  return { name, role, is_disabled: disabledAt !== null };
}
