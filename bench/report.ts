/** One measured case. `ratio` is value to floor; `holds` is null where there is no target. */
export interface Case {
  readonly bench: string;
  readonly case: string;
  readonly value: number;
  readonly unit: string;
  readonly floor: number | null;
  readonly ratio: number | null;
  readonly target: string | null;
  readonly holds: boolean | null;
}

export type Report = (measured: Case) => void;

/** A value against a floor of the same run; the target is the largest ratio that holds. */
export function against(
  bench: string,
  name: string,
  unit: string,
  value: number,
  floor: number,
  most: number | null,
): Case {
  const ratio = round(value / floor);
  return {
    bench,
    case: name,
    value: round(value),
    unit,
    floor: round(floor),
    ratio,
    target: most === null ? null : `at most ${most}x`,
    holds: most === null ? null : ratio <= most,
  };
}

/** Such a value where more is better: the target is the smallest ratio that holds. */
export function keepsUp(bench: string, name: string, unit: string, value: number, floor: number, least: number): Case {
  const ratio = round(value / floor);
  return { ...against(bench, name, unit, value, floor, null), target: `at least ${least}x`, holds: ratio >= least };
}

/** A value against a bound of its own. */
export function atMost(bench: string, name: string, unit: string, value: number, most: number): Case {
  return {
    bench,
    case: name,
    value: round(value),
    unit,
    floor: null,
    ratio: null,
    target: `at most ${most} ${unit}`,
    holds: value <= most,
  };
}

/** A value to know, without a bound. */
export function figure(bench: string, name: string, unit: string, value: number): Case {
  return { bench, case: name, value: round(value), unit, floor: null, ratio: null, target: null, holds: null };
}

/** The middle of measured values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** The cases as a table for people. */
export function table(cases: readonly Case[]): string {
  const rows = [
    ['case', 'value', 'floor', 'ratio', 'target', ''],
    ...cases.map((measured) => [
      measured.case,
      `${measured.value} ${measured.unit}`,
      measured.floor === null ? '' : `${measured.floor} ${measured.unit}`,
      measured.ratio === null ? '' : `${measured.ratio}x`,
      measured.target ?? '',
      measured.holds === null ? '' : measured.holds ? 'holds' : 'FAILS',
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
