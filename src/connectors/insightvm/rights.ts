import { UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import { getRoleUsers, getUser } from './client.ts';
import type { InsightVmContext, Settings } from './config.ts';
import { GLOBAL_ADMIN } from './mapping.ts';
import type { User } from './schemas.ts';

/** Global administrators are few: a longer list is not looked through. */
const MOST = 200;

/** What is known of the login that Usher uses. */
export interface OwnRights {
  /** Whether the console shows it everything: then what it does not show is not there. */
  readonly isGlobal: boolean;
  /** null where it could not be found: the API has no call for who is asking. */
  readonly user: User | null;
}

const known = new WeakMap<Settings, OwnRights>();

/** The rights of the login as they were found out for this opened connection, or are now. */
export async function ownRights(context: InsightVmContext): Promise<OwnRights> {
  const found = known.get(context.settings) ?? (await findOwnRights(context));
  known.set(context.settings, found);
  return found;
}

/** Keeps what a walk over all users has shown. */
export function keepOwnRights(context: InsightVmContext, rights: OwnRights): void {
  known.set(context.settings, rights);
}

/** Whether a user is the one that Usher signs in as. The console's logins know no letter case to tell them apart. */
export function isOwn(settings: Pick<Settings, 'user'>, login: string | null): boolean {
  return login !== null && fold(login) === fold(settings.user);
}

/** Whether this user sees and may do everything. */
export function isGlobalAdministrator({ role }: Pick<User, 'role'>): boolean {
  return role.superuser === true || role.id === GLOBAL_ADMIN;
}

/**
 * Throws where a 404 on a user says nothing: the console hides users from all but Global Administrators, so absence is
 * believed only of one who is that at this moment.
 */
export async function assertSeesAbsence(context: InsightVmContext, id: string): Promise<void> {
  const { user } = await findOwnRights(context);
  if (user !== null) return;
  throw new UsherError(
    'permission',
    `The console answered 404 for user ${id}, which to the login ${context.settings.user} may mean gone or hidden: it is no Global Administrator.`,
    {
      code: 'hidden',
      next: 'Give that login the role Global Administrator. Nothing was concluded from it: what is hidden is not gone.',
    },
  );
}

/** Looks for the own login among the Global Administrators: two calls where there are few, and refused to all others. */
async function findOwnRights(context: InsightVmContext): Promise<OwnRights> {
  const { settings } = context;
  const before = known.get(settings)?.user;
  const ids = await idsOfAdministrators(context);
  if (before && ids.includes(before.id)) return { isGlobal: true, user: before };
  for (const id of ids.slice(0, MOST)) {
    const user = await getUser(context, String(id));
    if (user !== null && isOwn(settings, user.login)) return { isGlobal: isGlobalAdministrator(user), user };
  }
  return { isGlobal: false, user: null };
}

async function idsOfAdministrators(context: InsightVmContext): Promise<readonly number[]> {
  try {
    return (await getRoleUsers(context, GLOBAL_ADMIN)) ?? [];
  } catch (error) {
    if (error instanceof UsherError && error.kind === 'permission') return [];
    throw error;
  }
}
