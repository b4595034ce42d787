import type { z } from 'zod';
import type { ListCall } from './client.ts';
import type { Context } from './context.ts';
import { usage } from './failure.ts';
import type { Column } from './table.ts';

export interface ListOptions {
  /** How many items at most, as typed. */
  readonly limit?: string;
  /** All of them. */
  readonly all?: boolean;
}

/** What fits a person's eyes; a pipe and `--json` get everything. */
const TERMINAL_LIMIT = 100;

/**
 * Prints a list of the API: a table that streams page by page, or with `--json` one document `{"data": […]}` written as
 * it comes, so that memory holds a page and not a company. Returns how many items there were.
 */
export async function listPages<Schema extends z.ZodType>(
  context: Context,
  item: Schema,
  call: ListCall<z.input<Schema>>,
  columns: readonly Column<z.output<Schema>>[],
  options: ListOptions,
): Promise<number> {
  const client = await context.client();
  const { out, isJson } = context;
  const limit = limitOf(options, out.isTerminal && !isJson);
  const printRows = isJson ? jsonWriter(context) : out.table(columns);
  let shown = 0;
  let hasMore = false;
  for await (const page of client.pages(item, call, { limit })) {
    if (page.items.length > 0) printRows(page.items);
    shown += page.items.length;
    hasMore = page.hasMore;
  }
  if (isJson) out.raw(shown === 0 ? '{"data":[]}\n' : '\n]}\n');
  else if (hasMore) out.note(`The first ${shown}; there are more: --limit N or --all.`);
  return shown;
}

/** `--limit` and `--all` as a number: without them all, or a screenful where `isForEyes`. */
export function limitOf({ limit, all }: ListOptions, isForEyes: boolean): number {
  if (limit !== undefined) {
    const value = Number(limit);
    if (!Number.isInteger(value) || value < 1)
      throw usage(`--limit has to be a whole number from 1 on, not "${limit}".`);
    return value;
  }
  return all === true || !isForEyes ? Number.POSITIVE_INFINITY : TERMINAL_LIMIT;
}

function jsonWriter({ out }: Context): (items: readonly unknown[]) => void {
  let isFirst = true;
  return (items) => {
    for (const value of items) {
      out.raw(`${isFirst ? '{"data":[' : ','}\n${JSON.stringify(value)}`);
      isFirst = false;
    }
  };
}
