import { type CommandWorld, runSimulator } from '../../connector-kit/simulator-kit/command.ts';
import {
  type LogFigures, type Simulator, type SimulatorOptions, startSimulated,
} from '../../connector-kit/simulator-kit/simulated.ts'; // prettier-ignore
import { UsherError } from '../../model/errors.ts';
import type { KeyRole } from './simulator/cast.ts';
import type { ApiKey } from './simulator/model.ts';
import { type LaceworkMutation, mutationSchema } from './simulator/mutation-schema.ts';
import { mutate } from './simulator/mutations.ts';
import { type LaceworkSwitches, parseSwitches, switchesHelp } from './simulator/switches.ts';
import {
  type LaceworkSavedState, openTenant, savedTenantSchema, saveTenant, type Tenant,
} from './simulator/tenant.ts'; // prettier-ignore
import { laceworkVendor } from './simulator/vendor.ts';

export type { KeyRole, LaceworkMutation, LaceworkSavedState, LaceworkSwitches };

/** Nearly everybody of Northwind is in Lacework. */
export interface LaceworkSimulatorOptions extends SimulatorOptions<LaceworkSavedState> {
  /** Accounts beside the primary one. Default 2: `northwind-eu`, and `northwind-lab` with RBAC; 0: no organization. */
  readonly subAccounts?: number;
}

/** An API key as it is given to a client. */
export interface LaceworkCredentials {
  /** The account the key is of, as hosts have it: `northwind`. */
  readonly account: string;
  readonly keyId: string;
  readonly secret: string;
}

/** The API is at `/api/v2` under the base URL. */
export interface LaceworkSimulator extends Simulator<
  LaceworkSwitches,
  LaceworkMutation,
  LaceworkSavedState,
  LaceworkFigures
> {
  /** The key of Ada Okonkwo, organization administrator, in the primary account. */
  readonly credentials: LaceworkCredentials;
  /**
   * Keys of others: an administrator of the primary account alone, one of `northwind-eu` alone, service users of the primary
   * account (reads only) and of `northwind-lab`. Throws `notFound` where the account or the key is not there.
   */
  readonly credentialsOf: (role: KeyRole) => LaceworkCredentials;
}

export interface LaceworkFigures extends LogFigures {
  readonly organization: string;
  readonly accounts: number;
  /** Account rows: a person in two accounts is two. */
  readonly members: number;
  readonly api_keys: number;
  readonly resource_groups: number;
  readonly audit_rows: number;
}

/**
 * Starts a stateful Lacework organization on this machine, speaking API v2 as its reference, the official Go and Python
 * clients and other people's attest it. Rejects with `invalidInput` for wrong switches, faults or saved state.
 */
export async function startLaceworkSimulator(options: LaceworkSimulatorOptions = {}): Promise<LaceworkSimulator> {
  const { state, simulator } = await startSimulated(
    {
      name: 'Lacework',
      savedSchema: savedTenantSchema,
      parseSwitches,
      open: (opening) => openTenant({ ...opening, subAccounts: options.subAccounts ?? 2 }),
      save: saveTenant,
      figures: figuresOf,
      mutationSchema,
      mutate,
      vendor: laceworkVendor,
    },
    options,
  );
  return {
    ...simulator,
    get credentials() {
      return credentialsOf(state, 'orgAdmin');
    },
    credentialsOf: (role) => credentialsOf(state, role),
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
      start: (options, { sizes }) => startLaceworkSimulator({ ...options, subAccounts: sizes['sub-accounts'] }),
      credentials: ({ credentials: { account, keyId, secret }, state }) => ({
        account,
        organization: state().accounts > 1 ? 'yes' : 'no',
        key_id: keyId,
        secret,
      }),
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

function figuresOf(tenant: Tenant): Omit<LaceworkFigures, keyof LogFigures> {
  return {
    organization: tenant.people.name,
    accounts: tenant.accounts.length,
    members: tenant.members.size,
    api_keys: tenant.keys.size,
    resource_groups: tenant.resourceGroups.size,
    audit_rows: tenant.audit.length,
  };
}
