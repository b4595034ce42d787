import { decodeCursor, encodeCursor } from '../../model/cursor.ts';

/** A list that is at hand whole: few rows, each with a position of its own in it. */
interface Listing<Row> {
  /** Names the list in its cursors; with who asks, where that decides what the list holds. */
  readonly list: string;
  readonly rows: readonly Row[];
  /** Where a row stands: its time (or nothing) and its id, compared as text. */
  readonly position: (row: NoInfer<Row>) => readonly [time: string, id: string];
  /** Last position first; default: first position first. */
  readonly isReversed?: boolean;
}

/**
 * A page of a list that is at hand whole, in order of position. Rows that come or go between two pages neither shift
 * nor repeat others. `invalidInput` for a `next` that this list did not hand out.
 */
export function pageOfListing<Row, Body>(
  { list, rows, position, isReversed = false }: Listing<Row>,
  { page_size: pageSize, next }: { readonly page_size: number; readonly next?: string | undefined },
  body: (row: Row) => Body,
): { data: Body[]; next: string | null } {
  const binding = { list, filters: {} };
  const direction = isReversed ? -1 : 1;
  const order = (a: readonly string[], b: readonly string[]) => direction * compare(a, b);
  const after = decodeCursor(next, binding, 2);
  const rest = rows
    .filter((row) => after === null || order(position(row), after) > 0)
    .sort((a, b) => order(position(a), position(b)));
  const shown = rest.slice(0, pageSize);
  const last = shown.at(-1);
  const hasMore = rest.length > shown.length && last !== undefined;
  return { data: shown.map(body), next: hasMore ? encodeCursor(binding, position(last)) : null };
}

function compare([timeA = '', idA = '']: readonly string[], [timeB = '', idB = '']: readonly string[]): number {
  if (timeA !== timeB) return timeA < timeB ? -1 : 1;
  return idA === idB ? 0 : idA < idB ? -1 : 1;
}
