import { assert, integer, nat, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAST_IDS, DEPARTMENTS } from './cast.ts';
import { NAME_PAIRS } from './names.ts';
import { northwind } from './northwind.ts';

const today = new Date('2026-11-21T12:00:00Z');

describe('Northwind', () => {
  it('is the same company for the same seed, and another crowd for another', () => {
    expect(emails('one')).toEqual(emails('one'));
    expect(emails('one')).not.toEqual(emails('two'));
  });

  it('has 250 people by default, each with an address of its own', () => {
    const people = [...northwind({ today }).people()];
    expect(people).toHaveLength(250);
    expect(new Set(people.map(({ email }) => email)).size).toBe(250);
    expect(new Set(people.map(({ department }) => department))).toEqual(new Set(DEPARTMENTS));
  });

  it('has the cast however small it is', () => {
    const company = northwind({ people: 1, today });
    expect(company.size).toBe(CAST_IDS.length);
    expect(company.cast('adaOkonkwo')).toMatchObject({ displayName: 'Ada Okonkwo', title: 'IT lead' });
    expect(company.cast('tomasRuiz').displayName).toBe('Tomás Ruiz Ibarra');
  });

  it('tells its stories relative to today', () => {
    const company = northwind({ today });
    expect(company.cast('jonasLind').endDate).toBe('2026-11-09');
    expect(company.cast('meiLingChu')).toMatchObject({ endDate: '2026-11-18', isContractor: true });
    expect(company.cast('priyaRaman').startDate).toBe('2026-11-26');
    expect(company.cast('tomasRuiz').onLeaveSince).toBe('2026-09-02');
    expect(company.cast('noorBakker').movedFrom).toEqual({ department: 'Support', on: '2026-11-01' });
  });

  it('has names with accents, apostrophes, two family names and a single name', () => {
    const names = [...northwind({ today }).people()].map(({ displayName }) => displayName);
    expect(names.some((name) => /[À-ÿ]/.test(name))).toBe(true);
    expect(names.some((name) => name.includes("'"))).toBe(true);
    expect(names.some((name) => /^\S+ \S+ \S+$/.test(name))).toBe(true);
    expect(names.some((name) => !name.includes(' '))).toBe(true);
  });

  it('has about ten per cent contractors, all with an end date', () => {
    const people = [...northwind({ people: 5_000, today }).people()];
    const contractors = people.filter(({ isContractor }) => isContractor);
    expect(contractors.length / people.length).toBeGreaterThan(0.08);
    expect(contractors.length / people.length).toBeLessThan(0.12);
    expect(contractors.every(({ endDate }) => endDate !== null)).toBe(true);
  });

  it('has a manager for everybody but the heads, and no circle', () => {
    const company = northwind({ people: 1_000, today });
    for (const person of company.people()) {
      let [steps, manager] = [0, person.managerIndex];
      while (manager !== null && steps < 30) [steps, manager] = [steps + 1, company.person(manager).managerIndex];
      expect(manager).toBeNull();
    }
  });

  it('makes every address of letters an address can have, and never the same from two names', () => {
    expect(new Set(NAME_PAIRS.map(({ slug }) => slug)).size).toBe(NAME_PAIRS.length);
    expect(NAME_PAIRS.filter(({ slug }) => !/^[a-z]+(-[a-z]+)*(\.[a-z]+(-[a-z]+)*)?$/.test(slug))).toEqual([]);
  });

  it('finds everybody by address, in a company of any size', () => {
    assert(
      property(integer({ min: 0, max: 1_000_000 }), string(), nat(), (people, seed, pick) => {
        const company = northwind({ seed, people, today });
        const index = pick % company.size;
        expect(company.indexOfEmail(company.person(index).email.toUpperCase())).toBe(index);
      }),
    );
    expect(northwind({ today }).indexOfEmail('nobody@northwind.example')).toBeNull();
    expect(northwind({ today }).indexOfEmail('freelancer@gmail.example')).toBeNull();
  });
});

function emails(seed: string): string[] {
  return [...northwind({ seed, today }).people()].map(({ email }) => email);
}
