import type { ObservedSubject, ReadPurpose } from '../../connector-kit/changes.ts';
import { isNewAccount, type Subject } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import type { GrantRecord } from '../../model/records.ts';
import { listIds } from './access.ts';
import { getRoles, getRoleUsers, getUser, getUserAssetGroups, getUserSites } from './client.ts';
import { secondFactors } from './collections.ts';
import type { InsightVmContext, Settings } from './config.ts';
import {
  type Area,
  ASSET_GROUP,
  GLOBAL_ADMIN,
  isAdministering,
  SITE,
  toAccessGrants,
  toAccount,
  toRoleGrant,
  wayToAll,
} from './mapping.ts';
import { assertSeesAbsence } from './rights.ts';
import type { User } from './schemas.ts';
import { inParallel, userPages, WIDTH } from './walk.ts';

/** What `grants` tells all of: the role, which comes with the user, and sites and asset groups, which cost a call each. */
const EVERYTHING = ['role', 'resource'] as const;
const ROLE_ALONE = ['role'] as const;
type Covered = typeof EVERYTHING | typeof ROLE_ALONE;
/** So few are asked for one by one without asking how many users there are. */
const FEW = 3;

/**
 * Reads users as they are now, by the fewest calls: one by one by id, or walking all where that takes fewer; then, where
 * it is looked at, what each may see. An account that is to be made is looked for by its address, newest first. Throws `permission`, code
 * `hidden`, where a 404 does not prove absence.
 */
export async function readSubjects(
  context: InsightVmContext,
  subjects: readonly Subject[],
  _purpose: ReadPurpose,
  looksAt: readonly GrantRecord['targetKind'][] = ['resource'],
): Promise<ReadonlyMap<string, ObservedSubject>> {
  const covered = looksAt.includes('resource') ? EVERYTHING : ROLE_ALONE;
  const accounts = subjects.filter(({ kind }) => kind === 'account');
  const startedAt = context.clock.now().toISOString();
  const users = new Map([
    ...(await usersById(
      context,
      accounts.filter((subject) => !isNewAccount(subject)).map(({ key }) => key),
    )),
    ...(await usersByAddress(context, accounts.filter(isNewAccount))),
  ]);
  const found = [...new Map([...users.values()].map((seen) => [seen.user.id, seen])).values()];
  const observed = new Map(
    (await observe(context, found, covered)).map((each) => [each.account?.key ?? '', each] as const),
  );
  return new Map(
    subjects.map((subject) => {
      const seen = users.get(subject.key);
      const covers = subject.kind === 'account' ? covered : [];
      const nobody = { account: null, grants: [], records: [], observedAt: startedAt, covers };
      return [subject.key, (seen === undefined ? undefined : observed.get(String(seen.user.id))) ?? nobody];
    }),
  );
}

interface Seen {
  readonly user: User;
  /** Taken before the request. */
  readonly observedAt: string;
}

/** Users by their ids; absent where there is none. */
async function usersById(context: InsightVmContext, keys: readonly string[]): Promise<ReadonlyMap<string, Seen>> {
  const found = new Map<string, Seen>();
  const wanted = new Set(keys);
  const missing = (): string[] => [...wanted].filter((key) => !found.has(key));
  if (keys.length > FEW) {
    for await (const { rows, observedAt, pagesLeft } of userPages(context)) {
      for (const user of rows) if (wanted.has(String(user.id))) found.set(String(user.id), { user, observedAt });
      if (pagesLeft >= missing().length) break;
    }
  }
  const absent: string[] = [];
  await inParallel(missing(), WIDTH, async (key) => {
    if (!/^\d{1,15}$/.test(key)) return;
    const observedAt = context.clock.now().toISOString();
    const user = await getUser(context, key);
    if (user === null) absent.push(key);
    else found.set(key, { user, observedAt });
  });
  const [first] = absent;
  if (first !== undefined) await assertSeesAbsence(context, first);
  return found;
}

const made = new WeakMap<Settings, Map<string, string>>();

/** Remembers the id of a user that was just made, so that reading it back takes one call. */
export function rememberMade(context: InsightVmContext, address: string, id: number): void {
  const ids = made.get(context.settings) ?? new Map<string, string>();
  made.set(context.settings, ids.set(fold(address), String(id)));
}

/** Whoever has the address of an account to be made; the console cannot search, so all are walked, newest first. */
async function usersByAddress(
  context: InsightVmContext,
  subjects: readonly Subject[],
): Promise<ReadonlyMap<string, Seen>> {
  const found = new Map<string, Seen>();
  const addressOf = ({ email, key }: Subject): string => fold(email ?? key.slice('new:'.length));
  const isOf = (user: User, subject: Subject): boolean =>
    typeof user.email === 'string' && fold(user.email) === addressOf(subject);
  for (const subject of subjects) {
    const id = made.get(context.settings)?.get(addressOf(subject));
    if (id === undefined) continue;
    const observedAt = context.clock.now().toISOString();
    const user = await getUser(context, id);
    if (user !== null && isOf(user, subject)) found.set(subject.key, { user, observedAt });
  }
  const missing = (): readonly Subject[] => subjects.filter(({ key }) => !found.has(key));
  if (missing().length === 0) return found;
  for await (const { rows, observedAt } of userPages(context, 'id,DESC')) {
    for (const subject of missing()) {
      const user = rows.find((each) => isOf(each, subject));
      if (user !== undefined) found.set(subject.key, { user, observedAt });
    }
    if (missing().length === 0) break;
  }
  return found;
}

/** What the users hold, and the records of it, as a pull maps them. */
async function observe(
  context: InsightVmContext,
  seen: readonly Seen[],
  covers: Covered,
): Promise<readonly ObservedSubject[]> {
  const factors = await secondFactors(
    context,
    seen.map(({ user }) => user),
  );
  const all = {
    [SITE]: lazily(() => listIds(context, SITE)),
    [ASSET_GROUP]: lazily(() => listIds(context, ASSET_GROUP)),
  };
  const grants = await inParallel(seen, WIDTH, async ({ user }) => {
    if (covers === ROLE_ALONE) return [toRoleGrant(user)];
    const sites = await accessOf(context, SITE, user, all[SITE]);
    return [toRoleGrant(user), ...sites, ...(await accessOf(context, ASSET_GROUP, user, all[ASSET_GROUP]))];
  });
  return seen.map(({ user, observedAt }, at) => {
    const account = toAccount(user, factors[at] ?? null);
    const held = grants[at] ?? [];
    return { account, grants: held, records: [account, ...held], observedAt, covers };
  });
}

async function accessOf(
  context: InsightVmContext,
  area: Area,
  user: User,
  all: () => Promise<readonly number[]>,
): Promise<GrantRecord[]> {
  const key = String(user.id);
  const way = wayToAll(area, user);
  if (way !== null) return (await all()).flatMap((id) => toAccessGrants(area, id, [key], way));
  const ids = await (area === SITE ? getUserSites : getUserAssetGroups)(context, key);
  if (ids !== null) return [...new Set(ids)].flatMap((id) => toAccessGrants(area, id, [key], ''));
  throw new UsherError('transient', `User ${key} went away, or was hidden, while it was read.`, {
    code: 'shifted',
    next: 'Nothing was concluded from it. Try again.',
  });
}

function lazily<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | null = null;
  return () => (begun ??= work());
}

/**
 * Ids of those who may administer the console and can sign in: enabled, not locked, with a role that may do everything.
 * One call for the roles, one for each such role, one for each who has it.
 */
export async function readAdministrators(context: InsightVmContext): Promise<readonly string[]> {
  const roles = (await getRoles(context)).filter(isAdministering).map(({ id }) => id);
  const ids = new Set<number>();
  for (const role of new Set([GLOBAL_ADMIN, ...roles])) {
    for (const id of (await getRoleUsers(context, role)) ?? []) ids.add(id);
  }
  const users = await inParallel([...ids], WIDTH, (id) => getUser(context, String(id)));
  return users.flatMap((user) => (user !== null && user.enabled && user.locked !== true ? [String(user.id)] : []));
}
