import { UsherError } from '../../model/errors.ts';
import { unexpectedShape } from './answers.ts';
import { clientOf, type LaceworkClient } from './client.ts';
import { homeAccount, isOrganization, type LaceworkContext, type LaceworkSettings } from './config.ts';
import { byCode } from './mapping.ts';
import type { GroupRef, UserModel } from './people.ts';
import { type Organization, organizationSchema, type Profile, profileSchema } from './schemas.ts';

/** A sub-account, or the one account of a connection without organization. */
export interface SubAccount {
  /** In lower case, as `Account-Name` and the console's address have it. */
  readonly name: string;
  /** '' where it is not told. */
  readonly custGuid: string;
  readonly isPrimary: boolean;
  /** Whether the owner of the key is enabled there: else it cannot be asked for by name. */
  readonly isReachable: boolean;
}

/** What has been learned in one opening of a connection: the probe, the scopes and the pulls of a sync share it. */
export interface Learned {
  profile: Promise<Profile> | null;
  isProbed: boolean;
  readonly models: Map<string, UserModel>;
  /** The list of the organization was refused: RBAC in the primary account does that. */
  isListRefused: boolean;
  /** User groups that people of a sub-account are in, by GUID; only of sub-accounts that were read whole. */
  readonly groups: Map<string, ReadonlyMap<string, GroupRef>>;
}

const LEARNED = new WeakMap<LaceworkContext, Learned>();

/** What is known already in this opening of the connection. */
export function learnedIn(context: LaceworkContext): Learned {
  let learned = LEARNED.get(context);
  if (learned === undefined) {
    learned = { profile: null, isProbed: false, models: new Map(), isListRefused: false, groups: new Map() };
    LEARNED.set(context, learned);
  }
  return learned;
}

/**
 * For a probe: what a pull beside it has learned is as fresh as can be and is shared; what an earlier probe rested on is
 * not, so that is found out anew.
 */
export function learnForProbe(context: LaceworkContext): void {
  if (learnedIn(context).isProbed) LEARNED.delete(context);
  learnedIn(context).isProbed = true;
}

/** Who owns the key and which accounts it reaches, asked anew. */
export async function getProfile(client: LaceworkClient): Promise<Profile> {
  const row = await client.one({ method: 'GET', path: 'UserProfile' });
  const parsed = profileSchema.safeParse(row);
  if (parsed.success) return parsed.data;
  throw unexpectedShape({ operation: 'GET UserProfile' }, parsed.error.issues[0]?.path.map(String).join('.') ?? '');
}

/** Whether there is an organization, and where. */
export async function getOrganization(client: LaceworkClient): Promise<Organization> {
  const row = await client.one({ method: 'GET', path: 'OrganizationInfo' });
  const parsed = organizationSchema.safeParse(row);
  if (parsed.success) return parsed.data;
  throw unexpectedShape(
    { operation: 'GET OrganizationInfo' },
    parsed.error.issues[0]?.path.map(String).join('.') ?? '',
  );
}

/** The profile, asked for once in an opening. Throws `wrongScope` where the key cannot do what the settings ask for. */
export async function profileOf(context: LaceworkContext): Promise<Profile> {
  const learned = learnedIn(context);
  const asked = (learned.profile ??= getProfile(clientOf(context).withAccount(null)));
  try {
    const profile = await asked;
    refuseWrongScope(context, profile);
    return profile;
  } catch (error) {
    if (learned.profile === asked) learned.profile = null;
    throw error;
  }
}

/** The accounts a connection is about, the primary one first, the others by name. */
export async function subAccountsOf(context: LaceworkContext): Promise<readonly SubAccount[]> {
  return accountsIn(await profileOf(context), context.settings);
}

/** Those that can be asked for by name: the scopes of what is read a sub-account at a time. */
export async function reachableSubAccounts(context: LaceworkContext): Promise<readonly SubAccount[]> {
  const all = await subAccountsOf(context);
  return isOrganization(context.settings) ? all.filter(({ isReachable }) => isReachable) : all;
}

/** The name of the organization: the first part of its address. */
export function organizationName({ url }: Pick<Profile, 'url'>, settings: LaceworkSettings): string {
  const host = url?.replace(/^https?:\/\//, '').split(/[./]/)[0] ?? '';
  return host === '' ? homeAccount(settings) : host.toLowerCase();
}

/** A client for one of the accounts of a connection. */
export function clientFor(context: LaceworkContext, { name }: Pick<SubAccount, 'name'>): LaceworkClient {
  const { settings } = context;
  // Without organization the account of the key needs no header, and a service user's key is refused with one.
  if (!isOrganization(settings) && settings.subAccount === undefined) return clientOf(context);
  return clientOf(context).withAccount(name);
}

/** A client for what can be asked of the organization at once; of the one account where there is none. */
export function wholeClient(context: LaceworkContext): LaceworkClient {
  return isOrganization(context.settings) ? clientOf(context).withOrganization() : clientOf(context);
}

function accountsIn(profile: Profile, settings: LaceworkSettings): readonly SubAccount[] {
  const primary = organizationName(profile, settings);
  if (!isOrganization(settings)) {
    const name = settings.subAccount ?? homeAccount(settings);
    const [only, ...others] = profile.accounts;
    const own = profile.accounts.find(({ accountName }) => accountName.toLowerCase() === name);
    const told = own ?? (others.length === 0 ? only : undefined);
    return [{ name, custGuid: told?.custGuid ?? '', isPrimary: name === primary, isReachable: true }];
  }
  const accounts = profile.accounts.map(({ accountName, custGuid, userEnabled }) => {
    const name = accountName.toLowerCase();
    return { name, custGuid, isPrimary: name === primary, isReachable: userEnabled };
  });
  return accounts.sort((a, b) => Number(b.isPrimary) - Number(a.isPrimary) || byCode(a.name, b.name));
}

/** Refused before anything is asked for that would come short: "incomplete or empty data and no clear error" (the guide). */
function refuseWrongScope({ connectionId, settings }: LaceworkContext, profile: Profile): void {
  const primary = organizationName(profile, settings);
  const { keyId } = settings;
  if (isOrganization(settings)) {
    if (!profile.orgAccount) {
      throw new UsherError(
        'wrongScope',
        `Connection ${connectionId} is set to read an organization, but account '${homeAccount(settings)}' belongs to none.`,
        { code: 'noOrganization', next: 'Set organization to no.' },
      );
    }
    if (!profile.orgAdmin) {
      throw new UsherError(
        'wrongScope',
        `Connection ${connectionId} uses API key ${keyId} of ${ownerText(profile)}, who is no organization administrator; listing people of the organization '${primary}' needs a key of one.`,
        {
          code: 'accountLevelKey',
          next: `Give a key that an organization administrator has made in the primary account '${primary}' (not of a service user), or set organization to no.`,
          help: 'src/connectors/lacework/README.md#organization-keys',
        },
      );
    }
    return;
  }
  const { subAccount } = settings;
  if (
    subAccount === undefined ||
    profile.accounts.some(({ accountName }) => accountName.toLowerCase() === subAccount)
  ) {
    return;
  }
  const known = profile.accounts.map(({ accountName }) => accountName.toLowerCase()).sort(byCode);
  throw new UsherError(
    'wrongScope',
    `API key ${keyId} of ${ownerText(profile)} does not reach sub-account '${subAccount}'; it reaches ${known.join(', ')}.`,
    {
      code: 'unreachableSubAccount',
      next: 'Give a key of somebody in that sub-account, or correct its name.',
      help: 'src/connectors/lacework/README.md#organization-keys',
    },
  );
}

function ownerText({ username }: Profile): string {
  return username === '' ? 'its owner' : username;
}
