import { startInsightPlatformSimulator } from '../connectors/insight-platform/simulator.ts';
import type { DemoApp } from './app.ts';

/** Northwind's organization on the Insight Platform, read with the user key of a Platform Admin. */
export const insightPlatformDemo: DemoApp = {
  id: 'insight-platform',
  resources: 'products and organizations',
  async start(options) {
    const { url, region, keys, save, close } = await startInsightPlatformSimulator(options);
    return {
      url,
      settings: { region, key_kind: 'user', key_owner: 'ada.okonkwo@northwind.example', base_url: url },
      secrets: { api_key: keys.user },
      save,
      close,
    };
  },
};
