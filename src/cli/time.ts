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
