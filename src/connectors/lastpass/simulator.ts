import type { Clock } from '../../connector-kit/connector.ts';
import { type SimulatorClock, simulatorClock, systemClock } from '../../connector-kit/simulator-kit/clock.ts';
import { type CommandWorld, runSimulator } from '../../connector-kit/simulator-kit/command.ts';
import { type Fault, type FaultKnobs, faultKnobs } from '../../connector-kit/simulator-kit/faults.ts';
import { inspect, type Inspection } from '../../connector-kit/simulator-kit/inspection.ts';
import { boundedLog, type LoggedEffect, type LoggedRequest } from '../../connector-kit/simulator-kit/logs.ts';
import { type Seed, seededRandom } from '../../connector-kit/simulator-kit/random.ts';
import { startSimulatorServer } from '../../connector-kit/simulator-kit/server.ts';
import type { JsonValue } from '../../model/records.ts';
import {
  type Company,
  type LastPassSavedState,
  openCompany,
  parseSavedState,
  provisioningHashOf,
  saveCompany,
  setSwitches,
} from './simulator/company.ts';
import { type LastPassMutation, mutate } from './simulator/mutations.ts';
import { type LastPassSwitches, parseSwitches, type SwitchValues, switchesHelp } from './simulator/switches.ts';
import { effectRecorder, lastPassVendor } from './simulator/vendor.ts';

export type { LastPassMutation, LastPassSavedState, LastPassSwitches };

export interface LastPassSimulatorOptions {
  /** Another seed invents another crowd; the cast of Northwind is always there. Default `northwind`. */
  readonly seed?: Seed;
  /** How many people Northwind has. Default 250: 250 accounts. */
  readonly people?: number;
  /** Default: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** The day all of the company's dates are relative to. Default: the clock's now. */
  readonly today?: Date;
  /** How LastPass behaves where its variants differ, by name; see `usher simulate lastpass --help`. */
  readonly switches?: SwitchValues;
  /** Faults, or their texts (`429:0.1`, `lost-answer/disableuser@1`). */
  readonly faults?: readonly (Fault | string)[];
  /** What `save()` or `onChange` gave before: the company goes on from there, seed and size included. */
  readonly savedState?: unknown;
  /**
   * Called after every answered request and every change by inspection, with the way to save: cheap to be called, as
   * nothing is copied until `save` is.
   */
  readonly onChange?: (save: () => LastPassSavedState) => void;
  /** How much memory rendered pages may take. Default 256 MB; 0 renders every page anew. */
  readonly pageCacheBytes?: number;
}

export interface LastPassSimulator {
  /** The base URL; the API is at `/enterpriseapi.php` under it. */
  readonly url: string;
  /** As the connection settings of Usher name them; the hash changes when it is reset by inspection. */
  readonly credentials: { readonly companyId: string; readonly provisioningHash: string };
  readonly clock: SimulatorClock;
  readonly faults: FaultKnobs;
  /** Every request so far (the newest 20,000), credentials masked; after a number where given. */
  readonly requests: (after?: number) => readonly LoggedRequest[];
  /** Every change of state and every mail so far; after a number where given. */
  readonly effects: (after?: number) => readonly LoggedEffect[];
  /** The state in figures. */
  readonly state: () => LastPassFigures;
  readonly switches: () => LastPassSwitches;
  readonly setSwitches: (values: SwitchValues) => void;
  /** Changes the company behind the API's back. Throws `invalidInput` or `notFound`. */
  readonly mutate: (change: LastPassMutation) => JsonValue;
  /** What the next start needs to go on here. */
  readonly save: () => LastPassSavedState;
  readonly close: () => Promise<void>;
}

export interface LastPassFigures {
  readonly company: string;
  readonly users: number;
  readonly administrators: number;
  readonly disabled: number;
  readonly invited: number;
  readonly groups: number;
  readonly shared_folders: number;
  readonly events: number;
  readonly requests: number;
  readonly effects: number;
}

const REQUESTS_KEPT = 20_000;
const EFFECTS_KEPT = 200_000;

/**
 * Starts a stateful LastPass Business company on this machine, speaking the Enterprise API as public recordings, help
 * articles and other people's clients attest it. Rejects with `invalidInput` for wrong switches, faults or saved state.
 */
export async function startLastPassSimulator(options: LastPassSimulatorOptions = {}): Promise<LastPassSimulator> {
  const saved = options.savedState === undefined ? null : parseSavedState(options.savedState);
  const seed = saved?.seed ?? String(options.seed ?? 'northwind');
  const clock = simulatorClock(options.clock ?? systemClock);
  const requests = boundedLog<LoggedRequest>(
    REQUESTS_KEPT,
    (entry, number) => ({ ...entry, number }),
    [],
    saved?.requests,
  );
  const effects = boundedLog<LoggedEffect>(EFFECTS_KEPT, (entry, number) => ({ ...entry, number }), saved?.effects);
  const faults = faultKnobs(seededRandom(`${seed}/faults`), options.faults);
  const company = openCompany({
    seed,
    people: options.people ?? 250,
    clock,
    anchor: options.today ?? clock.now(),
    switches: options.switches,
    saved,
    effects,
  });
  const save = () => saveCompany(company, seed, requests.count);
  const onChange = () => options.onChange?.(save);
  const inspection: Inspection = {
    requests,
    effects,
    faults,
    clock,
    state: () => ({ ...figuresOf(company, requests.count) }),
    save,
    mutate: (input) => {
      const result = mutate(company, input, effectRecorder(company, null));
      onChange();
      return result;
    },
    switches: () => ({ ...company.switches }),
    setSwitches: (values) => {
      setSwitches(company, values);
      onChange();
    },
  };
  const vendor = lastPassVendor({
    company,
    inspect: (request) => inspect(inspection, request),
    onChange,
    pageCacheBytes: options.pageCacheBytes,
  });
  const server = await startSimulatorServer({
    vendor,
    faults,
    requests,
    clock,
    port: options.port,
    host: options.host,
  });
  return {
    url: server.url,
    get credentials() {
      return { companyId: company.companyId, provisioningHash: provisioningHashOf(company) };
    },
    clock,
    faults,
    requests: (after) => requests.list(after),
    effects: (after) => effects.list(after),
    state: () => figuresOf(company, requests.count),
    switches: () => company.switches,
    setSwitches: (values) => inspection.setSwitches(values),
    mutate: (change) => inspection.mutate(change),
    save,
    close: () => server.close(),
  };
}

/**
 * `usher simulate lastpass ARGUMENTS`: runs until the process is asked to end, printing where it is and how to connect.
 * Throws `invalidInput` naming the option that is wrong.
 */
export async function runLastPassSimulator(argv: readonly string[], world?: CommandWorld): Promise<void> {
  await runSimulator(
    {
      connector: 'lastpass',
      title: 'LastPass Business of Northwind Trading',
      switchesHelp: switchesHelp(),
      async start({ port, host, seed, people, faults, switches }) {
        const simulator = await startLastPassSimulator({
          port,
          host,
          seed,
          people,
          faults,
          switches: parseSwitches(switches),
        });
        const { companyId, provisioningHash } = simulator.credentials;
        return {
          url: simulator.url,
          credentials: { company_id: companyId, provisioning_hash: provisioningHash },
          close: () => simulator.close(),
        };
      },
    },
    argv,
    world,
  );
}

function figuresOf(company: Company, requests: number): LastPassFigures {
  const { users, folders, effects } = company;
  return {
    company: company.people.name,
    users: users.select({}).length,
    administrators: users.select({ admin: true }).length,
    disabled: users.select({ disabled: true }).length,
    invited: company.invitations.size,
    groups: company.groups.size,
    shared_folders: folders.ids().filter((id) => folders.get(id)?.isDeleted === false).length,
    events: company.events.length,
    requests,
    effects: effects.count,
  };
}
