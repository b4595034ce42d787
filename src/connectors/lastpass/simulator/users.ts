import { hashAt } from '../../../connector-kit/simulator-kit/random.ts';
import type { Blueprint } from './blueprint.ts';
import { foldAddress, type StoredUser } from './model.ts';

/** Which users a reader wants. */
export interface UserFilter {
  readonly disabled?: boolean;
  readonly admin?: boolean;
}

/** A reader's list of slots, in the order of answers. */
export type Slots = {
  readonly length: number;
  readonly [place: number]: number;
  slice(from: number, to: number): Slots;
};

/**
 * The users of the company: the blueprint's, and what was changed since. Writers see every change at once; readers see
 * it when it has settled.
 */
export interface UserStore {
  /** Rises with every change a reader could see. */
  readonly version: number;
  /** Rises when somebody comes, goes, or changes address or groups. */
  readonly membershipVersion: number;
  readonly isSettled: boolean;
  get(slot: number): StoredUser | null;
  slotOf(address: string): number | null;
  put(slot: number, user: StoredUser | null): void;
  add(user: StoredUser): number;
  /** What a reader sees of a slot. */
  visible(slot: number): StoredUser | null;
  /** Rises when this slot changes; 0 for what the blueprint says. */
  versionOf(slot: number): number;
  /** The slots a reader sees, filtered. Kept until something changes. */
  select(filter: UserFilter): Slots;
  /** Slots of the members of a group, in order, as writers see them. */
  members(group: string): readonly number[];
  /** All slots there ever were: 0 to this, exclusive. */
  readonly end: number;
  save(): SavedUsers;
}

/** Changed users by slot (null: gone) and where new slots begin. */
export interface SavedUsers {
  readonly end: number;
  readonly changed: readonly (readonly [number, StoredUser | null])[];
}

const FIRST_ID = 310_000_000;
const ID_STEP = 31;

/** The user id of a slot: rising, with gaps, as a vendor's are. */
export function userIdOf(seedHash: number, slot: number): number {
  return FIRST_ID + slot * ID_STEP + (hashAt(seedHash, 50, slot) % ID_STEP);
}

/** Users over a blueprint; `settleMs` is asked at each write, `nowMs` at each read. */
export function openUsers(
  plan: Blueprint,
  nowMs: () => number,
  settleMs: () => number,
  saved: SavedUsers = { end: plan.size, changed: [] },
): UserStore {
  const changed = new Map<number, StoredUser | null>(saved.changed);
  const changedAddresses = new Map<string, number>();
  const versions = new Map<number, number>();
  for (const [slot, user] of changed) if (user) changedAddresses.set(foldAddress(user.username), slot);
  const unsettled = new Map<number, { before: StoredUser | null; until: number }>();
  const lists = new Map<string, Slots>();
  const memberLists = new Map<string, readonly number[]>();
  let end = Math.max(saved.end, plan.size);
  let [version, membershipVersion] = [1, 1];

  const get = (slot: number): StoredUser | null => {
    const user = changed.get(slot);
    return user === undefined ? (slot >= 0 && slot < plan.size ? plan.user(slot) : null) : user;
  };
  const bump = () => {
    version++;
    lists.clear();
  };
  const settle = () => {
    if (unsettled.size === 0) return;
    const now = nowMs();
    for (const [slot, { until }] of unsettled) {
      if (until > now) continue;
      unsettled.delete(slot);
      bump();
    }
  };
  const visible = (slot: number) => {
    const waiting = unsettled.get(slot);
    return waiting ? waiting.before : get(slot);
  };
  const put = (slot: number, user: StoredUser | null) => {
    settle();
    const before = get(slot);
    if (settleMs() > 0) {
      unsettled.set(slot, { before: visible(slot), until: nowMs() + settleMs() });
    }
    if (before && changedAddresses.get(foldAddress(before.username)) === slot) {
      changedAddresses.delete(foldAddress(before.username));
    }
    changed.set(slot, user);
    versions.set(slot, version + 1);
    if (user) changedAddresses.set(foldAddress(user.username), slot);
    bump();
    if (!before || !user || before.username !== user.username || before.groups.join('\n') !== user.groups.join('\n')) {
      membershipVersion++;
      memberLists.clear();
    }
  };
  const select = (filter: UserFilter): Slots => {
    settle();
    const key = `${filter.disabled ?? ''}/${filter.admin ?? ''}`;
    const known = lists.get(key);
    if (known) return known;
    const list = new Int32Array(end);
    let length = 0;
    for (let slot = 0; slot < end; slot++) {
      if (matches(slot, filter)) list[length++] = slot;
    }
    const slots = list.subarray(0, length);
    lists.set(key, slots);
    return slots;
  };
  const matches = (slot: number, filter: UserFilter): boolean => {
    const user = changed.has(slot) || unsettled.has(slot) ? visible(slot) : slot < plan.size ? plan.flags(slot) : null;
    if (!user) return false;
    return (filter.disabled ?? user.disabled) === user.disabled && (filter.admin ?? user.admin) === user.admin;
  };

  return {
    get version() {
      settle();
      return version;
    },
    get membershipVersion() {
      return membershipVersion;
    },
    get isSettled() {
      settle();
      return unsettled.size === 0;
    },
    get end() {
      return end;
    },
    get,
    slotOf(address) {
      const folded = foldAddress(address);
      const slot = changedAddresses.get(folded) ?? plan.slotOfAddress(folded);
      return slot === null || (changed.has(slot) && changedAddresses.get(folded) !== slot) ? null : slot;
    },
    put,
    versionOf: (slot) => versions.get(slot) ?? (changed.has(slot) ? 1 : 0),
    add(user) {
      const slot = end++;
      changed.set(slot, null);
      put(slot, user);
      return slot;
    },
    visible(slot) {
      settle();
      return visible(slot);
    },
    select,
    members(group) {
      const known = memberLists.get(group);
      if (known) return known;
      const members: number[] = [];
      for (let slot = 0; slot < end; slot++) {
        const groups = changed.has(slot) ? (changed.get(slot)?.groups ?? []) : plan.groups(slot);
        if (groups.includes(group)) members.push(slot);
      }
      memberLists.set(group, members);
      return members;
    },
    save: () => ({ end, changed: [...changed] }),
  };
}
