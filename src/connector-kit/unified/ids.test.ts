import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCompositeId, encodeCompositeId, isCompositeId, plainId } from './ids.ts';

test('the id of one value is the header and base64url of id:value', () => {
  expect(encodeCompositeId({ id: 'jane@example.com' })).toBe('c28xIQaWQ6amFuZUBleGFtcGxlLmNvbQ');
  expect(plainId('c28xIQaWQ6amFuZUBleGFtcGxlLmNvbQ')).toBe('jane@example.com');
});

test('what is encoded is decoded, whatever stands in names and values', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text !== '__proto__');
  fc.assert(
    fc.property(fc.dictionary(name, fc.string({ unit: 'grapheme' }), { minKeys: 1 }), (values) => {
      const id = encodeCompositeId(values);
      expect(isCompositeId(id)).toBe(true);
      expect({ ...decodeCompositeId(id) }).toEqual({ ...values });
    }),
  );
});

test('separators inside a value are escaped, not taken for separators', () => {
  const id = encodeCompositeId({ id: 'a,b:c\\d', other: '' });
  expect(Buffer.from(id.slice(6), 'base64url').toString()).toBe('id:a\\,b\\:c\\\\d,other:');
});

test('a plain id stays as it is', () => {
  for (const id of ['jane@example.com', '12345', 'Zoë & Søren/Team', '']) expect(plainId(id)).toBe(id);
});

test('what carries the header but is no id is refused, naming the parameter', () => {
  const bad = ['c28xIQ!!!', 'c28xIQaWQ', 'c28xIQ_w', `c28xIQ${Buffer.from('id:a,id:b').toString('base64url')}`];
  for (const id of bad) expect(() => plainId(id, 'resource_id')).toThrow(/resource_id/u);
  expect(() => plainId(encodeCompositeId({ tenant: 'x' }))).toThrow('an identifier Usher does not know: tenant');
  expect(() => decodeCompositeId('c28xIQ')).toThrow('no composite id');
});
