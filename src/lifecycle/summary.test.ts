import { describe, expect, it } from 'vitest';
import type { ObservedSubject } from '../connector-kit/changes.ts';
import { type AccountRecord, grantKey, type GrantRecord, type GroupRecord } from '../model/records.ts';
import { groupNames, summaryOf } from './snapshot.ts';

const SUBJECT = { kind: 'account', key: 'a1', email: 'dana.ito@example.test', name: 'Dana Ito' } as const;
const ACCOUNT: AccountRecord = {
  kind: 'account', key: 'a1', email: SUBJECT.email, username: null, displayName: 'Dana Ito', givenName: null,
  familyName: null, status: 'active', isLocked: null, isService: null, mfa: null, roles: [], employeeNumber: null,
  createdAt: null, extra: {}, volatile: { lastLoginAt: null, extra: {} },
}; // prettier-ignore
const GROUP: GroupRecord = { kind: 'group', key: '7f3a', name: 'Security', description: null, extra: {} };

function memberOf(group: string): GrantRecord {
  const identity = {
    holderKind: 'account', holderKey: 'a1', targetKind: 'group', targetKey: group, permission: 'member', path: '',
  } as const; // prettier-ignore
  return { kind: 'grant', key: grantKey(identity), ...identity, extra: {} };
}

describe('What plans and receipts tell of a subject', () => {
  it('names its groups, in a plan as the snapshot does, in a receipt as the reading did', () => {
    const state = { account: ACCOUNT, grants: [memberOf('7f3a')] };
    expect(summaryOf(state, SUBJECT, groupNames([GROUP]))).toMatchObject({ groups: ['Security'] });
    const read: ObservedSubject = {
      ...state, records: [ACCOUNT, GROUP, ...state.grants], observedAt: '2026-03-02T15:00:00.000Z', covers: ['group'],
    }; // prettier-ignore
    expect(summaryOf(read, SUBJECT)).toMatchObject({ groups: ['Security'] });
  });

  it('names a group by its key where nobody told its name', () => {
    const state = { account: ACCOUNT, grants: [memberOf('7f3a')] };
    expect(summaryOf(state, SUBJECT)).toMatchObject({ groups: ['7f3a'] });
  });

  it('says nothing of groups that were not looked at', () => {
    const read: ObservedSubject = {
      account: ACCOUNT, grants: [], records: [ACCOUNT], observedAt: '2026-03-02T15:00:00.000Z', covers: ['role'],
    }; // prettier-ignore
    expect(summaryOf(read, SUBJECT)).not.toHaveProperty('groups');
    expect(summaryOf({ ...read, covers: ['role', 'group'] }, SUBJECT)).toMatchObject({ groups: [] });
  });
});
