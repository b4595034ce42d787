import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInterval } from './interval.ts';
import { createOutput } from './output.ts';
import { createTable } from './table.ts';
import {
  counted,
  duration,
  kebab,
  localTime,
  localTimeExactly,
  pad,
  printable,
  textWidth,
  truncate,
  wrap,
} from './text.ts';

describe('text for a terminal', () => {
  it('never holds a character that the terminal obeys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
      }),
    );
  });

  it('is cut to a width and filled up to it, whatever it is made of', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('山田太郎', 'e\u0301a', '👩‍👩‍👧 family', 'Müller, Jörg'),
    );
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 40 }), (raw, width) => {
        const shown = truncate(printable(raw), width);
        expect(textWidth(shown)).toBeLessThanOrEqual(width);
        expect(textWidth(pad(shown, width, 'right'))).toBe(width);
      }),
    );
  });

  it('is wrapped without losing a word', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,8}$/)), fc.integer({ min: 8, max: 40 }), (words, width) => {
        const lines = wrap(words.join(' '), width);
        expect(lines.join(' ')).toBe(words.join(' '));
        expect(lines.every((line) => line.length <= width)).toBe(true);
      }),
    );
  });

  it('counts wide characters as two columns and colours as none', () => {
    expect(['abc', '山田', 'e\u0301', '\u001B[31mred\u001B[39m'].map(textWidth)).toEqual([3, 4, 1, 3]);
  });
});

describe('numbers, times and names', () => {
  it('are written as people say them', () => {
    expect([counted(1, 'account'), counted(100_000, 'account')]).toEqual(['1 account', '100,000 accounts']);
    expect([0.84, 12.2, 200, 7500, 7200].map(duration)).toEqual(['0.8 s', '12 s', '3 min 20 s', '2 h 5 min', '2 h']);
    expect(['companyId', 'requests_per_second', 'id'].map(kebab)).toEqual(['company-id', 'requests-per-second', 'id']);
  });

  it('show an instant in the time zone asked for', () => {
    expect(localTime('2026-11-21T22:00:59.000Z', 'Europe/Stockholm')).toBe('2026-11-21 23:00');
    expect(localTimeExactly('2026-06-21T22:00:59.000Z', 'America/New_York')).toBe('2026-06-21 18:00:59');
    expect([localTime(null), localTime('soon\u001B[2J')]).toEqual(['-', 'soon�[2J']);
  });

  it('read a time span with its unit, and nothing else', () => {
    expect(['90', '90s', '15m', '6h', '1d'].map(parseInterval)).toEqual([90, 90, 900, 21_600, 86_400]);
    for (const wrong of ['', '0', '-1h', '6 weeks', '1.5h', '99999999999d'])
      expect(() => parseInterval(wrong)).toThrow('is not a time span');
  });
});

describe('a table', () => {
  const columns = [
    { title: 'Name', value: ({ name }: { name: string; size: number }) => name },
    { title: 'Size', value: ({ size }: { name: string; size: number }) => String(size), align: 'right' as const },
  ];

  it('puts numbers to the right and shows what is missing', () => {
    const table = createTable(columns, { width: null });
    expect(table.lines([{ name: 'Ada', size: 7 }, { name: '', size: 1200 }])).toEqual(['Name  Size', 'Ada      7', '-     1200']); // prettier-ignore
  });

  it('cuts the widest column to fit a terminal', () => {
    const table = createTable(columns, { width: 20 });
    expect(table.lines([{ name: 'a very long name indeed', size: 7 }])).toEqual([
      'Name            Size',
      'a very long n…     7',
    ]);
  });

  it('never cuts what somebody is to copy, and leaves out what may be missing before it cuts to nothing', () => {
    const row = { name: 'a very long name indeed', size: 7 };
    const [name, size] = columns;
    if (name === undefined || size === undefined) throw new Error('There are two columns.');
    const table = createTable(
      [
        { ...name, isWhole: true },
        { ...size, isExtra: true },
      ],
      { width: 24 },
    );
    expect(table.lines([row])).toEqual(['Name', 'a very long name indeed']);
    const wide = createTable(
      [
        { ...name, isWhole: true },
        { ...size, isExtra: true },
      ],
      { width: 40 },
    );
    expect(wide.lines([row])).toEqual(['Name                     Size', 'a very long name indeed     7']);
  });

  it('goes on with the widths of its first page and repeats no titles', () => {
    const table = createTable(columns, { width: null });
    table.lines([{ name: 'Ada', size: 7 }]);
    expect(table.lines([{ name: 'Bo', size: 8 }])).toEqual(['Bo       8']);
  });
});

it('a terminal that does not tell its width is taken for one of 80 columns', () => {
  const unsized = Object.assign(new PassThrough(), { isTTY: true, columns: 0 });
  expect(createOutput(unsized, unsized, {})).toMatchObject({ width: 80, statusWidth: 80 });
});
