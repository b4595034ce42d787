import { createHash } from 'node:crypto';
import { canSee, type Call, type Handler, link, listed, numberOf, ok, requireAdmin, selfLink, userOf } from './call.ts';
import { isAdministrator } from './console.ts';
import type { AuthenticationSource, StoredAssetGroup, StoredRole, StoredSite, StoredUser } from './model.ts';
import { pageOf, type SortKeys } from './paging.ts';
import { PRIVILEGES, SOURCES, UNDOCUMENTED_PRIVILEGE } from './roles.ts';
import type { AccessList } from './users.ts';
import { assetGroupView, privilegesOf, roleView, siteUserView, siteView, sourceView, userView } from './views.ts';
import { notFound, type Wire } from './wire.ts';

const USER_SORTS: SortKeys<StoredUser> = {
  id: ({ id }) => id,
  login: ({ login }) => login,
  name: ({ name }) => name,
  email: ({ email }) => email ?? '',
  enabled: ({ enabled }) => enabled,
  locked: ({ locked }) => locked,
};
const SITE_SORTS: SortKeys<StoredSite | StoredAssetGroup> = {
  id: ({ id }) => id,
  name: ({ name }) => name,
  type: ({ type }) => type,
  assets: ({ assets }) => assets,
  riskScore: ({ riskScore }) => riskScore,
};

export const getUsers: Handler = (call) => {
  requireAdmin(call);
  return pageOf(call, call.console.users.list(), USER_SORTS, (user) => userView(call, user));
};

/** For Global Administrators, and for oneself. */
export const getUser: Handler = (call) => ok(userView(call, ownOrAny(call)));

export const getUserPrivileges: Handler = (call) => {
  requireAdmin(call);
  const role = call.console.roles.get(userOf(call).role.id);
  return listed(call, (role && privilegesOf(call.console.switches, role)) ?? []);
};

/** Ids of what is on the user's list; for who may see all, none or every one by the switch. */
export function getUserAccess(list: AccessList): Handler {
  return (call) => {
    const { console } = call;
    const { role, ...user } = ownOrAny(call);
    const things = list === 'sites' ? console.sites : console.assetGroups;
    const seesAll = list === 'sites' ? role.allSites : role.allAssetGroups;
    const all = () => (console.switches.allSitesList === 'all' ? things.list().map(({ id }) => id) : []);
    const ids = seesAll ? all() : user[list];
    if (console.switches.dialect === 'strict' || list === 'assetGroups') return listed(call, ids);
    return ok({
      resources: ids.map((id) => ({ id, name: console.sites.get(id)?.name })),
      page: { number: 0, size: 10, totalResources: ids.length },
    });
  };
}

export const getSites: Handler = (call) =>
  pageOf(call, seen(call, 'sites', call.console.sites.list()), SITE_SORTS, (site) => siteView(call, site));

export const getSite: Handler = (call) => ok(siteView(call, siteOf(call)));

export const getSiteOrganization: Handler = (call) => {
  const { id, name } = siteOf(call);
  const contact = 'Ada Okonkwo';
  return ok({
    city: 'Lisbon',
    contact,
    country: 'Portugal',
    email: 'it@northwind.example',
    links: [selfLink(call), link(call, `/sites/${id}`, 'Site')],
    name: `Northwind Trading, ${name}`,
    url: 'https://northwind.example',
  });
};

/** Users on the site's list, whole records, without administrators, not paged. */
export const getSiteUsers: Handler = (call) => {
  const { id } = siteOf(call);
  return listed(
    call,
    usersWith(call, 'sites', id).map((user) => siteUserView(call, user)),
  );
};

export const getAssetGroups: Handler = (call) => {
  const { query } = call.request;
  const [type, name] = [query.get('type'), query.get('name')?.toLowerCase() ?? ''];
  const groups = seen(call, 'assetGroups', call.console.assetGroups.list()).filter(
    (group) => (type === null || group.type === type) && group.name.toLowerCase().includes(name),
  );
  return pageOf(call, groups, SITE_SORTS, (group) => assetGroupView(call, group));
};

export const getAssetGroup: Handler = (call) => ok(assetGroupView(call, assetGroupOf(call)));

/** Ids of users, where a site has whole records. */
export const getAssetGroupUsers: Handler = (call) => {
  const { id } = assetGroupOf(call);
  return listed(
    call,
    usersWith(call, 'assetGroups', id).map((user) => user.id),
  );
};

export const getRoles: Handler = (call) =>
  listed(
    call,
    call.console.roles.list().map((role) => roleView(call, role)),
  );

export const getRole: Handler = (call) => ok(roleView(call, roleOf(call)));

export const getRoleUsers: Handler = (call) => {
  requireAdmin(call);
  const { id } = roleOf(call);
  return idsOfUsers(call, ({ role }) => role.id === id);
};

export const getPrivileges: Handler = (call) => listed(call, privilegesKnown(call));

/** Nothing but links, as the document has it. */
export const getPrivilege: Handler = (call) => {
  const name = privilegeOf(call);
  return ok({ links: [selfLink(call), link(call, `/privileges/${name}/users`, 'Users')] });
};

export const getUsersWithPrivilege: Handler = (call) => {
  requireAdmin(call);
  const name = privilegeOf(call);
  const { roles, switches } = call.console;
  const having = new Set(
    roles.list().flatMap((role) => (privilegesOf(switches, role)?.includes(name) === true ? [role.id] : [])),
  );
  return idsOfUsers(call, ({ role }) => having.has(role.id));
};

export const getAuthenticationSources: Handler = (call) =>
  listed(
    call,
    SOURCES.map((source) => sourceView(call, source)),
  );

export const getAuthenticationSource: Handler = (call) => ok(sourceView(call, sourceOf(call)));

export const getAuthenticationSourceUsers: Handler = (call) => {
  requireAdmin(call);
  const { id } = sourceOf(call);
  return idsOfUsers(call, ({ source }) => source === id);
};

/** What rapid7/insightconnect-plugins tests a connection with; user and superuser are of the operating system. */
export const getInfo: Handler = (call) =>
  ok({
    fqdn: 'console.northwind.example',
    links: [selfLink(call)],
    serial: serialOf(call),
    superuser: true,
    user: 'root',
    version: { semantic: '6.6.210', update: { version: '4', id: { versionId: 210 } } },
  });

export const getSettings: Handler = (call) => {
  requireAdmin(call);
  const { twoFactor, lockThreshold } = call.console.switches;
  return ok({
    authentication: { '2fa': twoFactor === 'on', loginLockThreshold: lockThreshold },
    insightPlatform: true,
    insightPlatformRegion: 'eu',
    links: [selfLink(call)],
    serialNumber: serialOf(call),
  });
};

/** The user of the path where the caller may see it. */
export function ownOrAny(call: Call): StoredUser {
  if (numberOf(call, 'id') !== call.caller.id) requireAdmin(call);
  return userOf(call);
}

/** The site of the path where the caller may see it. */
export function siteOf(call: Call, name = 'id'): StoredSite {
  const site = call.console.sites.get(numberOf(call, name));
  if (!site || !canSee(call, 'sites', site.id)) throw notFound();
  return site;
}

/** The asset group of the path where the caller may see it. */
export function assetGroupOf(call: Call, name = 'id'): StoredAssetGroup {
  const group = call.console.assetGroups.get(numberOf(call, name));
  if (!group || !canSee(call, 'assetGroups', group.id)) throw notFound();
  return group;
}

/** The role of the path. */
export function roleOf({ console, params }: Call): StoredRole {
  const role = console.roles.get(params['id'] ?? '');
  if (!role) throw notFound();
  return role;
}

function seen<Thing extends { readonly id: number }>(
  call: Call,
  list: AccessList,
  things: readonly Thing[],
): readonly Thing[] {
  return canSee(call, list, 0) ? things : things.filter(({ id }) => canSee(call, list, id));
}

function usersWith({ console }: Call, list: AccessList, id: number): readonly StoredUser[] {
  const { users, switches } = console;
  const flag = list === 'sites' ? 'allSites' : 'allAssetGroups';
  const listedUsers = users.on(list, id).flatMap((userId) => users.get(userId) ?? []);
  const having =
    switches.siteUsers === 'listed'
      ? listedUsers
      : users.list().filter((user) => user.role[flag] || user[list].includes(id));
  return having.filter((user) => !isAdministrator(console, user));
}

function idsOfUsers(call: Call, isWanted: (user: StoredUser) => boolean): ReturnType<Handler> {
  const ids: Wire[] = call.console.users.list().flatMap((user) => (isWanted(user) ? [user.id] : []));
  return listed(call, ids);
}

function privilegesKnown({ console }: Call): readonly string[] {
  return console.switches.advancedPolicies === 'on' ? [...PRIVILEGES, UNDOCUMENTED_PRIVILEGE] : PRIVILEGES;
}

function privilegeOf(call: Call): string {
  const name = call.params['id'] ?? '';
  if (!privilegesKnown(call).includes(name)) throw notFound();
  return name;
}

function sourceOf(call: Call): AuthenticationSource {
  const source = SOURCES.find(({ id }) => id === numberOf(call, 'id'));
  if (!source) throw notFound();
  return source;
}

function serialOf({ console }: Call): string {
  return createHash('sha1').update(`${console.seed}/console`).digest('hex').toUpperCase();
}
