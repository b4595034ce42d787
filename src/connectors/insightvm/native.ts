import { z } from 'zod';
import { type Area, SITE, toAccount, wayToAll } from './mapping.ts';
import type { User } from './schemas.ts';

/** A user in the console's own words; what it does not tell is null. */
export const userSchema = z.object({
  id: z.int(),
  login: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  enabled: z.boolean(),
  locked: z.boolean().nullable(),
  role: z.object({
    id: z.string(),
    name: z.string().nullable(),
    superuser: z.boolean(),
    privileges: z.array(z.string()),
  }),
  all_sites: z.boolean(),
  all_asset_groups: z.boolean(),
  authentication: z
    .object({ id: z.int().nullable(), type: z.string(), name: z.string().nullable(), external: z.boolean() })
    .nullable(),
  locale: z.object({ default: z.string().nullable(), reports: z.string().nullable() }).nullable(),
});

/** Shows a user as `insightvm_list_users` answers it. */
export function showUser(user: User): z.input<typeof userSchema> {
  const { email, displayName, isLocked, extra } = toAccount(user, null);
  const { authentication, locale } = user;
  return {
    id: user.id,
    login: user.login,
    name: displayName,
    email,
    enabled: user.enabled,
    locked: isLocked,
    role: {
      id: user.role.id,
      name: user.role.name ?? null,
      superuser: extra['superuser'] === true,
      privileges: [...(user.role.privileges ?? [])].sort(),
    },
    all_sites: extra['allSites'] === true,
    all_asset_groups: extra['allAssetGroups'] === true,
    authentication:
      authentication === null || authentication === undefined
        ? null
        : {
            id: authentication.id ?? null,
            type: authentication.type,
            name: authentication.name ?? null,
            external: authentication.external ?? false,
          },
    locale:
      locale === null || locale === undefined
        ? null
        : { default: locale.default ?? null, reports: locale.reports ?? null },
  };
}

/** In words why a user sees all of an area; null: only what is granted. */
export function reasonForAll(area: Area, user: User): string | null {
  const way = wayToAll(area, user);
  if (way === null) return null;
  return way.startsWith('role:') ? `its role ${user.role.name ?? user.role.id}` : `the flag for all ${nameOf(area)}s`;
}

/** `site`, `asset group` */
export function nameOf(area: Area): string {
  return area === SITE ? 'site' : 'asset group';
}
