import { expect, it } from 'vitest';
import { connectorConformance, type ConformanceTarget, openConnector } from '../../connector-kit/testkit/index.ts';
import { createLastPass } from './index.ts';
import { startLastPassSimulator } from './simulator.ts';

const connector = createLastPass({ pageSize: 20, folderBatchSize: 10 });
const COMMANDS: Readonly<Record<string, string>> = { directory: 'getuserdata', shared_folders: 'getsfdata' };

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

async function start(): Promise<ConformanceTarget> {
  const simulator = await startLastPassSimulator({ people: 60, today: new Date('2026-03-02T15:00:00Z') });
  simulator.clock.set(new Date('2026-03-02T15:00:00Z'));
  return {
    settings: {
      companyId: simulator.credentials.companyId,
      region: 'custom',
      baseUrl: simulator.url,
      requestsPerSecond: 100_000,
    },
    secrets: { provisioningHash: simulator.credentials.provisioningHash },
    clock: simulator.clock,
    setFaults: (faults) => simulator.faults.set(faults),
    removeEarlyAccount: () => {
      simulator.mutate({ op: 'delete-user', username: 'ada.okonkwo@northwind.example' });
    },
    shrinkRights: (collection) => {
      simulator.mutate({ op: 'refuse-command', command: COMMANDS[collection] ?? '' });
    },
    requestCount: () => simulator.requests().length,
    close: () => simulator.close(),
  };
}

connectorConformance({
  name: 'LastPass',
  connector,
  start,
  pagedCollection: 'directory',
  probeErrors: [
    {
      name: 'a wrong company ID',
      prepare: ({ settings }) => ({ settings: { ...settings, companyId: '10000001' } }),
      kind: 'auth',
      says: 'It says the same for a wrong company ID and a wrong hash.',
    },
    {
      name: 'a wrong hash',
      prepare: () => ({ secrets: { provisioningHash: 'f'.repeat(64) } }),
      kind: 'auth',
      says: 'It says the same for a wrong company ID and a wrong hash.',
    },
    {
      name: 'a key of the other API, before anything is sent',
      prepare: () => ({ secrets: { provisioningHash: 'lpkey_0123456789_abcdefghij' } }),
      kind: 'invalidInput',
      code: 'wrongApi',
      says: 'key of the LastPass REST API',
      sendsNothing: true,
    },
    {
      name: 'a web page of the edge',
      prepare: (target) => {
        target.setFaults(['html-403']);
        return {};
      },
      kind: 'transient',
      code: 'edgeAnswer',
      says: 'web page',
    },
    {
      name: 'an address where nothing listens',
      prepare: ({ settings }) => ({ settings: { ...settings, baseUrl: 'http://127.0.0.1:1' } }),
      kind: 'transient',
      code: 'connectionRefused',
      says: 'did not accept the connection',
    },
    {
      name: 'a server that does not speak TLS',
      prepare: ({ settings }) => ({
        settings: { ...settings, baseUrl: text(settings['baseUrl']).replace('http:', 'https:') },
      }),
      kind: 'upstreamBug',
      code: 'tls',
      says: 'could not be trusted',
    },
    {
      name: 'an address that is not the API',
      prepare: ({ settings }) => ({ settings: { ...settings, baseUrl: `${text(settings['baseUrl'])}/elsewhere` } }),
      kind: 'upstreamBug',
      says: 'status 404',
    },
  ],
  inputs: async (target) => {
    await using open = openConnector({ connector, ...target });
    const { data: folders } = await open.call('lastpass_list_shared_folders', {});
    const [folder] = Array.isArray(folders) ? folders : [];
    const id = typeof folder === 'object' && folder !== null && 'id' in folder ? text(folder['id']) : '';
    const user = { id: 'ada.okonkwo@northwind.example' };
    return {
      lastpass_get_group: { name: 'Engineering' },
      lastpass_get_policy: { id },
      lastpass_get_role: { id },
      lastpass_unified_get_user: user,
      lastpass_unified_get_group: { id: 'Engineering' },
      lastpass_unified_get_role: { id: 'admin' },
      lastpass_unified_get_organization: { id: text(target.settings['companyId']) },
    };
  },
});

it('has the actions of the catalogue under their exact ids', () => {
  const native = [
    'list_audit_events', 'list_groups', 'get_group', 'list_policies', 'get_policy', 'list_roles', 'get_role',
    'list_shared_folders', 'list_shared_folder_details', 'list_users',
  ]; // prettier-ignore
  const unified = [
    'get_current_user', 'list_users', 'get_user', 'list_groups', 'get_group', 'list_roles', 'get_role', 'list_organizations',
    'get_organization', 'list_resource_users', 'list_resource_types',
  ]; // prettier-ignore
  const writing = [
    'change_group_members', 'push_sites', 'create_users', 'update_user', 'delete_user', 'delete_users', 'disable_user',
    'enable_user', 'resend_invitation', 'disable_multifactor', 'send_master_password_reset',
    'require_master_password_change', 'update_email',
  ]; // prettier-ignore
  expect(connector.actions.map(({ id }) => id)).toEqual([
    ...native.map((name) => `lastpass_${name}`),
    ...unified.map((name) => `lastpass_unified_${name}`),
    ...writing.map((name) => `lastpass_${name}`),
  ]);
});
