import type { Connector } from '../../connector-kit/connector.ts';
import { defineConnector } from '../../connector-kit/define.ts';
import { assetGroupCollection, siteCollection } from './access.ts';
import { actions } from './actions.ts';
import { MAX_PAGE_SIZE } from './client.ts';
import { userCollection } from './collections.ts';
import { authOf, secretsSchema, settingsSchema, tlsOf } from './config.ts';
import { probe } from './probe.ts';
import { live, traits } from './unified.ts';
import { writes } from './writes.ts';

export interface InsightVmOptions {
  /** Users a page of a pull; the console allows 500. */
  readonly pageSize?: number;
}

/** Makes the InsightVM connector; the options are for tests, `insightvm` is the one to register. */
export function createInsightVm(options: InsightVmOptions = {}): Connector {
  return defineConnector({
    id: 'insightvm',
    title: 'Rapid7 InsightVM console',
    description:
      'Users, roles, sites and asset groups of an InsightVM (Nexpose) Security Console that you run. For the cloud use the Insight Platform.',
    config: { settings: settingsSchema, secrets: secretsSchema },
    mappingVersion: 1,
    baseUrl: ({ baseUrl }) => baseUrl,
    tls: tlsOf,
    auth: authOf,
    rates: (settings) => ({ default: settings.requestsPerSecond }),
    probe,
    collections: [userCollection(options.pageSize ?? MAX_PAGE_SIZE), siteCollection, assetGroupCollection],
    actions,
    unified: { traits, live },
    writes,
  });
}

/** InsightVM's Security Console, over its REST API v3. */
export const insightvm: Connector = createInsightVm();
