import { UsherError } from '../../model/errors.ts';
import type { AnyRecord } from '../../model/records.ts';
import { groupsOf } from './collections.ts';
import type { LaceworkContext } from './config.ts';
import { findPerson, readAllUsers, sideBySide, SIDE_BY_SIDE, userModels } from './directory.ts';
import { grantMaker } from './grants.ts';
import { byCode, Person, ROLES, toGroup, toSubAccount } from './mapping.ts';
import { keyOfRow, personKey, readPerson } from './people.ts';
import { createSpill, type Spill } from './spill.ts';
import { learnedIn, reachableSubAccounts, type SubAccount, subAccountsOf } from './tenant.ts';

/** Everybody, read now, put away small. Keys are sorted. */
export interface Everybody {
  readonly keys: readonly string[];
  person(key: string): Person | null;
  /** In the order of the keys, those after `after`, at most so many. */
  page(after: string, limit: number): readonly Person[];
}

/** Reads all users of all accounts. The lists have no pages, so that a page of people costs as much as all of them. */
export async function readEverybody(context: LaceworkContext): Promise<Everybody> {
  const spill = createSpill();
  const tags = new Map<string, { readonly read: (row: Readonly<Record<string, unknown>>) => Person['rows'][number] }>();
  const parts = new Map<string, number>();
  await readAllUsers(context, ({ model, subAccount, custGuid, text, value }) => {
    const key = keyOfRow(model, value);
    const tag = `${model} ${subAccount}`;
    if (!tags.has(tag)) tags.set(tag, { read: (row) => readPerson(model, subAccount, custGuid, row) });
    parts.set(key, spill.add(key, tag, text));
  });
  const read = peopleOfPart(spill, tags);
  const keys = [...parts.keys()].sort(byCode);
  const person = (key: string): Person | null => {
    const part = parts.get(key);
    return part === undefined ? null : (read(part).get(key) ?? null);
  };
  return {
    keys,
    person,
    page(after, limit) {
      const from = after === '' ? 0 : keys.findIndex((key) => byCode(key, after) > 0);
      if (from < 0) return [];
      return keys.slice(from, from + limit).flatMap((key) => person(key) ?? []);
    },
  };
}

/** The people of a part; the parts read last are kept, as a page takes from all of them. */
function peopleOfPart(
  spill: Spill,
  tags: ReadonlyMap<string, { readonly read: (row: Readonly<Record<string, unknown>>) => Person['rows'][number] }>,
): (part: number) => ReadonlyMap<string, Person> {
  const known = new Map<number, ReadonlyMap<string, Person>>();
  return (part) => {
    const present = known.get(part);
    if (present !== undefined) return present;
    const rows = Map.groupBy(spill.part(part), ({ key }) => key);
    const people = new Map<string, Person>();
    for (const [key, own] of rows) {
      const read = own.flatMap(({ tag, row }) => tags.get(tag)?.read(row) ?? []);
      people.set(key, new Person(key, read));
    }
    known.set(part, people);
    return people;
  };
}

/** One person by address, or service user by GUID; null where there is none. */
export async function readOne(context: LaceworkContext, reference: string): Promise<Person | null> {
  if (reference.includes('@')) {
    const rows = await findPerson(context, reference);
    return rows.length === 0 ? null : new Person(personKey(reference), rows);
  }
  const everybody = await readEverybody(context);
  return everybody.person(reference) ?? null;
}

/** One person by address, or service user by GUID. Throws `notFound`. */
export async function mustReadOne(context: LaceworkContext, reference: string): Promise<Person> {
  const person = await readOne(context, reference);
  if (person !== null) return person;
  throw new UsherError('notFound', `Lacework has no user ${reference} in the accounts of this connection.`, {
    next: 'Give an address, or the GUID of a service user: see lacework_list_users.',
  });
}

/** Accounts with their grants and what these are for. */
export async function withGrants(context: LaceworkContext, people: readonly Person[]): Promise<readonly AnyRecord[]> {
  const grantsOf = grantMaker();
  const grants = people.flatMap((person) => grantsOf(person));
  const targets = new Set(grants.map(({ targetKind, targetKey }) => `${targetKind} ${targetKey}`));
  const groups = people.flatMap(({ rows }) =>
    rows.flatMap((row) =>
      row.model === 'legacy'
        ? ['ACCOUNT_ADMIN', 'ACCOUNT_USER'].map((guid) => toGroup(row.subAccount, 'legacy', guid, guid))
        : row.groups.map(({ guid, name }) => toGroup(row.subAccount, 'rbac', guid, name)),
    ),
  );
  const around = [...ROLES, ...groups, ...(await subAccountRecords(context))];
  const wanted = new Map(around.map((record) => [`${record.kind} ${record.key}`, record]));
  return [
    ...people.map((person) => person.map()),
    ...[...wanted].flatMap(([id, record]) => (targets.has(id) ? [record] : [])),
    ...grants,
  ];
}

/** The sub-accounts as resources; the user model only where it is known already. */
export async function subAccountRecords(context: LaceworkContext): Promise<readonly AnyRecord[]> {
  const { models } = learnedIn(context);
  return (await subAccountsOf(context)).map(({ name, custGuid, isPrimary }) =>
    toSubAccount(name, { custGuid, isPrimary, model: models.get(name) ?? null }),
  );
}

/** All groups that can be seen, of all sub-accounts. */
export async function readGroups(context: LaceworkContext): Promise<readonly (AnyRecord & { kind: 'group' })[]> {
  const models = await userModels(context);
  const accounts = await reachableSubAccounts(context);
  const byAccount = new Map<string, readonly (AnyRecord & { kind: 'group' })[]>();
  await sideBySide(accounts, SIDE_BY_SIDE, async ({ name }) => {
    const model = models.get(name) ?? 'legacy';
    const groups = await groupsOf(context, name, model);
    byAccount.set(
      name,
      groups.map((group) => toGroup(name, model, group.guid, group.name)),
    );
  });
  return accounts.flatMap(({ name }) => byAccount.get(name) ?? []);
}

/** The sub-accounts an action is about: the one it names, or all. Throws `invalidInput` for one that is not reached. */
export async function accountsAskedFor(
  context: LaceworkContext,
  name: string | undefined,
): Promise<readonly SubAccount[]> {
  const accounts = await reachableSubAccounts(context);
  if (name === undefined) return accounts;
  const found = accounts.filter((account) => account.name === name.trim().toLowerCase());
  if (found.length > 0) return found;
  throw new UsherError('invalidInput', `This connection has no sub-account ${name}.`, {
    field: 'sub_account',
    next: `There are: ${accounts.map((account) => account.name).join(', ')}.`,
  });
}
