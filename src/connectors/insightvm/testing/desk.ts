import { onTestFinished } from 'vitest';
import type {
  ChangeDraft, ChangeParams, ItemResult, ObservedSubject, OpenWrites, ReadPurpose,
} from '../../../connector-kit/changes.ts'; // prettier-ignore
import { type OpenedConnector, openConnector, pullScope } from '../../../connector-kit/testkit/index.ts';
import { type Company, companyOf } from '../../../connector-kit/testkit/snapshot.ts';
import { newAccountSubject, type Subject } from '../../../model/changes.ts';
import type { AnyRecord, JsonValue } from '../../../model/records.ts';
import { createInsightVm } from '../index.ts';
import { type InsightVmSimulator, type InsightVmSimulatorOptions, startInsightVmSimulator } from '../simulator.ts';

/** The day all tests happen on. */
export const TODAY = new Date('2026-03-02T15:00:00Z');

/** The address of a user of the console. */
export const at = (login: string): string => `${login}@northwind.example`;

/** A console with the connector opened on it, and short ways to try it. */
export interface ConsoleDesk {
  readonly simulator: InsightVmSimulator;
  readonly open: OpenedConnector;
  readonly writes: OpenWrites;
  /** Pulls collections in one go, as a sync does; with how they ended. */
  readonly pull: (
    ...collections: readonly string[]
  ) => Promise<{ readonly records: readonly AnyRecord[]; readonly ends: readonly JsonValue[] }>;
  /** Everything, as actions plan from it. */
  readonly company: () => Promise<Company>;
  readonly plan: (action: string, input: Readonly<Record<string, JsonValue>>) => Promise<readonly ChangeDraft[]>;
  /** The account as a sync would pin it now; one that is to be made where nobody has the address. */
  readonly subject: (email: string) => Promise<Subject>;
  readonly read: (subject: Subject, purpose?: ReadPurpose) => Promise<ObservedSubject>;
  /** Reads right before, as a run does, and makes the call. */
  readonly call: (change: string, subject: Subject, params?: ChangeParams) => Promise<ItemResult>;
  /** Names of the operations that this came to, in order. */
  readonly requestsOf: (work: () => Promise<unknown>) => Promise<readonly string[]>;
}

export interface DeskOptions extends InsightVmSimulatorOptions {
  readonly pageSize?: number;
  /** Beside address and user. */
  readonly connection?: Readonly<Record<string, JsonValue>>;
  /** Another login than the administrator's. */
  readonly login?: string;
}

/** Starts a console on this machine, its clock standing still, and opens the connector on it. */
export async function consoleDesk(options: DeskOptions = {}): Promise<ConsoleDesk> {
  const { pageSize, connection, login, ...rest } = options;
  const simulator = await startInsightVmSimulator({ people: 40, sites: 10, assetGroups: 6, today: TODAY, ...rest });
  simulator.clock.set(TODAY);
  const { user, password } = login === undefined ? simulator.credentials : simulator.credentialsOf(login);
  const open = openConnector({
    connector: createInsightVm({ pageSize }),
    settings: { base_url: simulator.url, user, requests_per_second: 100_000, ...connection },
    secrets: { password },
    clock: simulator.clock,
  });
  onTestFinished(async () => {
    await open[Symbol.asyncDispose]();
    await simulator.close();
  });
  const { writes } = open;
  if (writes === null) throw new Error('The console has no writing half.');
  const pull: ConsoleDesk['pull'] = async (...collections) => {
    const records: AnyRecord[] = [];
    const ends: JsonValue[] = [];
    for (const collection of collections) {
      const pulled = await pullScope(open, collection, '');
      records.push(...pulled.records);
      ends.push({ ...pulled.end });
    }
    return { records, ends };
  };
  const company = async (): Promise<Company> => companyOf((await pull('users', 'sites', 'asset_groups')).records);
  const read: ConsoleDesk['read'] = async (subject, purpose = 'before') => {
    const seen = (await writes.read([subject], purpose)).get(subject.key);
    if (seen === undefined) throw new Error(`Nothing was read for ${subject.key}.`);
    return seen;
  };
  return {
    simulator,
    open,
    writes,
    pull,
    company,
    read,
    plan: async (action, input) => writes.plan(action, input, (await company()).snapshot),
    async subject(email) {
      const { accounts } = companyOf((await pull('users')).records);
      return accounts.find(({ subject }) => subject.email === email)?.subject ?? newAccountSubject(email, null);
    },
    async call(change, subject, params = {}) {
      const { account, grants } = await read(subject);
      const [result] = await writes.call(
        change,
        [{ subject, params, secrets: {}, before: { account, grants } }],
        () => undefined,
      );
      if (result === undefined) throw new Error('There was no result.');
      return result;
    },
    async requestsOf(work) {
      const last = simulator.requests().at(-1)?.number ?? 0;
      await work();
      return simulator.requests(last).map(({ operation }) => operation);
    },
  };
}
