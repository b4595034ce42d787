import { expect, it } from 'vitest';
import { gathered } from './gathered.ts';

it('asks once for all that is asked in the same moment, and anew for what comes later', async () => {
  const asked: (readonly string[])[] = [];
  const known = gathered(async (keys: readonly string[]) => {
    asked.push(keys);
    return new Set(keys);
  });
  const [one, two] = await Promise.all([known(['a']), known(['b', 'c'])]);
  expect([one.has('a'), two.has('c')]).toEqual([true, true]);
  expect((await known(['d'])).has('a')).toBe(false);
  expect(asked).toEqual([['a', 'b', 'c'], ['d']]);
});

it('tells all who asked of a failure, and asks anew afterwards', async () => {
  let isWell = false;
  const known = gathered(async (keys: readonly string[]) => {
    if (!isWell) throw new Error('no database');
    return keys.length;
  });
  for (const each of [known(['a']), known(['b'])]) await expect(each).rejects.toThrow('no database');
  isWell = true;
  expect(await known(['a', 'b'])).toBe(2);
});
