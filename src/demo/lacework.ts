import { startLaceworkSimulator } from '../connectors/lacework/simulator.ts';
import type { DemoApp } from './app.ts';

/** Northwind's Lacework organization: three accounts, read with the key of an organization administrator. */
export const laceworkDemo: DemoApp = {
  id: 'lacework',
  resources: 'resources',
  async start(options) {
    const { url, credentials, save, close } = await startLaceworkSimulator(options);
    const { account, keyId, secret } = credentials;
    return {
      url,
      settings: { account, organization: 'yes', key_id: keyId, base_url: url },
      secrets: { secret },
      save,
      close,
    };
  },
};
