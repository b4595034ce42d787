import type { ProbeResult } from '../../connector-kit/connector.ts';
import { UsherError } from '../../model/errors.ts';
import type { LaceworkContext } from './config.ts';
import { isOrganization } from './config.ts';
import { isRefusal, neitherModel, userModels } from './directory.ts';
import { byCode } from './mapping.ts';
import type { UserModel } from './people.ts';
import type { Profile } from './schemas.ts';
import {
  clientFor, learnForProbe, getOrganization, organizationName, profileOf, reachableSubAccounts, type SubAccount, subAccountsOf,
  wholeClient,
} from './tenant.ts'; // prettier-ignore

/**
 * Finds out whose key this is, what it reaches and by which user model. Throws `auth` for a key that is refused and
 * `wrongScope` for one that cannot do what the settings ask for. Every sub-account that can be read is a capability, so
 * that one that is lost pauses the connection instead of looking like people leaving.
 */
export async function probe(context: LaceworkContext): Promise<ProbeResult> {
  learnForProbe(context);
  const profile = await profileOf(context);
  const accounts = await reachableSubAccounts(context);
  const [organization, models] = await Promise.all([
    optional(() => getOrganization(wholeClient(context))),
    userModels(context),
  ]);
  const [first] = accounts;
  if (first === undefined) throw nothingReached(context, profile);
  const withRbac = accounts.find(({ name }) => models.get(name) === 'rbac');
  if (withRbac !== undefined) await tryUsers(context, withRbac);
  const has = await tryEach(context, first);
  const capabilities = [
    'users',
    ...Object.entries(has).flatMap(([name, isThere]) => (isThere ? [name] : [])),
    ...(isOrganization(context.settings) ? ['organization', ...accounts.map(({ name }) => `sub_account:${name}`)] : []),
  ].sort(byCode);
  return {
    tenant: tenantOf(context, profile),
    capabilities,
    notes: [
      ownerNote(context, profile, organization?.orgAccount ?? profile.orgAccount),
      ...elsewhereNote(context, accounts),
      ...modelNotes(accounts, models),
      ...(await unreachableNote(context)),
      ...(has.api_keys ? [] : ['API keys cannot be managed over the API here: that is done in the console.']),
      ...(has.events ? [] : ['The audit log cannot be read with this key.']),
    ],
  };
}

function tenantOf({ settings }: LaceworkContext, profile: Profile): ProbeResult['tenant'] {
  if (isOrganization(settings)) {
    const name = organizationName(profile, settings);
    return { id: name, name: `Lacework organization ${name}` };
  }
  const name = settings.subAccount ?? settings.account;
  return { id: name, name: `Lacework account ${name}` };
}

/**
 * That members are refused may also mean that the owner has no rights: then users are refused as well, and so is this
 * key. Only the beginning of the list is read.
 */
async function tryUsers(context: LaceworkContext, account: SubAccount): Promise<void> {
  try {
    for await (const _ of clientFor(context, account).rows({ method: 'GET', path: 'TeamUsers' }, 1)) return;
  } catch (error) {
    throw isRefusal(error) ? neitherModel(context.settings.keyId, account.name, [error]) : error;
  }
}

/** What beside users this key can read, in the account that stands for the others. */
async function tryEach(
  context: LaceworkContext,
  account: SubAccount,
): Promise<Readonly<Record<'agent_tokens' | 'api_keys' | 'events' | 'resource_groups', boolean>>> {
  const client = clientFor(context, account);
  const canRead = (path: string): Promise<boolean> => isGranted(() => client.list({ method: 'GET', path }));
  const [agentTokens, apiKeys, resourceGroups, events] = await Promise.all([
    canRead('AgentAccessTokens'),
    canRead('ApiKeys'),
    canRead('ResourceGroups'),
    isGranted(() => tryAuditLog(context)),
  ]);
  return { agent_tokens: agentTokens, api_keys: apiKeys, events, resource_groups: resourceGroups };
}

/** The smallest window: the last minute. */
async function tryAuditLog(context: LaceworkContext): Promise<unknown> {
  const now = context.clock.now().getTime();
  const startTime = new Date(now - 60_000).toISOString();
  const query = { startTime, endTime: new Date(now).toISOString() };
  return wholeClient(context).list({ method: 'GET', path: 'AuditLogs', query, isEmptyOn404: true });
}

async function isGranted(attempt: () => Promise<unknown>): Promise<boolean> {
  return (
    (await optional(async () => {
      await attempt();
      return true;
    })) === true
  );
}

/** null where the app refuses it; anything else that goes wrong is thrown, since it tells nothing about rights. */
async function optional<Value>(attempt: () => Promise<Value>): Promise<Value | null> {
  try {
    return await attempt();
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

function ownerNote({ settings }: LaceworkContext, profile: Profile, hasOrganization: boolean): string {
  const who = profile.username === '' ? 'somebody the app does not name' : profile.username;
  if (isOrganization(settings)) {
    return `The key is of ${who}, an administrator of the organization ${organizationName(profile, settings)}.`;
  }
  const level = profile.orgAdmin
    ? 'an organization administrator: with organization yes, all sub-accounts could be read'
    : hasOrganization
      ? 'who is no organization administrator: this is one account of the organization'
      : 'in an account without organization';
  return `The key is of ${who}, ${level}.`;
}

/** Where another address is set, the account named in the settings may not be the one that answers there. */
function elsewhereNote({ settings }: LaceworkContext, accounts: readonly SubAccount[]): readonly string[] {
  const [name = ''] = settings.account.split('.');
  if (settings.baseUrl === undefined || !isOrganization(settings) || accounts.some((account) => account.name === name))
    return [];
  const told = accounts
    .slice(0, 5)
    .map((account) => account.name)
    .join(', ');
  return [`The settings say account ${name}, and the address answers for ${told}: is that right?`]; // prettier-ignore
}

/** Which user model is in force where; a list where they are few, counts where they are many. */
function modelNotes(accounts: readonly SubAccount[], models: ReadonlyMap<string, UserModel>): readonly string[] {
  const by = (model: UserModel): readonly string[] =>
    accounts.filter(({ name }) => models.get(name) === model).map(({ name }) => name);
  const told = (names: readonly string[]): string =>
    names.length <= 5 ? names.join(', ') : `${names.length} sub-accounts (${names.slice(0, 3).join(', ')} …)`;
  const [legacy, rbac] = [by('legacy'), by('rbac')];
  if (rbac.length === 0) return [`Users are kept in the older model (TeamMembers): ${told(legacy)}.`];
  if (legacy.length === 0) return [`RBAC is on (TeamUsers, user groups): ${told(rbac)}.`];
  return [`RBAC is on (TeamUsers, user groups) in ${told(rbac)}; the older model (TeamMembers) in ${told(legacy)}.`];
}

async function unreachableNote(context: LaceworkContext): Promise<readonly string[]> {
  if (!isOrganization(context.settings)) return [];
  const closed = (await subAccountsOf(context)).filter(({ isReachable }) => !isReachable).map(({ name }) => name);
  if (closed.length === 0) return [];
  return [
    `The owner of the key is disabled in ${closed.join(', ')}: what is asked of sub-accounts by name is not read there.`,
  ];
}

function nothingReached({ settings }: LaceworkContext, profile: Profile): UsherError {
  return new UsherError(
    'wrongScope',
    `API key ${settings.keyId} of ${profile.username} reaches no account that its owner is enabled in.`,
    { code: 'nothingReached', next: 'Enable its owner, or give a key of somebody else.' },
  );
}
