import { z } from 'zod';
import { isObject } from '../../connector-kit/json.ts';
import { unexpectedShape } from './answers.ts';

/** A row as it came. */
export type Row = Readonly<Record<string, unknown>>;

/** A page of a list that comes in pages. */
export interface RowPage {
  readonly rows: readonly Row[];
  /** How many rows there are in all; null where the answer does not tell. */
  readonly total: number | null;
  readonly isLast: boolean;
}

/**
 * Account API users, products, roles, groups: a bare array, whole, without paging. Anything else is no list: whoever took
 * an object for an empty one would say that nobody is there.
 */
export function readBareArray(operation: string, answer: unknown): readonly Row[] {
  if (!Array.isArray(answer)) throw unexpectedShape(operation, []);
  return rowsOf(operation, answer, []);
}

const indexedSchema = z.looseObject({
  index: z.int().nonnegative(),
  size: z.int().positive(),
  total_pages: z.int().nonnegative(),
  total_data: z.int().nonnegative(),
});

/**
 * Organizations: `{data, metadata: {index, size, total_pages, total_data}}`, `index` being the number of the page from 0.
 * Other readers met a bare array and a list under `organizations` (rapid7/rapid7-bulk-export-mcp): both are whole.
 */
export function readIndexedPage(operation: string, answer: unknown, index: number): RowPage {
  if (Array.isArray(answer)) return whole(rowsOf(operation, answer, []));
  if (!isObject(answer)) throw unexpectedShape(operation, []);
  if (Array.isArray(answer['organizations'])) {
    return whole(rowsOf(operation, answer['organizations'], ['organizations']));
  }
  const metadata = indexedSchema.safeParse(answer['metadata']);
  if (!metadata.success) throw unexpectedShape(operation, ['metadata']);
  const rows = rowsOf(operation, answer['data'], ['data']);
  const { total_pages: pages, total_data: total } = metadata.data;
  return { rows, total, isLast: rows.length === 0 || index + 1 >= pages };
}

const guideSchema = z.looseObject({
  index: z.int().nonnegative(),
  size: z.int().positive(),
  totalPages: z.int().nonnegative(),
  totalResources: z.int().nonnegative(),
});

/** `GET /vm/v4/users`: `{data, metadata: {index, size, totalPages, totalResources}}`, which nothing else has. */
export function readGuidePage(operation: string, answer: unknown, index: number): RowPage {
  if (!isObject(answer)) throw unexpectedShape(operation, []);
  const metadata = guideSchema.safeParse(answer['metadata']);
  if (!metadata.success) throw unexpectedShape(operation, ['metadata']);
  const rows = rowsOf(operation, answer['data'], ['data']);
  const { totalPages, totalResources } = metadata.data;
  return { rows, total: totalResources, isLast: rows.length === 0 || index + 1 >= totalPages };
}

function whole(rows: readonly Row[]): RowPage {
  return { rows, total: rows.length, isLast: true };
}

function rowsOf(operation: string, value: unknown, path: readonly PropertyKey[]): readonly Row[] {
  if (!Array.isArray(value)) throw unexpectedShape(operation, path);
  return value.map((row: unknown, at) => {
    if (isObject(row)) return row;
    throw unexpectedShape(operation, [...path, at]);
  });
}
