import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import { UsherError } from '../../model/errors.ts';
import type { ConnectorContext, UnifiedLive, UnifiedTraits } from '../connector.ts';
import { toResourceUser } from './access-mapping.ts';
import {
  action, holderOrder, keysetPage, notFound, repeatedCursor, resourceTypeOf, sortedByKey, unknownRole,
} from './action-kit.ts'; // prettier-ignore
import type { UnifiedAction } from './action-kit.ts';
import { groupWithMembers } from './group-view.ts';
import { plainId } from './ids.ts';
import { toIamCredentials, toIamOrganizations, toIamRole, toIamUser } from './mapping.ts';
import {
  iamCredentialsSchema, iamGroupSchema, iamOrganizationSchema, iamRoleSchema, iamUserSchema,
} from './models.ts'; // prettier-ignore
import { parseExpand, parseFields, project, wholeNumber } from './query.ts';
import { RecordIndex } from './record-index.ts';
import { matchesUser, userFilterSchema } from './user-filter.ts';

/** What the unified actions of a connector are made from. */
export interface UnifiedSource<Settings> {
  readonly traits: UnifiedTraits<Settings>;
  readonly live: UnifiedLive<Settings>;
}

const MAX_PAGE_SIZE = 1000;
const view = {
  fields: z.string().optional().meta({ description: 'Comma list of fields to answer; default: all.' }),
  expand: z.string().optional().meta({ description: 'Comma list of relations to answer in full.' }),
};
const paging = {
  page_size: wholeNumber(1, MAX_PAGE_SIZE).default(100).meta({ description: 'Rows a page.' }),
  next: z.string().optional().meta({ description: 'The cursor of the page before.' }),
};
const oneInput = z.strictObject({ id: z.string().min(1), ...view });
const listInput = z.strictObject({ ...paging, ...view });
const usersInput = z.strictObject({
  ...paging,
  ...view,
  email: z.string().optional().meta({ description: 'Only the account with this e-mail address.' }),
  filter: userFilterSchema.optional(),
});
const resourceUsersInput = z.strictObject({
  ...paging,
  ...view,
  resource_type: z.string().optional().meta({ description: "Default: the connector's first type." }),
  resource_id: z.string().optional().meta({ description: 'Only this resource; default: all.' }),
});

/**
 * The unified actions of a connector (`<connector>_unified_list_users` …), made from its live reads and its mapping:
 * what StackOne's catalogue names `unified_<verb>_<entity>`. All go to the app, so that a refused credential shows as
 * the app's refusal. Dashes of the connector's id become underscores.
 */
export function unifiedActions<Settings>(
  connectorId: string,
  source: UnifiedSource<Settings>,
): UnifiedAction<Settings>[] {
  const prefix = `${connectorId.replaceAll('-', '_')}_unified_`;
  return [
    currentUser(source, prefix),
    listUsers(source, prefix),
    getUser(source, prefix),
    listGroups(source, prefix),
    getGroup(source, prefix),
    listRoles(source, prefix),
    getRole(source, prefix),
    listOrganizations(source, prefix),
    getOrganization(source, prefix),
    listResourceUsers(source, prefix),
    listResourceTypes(source, prefix),
  ];
}

function currentUser<Settings>({ traits, live }: UnifiedSource<Settings>, prefix: string): UnifiedAction<Settings> {
  return action({
    id: `${prefix}get_current_user`,
    title: 'Get the credentials in use',
    description: 'Checks the credentials with the app and tells what kind they are and for whom they speak.',
    input: z.strictObject({ ...view }),
    output: iamCredentialsSchema,
    async run(context: ConnectorContext<Settings>, input) {
      const fields = parseFields(input.fields, iamCredentialsSchema);
      await live.check(context);
      const now = context.clock.now().toISOString();
      return { data: project(toIamCredentials(traits.describe(context.settings), now), fields) };
    },
  });
}

function listUsers<Settings>({ traits, live }: UnifiedSource<Settings>, prefix: string): UnifiedAction<Settings> {
  return action({
    id: `${prefix}list_users`,
    title: 'List users',
    description: 'Lists the accounts with roles, groups and status, live; one page of the app a call.',
    input: usersInput,
    output: z.array(iamUserSchema),
    async run(context: ConnectorContext<Settings>, input) {
      const fields = parseFields(input.fields, iamUserSchema);
      const expand = parseExpand(input.expand);
      const filter = { ...input.filter, ...(input.email !== undefined && { email: input.email }) };
      const binding = { list: `${prefix}list_users`, filters: filter };
      const [cursor = null] = decodeCursor(input.next, binding, 1) ?? [];
      const query = { cursor, pageSize: input.page_size, email: filter.email ?? null };
      const page = await live.accounts(context, query);
      if (page.next !== null && page.next === cursor) throw repeatedCursor(context.connectionId);
      const index = new RecordIndex(traits, page.records);
      const organization = organizationOf(traits, context.settings);
      const parts = index.accounts.map((account) => index.userParts(account));
      const users = parts
        .filter((each) => matchesUser(filter, each, organization))
        .map((each) => project(toIamUser(traits, each, organization, expand), fields));
      return { data: users, next: page.next === null ? null : encodeCursor(binding, [page.next]) };
    },
  });
}

function getUser<Settings>({ traits, live }: UnifiedSource<Settings>, prefix: string): UnifiedAction<Settings> {
  return action({
    id: `${prefix}get_user`,
    title: 'Get a user',
    description: "Gets one account by e-mail address, the app's own id or a composite id, live.",
    input: oneInput,
    output: iamUserSchema,
    async run(context: ConnectorContext<Settings>, input) {
      const fields = parseFields(input.fields, iamUserSchema);
      const expand = parseExpand(input.expand);
      const index = new RecordIndex(traits, await live.account(context, plainId(input.id)));
      const [account] = index.accounts;
      if (account === undefined) throw notFound(context, 'account', input.id);
      const user = toIamUser(traits, index.userParts(account), organizationOf(traits, context.settings), expand);
      return { data: project(user, fields) };
    },
  });
}

function listGroups<Settings>({ traits, live }: UnifiedSource<Settings>, prefix: string): UnifiedAction<Settings> {
  return action({
    id: `${prefix}list_groups`,
    title: 'List groups',
    description: 'Lists the groups, live; with `expand=users` also who is in them.',
    input: listInput,
    output: z.array(iamGroupSchema),
    async run(context: ConnectorContext<Settings>, input) {
      const fields = parseFields(input.fields, iamGroupSchema);
      const expand = parseExpand(input.expand);
      const index = new RecordIndex(traits, await live.groups(context));
      const groups = sortedByKey(index.groups);
      const page = keysetPage(groups, (group) => [group.key], input, { list: `${prefix}list_groups`, filters: {} });
      const show = (key: string) => groupWithMembers(index, key, organizationOf(traits, context.settings), expand);
      return { data: page.rows.map((group) => project(show(group.key), fields)), next: page.next };
    },
  });
}

function getGroup<Settings>({ traits, live }: UnifiedSource<Settings>, prefix: string): UnifiedAction<Settings> {
  return action({
    id: `${prefix}get_group`,
    title: 'Get a group',
    description: 'Gets one group by its id, live.',
    input: oneInput,
    output: iamGroupSchema,
    async run(context: ConnectorContext<Settings>, input) {
      const fields = parseFields(input.fields, iamGroupSchema);
      const expand = parseExpand(input.expand);
      const index = new RecordIndex(traits, await live.groups(context));
      const id = plainId(input.id).normalize('NFC');
      if (!index.groups.some((group) => group.key === id)) throw notFound(context, 'group', input.id);
      return { data: project(groupWithMembers(index, id, organizationOf(traits, context.settings), expand), fields) };
    },
  });
}

function listRoles<Settings>({ traits, live }: UnifiedSource<Settings>, prefix: string): UnifiedAction<Settings> {
  return action({
    id: `${prefix}list_roles`,
    title: 'List roles',
    description: 'Lists the roles an account can have; the credentials are checked with the app.',
    input: listInput,
    output: z.array(iamRoleSchema),
    async run(context: ConnectorContext<Settings>, input) {
      const fields = parseFields(input.fields, iamRoleSchema);
      const expand = parseExpand(input.expand);
      const roles = sortedByKey(await liveRoles(traits, live, context));
      const page = keysetPage(roles, (role) => [role.key], input, { list: `${prefix}list_roles`, filters: {} });
      return { data: page.rows.map((role) => project(toIamRole(role, expand), fields)), next: page.next };
    },
  });
}

function getRole<Settings>({ traits, live }: UnifiedSource<Settings>, prefix: string): UnifiedAction<Settings> {
  return action({
    id: `${prefix}get_role`,
    title: 'Get a role',
    description: 'Gets one role by its id; the credentials are checked with the app.',
    input: oneInput,
    output: iamRoleSchema,
    async run(context: ConnectorContext<Settings>, input) {
      const fields = parseFields(input.fields, iamRoleSchema);
      const expand = parseExpand(input.expand);
      const id = plainId(input.id);
      const roles = await liveRoles(traits, live, context);
      const role = roles.find((each) => each.key === id);
      if (role === undefined) throw unknownRole(traits, context.connectionId, input.id, roles);
      return { data: project(toIamRole(role, expand), fields) };
    },
  });
}

function listOrganizations<Settings>(
  { traits, live }: UnifiedSource<Settings>,
  prefix: string,
): UnifiedAction<Settings> {
  return action({
    id: `${prefix}list_organizations`,
    title: 'List organizations',
    description:
      'Lists the tenants of the app that the connection speaks for; the credentials are checked with the app.',
    input: listInput,
    output: z.array(iamOrganizationSchema),
    async run(context: ConnectorContext<Settings>, input) {
      const fields = parseFields(input.fields, iamOrganizationSchema);
      parseExpand(input.expand);
      await live.check(context);
      const all = toIamOrganizations(traits.describe(context.settings));
      const binding = { list: `${prefix}list_organizations`, filters: {} };
      const page = keysetPage(all, (organization) => [organization.id ?? ''], input, binding);
      return { data: page.rows.map((organization) => project(organization, fields)), next: page.next };
    },
  });
}

function getOrganization<Settings>({ traits, live }: UnifiedSource<Settings>, prefix: string): UnifiedAction<Settings> {
  return action({
    id: `${prefix}get_organization`,
    title: 'Get an organization',
    description: 'Gets one tenant of the app by its id; the credentials are checked with the app.',
    input: oneInput,
    output: iamOrganizationSchema,
    async run(context: ConnectorContext<Settings>, input) {
      const fields = parseFields(input.fields, iamOrganizationSchema);
      parseExpand(input.expand);
      await live.check(context);
      const id = plainId(input.id);
      const found = toIamOrganizations(traits.describe(context.settings)).find((each) => each.id === id);
      if (found === undefined) throw notFound(context, 'organization', input.id);
      return { data: project(found, fields) };
    },
  });
}

function listResourceUsers<Settings>(
  { traits, live }: UnifiedSource<Settings>,
  prefix: string,
): UnifiedAction<Settings> {
  return action({
    id: `${prefix}list_resource_users`,
    title: 'List who has access to resources',
    description:
      'Lists who holds access to one resource or to all of a type, live: users and groups, one entry a holder and ' +
      'resource, with the role there. A group is marked by `unified_custom_fields.principal_type`.',
    input: resourceUsersInput,
    output: z.array(iamUserSchema),
    async run(context: ConnectorContext<Settings>, input) {
      const fields = parseFields(input.fields, iamUserSchema);
      parseExpand(input.expand);
      const resourceType = resourceTypeOf(traits, input.resource_type, context.connectionId);
      const resourceId = input.resource_id === undefined ? null : plainId(input.resource_id, 'resource_id');
      const index = new RecordIndex(traits, await live.resources(context, { resourceType, resourceId }));
      const resources = sortedByKey(index.resources).filter((each) => resourceId === null || each.key === resourceId);
      if (resourceId !== null && resources.length === 0) throw notFound(context, 'resource', resourceId);
      const organization = organizationOf(traits, context.settings);
      const rows = resources.flatMap((resource) => {
        return index.holdersOf(resource.key).map((held) => ({ resource, ...held }));
      });
      const binding = { list: `${prefix}list_resource_users`, filters: { resourceType, resourceId } };
      const page = keysetPage(rows, (row) => [row.resource.key, holderOrder(row.holder)], input, binding);
      const show = ({ resource, holder, grants }: (typeof rows)[number]) => {
        return toResourceUser(traits, resource, holder, grants, organization);
      };
      return { data: page.rows.map((row) => project(show(row), fields)), next: page.next };
    },
  });
}

function listResourceTypes<Settings>(
  { traits, live }: UnifiedSource<Settings>,
  prefix: string,
): UnifiedAction<Settings> {
  return action({
    id: `${prefix}list_resource_types`,
    title: 'List resource types',
    description: 'Lists the types of resource the app gives access to; the credentials are checked with the app.',
    input: z.strictObject({}),
    output: z.array(z.string()),
    async run(context: ConnectorContext<Settings>) {
      await live.check(context);
      return { data: [...traits.resourceTypes] };
    },
  });
}

async function liveRoles<Settings>(
  traits: UnifiedTraits<Settings>,
  live: UnifiedLive<Settings>,
  context: ConnectorContext<Settings>,
) {
  if (traits.roles === 'collected' && live.roles !== undefined) return live.roles(context);
  await live.check(context);
  if (traits.roles !== 'collected') return traits.roles;
  throw new UsherError('unsupported', `${context.connectionId} lists its roles only from the snapshot.`, {
    connection: context.connectionId,
    next: 'Read GET /unified/iam/roles without fresh=true.',
  });
}

function organizationOf<Settings>(traits: UnifiedTraits<Settings>, settings: Settings): string | null {
  return traits.describe(settings).organizations[0]?.id ?? null;
}
