import type { Connector } from '../../connector-kit/connector.ts';
import { defineConnector } from '../../connector-kit/define.ts';
import { actions } from './actions.ts';
import { keyTokenAuth } from './auth.ts';
import { groupCollection, peopleCollection } from './collections.ts';
import { baseUrlOf, secretsSchema, settingsSchema } from './config.ts';
import { auditEvents } from './events.ts';
import { agentTokenCollection, apiKeyCollection, resourceGroupCollection } from './holdings.ts';
import { probe } from './probe.ts';
import { live, traits } from './unified.ts';
import { writes } from './writes.ts';

export interface LaceworkOptions {
  /** People a page of a pull. */
  readonly pageSize?: number;
}

const PULL_PAGE_SIZE = 1000;
/** An app that refills a bucket over an hour may ask to be waited for as long. */
const MAX_WAIT_MS = 3_600_000;

/** Makes the Lacework connector; the options are for tests, `lacework` is the one to register. */
export function createLacework(options: LaceworkOptions = {}): Connector {
  return defineConnector({
    id: 'lacework',
    title: 'Lacework (FortiCNAPP)',
    description:
      'People, service users, user groups, roles, sub-accounts, resource groups, API keys and the audit log of a Lacework account or organization.',
    config: { settings: settingsSchema, secrets: secretsSchema },
    mappingVersion: 1,
    baseUrl: baseUrlOf,
    auth: ({ keyId, secret }, environment) => keyTokenAuth({ keyId, secret }, environment),
    rates: ({ requestsPerHour }) => ({
      default: {
        perSecond: requestsPerHour / 3600,
        burst: requestsPerHour,
        perFunctionality: true,
        maxWaitMs: MAX_WAIT_MS,
      },
    }),
    probe,
    collections: [
      peopleCollection(options.pageSize ?? PULL_PAGE_SIZE),
      groupCollection,
      resourceGroupCollection,
      apiKeyCollection,
      agentTokenCollection,
    ],
    actions,
    unified: { traits, live },
    writes,
    auditEvents,
  });
}

/** Lacework, now Lacework FortiCNAPP, over its API v2. */
export const lacework: Connector = createLacework();
