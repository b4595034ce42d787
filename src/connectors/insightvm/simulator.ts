import type { Clock } from '../../connector-kit/connector.ts';
import {
  fingerprintOf,
  type KeyedCertificate,
  selfSignedCertificate,
} from '../../connector-kit/simulator-kit/certificate.ts';
import { type SimulatorClock, simulatorClock, systemClock } from '../../connector-kit/simulator-kit/clock.ts';
import { type CommandWorld, runSimulator } from '../../connector-kit/simulator-kit/command.ts';
import { type Fault, type FaultKnobs, faultKnobs } from '../../connector-kit/simulator-kit/faults.ts';
import { inspect, type Inspection } from '../../connector-kit/simulator-kit/inspection.ts';
import { boundedLog, type LoggedEffect, type LoggedRequest } from '../../connector-kit/simulator-kit/logs.ts';
import { type Seed, seededRandom } from '../../connector-kit/simulator-kit/random.ts';
import { startSimulatorServer } from '../../connector-kit/simulator-kit/server.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import type { JsonValue } from '../../model/records.ts';
import { OWN_LOGIN } from './simulator/cast.ts';
import {
  type Console,
  effectRecorder,
  type InsightVmSavedState,
  openConsole,
  parseSavedState,
  passwordOf,
  saveConsole,
} from './simulator/console.ts';
import { codeAt } from './simulator/login.ts';
import { type InsightVmMutation, mutate } from './simulator/mutations.ts';
import { DEFAULT_ASSET_GROUPS, DEFAULT_SITES } from './simulator/places.ts';
import { GLOBAL_ADMINISTRATOR } from './simulator/roles.ts';
import { type InsightVmSwitches, parseSwitches, type SwitchValues, switchesHelp } from './simulator/switches.ts';
import { insightVmVendor } from './simulator/vendor.ts';

export type { InsightVmMutation, InsightVmSavedState, InsightVmSwitches };

export interface InsightVmSimulatorOptions {
  /** Another seed invents another crowd; the cast of Northwind is always there. Default `northwind`. */
  readonly seed?: Seed;
  /** How many people Northwind has. Default 250: 250 users. */
  readonly people?: number;
  /** Default 24. */
  readonly sites?: number;
  /** Default 10. */
  readonly assetGroups?: number;
  /** HTTPS with a self-signed certificate, made at the first start and kept in the saved state. Default: HTTP. */
  readonly tls?: boolean;
  /** Default: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** The day all of the console's dates are relative to. Default: the clock's now. */
  readonly today?: Date;
  /** How the console behaves where its variants differ, by name; see `usher simulate insightvm --help`. */
  readonly switches?: SwitchValues;
  /** Faults, or their texts (`429:0.1`, `lost-answer/updateUser@1`): operations as the OpenAPI document names them. */
  readonly faults?: readonly (Fault | string)[];
  /** What `save()` or `onChange` gave before: the console goes on from there, seed, size and certificate included. */
  readonly savedState?: unknown;
  /**
   * Called after every answered request and every change by inspection, with the way to save: cheap to be called, as
   * nothing is copied until `save` is.
   */
  readonly onChange?: (save: () => InsightVmSavedState) => void;
}

/** As the connection settings and secrets of Usher name them. */
export interface InsightVmCredentials {
  readonly user: string;
  readonly password: string;
  /** The code of this moment, where the login has a second factor. */
  readonly twoFactorToken: string | null;
}

export interface InsightVmSimulator {
  /** The base URL; the API is under `/api/3`. */
  readonly url: string;
  /** Of the login that Usher is given: Ada Okonkwo, Global Administrator. */
  readonly credentials: InsightVmCredentials;
  /** Of any login, for trying what others may see. Throws `notFound`. */
  readonly credentialsOf: (login: string) => InsightVmCredentials;
  /** SHA-256 of the certificate now presented, lower-case hex; null where it speaks HTTP. */
  readonly fingerprint: string | null;
  /** The certificate now presented, PEM; null where it speaks HTTP. */
  readonly certificate: string | null;
  readonly clock: SimulatorClock;
  readonly faults: FaultKnobs;
  /** Every request so far (the newest 20,000), credentials masked; after a number where given. */
  readonly requests: (after?: number) => readonly LoggedRequest[];
  /** Every change of state so far, users by their ids; after a number where given. */
  readonly effects: (after?: number) => readonly LoggedEffect[];
  /** The state in figures. */
  readonly state: () => InsightVmFigures;
  readonly switches: () => InsightVmSwitches;
  readonly setSwitches: (values: SwitchValues) => void;
  /** Changes the console behind the API's back. Throws `invalidInput` or `notFound`. */
  readonly mutate: (change: InsightVmMutation) => JsonValue;
  /** What the next start needs to go on here. */
  readonly save: () => InsightVmSavedState;
  readonly close: () => Promise<void>;
}

export interface InsightVmFigures {
  readonly company: string;
  readonly users: number;
  readonly administrators: number;
  readonly disabled: number;
  readonly locked: number;
  readonly roles: number;
  readonly sites: number;
  readonly asset_groups: number;
  readonly requests: number;
  readonly effects: number;
}

const REQUESTS_KEPT = 20_000;
const EFFECTS_KEPT = 200_000;
const CERTIFICATE_YEARS = 10;

/**
 * Starts a stateful InsightVM Security Console on this machine, speaking the console API v3 as Rapid7's OpenAPI document
 * (rapid7/vm-console-client-python), public recordings and other people's clients attest it. Rejects with `invalidInput`
 * for wrong switches, faults or saved state.
 */
export async function startInsightVmSimulator(options: InsightVmSimulatorOptions = {}): Promise<InsightVmSimulator> {
  const saved = options.savedState === undefined ? null : parseSavedState(options.savedState);
  const clock = simulatorClock(options.clock ?? systemClock);
  const requests = boundedLog<LoggedRequest>(
    REQUESTS_KEPT,
    (entry, number) => ({ ...entry, number }),
    [],
    saved?.requests,
  );
  const effects = boundedLog<LoggedEffect>(EFFECTS_KEPT, (entry, number) => ({ ...entry, number }), saved?.effects);
  const console = openConsole({
    seed: String(options.seed ?? 'northwind'),
    people: options.people ?? 250,
    sites: options.sites ?? DEFAULT_SITES,
    assetGroups: options.assetGroups ?? DEFAULT_ASSET_GROUPS,
    clock,
    anchor: options.today ?? clock.now(),
    switches: options.switches,
    saved,
    effects,
  });
  const faults = faultKnobs(seededRandom(`${console.seed}/faults`), options.faults);
  let certificate = saved ? saved.certificate : options.tls === true ? newCertificate(clock) : null;
  const save = () => saveConsole(console, certificate, requests.count);
  const onChange = () => options.onChange?.(save);
  const inspection: Inspection = {
    requests,
    effects,
    faults,
    clock,
    state: () => ({ ...figuresOf(console, requests.count) }),
    save,
    mutate: (input) => {
      const result = mutate(console, input, { effect: effectRecorder(console, null), changeCertificate });
      onChange();
      return result;
    },
    switches: () => ({ ...console.switches }),
    setSwitches: (values) => {
      console.switches = parseSwitches({ ...console.switches, ...values });
      onChange();
    },
  };
  const isSecure = certificate !== null;
  const server = await startSimulatorServer({
    vendor: insightVmVendor({ console, isSecure, inspect: (request) => inspect(inspection, request), onChange }),
    faults,
    requests,
    clock,
    port: options.port,
    host: options.host,
    ...(certificate && { certificate }),
  });
  function changeCertificate(): JsonValue {
    if (certificate === null) throw invalidInput('mutation', 'The simulator speaks HTTP: it has no certificate.');
    certificate = newCertificate(clock);
    server.present(certificate);
    return { fingerprint: fingerprintOf(certificate.cert) };
  }
  return {
    url: server.url,
    get credentials() {
      return credentialsOf(console, OWN_LOGIN);
    },
    credentialsOf: (login) => credentialsOf(console, login),
    get fingerprint() {
      return certificate && fingerprintOf(certificate.cert);
    },
    get certificate() {
      return certificate?.cert ?? null;
    },
    clock,
    faults,
    requests: (after) => requests.list(after),
    effects: (after) => effects.list(after),
    state: () => figuresOf(console, requests.count),
    switches: () => console.switches,
    setSwitches: (values) => inspection.setSwitches(values),
    mutate: (change) => inspection.mutate(change),
    save,
    close: () => server.close(),
  };
}

/**
 * `usher simulate insightvm ARGUMENTS`: runs until the process is asked to end, printing where it is and how to connect.
 * Throws `invalidInput` naming the option that is wrong.
 */
export async function runInsightVmSimulator(argv: readonly string[], world?: CommandWorld): Promise<void> {
  await runSimulator(
    {
      connector: 'insightvm',
      title: 'InsightVM Security Console of Northwind Trading',
      switchesHelp: switchesHelp(),
      sizeFlags: {
        sites: `sites of the console (default: ${DEFAULT_SITES})`,
        'asset-groups': `asset groups of the console (default: ${DEFAULT_ASSET_GROUPS})`,
      },
      toggleFlags: { tls: 'HTTPS with a self-signed certificate, as consoles have it (default: HTTP)' },
      async start({ port, host, seed, people, faults, switches, sizes, toggles }) {
        const simulator = await startInsightVmSimulator({
          port,
          host,
          seed,
          people,
          sites: sizes['sites'],
          assetGroups: sizes['asset-groups'],
          tls: toggles['tls'],
          faults,
          switches: parseSwitches(switches),
        });
        const { user, password } = simulator.credentials;
        const { fingerprint } = simulator;
        return {
          url: simulator.url,
          credentials: {
            user,
            password,
            ...(fingerprint !== null && { certificate_fingerprint: `sha256:${fingerprint}` }),
          },
          close: () => simulator.close(),
        };
      },
    },
    argv,
    world,
  );
}

/** As a console presents it out of the box (recordings of JupiterOne/graph-rapid7). */
function newCertificate(clock: Clock): KeyedCertificate {
  const now = clock.now();
  const [notBefore, notAfter] = [new Date(now), new Date(now)];
  notBefore.setUTCDate(now.getUTCDate() - 1);
  notAfter.setUTCFullYear(now.getUTCFullYear() + CERTIFICATE_YEARS);
  return selfSignedCertificate({
    commonName: 'Rapid7 Security Console',
    organization: 'Rapid7',
    hosts: ['localhost', '127.0.0.1'],
    notBefore,
    notAfter,
  });
}

function credentialsOf(console: Console, login: string): InsightVmCredentials {
  const user = console.users.byLogin(login);
  if (!user) throw new UsherError('notFound', `The simulated console has no user "${login}".`);
  const { twoFactorKey } = user;
  return {
    user: user.login,
    password: passwordOf(console, user),
    twoFactorToken: twoFactorKey === null ? null : codeAt(twoFactorKey, console.clock.now()),
  };
}

function figuresOf({ people, users, roles, sites, assetGroups, effects }: Console, requests: number): InsightVmFigures {
  const all = users.list();
  return {
    company: people.name,
    users: all.length,
    administrators: all.filter(({ role }) => role.id === GLOBAL_ADMINISTRATOR).length,
    disabled: all.filter(({ enabled }) => !enabled).length,
    locked: all.filter(({ locked }) => locked).length,
    roles: roles.list().length,
    sites: sites.list().length,
    asset_groups: assetGroups.list().length,
    requests,
    effects: effects.count,
  };
}
