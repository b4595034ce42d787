import { expect, it } from 'vitest';
import { openConnector } from '../../connector-kit/testkit/open.ts';
import { lastpass } from './index.ts';
import { startLastPassSimulator } from './simulator.ts';

it('reads a page on which nobody is in a group: LastPass leaves the key `Groups` out', async () => {
  const simulator = await startLastPassSimulator({ people: 50 });
  await using open = openConnector({
    connector: lastpass,
    settings: {
      companyId: simulator.credentials.companyId,
      region: 'custom',
      baseUrl: simulator.url,
      requestsPerSecond: 1000,
    },
    secrets: { provisioningHash: simulator.credentials.provisioningHash },
  });
  try {
    // Nobody's address finds nobody, and so no group.
    await expect(open.call('lastpass_unified_get_user', { id: 'nobody@northwind.example' })).rejects.toMatchObject({
      kind: 'notFound',
    });
    simulator.mutate({ op: 'add-user', username: 'new@northwind.example', fullname: 'New Comer' });
    await expect(open.call('lastpass_unified_get_user', { id: 'new@northwind.example' })).resolves.toMatchObject({
      data: { primary_email_address: 'new@northwind.example', groups: [] },
    });
  } finally {
    await simulator.close();
  }
});
