import { describe, expect, it } from 'vitest';
import { memoryDrift, watchShape } from './drift.ts';

const place = { operation: 'getthings', path: 'things.*' };
const fields = {
  name: { types: ['string'], isRequired: true },
  kind: { types: ['string', 'null'], values: new Set(['a', 'b']) },
} as const;

describe('watching the shape of answers', () => {
  it('is silent about what is known', () => {
    const drift = memoryDrift();
    const shape = watchShape(drift, place, fields);
    shape.observe({ name: 'x', kind: 'a' });
    shape.observe({ name: 'x', kind: null });
    shape.observe({ name: 'x' });
    expect(drift.drifts).toEqual([]);
  });

  it('records an unknown field, another type, an unknown word and a missing field, each once', () => {
    const drift = memoryDrift();
    const shape = watchShape(drift, place, fields);
    for (let row = 0; row < 3; row += 1) {
      shape.observe({ name: 5, extra: 'secret value', kind: 'surprise' });
      shape.observe({ kind: 'a' });
    }
    expect(drift.drifts.map(({ path, problem, sample }) => [path, problem, sample])).toEqual([
      ['things.*.name', 'unexpected-type', 'number'],
      ['things.*.extra', 'unknown-field', 'string(12)'],
      ['things.*.kind', 'unknown-value', 'string(8)'],
      ['things.*.name', 'missing-field', 'absent'],
    ]);
  });

  it('keeps no value, and no name that looks like data', () => {
    const drift = memoryDrift();
    watchShape(drift, place, fields).observe({ name: 'x', 'ada@northwind.example': 'token-abc' });
    expect(JSON.stringify(drift.drifts)).not.toMatch(/ada|token/);
    expect(drift.drifts[0]).toMatchObject({ path: 'things.*.*', problem: 'unknown-field' });
  });
});
