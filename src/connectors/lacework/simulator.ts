import type { Clock } from '../../connector-kit/connector.ts';
import { type SimulatorClock, simulatorClock, systemClock } from '../../connector-kit/simulator-kit/clock.ts';
import { type CommandWorld, runSimulator } from '../../connector-kit/simulator-kit/command.ts';
import { type Fault, type FaultKnobs, faultKnobs } from '../../connector-kit/simulator-kit/faults.ts';
import { inspect, type Inspection } from '../../connector-kit/simulator-kit/inspection.ts';
import { boundedLog, type LoggedEffect, type LoggedRequest } from '../../connector-kit/simulator-kit/logs.ts';
import { type Seed, seededRandom } from '../../connector-kit/simulator-kit/random.ts';
import { startSimulatorServer } from '../../connector-kit/simulator-kit/server.ts';
import { UsherError } from '../../model/errors.ts';
import type { JsonValue } from '../../model/records.ts';
import type { KeyRole } from './simulator/cast.ts';
import type { LaceworkMutation } from './simulator/mutation-schema.ts';
import { mutate } from './simulator/mutations.ts';
import type { ApiKey } from './simulator/model.ts';
import { type LaceworkSwitches, parseSwitches, type SwitchValues, switchesHelp } from './simulator/switches.ts';
import {
  type LaceworkSavedState,
  openTenant,
  parseSavedState,
  saveTenant,
  setSwitches,
  type Tenant,
} from './simulator/tenant.ts';
import { effectRecorder, laceworkVendor } from './simulator/vendor.ts';

export type { KeyRole, LaceworkMutation, LaceworkSavedState, LaceworkSwitches };

export interface LaceworkSimulatorOptions {
  /** Another seed invents another crowd; the cast of Northwind is always there. Default `northwind`. */
  readonly seed?: Seed;
  /** How many people Northwind has, nearly all with Lacework. Default 250. */
  readonly people?: number;
  /** Accounts beside the primary one. Default 2: `northwind-eu`, and `northwind-lab` with RBAC; 0: no organization. */
  readonly subAccounts?: number;
  /** Default: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** The day all of the company's dates are relative to. Default: the clock's now. */
  readonly today?: Date;
  /** How Lacework behaves where its variants differ, by name; see `usher simulate lacework --help`. */
  readonly switches?: SwitchValues;
  /** Faults, or their texts (`429:0.1`, `lost-answer/ApiKeys.create@1`). */
  readonly faults?: readonly (Fault | string)[];
  /** What `save()` or `onChange` gave before: the organization goes on from there, seed and size included. */
  readonly savedState?: unknown;
  /**
   * Called after every answered request and every change by inspection, with the way to save: cheap to be called, as
   * nothing is copied until `save` is.
   */
  readonly onChange?: (save: () => LaceworkSavedState) => void;
}

/** An API key as it is given to a client. */
export interface LaceworkCredentials {
  /** The account the key is of, as hosts have it: `northwind`. */
  readonly account: string;
  readonly keyId: string;
  readonly secret: string;
}

export interface LaceworkSimulator {
  /** The base URL; the API is at `/api/v2` under it. */
  readonly url: string;
  /** The key of Ada Okonkwo, organization administrator, in the primary account. */
  readonly credentials: LaceworkCredentials;
  /**
   * Keys of others: an administrator of the primary account alone, one of `northwind-eu` alone, service users of the primary
   * account (reads only) and of `northwind-lab`. Throws `notFound` where the account or the key is not there.
   */
  readonly credentialsOf: (role: KeyRole) => LaceworkCredentials;
  readonly clock: SimulatorClock;
  readonly faults: FaultKnobs;
  /** Every request so far (the newest 20,000), without credentials; after a number where given. */
  readonly requests: (after?: number) => readonly LoggedRequest[];
  /** Every change of state and every mail so far; after a number where given. */
  readonly effects: (after?: number) => readonly LoggedEffect[];
  /** The state in figures. */
  readonly state: () => LaceworkFigures;
  readonly switches: () => LaceworkSwitches;
  readonly setSwitches: (values: SwitchValues) => void;
  /** Changes the organization behind the API's back. Throws `invalidInput` or `notFound`. */
  readonly mutate: (change: LaceworkMutation) => JsonValue;
  /** What the next start needs to go on here. */
  readonly save: () => LaceworkSavedState;
  readonly close: () => Promise<void>;
}

export interface LaceworkFigures {
  readonly organization: string;
  readonly accounts: number;
  /** Account rows: a person in two accounts is two. */
  readonly members: number;
  readonly api_keys: number;
  readonly resource_groups: number;
  readonly audit_rows: number;
  readonly requests: number;
  readonly effects: number;
}

const REQUESTS_KEPT = 20_000;
const EFFECTS_KEPT = 200_000;

/**
 * Starts a stateful Lacework organization on this machine, speaking API v2 as its reference, the official Go and Python
 * clients and other people's attest it. Rejects with `invalidInput` for wrong switches, faults or saved state.
 */
export async function startLaceworkSimulator(options: LaceworkSimulatorOptions = {}): Promise<LaceworkSimulator> {
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
  const tenant = openTenant({
    seed,
    people: options.people ?? 250,
    subAccounts: options.subAccounts ?? 2,
    clock,
    anchor: options.today ?? clock.now(),
    switches: options.switches,
    saved,
    effects,
  });
  const save = () => saveTenant(tenant, requests.count);
  const onChange = () => options.onChange?.(save);
  const inspection: Inspection = {
    requests,
    effects,
    faults,
    clock,
    state: () => ({ ...figuresOf(tenant, requests.count) }),
    save,
    mutate: (input) => {
      const result = mutate(tenant, input, effectRecorder(tenant, null));
      onChange();
      return result;
    },
    switches: () => ({ ...tenant.switches }),
    setSwitches: (values) => {
      setSwitches(tenant, values);
      onChange();
    },
  };
  const vendor = laceworkVendor({ tenant, inspect: (request) => inspect(inspection, request), onChange });
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
      return credentialsOf(tenant, 'orgAdmin');
    },
    credentialsOf: (role) => credentialsOf(tenant, role),
    clock,
    faults,
    requests: (after) => requests.list(after),
    effects: (after) => effects.list(after),
    state: () => figuresOf(tenant, requests.count),
    switches: () => tenant.switches,
    setSwitches: (values) => inspection.setSwitches(values),
    mutate: (change) => inspection.mutate(change),
    save,
    close: () => server.close(),
  };
}

/**
 * `usher simulate lacework ARGUMENTS`: runs until the process is asked to end, printing where it is and how to connect.
 * Throws `invalidInput` naming the option that is wrong.
 */
export async function runLaceworkSimulator(argv: readonly string[], world?: CommandWorld): Promise<void> {
  await runSimulator(
    {
      connector: 'lacework',
      title: 'Lacework FortiCNAPP of Northwind Trading',
      switchesHelp: switchesHelp(),
      sizeFlags: { 'sub-accounts': 'accounts beside the primary one (default: 2)' },
      async start({ port, host, seed, people, faults, switches, sizes }) {
        const simulator = await startLaceworkSimulator({
          port,
          host,
          seed,
          people,
          subAccounts: sizes['sub-accounts'],
          faults,
          switches: parseSwitches(switches),
        });
        const { account, keyId, secret } = simulator.credentials;
        return {
          url: simulator.url,
          credentials: {
            account,
            organization: simulator.state().accounts > 1 ? 'yes' : 'no',
            key_id: keyId,
            secret,
          },
          close: () => simulator.close(),
        };
      },
    },
    argv,
    world,
  );
}

/** The key of a role, as it is given to a client. */
function credentialsOf(tenant: Tenant, role: KeyRole): LaceworkCredentials {
  const keyId = tenant.keyRoles.get(role);
  const key: ApiKey | undefined = keyId === undefined ? undefined : tenant.keys.get(keyId);
  if (!key) throw new UsherError('notFound', `The simulated organization has no key "${role}" any more.`);
  return { account: key.account.toLowerCase(), keyId: key.keyId, secret: key.secret };
}

function figuresOf(tenant: Tenant, requests: number): LaceworkFigures {
  return {
    organization: tenant.people.name,
    accounts: tenant.accounts.length,
    members: tenant.members.size,
    api_keys: tenant.keys.size,
    resource_groups: tenant.resourceGroups.size,
    audit_rows: tenant.audit.length,
    requests,
    effects: tenant.effects.count,
  };
}
