import { usage } from './failure.ts';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of `90s`, `15m`, `6h`, `1d` or a bare number of seconds; throws a usage Failure for anything else. */
export function parseInterval(text: string): number {
  const match = /^(\d{1,9})\s*([smhd]?)$/.exec(text.trim());
  const seconds = Number(match?.[1]) * (SECONDS[match?.[2] || 's'] ?? Number.NaN);
  if (!Number.isFinite(seconds) || seconds <= 0) {
    throw usage(`"${text}" is not a time span.`, 'Write it as 15m, 6h or 1d.');
  }
  return seconds;
}
