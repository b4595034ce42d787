import { pad, printable, textWidth, truncate } from './text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | null | undefined;
  /** Never cut, however narrow the terminal: ids that somebody is to copy. */
  readonly isWhole?: boolean;
  /** Left out where a terminal is too narrow for all columns. */
  readonly isExtra?: boolean;
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
/** A cell that is cut to this still tells something. */
const READABLE = 18;

/**
 * Prints rows under titles, page by page: the widths are settled by the first page, so that a long list streams. Cells
 * come from outside and are made printable here; an empty one shows as `-`.
 */
export function createTable<Row>(
  columns: readonly Column<Row>[],
  { width, paintTitle = (text) => text }: TableOptions,
) {
  let shape: Shape<Row> | null = null;
  return {
    /** The lines of some rows; the titles come before the first of them. */
    lines(rows: readonly Row[]): string[] {
      const isFirst = shape === null;
      shape ??= shapeOf(columns, rows, width);
      const { shown, widths } = shape;
      const titles = isFirst ? [paintTitle(lineOf(shown.map(({ title }, index) => fill(title, index))))] : [];
      return [...titles, ...rows.map((row) => lineOf(shown.map((column, index) => painted(column, index, row))))];

      function fill(cell: string, index: number): string {
        const room = widths[index] ?? 0;
        return pad(width === null ? cell : truncate(cell, room), room, shown[index]?.align ?? 'left');
      }

      function painted(column: Column<Row>, index: number, row: Row): string {
        const filled = fill(cellOf(column, row), index);
        return column.paint === undefined ? filled : column.paint(filled, row);
      }
    },
  };
}

/** The columns that are shown, and how wide each is. */
interface Shape<Row> {
  readonly shown: readonly Column<Row>[];
  readonly widths: readonly number[];
}

/**
 * Leaves out columns that may be, the last first, while the others would not be readable in that width; then takes from the
 * widest.
 */
function shapeOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number | null): Shape<Row> {
  const wanted = columns.map((column) => columnWidth(column, rows));
  const least = columns.map(({ isWhole }, index) => {
    const wish = wanted[index] ?? 0;
    return isWhole === true ? wish : Math.min(wish, READABLE);
  });
  const kept = columns.map((_, index) => index);
  const room = width ?? Number.POSITIVE_INFINITY;
  for (let index = columns.length - 1; index >= 0; index -= 1) {
    const isTooWide = totalWidth(kept.map((each) => least[each] ?? 0)) > room;
    if (isTooWide && columns[index]?.isExtra === true) kept.splice(kept.indexOf(index), 1);
  }
  const shown = columns.filter((_, index) => kept.includes(index));
  const widths = fit(
    kept.map((index) => wanted[index] ?? 0),
    shown.map(({ isWhole }) => isWhole === true),
    width,
  );
  return { shown, widths };
}

function cellOf<Row>({ value }: Column<Row>, row: Row): string {
  return printable(value(row) || '-');
}

function columnWidth<Row>(column: Column<Row>, rows: readonly Row[]): number {
  return rows.reduce((widest, row) => Math.max(widest, textWidth(cellOf(column, row))), textWidth(column.title));
}

function totalWidth(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1);
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
