import { Readable } from 'node:stream';
import { z } from 'zod';
import { csvEntry, csvHeader } from '../../audit/csv.ts';
import type { AuditLog, ChainedEntry } from '../../audit/index.ts';
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import { invalidInput } from '../../model/errors.ts';
import type { AuditFilter } from '../../store/audit/list.ts';
import { allow } from '../http/access.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { auditEntrySchema, auditFilterQuery, auditQuery, auditVerdictSchema } from './audit-schemas.ts';
import { problems } from './problems.ts';
import { pageSchema } from './schemas.ts';

const tags = ['Audit'];
const CSV_PAGE = 1000;

/** Usher's own log, and whether it is whole. */
export function auditRoutes(app: App, { audit }: Services): void {
  app.get('/v1/audit', {
    config: allow('audit:read', 'instance'),
    schema: {
      tags,
      summary: 'List what Usher did, refused and was told',
      description: 'Newest first. An entry shows up within a second or two of what it tells of.',
      operationId: 'listAuditEntries',
      querystring: auditQuery,
      response: { 200: pageSchema(auditEntrySchema), ...problems },
    },
    handler: async (request) => {
      const { page_size: pageSize, next, ...filter } = request.query;
      const binding = { list: 'audit', filters: filter };
      const { rows, hasMore } = await audit.list(filter, placeOf(decodeCursor(next, binding, 1)), pageSize);
      const last = rows.at(-1);
      return {
        data: rows.map(bodyOf),
        next: hasMore && last !== undefined ? encodeCursor(binding, [String(last.seq)]) : null,
      };
    },
  });

  app.get('/v1/audit/export', {
    config: allow('audit:read', 'instance'),
    // To answer HEAD all of it would have to be read.
    exposeHeadRoute: false,
    schema: {
      tags,
      summary: 'Export the audit log as CSV',
      description:
        'Everything that passes the filters, newest first, in cells that no spreadsheet takes for a formula.',
      operationId: 'exportAuditEntries',
      querystring: auditFilterQuery,
      response: {
        200: { description: 'CSV.', content: { 'text/csv': { schema: z.unknown().meta({ type: 'string' }) } } },
        ...problems,
      },
    },
    handler: async (request, reply) => {
      reply.header('content-disposition', 'attachment; filename="usher-audit.csv"').type('text/csv; charset=utf-8');
      return reply.send(Readable.from(csvOf(audit, request.query)));
    },
  });

  app.get('/v1/audit/verify', {
    config: allow('audit:read', 'instance'),
    schema: {
      tags,
      summary: 'Verify the audit log',
      description:
        'Goes over the whole chain: finds what was edited, removed, inserted, moved or cut off, and says where. ' +
        'Takes about a minute for two million entries.',
      operationId: 'verifyAuditLog',
      querystring: z.strictObject({}),
      response: { 200: auditVerdictSchema, ...problems },
    },
    handler: async () => {
      const { isWhole, problems: found, ...rest } = await audit.verify();
      return { ...rest, is_whole: isWhole, problems: [...found] };
    },
  });
}

function bodyOf({ seq, hash, entry }: ChainedEntry): z.input<typeof auditEntrySchema> {
  if (entry !== null) return { seq, hash, ...entry };
  return {
    seq, hash, at: new Date(0).toISOString(), kind: 'audit', action: 'audit.unreadable', outcome: 'failed',
    summary: 'What is stored here is no entry: verify the log.', actor: null, connection: null, subject: null,
    plan: null, run: null, ordinal: null, request: null, details: null,
  }; // prettier-ignore
}

async function* csvOf(audit: AuditLog, filter: AuditFilter): AsyncGenerator<string> {
  yield csvHeader();
  let before: number | null = null;
  for (;;) {
    const { rows, hasMore } = await audit.list(filter, before, CSV_PAGE);
    yield rows.map(csvEntry).join('');
    before = rows.at(-1)?.seq ?? null;
    if (!hasMore || before === null) return;
  }
}

function placeOf(position: readonly string[] | null): number | null {
  if (position === null) return null;
  const place = Number(position[0]);
  if (Number.isSafeInteger(place) && place > 0) return place;
  throw invalidInput('next', 'next is not a cursor that this list handed out.', 'Start the list again without it.');
}
