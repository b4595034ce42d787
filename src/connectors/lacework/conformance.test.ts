import { expect, it } from 'vitest';
import type { JsonValue } from '../../model/records.ts';
import { connectorConformance } from '../../connector-kit/testkit/index.ts';
import { createLacework } from './index.ts';
import { startLaceworkSimulator } from './simulator.ts';

const connector = createLacework({ pageSize: 5 });

connectorConformance({
  name: 'lacework',
  connector,
  pagedCollection: 'people',
  isReadAtOnce: true,
  neverWhole: { groups: /^Lacework cannot list user groups: of those of northwind-lab only/ },
  start: startTarget,
  probeErrors: [
    {
      name: 'a wrong secret',
      prepare: () => ({ secrets: { secret: '_0000000000000000000000000000dead' } }),
      kind: 'auth',
      says: /^Lacework refused API key \S+ \(401: /,
    },
    {
      name: 'an unknown key',
      prepare: ({ settings }) => ({ settings: { ...settings, key_id: 'NORTHWIND_NOBODY' } }),
      kind: 'auth',
      says: /^Lacework refused API key NORTHWIND_NOBODY \(401: /,
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
      prepare: ({ settings }) => ({ settings: { ...settings, base_url: 'http://127.0.0.1:1' } }),
      kind: 'transient',
      code: 'connectionRefused',
      says: 'did not accept the connection',
    },
    {
      name: 'an address that is not the API',
      prepare: ({ settings }) => ({ settings: { ...settings, base_url: `${text(settings['base_url'])}/elsewhere` } }),
      kind: 'auth',
      says: /^Lacework refused API key \S+ \(40[34]: /,
    },
  ],
  inputs: () =>
    Promise.resolve({
      lacework_get_user: { user: 'ada.okonkwo@northwind.example' },
      lacework_unified_get_user: { id: 'ada.okonkwo@northwind.example' },
      lacework_unified_get_group: { id: 'northwind/ACCOUNT_ADMIN' },
      lacework_unified_get_role: { id: 'org_admin' },
      lacework_unified_get_organization: { id: 'northwind' },
    }),
});

it('has the reading actions of the catalogue under their exact ids', () => {
  const native = [
    'get_user_profile', 'get_organization_info', 'list_users', 'get_user', 'list_groups', 'list_roles', 'list_api_keys',
    'list_resource_groups', 'list_audit_events',
  ]; // prettier-ignore
  const unified = [
    'get_current_user', 'list_users', 'get_user', 'list_groups', 'get_group', 'list_roles', 'get_role', 'list_organizations',
    'get_organization', 'list_resource_users', 'list_resource_types',
  ]; // prettier-ignore
  const reading = connector.actions.filter(({ effect }) => effect === 'read').map(({ id }) => id);
  expect(reading).toEqual([
    ...native.map((name) => `lacework_${name}`),
    ...unified.map((name) => `lacework_unified_${name}`),
  ]);
});

/** A simulator of 14 people over three accounts. */
async function startTarget() {
  const simulator = await startLaceworkSimulator({ people: 14 });
  const { account, keyId, secret } = simulator.credentials;
  return {
    settings: { account, organization: 'yes', key_id: keyId, base_url: simulator.url },
    secrets: { secret },
    clock: simulator.clock,
    setFaults: (faults: readonly string[]) => simulator.faults.set(faults),
    removeEarlyAccount: () => void simulator.mutate({ op: 'delete-user', user: 'jonas.lind@northwind.example' }),
    shrinkRights: () =>
      void simulator.mutate({ op: 'set-org-role', user: 'ada.okonkwo@northwind.example', role: null }),
    requestCount: () => simulator.requests().length,
    close: simulator.close,
  };
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
