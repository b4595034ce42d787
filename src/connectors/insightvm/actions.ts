import { z } from 'zod';
import type { ReadAction } from '../../connector-kit/connector.ts';
import { readAction } from '../../connector-kit/define.ts';
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import {
  getAssetGroups, getPrivileges, getRoles, getSites, getSources, getUserAssetGroups, getUsers, getUserSites, hasTwoFactor,
  MAX_PAGE_SIZE, type Page, type PageQuery,
} from './client.ts'; // prettier-ignore
import type { InsightVmContext, Settings } from './config.ts';
import { findUser } from './find.ts';
import { type Area, ASSET_GROUP, isLocalType, SITE } from './mapping.ts';
import { reasonForAll, showUser, userSchema } from './native.ts';
import type { AssetGroup, Site, User } from './schemas.ts';

const user = z.string().trim().min(1).max(255).meta({
  description: 'Id, login or e-mail address of the user; the console can look up ids only, the others by listing all',
});
const paging = {
  page_size: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(100).meta({ description: 'Rows a page' }),
  next: z.string().optional().meta({ description: 'The `next` of the page before' }),
};

const listUsers = readAction({
  id: 'insightvm_list_users',
  title: 'List users',
  description: 'Lists the users of the console with role, flags and where they sign in, in the order of their ids.',
  input: z.strictObject(paging),
  output: z.array(userSchema),
  run: (context: InsightVmContext, input) =>
    onePage('insightvm_list_users', input, (query) => getUsers(context, query), showUser),
});

const getUserAction = readAction({
  id: 'insightvm_get_user',
  title: 'Get a user',
  description: 'Gets one user by id, login or e-mail address.',
  input: z.strictObject({ user }),
  output: userSchema,
  run: async (context: InsightVmContext, input) => ({ data: showUser(await theUser(context, input.user)) }),
});

const held = z.object({
  user: z.int(),
  all_sites: z.boolean().meta({ description: 'Sees every site, whatever is granted' }),
  sites: z.array(z.int()).meta({ description: 'Ids of the sites granted to this very user; empty with all_sites' }),
  all_asset_groups: z.boolean().meta({ description: 'Sees every asset group, whatever is granted' }),
  asset_groups: z.array(z.int()).meta({ description: 'Ids of the asset groups granted; empty with all_asset_groups' }),
  reason: z.string().nullable().meta({ description: 'Why it sees all, if so' }),
});

const listSiteAccess = readAction({
  id: 'insightvm_list_site_access',
  title: 'List the sites and asset groups of a user',
  description:
    'Lists what one user may see: everything, through its role or a flag, or the sites and asset groups granted.',
  input: z.strictObject({ user }),
  output: held,
  async run(context: InsightVmContext, input) {
    const found = await theUser(context, input.user);
    const ofArea = async (area: Area): Promise<{ readonly ids: number[]; readonly reason: string | null }> => {
      const reason = reasonForAll(area, found);
      // With all of them, the console's list is empty or means nothing.
      if (reason !== null) return { ids: [], reason };
      const read = area === SITE ? getUserSites : getUserAssetGroups;
      const ids = await read(context, String(found.id));
      return { ids: [...(ids ?? [])].sort((one, two) => one - two), reason };
    };
    const [sites, groups] = [await ofArea(SITE), await ofArea(ASSET_GROUP)];
    return {
      data: {
        user: found.id, all_sites: sites.reason !== null, sites: sites.ids, all_asset_groups: groups.reason !== null,
        asset_groups: groups.ids, reason: sites.reason ?? groups.reason,
      },
    }; // prettier-ignore
  },
});

const listRoles = readAction({
  id: 'insightvm_list_roles',
  title: 'List roles',
  description: 'Lists the roles, built in and custom, with their privileges. Each user has exactly one.',
  input: z.strictObject({}),
  output: z.array(
    z.object({
      id: z.string(),
      name: z.string().nullable(),
      description: z.string().nullable(),
      privileges: z.array(z.string()),
    }),
  ),
  run: async (context: InsightVmContext) => ({
    data: (await getRoles(context)).map(({ id, name, description, privileges }) => ({
      id, name: name ?? null, description: description ?? null, privileges: [...privileges],
    })), // prettier-ignore
  }),
});

const listPrivileges = readAction({
  id: 'insightvm_list_privileges',
  title: 'List privileges',
  description: 'Lists the privileges that roles are made of. The list is open: consoles have more than is published.',
  input: z.strictObject({}),
  output: z.array(z.string()),
  run: async (context: InsightVmContext) => ({ data: [...(await getPrivileges(context))] }),
});

const listSources = readAction({
  id: 'insightvm_list_authentication_sources',
  title: 'List authentication sources',
  description: 'Lists where sign-ins are checked: the console itself (normal, admin), or LDAP, Kerberos, SAML.',
  input: z.strictObject({}),
  output: z.array(z.object({ id: z.int(), type: z.string(), name: z.string().nullable(), external: z.boolean() })),
  run: async (context: InsightVmContext) => ({
    data: (await getSources(context)).map(({ id, type, name, external }) => ({
      id, type, name: name ?? null, external: external ?? !isLocalType(type),
    })), // prettier-ignore
  }),
});

const resource = z.object({
  id: z.int(),
  name: z.string().nullable(),
  type: z.string().nullable(),
  description: z.string().nullable(),
});

const listSites = readAction({
  id: 'insightvm_list_sites',
  title: 'List sites',
  description: 'Lists the sites that the login may see, in the order of their ids.',
  input: z.strictObject(paging),
  output: z.array(resource),
  run: (context: InsightVmContext, input) =>
    onePage('insightvm_list_sites', input, (query) => getSites(context, query), showResource),
});

const listAssetGroups = readAction({
  id: 'insightvm_list_asset_groups',
  title: 'List asset groups',
  description: 'Lists the asset groups that the login may see, in the order of their ids.',
  input: z.strictObject(paging),
  output: z.array(resource),
  run: (context: InsightVmContext, input) =>
    onePage('insightvm_list_asset_groups', input, (query) => getAssetGroups(context, query), showResource),
});

const getTwoFactor = readAction({
  id: 'insightvm_get_two_factor',
  title: 'See whether a second factor is configured',
  description:
    'Tells whether a user has a two-factor seed. The seed itself, which the console would hand out, is never shown.',
  input: z.strictObject({ user }),
  output: z.object({ user: z.int(), is_configured: z.boolean() }),
  async run(context: InsightVmContext, input) {
    const { id } = await theUser(context, input.user);
    return { data: { user: id, is_configured: await hasTwoFactor(context, String(id)) } };
  },
});

/** The reading actions of the catalogue, the unified ones apart: those the kit makes. */
export const actions: readonly ReadAction<Settings, z.ZodObject, z.ZodType>[] = [
  listUsers,
  getUserAction,
  listSiteAccess,
  listRoles,
  listPrivileges,
  listSources,
  listSites,
  listAssetGroups,
  getTwoFactor,
];

async function onePage<Row, Shown>(
  list: string,
  input: { readonly page_size: number; readonly next?: string | undefined },
  read: (query: PageQuery) => Promise<Page<Row>>,
  show: (row: Row) => Shown,
): Promise<{ readonly data: Shown[]; readonly next: string | null }> {
  const binding = { list, filters: { size: input.page_size } };
  const page = Number(decodeCursor(input.next, binding, 1)?.[0] ?? 0);
  const { rows, isLast } = await read({ page, size: input.page_size });
  return { data: rows.map(show), next: isLast ? null : encodeCursor(binding, [String(page + 1)]) };
}

function showResource({ id, name, type, description }: Site | AssetGroup): z.input<typeof resource> {
  return { id, name: name ?? null, type: type ?? null, description: description ?? null };
}

/** The one user that a text means; throws `notFound`, and `invalidInput` for an address of several. */
async function theUser(context: InsightVmContext, text: string): Promise<User> {
  const [found, ...others] = await findUser(context, text);
  if (found === undefined) {
    throw new UsherError('notFound', `The console has no user ${JSON.stringify(text)}.`, {
      field: 'user',
      next: 'Users are named by id, login or e-mail address: insightvm_list_users.',
    });
  }
  if (others.length === 0) return found;
  const ids = [found, ...others].map(({ id }) => id).join(', ');
  throw invalidInput('user', `${text} is the address of several users: ${ids}.`, 'Name one by its id.');
}
