import { assert, constantFrom, integer, oneof, option, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FaultKind, faultKnobs, FAULTS, formatFault, parseFault } from './faults.ts';
import { seededRandom } from './random.ts';

const kinds = Object.keys(FAULTS) as FaultKind[];

describe('faults as text', () => {
  it('read back as they were written', () => {
    const rates = integer({ min: 0, max: 100 }).map((percent) => ({ rate: percent / 100 }));
    const numbers = integer({ min: 1, max: 50 }).map((from) => ({ from, to: from + (from % 3) }));
    const faults = record({
      kind: constantFrom(...kinds),
      when: oneof(rates, numbers),
      operation: option(constantFrom('getuserdata', 'getsfdata'), { nil: undefined }),
      value: option(integer({ min: 0, max: 9_999 }), { nil: undefined }),
    });
    assert(
      property(faults, (fault) => {
        expect(formatFault(parseFault(formatFault(fault)))).toBe(formatFault(fault));
        expect(parseFault(formatFault(fault))).toMatchObject({ kind: fault.kind, when: fault.when });
      }),
    );
  });

  it('may be short: always, with a probability, at one request', () => {
    expect(parseFault('reset')).toEqual({ kind: 'reset', when: { rate: 1 } });
    expect(parseFault('429:0.1')).toEqual({ kind: '429', when: { rate: 0.1 } });
    expect(parseFault('slow=250/getsfdata@3')).toEqual({
      kind: 'slow',
      value: 250,
      operation: 'getsfdata',
      when: { from: 3, to: 3 },
    });
    expect(parseFault('429-retry-after=2@2-4')).toEqual({
      kind: '429-retry-after',
      value: 2,
      when: { from: 2, to: 4 },
    });
  });

  it('are refused where they make no sense', () => {
    for (const text of ['', 'quake', '429:2', '429@0', '429@4-2', '429:0.1@2', '429:']) {
      expect(() => parseFault(text)).toThrow(expect.objectContaining({ kind: 'invalidInput' }));
    }
  });
});

describe('fault knobs', () => {
  it('count the requests of their operation only, from when they were set', () => {
    const knobs = faultKnobs(seededRandom(1), ['500/write@2']);
    const met = ['read', 'write', 'read', 'write', 'write'].map((operation) => knobs.meet(operation)?.kind ?? null);
    expect(met).toEqual([null, null, null, '500', null]);
    knobs.add('503@1');
    expect(knobs.meet('read')?.kind).toBe('503');
    expect(knobs.list().map(formatFault)).toEqual(['500/write@2', '503@1']);
    knobs.clear();
    expect(knobs.meet('read')).toBeNull();
  });

  it('strike with about their rate', () => {
    const knobs = faultKnobs(seededRandom('rate'), ['429:0.2']);
    const struck = Array.from({ length: 5_000 }, () => knobs.meet('any')).filter(Boolean).length;
    expect(struck).toBeGreaterThan(900);
    expect(struck).toBeLessThan(1_100);
  });
});
