import { type Keyed, keyed } from './keyed.ts';
import { foldLogin, type StoredUser } from './model.ts';

/** Which of a user's lists. */
export type AccessList = 'sites' | 'assetGroups';

/** The users of the console, found by id, by login, and by what they have access to. */
export interface UserStore extends Keyed<number, StoredUser> {
  byLogin(login: string): StoredUser | null;
  /** Ids, ascending, of those who have this site or asset group on their own list. */
  on(list: AccessList, id: number): readonly number[];
  /** The id of the next one; ids are never used again. */
  nextId(): number;
  readonly lastId: number;
}

/** Users of the first day and what was saved since. `lastId`: the highest id ever given. */
export function openUsers(
  first: Iterable<StoredUser>,
  saved?: { readonly lastId: number; readonly changed: readonly (readonly [number, StoredUser | null])[] },
): UserStore {
  const logins = new Map<string, number>();
  const lists = { sites: new Map<number, Set<number>>(), assetGroups: new Map<number, Set<number>>() };
  const move = (list: AccessList, before: StoredUser | null, after: StoredUser | null): void => {
    if (before && before[list] === after?.[list]) return;
    for (const id of before?.[list] ?? []) lists[list].get(id)?.delete(before?.id ?? 0);
    for (const id of after?.[list] ?? []) {
      const users = lists[list].get(id) ?? new Set();
      lists[list].set(id, users.add(after?.id ?? 0));
    }
  };
  let lastId = saved?.lastId ?? 0;
  const store = keyed<number, StoredUser>(first, saved?.changed, (before, after) => {
    if (before) logins.delete(foldLogin(before.login));
    if (after) logins.set(foldLogin(after.login), after.id);
    move('sites', before, after);
    move('assetGroups', before, after);
    lastId = Math.max(lastId, after?.id ?? 0);
  });
  return {
    ...store,
    byLogin: (login) => store.get(logins.get(foldLogin(login)) ?? 0),
    on: (list, id) => [...(lists[list].get(id) ?? [])].sort((left, right) => left - right),
    nextId: () => ++lastId,
    get lastId() {
      return lastId;
    },
  };
}
