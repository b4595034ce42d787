import { type Call, hrefOf, link } from './call.ts';
import type { AuthenticationSource, StoredAssetGroup, StoredRole, StoredSite, StoredUser } from './model.ts';
import { SOURCES, UNDOCUMENTED_PRIVILEGE } from './roles.ts';
import type { Wire } from './wire.ts';

interface Fields {
  readonly [name: string]: Wire | undefined;
}

/** A user as it is returned: keys in the order of the alphabet, links as recorded. Never a password. */
export function userView(call: Call, user: StoredUser): Fields {
  return userWith(call, user, roleOfUser(call, user));
}

function userWith(call: Call, user: StoredUser, role: RoleOfUser): Fields {
  const { drift } = call.console.switches;
  const path = `/users/${user.id}`;
  const source = SOURCES.find(({ id }) => id === user.source);
  return {
    authentication: source && {
      external: source.external,
      id: source.id,
      name: source.name,
      type: source.type,
      links: sourceLinks(call, source.id),
    },
    email: user.email ?? undefined,
    enabled: user.enabled,
    id: drift === 'ids' ? String(user.id) : user.id,
    links: [
      link(call, path),
      link(call, `/authentication_sources/${user.source}`, 'Authentication Source'),
      link(call, `${path}/asset_groups`, 'Asset Groups'),
      link(call, `${path}/sites`, 'Sites'),
      link(call, `${path}/privileges`, 'Privileges'),
      { href: hrefOf(call, `/roles/${role.id ?? '{id}'}`), rel: 'Role' },
    ],
    locale: user.locale ? { default: user.locale.default, reports: user.locale.reports } : undefined,
    locked: user.locked,
    login: drift === 'login' ? undefined : user.login,
    name: user.name,
    role: drift === 'role' ? user.role.id : { ...role },
  };
}

interface RoleOfUser {
  readonly [name: string]: boolean | string | readonly string[] | undefined;
  readonly id?: string;
}

/** A user's role with its privileges. */
function roleOfUser({ console }: Call, { role }: StoredUser): RoleOfUser {
  const stored = console.roles.get(role.id);
  return {
    allAssetGroups: role.allAssetGroups,
    allSites: role.allSites,
    id: role.id,
    name: stored?.name ?? role.id,
    privileges: stored ? privilegesOf(console.switches, stored) : undefined,
    superuser: role.superuser,
  };
}

/**
 * A user as a site lists it: in the recordings of JupiterOne/graph-rapid7 its role has neither id nor name, and the link
 * to the role is a template that nobody filled in.
 */
export function siteUserView(call: Call, user: StoredUser): Fields {
  const whole = roleOfUser(call, user);
  if (call.console.switches.siteUserRole === 'whole') return userWith(call, user, whole);
  const { id: _id, name: _name, ...bare } = whole;
  return userWith(call, user, bare);
}

/** The privileges as the console tells them; undefined: it leaves the key out. */
export function privilegesOf(switches: Call['console']['switches'], role: StoredRole): readonly string[] | undefined {
  if (role.privileges === null) return switches.rolesWithoutPrivileges === 'on' ? undefined : [];
  const hasMore = switches.advancedPolicies === 'on' && role.privileges.includes('all-permissions');
  return [...role.privileges, ...(hasMore ? [UNDOCUMENTED_PRIVILEGE] : [])].sort();
}

export function roleView(call: Call, role: StoredRole): Fields {
  return {
    description: role.description,
    id: role.id,
    links: [link(call, `/roles/${role.id}`), link(call, `/roles/${role.id}/users`, 'Users')],
    name: role.name,
    privileges: privilegesOf(call.console.switches, role),
  };
}

export function sourceView(call: Call, { external, id, name, type }: AuthenticationSource): Fields {
  return { external, id, links: sourceLinks(call, id), name, type };
}

export function siteView(call: Call, site: StoredSite): Fields {
  const path = `/sites/${site.id}`;
  return {
    assets: site.assets,
    description: site.description === '' ? undefined : site.description,
    id: site.id,
    importance: site.importance,
    lastScanTime: site.lastScanTime ?? undefined,
    links: [link(call, path), link(call, `${path}/organization`, 'Organization'), link(call, `${path}/users`, 'Users')],
    name: site.name,
    riskScore: site.riskScore,
    scanEngine: site.scanEngine,
    scanTemplate: site.scanTemplate,
    type: site.type,
    vulnerabilities: totalled(site.vulnerabilities),
  };
}

export function assetGroupView(call: Call, group: StoredAssetGroup): Fields {
  const path = `/asset_groups/${group.id}`;
  return {
    assets: group.assets,
    description: group.description,
    id: group.id,
    links: [link(call, path), link(call, `${path}/users`, 'Users')],
    name: group.name,
    riskScore: group.riskScore,
    type: group.type,
    vulnerabilities: totalled(group.vulnerabilities),
  };
}

function totalled({ critical, severe, moderate }: StoredSite['vulnerabilities']): Fields {
  return { critical, moderate, severe, total: critical + severe + moderate };
}

function sourceLinks(call: Call, id: number): Wire {
  const path = `/authentication_sources/${id}`;
  return [link(call, path), link(call, `${path}/users`, 'Authentication Source Users')];
}
