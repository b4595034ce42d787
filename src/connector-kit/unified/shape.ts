import type { AccountRecord, GrantRecord, GroupRecord, ResourceRecord, RoleRecord } from '../../model/records.ts';
import type { UnifiedTraits } from '../connector.ts';

/** What of a connector decides how its records look; the same for the snapshot and for live reads. */
export type UnifiedShape = Omit<UnifiedTraits<never>, 'describe'>;

/** What the snapshot knows about a record beside the record; absent on live reads. */
export interface Observation {
  /** When this version was first seen. ISO 8601, UTC. */
  readonly seenFrom: string;
  /** Since when a pull no longer finds it, while that is not confirmed. */
  readonly missingSince: string | null;
}

/** A grant on a resource, with the resource where it is known. */
export interface Access {
  readonly grant: GrantRecord;
  readonly resource: ResourceRecord | null;
}

/** All that an IamUser is made from. */
export interface UserParts {
  readonly account: AccountRecord;
  readonly roles: readonly RoleRecord[];
  readonly groups: readonly GroupRecord[];
  readonly access?: readonly Access[];
  readonly observation?: Observation;
}

/**
 * Who holds a grant: a known account, a group, an address whose account is not at hand, or one that no account of the
 * connection has (`unmatched`).
 */
export type Holder =
  | { readonly kind: 'account'; readonly account: AccountRecord }
  | { readonly kind: 'group'; readonly key: string; readonly group: GroupRecord | null }
  | { readonly kind: 'address' | 'unmatched'; readonly key: string };

/** `expand` names that add something; others are accepted where the contract says they have no effect. */
export type Expansion = 'roles' | 'groups' | 'permissions' | 'users' | 'policies';
export type Expansions = ReadonlySet<Expansion>;
export const EXPANSIONS: readonly Expansion[] = ['roles', 'groups', 'permissions', 'users', 'policies'];
/** Nothing is expanded. */
export const NOTHING: Expansions = new Set();
