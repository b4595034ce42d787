import { onTestFinished } from 'vitest';
import type {
  ChangeParams,
  ItemResult,
  ObservedSubject,
  OpenWrites,
  ReadPurpose,
} from '../../../connector-kit/changes.ts';
import type { CallTrace } from '../../../connector-kit/http/types.ts';
import { type OpenedConnector, openConnector } from '../../../connector-kit/testkit/index.ts';
import { type Company, pullCompany } from '../../../connector-kit/testkit/snapshot.ts';
import { newAccountSubject, type Subject } from '../../../model/changes.ts';
import { lastpass } from '../index.ts';
import { type LastPassSimulator, type LastPassSimulatorOptions, startLastPassSimulator } from '../simulator.ts';

/** The day all tests of writing happen on. */
export const TODAY = new Date('2026-03-02T15:00:00Z');

/** A company with LastPass opened on it, and short ways to write. */
export interface WritingDesk {
  readonly simulator: LastPassSimulator;
  readonly open: OpenedConnector;
  readonly writes: OpenWrites;
  /** As a sync would have it now. */
  readonly pull: () => Promise<Company>;
  /** The account as a sync would pin it now; one that is to be made where nobody has the address. */
  readonly subject: (email: string) => Promise<Subject>;
  /** Reads these right before, and makes one call for all of them. */
  readonly call: (
    change: string,
    subjects: readonly Subject[],
    parts?: { readonly params?: ChangeParams; readonly secrets?: Readonly<Record<string, string>> },
    onCall?: (trace: CallTrace) => void,
  ) => Promise<readonly ItemResult[]>;
  readonly read: (subject: Subject, purpose?: ReadPurpose) => Promise<ObservedSubject>;
  /** How many requests this came to. */
  readonly requestsOf: (work: () => Promise<unknown>) => Promise<readonly string[]>;
}

/** Starts a company on this machine, its clock standing still, and opens the connector on it. */
export async function writingDesk(options: LastPassSimulatorOptions = {}): Promise<WritingDesk> {
  const simulator = await startLastPassSimulator({ people: 40, today: TODAY, ...options });
  simulator.clock.set(TODAY);
  const { companyId, provisioningHash } = simulator.credentials;
  const open = openConnector({
    connector: lastpass,
    settings: { companyId, region: 'custom', baseUrl: simulator.url, requestsPerSecond: 100_000 },
    secrets: { provisioningHash },
    clock: simulator.clock,
  });
  onTestFinished(async () => {
    await open[Symbol.asyncDispose]();
    await simulator.close();
  });
  const { writes } = open;
  if (writes === null) throw new Error('LastPass has no writing half.');
  const pull = (): Promise<Company> => pullCompany(open, ['directory']);
  const read = async (subject: Subject, purpose: ReadPurpose = 'before'): Promise<ObservedSubject> => {
    const seen = (await writes.read([subject], purpose)).get(subject.key);
    if (seen === undefined) throw new Error(`Nothing was read for ${subject.key}.`);
    return seen;
  };
  return {
    simulator,
    open,
    writes,
    pull,
    read,
    subject: async (email) =>
      (await (await pull()).snapshot.accountsAt([email])).get(email)?.subject ?? newAccountSubject(email, null),
    async call(change, subjects, { params = {}, secrets = {} } = {}, onCall = () => undefined) {
      const before = await writes.read(subjects, 'before');
      const items = subjects.map((subject) => {
        const { account = null, grants = [] } = before.get(subject.key) ?? {};
        return { subject, params, secrets, before: { account, grants } };
      });
      return writes.call(change, items, onCall);
    },
    async requestsOf(work) {
      const last = simulator.requests().at(-1)?.number ?? 0;
      await work();
      return simulator.requests(last).map(({ operation }) => operation);
    },
  };
}
