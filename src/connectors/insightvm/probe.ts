import type { ProbeResult } from '../../connector-kit/connector.ts';
import { UsherError } from '../../model/errors.ts';
import { getAssetGroups, getHome, getInfo, getRoles, getSites, getSources, getUsers } from './client.ts';
import type { InsightVmContext, InsightVmSettings } from './config.ts';
import { keepOwnRights, isGlobalAdministrator, ownRights } from './rights.ts';
import { PRIVILEGES } from './schemas.ts';

/** How a console is told from others: the API has no name for it. */
export function consoleId({ baseUrl }: Pick<InsightVmSettings, 'baseUrl'>): string {
  return new URL(baseUrl).host;
}

/** `InsightVM console console.example:3780` */
export function consoleName(settings: Pick<InsightVmSettings, 'baseUrl'>): string {
  return `InsightVM console ${consoleId(settings)}`;
}

/**
 * The cheapest call there is; fails with `auth` for a bad login, and says so where the password looks like a key of the
 * cloud, whose connector is another.
 */
export async function checkCredentials(context: InsightVmContext): Promise<void> {
  try {
    await getHome(context);
  } catch (error) {
    const isBad = error instanceof UsherError && error.kind === 'auth';
    if (isBad && CLOUD_KEY.test(context.settings.password)) throw cloudKey();
    throw error;
  }
}

/** Keys of the cloud look like UUIDs. So may a password: it is told of only where the console refused it. */
const CLOUD_KEY = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Finds out whether the login is good and what it may see. Each capability is tried: a refusal, which may look like 404,
 * means that it is not there; anything else that goes wrong is thrown, since it tells nothing about rights.
 */
export async function probe(context: InsightVmContext): Promise<ProbeResult> {
  await checkCredentials(context);
  const { settings } = context;
  const smallest = { page: 0, size: 1 };
  const users = await granted(() => getUsers(context, smallest));
  const roles = await granted(() => getRoles(context));
  const sources = await granted(() => getSources(context));
  const sites = await granted(() => getSites(context, smallest));
  const groups = await granted(() => getAssetGroups(context, smallest));
  const own = users === null ? { isGlobal: false, user: null } : await ownRights(context);
  keepOwnRights(context, own);
  const info = await getInfo(context);
  const isGlobal = own.user !== null && isGlobalAdministrator(own.user);
  const capabilities = [
    ...(groups === null ? [] : ['asset_groups']),
    ...(sources === null ? [] : ['authentication_sources']),
    ...(isGlobal ? ['global_administrator'] : []),
    ...(roles === null ? [] : ['roles']),
    ...(sites === null ? [] : ['sites']),
    ...(users === null ? [] : ['users']),
  ];
  const version = info?.version?.semantic ?? null;
  const unknown = (roles ?? [])
    .flatMap(({ privileges }) => privileges)
    .filter((privilege) => !PRIVILEGES.has(privilege));
  return {
    // Its serial where it tells: a console that moves to another address stays the same.
    tenant: { id: info?.serial || consoleId(settings), name: consoleName(settings) },
    capabilities,
    notes: [
      ...(version === null ? [] : [`The console is of version ${version}.`]),
      isGlobal
        ? `Signed in as ${own.user?.login ?? settings.user} (id ${own.user?.id}), a Global Administrator.`
        : `The login ${settings.user} is no Global Administrator: the console hides users from it, and ${seen(sites?.total, 'site')} and ${seen(groups?.total, 'asset group')} are all it shows.`,
      ...(users === null ? [] : [`It shows ${seen(users.total, 'user')}.`]),
      ...(unknown.length === 0
        ? []
        : [
            `It has privileges that the published API does not know, kept as they are: ${[...new Set(unknown)].join(', ')}.`,
          ]),
    ],
  };
}

function seen(total: number | null | undefined, what: string): string {
  if (total === null || total === undefined) return `no ${what}s`;
  return `${total} ${what}${total === 1 ? '' : 's'}`;
}

/** null where it is refused or hidden. */
async function granted<T>(attempt: () => Promise<T>): Promise<T | null> {
  try {
    return await attempt();
  } catch (thrown) {
    if (thrown instanceof UsherError && ['permission', 'notFound', 'unsupported'].includes(thrown.kind)) return null;
    throw thrown;
  }
}

function cloudKey(): UsherError {
  return new UsherError(
    'auth',
    'The console refused the password, and it looks like an API key of the Insight Platform, the cloud.',
    {
      code: 'wrongSurface',
      next: 'For the cloud use the connector insight-platform. Here go user name and password of a login of the console.',
    },
  );
}
