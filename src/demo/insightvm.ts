import { startInsightVmSimulator } from '../connectors/insightvm/simulator.ts';
import type { DemoApp } from './app.ts';

/** Northwind's InsightVM console: over TLS with a certificate that it signed itself, which Usher is told to trust. */
export const insightVmDemo: DemoApp = {
  id: 'insightvm',
  resources: 'sites and asset groups',
  async start(options) {
    const { url, credentials, fingerprint, save, close } = await startInsightVmSimulator({ ...options, tls: true });
    return {
      url,
      settings: {
        base_url: url,
        user: credentials.user,
        certificate_fingerprint: `sha256:${fingerprint}`,
        requests_per_second: 1000,
      },
      secrets: { password: credentials.password },
      save,
      close,
    };
  },
};
