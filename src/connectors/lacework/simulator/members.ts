import { foldAddress, type Member } from './model.ts';

/** Everybody in every account. Writers see each change at once; readers see it when it has settled. */
export interface MemberStore {
  get(guid: string): Member | null;
  ofEmail(account: string, email: string): Member | null;
  /** A person's rows over all accounts, in the order of the accounts. */
  rowsOf(email: string): readonly Member[];
  /** All rows of an account, as writers see them. */
  all(account: string): readonly Member[];
  /** What a reader sees of an account. */
  list(account: string): readonly Member[];
  /** What a reader sees of a GUID. */
  shown(guid: string): Member | null;
  put(member: Member): void;
  remove(guid: string): void;
  /** Gives a member another GUID: as if one were removed and another put. */
  replace(guid: string, member: Member): void;
  readonly size: number;
  /** What changed since the blueprint: null where somebody is gone. */
  save(): readonly (readonly [guid: string, member: Member | null])[];
}

export interface MemberOptions {
  /** The accounts, in order; asked each time, as some are added later. */
  readonly accounts: () => readonly string[];
  readonly members: Iterable<Member>;
  readonly saved: readonly (readonly [guid: string, member: Member | null])[];
  readonly nowMs: () => number;
  /** How long readers see a row as it was before a change, and before it was removed. */
  readonly lagMs: () => { readonly change: number; readonly removal: number };
}

interface Rows {
  readonly byGuid: Map<string, Member>;
  readonly guidOf: Map<string, string>;
}

interface Unsettled {
  readonly account: string;
  readonly before: Member | null;
  readonly until: number;
}

/** A store of these members, with what was saved of it. */
export function openMembers(options: MemberOptions): MemberStore {
  const byAccount = new Map<string, Rows>();
  const touched = new Map<string, Member | null>();
  const unsettled = new Map<string, Unsettled>();

  const rowsIn = (account: string): Rows => {
    const known = byAccount.get(account);
    if (known) return known;
    const rows = { byGuid: new Map<string, Member>(), guidOf: new Map<string, string>() };
    byAccount.set(account, rows);
    return rows;
  };
  const write = (member: Member) => {
    const { byGuid, guidOf } = rowsIn(member.account);
    byGuid.set(member.guid, member);
    if (member.email !== '') guidOf.set(foldAddress(member.email), member.guid);
  };
  const erase = (member: Member) => {
    const { byGuid, guidOf } = rowsIn(member.account);
    byGuid.delete(member.guid);
    const folded = foldAddress(member.email);
    if (guidOf.get(folded) === member.guid) guidOf.delete(folded);
  };
  const get = (guid: string): Member | null => {
    for (const { byGuid } of byAccount.values()) {
      const member = byGuid.get(guid);
      if (member) return member;
    }
    return null;
  };
  const settle = () => {
    if (unsettled.size === 0) return;
    const now = options.nowMs();
    for (const [guid, { until }] of unsettled) if (until <= now) unsettled.delete(guid);
  };
  const delay = (account: string, guid: string, before: Member | null, lagMs: number) => {
    settle();
    if (lagMs === 0) return;
    const waiting = unsettled.get(guid);
    unsettled.set(guid, { account, before: waiting ? waiting.before : before, until: options.nowMs() + lagMs });
  };

  for (const member of options.members) write(member);
  for (const [guid, member] of options.saved) {
    const before = get(guid);
    if (member) write(member);
    else if (before) erase(before);
    touched.set(guid, member);
  }

  const all = (account: string) => [...rowsIn(account).byGuid.values()];
  const put = (member: Member) => {
    const before = get(member.guid);
    delay(member.account, member.guid, before, options.lagMs().change);
    if (before && before.email !== member.email) rowsIn(before.account).guidOf.delete(foldAddress(before.email));
    write(member);
    touched.set(member.guid, member);
  };
  const remove = (guid: string) => {
    const before = get(guid);
    if (!before) return;
    const { change, removal } = options.lagMs();
    delay(before.account, guid, before, Math.max(change, removal));
    erase(before);
    touched.set(guid, null);
  };

  return {
    get,
    ofEmail(account, email) {
      const rows = byAccount.get(account);
      const guid = rows?.guidOf.get(foldAddress(email));
      return (guid !== undefined && rows?.byGuid.get(guid)) || null;
    },
    rowsOf(email) {
      const folded = foldAddress(email);
      return options.accounts().flatMap((account) => {
        const rows = byAccount.get(account);
        const guid = rows?.guidOf.get(folded);
        const member = guid === undefined ? undefined : rows?.byGuid.get(guid);
        return member ? [member] : [];
      });
    },
    all,
    list(account) {
      settle();
      const rows = all(account);
      if (unsettled.size === 0) return rows;
      const gone = [...unsettled].flatMap(([guid, waiting]) =>
        waiting.account === account && waiting.before && !rowsIn(account).byGuid.has(guid) ? [waiting.before] : [],
      );
      const kept = rows.flatMap((member) => {
        const waiting = unsettled.get(member.guid);
        return waiting ? (waiting.before ?? []) : member;
      });
      return [...kept, ...gone];
    },
    shown(guid) {
      settle();
      const waiting = unsettled.get(guid);
      return waiting ? waiting.before : get(guid);
    },
    put,
    remove,
    replace(guid, member) {
      remove(guid);
      put(member);
    },
    get size() {
      let size = 0;
      for (const { byGuid } of byAccount.values()) size += byGuid.size;
      return size;
    },
    save: () => [...touched],
  };
}
