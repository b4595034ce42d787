import { z } from 'zod';
import type { Collection, CollectionEnd, CollectionPage } from '../../connector-kit/connector.ts';
import { watchShape } from '../../connector-kit/drift.ts';
import { isObject } from '../../connector-kit/json.ts';
import { UsherError } from '../../model/errors.ts';
import type { AnyRecord, JsonValue } from '../../model/records.ts';
import type { LaceworkContext, Settings } from './config.ts';
import {
  type ListedRow, readAccount, readAllUsers, SIDE_BY_SIDE, sideBySide, userModels,
} from './directory.ts'; // prettier-ignore
import { grantMaker } from './grants.ts';
import {
  BUILT_IN_GROUPS, byCode, LEGACY_GROUPS, Person, ROLES, toGroup, toSubAccount,
} from './mapping.ts'; // prettier-ignore
import { keyOfRow, type PersonRow, readPerson, type UserModel } from './people.ts';
import { MEMBER_PROPS_SHAPE, MEMBER_SHAPE, USER_SHAPE } from './schemas.ts';
import { createSpill, type SpilledRow } from './spill.ts';
import { learnedIn, reachableSubAccounts, subAccountsOf } from './tenant.ts';

/** Where a pull of people stands: everybody up to this key of this part of the spill has been handed over. */
const checkpointSchema = z.strictObject({ part: z.int().nonnegative(), after: z.string() });
type Checkpoint = z.output<typeof checkpointSchema>;

/**
 * People and service users with all their access: sub-accounts, roles, user groups. A person is in several sub-accounts
 * and is one record, so all lists are read before the first page goes out; pages are by key, and a pull that is resumed
 * reads the lists again (they are few) and goes on after the key it had come to.
 */
export function peopleCollection(pageSize: number): Collection<Settings> {
  return {
    id: 'people',
    title: 'People, service users and their access to sub-accounts',
    yields: ['account', 'role', 'resource', 'group', 'grant'],
    pull: (context, _scope, checkpoint) => pullPeople(context, readCheckpoint(checkpoint), pageSize),
  };
}

async function* pullPeople(
  context: LaceworkContext,
  from: Checkpoint,
  pageSize: number,
): AsyncGenerator<CollectionPage, CollectionEnd, void> {
  const observedAt = context.clock.now().toISOString();
  const watch = shapeWatch(context);
  const spill = createSpill();
  const tags = new Map<string, ListedRow>();
  const keys = new Set<string>();
  await readAllUsers(context, (row) => {
    watch(row);
    const key = keyOfRow(row.model, row.value);
    const tag = `${row.model} ${row.subAccount}`;
    if (!tags.has(tag)) tags.set(tag, row);
    keys.add(key);
    spill.add(key, tag, row.text);
  });
  const total = keys.size;
  keys.clear();
  const read = ({ tag, row }: SpilledRow): PersonRow => {
    const listed = tags.get(tag);
    if (listed === undefined) throw new Error(`There is no list ${tag}.`);
    return readPerson(listed.model, listed.subAccount, listed.custGuid, row);
  };

  const grantsOf = grantMaker();
  let records: AnyRecord[] = from.part === 0 && from.after === '' ? await frame(context, tags) : [];
  let deferred: Person[] = [];
  for (let { part, after } = from; part < spill.parts; part += 1, after = '') {
    for (const person of peopleIn(spill.part(part), read)) {
      if (after !== '' && byCode(person.key, after) <= 0) continue;
      deferred.push(person);
      records.push(...grantsOf(person));
      if (deferred.length < pageSize) continue;
      yield { records, deferred, observedAt, checkpoint: { part, after: person.key }, total };
      records = [];
      deferred = [];
    }
  }
  if (records.length + deferred.length > 0) {
    yield { records, deferred, observedAt, checkpoint: { part: spill.parts, after: '' }, total };
  }
  return { isComplete: true };
}

/** What people have access to: the roles there are, the sub-accounts with the groups each has always, those besides that only a row told of. */
async function frame(context: LaceworkContext, tags: ReadonlyMap<string, ListedRow>): Promise<AnyRecord[]> {
  const models = learnedIn(context).models;
  const accounts = await subAccountsOf(context);
  const told = new Set(accounts.map(({ name }) => name));
  const others = [...tags.values()].filter(({ subAccount }) => !told.has(subAccount));
  return [
    ...ROLES,
    ...accounts.map(({ name, custGuid, isPrimary }) =>
      toSubAccount(name, { custGuid, isPrimary, model: models.get(name) ?? null }),
    ),
    ...others.map(({ subAccount, custGuid, model }) => toSubAccount(subAccount, { custGuid, isPrimary: false, model })),
    ...[...tags.values()].flatMap(({ subAccount, model }) =>
      builtInGroups(model).map(({ guid, name }) => toGroup(subAccount, model, guid, name)),
    ),
  ];
}

function peopleIn(rows: readonly SpilledRow[], read: (row: SpilledRow) => PersonRow): readonly Person[] {
  const byKey = Map.groupBy(rows, ({ key }) => key);
  return [...byKey.keys()].sort(byCode).map((key) => new Person(key, (byKey.get(key) ?? []).map(read)));
}

/** Watches the rows of both models for what is not known of them. */
function shapeWatch(context: LaceworkContext): (row: ListedRow) => void {
  const members = watchShape(context.drift, { operation: 'GET TeamMembers', path: 'data.*' }, MEMBER_SHAPE);
  const props = watchShape(context.drift, { operation: 'GET TeamMembers', path: 'data.*.props' }, MEMBER_PROPS_SHAPE);
  const users = watchShape(context.drift, { operation: 'GET TeamUsers', path: 'data.*' }, USER_SHAPE);
  return ({ model, value }) => {
    if (model === 'rbac') return users.observe(value);
    members.observe(value);
    if (isObject(value['props'])) props.observe(value['props']);
  };
}

function readCheckpoint(checkpoint: JsonValue): Checkpoint {
  if (checkpoint === null) return { part: 0, after: '' };
  const parsed = checkpointSchema.safeParse(checkpoint);
  if (parsed.success) return parsed.data;
  throw new UsherError('stale', 'The checkpoint of this pull is of another version of the connector.', {
    next: 'Start the collection again.',
  });
}

/**
 * The user groups that people made in the console, of all sub-accounts; those there always are come with the people. They
 * cannot be listed: known are those somebody is in, so nothing is concluded from a group that is not among them. Where
 * the people were read a moment before, it asks nothing.
 */
export const groupCollection: Collection<Settings> = {
  id: 'groups',
  title: 'User groups made in the console',
  yields: ['group'],
  dependsOn: ['people'],
  pull: (context) => pullGroups(context),
};

async function* pullGroups(context: LaceworkContext): AsyncGenerator<CollectionPage, CollectionEnd, void> {
  const observedAt = context.clock.now().toISOString();
  const models = await userModels(context);
  const withRbac = (await reachableSubAccounts(context)).filter(({ name }) => models.get(name) === 'rbac');
  const isBuiltIn = new Set(builtInGroups('rbac').map(({ guid }) => guid));
  const records: AnyRecord[] = [];
  await sideBySide(withRbac, SIDE_BY_SIDE, async ({ name }) => {
    const groups = (await groupsOf(context, name, 'rbac')).filter(({ guid }) => !isBuiltIn.has(guid));
    records.push(...groups.map((group) => toGroup(name, 'rbac', group.guid, group.name)));
  });
  yield { records: records.sort((a, b) => byCode(a.key, b.key)), observedAt, checkpoint: null, total: null };
  if (withRbac.length === 0) return { isComplete: true };
  const where = withRbac.length === 1 ? withRbac[0]?.name : `${withRbac.length} sub-accounts with RBAC`;
  return {
    isComplete: false,
    reason: `Lacework cannot list user groups: of those of ${where} only the ones that somebody is in are known.`,
  };
}

/** The groups there are to be seen in an account, by GUID: the built-in ones first. */
export async function groupsOf(
  context: LaceworkContext,
  name: string,
  model: UserModel,
): Promise<readonly { readonly guid: string; readonly name: string }[]> {
  const groups = new Map(builtInGroups(model).map((group) => [group.guid, group]));
  if (model === 'rbac') {
    const { groups: seen } = learnedIn(context);
    const account = (await subAccountsOf(context)).find((each) => each.name === name);
    if (!seen.has(name) && account !== undefined) await readAccount(context, account, () => undefined);
    const others = [...(seen.get(name)?.values() ?? [])].sort((a, b) => byCode(a.guid, b.guid));
    for (const group of others) if (!groups.has(group.guid)) groups.set(group.guid, group);
  }
  return [...groups.values()];
}

/** The groups an account of this model has always. */
function builtInGroups(model: UserModel): readonly { readonly guid: string; readonly name: string }[] {
  const groups = Object.entries(model === 'legacy' ? LEGACY_GROUPS : BUILT_IN_GROUPS);
  return groups.map(([guid, { name }]) => ({ guid, name }));
}

/** The sub-accounts, as scopes of what is read from each by itself. */
export async function scopesOf(context: LaceworkContext): Promise<readonly string[]> {
  return (await reachableSubAccounts(context)).map(({ name }) => name);
}

/** A sub-account that is no longer reached: it was when the pull began. */
export function unknownScope(scope: string): UsherError {
  return new UsherError('wrongScope', `The API key no longer reaches sub-account ${scope}.`, {
    code: 'unreachableSubAccount',
    next: 'Look at the rights of its owner. Nothing there was taken for removed.',
  });
}
