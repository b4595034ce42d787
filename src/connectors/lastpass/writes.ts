import type { PlannedCall, UnifiedWrites, WriteDefinition } from '../../connector-kit/changes.ts';
import { UsherError } from '../../model/errors.ts';
import type { Settings } from './change-subject.ts';
import { changes } from './changes.ts';
import { writeActions } from './write-actions.ts';
import { readLog } from './write-log.ts';
import { readAdministrators, readSubjects } from './write-read.ts';

/** How the unified writes are said in LastPass's own. */
const unified: UnifiedWrites = {
  create: ({ email, name, groups }) => ({
    action: 'lastpass_create_users',
    input: { users: [{ email, ...(name === null ? {} : { full_name: name }), groups }] },
  }),
  update(user, { name, email }): PlannedCall {
    if (name !== undefined && email !== undefined) {
      throw new UsherError('unsupported', 'LastPass cannot change name and address in one step.', {
        next: 'Change the one, then the other: the address changes only when the person confirms it.',
      });
    }
    if (email !== undefined) return { action: 'lastpass_update_email', input: { user, new_email: email } };
    if (name !== undefined) return { action: 'lastpass_update_user', input: { user, full_name: name } };
    throw new UsherError('unsupported', 'Of a user, LastPass can change name and address only.');
  },
  disable: (user) => ({ action: 'lastpass_disable_user', input: { user } }),
  enable: (user) => ({ action: 'lastpass_enable_user', input: { user } }),
  end: (user, mode) => ({ action: 'lastpass_delete_user', input: { user, mode: mode ?? 'remove' } }),
  addToGroup: (user, group) => ({
    action: 'lastpass_change_group_members',
    input: { changes: [{ user, add: [group] }] },
  }),
  removeFromGroup: (user, group) => ({
    action: 'lastpass_change_group_members',
    input: { changes: [{ user, remove: [group] }] },
  }),
};

/** The writing half of LastPass. */
export const writes: WriteDefinition<Settings> = {
  changes,
  actions: writeActions(),
  concurrency: 4,
  read: readSubjects,
  administrators: readAdministrators,
  readLog,
  unified,
};
