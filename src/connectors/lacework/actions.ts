import { z } from 'zod';
import type { ReadAction } from '../../connector-kit/connector.ts';
import { readAction } from '../../connector-kit/define.ts';
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import { invalidInput } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import { clientOf } from './client.ts';
import type { LaceworkContext, Settings } from './config.ts';
import { userModels } from './directory.ts';
import { categoryOf, readRows, rowIds, toAppEvent } from './events.ts';
import { groupKeysOf } from './grants.ts';
import { holdingActions } from './holding-actions.ts';
import { mustReadOne, readEverybody, readGroups } from './live.ts';
import { byCode, ROLES, textIn } from './mapping.ts';
import { showPerson, userSchema } from './native-user.ts';
import { getOrganization, profileOf, subAccountsOf, wholeClient } from './tenant.ts';

const next = z.string().optional().meta({ description: 'The `next` of the page before' });
const DAY_MS = 24 * 3_600_000;

const getUserProfile = readAction({
  id: 'lacework_get_user_profile',
  title: "Get the profile of the key's owner",
  description:
    'Tells whose key this connection uses, the roles in the organization, and every account it reaches with the user model in force there.',
  input: z.strictObject({}),
  output: z.object({
    username: z.string(),
    url: z.string().nullable(),
    org_account: z.boolean(),
    org_admin: z.boolean(),
    org_user: z.boolean(),
    accounts: z.array(
      z.object({
        name: z.string(),
        admin: z.boolean(),
        enabled: z.boolean(),
        cust_guid: z.string(),
        user_guid: z.string(),
        user_model: z.string().nullable().meta({ description: 'legacy, rbac; null: not of this connection' }),
      }),
    ),
  }),
  async run(context: LaceworkContext) {
    const { username, url, orgAccount, orgAdmin, orgUser, accounts } = await profileOf(context);
    const models = await userModels(context);
    return {
      data: {
        username, url, org_account: orgAccount, org_admin: orgAdmin, org_user: orgUser,
        accounts: accounts.map(({ accountName, admin, userEnabled, custGuid, userGuid }) => ({
          name: accountName.toLowerCase(), admin, enabled: userEnabled, cust_guid: custGuid, user_guid: userGuid,
          user_model: models.get(accountName.toLowerCase()) ?? null,
        })),
      },
    }; // prettier-ignore
  },
});

const getOrganizationInfo = readAction({
  id: 'lacework_get_organization_info',
  title: 'Get the organization',
  description: 'Tells whether the account belongs to an organization, at which address, and its sub-accounts.',
  input: z.strictObject({}),
  output: z.object({
    org_account: z.boolean(),
    org_account_url: z.string().nullable(),
    sub_accounts: z.array(z.object({ name: z.string(), primary: z.boolean(), reachable: z.boolean() })),
  }),
  async run(context: LaceworkContext) {
    const { orgAccount, orgAccountUrl } = await getOrganization(wholeClient(context));
    const accounts = await subAccountsOf(context);
    return {
      data: {
        org_account: orgAccount,
        org_account_url: orgAccountUrl,
        sub_accounts: accounts.map(({ name, isPrimary, isReachable }) => ({
          name,
          primary: isPrimary,
          reachable: isReachable,
        })),
      },
    };
  },
});

const listUsers = readAction({
  id: 'lacework_list_users',
  title: 'List users',
  description:
    'Lists people and service users, one each with the sub-accounts it is in. The app has no pages: each page reads its lists whole.',
  input: z.strictObject({
    sub_account: z.string().min(1).optional().meta({ description: 'Only users of this sub-account' }),
    status: z.enum(['invited', 'active', 'disabled']).optional(),
    page_size: z.coerce.number().int().min(1).max(5000).default(500).meta({ description: 'Users a page' }),
    next,
  }),
  output: z.array(userSchema),
  async run(context: LaceworkContext, input) {
    const { next: given, page_size: pageSize, ...filters } = input;
    const binding = { list: 'lacework_list_users', filters };
    let [after = ''] = decodeCursor(given, binding, 1) ?? [];
    const everybody = await readEverybody(context);
    const wanted = filters.sub_account === undefined ? undefined : fold(filters.sub_account);
    const data: z.input<typeof userSchema>[] = [];
    for (;;) {
      const people = everybody.page(after, 500);
      for (const person of people) {
        if (data.length === pageSize) return { data, next: encodeCursor(binding, [after]) };
        after = person.key;
        const isThere = wanted === undefined || person.rows.some(({ subAccount }) => subAccount === wanted);
        const shown = isThere ? showPerson(person) : null;
        if (shown !== null && (filters.status === undefined || shown.status === filters.status)) data.push(shown);
      }
      if (people.length === 0) return { data, next: null };
    }
  },
});

const getUser = readAction({
  id: 'lacework_get_user',
  title: 'Get a user',
  description: 'Gets one person by address, or one service user by GUID, with the sub-accounts it is in.',
  input: z.strictObject({
    user: z.string().trim().min(1).meta({ description: 'E-mail address, or GUID of a service user' }),
  }),
  output: userSchema,
  async run(context: LaceworkContext, { user }) {
    return { data: showPerson(await mustReadOne(context, user)) };
  },
});

const groupSchema = z.object({
  id: z.string(),
  name: z.string(),
  sub_account: z.string(),
  guid: z.string(),
  built_in: z.boolean(),
  member_count: z.int(),
});

const listGroups = readAction({
  id: 'lacework_list_groups',
  title: 'List user groups',
  description:
    'Lists the user groups of every sub-account: the built-in ones and those somebody is in, as the app cannot list them. In the older user model, the two roles of an account.',
  input: z.strictObject({
    sub_account: z.string().min(1).optional().meta({ description: 'Only groups of this sub-account' }),
  }),
  output: z.array(groupSchema),
  async run(context: LaceworkContext, input) {
    const everybody = await readEverybody(context);
    const members = new Map<string, number>();
    for (const { rows } of everybody.page('', everybody.keys.length)) {
      for (const key of rows.flatMap(groupKeysOf)) members.set(key, (members.get(key) ?? 0) + 1);
    }
    const groups = await readGroups(context);
    const wanted = input.sub_account === undefined ? undefined : fold(input.sub_account);
    return {
      data: groups
        .map(({ key, name, extra }) => ({
          id: key,
          name,
          sub_account: textIn(extra, 'sub_account') ?? '',
          guid: textIn(extra, 'guid') ?? '',
          built_in: extra['is_built_in'] === true,
          member_count: members.get(key) ?? 0,
        }))
        .filter((group) => wanted === undefined || group.sub_account === wanted),
    };
  },
});

const listRoles = readAction({
  id: 'lacework_list_roles',
  title: 'List roles',
  description:
    'Lists the roles of the organization and of sub-accounts, as the app documents them: it cannot list them.',
  input: z.strictObject({}),
  output: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      description: z.string().nullable(),
      level: z.string(),
      type: z.string(),
    }),
  ),
  async run(context: LaceworkContext) {
    // The credentials are checked all the same: an answer says that the app was reached.
    await clientOf(context).list({ method: 'GET', path: 'UserProfile' });
    return {
      data: ROLES.map(({ key, name, description, type, extra }) => ({
        id: key, name, description, level: textIn(extra, 'level') ?? '', type,
      })),
    }; // prettier-ignore
  },
});

const listAuditEvents = readAction({
  id: 'lacework_list_audit_events',
  title: 'List audit events',
  description:
    'Reads the audit log, newest first, of the whole organization where the connection is for one. Times are UTC.',
  input: z.strictObject({
    from: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'From this time on; default: a day before `to`' }),
    to: z.iso.datetime({ offset: true }).optional().meta({ description: 'Up to this time; default: now' }),
    user: z.string().min(1).optional().meta({ description: 'Only what the user with this address did' }),
    sub_account: z.string().min(1).optional().meta({ description: 'Only what happened in this sub-account' }),
  }),
  output: z.array(
    z.object({
      id: z.string().meta({ description: 'Made by Usher: the app has none' }),
      time: z.string().meta({ description: 'UTC' }),
      sub_account: z.string(),
      user: z.string().nullable(),
      event: z.string(),
      action: z.string(),
      category: z.string(),
      text: z.string(),
      target: z.string().nullable(),
    }),
  ),
  async run(context: LaceworkContext, input) {
    const toMs = input.to === undefined ? context.clock.now().getTime() : Date.parse(input.to);
    const fromMs = input.from === undefined ? toMs - DAY_MS : Date.parse(input.from);
    if (fromMs > toMs) throw invalidInput('from', 'from is later than to.', 'Give a from that is earlier.');
    if (toMs - fromMs > 7 * DAY_MS) {
      throw invalidInput('from', 'from and to are more than 7 days apart.', 'Ask for 7 days at most at a time.');
    }
    const ids = rowIds();
    const data = [];
    for await (const rows of readRows(context, fromMs, toMs)) {
      for (const row of rows) {
        const id = ids(row);
        const account = fold(row.accountName);
        if (input.user !== undefined && fold(row.userName) !== fold(input.user)) continue;
        if (input.sub_account !== undefined && account !== fold(input.sub_account)) continue;
        const { target } = toAppEvent(id, row, context.settings);
        data.push({
          id, time: row.occurredAt, sub_account: account, user: row.userName || null, event: row.eventType || row.eventName,
          action: row.userAction, category: categoryOf(row), text: row.eventDescription, target,
        }); // prettier-ignore
      }
    }
    return { data: data.sort((a, b) => byCode(b.time, a.time)) };
  },
});

/** The reading actions of the catalogue, the unified ones apart: those the kit makes. */
export const actions: readonly ReadAction<Settings, z.ZodObject, z.ZodType>[] = [
  getUserProfile,
  getOrganizationInfo,
  listUsers,
  getUser,
  listGroups,
  listRoles,
  ...holdingActions,
  listAuditEvents,
];
