import { expect, test } from 'vitest';
import { unifiedActions } from './actions.ts';
import type { UnifiedSource } from './actions.ts';

const source: UnifiedSource<object> = {
  traits: {
    userId: 'key',
    roles: [],
    unknownRoleStatus: 404,
    resourceTypes: ['site'],
    resourcesArePolicies: false,
    describe: () => ({ organizations: [], credentials: { name: 'Console', authType: 'service_user' } }),
  },
  live: {
    accounts: async () => ({ records: [], next: null }),
    account: async () => [],
    groups: async () => [],
    resources: async () => [],
    check: async () => {},
  },
};

test('a connector has eleven unified actions, named after it', () => {
  const ids = unifiedActions('lastpass', source).map(({ id }) => id);
  expect(ids).toEqual([
    'lastpass_unified_get_current_user',
    'lastpass_unified_list_users',
    'lastpass_unified_get_user',
    'lastpass_unified_list_groups',
    'lastpass_unified_get_group',
    'lastpass_unified_list_roles',
    'lastpass_unified_get_role',
    'lastpass_unified_list_organizations',
    'lastpass_unified_get_organization',
    'lastpass_unified_list_resource_users',
    'lastpass_unified_list_resource_types',
  ]);
});

test('dashes of a connector become underscores in the ids of its actions', () => {
  expect(unifiedActions('insight-platform', source)[0]?.id).toBe('insight_platform_unified_get_current_user');
});

test('all of them read, and say what they take and give', () => {
  for (const action of unifiedActions('lastpass', source)) {
    expect(action).toMatchObject({ effect: 'read', schemaType: 'unified' });
    expect(action.description).not.toBe('');
  }
});
