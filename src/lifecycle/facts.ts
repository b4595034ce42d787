import type { Writes } from '../connector-kit/changes.ts';
import type { OpenedConnection } from '../connections/views.ts';
import type { Caller } from '../model/access.ts';
import { marksOf } from '../store/lifecycle/marks.ts';
import { policyOf } from '../store/lifecycle/policy.ts';
import {
  accountsWithRoles, membersOfGroups, snapshotFacts, windowCounts,
} from '../store/lifecycle/subjects.ts'; // prettier-ignore
import { principalById, type Queryable } from '../store/principals.ts';
import { changeOf } from './builtin.ts';
import type { GuardFacts } from './guards.ts';
import { administeringRoles } from './snapshot.ts';
import type { PlanChangeContent } from './stored-plan.ts';

/** What guards judge by, as it stands now; `contents` may be of a plan made earlier. */
export async function gatherFacts(
  on: Queryable,
  opened: Pick<OpenedConnection, 'connection' | 'definition' | 'connector'>,
  writes: Writes,
  contents: readonly PlanChangeContent[],
  by: Pick<Caller, 'principalId'>,
  now: Date,
): Promise<GuardFacts> {
  const { connection, connector } = opened;
  const policy = await policyOf(on, connection.id);
  const keys = [...new Set(contents.map(({ subject }) => subject.key))];
  const facts = await snapshotFacts(on, connection.id);
  const marks = await marksOf(on, connection.id, keys);
  const requester = await principalById(on, by.principalId);
  const counted = await windowCounts(on, {
    connectionId: connection.id,
    requestedBy: by.principalId,
    subjectKeys: keys,
    minutes: policy.windowMinutes,
  });
  // A group or the whole app is one subject to call and as many accounts to concern.
  const groups = contents.flatMap(({ subject }) => (subject.kind === 'group' ? [subject.key] : []));
  const others = contents.some(({ subject }) => subject.kind === 'connection')
    ? facts.accounts
    : groups.length === 0
      ? 0
      : await membersOfGroups(on, connection.id, groups);
  const administering = await administeringRoles(on, opened);
  return {
    policy,
    changes: contents.map(({ subject, basis, effect, change }) => ({
      subject, basis, effect, endsAccess: changeOf(writes, change).endsAccess,
    })), // prettier-ignore
    window: { connection: counted.connection + others, requester: counted.requester + others },
    accounts: facts.accounts,
    snapshotAsOf: facts.completeAsOf,
    now,
    pausedReason: connection.state === 'paused' ? (connection.pausedReason ?? 'no reason given') : null,
    protectedKeys: new Set([...marks].flatMap(([key, { isProtected }]) => (isProtected ? [key] : []))),
    requesterEmail: requester?.email ?? null,
    ownAccount: (await connector.writes?.ownAccount()) ?? null,
    administrators: administering.length === 0 ? null : await accountsWithRoles(on, connection.id, administering),
  };
}
