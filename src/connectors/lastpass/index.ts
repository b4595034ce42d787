import type { Connector } from '../../connector-kit/connector.ts';
import { defineConnector } from '../../connector-kit/define.ts';
import { actions } from './actions.ts';
import { directoryCollection, sharedFolderCollection } from './collections.ts';
import { baseUrlOf, secretsSchema, settingsSchema } from './config.ts';
import { auditEvents } from './events.ts';
import { probe } from './probe.ts';
import { live, traits } from './unified.ts';
import { writes } from './writes.ts';

export interface LastPassOptions {
  /** Users a page of a pull; the vendor allows 2,000. */
  readonly pageSize?: number;
  /** Shared folders a batch of the one large answer. */
  readonly folderBatchSize?: number;
}

/** What the vendor allows at most: at two requests a second 100,000 people take half a minute. */
const PULL_PAGE_SIZE = 2000;

/** Makes the LastPass Business connector; the options are for tests, `lastpass` is the one to register. */
export function createLastPass(options: LastPassOptions = {}): Connector {
  return defineConnector({
    id: 'lastpass',
    title: 'LastPass Business',
    description: 'Users, invitations, groups, shared folders and the audit log of a LastPass Business company.',
    config: { settings: settingsSchema, secrets: secretsSchema },
    mappingVersion: 1,
    baseUrl: baseUrlOf,
    rates: (settings) => ({ default: settings.requestsPerSecond }),
    probe,
    collections: [
      directoryCollection(options.pageSize ?? PULL_PAGE_SIZE),
      sharedFolderCollection(options.folderBatchSize ?? 500),
    ],
    actions,
    unified: { traits, live },
    writes,
    auditEvents,
  });
}

/** LastPass Business, over its Enterprise (provisioning) API. */
export const lastpass: Connector = createLastPass();
