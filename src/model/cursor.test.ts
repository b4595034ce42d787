import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.ts';

const binding = { list: 'accounts', filters: { status: 'active', role: undefined } };

test('a cursor gives back the position it was made of', () => {
  const part = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (position) => {
      const cursor = encodeCursor(binding, position);
      expect(decodeCursor(cursor, binding, position.length)).toEqual(position);
    }),
  );
});

test('no cursor is the start of the list', () => {
  for (const none of [null, undefined, '']) expect(decodeCursor(none, binding, 1)).toBeNull();
});

test('a cursor continues the same list under the same filters alone', () => {
  const cursor = encodeCursor(binding, ['a']);
  expect(decodeCursor(cursor, { list: 'accounts', filters: { status: 'active' } }, 1)).toEqual(['a']);
  expect(() => decodeCursor(cursor, { ...binding, list: 'groups' }, 1)).toThrow('another list');
  expect(() => decodeCursor(cursor, { ...binding, filters: { status: 'disabled' } }, 1)).toThrow('other filters');
  expect(() => decodeCursor(cursor, binding, 2)).toThrow('another list');
});

test('garbage is refused, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (garbage) => {
      expect(() => decodeCursor(garbage, binding, 1)).toThrow('next');
    }),
  );
  const nul = Buffer.from(JSON.stringify({ v: 1, b: 'x', k: ['\0'] })).toString('base64url');
  expect(() => decodeCursor(nul, binding, 1)).toThrow('not a cursor');
  const later = Buffer.from(JSON.stringify({ v: 2, b: 'x', k: ['a'] })).toString('base64url');
  expect(() => decodeCursor(later, binding, 1)).toThrow('another version');
});
