import { pad, printable, textWidth, truncate } from './text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | null | undefined;
  /** Never cut, however narrow the terminal: ids that somebody is to copy. */
  readonly isWhole?: boolean;
  /** Numbers go to the right. Default: left. */
  readonly align?: 'left' | 'right';
  /** Colours a cell that is already cut and filled; it must not change its width. */
  readonly paint?: (cell: string, row: Row) => string;
}

export interface TableOptions {
  /** Columns of the terminal; cells are cut to fit. null: no limit (a pipe). */
  readonly width: number | null;
  /** Paints the titles. */
  readonly paintTitle?: (text: string) => string;
}

const GAP = '  ';
const NARROWEST = 6;

/**
 * Prints rows under titles, page by page: the widths are settled by the first page, so that a long list streams. Cells
 * come from outside and are made printable here; an empty one shows as `-`.
 */
export function createTable<Row>(
  columns: readonly Column<Row>[],
  { width, paintTitle = (text) => text }: TableOptions,
) {
  let widths: readonly number[] | null = null;
  return {
    /** The lines of some rows; the titles come before the first of them. */
    lines(rows: readonly Row[]): string[] {
      const cells = rows.map((row) => columns.map(({ value }) => printable(value(row) || '-')));
      const isFirst = widths === null;
      widths ??= fit(
        columns.map(({ title }, index) => columnWidth(title, cells, index)),
        columns.map(({ isWhole }) => isWhole === true),
        width,
      );
      const fixed = widths;
      const titles = isFirst ? [paintTitle(lineOf(columns.map(({ title }, index) => fill(title, index))))] : [];
      return [...titles, ...cells.map((line, at) => lineOf(line.map((cell, index) => painted(cell, index, rows[at]))))];

      function fill(cell: string, index: number): string {
        const room = fixed[index] ?? 0;
        return pad(width === null ? cell : truncate(cell, room), room, columns[index]?.align ?? 'left');
      }

      function painted(cell: string, index: number, row: Row | undefined): string {
        const paint = columns[index]?.paint;
        const filled = fill(cell, index);
        return paint === undefined || row === undefined ? filled : paint(filled, row);
      }
    },
  };
}

function columnWidth(title: string, cells: readonly (readonly string[])[], index: number): number {
  return cells.reduce((widest, line) => Math.max(widest, textWidth(line[index] ?? '')), textWidth(title));
}

/** Takes from the widest columns, but for those that stay whole, until all fit. */
function fit(wanted: readonly number[], isWhole: readonly boolean[], width: number | null): readonly number[] {
  if (width === null) return wanted;
  const room = width - GAP.length * (wanted.length - 1);
  const widths = [...wanted];
  let excess = widths.reduce((sum, each) => sum + each, 0) - room;
  while (excess > 0) {
    const flexible = widths.map((each, index) => (isWhole[index] === true ? 0 : each));
    const widest = flexible.indexOf(Math.max(...flexible));
    const present = flexible[widest] ?? 0;
    if (present <= NARROWEST) break;
    widths[widest] = present - 1;
    excess -= 1;
  }
  return widths;
}

function lineOf(cells: readonly string[]): string {
  return cells.join(GAP).trimEnd();
}
