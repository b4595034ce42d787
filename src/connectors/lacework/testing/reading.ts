import { openConnector, type OpenedConnector } from '../../../connector-kit/testkit/open.ts';
import { pullEverywhere, type Pulled } from '../../../connector-kit/testkit/pulling.ts';
import type { AccountRecord, AnyRecord, GrantRecord, JsonValue } from '../../../model/records.ts';
import { createLacework, type LaceworkOptions } from '../index.ts';
import {
  type KeyRole, type LaceworkSimulator, type LaceworkSimulatorOptions, startLaceworkSimulator,
} from '../simulator.ts'; // prettier-ignore

/** A simulated organization, and the connector opened on it. */
export interface Reading extends AsyncDisposable {
  readonly simulator: LaceworkSimulator;
  readonly connector: OpenedConnector;
  pull(collection: string): Promise<Pulled>;
  /** What was asked of the app by this work, in its order, as `TeamMembers.list`. */
  asked(work: () => Promise<unknown>): Promise<readonly string[]>;
  /** The connector opened anew on the same organization: another process. */
  reopen(settings?: Readonly<Record<string, JsonValue>>): OpenedConnector;
}

export interface ReadingOptions extends LaceworkSimulatorOptions, LaceworkOptions {
  /** Whose key it is; default: of the organization's administrator. */
  readonly role?: KeyRole;
  readonly settings?: Readonly<Record<string, JsonValue>>;
  readonly secret?: string;
  /** Attempts of calls that may be repeated; default 1. */
  readonly attempts?: number;
}

/** Starts an organization of 40 people and opens a connection to all of it. */
export async function startReading(options: ReadingOptions = {}): Promise<Reading> {
  const simulator = await startLaceworkSimulator({ people: 40, ...options });
  const key = options.role === undefined ? simulator.credentials : simulator.credentialsOf(options.role);
  const opened: OpenedConnector[] = [];
  const reopen = (settings: Readonly<Record<string, JsonValue>> = {}): OpenedConnector => {
    const connector = openConnector({
      connector: createLacework(options),
      settings: {
        account: key.account, key_id: key.keyId, organization: 'yes', base_url: simulator.url, ...options.settings, ...settings,
      },
      secrets: { secret: options.secret ?? key.secret },
      clock: simulator.clock,
      attempts: options.attempts ?? 1,
    }); // prettier-ignore
    opened.push(connector);
    return connector;
  };
  const connector = reopen();
  return {
    simulator,
    connector,
    reopen,
    pull: (collection) => pullEverywhere(connector, collection),
    async asked(work) {
      const before = simulator.requests().at(-1)?.number ?? 0;
      await work();
      return simulator.requests(before).map(({ operation }) => operation);
    },
    async [Symbol.asyncDispose]() {
      for (const each of opened) await each[Symbol.asyncDispose]();
      await simulator.close();
    },
  };
}

export function accountOf(records: readonly AnyRecord[], key: string): AccountRecord {
  const found = records.find((record) => record.kind === 'account' && record.key === key);
  if (found?.kind === 'account') return found;
  throw new Error(`There is no account ${key}.`);
}

/** What somebody holds, as `resource northwind admin role:org_admin`, sorted. */
export function holdings(records: readonly AnyRecord[], key: string): readonly string[] {
  return records
    .filter((record): record is GrantRecord => record.kind === 'grant' && record.holderKey === key)
    .map(({ targetKind, targetKey, permission, path }) => [targetKind, targetKey, permission, path].join(' ').trim())
    .sort();
}
