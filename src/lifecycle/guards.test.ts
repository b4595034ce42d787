import { describe, expect, test } from 'vitest';
import { policySchema } from '../model/changes.ts';
import { approvalReasons, type GuardFacts, guardFindings } from './guards.ts';

const facts: GuardFacts = {
  policy: policySchema.parse({}), changes: [], window: { connection: 0, requester: 0 }, accounts: 100,
  snapshotAsOf: '2026-03-02T08:00:00.000Z', now: new Date('2026-03-02T09:00:00.000Z'), pausedReason: null,
  protectedKeys: new Set(), requesterEmail: null, ownAccount: null, administrators: null,
}; // prettier-ignore

/** The guards that stop so many subjects of a company of so many accounts. */
function stopped(subjects: number, accounts: number, stopAbovePercent: number) {
  const policy = { ...facts.policy, stopAbovePercent };
  const window = { connection: subjects, requester: subjects };
  return guardFindings({ ...facts, policy, window, accounts }, new Set()).map(({ message }) => message);
}

describe('the blast radius', () => {
  test('is a share of the accounts, of which two never are too many', () => {
    expect(stopped(20, 100, 20)).toEqual([]);
    expect(stopped(21, 100, 20)).toEqual([
      '21 subjects within 60 minutes are 21 % of the 100 accounts, more than 20 %.',
    ]);
    expect(stopped(2, 4, 20)).toEqual([]);
    expect(stopped(3, 4, 20)).toHaveLength(1);
  });

  test('with a share of 100 is the number alone, though those removed in the window are counted no more', () => {
    expect(stopped(60, 40, 100)).toEqual([]);
    expect(stopped(101, 40, 100)).toEqual(['101 subjects within 60 minutes are more than 100.']);
  });

  test('asks for an approval before it stops, and says how many subjects there are with the plan', () => {
    const window = { connection: 3, requester: 11 };
    expect(approvalReasons({ ...facts, window }, { requesterKind: 'person', findings: [] })).toEqual([
      'With it 11 subjects are changed within 60 minutes, more than 10.',
    ]);
  });
});
