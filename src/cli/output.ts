import type { Writable } from 'node:stream';
import { createTable, type Column } from './table.ts';

/** A stream that may be a terminal. */
export interface TerminalStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export type Paint = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Where a command writes. Results go to stdout; progress, next steps and errors to stderr, so that pipes stay clean. */
export interface Output {
  /** A line of the result, for people. Whatever comes from outside goes through `printable` before. */
  line(text?: string): void;
  /** Rows of the result, for people; call it again to go on with the next page. */
  table<Row>(columns: readonly Column<Row>[]): (rows: readonly Row[]) => void;
  /** The result as one JSON document. */
  json(value: unknown): void;
  /** One line of a stream of JSON values. */
  jsonLine(value: unknown): void;
  /** Text as it is, without a line's end; for documents written in parts. */
  raw(text: string): void;
  /** Progress and next steps: a line on stderr. */
  note(text: string): void;
  /** Replaces the last status line on a terminal's stderr; nothing elsewhere. `null` clears it. */
  status(text: string | null): void;
  readonly paint: (paint: Paint, text: string) => string;
  /** Whether results go to a person's eyes. */
  readonly isTerminal: boolean;
  /** Whether stderr, where progress goes, is a terminal. */
  readonly hasStatus: boolean;
  /** Columns to print in; null on a pipe. */
  readonly width: number | null;
  readonly statusWidth: number;
}

const CODES: Readonly<Record<Paint, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** Output on two streams. Colours only on a terminal, and not with `NO_COLOR` set (https://no-color.org) or `TERM=dumb`. */
export function createOutput(
  stdout: TerminalStream,
  stderr: TerminalStream,
  environment: Readonly<Record<string, string | undefined>>,
): Output {
  const isTerminal = stdout.isTTY === true;
  const hasColors = isTerminal && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  const hasStatus = stderr.isTTY === true && environment['TERM'] !== 'dumb';
  const width = isTerminal ? columnsOf(stdout) : null;
  let isStatusShown = false;

  const clearStatus = (): void => {
    if (isStatusShown) stderr.write('\r\u001B[K');
    isStatusShown = false;
  };
  const line = (text = ''): void => {
    clearStatus();
    stdout.write(`${text}\n`);
  };
  const paint = (name: Paint, text: string): string => {
    const [on, off] = CODES[name];
    return hasColors ? `\u001B[${on}m${text}\u001B[${off}m` : text;
  };

  return {
    line,
    table(columns) {
      const table = createTable(columns, { width, paintTitle: (text) => paint('dim', text) });
      return (rows) => {
        for (const text of table.lines(rows)) line(text);
      };
    },
    json: (value) => line(JSON.stringify(value, null, isTerminal ? 2 : undefined)),
    jsonLine: (value) => line(JSON.stringify(value)),
    raw: (text) => void stdout.write(text),
    note(text) {
      clearStatus();
      stderr.write(`${text}\n`);
    },
    status(text) {
      clearStatus();
      if (text === null || !hasStatus) return;
      stderr.write(text);
      isStatusShown = true;
    },
    paint,
    isTerminal,
    hasStatus,
    width,
    statusWidth: columnsOf(stderr),
  };
}

/** A terminal that does not know how wide it is says 0. */
function columnsOf({ columns = 0 }: { readonly columns?: number }): number {
  return columns > 0 ? columns : 80;
}
