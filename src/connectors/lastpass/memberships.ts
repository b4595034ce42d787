import { fold } from '../../model/ids.ts';
import type { AnyRecord, GrantRecord } from '../../model/records.ts';
import type { ZoneTime } from '../../connector-kit/time.ts';
import type { UserDataPage } from './client.ts';
import { groupKey, membershipMaker, PulledUser, toGroup, toInvitation, toRoleGrant } from './mapping.ts';

/** What has been handed out already in this walk: groups and invitations come on many pages. */
export interface WalkMemory {
  readonly groups: Set<string>;
  readonly invitations: Set<string>;
}

export function walkMemory(): WalkMemory {
  return { groups: new Set(), invitations: new Set() };
}

/** A page: its users, to be mapped where somebody needs them, and the other records. */
export interface UserPageRecords {
  readonly users: readonly PulledUser[];
  readonly records: readonly AnyRecord[];
}

/** Maps a page whole: see `readUserPage`. */
export function mapUserPage(page: UserDataPage, zone: ZoneTime, memory: WalkMemory): AnyRecord[] {
  const { users, records } = readUserPage(page, zone, memory);
  return [...users.map((user) => user.map()), ...records];
}

/**
 * Reads a page: accounts, invitations not seen before, groups not seen before, memberships and administrator grants.
 * A user is in the groups of the own `groups` list and in those of the page's `Groups` that name the address: either may
 * be absent (JupiterOne recorded both). Members that `Groups` names but that are neither on this page nor invited come
 * with their own page.
 */
export function readUserPage(page: UserDataPage, zone: ZoneTime, memory: WalkMemory): UserPageRecords {
  const users: PulledUser[] = [];
  const records: AnyRecord[] = [];
  const members = new Members();
  const groups = new Map<string, string>();
  const keyOf = (name: string): string => {
    let key = groups.get(name);
    if (key === undefined) {
      key = groupKey(name);
      groups.set(name, key);
    }
    return key;
  };

  for (const [id, user] of page.users) {
    const account = new PulledUser(id, user, zone);
    const own = user['groups'];
    const names = Array.isArray(own) ? own.filter((name) => typeof name === 'string').map(keyOf) : [];
    members.add(account.key, account.username, account.roles, names);
    users.push(account);
  }
  for (const address of page.invited) {
    if (address === '' || members.has(address)) continue;
    const invitation = toInvitation(address);
    members.add(invitation.key, address, invitation.roles, []);
    if (memory.invitations.has(invitation.key)) continue;
    memory.invitations.add(invitation.key);
    records.push(invitation);
  }
  for (const [name, addresses] of page.groups) {
    const group = keyOf(name);
    for (const address of addresses) members.join(address, group);
  }
  for (const group of new Set(groups.values())) {
    if (memory.groups.has(group)) continue;
    memory.groups.add(group);
    records.push(toGroup(group));
  }
  members.collectGrants(records);
  return { users, records };
}

interface Member {
  readonly key: string;
  readonly address: string;
  readonly roles: readonly string[];
  readonly groups: string[];
}

/** The accounts of a page by address, each with its groups. */
class Members {
  readonly #all: Member[] = [];
  /** By the address exactly as written, which nearly always suffices, and folded. */
  readonly #byAddress = new Map<string, Member>();
  #byFolded: Map<string, Member> | null = null;

  add(key: string, address: string, roles: readonly string[], groups: string[]): void {
    const member = { key, address, roles, groups };
    this.#all.push(member);
    this.#byAddress.set(address, member);
    this.#byFolded?.set(fold(address), member);
  }

  has(address: string): boolean {
    return this.#find(address) !== undefined;
  }

  join(address: string, group: string): void {
    const member = this.#find(address);
    if (member !== undefined && !member.groups.includes(group)) member.groups.push(group);
  }

  collectGrants(into: AnyRecord[]): void {
    const memberships = membershipMaker();
    for (const { key, roles, groups } of this.#all) {
      if (groups.length > 0) into.push(...memberships(key, groups.length > 1 ? new Set(groups) : groups));
      const role: GrantRecord | null = toRoleGrant({ key, roles });
      if (role !== null) into.push(role);
    }
  }

  #find(address: string): Member | undefined {
    const exact = this.#byAddress.get(address);
    if (exact !== undefined) return exact;
    this.#byFolded ??= new Map(this.#all.map((member) => [fold(member.address), member]));
    return this.#byFolded.get(fold(address));
  }
}
