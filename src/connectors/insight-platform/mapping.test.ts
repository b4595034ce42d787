import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsherError } from '../../model/errors.ts';
import { memoryDrift, watchShape } from '../../connector-kit/drift.ts';
import { membersOf, toAccount, toVmAccount } from './mapping.ts';
import { readBareArray, readGuidePage, readIndexedPage } from './paging.ts';
import { USER_SHAPE } from './schemas.ts';

const USER = {
  id: '0f5b2c1e-7d3a-4f0e-9a55-2d1c6b7a8e90', email: 'dana.ito@example.test', first_name: 'Dana', last_name: 'Ito',
  timezone: 'UTC', status: 'ACTIVE', platform_admin: false, federated: false, last_login: '2026-02-11T08:14:03Z',
} as const; // prettier-ignore

describe('A user of the Account API', () => {
  it('becomes an account', () => {
    expect(toAccount('getUsers', USER)).toMatchObject({
      key: USER.id, email: USER.email, displayName: 'Dana Ito', status: 'active', roles: [],
      extra: { federated: false, timezone: 'UTC' }, volatile: { lastLoginAt: '2026-02-11T08:14:03.000Z' },
    }); // prettier-ignore
  });

  it('counts as active in a status that nobody has seen yet, and that is told as drift', () => {
    const row = { ...USER, status: 'SUSPENDED', nickname: 'D' };
    expect(toAccount('getUsers', row)).toMatchObject({ status: 'active', extra: { status: 'SUSPENDED' } });
    const drift = memoryDrift();
    watchShape(drift, { operation: 'getUsers', path: '*' }, USER_SHAPE).observe(row);
    expect(drift.drifts).toEqual([
      { operation: 'getUsers', path: '*.status', problem: 'unknown-value', sample: 'string(9)' },
      { operation: 'getUsers', path: '*.nickname', problem: 'unknown-field', sample: 'string(1)' },
    ]);
  });

  it.each([
    [{ ...USER, id: 7 }, 'id'],
    [{ ...USER, email: '' }, 'email'],
    [{ ...USER, status: null }, 'status'],
    [{ ...USER, platform_admin: 'yes' }, 'platform_admin'],
  ])('is refused where what decides about access makes no sense (%#)', (row, field) => {
    expect(() => toAccount('getUsers', row)).toThrow(
      `The Insight Platform answered getUsers in an unexpected shape (*.${field}).`,
    );
  });

  it('never comes out as anything but an account or that error, whatever is sent', () => {
    const outcome = (row: Readonly<Record<string, unknown>>): string => {
      try {
        return toAccount('getUsers', row).status;
      } catch (thrown) {
        return thrown instanceof UsherError ? thrown.kind : String(thrown);
      }
    };
    fc.assert(
      fc.property(fc.record({ id: fc.anything(), email: fc.anything(), status: fc.anything() }), (row) => {
        expect(['active', 'invited', 'disabled', 'upstreamBug']).toContain(outcome(row));
      }),
    );
  });
});

describe("A user of the guide's list", () => {
  it('has a number for its key, and nothing that the list does not tell', () => {
    expect(toVmAccount('getVmUsers', { id: 1, login: 'dito', email: 'dana.ito@example.test' })).toMatchObject({
      key: '1', username: 'dito', email: 'dana.ito@example.test', status: 'active', displayName: null,
    }); // prettier-ignore
    expect(() => toVmAccount('getVmUsers', { id: '1', login: 'dito' })).toThrow('(*.id)');
  });
});

describe('Members of a group', () => {
  it('are told as ids or as objects, under either name, or not at all', () => {
    expect(membersOf('getUserGroup', { users: ['a', { id: 'b' }] })).toEqual(['a', 'b']);
    expect(membersOf('getUserGroup', { members: [] })).toEqual([]);
    expect(membersOf('getUserGroup', { id: 'g' })).toBeNull();
    expect(() => membersOf('getUserGroup', { users: [7] })).toThrow('unexpected shape');
  });
});

describe('Each convention of paging', () => {
  const row = { id: 'a' };

  it('is read by its own reader and refused by the others', () => {
    const data = [row];
    const indexed = { data, metadata: { index: 0, size: 20, total_pages: 2, total_data: 21 } };
    const guide = { data, metadata: { index: 0, size: 20, totalPages: 2, totalResources: 21 } };
    expect(readBareArray('x', data)).toEqual([row]);
    expect(readIndexedPage('x', indexed, 0)).toEqual({ rows: [row], total: 21, isLast: false });
    expect(readGuidePage('x', guide, 1)).toEqual({ rows: [row], total: 21, isLast: true });
    for (const wrong of [
      () => readBareArray('x', indexed),
      () => readIndexedPage('x', guide, 0),
      () => readGuidePage('x', indexed, 0),
    ]) {
      expect(wrong).toThrow('in an unexpected shape');
    }
  });

  it('takes an empty page for the end, whatever is said of more', () => {
    const empty = { data: [], metadata: { index: 9, size: 20, total_pages: 20, total_data: 400 } };
    expect(readIndexedPage('x', empty, 9).isLast).toBe(true);
  });
});
