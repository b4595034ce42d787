import type { ZoneTime } from '../../connector-kit/time.ts';
import { UsherError } from '../../model/errors.ts';
import { getReport, type ReportingQuery } from './client.ts';
import type { LastPassContext } from './config.ts';
import type { EventRow } from './schemas.ts';

/**
 * A local second of the account's zone, counted as if it were UTC. In the hour that comes twice when the clocks are put
 * back it stands for both: LastPass itself cannot tell them apart in a query.
 */
export type LocalSecond = number;

export interface ReportWindow {
  /** Both ends are inside. */
  readonly from: LocalSecond;
  readonly to: LocalSecond;
  readonly filters: Pick<ReportingQuery, 'user' | 'search' | 'adminOnly'>;
}

/** What cannot be split in a query: a second, or the whole hour that comes twice around it. */
export interface Atom {
  readonly first: LocalSecond;
  readonly last: LocalSecond;
}

/** The newest part of a window. */
export interface NewestPart {
  /** Newest first; each atom that has a row here has all of its rows here. */
  readonly rows: readonly EventRow[];
  /** Everything newer is in `rows`; this second and what is older is not. null: `rows` is the whole window. */
  readonly remainsTo: LocalSecond | null;
}

/** More answers than this for one atom are taken for a fault of the vendor: at 10,000 rows each. */
const MAX_ANSWERS = 1000;

/**
 * Reads the newest part of a window that fits an answer. The vendor caps answers (10,000 rows, newest first) and
 * continues at an instant that is inclusive, so the oldest atom of a capped answer may be a part: it is left for the
 * next call. Only an atom that fills an answer alone is followed by the vendor's own cursor. The window must begin and
 * end with whole atoms.
 */
export async function readNewest(context: LastPassContext, window: ReportWindow, zone: ZoneTime): Promise<NewestPart> {
  const query: ReportingQuery = {
    ...window.filters,
    // Whether the vendor counts the ends in is not documented: ask for a second more, drop what is outside.
    from: askedFrom(window.from - 1, zone),
    to: toText(window.to + 1),
  };
  const answers = walk(context, query, zone);
  let answer = await nextOf(answers);
  // The second after the window may fill answers on its own.
  while (answer.isCapped && answer.oldest > window.to) answer = await nextOf(answers);
  const inside = (row: EventRow): boolean => isWithin(row, window.from, window.to);
  if (!answer.isCapped || answer.oldest < window.from) return { rows: answer.rows.filter(inside), remainsTo: null };

  const begun = atomAt(answer.oldest, zone);
  const whole = answer.rows.filter((row) => inside(row) && !isWithin(row, begun.first, begun.last));
  if (whole.length > 0) return { rows: whole, remainsTo: begun.last };
  const rows = answer.rows.filter(inside);
  while (answer.isCapped && answer.oldest >= begun.first) {
    answer = await nextOf(answers);
    rows.push(...answer.rows.filter((row) => isWithin(row, begun.first, begun.last)));
  }
  return { rows, remainsTo: begun.first > window.from ? begun.first - 1 : null };
}

interface Answer {
  /** Newest first, without what the answer before had already. */
  readonly rows: readonly EventRow[];
  readonly isCapped: boolean;
  readonly oldest: LocalSecond;
}

/** One answer after the other by the vendor's cursor; throws when the cursor does not go back in time. */
async function* walk(
  context: LastPassContext,
  query: ReportingQuery,
  zone: ZoneTime,
): AsyncGenerator<Answer, never, void> {
  let previous: readonly EventRow[] = [];
  let next: string | null = null;
  for (let count = 0; count < MAX_ANSWERS; count += 1) {
    const page = await getReport(context, next === null ? query : { ...query, next });
    if (page.next !== null && next !== null && BigInt(page.next) > BigInt(next)) break;
    const rows = newestFirst(page.rows, zone);
    const fresh = next === null ? rows : rows.slice(repeatedAt(previous, rows));
    if (page.next !== null && fresh.length === 0) break;
    yield { rows: fresh, isCapped: page.next !== null, oldest: oldestOf(rows) };
    previous = rows;
    next = page.next;
  }
  throw new UsherError('upstreamBug', `LastPass did not come to an end with the events up to ${query.to}.`, {
    code: 'noProgress',
    next: 'Report it; nothing is lost, the next poll starts there again.',
  });
}

async function nextOf(answers: AsyncGenerator<Answer, never, void>): Promise<Answer> {
  return (await answers.next()).value;
}

/** The atom a local second belongs to. */
export function atomAt(second: LocalSecond, zone: ZoneTime): Atom {
  const isTwice = (at: LocalSecond): boolean => zone.foldMs(toText(at)) > 0;
  if (!isTwice(second)) return { first: second, last: second };
  const length = zone.foldMs(toText(second)) / 1000;
  let before = second - length;
  let first = second;
  while (first - before > 1) {
    const middle = Math.floor((before + first) / 2);
    if (isTwice(middle)) first = middle;
    else before = middle;
  }
  return { first, last: first + length - 1 };
}

/**
 * How many rows at the start of a page repeat the end of the one before: the vendor's cursor includes its instant. The
 * smallest overlap that fits, for identical rows are legitimate (failed logins in a row).
 */
export function repeatedAt(previous: readonly EventRow[], page: readonly EventRow[]): number {
  const longest = Math.min(previous.length, page.length, 1000);
  for (let length = 1; length <= longest; length += 1) {
    const tail = previous.slice(previous.length - length);
    if (tail.every((row, index) => sameRow(row, page[index]))) return length;
  }
  return 0;
}

function sameRow(a: EventRow, b: EventRow | undefined): boolean {
  return b !== undefined && rowText(a) === rowText(b);
}

/** The five fields of a row as one text: what there is to tell rows apart by. */
export function rowText(row: EventRow): string {
  return JSON.stringify([row.Time, row.Username, row.IP_Address, row.Action, row.Data]);
}

/**
 * The vendor sends newest first; its own sample shows the other order, so look at the rows whose time comes once: in an
 * hour that comes twice, a falling list rises.
 */
function newestFirst(rows: readonly EventRow[], zone: ZoneTime): readonly EventRow[] {
  for (const row of rows) if (secondOf(row) === null) throw unreadableTime();
  const isOnce = (row: EventRow): boolean => zone.foldMs(row.Time) === 0;
  const first = secondOf(rows.find(isOnce));
  const last = secondOf(rows.findLast(isOnce));
  return first !== null && last !== null && last > first ? rows.toReversed() : rows;
}

/** Infinity where there are no rows. */
function oldestOf(rows: readonly EventRow[]): LocalSecond {
  return rows.reduce((oldest, row) => Math.min(oldest, secondOf(row) ?? oldest), Infinity);
}

function isWithin(row: EventRow, from: LocalSecond, to: LocalSecond): boolean {
  const second = secondOf(row);
  return second !== null && second >= from && second <= to;
}

function secondOf(row: EventRow | undefined): LocalSecond | null {
  return row === undefined ? null : fromText(row.Time);
}

/** `YYYY-MM-DD HH:MM:SS` -> local second; null where it is no date. */
export function fromText(text: string): LocalSecond | null {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return null;
  const epochMs = Date.parse(`${text.replace(' ', 'T')}Z`);
  return Number.isNaN(epochMs) ? null : epochMs / 1000;
}

export function toText(second: LocalSecond): string {
  return new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

/** A time that the clocks skip could be read as an hour later: ask from an hour before. */
function askedFrom(second: LocalSecond, zone: ZoneTime): string {
  const utc = zone.toUtc(toText(second));
  const isSkipped = utc !== null && zone.toLocal(Date.parse(utc)) !== toText(second);
  return toText(isSkipped ? second - 3600 : second);
}

function unreadableTime(): UsherError {
  return new UsherError('upstreamBug', 'LastPass sent an event with a time that is no date.', {
    code: 'unexpectedShape',
    next: 'Try again; if it stays so, report it.',
  });
}
