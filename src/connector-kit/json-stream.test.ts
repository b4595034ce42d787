import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsherError } from '../model/errors.ts';
import { type MapEntry, readObjectMap } from './json-stream.ts';

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array, void, void> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string, size = 7, batchSize = 2): Promise<MapEntry[]> {
  const entries: MapEntry[] = [];
  const describeOther = (head: string): UsherError => new UsherError('transient', `other: ${head}`);
  for await (const batch of readObjectMap(pieces(text, size), { operation: 'getmap', batchSize, describeOther })) {
    expect(batch.length).toBeLessThanOrEqual(batchSize);
    entries.push(...batch);
  }
  return entries;
}

describe('a large map', () => {
  it('gives the entries JSON.parse gives, wherever the answer is cut into pieces', async () => {
    const maps = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue(), { maxKeys: 8 });
    await fc.assert(
      fc.asyncProperty(maps, fc.integer({ min: 1, max: 40 }), async (map, size) => {
        const text = JSON.stringify(map);
        expect(JSON.stringify(await read(text, size))).toBe(JSON.stringify(Object.entries(JSON.parse(text))));
      }),
      { numRuns: 200, seed: 20260302 },
    );
  });

  it('may be empty, as an object or as PHP writes it, with blanks or a mark around', async () => {
    for (const text of ['{}', '[]', ' \n[]\n', '\ufeff{ }  ']) expect(await read(text, 1)).toEqual([]);
  });

  it('gives a key that comes twice twice', async () => {
    expect(await read('{"a":{"x":1},"a":{"x":2}}')).toEqual([['a', { x: 1 }], ['a', { x: 2 }]]); // prettier-ignore
  });

  it('is an error when it is cut short, at every place, never a shorter list', async () => {
    const whole = '{"a":{"x":[1,2]},"b":{"y":"z"}}';
    for (let length = 1; length < whole.length; length += 1) {
      await expect(read(whole.slice(0, length), 3)).rejects.toMatchObject({ details: { code: 'truncated' } });
    }
  });

  it.each(['[{"a":1}]', '[1]', '{"a":{}}{', '{"a":{}} x', '{"a":,}', '{a:1}'])(
    'is an error when it is no such map: %s',
    async (text) => {
      await expect(read(text, 100)).rejects.toMatchObject({ kind: 'upstreamBug' });
    },
  );

  it('hands the beginning of anything else to whoever can name it', async () => {
    await expect(read('<html>busy</html>')).rejects.toThrow('other: <html>busy</html>');
    await expect(read('')).rejects.toThrow('other: ');
    await expect(read(`<${'x'.repeat(10_000)}`, 1000)).rejects.toThrow('other: <xxx');
  });
});
