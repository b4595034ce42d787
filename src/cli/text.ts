import { stripVTControlCharacters } from 'node:util';

/**
 * Text from outside made safe for a terminal: escape sequences, control characters and marks that reorder what is read
 * are shown as `�` rather than obeyed, so that an account's name cannot move the cursor or hide another.
 */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g, '�');
}

// Made when first needed: the tables behind them cost a quarter of what a whole short command takes.
let segmenter: Intl.Segmenter | undefined;
let integers: Intl.NumberFormat | undefined;

function graphemes(text: string): Iterable<Intl.SegmentData> {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

const WIDE =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{20000}-\u{3FFFD}])/u;
const ASCII = /^[\u0020-\u007E]*$/;
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** How many columns a terminal needs for the text; colours count nothing. */
export function textWidth(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (ASCII.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of graphemes(plain)) {
    width += NO_WIDTH.test(segment) ? 0 : WIDE.test(segment) ? 2 : 1;
  }
  return width;
}

/** Shortens a text without colours to `width` columns, ending in `…`. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes(text)) {
    const next = textWidth(segment);
    if (used + next > width - 1) break;
    kept += segment;
    used += next;
  }
  return `${kept}…`;
}

/** Fills a text up to `width` columns. */
export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

/** `100000` as `100,000`; nothing known as `-`. */
export function number(value: number | null | undefined): string {
  if (value == null) return '-';
  integers ??= new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
  return integers.format(value);
}

/** `3 accounts`, `1 account`. */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${number(value)} ${value === 1 ? singular : plural}`;
}

/** An instant in the reader's own time zone (or the one named), to the minute: `2026-11-21 22:00`; nothing as `-`. */
export function localTime(iso: string | null | undefined, timeZone?: string): string {
  return iso == null ? '-' : formatTime(iso, timeZone, false);
}

/** The same to the second. */
export function localTimeExactly(iso: string | null | undefined, timeZone?: string): string {
  return iso == null ? '-' : formatTime(iso, timeZone, true);
}

/** A span as people say it: `0.8 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pairOf(Math.floor(whole / 60), 'min', whole % 60, 's');
  return pairOf(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min');
}

/** `never-signed-in` of `neverSignedIn` and `never_signed_in`: how fields are spelled as flags. */
export function kebab(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/[_\s]+/g, '-')
    .toLowerCase();
}

/** Breaks a text into lines of at most `width` columns, at blanks. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && textWidth(line) + 1 + textWidth(word) > width) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    return [...lines, line];
  });
}

function pairOf(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function formatTime(iso: string, timeZone: string | undefined, hasSeconds: boolean): string {
  const instant = new Date(iso);
  if (Number.isNaN(instant.getTime())) return printable(iso);
  return instant.toLocaleString('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    ...(hasSeconds ? { second: '2-digit' } : {}),
  });
}
