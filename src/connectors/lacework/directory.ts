import { isObject } from '../../connector-kit/json.ts';
import { UsherError } from '../../model/errors.ts';
import { clientOf, type LaceworkCall, type LaceworkClient, type Row } from './client.ts';
import { isOrganization, type LaceworkContext } from './config.ts';
import { type GroupRef, type PersonRow, readPerson, type UserModel } from './people.ts';
import { clientFor, learnedIn, profileOf, reachableSubAccounts, type SubAccount, subAccountsOf } from './tenant.ts';

/** One row of a list of users, and whose it is. */
export interface ListedRow {
  readonly subAccount: string;
  readonly custGuid: string;
  readonly model: UserModel;
  readonly text: string;
  readonly value: Row;
}

export type TakeRow = (row: ListedRow) => void;

const LISTS: Readonly<Record<UserModel, LaceworkCall>> = {
  legacy: { method: 'GET', path: 'TeamMembers' },
  rbac: { method: 'GET', path: 'TeamUsers' },
};
/** Sub-accounts read at the same time. */
export const SIDE_BY_SIDE = 4;

/**
 * Reads all users of all accounts of a connection by the fewest calls and hands every row to `take`, in no order. In an
 * organization one list has the rows of all accounts with the older model; accounts that are not in it have RBAC and are
 * asked one by one, side by side. Throws where an account cannot be read whole, never ends short.
 */
export async function readAllUsers(context: LaceworkContext, take: TakeRow): Promise<void> {
  const learned = learnedIn(context);
  const all = await subAccountsOf(context);
  const listed = isOrganization(context.settings) ? await readOrganization(context, all, take) : new Set<string>();
  for (const name of listed) learned.models.set(name, 'legacy');
  const others = (await reachableSubAccounts(context)).filter(({ name }) => !listed.has(name));
  await sideBySide(others, SIDE_BY_SIDE, (account) => readAccount(context, account, take));
}

/**
 * Reads all users of one account, by the model it has: where that is not known, both are tried. Throws `permission` where
 * both are refused, `wrongScope` where there is nobody: the owner of the key at least must be.
 */
export async function readAccount(context: LaceworkContext, account: SubAccount, take: TakeRow): Promise<void> {
  const learned = learnedIn(context);
  const known = learned.models.get(account.name);
  // An organization's list has told who has the older model; without one, that is the more likely.
  const first = known ?? (isOrganization(context.settings) ? 'rbac' : 'legacy');
  const refusals: UsherError[] = [];
  for (const model of first === 'rbac' ? (['rbac', 'legacy'] as const) : (['legacy', 'rbac'] as const)) {
    const groups = new Map<string, GroupRef>();
    let count = 0;
    try {
      for await (const batch of clientFor(context, account).rows(LISTS[model])) {
        count += batch.length;
        for (const row of batch) {
          noteGroups(groups, row.value);
          take({ subAccount: account.name, custGuid: account.custGuid, model, ...row });
        }
      }
    } catch (error) {
      if (!isRefusal(error) || count > 0) throw error;
      refusals.push(error);
      continue;
    }
    if (count === 0) throw nobodyThere(account.name, LISTS[model].path);
    learned.models.set(account.name, model);
    if (model === 'rbac') learned.groups.set(account.name, groups);
    return;
  }
  throw neitherModel(context.settings.keyId, account.name, refusals);
}

/** The rows of a person in all accounts, by address; none where there is no such person. */
export async function findPerson(context: LaceworkContext, email: string): Promise<readonly PersonRow[]> {
  const models = await userModels(context);
  const all = await subAccountsOf(context);
  const found: PersonRow[] = [];
  const wanted = email.trim().toLowerCase();
  const legacy = all.filter(({ name }) => models.get(name) === 'legacy');
  const searches = isOrganization(context.settings) && !learnedIn(context).isListRefused
    ? legacy.length === 0 ? [] : [clientOf(context).withOrganization()]
    : legacy.map((account) => clientFor(context, account)); // prettier-ignore
  await sideBySide(searches, SIDE_BY_SIDE, async (client) => {
    const rows = await searchMembers(client, email);
    for (const row of rows) found.push(readPerson('legacy', accountOfRow(all, row, legacy), '', row));
  });
  const rbac = all.filter(({ name, isReachable }) => models.get(name) === 'rbac' && isReachable);
  await sideBySide(rbac, SIDE_BY_SIDE, async (account) => {
    for await (const batch of clientFor(context, account).rows(LISTS.rbac)) {
      for (const { value } of batch) {
        const address = value['email'];
        if (typeof address !== 'string' || address.trim().toLowerCase() !== wanted) continue;
        found.push(readPerson('rbac', account.name, account.custGuid, value));
      }
    }
  });
  return found;
}

/** The members with exactly this address, in one account or in all of the organization's. */
export async function searchMembers(client: LaceworkClient, email: string): Promise<readonly Row[]> {
  return client.list({
    method: 'POST',
    path: 'TeamMembers/search',
    json: { filters: [{ field: 'userName', expression: 'eq', value: email }] },
  });
}

/**
 * Which model each account of a connection has, by small calls: in an organization a search for the key's owner, an
 * administrator of every account, shows those with the older model. Learned once in an opening.
 */
export async function userModels(context: LaceworkContext): Promise<ReadonlyMap<string, UserModel>> {
  const { models, ...learned } = learnedIn(context);
  const all = await reachableSubAccounts(context);
  const isKnown = ({ name }: SubAccount): boolean => models.has(name);
  if (all.every(isKnown)) return models;
  const { username } = await profileOf(context);
  if (isOrganization(context.settings) && username !== '' && !learned.isListRefused) {
    try {
      const rows = await searchMembers(clientOf(context).withOrganization(), username);
      for (const { name, custGuid } of all) {
        if (rows.some((row) => row['custGuid'] === custGuid)) models.set(name, 'legacy');
      }
      // An organization administrator is in every account: where the search works, those it does not show have RBAC.
      if (rows.length > 0) for (const account of all) if (!isKnown(account)) models.set(account.name, 'rbac');
    } catch (error) {
      if (!isRefusal(error)) throw error;
      learnedIn(context).isListRefused = true;
    }
  }
  await sideBySide(
    all.filter((account) => !isKnown(account)),
    SIDE_BY_SIDE,
    async (account) => void models.set(account.name, await modelOf(context, account, username)),
  );
  return models;
}

/** Whether an account's list of members answers; a refusal means that it has the other model. */
async function modelOf(context: LaceworkContext, account: SubAccount, username: string): Promise<UserModel> {
  try {
    await searchMembers(clientFor(context, account), username === '' ? 'nobody@usher.example' : username);
    return 'legacy';
  } catch (error) {
    if (isRefusal(error)) return 'rbac';
    throw error;
  }
}

/** Reads the organization's list; the names of the accounts that were in it. Empty where it is refused or tells nothing. */
async function readOrganization(
  context: LaceworkContext,
  all: readonly SubAccount[],
  take: TakeRow,
): Promise<ReadonlySet<string>> {
  const listed = new Set<string>();
  if (learnedIn(context).isListRefused) return listed;
  const byGuid = new Map(all.map((account) => [account.custGuid, account.name]));
  try {
    for await (const batch of clientOf(context).withOrganization().rows(LISTS.legacy)) {
      for (const row of batch) {
        const custGuid = row.value['custGuid'];
        // The rows of a person differ by this alone: without it they belong to no account.
        if (typeof custGuid !== 'string' || custGuid === '') throw unplaced();
        const subAccount = byGuid.get(custGuid) ?? custGuid.toLowerCase();
        listed.add(subAccount);
        take({ subAccount, custGuid, model: 'legacy', ...row });
      }
    }
  } catch (error) {
    if (!isRefusal(error) || listed.size > 0) throw error;
    learnedIn(context).isListRefused = true;
  }
  return listed;
}

/** The name of the account of a row that a search found; of the only one there is where it does not tell. */
function accountOfRow(all: readonly SubAccount[], row: Row, legacy: readonly SubAccount[]): string {
  const { custGuid } = row;
  const known = all.find((account) => account.custGuid !== '' && account.custGuid === custGuid);
  const only = legacy.length === 1 ? legacy[0] : undefined;
  if (known !== undefined) return known.name;
  if (only !== undefined) return only.name;
  if (typeof custGuid === 'string' && custGuid !== '') return custGuid.toLowerCase();
  throw unplaced();
}

function noteGroups(groups: Map<string, GroupRef>, row: Row): void {
  const { userGroups } = row;
  if (!Array.isArray(userGroups)) return;
  for (const group of userGroups) {
    if (!isObject(group)) continue;
    const { userGroupGuid: guid, userGroupName: name } = group;
    if (typeof guid === 'string' && guid !== '' && !groups.has(guid)) {
      groups.set(guid, { guid, name: typeof name === 'string' && name !== '' ? name : guid });
    }
  }
}

/** Whether the app said that this is not to be had: by right, by model, or by having no such address. */
export function isRefusal(error: unknown): error is UsherError {
  return error instanceof UsherError && ['permission', 'unsupported', 'notFound'].includes(error.kind);
}

/** Does the work for all items, some at a time; the first failure is thrown when nothing is under way any more. */
export async function sideBySide<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      if (failures.length > 0) return;
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}

function nobodyThere(name: string, list: string): UsherError {
  return new UsherError(
    'wrongScope',
    `Lacework listed nobody at all in sub-account ${name} (${list}), though the owner of the key at least is there: the key's scope seems wrong.`,
    {
      code: 'suspectedScopeMismatch',
      next: 'Nobody was taken for removed. Use a key that an organization administrator has made in the primary account, or set organization to no.',
      help: 'src/connectors/lacework/README.md#organization-keys',
    },
  );
}

/** The key may read users by neither model: a matter of its owner's rights. */
export function neitherModel(keyId: string, name: string, refusals: readonly UsherError[]): UsherError {
  const said = refusals.map(({ message }) => message).join(' ');
  return new UsherError(
    'permission',
    `API key ${keyId} may list the users of sub-account ${name} neither as TeamMembers nor as TeamUsers. ${said}`,
    {
      code: 'usersRefused',
      next: 'The owner of the key must be administrator there. Nobody was taken for removed.',
    },
  );
}

function unplaced(): UsherError {
  return new UsherError('upstreamBug', 'Lacework sent a user of the organization in TeamMembers without custGuid.', {
    code: 'unexpectedShape',
    next: 'Nothing was concluded from this answer: nobody can say to which sub-account the row belongs. Report it.',
  });
}
