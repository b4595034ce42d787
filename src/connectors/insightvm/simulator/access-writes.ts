import { answer, badRequest, notFound } from './wire.ts';
import {
  bodyOf, type Call, deleted, done, type Handler, link, numberOf, requireAdmin, requirePrivilege, selfLink, userOf,
} from './call.ts'; // prettier-ignore
import { isAdministrator } from './console.ts';
import type { StoredUser } from './model.ts';
import { assetGroupOf, siteOf } from './reads.ts';
import type { AccessList } from './users.ts';

interface Words {
  readonly flag: 'allSites' | 'allAssetGroups';
  /** What effects call it. */
  readonly effect: string;
  readonly path: string;
  readonly privilege: string;
}

const WORDS: Readonly<Record<AccessList, Words>> = {
  sites: { flag: 'allSites', effect: 'site-access', path: '/sites', privilege: 'manage-site-access' },
  assetGroups: {
    flag: 'allAssetGroups',
    effect: 'asset-group-access',
    path: '/asset_groups',
    privilege: 'manage-asset-group-access',
  },
};

/** The user's whole list is replaced. Without effect for a user who may see all: the answer does not tell. */
export function setUserAccess(list: AccessList): Handler {
  return (call) => {
    requireAdmin(call);
    const user = userOf(call);
    change(call, list, user, existing(call, list, idsIn(call)));
    return done(call);
  };
}

/** The guide's way: adds to the list. */
export function addUserAccess(list: AccessList): Handler {
  return (call) => {
    requireAdmin(call);
    const user = userOf(call);
    change(call, list, user, [...user[list], ...existing(call, list, idsIn(call))]);
    return done(call);
  };
}

export function removeAllUserAccess(list: AccessList): Handler {
  return (call) => {
    requireAdmin(call);
    change(call, list, userOf(call), []);
    return deleted(call);
  };
}

export function addOneUserAccess(list: AccessList, param: string): Handler {
  return (call) => {
    requireAdmin(call);
    const user = userOf(call);
    const id = thingOf(call, list, param);
    const { flag } = WORDS[list];
    if (user.role[flag] && call.console.switches.allSitesGrant === 'refuse') {
      throw badRequest(`Individual access cannot be granted to users with the ${flag} permission.`);
    }
    change(call, list, user, [...user[list], id]);
    return done(call);
  };
}

export function removeOneUserAccess(list: AccessList, param: string): Handler {
  return (call) => {
    requireAdmin(call);
    const user = userOf(call);
    const id = thingOf(call, list, param);
    change(
      call,
      list,
      user,
      user[list].filter((other) => other !== id),
    );
    return deleted(call);
  };
}

/** One bare number in the body; 201, alone among all answers. */
export const addSiteUser: Handler = (call) => {
  const { id } = managed(call, 'sites');
  const [user] = ordinary(call, [bodyOf(call)]);
  if (user) change(call, 'sites', user, [...user.sites, id]);
  return answer(201, { id: user?.id, links: [selfLink(call), link(call, `/users/${user?.id}`, 'User')] });
};

/** The list of a site or asset group is replaced: who is not named loses it. */
export function setUsersOf(list: AccessList): Handler {
  return (call) => {
    const { id } = managed(call, list);
    const named = ordinary(call, idsIn(call));
    const { users } = call.console;
    const ids = new Set(named.map((user) => user.id));
    const losing = users.on(list, id).flatMap((userId) => (ids.has(userId) ? [] : (users.get(userId) ?? [])));
    for (const user of losing) {
      change(
        call,
        list,
        user,
        user[list].filter((other) => other !== id),
      );
    }
    for (const user of named) change(call, list, user, [...user[list], id]);
    return done(call);
  };
}

export const addAssetGroupUser: Handler = (call) => {
  const { id } = managed(call, 'assetGroups');
  const user = userOf(call, 'userId');
  change(call, 'assetGroups', user, [...user.assetGroups, id]);
  return done(call);
};

export function removeUserOf(list: AccessList): Handler {
  return (call) => {
    const { id } = managed(call, list);
    const user = userOf(call, 'userId');
    change(
      call,
      list,
      user,
      user[list].filter((other) => other !== id),
    );
    return deleted(call);
  };
}

/** Puts these ids, each once, on the user's list, and tells what came and went. */
function change({ console, effect }: Call, list: AccessList, user: StoredUser, ids: readonly number[]): void {
  const { flag, effect: word } = WORDS[list];
  if (user.role[flag] || console.switches.assignments === 'ignore') return;
  const next = [...new Set(ids)].sort((left, right) => left - right);
  const [added, removed] = [
    next.filter((id) => !user[list].includes(id)),
    user[list].filter((id) => !next.includes(id)),
  ];
  if (added.length + removed.length === 0) return;
  console.users.put({ ...user, [list]: next });
  for (const id of added) effect(`${word}.granted`, user.id, { id });
  for (const id of removed) effect(`${word}.revoked`, user.id, { id });
}

/** The site or asset group of the path, for those who may give access to it. */
function managed(call: Call, list: AccessList): { readonly id: number } {
  const thing = list === 'sites' ? siteOf(call) : assetGroupOf(call);
  requirePrivilege(call, WORDS[list].privilege);
  return thing;
}

/** Users by ids from a body, none of them an administrator: those have no place on such a list. */
function ordinary(call: Call, ids: readonly unknown[]): readonly StoredUser[] {
  return ids.map((id) => {
    const user = typeof id === 'number' ? call.console.users.get(id) : null;
    if (!user) throw badRequest(`There is no user ${JSON.stringify(id)}.`);
    if (isAdministrator(call.console, user)) throw badRequest(`User ${user.id} is an administrator.`);
    return user;
  });
}

function idsIn(call: Call): readonly number[] {
  const body = bodyOf(call);
  if (!Array.isArray(body)) throw badRequest('The request body must be an array of ids.');
  return body.map((id: unknown) => {
    if (typeof id !== 'number' || !Number.isInteger(id)) throw badRequest('The request body must be an array of ids.');
    return id;
  });
}

function existing({ console }: Call, list: AccessList, ids: readonly number[]): readonly number[] {
  const unknown = ids.find((id) => !(list === 'sites' ? console.sites : console.assetGroups).has(id));
  if (unknown !== undefined) throw badRequest(`${WORDS[list].path}/${unknown} does not exist.`);
  return ids;
}

function thingOf(call: Call, list: AccessList, param: string): number {
  const id = numberOf(call, param);
  if (!(list === 'sites' ? call.console.sites : call.console.assetGroups).has(id)) throw notFound();
  return id;
}
