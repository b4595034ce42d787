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
  effectRecorder,
  type InsightPlatformSavedState,
  openCompany,
  organizationsOf,
  parseSavedState,
  saveCompany,
  setSwitches,
} from './simulator/company.ts';
import { type InsightPlatformMutation, mutate } from './simulator/mutations.ts';
import { type InsightPlatformSwitches, parseSwitches, type SwitchValues, switchesHelp } from './simulator/switches.ts';
import { insightPlatformVendor } from './simulator/vendor.ts';

export type { InsightPlatformMutation, InsightPlatformSavedState, InsightPlatformSwitches };

export interface InsightPlatformSimulatorOptions {
  /** Another seed invents another crowd; the cast of Northwind is always there. Default `northwind`. */
  readonly seed?: Seed;
  /** How many people Northwind has; some two thirds of them are on the platform. Default 250. */
  readonly people?: number;
  /** Where the organization is. Default `us`. */
  readonly region?: string;
  /** Default: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** The day all dates are relative to. Default: the clock's now. */
  readonly today?: Date;
  /** How the platform behaves where sources differ, by name; see `usher simulate insight-platform --help`. */
  readonly switches?: SwitchValues;
  /** Faults, or their texts (`429:0.1`, `lost-answer/deleteUser@1`). */
  readonly faults?: readonly (Fault | string)[];
  /** What `save()` or `onChange` gave before: the organization goes on from there, seed and size included. */
  readonly savedState?: unknown;
  /** Called after every answered request and every change by inspection, with the way to save. */
  readonly onChange?: (save: () => InsightPlatformSavedState) => void;
}

/** Keys that are there on the first day, each with the rights its name tells. */
export interface InsightPlatformKeys {
  /** A user key of a Platform Admin, Ada Okonkwo: what Usher is best given. */
  readonly user: string;
  readonly organization: string;
  /** A user key of somebody who administers nothing, Viktor Hansen. */
  readonly limited: string;
}

export interface InsightPlatformSimulator {
  /** The base URL: what the connection settings take instead of the vendor's address. */
  readonly url: string;
  readonly region: string;
  readonly organizationId: string;
  readonly keys: InsightPlatformKeys;
  readonly clock: SimulatorClock;
  readonly faults: FaultKnobs;
  /** Every request so far (the newest 20,000); after a number where given. */
  readonly requests: (after?: number) => readonly LoggedRequest[];
  /** Every change of state and every mail so far; after a number where given. */
  readonly effects: (after?: number) => readonly LoggedEffect[];
  /** The state in figures. */
  readonly state: () => InsightPlatformFigures;
  readonly switches: () => InsightPlatformSwitches;
  readonly setSwitches: (values: SwitchValues) => void;
  /** Changes the organization behind the API's back. Throws `invalidInput` or `notFound`. */
  readonly mutate: (change: InsightPlatformMutation) => JsonValue;
  /** What the next start needs to go on here. */
  readonly save: () => InsightPlatformSavedState;
  readonly close: () => Promise<void>;
}

export interface InsightPlatformFigures {
  readonly organization: string;
  readonly users: number;
  readonly platform_admins: number;
  readonly pending: number;
  readonly groups: number;
  readonly api_keys: number;
  readonly organizations: number;
  readonly audit_events: number;
  readonly requests: number;
  readonly effects: number;
}

const REQUESTS_KEPT = 20_000;
const EFFECTS_KEPT = 100_000;

/**
 * Starts a stateful Insight Platform organization on this machine, speaking the Account API, `/validate`, Log Search and
 * what else is known of the cloud, as recordings, documentation and other people's clients attest it; what nobody has seen
 * is behind switches. Rejects with `invalidInput` for wrong switches, faults or saved state.
 */
export async function startInsightPlatformSimulator(
  options: InsightPlatformSimulatorOptions = {},
): Promise<InsightPlatformSimulator> {
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
    region: options.region ?? 'us',
    clock,
    anchor: options.today ?? clock.now(),
    switches: options.switches,
    saved,
    effects,
  });
  const save = () => saveCompany(company, requests.count);
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
  const vendor = insightPlatformVendor({ company, inspect: (request) => inspect(inspection, request), onChange });
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
    region: company.region,
    organizationId: company.organizations[0]?.id ?? '',
    keys: keysOf(company),
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
 * `usher simulate insight-platform ARGUMENTS`: runs until the process is asked to end, printing where it is and how to
 * connect. Throws `invalidInput` naming the option that is wrong.
 */
export async function runInsightPlatformSimulator(argv: readonly string[], world?: CommandWorld): Promise<void> {
  await runSimulator(
    {
      connector: 'insight-platform',
      title: 'Insight Platform of Northwind Trading',
      switchesHelp: switchesHelp(),
      async start({ port, host, seed, people, faults, switches }) {
        const simulator = await startInsightPlatformSimulator({
          port,
          host,
          seed,
          people,
          faults,
          switches: parseSwitches(switches),
        });
        const { keys, region } = simulator;
        return {
          url: simulator.url,
          credentials: { region, api_key: keys.user, organization_key: keys.organization, limited_key: keys.limited },
          close: () => simulator.close(),
        };
      },
    },
    argv,
    world,
  );
}

function keysOf({ keys }: Company): InsightPlatformKeys {
  const [user, organization, limited] = [...keys.values()].map(({ key }) => key);
  return { user: user ?? '', organization: organization ?? '', limited: limited ?? '' };
}

function figuresOf(company: Company, requests: number): InsightPlatformFigures {
  const users = [...company.users.values()];
  return {
    organization: company.name,
    users: users.length,
    platform_admins: users.filter(({ platformAdmin }) => platformAdmin).length,
    pending: users.filter(({ status }) => status === 'PENDING').length,
    groups: company.groups.size,
    api_keys: company.keys.size,
    organizations: organizationsOf(company).length,
    audit_events: company.audit.length,
    requests,
    effects: company.effects.count,
  };
}
