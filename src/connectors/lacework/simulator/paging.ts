import { z } from 'zod';
import type { JsonValue } from '../../../model/records.ts';
import type { Call } from './call.ts';
import { type Answer, Refused } from './wire.ts';

const PAGE_LIFE_MS = 24 * 3_600_000;
const FOREIGN_ORIGIN = 'https://collector.example';

/** What a page token holds: the list its first page was of, and how much of it was sent. */
const cursorSchema = z.object({
  /** The functionality, as in its path. */
  of: z.string(),
  /** The account's name; null: the organization. */
  account: z.string().nullable(),
  owner: z.string(),
  made: z.number(),
  offset: z.number().int().min(0),
  spec: z.json(),
});
export type Cursor = z.output<typeof cursorSchema>;

/** Whether a text in the place of an id is a page token: they are JSON in base64. */
export function isPageToken(text: string): boolean {
  return text.startsWith('eyJ');
}

/** Reads a page token of this functionality. Throws `Refused` where it is none, is too old, or is another user's. */
export function readCursor(call: Pick<Call, 'tenant' | 'caller'>, token: string, of: string): Cursor {
  const cursor = decode(token);
  if (cursor?.of !== of || cursor.owner !== call.caller.name) throw new Refused(404, 'Not Found');
  if (call.tenant.clock.now().getTime() - cursor.made > PAGE_LIFE_MS) throw new Refused(404, 'Not Found');
  return cursor;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** A row as JSON. */
  readonly render: (row: Row) => unknown;
  /** Whether this list is paged at all. */
  readonly isPaged: boolean;
  readonly of: string;
  readonly cursor: Cursor | null;
  /** What the next page needs to find the same list. */
  readonly spec: JsonValue;
}

/**
 * A list in an answer. With more rows than a page has: `paging` beside `data`, the next page as a whole address valid for 24
 * hours (the reference), unless switched to one of the other forms that fixtures and guides show.
 */
export function listAnswer<Row>(call: Call, page: Page<Row>): Answer {
  const { pageSize, lastPage, nextPageForm } = call.tenant.switches;
  const offset = page.cursor?.offset ?? 0;
  const end = page.isPaged ? offset + pageSize : page.rows.length;
  const rows = page.isPaged ? page.rows.slice(offset, end) : page.rows;
  const isWhole = offset === 0 && page.rows.length <= end;
  if (isWhole) return { status: 200, body: written('{', rows, page.render) };

  const next = page.rows.length > end ? tokenOf(call, page, end) : null;
  if (nextPageForm === 'token') {
    const head = next === null ? '{' : `{"nextPage":${JSON.stringify(next)},`;
    return { status: 200, body: written(head, rows, page.render) };
  }
  const nextPage = next === null ? null : addressOf(call, page.of, next);
  const urls = nextPage === null && lastPage === 'absent' ? {} : { nextPage };
  const paging = { rows: rows.length, totalRows: page.rows.length, urls };
  return { status: 200, body: written(`{"paging":${JSON.stringify(paging)},`, rows, page.render) };
}

/** The text of an answer, a few hundred rows at a time. */
function* written<Row>(
  head: string,
  rows: readonly Row[],
  render: (row: Row) => unknown,
): Generator<string, void, void> {
  const CHUNK = 250;
  let text = `${head}"data":[`;
  for (const [place, row] of rows.entries()) {
    text += `${place === 0 ? '' : ','}${JSON.stringify(render(row))}`;
    if (place % CHUNK !== CHUNK - 1) continue;
    yield text;
    text = '';
  }
  yield `${text}]}`;
}

function tokenOf(call: Call, page: Pick<Page<unknown>, 'of' | 'cursor' | 'spec'>, offset: number): string {
  const cursor: Cursor = {
    of: page.of,
    account: call.scope.kind === 'account' ? call.scope.account.name : null,
    owner: call.caller.name,
    made: page.cursor?.made ?? call.tenant.clock.now().getTime(),
    offset,
    spec: z.json().parse(page.spec),
  };
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function addressOf(call: Call, of: string, token: string): string {
  switch (call.tenant.switches.nextPageForm) {
    case 'relative':
      return `/api/v2/${of}?nextPage=${token}`;
    case 'foreign':
      return `${FOREIGN_ORIGIN}/api/v2/${of}/${token}`;
    default:
      return `${call.origin}/api/v2/${of}/${token}`;
  }
}

function decode(token: string): Cursor | null {
  try {
    const parsed = cursorSchema.safeParse(JSON.parse(Buffer.from(token, 'base64url').toString()));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
