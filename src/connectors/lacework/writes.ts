import { type PlannedCall, type UnifiedWrites, type WriteDefinition } from '../../connector-kit/changes.ts';
import { UsherError } from '../../model/errors.ts';
import { accessActions } from './access-actions.ts';
import { accessChanges } from './access-changes.ts';
import type { Settings } from './config.ts';
import { creationChanges } from './creation-changes.ts';
import { keyActions } from './key-actions.ts';
import { keyChanges } from './key-changes.ts';
import { personActions } from './person-actions.ts';
import { personChanges } from './person-changes.ts';
import { rotationChanges } from './rotation-changes.ts';
import { NO_NAME } from './write-calls.ts';
import { readAdministrators, readOwnAccount, readSubjects } from './write-read.ts';

/** How the unified writes are said in Lacework's own. */
const unified: UnifiedWrites = {
  create({ email, name, groups }) {
    const [first = '', ...rest] = (name ?? email.split('@')[0] ?? email).split(' ').filter((part) => part !== '');
    const family = rest.join(' ');
    return {
      action: 'lacework_create_user',
      input: { email, given_name: first, family_name: family === '' ? NO_NAME : family, groups: [...groups] },
    };
  },
  update(user, { name, email }): PlannedCall {
    if (email !== undefined || name === undefined) {
      throw new UsherError('unsupported', 'Of a user, Lacework can change the name only; an address stays for good.', {
        next: 'Create a user with the other address and delete this one.',
      });
    }
    const [first = '', ...rest] = name.split(' ');
    return {
      action: 'lacework_update_user',
      input: { user, given_name: first, family_name: rest.join(' ') || NO_NAME },
    };
  },
  disable: (user) => ({ action: 'lacework_disable_user', input: { user } }),
  enable: (user) => ({ action: 'lacework_enable_user', input: { user } }),
  end(user, mode) {
    if (mode === 'disable') return { action: 'lacework_disable_user', input: { user } };
    return { action: 'lacework_delete_user', input: { user } };
  },
  addToGroup: (user, group) => ({ action: 'lacework_add_group_members', input: { group, users: [user] } }),
  removeFromGroup: (user, group) => ({ action: 'lacework_remove_group_members', input: { group, users: [user] } }),
};

/** The writing half of Lacework. */
export const writes: WriteDefinition<Settings> = {
  changes: [...personChanges, ...creationChanges, ...accessChanges, ...keyChanges, ...rotationChanges],
  actions: [...personActions, ...accessActions, ...keyActions],
  concurrency: 4,
  read: readSubjects,
  administrators: readAdministrators,
  ownAccount: readOwnAccount,
  unified,
};
