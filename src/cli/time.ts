import { usage } from './failure.ts';

/**
 * An instant or a day as UTC, in the reader's own time zone unless it names one. A day is its end: what holds on it.
 * Throws a usage Failure for anything else.
 */
export function instantOf(text: string): string {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const instant = new Date(isDay ? `${text}T23:59:59.999` : text.replace(' ', 'T'));
  if (Number.isNaN(instant.getTime())) {
    throw usage(
      `"${text}" is not a time.`,
      'Write it as 2026-11-21, 2026-11-21T09:30 or with a zone, 2026-11-21T09:30Z.',
    );
  }
  return instant.toISOString();
}

/** `--as-of`: an instant or a day, in the reader's own time zone unless it names one; the API takes UTC. */
export function asOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : instantOf(text);
}

/** `--at`: an instant, or an hour of today (`17:00`), in the reader's own time zone unless it names one. Throws a usage Failure. */
export function timeToCome(text: string, now: Date): string {
  const hour = /^(\d{1,2}):(\d{2})$/.exec(text);
  const at = hour === null ? new Date(text.replace(' ', 'T')) : new Date(now);
  if (hour !== null) at.setHours(Number(hour[1]), Number(hour[2]), 0, 0);
  const isTime =
    !Number.isNaN(at.getTime()) && (hour === null ? text.includes(':') : Number(hour[1]) < 24 && Number(hour[2]) < 60);
  if (!isTime) {
    throw usage(`"${text}" is not a time.`, 'Write it as 17:00, 2026-11-21T17:00 or with a zone, 2026-11-21T17:00Z.');
  }
  if (at <= now) throw usage(`${text} is over.`, 'Name a time to come, with its day where that is not today.');
  return at.toISOString();
}
