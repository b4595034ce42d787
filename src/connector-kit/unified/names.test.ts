import { expect, test } from 'vitest';
import { splitFullName } from './names.ts';

const split = (displayName: string | null, more = {}) => {
  const { first, last } = splitFullName({ givenName: null, familyName: null, isService: null, displayName, ...more });
  return [first, last];
};

test('two words of letters are first and last name', () => {
  expect(split('Lena Fischer')).toEqual(['Lena', 'Fischer']);
  expect(split('  Mei-Ling   Chu ')).toEqual(['Mei-Ling', 'Chu']);
  expect(split("Aoife O'Brien")).toEqual(['Aoife', "O'Brien"]);
});

test('nothing is guessed where it could go wrong', () => {
  for (const name of [
    'Tomás Ruiz Ibarra',
    'Prince',
    'Müller, Jörg',
    '田中 由紀',
    'IT 24/7',
    'a@example.com b',
    '',
    null,
  ]) {
    expect(split(name)).toEqual([null, null]);
  }
  expect(split('Backup Robot', { isService: true })).toEqual([null, null]);
});

test("the app's own parts of a name win", () => {
  expect(split('Tomás Ruiz Ibarra', { givenName: 'Tomás', familyName: 'Ruiz Ibarra' })).toEqual([
    'Tomás',
    'Ruiz Ibarra',
  ]);
  expect(split('Lena Fischer', { givenName: 'Helena' })).toEqual(['Helena', null]);
});
