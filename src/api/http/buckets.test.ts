import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBuckets } from './buckets.ts';

const SEED = 20_260_302;

test('whenever it is asked, a bucket never lets through more than its burst and what was refilled since', () => {
  const asked = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.constantFrom('a', 'b')), { maxLength: 200 });
  const allowance = fc.record({ perSecond: fc.integer({ min: 1, max: 500 }), burst: fc.integer({ min: 1, max: 50 }) });
  fc.assert(
    fc.property(asked, allowance, (steps, { perSecond, burst }) => {
      let now = 0;
      const buckets = createBuckets({ perSecond, burst }, () => now);
      const passed: Record<string, number[]> = { a: [], b: [] };
      for (const [ms, key] of steps) {
        now += ms;
        const waitBefore = buckets.waitMs(key);
        const { waitMs, remaining } = buckets.take(key);
        expect(waitMs > 0).toBe(waitBefore > 0);
        expect(remaining).toBeLessThan(burst);
        if (waitMs === 0) passed[key]?.push(now);
      }
      for (const times of Object.values(passed)) {
        for (const [index, at] of times.entries()) {
          const since = times.slice(0, index + 1).map((start) => times.filter((t) => t >= start && t <= at).length);
          times.slice(0, index + 1).forEach((start, position) => {
            expect(since[position]).toBeLessThanOrEqual(burst + ((at - start) * perSecond) / 1000 + 1e-6);
          });
        }
      }
    }),
    { seed: SEED, numRuns: 60 },
  );
});

test('who waits as long as it was told passes', () => {
  let now = 0;
  const buckets = createBuckets({ perSecond: 10, burst: 3 }, () => now);
  expect([1, 2, 3].map(() => buckets.take('x').remaining)).toEqual([2, 1, 0]);
  const { waitMs } = buckets.take('x');
  expect(waitMs).toBe(100);
  now += waitMs;
  expect(buckets.take('x').waitMs).toBe(0);
  expect(buckets.take('other').remaining).toBe(2);
});

test('more keys than are kept cost no more memory and shut nobody out', () => {
  const buckets = createBuckets({ perSecond: 1, burst: 1 }, () => 0);
  for (let key = 0; key < 50_000; key += 1) expect(buckets.take(`key ${key}`).waitMs).toBe(0);
  expect(buckets.waitMs('key 49999')).toBeGreaterThan(0);
  expect(buckets.waitMs('key 0')).toBe(0);
});
