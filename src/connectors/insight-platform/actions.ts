import { z } from 'zod';
import type { ReadAction } from '../../connector-kit/connector.ts';
import { readAction } from '../../connector-kit/define.ts';
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import type { GroupRecord } from '../../model/records.ts';
import { isUnknownCall } from './answers.ts';
import { getProducts, getRoles, getUsers, getVmUsers, validate } from './client.ts';
import type { InsightContext, Settings } from './config.ts';
import { readWindow } from './events.ts';
import { listGroups, readGroups } from './groups.ts';
import { findUser, LARGEST_VM_PAGE } from './live.ts';
import { auditLogs } from './log-search.ts';
import { toAccount, productOf, toOrganization, toRole, toVmAccount } from './mapping.ts';
import { readOrganizations } from './organizations.ts';
import type { Row } from './paging.ts';
import { productsOf } from './products.ts';

const DAY_MS = 24 * 3_600_000;

const next = z.string().optional().meta({ description: 'The `next` of the page before' });

/** A user in the vendor's own words; fields that are not listed are passed on. */
const userSchema = z.looseObject({
  id: z.string().meta({ description: 'A UUID; a number in the list vm_v4' }),
  email: z.string().nullable(),
});

const validateKey = readAction({
  id: 'insight_platform_validate',
  title: 'Validate the key',
  description: 'Checks that the key is good. Whose it is the platform does not tell, nor whether the region is right.',
  input: z.strictObject({}),
  output: z.object({ valid: z.boolean(), region: z.string() }),
  async run(context: InsightContext) {
    await validate(context);
    return { data: { valid: true, region: context.settings.region } };
  },
});

const listUsers = readAction({
  id: 'insight_platform_list_users',
  title: 'List users',
  description:
    'Lists the users of the platform with all that the API tells of them. The Account API gives all at once; the list vm_v4, which one guide alone knows, comes in pages and has number, login and address only.',
  input: z.strictObject({
    email: z.string().min(1).optional().meta({ description: 'Only the user with this address' }),
    status: z.enum(['ACTIVE', 'PENDING', 'DISABLED']).optional().meta({ description: 'Only users of this status' }),
    platform_admin: z.boolean().optional().meta({ description: 'true: only Platform Admins; false: only others' }),
    list: z
      .enum(['account', 'vm_v4'])
      .optional()
      .meta({ description: 'Which list: default as in the settings. vm_v4 has no filters' }),
    page_size: z.coerce
      .number()
      .int()
      .min(1)
      .max(LARGEST_VM_PAGE)
      .default(100)
      .meta({ description: 'Users a page of vm_v4' }),
    next,
  }),
  output: z.array(userSchema),
  async run(context: InsightContext, input) {
    const { next: given, page_size: size, list = context.settings.userList, ...filters } = input;
    const isFiltered = Object.values(filters).some((value) => value !== undefined);
    if (list === 'account') {
      if (given !== undefined)
        throw invalidInput('next', 'This list comes whole: there is no next page.', 'Leave it out.');
      return { data: await accountUsers(context, filters), next: null };
    }
    if (isFiltered) {
      throw invalidInput(
        'list',
        'The list vm_v4 cannot be filtered.',
        'Leave the filters out, or use the list account.',
      );
    }
    const binding = { list: 'insight_platform_list_users', filters: { size } };
    const index = Number(decodeCursor(given, binding, 1)?.[0] ?? 0);
    const page = await getVmUsers(context, index, size);
    return {
      data: page.rows.map((row) => ({ ...row, id: toVmAccount('getVmUsers', row).key, email: emailOf(row) })),
      next: page.isLast ? null : encodeCursor(binding, [String(index + 1)]),
    };
  },
});

interface UserFilters {
  readonly email?: string | undefined;
  readonly status?: 'ACTIVE' | 'PENDING' | 'DISABLED' | undefined;
  readonly platform_admin?: boolean | undefined;
}

async function accountUsers(context: InsightContext, filters: UserFilters): Promise<z.input<typeof userSchema>[]> {
  const { email, status, platform_admin: platformAdmin } = filters;
  const rows = await getUsers(context, {
    ...(email !== undefined && { email }),
    ...(status !== undefined && { status }),
    ...(platformAdmin !== undefined && { platformAdmin }),
  });
  return rows.map((row) => showUser(row));
}

function showUser(row: Row): z.input<typeof userSchema> {
  const { key, email } = toAccount('getUsers', row);
  return { ...row, id: key, email };
}

function emailOf(row: Row): string | null {
  return typeof row['email'] === 'string' ? row['email'] : null;
}

const getUserAction = readAction({
  id: 'insight_platform_get_user',
  title: 'Get a user',
  description: 'Gets one user by id or address, with the products where the platform shows these.',
  input: z.strictObject({ user: z.string().min(1).meta({ description: 'The id (a UUID) or the address' }) }),
  output: userSchema.extend({
    product_tokens: z.array(z.string()).nullable().meta({ description: 'null: the platform does not show them' }),
  }),
  async run(context: InsightContext, { user }) {
    const row = await findUser(context, user);
    if (row === null) {
      throw new UsherError('notFound', `The Insight Platform has no user ${user}.`, {
        field: 'user',
        next: 'See insight_platform_list_users.',
      });
    }
    return { data: { ...showUser(row), product_tokens: await productsIfAllowed(context, row) } };
  },
});

async function productsIfAllowed(context: InsightContext, row: Row): Promise<string[] | null> {
  try {
    const tokens = await productsOf(context, row);
    return tokens === null ? null : [...tokens];
  } catch (thrown) {
    if (isUnknownCall(thrown) || (thrown instanceof UsherError && thrown.kind === 'permission')) return null;
    throw thrown;
  }
}

const listRoles = readAction({
  id: 'insight_platform_list_roles',
  title: 'List roles',
  description: 'Lists the roles of the organization. Platform Admin is none of them: it is a flag of the user.',
  input: z.strictObject({}),
  output: z.array(z.looseObject({ id: z.string(), name: z.string() })),
  async run(context: InsightContext) {
    const rows = await getRoles(context);
    return { data: rows.map((row) => ({ ...row, ...named(toRole('getRoles', row)) })) };
  },
});

const listGroupsAction = readAction({
  id: 'insight_platform_list_groups',
  title: 'List user groups',
  description: 'Lists the user groups with the ids of their members, which may take one more call a group.',
  input: z.strictObject({
    members: z.boolean().default(true).meta({ description: 'false: without members, in one call' }),
  }),
  output: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      description: z.string().nullable(),
      members: z.array(z.string()).nullable().meta({ description: 'Ids of users; null: not told' }),
    }),
  ),
  async run(context: InsightContext, { members: wantsMembers }) {
    const groups = wantsMembers ? await readGroups(context) : await listGroups(context);
    return {
      data: groups.map(({ group, members }) => ({
        ...named(group),
        description: group.description,
        members: members === null ? null : [...members],
      })),
    };
  },
});

const listProducts = readAction({
  id: 'insight_platform_list_products',
  title: 'List products',
  description: 'Lists the products of the organization, each with the token that it is given by.',
  input: z.strictObject({}),
  output: z.array(z.looseObject({ product_token: z.string(), product_code: z.string() })),
  async run(context: InsightContext) {
    const rows = await getProducts(context);
    return {
      data: rows.map((row) => {
        const { key, code } = productOf('getProducts', row);
        return { ...row, product_token: key, product_code: code };
      }),
    };
  },
});

const listOrganizations = readAction({
  id: 'insight_platform_list_organizations',
  title: 'List organizations',
  description:
    'Lists the organizations of the key and, with an organization id in the settings, those that it manages.',
  input: z.strictObject({}),
  output: z.array(z.looseObject({ id: z.string(), name: z.string() })),
  async run(context: InsightContext) {
    const rows = await readOrganizations(context);
    return { data: rows.map((row) => ({ ...row, ...named(toOrganization('getOrganizations', row)) })) };
  },
});

function named({ key, name }: Pick<GroupRecord, 'key' | 'name'>): { id: string; name: string } {
  return { id: key, name };
}

/** Reads the audit log; `pollMs`: how long to wait for a result that is not ready. */
function listAuditEvents(pollMs: number) {
  return readAction({
    id: 'insight_platform_list_audit_events',
    title: 'List audit events',
    description: 'Reads the audit events of the platform from Log Search, oldest first. Times are UTC.',
    input: z.strictObject({
      from: z.iso
        .datetime({ offset: true })
        .optional()
        .meta({ description: 'From this time on; default: a day before `to`' }),
      to: z.iso.datetime({ offset: true }).optional().meta({ description: 'Up to this time; default: now' }),
      page_size: z.coerce.number().int().min(1).max(1000).default(500).meta({ description: 'Events a page, about' }),
      next,
    }),
    output: z.array(
      z.object({
        id: z.string().meta({ description: 'Made by Usher' }),
        time: z.string().meta({ description: 'UTC' }),
        action: z.string(),
        actor: z.string().nullable(),
        target: z.string().nullable(),
        ip_address: z.string().nullable(),
        data: z.json(),
      }),
    ),
    async run(context: InsightContext, input) {
      const { next: given, ...asked } = input;
      const binding = { list: 'insight_platform_list_audit_events', filters: { from: asked.from, to: asked.to } };
      const [cursorFrom, cursorTo] = decodeCursor(given, binding, 2) ?? [];
      const toMs = cursorTo === undefined ? (timeOf(asked.to) ?? context.clock.now().getTime()) : Number(cursorTo);
      const fromMs = cursorFrom === undefined ? (timeOf(asked.from) ?? toMs - DAY_MS) : Number(cursorFrom);
      if (fromMs > toMs) throw invalidInput('from', 'from is later than to.', 'Give a from that is earlier.');
      const logs = await auditLogs(context);
      if (logs.length === 0) throw noAuditLog(context.settings);
      const window = { fromMs, toMs, atMost: asked.page_size, pollMs };
      const { events, isWholeToMs } = await readWindow(context, logs, window);
      return {
        data: events.map(({ id, occurredAt, action, actor, target, ipAddress, data }) => ({
          id, time: occurredAt, action, actor, target, ip_address: ipAddress, data: z.json().parse(data),
        })), // prettier-ignore
        next: isWholeToMs >= toMs ? null : encodeCursor(binding, [String(isWholeToMs + 1), String(toMs)]),
      };
    },
  });
}

function timeOf(text: string | undefined): number | null {
  return text === undefined ? null : Date.parse(text);
}

function noAuditLog({ auditLog }: Settings): UsherError {
  const which = auditLog === undefined ? 'with "audit" in its name' : `named ${auditLog}`;
  return new UsherError('unsupported', `Log Search has no log ${which}.`, {
    code: 'noAuditLog',
    next: 'Audit logging is off until an administrator enables it at Settings > Audit Logging; if it is on, name the log in the settings.',
  });
}

/** The reading actions of the catalogue, the unified ones apart: those the kit makes. */
export function actionsOf(pollMs: number): readonly ReadAction<Settings, z.ZodObject, z.ZodType>[] {
  return [
    validateKey,
    listUsers,
    getUserAction,
    listRoles,
    listGroupsAction,
    listProducts,
    listOrganizations,
    listAuditEvents(pollMs),
  ];
}
