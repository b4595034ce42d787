import { compoundKey } from '../../model/ids.ts';
import type { Extra, GrantRecord } from '../../model/records.ts';
import { BUILT_IN_GROUPS, groupKey, type Person } from './mapping.ts';
import type { PersonRow } from './people.ts';

type GrantsOf = (person: Pick<Person, 'key' | 'rows'>) => GrantRecord[];

/**
 * Makes what a person holds: access to each sub-account with the role it has there (`path`: by which group or role of the
 * organization, '' for its own), memberships of user groups, and roles of the organization. What is the same for many is
 * worked out once: there are hundreds of thousands of these.
 */
export function grantMaker(): GrantsOf {
  const tails = new Map<string, string>();
  return ({ key, rows }) => {
    const grants = new Map<string, GrantRecord>();
    const head = compoundKey(`account:${key}`);
    const add = (kind: GrantRecord['targetKind'], target: string, permission: string, path: string, extra: Extra) => {
      const way = `${kind}\n${target}\n${permission}\n${path}`;
      let tail = tails.get(way);
      if (tail === undefined) {
        tail = compoundKey(`${kind}:${target}`, permission, path);
        tails.set(way, tail);
      }
      const grant = `${head} ${tail}`;
      if (grants.has(grant)) return;
      grants.set(grant, {
        kind: 'grant', key: grant, holderKind: 'account', holderKey: key, targetKind: kind, targetKey: target,
        permission, path, extra,
      }); // prettier-ignore
    };
    for (const row of rows) addRow(row, add);
    return [...grants.values()];
  };
}

const NOTHING: Extra = Object.freeze({});
const DISABLED: Extra = Object.freeze({ disabled: true });

type AddGrant = (
  kind: GrantRecord['targetKind'],
  target: string,
  permission: string,
  path: string,
  extra: Extra,
) => void;

function addRow(row: PersonRow, add: AddGrant): void {
  const { subAccount, orgRole } = row;
  const extra = row.isEnabled ? NOTHING : DISABLED;
  const access = (permission: string, path: string): void => add('resource', subAccount, permission, path, extra);
  for (const group of groupKeysOf(row)) add('group', group, 'member', '', NOTHING);
  if (orgRole !== null) {
    add('role', orgRole, 'holder', '', NOTHING);
    const read = row.model === 'legacy' ? 'user' : 'read_only_user';
    access(orgRole === 'org_admin' ? 'admin' : read, `role:${orgRole}`);
  }
  if (row.model === 'legacy') {
    if (isAboveAccounts(row)) return;
    access(row.isAdmin ? 'admin' : 'user', '');
  } else {
    for (const { guid } of row.groups) {
      access(BUILT_IN_GROUPS[guid]?.role ?? 'member', `group:${groupKey(subAccount, guid)}`);
    }
  }
}

/** The keys of the groups a row is a member of: user groups, or the role it has of the older model. */
export function groupKeysOf(row: PersonRow): readonly string[] {
  if (row.model === 'rbac') return row.groups.map(({ guid }) => groupKey(row.subAccount, guid));
  return isAboveAccounts(row) ? [] : [groupKey(row.subAccount, row.isAdmin ? 'ACCOUNT_ADMIN' : 'ACCOUNT_USER')];
}

/** An organization's role stands above those of accounts, but for the user of it who administers some of them. */
function isAboveAccounts({ orgRole, isAdmin }: PersonRow): boolean {
  return orgRole === 'org_admin' || (orgRole === 'org_user' && !isAdmin);
}
