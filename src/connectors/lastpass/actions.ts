import { z } from 'zod';
import type { ReadAction } from '../../connector-kit/connector.ts';
import { readAction } from '../../connector-kit/define.ts';
import { zoneTime } from '../../connector-kit/time.ts';
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import { invalidInput } from '../../model/errors.ts';
import type { LastPassContext, LastPassSettings } from './config.ts';
import { dateRows } from './events.ts';
import { folderActions } from './folder-actions.ts';
import { MAX_PAGE_SIZE, readAllGroups, readGroup, readUserPage } from './live.ts';
import { showUser, userSchema } from './native-user.ts';
import { atomAt, fromText, readNewest } from './reports.ts';

type Settings = LastPassSettings & { readonly provisioningHash: string };

const next = z.string().optional().meta({ description: 'The `next` of the page before' });
const DAY_MS = 24 * 3_600_000;

const listAuditEvents = readAction({
  id: 'lastpass_list_audit_events',
  title: 'List audit events',
  description: 'Reads the audit log of the company, newest first, in whole seconds. Times are UTC.',
  input: z.strictObject({
    from: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'From this time on; default: a day before `to`' }),
    to: z.iso.datetime({ offset: true }).optional().meta({ description: 'Up to this time; default: now' }),
    user: z.string().min(1).optional().meta({ description: 'Only events of the user with this address' }),
    search: z.string().min(1).optional().meta({ description: 'Only events with this text' }),
    admin_only: z.boolean().optional().meta({ description: 'Only events of administrators' }),
    next,
  }),
  output: z.array(
    z.object({
      id: z.string().meta({ description: 'Made by Usher: the app has none' }),
      time: z.string().meta({ description: 'UTC' }),
      local_time: z.string().meta({ description: "As sent, in the account's zone" }),
      username: z.string(),
      ip_address: z.string(),
      action: z.string(),
      data: z.string(),
    }),
  ),
  async run(context: LastPassContext, input) {
    const zone = zoneTime(context.settings.timeZone);
    const { next: given, ...asked } = input;
    const binding = { list: 'lastpass_list_audit_events', filters: asked };
    const [cursorFrom, cursorTo] = decodeCursor(given, binding, 2) ?? [];
    const now = context.clock.now();
    const toMs = asked.to === undefined ? now.getTime() : Date.parse(asked.to);
    const fromMs = asked.from === undefined ? toMs - DAY_MS : Date.parse(asked.from);
    if (fromMs > toMs) throw invalidInput('from', 'from is later than to.', 'Give a from that is earlier.');
    const from = atomAt(
      cursorFrom === undefined ? (fromText(zone.toLocal(fromMs)) ?? 0) : Number(cursorFrom),
      zone,
    ).first;
    const to = atomAt(cursorTo === undefined ? (fromText(zone.toLocal(toMs)) ?? 0) : Number(cursorTo), zone).last;
    const filters = { user: asked.user, search: asked.search, adminOnly: asked.admin_only };
    const { rows, remainsTo } = await readNewest(context, { from, to, filters }, zone);
    const data = dateRows(rows, zone, now)
      .toReversed()
      .map(({ id, occurredAt, row }) => ({
        id, time: occurredAt, local_time: row.Time, username: row.Username, ip_address: row.IP_Address,
        action: row.Action, data: row.Data,
      })); // prettier-ignore
    return { data, next: remainsTo === null ? null : encodeCursor(binding, [String(from), String(remainsTo)]) };
  },
});

const groupSchema = z.object({ name: z.string(), member_count: z.int(), members: z.array(z.string()) });

const listGroups = readAction({
  id: 'lastpass_list_groups',
  title: 'List groups with members',
  description: 'Lists the groups that have members, each with the addresses of its members.',
  input: z.strictObject({}),
  output: z.array(groupSchema),
  async run(context: LastPassContext) {
    const groups = await readAllGroups(context);
    return { data: groups.map(({ name, members }) => ({ name, member_count: members.length, members: [...members] })) };
  },
});

const getGroup = readAction({
  id: 'lastpass_get_group',
  title: 'Get a group with members',
  description: 'Gets one group by its exact name, with the addresses of its members.',
  input: z.strictObject({ name: z.string().min(1).meta({ description: 'The exact name, letter case included' }) }),
  output: groupSchema,
  async run(context: LastPassContext, input) {
    const { name, members } = await readGroup(context, input.name);
    return { data: { name, member_count: members.length, members: [...members] } };
  },
});

const listUsers = readAction({
  id: 'lastpass_list_users',
  title: 'List users',
  description:
    'Lists users with all that the API tells of them, optionally one address, administrators or disabled users only.',
  input: z.strictObject({
    username: z.string().min(1).optional().meta({ description: 'Only the user with this address' }),
    admin: z.boolean().optional().meta({ description: 'true: only administrators; false: only others' }),
    disabled: z.boolean().optional().meta({ description: 'true: only disabled users; false: only others' }),
    page_size: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(500).meta({ description: 'Users a page' }),
    next,
  }),
  output: z.array(userSchema),
  async run(context: LastPassContext, input) {
    const { next: given, page_size: pageSize, ...filters } = input;
    const binding = { list: 'lastpass_list_users', filters: { ...filters, pageSize } };
    const pageIndex = Number(decodeCursor(given, binding, 1)?.[0] ?? 0);
    const { page, isLast } = await readUserPage(context, { ...filters, pageSize, pageIndex });
    const zone = zoneTime(context.settings.timeZone);
    return {
      data: page.users.map(([id, user]) => showUser(id, user, page, zone)),
      next: isLast ? null : encodeCursor(binding, [String(pageIndex + 1)]),
    };
  },
});

/** The reading actions of the catalogue, the unified ones apart: those the kit makes. */
export const actions: readonly ReadAction<Settings, z.ZodObject, z.ZodType>[] = [
  listAuditEvents,
  listGroups,
  getGroup,
  ...folderActions,
  listUsers,
];
