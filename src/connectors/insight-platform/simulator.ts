import { type CommandWorld, runSimulator } from '../../connector-kit/simulator-kit/command.ts';
import {
  type LogFigures, type Simulator, type SimulatorOptions, startSimulated,
} from '../../connector-kit/simulator-kit/simulated.ts'; // prettier-ignore
import {
  type Company, type InsightPlatformSavedState, openCompany, organizationsOf, saveCompany, savedCompanySchema,
} from './simulator/company.ts'; // prettier-ignore
import { type InsightPlatformMutation, mutate, mutationSchema } from './simulator/mutations.ts';
import { type InsightPlatformSwitches, parseSwitches, switchesHelp } from './simulator/switches.ts';
import { insightPlatformVendor } from './simulator/vendor.ts';

export type { InsightPlatformMutation, InsightPlatformSavedState, InsightPlatformSwitches };

/** Some two thirds of Northwind's people are on the platform. */
export interface InsightPlatformSimulatorOptions extends SimulatorOptions<InsightPlatformSavedState> {
  /** Where the organization is. Default `us`. */
  readonly region?: string;
}

/** Keys that are there on the first day, each with the rights its name tells. */
export interface InsightPlatformKeys {
  /** A user key of a Platform Admin, Ada Okonkwo: what Usher is best given. */
  readonly user: string;
  readonly organization: string;
  /** A user key of somebody who administers nothing, Viktor Hansen. */
  readonly limited: string;
}

/** The base URL is what the connection settings take instead of the vendor's address. */
export interface InsightPlatformSimulator extends Simulator<
  InsightPlatformSwitches,
  InsightPlatformMutation,
  InsightPlatformSavedState,
  InsightPlatformFigures
> {
  readonly region: string;
  readonly organizationId: string;
  readonly keys: InsightPlatformKeys;
}

export interface InsightPlatformFigures extends LogFigures {
  readonly organization: string;
  readonly users: number;
  readonly platform_admins: number;
  readonly pending: number;
  readonly groups: number;
  readonly api_keys: number;
  readonly organizations: number;
  readonly audit_events: number;
}

/**
 * Starts a stateful Insight Platform organization on this machine, speaking the Account API, `/validate`, Log Search and
 * what else is known of the cloud, as recordings, documentation and other people's clients attest it; what nobody has seen
 * is behind switches. Rejects with `invalidInput` for wrong switches, faults or saved state.
 */
export async function startInsightPlatformSimulator(
  options: InsightPlatformSimulatorOptions = {},
): Promise<InsightPlatformSimulator> {
  const { state, simulator } = await startSimulated(
    {
      name: 'Insight Platform',
      savedSchema: savedCompanySchema,
      parseSwitches,
      open: (opening) => openCompany({ ...opening, region: options.region ?? 'us' }),
      save: saveCompany,
      figures: figuresOf,
      mutationSchema,
      mutate,
      vendor: insightPlatformVendor,
    },
    options,
  );
  return {
    ...simulator,
    region: state.region,
    organizationId: state.organizations[0]?.id ?? '',
    keys: keysOf(state),
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
      start: startInsightPlatformSimulator,
      credentials: ({ keys, region }) => ({
        region,
        api_key: keys.user,
        organization_key: keys.organization,
        limited_key: keys.limited,
      }),
    },
    argv,
    world,
  );
}

function keysOf({ keys }: Company): InsightPlatformKeys {
  const [user, organization, limited] = [...keys.values()].map(({ key }) => key);
  return { user: user ?? '', organization: organization ?? '', limited: limited ?? '' };
}

function figuresOf(company: Company): Omit<InsightPlatformFigures, keyof LogFigures> {
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
  };
}
