import { isObject } from '../../connector-kit/json.ts';
import type { MapEntry } from '../../connector-kit/json-stream.ts';
import { UsherError } from '../../model/errors.ts';
import {
  type AnyRecord,
  emailHolderKey,
  type Extra,
  type GrantRecord,
  type ResourceRecord,
} from '../../model/records.ts';
import { flagOf, groupKey, toGrant } from './mapping.ts';

export const SHARED_FOLDER = 'shared_folder';

/** One grantee of a folder with the flags read. */
export interface FolderPermission {
  readonly username: string;
  /** The group through which, or as which, it is granted; null: the user's own. */
  readonly groupName: string | null;
  readonly canAdminister: boolean;
  /** May see passwords. The vendor's own CLI sets it to "not hide passwords"; it does not mean passing on. */
  readonly give: boolean;
  readonly readonly: boolean;
  /** null: not told. */
  readonly superadmin: boolean | null;
  /** Only in the detailed answer. */
  readonly sites: readonly string[] | null;
}

/** A shared folder with its grants, read and checked. */
export interface SharedFolder {
  readonly id: string;
  readonly name: string;
  readonly score: number | string | null;
  /** Deleted softly: listed still, opened by nobody. */
  readonly isDeleted: boolean;
  readonly permissions: readonly FolderPermission[];
}

/** Reads an entry of the folder map; throws `upstreamBug` naming folder and field where access cannot be understood. */
export function readFolder([id, value]: MapEntry): SharedFolder {
  if (!isObject(value)) throw unreadable(id, 'itself');
  const { sharedfoldername: name, users, score } = value;
  if (typeof name !== 'string') throw unreadable(id, 'sharedfoldername');
  const isDeleted = flagOf(value['deleted']) ?? throwUnreadable(id, 'deleted');
  const entries = Array.isArray(users) ? users : isObject(users) ? Object.values(users) : null;
  if (entries === null) throw unreadable(id, 'users');
  return {
    id,
    name,
    score: typeof score === 'number' || typeof score === 'string' ? score : null,
    isDeleted,
    permissions: entries.map((entry) => readPermission(id, entry)),
  };
}

function readPermission(id: string, entry: unknown): FolderPermission {
  if (!isObject(entry)) throw unreadable(id, 'users');
  const { username, group_name: groupName, sites, superadmin } = entry;
  if (typeof username !== 'string') throw unreadable(id, 'username');
  const isGroupNamed = typeof groupName === 'string' && groupName !== '';
  if (username === '' && !isGroupNamed) throw unreadable(id, 'username');
  return {
    username,
    // An entry that names no address is a group itself: the product shares with groups, no public sample shows how.
    groupName: isGroupNamed ? groupName : isAddress(username) ? null : username,
    canAdminister: flagOf(entry['can_administer']) ?? throwUnreadable(id, 'can_administer'),
    give: flagOf(entry['give']) ?? throwUnreadable(id, 'give'),
    readonly: flagOf(entry['readonly']) ?? throwUnreadable(id, 'readonly'),
    superadmin: superadmin === undefined ? null : (flagOf(superadmin) ?? throwUnreadable(id, 'superadmin')),
    sites: Array.isArray(sites) ? sites.filter((site) => typeof site === 'string') : null,
  };
}

/** Maps a folder to its resource and grants; nothing for one that is deleted. */
export function mapFolder(folder: SharedFolder): AnyRecord[] {
  if (folder.isDeleted) return [];
  const grants = new Map<string, GrantRecord>();
  const groups = new Set<string>();
  const add = (grant: GrantRecord): void => void grants.set(grant.key, grant);
  for (const permission of folder.permissions) {
    const group = permission.groupName === null ? null : groupKey(permission.groupName);
    if (group !== null && !groups.has(group)) {
      groups.add(group);
      add(folderGrant(folder.id, permission, 'group', group, ''));
    }
    if (!isAddress(permission.username)) continue;
    const holder = emailHolderKey(permission.username);
    add(folderGrant(folder.id, permission, 'account', holder, group === null ? '' : `group:${group}`));
  }
  const resource: ResourceRecord = {
    kind: 'resource',
    key: folder.id,
    type: SHARED_FOLDER,
    name: folder.name,
    extra: {},
    volatile: { extra: folder.score === null ? {} : { score: folder.score } },
    raw: { sharedfoldername: folder.name, score: folder.score, deleted: folder.isDeleted },
  };
  return [resource, ...grants.values()];
}

/** First match wins; the raw flags tell the cases apart (readonly and give: may look, may not change). */
export function folderRole(permission: FolderPermission): 'admin' | 'editor' | 'viewer' {
  if (permission.canAdminister) return 'admin';
  return permission.give ? 'editor' : 'viewer';
}

function folderGrant(
  folderId: string,
  permission: FolderPermission,
  holderKind: GrantRecord['holderKind'],
  holderKey: string,
  path: string,
): GrantRecord {
  const flags: Extra = {
    can_administer: permission.canAdminister,
    give: permission.give,
    readonly: permission.readonly,
    ...(permission.superadmin === null ? {} : { superadmin: permission.superadmin }),
  };
  return toGrant({
    holderKind, holderKey, targetKind: 'resource', targetKey: folderId, permission: folderRole(permission), path, extra: flags,
  }); // prettier-ignore
}

export function isAddress(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text);
}

function throwUnreadable(id: string, field: string): never {
  throw unreadable(id, field);
}

function unreadable(id: string, field: string): UsherError {
  const folder = /^\d+$/.test(id) ? id : '(without an id)';
  return new UsherError(
    'upstreamBug',
    `LastPass sent shared folder ${folder} with a field ${field} that makes no sense.`,
    {
      code: 'unexpectedShape',
      next: 'Nothing was concluded from this answer. Try again; if it stays so, report it with the name of the field.',
    },
  );
}
