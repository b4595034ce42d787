import { expect, it } from 'vitest';
import { connectorConformance, type ConformanceTarget } from '../../connector-kit/testkit/index.ts';
import { createInsightVm } from './index.ts';
import { type InsightVmSimulator, startInsightVmSimulator } from './simulator.ts';

const connector = createInsightVm({ pageSize: 12 });
const today = new Date('2026-03-02T15:00:00Z');

/** The login loses its role: from then on the console hides from it what it may not see. */
function demote(simulator: InsightVmSimulator): void {
  const role = { id: 'user', allSites: false, allAssetGroups: false, superuser: false };
  simulator.mutate({ op: 'set-user', login: simulator.credentials.user, fields: { role, source: 2 } });
}

async function start(): Promise<ConformanceTarget> {
  const simulator = await startInsightVmSimulator({ people: 40, sites: 10, assetGroups: 6, today });
  simulator.clock.set(today);
  const { user, password } = simulator.credentials;
  return {
    settings: { baseUrl: simulator.url, user, requestsPerSecond: 100_000 },
    secrets: { password },
    clock: simulator.clock,
    setFaults: (faults) => simulator.faults.set(faults),
    removeEarlyAccount: () => void simulator.mutate({ op: 'delete-user', login: 'viktor.hansen' }),
    shrinkRights: () => demote(simulator),
    requestCount: () => simulator.requests().length,
    close: () => simulator.close(),
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

connectorConformance({
  name: 'InsightVM',
  connector,
  start,
  pagedCollection: 'users',
  probeErrors: [
    {
      name: 'a wrong password',
      prepare: () => ({ secrets: { password: 'not the password' } }),
      kind: 'auth',
      says: 'The console refused the login ada.okonkwo: its name or password is wrong, it is locked or disabled',
    },
    {
      name: 'a key of the cloud',
      prepare: () => ({ secrets: { password: '0f5b2c1e-7d3a-4f0e-9a55-2d1c6b7a8e90' } }),
      kind: 'auth',
      code: 'wrongSurface',
      says: 'looks like an API key of the Insight Platform',
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
  ],
  inputs: async ({ settings }) => {
    const user = { user: 'viktor.hansen' };
    return {
      insightvm_get_user: user,
      insightvm_list_site_access: user,
      insightvm_get_two_factor: user,
      insightvm_unified_get_user: { id: '3' },
      insightvm_unified_get_role: { id: 'user' },
      insightvm_unified_get_organization: { id: new URL(text(settings['baseUrl'])).host },
    };
  },
});

it('has the reading actions of the catalogue under their exact ids', () => {
  const native = [
    'list_users', 'get_user', 'list_site_access', 'list_roles', 'list_privileges', 'list_authentication_sources',
    'list_sites', 'list_asset_groups', 'get_two_factor',
  ]; // prettier-ignore
  const reading = connector.actions.filter(({ effect, schemaType }) => effect === 'read' && schemaType === 'native');
  expect(reading.map(({ id }) => id)).toEqual(native.map((name) => `insightvm_${name}`));
});
