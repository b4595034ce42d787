import { type CommandWorld, runSimulator } from '../../connector-kit/simulator-kit/command.ts';
import {
  type LogFigures, type Simulator, type SimulatorOptions, startSimulated,
} from '../../connector-kit/simulator-kit/simulated.ts'; // prettier-ignore
import {
  type Company,
  type LastPassSavedState,
  openCompany,
  provisioningHashOf,
  saveCompany,
  savedCompanySchema,
  setSwitches,
} from './simulator/company.ts';
import { type LastPassMutation, mutate, mutationSchema } from './simulator/mutations.ts';
import { type LastPassSwitches, parseSwitches, switchesHelp } from './simulator/switches.ts';
import { lastPassVendor } from './simulator/vendor.ts';

export type { LastPassMutation, LastPassSavedState, LastPassSwitches };

/** Everybody of Northwind has an account, or an invitation. */
export interface LastPassSimulatorOptions extends SimulatorOptions<LastPassSavedState> {
  /** How much memory rendered pages may take. Default 256 MB; 0 renders every page anew. */
  readonly pageCacheBytes?: number;
}

/** The API is at `/enterpriseapi.php` under the base URL. */
export interface LastPassSimulator extends Simulator<
  LastPassSwitches,
  LastPassMutation,
  LastPassSavedState,
  LastPassFigures
> {
  /** As the connection settings of Usher name them; the hash changes when it is reset by inspection. */
  readonly credentials: { readonly companyId: string; readonly provisioningHash: string };
}

export interface LastPassFigures extends LogFigures {
  readonly company: string;
  readonly users: number;
  readonly administrators: number;
  readonly disabled: number;
  readonly invited: number;
  readonly groups: number;
  readonly shared_folders: number;
  readonly events: number;
}

/**
 * Starts a stateful LastPass Business company on this machine, speaking the Enterprise API as public recordings, help
 * articles and other people's clients attest it. Rejects with `invalidInput` for wrong switches, faults or saved state.
 */
export async function startLastPassSimulator(options: LastPassSimulatorOptions = {}): Promise<LastPassSimulator> {
  const { state, simulator } = await startSimulated(
    {
      name: 'LastPass',
      savedSchema: savedCompanySchema,
      parseSwitches,
      open: openCompany,
      save: saveCompany,
      figures: figuresOf,
      mutationSchema,
      mutate,
      setSwitches,
      vendor: (company) => lastPassVendor(company, options.pageCacheBytes),
    },
    options,
  );
  return {
    ...simulator,
    get credentials() {
      return { companyId: state.companyId, provisioningHash: provisioningHashOf(state) };
    },
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
      start: startLastPassSimulator,
      credentials: ({ credentials: { companyId, provisioningHash } }) => ({
        company_id: companyId,
        provisioning_hash: provisioningHash,
      }),
    },
    argv,
    world,
  );
}

function figuresOf(company: Company): Omit<LastPassFigures, keyof LogFigures> {
  const { users, folders } = company;
  return {
    company: company.people.name,
    users: users.select({}).length,
    administrators: users.select({ admin: true }).length,
    disabled: users.select({ disabled: true }).length,
    invited: company.invitations.size,
    groups: company.groups.size,
    shared_folders: folders.ids().filter((id) => folders.get(id)?.isDeleted === false).length,
    events: company.events.length,
  };
}
