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
const DAY_MS = 86_400_000;
const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

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
    format(epochMs) {
      const wallSeconds = Math.floor((epochMs + offsetAt(epochMs)) / 1_000);
      const day = Math.floor(wallSeconds / 86_400);
      const second = wallSeconds - day * 86_400;
      return `${dayText(day)} ${two(Math.floor(second / 3_600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
    },
    toUtc(wallMs, fold) {
      const candidates = [wallMs - offsetAt(wallMs - DAY_MS), wallMs - offsetAt(wallMs + DAY_MS)];
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

const dayTexts = new Map<number, string>();

/** `YYYY-MM-DD` of a day counted from 1970: most conversions are of few days. */
function dayText(day: number): string {
  const known = dayTexts.get(day);
  if (known !== undefined) return known;
  const text = new Date(day * DAY_MS).toISOString().slice(0, 10);
  if (dayTexts.size > 100_000) dayTexts.clear();
  dayTexts.set(day, text);
  return text;
}

function two(value: number): string {
  return TWO_DIGITS[value] ?? '00';
}
