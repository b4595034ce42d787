import { z } from 'zod';
import type { Collection, CollectionEnd, CollectionPage } from '../../connector-kit/connector.ts';
import type { DriftRecorder } from '../../connector-kit/drift.ts';
import { watchShape } from '../../connector-kit/drift.ts';
import { isObject } from '../../connector-kit/json.ts';
import { UsherError } from '../../model/errors.ts';
import type { AnyRecord, JsonValue } from '../../model/records.ts';
import { getRoles, getSources, getUsers, hasTwoFactor } from './client.ts';
import type { InsightVmContext, Settings } from './config.ts';
import { roleOfUser, toAccount, toRole, toRoleGrant, toSource } from './mapping.ts';
import { isGlobalAdministrator, isOwn, keepOwnRights } from './rights.ts';
import { PRIVILEGES, ROLE_SHAPE, SOURCE_SHAPE, USER_ROLE_SHAPE, USER_SHAPE, type User } from './schemas.ts';
import { inParallel, keepReach, ReachGatherer, WIDTH } from './walk.ts';

const checkpointSchema = z.strictObject({
  page: z.int().positive(),
  size: z.int().positive(),
  total: z.int().nonnegative(),
  seen: z.int().nonnegative(),
  /** Whether the own login came by, a Global Administrator. */
  seesAll: z.boolean(),
  /** Roles that came with the first page. */
  roles: z.array(z.string()),
});
type Checkpoint = z.output<typeof checkpointSchema>;

/**
 * Users with their role, the roles and where sign-ins are checked. Paging is by number with no cursor behind it, so a
 * total that changes means that rows may have shifted; and only what a Global Administrator is shown can be all there is.
 */
export function userCollection(pageSize: number): Collection<Settings> {
  return {
    id: 'users',
    title: 'Users, roles and authentication sources',
    yields: ['account', 'role', 'resource', 'grant'],
    pull: (context, _scope, checkpoint) => walkUsers(context, pageSize, readCheckpoint(checkpoint)),
  };
}

async function* walkUsers(
  context: InsightVmContext,
  pageSize: number,
  from: Checkpoint | null,
): AsyncGenerator<CollectionPage, CollectionEnd, void> {
  const observe = userWatcher(context.drift);
  const gatherer = new ReachGatherer(context.clock.now().toISOString());
  const size = from?.size ?? pageSize;
  let { page, total: firstTotal, seen, seesAll } = from ?? { page: 0, total: null, seen: 0, seesAll: false };
  const roles = new Set(from?.roles);
  for (;;) {
    const observedAt = context.clock.now().toISOString();
    const beside = page === 0 ? await readBeside(context) : [];
    for (const record of beside) if (record.kind === 'role') roles.add(record.key);
    const users = await unlessHidden(getUsers(context, { page, size }));
    if (users instanceof UsherError) {
      yield { records: beside, observedAt, checkpoint: null, total: null };
      return { isComplete: false, reason: users.message };
    }
    const { rows, total, isLast } = users;
    const factors = await secondFactors(context, rows);
    for (const user of rows) {
      observe(user);
      gatherer.add(user);
      if (!isOwn(context.settings, user.login)) continue;
      seesAll ||= isGlobalAdministrator(user);
      keepOwnRights(context, { isGlobal: isGlobalAdministrator(user), user });
    }
    const others = rows.filter(({ role }) => !roles.has(role.id) && roles.add(role.id)).map(roleOfUser);
    seen += rows.length;
    page += 1;
    firstTotal ??= total ?? 0;
    yield {
      records: [
        ...beside,
        ...others,
        ...rows.flatMap((user, at): AnyRecord[] => [toAccount(user, factors[at] ?? null), toRoleGrant(user)]),
      ],
      observedAt,
      checkpoint: { page, size, total: firstTotal, seen, seesAll, roles: [...roles] },
      total,
    };
    if (!isLast) continue;
    if (from === null) keepReach(context, gatherer.reach());
    return endOf(context, { total, firstTotal, seen, seesAll });
  }
}

/** Complete only where as many came as there are said to be, by a count that stayed, and nothing is hidden. */
function endOf(
  { settings }: InsightVmContext,
  {
    total,
    firstTotal,
    seen,
    seesAll,
  }: { readonly total: number | null; readonly firstTotal: number; readonly seen: number; readonly seesAll: boolean },
): CollectionEnd {
  if (total !== null && total !== firstTotal) {
    return { isComplete: false, reason: `The number of users changed from ${firstTotal} to ${total} during the pull.` };
  }
  if (seen !== firstTotal) {
    return { isComplete: false, reason: `The console sent ${seen} of ${firstTotal} users and then no more.` };
  }
  if (seesAll) return { isComplete: true };
  return {
    isComplete: false,
    reason: `The login ${settings.user} is not among the users as a Global Administrator: the console may hide others from it.`,
  };
}

/** The page, or why this login may not see it; everything else is thrown. */
async function unlessHidden<T>(reading: Promise<T>): Promise<T | UsherError> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof UsherError && error.kind === 'permission') return error;
    throw error;
  }
}

/** Roles and sources, each in one answer that is never paged. */
async function readBeside(context: InsightVmContext): Promise<AnyRecord[]> {
  const roleShape = watchShape(context.drift, { operation: 'getRoles', path: 'resources.*' }, ROLE_SHAPE);
  const sourceShape = watchShape(
    context.drift,
    { operation: 'getAuthenticationSources', path: 'resources.*' },
    SOURCE_SHAPE,
  );
  const roles = await getRoles(context);
  const sources = await getSources(context);
  for (const role of roles) roleShape.observe(role);
  for (const source of sources) sourceShape.observe(source);
  observePrivileges(
    context.drift,
    'getRoles',
    roles.flatMap(({ privileges }) => privileges),
  );
  return [...roles.map(toRole), ...sources.map(toSource)];
}

/** Of each user whether a second factor is configured; nothing is asked where the settings say so. */
export async function secondFactors(
  context: InsightVmContext,
  users: readonly User[],
): Promise<readonly (boolean | null)[]> {
  if (context.settings.secondFactors === 'skip') return users.map(() => null);
  return inParallel(users, WIDTH, ({ id }) => hasTwoFactor(context, String(id)));
}

function userWatcher(drift: DriftRecorder): (user: User) => void {
  const place = { operation: 'getUsers', path: 'resources.*' };
  const whole = watchShape(drift, place, USER_SHAPE);
  const role = watchShape(drift, { ...place, path: 'resources.*.role' }, USER_ROLE_SHAPE);
  const source = watchShape(drift, { ...place, path: 'resources.*.authentication' }, SOURCE_SHAPE);
  return (user) => {
    whole.observe(user);
    role.observe(user.role);
    if (isObject(user.authentication)) source.observe(user.authentication);
  };
}

/** A privilege outside the published list is kept and told of: consoles have more than the list (a recording has 36). */
function observePrivileges(drift: DriftRecorder, operation: string, privileges: readonly string[]): void {
  const unknown = privileges.find((privilege) => !PRIVILEGES.has(privilege));
  if (unknown === undefined) return;
  drift.record({
    operation,
    path: 'resources.*.privileges',
    problem: 'unknown-value',
    sample: `string(${unknown.length})`,
  });
}

function readCheckpoint(checkpoint: JsonValue): Checkpoint | null {
  if (checkpoint === null) return null;
  const parsed = checkpointSchema.safeParse(checkpoint);
  if (parsed.success) return parsed.data;
  throw new UsherError('stale', 'The checkpoint of this pull is of another version of the connector.', {
    next: 'Start the collection again.',
  });
}
