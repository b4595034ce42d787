import type { PlannedCall, UnifiedWrites, WriteDefinition } from '../../connector-kit/changes.ts';
import { UsherError } from '../../model/errors.ts';
import type { Settings } from './config.ts';
import { entitlementChanges } from './entitlement-changes.ts';
import { userChanges } from './user-changes.ts';
import { writeActions } from './write-actions.ts';
import { readAdministrators, readSubjects } from './write-read.ts';

/** How the unified writes are said in the platform's own. */
const unified: UnifiedWrites = {
  create: ({ email, name, groups }) => ({
    action: 'insight_platform_create_user',
    input: { email, ...namesOf(name ?? nameFrom(email)), groups: [...groups] },
  }),
  update(user, { name, email }): PlannedCall {
    if (email !== undefined) {
      throw new UsherError('unsupported', 'The Insight Platform never changes the address of a user.', {
        code: 'addressIsFixed',
        next: 'Invite the new address by insight_platform_create_user, then end the old user by insight_platform_delete_user.',
      });
    }
    if (name !== undefined) return { action: 'insight_platform_update_user', input: { user, ...namesOf(name) } };
    throw new UsherError('unsupported', 'Of a user, the Insight Platform can change the name only.');
  },
  disable: () => {
    throw cannotDisable();
  },
  enable: () => {
    throw new UsherError('unsupported', 'The Insight Platform has no call to enable a user.', {
      code: 'noDisable',
      next: 'Somebody who was disabled in the browser is enabled there; somebody deleted needs a new invitation.',
    });
  },
  end(user, mode) {
    if (mode === null || mode === 'delete') return { action: 'insight_platform_delete_user', input: { user } };
    if (mode === 'disable') throw cannotDisable();
    throw new UsherError('unsupported', `The Insight Platform cannot ${mode} a user: it can only delete.`, {
      code: 'noSuchMode',
      next: CONSEQUENCES,
    });
  },
  addToGroup: (user, group) => ({ action: 'insight_platform_add_group_member', input: { user, group } }),
  removeFromGroup: (user, group) => ({ action: 'insight_platform_remove_group_member', input: { user, group } }),
};

const CONSEQUENCES =
  'Delete the user by insight_platform_delete_user (mode delete): sessions end, the API keys they own stop working at once, and to come back they need a new invitation.';

function cannotDisable(): UsherError {
  return new UsherError('unsupported', 'The Insight Platform has no call to disable a user: access ends by deleting.', {
    code: 'noDisable',
    next: CONSEQUENCES,
  });
}

/** The platform wants two names: the last word is the family name, and a single word is both. */
function namesOf(name: string): { readonly first_name: string; readonly last_name: string } {
  const words = name.trim().split(/\s+/u);
  const last = words.at(-1) ?? name;
  const first = words.slice(0, -1).join(' ');
  return { first_name: first === '' ? last : first, last_name: last };
}

/** `ada.okonkwo@northwind.example` to `ada okonkwo`: names are required, and can be changed later. */
function nameFrom(email: string): string {
  const local = email.replace(/@.*$/u, '').replace(/\+.*$/u, '');
  return (
    local
      .split(/[._-]+/u)
      .filter((word) => word !== '')
      .join(' ') || email
  );
}

/** The writing half of the Insight Platform. */
export const writes: WriteDefinition<Settings> = {
  changes: [...userChanges, ...entitlementChanges],
  actions: writeActions,
  concurrency: 2,
  read: readSubjects,
  administrators: readAdministrators,
  // A user key dies with its owner. Whose it is the platform does not tell, so it is asked for in the settings.
  ownAccount: ({ settings }) => settings.keyOwner ?? null,
  unified,
};
