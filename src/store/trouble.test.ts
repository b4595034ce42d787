import { expect, test } from 'vitest';
import { UsherError } from '../model/errors.ts';
import { databaseTrouble, troubleError } from './trouble.ts';

const coded = (code: string): Error => Object.assign(new Error('insert into account failed'), { code });

test.each([
  ['ECONNREFUSED', 'gone'],
  ['08006', 'gone'],
  ['57P01', 'gone'],
  ['53300', 'gone'],
  ['53100', 'full'],
  ['53200', 'full'],
  ['25006', 'readOnly'],
  ['23505', null],
  ['42601', null],
  ['EACCES', null],
])('an error with code %s means that the database is %s', (code, trouble) => {
  expect(databaseTrouble(coded(code))).toBe(trouble);
});

test('a connection that broke is told by the words of the driver', () => {
  expect(databaseTrouble(new Error('Connection terminated unexpectedly'))).toBe('gone');
  expect(databaseTrouble(new Error('the database system is starting up'))).toBe('gone');
});

test('what an app refused says nothing of the database, whatever its code', () => {
  expect(databaseTrouble(new UsherError('transient', 'refused', { cause: coded('ECONNREFUSED') }))).toBeNull();
  expect(databaseTrouble('ECONNREFUSED')).toBeNull();
});

test.each(['gone', 'full', 'readOnly'] as const)('that it is %s is told with what to do, not with the statement', (trouble) => {
  const error = troubleError(trouble, coded('53100'));
  expect(error.canRetry).toBe(true);
  expect(error.message).not.toContain('insert');
  expect(error.details.next).toMatch(/\.$/);
}); // prettier-ignore
