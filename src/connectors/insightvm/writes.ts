import type { PlannedCall, UnifiedWrites, WriteDefinition } from '../../connector-kit/changes.ts';
import { UsherError } from '../../model/errors.ts';
import { accessChanges } from './access-changes.ts';
import type { Settings } from './config.ts';
import { roleChanges } from './role-changes.ts';
import { secretChanges } from './secret-changes.ts';
import { userChanges } from './user-changes.ts';
import { writeActions } from './write-actions.ts';
import { readAdministrators, readSubjects } from './write-read.ts';

/** How the unified writes are said in the console's own. */
const unified: UnifiedWrites = {
  create({ email, name, groups }): PlannedCall {
    if (groups.length > 0) throw noGroups();
    // The smallest role, and nothing to see until it is granted; the address serves as login, as it is unique.
    return {
      action: 'insightvm_create_user',
      input: { login: email, email, name: name ?? email, role: 'user', generate_password: true },
    };
  },
  update(user, { name, email }): PlannedCall {
    if (name === undefined && email === undefined) {
      throw new UsherError('unsupported', 'Of a user, the unified API changes name and address only.', {
        next: 'For login and language use insightvm_update_user, for the role insightvm_set_role.',
      });
    }
    return {
      action: 'insightvm_update_user',
      input: { user, ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }) },
    };
  },
  disable: (user) => ({ action: 'insightvm_disable_user', input: { user } }),
  enable: (user) => ({ action: 'insightvm_enable_user', input: { user } }),
  end(user, mode): PlannedCall {
    if (mode === 'disable') return { action: 'insightvm_disable_user', input: { user } };
    if (mode === null || mode === 'delete') return { action: 'insightvm_delete_user', input: { user } };
    throw new UsherError('unsupported', `The console knows no way to ${mode} a user.`, {
      next: 'Use mode disable, which keeps its history, or delete.',
    });
  },
  addToGroup() {
    throw noGroups();
  },
  removeFromGroup() {
    throw noGroups();
  },
};

function noGroups(): UsherError {
  return new UsherError('unsupported', 'The console has no groups of users; asset groups are groups of machines.', {
    next: 'Give access by insightvm_grant_site_access and insightvm_set_asset_group_access, rights by insightvm_set_role.',
  });
}

/** The writing half of the console. */
export const writes: WriteDefinition<Settings> = {
  // Plans keep ids and params of changes, so both keep their meaning for good.
  changes: [...userChanges, ...roleChanges, ...accessChanges, ...secretChanges],
  actions: writeActions(),
  concurrency: 4,
  read: readSubjects,
  administrators: readAdministrators,
  unified,
};
