import { invalidInput } from '../../model/errors.ts';

/** Wall-clock time of an IANA zone, as vendors print it (`2026-03-01 09:02:14`). */
export interface Zone {
  readonly name: string;
  /** The wall-clock text of a UTC moment (epoch milliseconds). */
  format(epochMs: number): string;
  /**
   * The UTC moment (epoch milliseconds) of a wall-clock reading given as if it were UTC. In the hour that happens twice
   * the earlier or the later one; in the hour that never happens the moment of the jump's other side.
   */
  toUtc(wallMs: number, fold: 'earlier' | 'later'): number;
}

const QUARTER_HOUR_MS = 900_000;

/** A zone by name. Offsets are kept a quarter of an hour each, so that many conversions are cheap. Throws `invalidInput`. */
export function openZone(name: string): Zone {
  const formatter = makeFormatter(name);
  const offsets = new Map<number, number>();
  const offsetAt = (epochMs: number): number => {
    const quarter = Math.floor(epochMs / QUARTER_HOUR_MS);
    const known = offsets.get(quarter);
    if (known !== undefined) return known;
    const offset = measureOffset(formatter, quarter * QUARTER_HOUR_MS);
    if (offsets.size > 400_000) offsets.clear();
    offsets.set(quarter, offset);
    return offset;
  };
  return {
    name,
    format: (epochMs) => new Date(epochMs + offsetAt(epochMs)).toISOString().slice(0, 19).replace('T', ' '),
    toUtc(wallMs, fold) {
      const day = 86_400_000;
      const candidates = [wallMs - offsetAt(wallMs - day), wallMs - offsetAt(wallMs + day)];
      const fitting = candidates.filter((candidate) => candidate + offsetAt(candidate) === wallMs);
      const choices = fitting.length > 0 ? fitting : candidates;
      return fold === 'earlier' ? Math.min(...choices) : Math.max(...choices);
    },
  };
}

function makeFormatter(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw invalidInput('zone', `"${timeZone}" is not a time zone.`, 'Use an IANA name such as America/New_York.');
  }
}

function measureOffset(formatter: Intl.DateTimeFormat, epochMs: number): number {
  const parts = new Map(formatter.formatToParts(epochMs).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - epochMs;
}
