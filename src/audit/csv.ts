import type { ChainedEntry } from './index.ts';

const COLUMNS: readonly (readonly [
  name: string,
  value: (chained: ChainedEntry) => string | number | null | undefined,
])[] = [
  ['seq', ({ seq }) => seq],
  ['at', ({ entry }) => entry?.at],
  ['kind', ({ entry }) => entry?.kind],
  ['action', ({ entry }) => entry?.action],
  ['outcome', ({ entry }) => entry?.outcome],
  ['actor_id', ({ entry }) => entry?.actor?.id],
  ['actor_name', ({ entry }) => entry?.actor?.name],
  ['actor_kind', ({ entry }) => entry?.actor?.kind],
  ['token', ({ entry }) => entry?.actor?.token],
  ['connection', ({ entry }) => entry?.connection],
  ['subject_kind', ({ entry }) => entry?.subject?.kind],
  ['subject_key', ({ entry }) => entry?.subject?.key],
  ['subject_name', ({ entry }) => entry?.subject?.name],
  ['plan', ({ entry }) => entry?.plan],
  ['run', ({ entry }) => entry?.run],
  ['ordinal', ({ entry }) => entry?.ordinal],
  ['request', ({ entry }) => entry?.request],
  ['summary', ({ entry }) => entry?.summary],
  ['details', ({ entry }) => (entry?.details == null ? null : JSON.stringify(entry.details))],
  ['hash', ({ hash }) => hash],
];

/** The first line of an export. */
export function csvHeader(): string {
  return csvLine(COLUMNS.map(([name]) => name));
}

/** An entry as a line of an export. */
export function csvEntry(chained: ChainedEntry): string {
  return csvLine(COLUMNS.map(([, value]) => value(chained) ?? null));
}

function csvLine(values: readonly (string | number | null)[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

/**
 * A cell by RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe in front: names come from
 * people, and an export is opened by administrators.
 */
export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
