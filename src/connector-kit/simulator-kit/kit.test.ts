import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulatorClock } from './clock.ts';
import { boundedLog, type LoggedEffect } from './logs.ts';
import { seededRandom, shuffle } from './random.ts';
import { spoilTypes } from './spoil.ts';
import { openZone } from './zone.ts';

describe('the clock of a simulator', () => {
  it('follows its source until it is set, and again when released', () => {
    let source = 1_000;
    const clock = simulatorClock({ now: () => new Date(source) });
    clock.advance(50);
    source = 2_000;
    expect(clock.now().getTime()).toBe(2_050);
    clock.set(new Date(5_000));
    source = 3_000;
    clock.advance(1);
    expect([clock.now().getTime(), clock.isStopped]).toEqual([5_001, true]);
    clock.follow();
    expect([clock.now().getTime(), clock.isStopped]).toEqual([3_000, false]);
  });
});

describe('seeded randomness', () => {
  it('shuffles any number of places without repeating or losing one', () => {
    assert(
      property(integer({ min: 1, max: 3_000 }), integer({ min: 0, max: 0xffff_ffff }), (size, seed) => {
        const { at, placeOf } = shuffle(size, seed);
        const values = new Set(Array.from({ length: size }, (_, place) => at(place)));
        expect(values.size).toBe(size);
        expect([...values].every((value) => value >= 0 && value < size && at(placeOf(value)) === value)).toBe(true);
      }),
    );
  });

  it('is even enough', () => {
    const random = seededRandom('even');
    const buckets = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 10_000; draw++) {
      const bucket = random.integer(10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    expect(Math.min(...buckets)).toBeGreaterThan(850);
    expect(Math.max(...buckets)).toBeLessThan(1_150);
  });
});

describe('a bounded log', () => {
  it('keeps the newest and goes on counting', () => {
    const log = boundedLog<LoggedEffect>(3, (entry, number) => ({ ...entry, number }));
    for (let entry = 0; entry < 10; entry++)
      log.add({ at: '', request: null, kind: 'k', subject: `s${entry}`, detail: null });
    expect(log.list().map(({ subject }) => subject)).toEqual(['s7', 's8', 's9']);
    expect(log.list(9).map(({ number }) => number)).toEqual([10]);
    expect(boundedLog<LoggedEffect>(3, (entry, number) => ({ ...entry, number }), log.list()).count).toBe(10);
  });
});

describe('a zone', () => {
  it('prints what the platform prints, at any moment', () => {
    const zones = ['America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC', 'Europe/Berlin'].map(openZone);
    assert(
      property(integer({ min: 946_684_800, max: 2_208_988_800 }), (seconds) => {
        for (const zone of zones) {
          const expected = new Date(seconds * 1_000).toLocaleString('sv-SE', { timeZone: zone.name });
          expect(zone.format(seconds * 1_000)).toBe(expected);
        }
      }),
    );
  });

  it('reads its own texts back, on the side of the fold that is asked for', () => {
    const zone = openZone('America/New_York');
    const [first, second] = [Date.UTC(2026, 10, 1, 5, 30), Date.UTC(2026, 10, 1, 6, 30)];
    const wall = Date.UTC(2026, 10, 1, 1, 30);
    expect([zone.toUtc(wall, 'earlier'), zone.toUtc(wall, 'later')]).toEqual([first, second]);
    assert(
      property(integer({ min: 1_000_000, max: 2_000_000 }), (thousands) => {
        const moment = thousands * 1_000_000;
        const reading = Date.parse(`${zone.format(moment).replace(' ', 'T')}Z`);
        expect([zone.toUtc(reading, 'earlier'), zone.toUtc(reading, 'later')]).toContain(moment);
      }),
    );
  });

  it('has a name that exists', () => {
    expect(() => openZone('Mars/Base')).toThrow(expect.objectContaining({ kind: 'invalidInput' }));
  });
});

describe('spoilt types', () => {
  it('are other types than they were, and still JSON', () => {
    const before = { text: 'a', number: 1, flag: true, list: [1], map: {}, nothing: null };
    const after: Record<string, unknown> = JSON.parse(spoilTypes(JSON.stringify(before)));
    expect(after).toEqual({ text: 7, number: {}, flag: 'wrong', list: true, map: true, nothing: true });
    expect(spoilTypes('<xml/>')).toBe('7');
    expect(spoilTypes('[]')).toBe('{"0":true}');
  });
});
