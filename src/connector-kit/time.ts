/** Converts timestamps of one zone, as vendors print them, to UTC and back. Cheap for many: what is known of a day is kept. */
export interface ZoneTime {
  readonly timeZone: string;
  /**
   * `YYYY-MM-DD HH:MM:SS` (a `T` between is fine) in the zone -> ISO 8601 UTC; null where that is no date. A time that
   * was skipped by a change of the clocks is read with the offset before it; one that came twice is its first, or the
   * second if `fold` says so.
   */
  toUtc(local: string, fold?: 'first' | 'second'): string | null;
  /** Epoch milliseconds -> `YYYY-MM-DD HH:MM:SS` in the zone. */
  toLocal(epochMs: number): string;
  /** How many hours of the clock around this local time come twice: 0 for nearly all. In milliseconds. */
  foldMs(local: string): number;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Days, and quarters of an hour, that are kept of a zone: some decades of the one. */
const MOST_KEPT = 20_000;

/** Whether the runtime knows this IANA zone. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** What is known of one local day. */
interface Day {
  readonly startMs: number;
  /** null: the clocks are changed on or beside this day. */
  readonly offset: number | null;
  /** The UTC day and hour of each local hour, where the offset is whole hours: then minutes and seconds are copied. */
  readonly utcHours: readonly string[] | null;
}

const zones = new Map<string, ZoneTime>();

/** The converter for an IANA zone; throws a RangeError for an unknown one (check with `isTimeZone`). */
export function zoneTime(timeZone: string): ZoneTime {
  const zone = zones.get(timeZone) ?? makeZone(timeZone);
  zones.set(timeZone, zone);
  return zone;
}

function makeZone(timeZone: string): ZoneTime {
  const offsetAt = offsetReader(timeZone);
  const days = new Map<number, Day | null>();
  const dayOf = (year: number, month: number, date: number): Day | null => {
    const index = (year * 16 + month) * 32 + date;
    const known = days.get(index);
    if (known !== undefined) return known;
    const day = makeDay(year, month, date, offsetAt);
    if (days.size >= MOST_KEPT) days.clear();
    days.set(index, day);
    return day;
  };

  return {
    timeZone,
    toUtc(local, fold = 'first') {
      if (!isPunctuated(local)) return null;
      const hour = digits(local, 11);
      const minute = digits(local, 14);
      const second = digits(local, 17);
      if (!(hour < 24 && minute < 60 && second < 60)) return null;
      const day = dayOf(digits(local, 0) * 100 + digits(local, 2), digits(local, 5), digits(local, 8));
      if (day === null) return null;
      const utcHour = day.utcHours?.[hour];
      if (utcHour !== undefined) return `${utcHour}${local.slice(13)}.000Z`;
      const localMs = day.startMs + ((hour * 60 + minute) * 60 + second) * 1000;
      if (day.offset !== null) return new Date(localMs - day.offset).toISOString();
      const offsets = offsetsOf(localMs, offsetAt);
      return new Date(localMs - (offsets.at(fold === 'second' ? -1 : 0) ?? 0)).toISOString();
    },
    toLocal(epochMs) {
      const iso = new Date(epochMs + offsetAt(epochMs)).toISOString();
      return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
    },
    foldMs(local) {
      const localMs = parseLocal(local);
      const [first, second] = localMs === null ? [] : offsetsOf(localMs, offsetAt);
      return first === undefined || second === undefined ? 0 : first - second;
    },
  };
}

/** Reads the offset (local minus UTC, ms) at an instant; kept by hour, as zones change on whole quarters at most. */
function offsetReader(timeZone: string): (epochMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric',
    hour: 'numeric', minute: 'numeric', second: 'numeric', era: 'short',
  }); // prettier-ignore
  const known = new Map<number, number>();
  return (epochMs) => {
    const quarter = Math.floor(epochMs / (15 * MINUTE_MS));
    const cached = known.get(quarter);
    if (cached !== undefined) return cached;
    const at = quarter * 15 * MINUTE_MS;
    const part: Record<string, string> = {};
    for (const { type, value } of format.formatToParts(at)) part[type] = value;
    const year = part['era'] === 'BC' ? 1 - Number(part['year']) : Number(part['year']);
    const local = Date.UTC(year, Number(part['month']) - 1, Number(part['day']), Number(part['hour']), Number(part['minute']), Number(part['second'])); // prettier-ignore
    const offset = local - at;
    if (known.size >= MOST_KEPT) known.clear();
    known.set(quarter, offset);
    return offset;
  };
}

/**
 * The offsets under which this local time is shown, the one of the earlier instant first: one for nearly all, two where
 * the clocks were put back. In a gap, where there is none: the offset before the change, which reads the time as if the
 * clocks had not been put forward yet.
 */
function offsetsOf(localMs: number, offsetAt: (epochMs: number) => number): number[] {
  const before = offsetAt(localMs - 26 * HOUR_MS);
  const after = offsetAt(localMs + 26 * HOUR_MS);
  const around = offsetAt(localMs - offsetAt(localMs));
  const candidates = [...new Set([before, around, after])].sort((a, b) => b - a);
  const valid = candidates.filter((offset) => offsetAt(localMs - offset) === offset);
  return valid.length === 0 ? [before] : valid;
}

function makeDay(year: number, month: number, date: number, offsetAt: (epochMs: number) => number): Day | null {
  const start = new Date(Date.UTC(year, month - 1, date));
  if (year < 100 || start.getUTCMonth() !== month - 1 || start.getUTCDate() !== date) return null;
  const startMs = start.getTime();
  const offsets = new Set([-1, 0, 1, 2].map((days) => offsetAt(startMs + days * 24 * HOUR_MS)));
  const [offset] = offsets;
  if (offset === undefined || offsets.size > 1) return { startMs, offset: null, utcHours: null };
  if (offset % HOUR_MS !== 0) return { startMs, offset, utcHours: null };
  const hours = Array.from({ length: 24 }, (_, hour) => new Date(startMs + hour * HOUR_MS - offset));
  return { startMs, offset, utcHours: hours.map((instant) => instant.toISOString().slice(0, 13)) };
}

/** `....-..-.. ..:..:..`, or with a `T` between. */
function isPunctuated(local: string): boolean {
  const between = local.charCodeAt(10);
  return (
    local.length === 19 &&
    local.charCodeAt(4) === 45 &&
    local.charCodeAt(7) === 45 &&
    (between === 32 || between === 84) &&
    local.charCodeAt(13) === 58 &&
    local.charCodeAt(16) === 58
  );
}

/** Two digits at a place; NaN where they are none. */
function digits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** The local time as if it were UTC, in epoch ms; null where it is no date. */
function parseLocal(local: string): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)$/.exec(local);
  if (match === null) return null;
  const epochMs = Date.parse(`${local.slice(0, 10)}T${local.slice(11)}Z`);
  const isReal = !Number.isNaN(epochMs) && new Date(epochMs).toISOString().slice(0, 10) === local.slice(0, 10);
  return isReal ? epochMs : null;
}
