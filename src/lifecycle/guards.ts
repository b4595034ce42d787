import type { Basis, ChangeEffect, Guard, GuardFinding, Policy, Subject } from '../model/changes.ts';
import { subjectLabel } from '../model/changes.ts';
import { fold } from '../model/ids.ts';
import type { WindowCounts } from '../store/lifecycle/subjects.ts';

/** A planned change as guards look at it. */
export interface GuardedChange {
  readonly subject: Subject;
  readonly basis: Basis | null;
  readonly effect: ChangeEffect;
  readonly endsAccess: boolean;
}

/** All that guards judge by; gathered by whoever asks them, so that they stay pure. */
export interface GuardFacts {
  readonly policy: Policy;
  readonly changes: readonly GuardedChange[];
  /** With the plan's own subjects among them. */
  readonly window: WindowCounts;
  readonly accounts: number;
  /** When the snapshot's accounts were last seen whole; null: never. ISO 8601, UTC. */
  readonly snapshotAsOf: string | null;
  readonly now: Date;
  /** Why the connection is paused; null: it is not. */
  readonly pausedReason: string | null;
  /** Keys of the accounts marked as protected, among the subjects. */
  readonly protectedKeys: ReadonlySet<string>;
  readonly requesterEmail: string | null;
  /** The account the connection itself signs in with; null: none, or not known. */
  readonly ownAccount: string | null;
  /** Keys of the accounts that may administer the app and can sign in; null: not known. */
  readonly administrators: readonly string[] | null;
}

/** A share of a small company is soon reached; so many subjects never stop a plan by their share. */
const ALWAYS_ALLOWED = 2;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Clocks of two machines may differ by this much. */
const CLOCK_TOLERANCE_MS = 5 * MINUTE_MS;

/** What stops a plan, in the order in which a person would want to know. Overridden guards are reported, not left out. */
export function guardFindings(facts: GuardFacts, overridden: ReadonlySet<Guard>): readonly GuardFinding[] {
  const findings = [
    pausedConnection(facts),
    staleSnapshot(facts),
    blastRadius(facts),
    protectedAccount(facts),
    ownAccount(facts),
    lastAdministrator(facts),
  ];
  return findings.flatMap((finding) =>
    finding === null ? [] : [{ ...finding, isOverridden: overridden.has(finding.guard) }],
  );
}

/** Why a person has to approve; empty: nobody has to. */
export function approvalReasons(
  facts: Pick<GuardFacts, 'policy' | 'window' | 'changes'>,
  request: { readonly requesterKind: 'person' | 'service' | 'agent'; readonly findings: readonly GuardFinding[] },
): readonly string[] {
  const reasons: string[] = [];
  const { approvalAboveSubjects: limit, windowMinutes } = facts.policy;
  if (facts.changes.some(({ effect }) => effect === 'destructive')) {
    reasons.push('It takes away what cannot simply be given back.');
  }
  const most = Math.max(facts.window.connection, facts.window.requester);
  if (most > limit) {
    reasons.push(`With it ${most} subjects are changed within ${windowMinutes} minutes, more than ${limit}.`);
  }
  if (request.requesterKind === 'agent') reasons.push('An agent asks for it.');
  const passed = request.findings.filter(({ isOverridden }) => isOverridden).map(({ guard }) => guard);
  if (passed.length > 0) reasons.push(`It overrides a guard: ${passed.join(', ')}.`);
  return reasons;
}

type Finding = Omit<GuardFinding, 'isOverridden'> | null;

function pausedConnection({ pausedReason }: GuardFacts): Finding {
  if (pausedReason === null) return null;
  return {
    guard: 'pausedConnection',
    message: `The connection is paused: ${pausedReason}`,
    threshold: 'an active connection',
    subjects: [],
  };
}

/** A snapshot from the future says that a clock was wrong: then its age is not known. */
function staleSnapshot({ snapshotAsOf, now, policy }: GuardFacts): Finding {
  const hours = policy.maxSnapshotAgeHours;
  const ageMs = snapshotAsOf === null ? Number.POSITIVE_INFINITY : now.getTime() - Date.parse(snapshotAsOf);
  if (ageMs <= hours * HOUR_MS && ageMs >= -CLOCK_TOLERANCE_MS) return null;
  const age =
    ageMs < 0
      ? 'was taken at a time that has not come: a clock was set back'
      : Number.isFinite(ageMs)
        ? `is ${(ageMs / HOUR_MS).toFixed(1)} hours old`
        : 'was never seen whole';
  return {
    guard: 'staleSnapshot',
    message: `What Usher knows of the app ${age}; a plan rests on nothing older than ${hours} hours. Sync first.`,
    threshold: `${hours} hours`,
    subjects: [],
  };
}

function blastRadius({ policy, window, accounts }: GuardFacts): Finding {
  const { stopAboveSubjects, stopAbovePercent, windowMinutes } = policy;
  const within = `within ${windowMinutes} minutes`;
  const most = Math.max(window.connection, window.requester);
  if (most > stopAboveSubjects) {
    return {
      guard: 'blastRadius',
      message: `${most} subjects ${within} are more than ${stopAboveSubjects}.`,
      threshold: `${stopAboveSubjects} subjects ${within}`,
      subjects: [],
    };
  }
  const share = accounts === 0 ? 0 : (window.connection / accounts) * 100;
  // Accounts that were removed within the window are counted no more: the share can be above 100 %.
  const isShareOpen = stopAbovePercent >= 100 || accounts === 0 || window.connection <= ALWAYS_ALLOWED;
  if (isShareOpen || share <= stopAbovePercent) return null;
  return {
    guard: 'blastRadius',
    message: `${window.connection} subjects ${within} are ${share.toFixed(0)} % of the ${accounts} accounts, more than ${stopAbovePercent} %.`,
    threshold: `${stopAbovePercent} % of the accounts ${within}`,
    subjects: [],
  };
}

function protectedAccount({ changes, protectedKeys }: GuardFacts): Finding {
  const concerned = changes.filter(({ subject }) => subject.kind === 'account' && protectedKeys.has(subject.key));
  return accountsFinding('protectedAccount', concerned, 'marked as protected', 'no protected account');
}

function ownAccount({ changes, requesterEmail, ownAccount: own }: GuardFacts): Finding {
  const mine = new Set([requesterEmail, own].flatMap((each) => (each === null ? [] : [fold(each)])));
  const concerned = changes.filter(
    ({ subject }) =>
      subject.kind === 'account' &&
      ((subject.email !== null && mine.has(fold(subject.email))) || (own !== null && subject.key === own)),
  );
  return accountsFinding(
    'ownAccount', concerned, 'the account of whoever asks, or the one Usher signs in with', 'nobody\'s own account',
  ); // prettier-ignore
}

/** Ends access of every account that could still administer the app. */
function lastAdministrator({ changes, administrators }: GuardFacts): Finding {
  if (administrators === null || administrators.length === 0) return null;
  const ended = new Set(changes.flatMap(({ endsAccess, subject }) => (endsAccess ? [subject.key] : [])));
  if (administrators.some((key) => !ended.has(key))) return null;
  const concerned = changes.filter(({ subject }) => administrators.includes(subject.key));
  return {
    guard: 'lastAdministrator',
    message: `Nobody would be left to administer the app: ${labels(concerned)} would be the last.`,
    threshold: 'one administrator who can sign in stays',
    subjects: concerned.slice(0, 10).map(({ subject }) => subject.key),
  };
}

function accountsFinding(guard: Guard, concerned: readonly GuardedChange[], what: string, threshold: string): Finding {
  if (concerned.length === 0) return null;
  return {
    guard,
    message: `${labels(concerned)}: ${what}.`,
    threshold,
    subjects: concerned.slice(0, 10).map(({ subject }) => subject.key),
  };
}

function labels(changes: readonly GuardedChange[]): string {
  const all = [...new Set(changes.map(({ subject }) => subjectLabel(subject)))];
  return all.length <= 3 ? all.join(', ') : `${all.slice(0, 3).join(', ')} and ${all.length - 3} more`;
}
