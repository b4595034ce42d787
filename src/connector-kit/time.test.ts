import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTimeZone, zoneTime } from './time.ts';

const newYork = zoneTime('America/New_York');

describe('local timestamps of a vendor', () => {
  it.each([
    ['2026-03-02 10:15:09', '2026-03-02T15:15:09.000Z', 'winter'],
    ['2026-07-02 10:15:09', '2026-07-02T14:15:09.000Z', 'summer'],
    ['2026-03-02T10:15:09', '2026-03-02T15:15:09.000Z', 'a T between'],
    ['2026-03-08 01:59:59', '2026-03-08T06:59:59.000Z', 'just before the gap'],
    ['2026-03-08 02:30:00', '2026-03-08T07:30:00.000Z', 'in the gap: read with the offset before it'],
    ['2026-03-08 03:00:00', '2026-03-08T07:00:00.000Z', 'just after the gap'],
    ['2026-11-01 01:30:00', '2026-11-01T05:30:00.000Z', 'twice: the first'],
    ['2026-11-01 02:00:00', '2026-11-01T07:00:00.000Z', 'after the fold'],
  ])('%s is %s (%s)', (local, utc) => expect(newYork.toUtc(local)).toBe(utc));

  it('can be read as the second time in the hour that comes twice', () => {
    expect(newYork.toUtc('2026-11-01 01:30:00', 'second')).toBe('2026-11-01T06:30:00.000Z');
    expect(newYork.toUtc('2026-11-01 03:30:00', 'second')).toBe('2026-11-01T08:30:00.000Z');
    expect(newYork.foldMs('2026-11-01 01:59:59')).toBe(3_600_000);
    expect(newYork.foldMs('2026-11-01 02:00:00')).toBe(0);
    expect(newYork.foldMs('2026-11-01 00:59:59')).toBe(0);
  });

  it('works for zones with half and quarter hours and changes of half an hour', () => {
    expect(zoneTime('Asia/Kathmandu').toUtc('2026-01-01 05:45:30')).toBe('2026-01-01T00:00:30.000Z');
    expect(zoneTime('Australia/Lord_Howe').toUtc('2026-04-05 01:45:00', 'first')).toBe('2026-04-04T14:45:00.000Z');
    expect(zoneTime('Australia/Lord_Howe').toUtc('2026-04-05 01:45:00', 'second')).toBe('2026-04-04T15:15:00.000Z');
  });

  it.each([
    '',
    '0000-00-00 00:00:00',
    '2026-02-30 10:00:00',
    '2026-13-01 10:00:00',
    '2026-01-01 24:00:00',
    '2026-01-01 10:60:00',
    '2026-01-01',
    'yesterday at 10:00:00',
    '2026-01-01 1a:00:00',
  ])('is none: "%s"', (text) => expect(newYork.toUtc(text)).toBeNull());

  it('comes back as it was, in any zone, at any second', () => {
    const zones = [
      'America/New_York',
      'Europe/Berlin',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'America/St_Johns',
      'UTC',
    ];
    const seconds = fc.integer({ min: Date.UTC(2005, 0) / 1000, max: Date.UTC(2037, 0) / 1000 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), seconds, (name, second) => {
        const zone = zoneTime(name);
        const local = zone.toLocal(second * 1000);
        const iso = new Date(second * 1000).toISOString();
        expect([zone.toUtc(local, 'first'), zone.toUtc(local, 'second')]).toContain(iso);
      }),
      { numRuns: 300, seed: 20260302 },
    );
  });

  it('knows which zones there are', () => {
    expect(isTimeZone('Europe/Lisbon')).toBe(true);
    expect(isTimeZone('Mars/Olympus')).toBe(false);
    expect(isTimeZone('')).toBe(false);
  });
});
