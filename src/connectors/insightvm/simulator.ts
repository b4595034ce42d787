import { fingerprintOf } from '../../connector-kit/simulator-kit/certificate.ts';
import { type CommandWorld, runSimulator } from '../../connector-kit/simulator-kit/command.ts';
import {
  type LogFigures, type Simulator, type SimulatorOptions, startSimulated,
} from '../../connector-kit/simulator-kit/simulated.ts'; // prettier-ignore
import { UsherError } from '../../model/errors.ts';
import { OWN_LOGIN } from './simulator/cast.ts';
import {
  type Console, type InsightVmSavedState, openConsole, passwordOf, saveConsole, savedConsoleSchema,
} from './simulator/console.ts'; // prettier-ignore
import { codeAt } from './simulator/login.ts';
import { type InsightVmMutation, mutate, mutationSchema } from './simulator/mutations.ts';
import { DEFAULT_ASSET_GROUPS, DEFAULT_SITES } from './simulator/places.ts';
import { GLOBAL_ADMINISTRATOR } from './simulator/roles.ts';
import { type InsightVmSwitches, parseSwitches, switchesHelp } from './simulator/switches.ts';
import { insightVmVendor } from './simulator/vendor.ts';

export type { InsightVmMutation, InsightVmSavedState, InsightVmSwitches };

/** Everybody of Northwind is a user of the console. */
export interface InsightVmSimulatorOptions extends SimulatorOptions<InsightVmSavedState> {
  /** Default 24. */
  readonly sites?: number;
  /** Default 10. */
  readonly assetGroups?: number;
  /** HTTPS with a self-signed certificate, made at the first start and kept in the saved state. Default: HTTP. */
  readonly tls?: boolean;
}

/** As the connection settings and secrets of Usher name them. */
export interface InsightVmCredentials {
  readonly user: string;
  readonly password: string;
  /** The code of this moment, where the login has a second factor. */
  readonly twoFactorToken: string | null;
}

/** The API is under `/api/3` of the base URL. Subjects of effects on users are their ids. */
export interface InsightVmSimulator extends Simulator<
  InsightVmSwitches,
  InsightVmMutation,
  InsightVmSavedState,
  InsightVmFigures
> {
  /** Of the login that Usher is given: Ada Okonkwo, Global Administrator. */
  readonly credentials: InsightVmCredentials;
  /** Of any login, for trying what others may see. Throws `notFound`. */
  readonly credentialsOf: (login: string) => InsightVmCredentials;
  /** SHA-256 of the certificate now presented, lower-case hex; null where it speaks HTTP. */
  readonly fingerprint: string | null;
  /** The certificate now presented, PEM; null where it speaks HTTP. */
  readonly certificate: string | null;
}

export interface InsightVmFigures extends LogFigures {
  readonly company: string;
  readonly users: number;
  readonly administrators: number;
  readonly disabled: number;
  readonly locked: number;
  readonly roles: number;
  readonly sites: number;
  readonly asset_groups: number;
}

/**
 * Starts a stateful InsightVM Security Console on this machine, speaking the console API v3 as Rapid7's OpenAPI document
 * (rapid7/vm-console-client-python), public recordings and other people's clients attest it. Rejects with `invalidInput`
 * for wrong switches, faults or saved state.
 */
export async function startInsightVmSimulator(options: InsightVmSimulatorOptions = {}): Promise<InsightVmSimulator> {
  const { sites = DEFAULT_SITES, assetGroups = DEFAULT_ASSET_GROUPS, tls = false } = options;
  const { state, simulator } = await startSimulated(
    {
      name: 'InsightVM',
      savedSchema: savedConsoleSchema,
      parseSwitches,
      open: (opening) => openConsole({ ...opening, extent: { sites, assetGroups }, isSecure: tls }),
      save: saveConsole,
      figures: figuresOf,
      mutationSchema,
      mutate,
      vendor: insightVmVendor,
      certificate: (console) => console.certificate,
    },
    options,
  );
  return {
    ...simulator,
    get credentials() {
      return credentialsOf(state, OWN_LOGIN);
    },
    credentialsOf: (login) => credentialsOf(state, login),
    get fingerprint() {
      return state.certificate && fingerprintOf(state.certificate.cert);
    },
    get certificate() {
      return state.certificate?.cert ?? null;
    },
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
      start: (options, { sizes, toggles }) =>
        startInsightVmSimulator({
          ...options,
          sites: sizes['sites'],
          assetGroups: sizes['asset-groups'],
          tls: toggles['tls'],
        }),
      credentials: ({ credentials: { user, password }, fingerprint }) => ({
        user,
        password,
        ...(fingerprint !== null && { certificate_fingerprint: `sha256:${fingerprint}` }),
      }),
    },
    argv,
    world,
  );
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

function figuresOf({ people, users, roles, sites, assetGroups }: Console): Omit<InsightVmFigures, keyof LogFigures> {
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
  };
}
