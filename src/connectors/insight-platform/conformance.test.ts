import { expect, it } from 'vitest';
import { connectorConformance, type ConformanceTarget, openConnector } from '../../connector-kit/testkit/index.ts';
import type { JsonValue } from '../../model/records.ts';
import { connector, settingsFor, startPlatform } from './testing/platform.ts';

/** Operations that a collection reads by. */
const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  roles: ['getRoles'],
  users: ['getUsers', 'getVmUsers'],
  user_groups: ['getUserGroups'],
  products: ['getProducts'],
  organizations: ['getOrganizations'],
};

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

async function start(): Promise<ConformanceTarget> {
  const simulator = await startPlatform({ people: 40 });
  return {
    settings: { ...settingsFor(simulator), organizationId: simulator.organizationId },
    secrets: { apiKey: simulator.keys.user },
    clock: simulator.clock,
    setFaults: (faults) => simulator.faults.set(faults),
    removeEarlyAccount: () => {
      simulator.mutate({ op: 'delete-user', email: 'viktor.hansen@northwind.example' });
      // Users come in one answer; what is read bit by bit are the groups.
      simulator.mutate({ op: 'delete-group', group: 'Engineering' });
    },
    shrinkRights: (collection) => {
      for (const operation of OPERATIONS[collection] ?? []) simulator.mutate({ op: 'refuse-operation', operation });
    },
    requestCount: () => simulator.requests().length,
    close: () => simulator.close(),
  };
}

connectorConformance({
  name: 'Insight Platform',
  connector,
  start,
  pagedCollection: 'user_groups',
  probeErrors: [
    {
      name: 'a bad key',
      prepare: () => ({ secrets: { apiKey: '00000000-0000-4000-a000-000000000000' } }),
      kind: 'auth',
      says: 'The Insight Platform of region us does not know this key.',
    },
    {
      name: 'a login of a console instead of a key, before anything is sent',
      prepare: () => ({ secrets: { apiKey: 'nxadmin:correct horse' } }),
      kind: 'invalidInput',
      code: 'wrongSurface',
      says: 'This is a login with a password, not an API key; nothing was sent.',
      sendsNothing: true,
    },
    {
      name: 'a web page of something in front',
      prepare: (target) => {
        target.setFaults(['html-403']);
        return {};
      },
      kind: 'transient',
      code: 'edgeAnswer',
      says: 'A web page (status 403) came instead of data for validate',
    },
    {
      name: 'an address where nothing listens',
      prepare: ({ settings }) => ({ settings: { ...settings, baseUrl: 'http://127.0.0.1:1' } }),
      kind: 'transient',
      code: 'connectionRefused',
      says: 'did not accept the connection',
    },
    {
      name: 'an address that is not the API',
      prepare: ({ settings }) => ({ settings: { ...settings, baseUrl: `${text(settings['baseUrl'])}/elsewhere` } }),
      kind: 'unsupported',
      code: 'noRoute',
      says: 'no Route matched',
    },
  ],
  inputs: async (target) => {
    await using open = openConnector({ connector, ...target });
    const { data: groups } = await open.call('insight_platform_list_groups', { members: false });
    const { data: roles } = await open.call('insight_platform_list_roles', {});
    const idOf = (list: JsonValue): string => {
      const [first] = Array.isArray(list) ? list : [];
      return typeof first === 'object' && first !== null && 'id' in first ? text(first['id']) : '';
    };
    return {
      insight_platform_get_user: { user: 'ada.okonkwo@northwind.example' },
      insight_platform_unified_get_user: { id: 'ada.okonkwo@northwind.example' },
      insight_platform_unified_get_group: { id: idOf(groups) },
      insight_platform_unified_get_role: { id: idOf(roles) },
      insight_platform_unified_get_organization: { id: text(target.settings['organizationId']) },
    };
  },
});

it('has the actions of the catalogue under their exact ids', () => {
  const native = [
    'validate', 'list_users', 'get_user', 'list_roles', 'list_groups', 'list_products', 'list_organizations',
    'list_audit_events',
  ]; // prettier-ignore
  const writing = [
    'create_user', 'update_user', 'delete_user', 'grant_product', 'revoke_product', 'add_group_member',
    'remove_group_member',
  ]; // prettier-ignore
  const unified = [
    'get_current_user', 'list_users', 'get_user', 'list_groups', 'get_group', 'list_roles', 'get_role', 'list_organizations',
    'get_organization', 'list_resource_users', 'list_resource_types',
  ]; // prettier-ignore
  expect(connector.actions.map(({ id }) => id)).toEqual([
    ...native.map((name) => `insight_platform_${name}`),
    ...unified.map((name) => `insight_platform_unified_${name}`),
    ...writing.map((name) => `insight_platform_${name}`),
  ]);
});
