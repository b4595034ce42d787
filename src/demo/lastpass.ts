import { startLastPassSimulator } from '../connectors/lastpass/simulator.ts';
import type { DemoApp } from './app.ts';

/** Northwind's LastPass Business. */
export const lastpassDemo: DemoApp = {
  id: 'lastpass',
  resources: 'shared folders',
  async start(options) {
    const { url, credentials, save, close } = await startLastPassSimulator(options);
    return {
      url,
      settings: { company_id: credentials.companyId, region: 'custom', base_url: url, requests_per_second: 50 },
      secrets: { provisioning_hash: credentials.provisioningHash },
      save,
      close,
    };
  },
};
