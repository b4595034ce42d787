import type { Connector } from '../../connector-kit/connector.ts';
import { defineConnector } from '../../connector-kit/define.ts';
import { keyAuth } from '../../connector-kit/http/auth.ts';
import { actionsOf } from './actions.ts';
import { collectionsOf } from './collections.ts';
import { baseUrlOf, secretsSchema, settingsSchema } from './config.ts';
import { auditEvents } from './events.ts';
import { probe } from './probe.ts';
import { live, traits } from './unified.ts';
import { writes } from './writes.ts';

export interface InsightPlatformOptions {
  /** Users a page of a pull. */
  readonly pageSize?: number;
  /** Organizations a page of a pull; 20 is the vendor's own. */
  readonly organizationPageSize?: number;
  /** How long to wait before asking Log Search again for a result that is not ready. */
  readonly pollMs?: number;
}

/** How long the Account API is waited for when its budget of a minute is used up. */
const MAX_WAIT_MS = 3 * 60_000;

/** Makes the Insight Platform connector; the options are for tests, `insightPlatform` is the one to register. */
export function createInsightPlatform(options: InsightPlatformOptions = {}): Connector {
  const pollMs = options.pollMs ?? 1000;
  return defineConnector({
    id: 'insight-platform',
    title: 'Rapid7 Insight Platform',
    description:
      'Users, user groups, roles, products, organizations and audit events of the Insight (Command) Platform, the cloud of Rapid7. Not for an InsightVM console: that is insightvm.',
    config: { settings: settingsSchema, secrets: secretsSchema },
    mappingVersion: 1,
    baseUrl: baseUrlOf,
    auth: ({ apiKey }) => keyAuth('x-api-key', apiKey),
    rates: ({ requestsPerMinute }) => ({
      default: { perSecond: requestsPerMinute / 60, burst: requestsPerMinute, maxWaitMs: MAX_WAIT_MS },
      // Parts of the platform that no limit was seen of.
      platform: { perSecond: Math.max(5, requestsPerMinute / 60), burst: 10 },
    }),
    probe,
    collections: collectionsOf({ users: options.pageSize ?? 500, organizations: options.organizationPageSize ?? 100 }),
    actions: actionsOf(pollMs),
    unified: { traits, live },
    writes,
    auditEvents: (context, cursor) => auditEvents(context, cursor, pollMs),
  });
}

/** The Rapid7 Insight Platform, over its Account API, and Log Search for audit events. */
export const insightPlatform: Connector = createInsightPlatform();
