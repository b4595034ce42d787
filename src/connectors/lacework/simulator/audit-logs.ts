import { z } from 'zod';
import { eventTypeOf } from './audit.ts';
import { accountOf, type Call } from './call.ts';
import type { AuditRow } from './model.ts';
import { type Cursor, listAnswer, readCursor } from './paging.ts';
import { emptySearch, isFound, project, readSearch, type Row, type Search } from './search.ts';
import { type Answer, json, nothing, Refused } from './wire.ts';

const DAY_MS = 86_400_000;
const SEARCHABLE = ['accountName', 'createdTime', 'eventDescription', 'eventName', 'userAction', 'userName'];

/** What a page goes on with. */
const specSchema = z.object({
  from: z.number(),
  to: z.number(),
  length: z.number(),
  account: z.string().nullable(),
  search: z
    .object({
      filters: z.array(
        z.object({
          field: z.string(),
          expression: z.string(),
          value: z.union([z.string(), z.number(), z.boolean()]).optional(),
          values: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
        }),
      ),
      returns: z.array(z.string()).nullable(),
    })
    .nullable(),
});
type Spec = z.output<typeof specSchema>;

/** `GET AuditLogs`: rows of a time, newest first. With `nextPage`, or with a token in the path: one of its further pages. */
export function listAuditLogs(call: Call): Answer {
  const token = call.query.get('nextPage') ?? call.params[0];
  if (token !== undefined) return goOn(call, readCursor(call, token, 'AuditLogs'));
  const spec = specOf(call, call.query.get('startTime'), call.query.get('endTime'), null);
  const rows = rowsOf(call, spec);
  return rows.length === 0 ? emptyLog(call) : page(call, spec, rows, null);
}

/** `POST AuditLogs/search`: the same with filters; its further pages are fetched with GET. */
export function searchAuditLogs(call: Call): Answer {
  const search = readSearch(call, SEARCHABLE, true);
  const { startTime = null, endTime = null } = search.timeFilter ?? {};
  const spec = specOf(call, startTime, endTime, search);
  const rows = rowsOf(call, spec);
  return rows.length === 0 ? emptySearch(call) : page(call, spec, rows, null);
}

function goOn(call: Call, cursor: Cursor): Answer {
  const spec = specSchema.parse(cursor.spec);
  return page(call, spec, rowsOf(call, spec), cursor);
}

function page(call: Call, spec: Spec, rows: readonly AuditRow[], cursor: Cursor | null): Answer {
  return listAnswer(call, {
    rows,
    render: (row) => project(auditRow(call, row), { returns: spec.search?.returns ?? null }),
    isPaged: true,
    of: 'AuditLogs',
    cursor,
    spec,
  });
}

function specOf(call: Call, startTime: string | null, endTime: string | null, search: Search | null): Spec {
  const now = call.tenant.clock.now().getTime();
  const to = endTime === null ? now : parseTime('endTime', endTime);
  const from = startTime === null ? to - DAY_MS : parseTime('startTime', startTime);
  if (from > to) throw new Refused(400, 'Invalid startTime: it is after endTime');
  return {
    from,
    to: Math.min(to, now - call.tenant.switches.auditDelayMs),
    length: call.tenant.audit.length,
    account: call.scope.kind === 'organization' ? null : accountOf(call).name,
    search: search && {
      filters: search.filters.map(({ values, ...filter }) => ({ ...filter, ...(values && { values: [...values] }) })),
      returns: search.returns && [...search.returns],
    },
  };
}

function rowsOf(call: Call, spec: Spec): readonly AuditRow[] {
  const { audit, switches } = call.tenant;
  const inTime = audit.list(spec);
  const within =
    switches.auditBounds === 'inclusive' ? inTime : inTime.filter(({ at }) => at > spec.from && at < spec.to);
  const { search } = spec;
  return search ? within.filter((row) => isFound(auditRow(call, row), search)) : within;
}

function auditRow(call: Call, row: AuditRow): Row {
  const { auditEventType, seedCompat } = call.tenant.switches;
  return {
    createdTime: createdTime(call, row.at),
    accountName: row.account,
    userName: row.userName,
    eventName: row.eventName,
    userAction: row.userAction,
    eventDescription: row.eventDescription,
    ...((auditEventType === 'on' || seedCompat === 'on') && { eventType: eventTypeOf(row) }),
  };
}

function createdTime({ tenant }: Call, at: number): string | number {
  switch (tenant.switches.auditCreatedTime) {
    case 'epochMs':
      return at;
    case 'epochSeconds':
      return Math.floor(at / 1_000);
    default:
      return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
  }
}

function emptyLog({ tenant }: Call): Answer {
  switch (tenant.switches.emptyAudit) {
    case '200':
      return json(200, { data: [] });
    case '404':
      throw new Refused(404, 'Not Found');
    default:
      return nothing();
  }
}

const TIME = /^\d{4}-\d\d-\d\d(?<hour>T\d\d)?(?<rest>:\d\d:\d\d(\.\d{1,9})?Z)?$/;

/** The formats of the reference: a day, an hour, a second, a fraction of one; always UTC. */
function parseTime(name: string, given: string): number {
  const parts = TIME.exec(given)?.groups;
  const isHour = parts?.['hour'] !== undefined;
  const time = !parts || (parts['rest'] !== undefined && !isHour) ? Number.NaN : Date.parse(wholeTime(given, isHour));
  if (Number.isNaN(time)) throw new Refused(400, `Invalid ${name}`);
  return time;
}

function wholeTime(given: string, isHour: boolean): string {
  if (given.endsWith('Z')) return given;
  return isHour ? `${given}:00:00Z` : `${given}T00:00:00Z`;
}
