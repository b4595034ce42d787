import type { ObservedSubject } from '../../connector-kit/changes.ts';
import type { Basis } from '../../model/changes.ts';
import { isNewAccount, subjectLabel } from '../../model/changes.ts';
import { sentenceOf, toUsherError, UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import { isDatabaseLoss } from '../../sync/database-loss.ts';
import { isBuiltIn } from '../builtin.ts';
import { summaryOf } from '../snapshot.ts';
import { settle } from './settle.ts';
import { backoffMs, type Called, type Carrier, finishedOf, type Outcome, type Work } from './work.ts';

/**
 * Carries changes of one kind through: reads their subjects, leaves out what is so already, stops what no longer fits, has
 * it written down that the call is coming, calls once for all of them, and settles what came of it. Works that were found
 * half-way (`calledMs` set) are settled first. Ends when each has ended, or when the run is to stop.
 */
export async function carryUnit(carrier: Carrier, works: readonly Work[]): Promise<void> {
  // What Usher does itself is done with its end: cut off before that, it was not done.
  const isFresh = ({ calledMs, made, change }: Work): boolean =>
    calledMs === null || (isBuiltIn(change.id) && made === null);
  const interrupted = works.filter((work) => !isFresh(work));
  const found = (work: Work): Called => ({
    work,
    result: work.wasTaken ? { kind: 'taken' } : { kind: 'unclear', error: answerLost() },
  });
  let open: readonly Work[] = [...works.filter(isFresh), ...(await settle(carrier, interrupted.map(found)))];
  for (let round = 0; open.length > 0 && !carrier.isStopping(); round += 1) {
    if (round > 0) await carrier.delay(backoffMs(carrier, round));
    if (carrier.isStopping()) return;
    const callable = await prepare(carrier, open);
    if (callable.length === 0) return;
    await carrier.mark(callable, 'calling');
    const results = await carrier.call(callable);
    const called = callable.map((work, index): Called => ({
      work,
      result: results[index] ?? { kind: 'unclear', error: answerLost() },
    }));
    await carrier.keepMade(called);
    open = await settle(carrier, called);
  }
}

/** Reads the subjects as they are now and ends all that must not be called; returns the others. */
async function prepare(carrier: Carrier, works: readonly Work[]): Promise<readonly Work[]> {
  // The app need not even answer to the credentials that are to be put away.
  if (works.every(({ change }) => isBuiltIn(change.id))) return works;
  const observed = await readPatiently(carrier, works);
  if (observed === null) return [];
  const protectedKeys = await carrier.protectedKeys(works);
  const bare = await carrier.withoutSecrets(works);
  const callable: Work[] = [];
  const ended: Promise<Awaited<ReturnType<typeof finishedOf>>>[] = [];
  for (const work of works) {
    const now = observed.get(work.content.subject.key) ?? null;
    work.beforeSummary = summaryOf(now, work.content.subject);
    const outcome =
      decide(carrier, work, now, protectedKeys) ??
      (bare.has(work.content.ordinal) ? secretsGone(work, now) : await guardAdministrators(carrier, work, now));
    if (outcome === null) {
      work.before = now;
      work.inverse = now === null ? null : work.change.inverse(now, work.content.params, work.content.subject);
      callable.push(work);
    } else ended.push(finishedOf(carrier, work, outcome));
  }
  if (ended.length > 0) await carrier.finish(await Promise.all(ended));
  return callable;
}

/** An app that cannot be asked is waited for; then nothing is called. null: ended or stopping. */
async function readPatiently(
  carrier: Carrier,
  works: readonly Work[],
): Promise<ReadonlyMap<string, ObservedSubject> | null> {
  const startMs = carrier.nowMs();
  for (let round = 1; ; round += 1) {
    try {
      return await carrier.read(works, 'before');
    } catch (thrown) {
      if (carrier.signal.aborted || isDatabaseLoss(thrown)) throw thrown;
      const error = toUsherError(thrown);
      const isOver = carrier.nowMs() - startMs >= carrier.settings.patienceMs;
      // An answer that makes no sense may be whole the next time; nothing was sent that could be repeated.
      const mayPass = error.canRetry || error.kind === 'upstreamBug';
      if (mayPass && !isOver && !carrier.isStopping()) {
        await carrier.delay(backoffMs(carrier, round));
        continue;
      }
      if (mayPass && carrier.isStopping()) return null;
      const outcome: Outcome = {
        end: 'failed', summary: `Nothing was called: ${sentenceOf(error)}`, code: error.details.code ?? error.kind,
        proof: 'nothing', observed: null,
      }; // prettier-ignore
      await carrier.finish(await Promise.all(works.map((work) => finishedOf(carrier, work, outcome))));
      return null;
    }
  }
}

/** null: call it. */
function decide(
  carrier: Carrier,
  work: Work,
  now: ObservedSubject | null,
  protectedKeys: ReadonlySet<string>,
): Outcome | null {
  const { content, change } = work;
  if (content.subject.kind === 'account' && now === null) {
    return stopped('unread', `The app did not tell of ${subjectLabel(content.subject)}; nothing was called.`, null);
  }
  const moved = now === null ? null : addressMoved(work, now);
  if (moved !== null) return stopped('addressMoved', moved, now);
  if (now !== null && change.wanted(now, content.params)) {
    // Called before and not seen then: it was this run's doing.
    return work.attempt > 0
      ? { end: 'done', summary: 'Done; read back from the app.', code: null, proof: 'state', observed: now }
      : {
          end: 'skipped',
          summary: 'It was so already; nothing was called.',
          code: null,
          proof: 'state',
          observed: now,
        };
  }
  const stale = now === null ? null : staleness(work, now);
  if (stale !== null) return stopped('stale', stale, now);
  const isOverridden = carrier.header.override.includes('protectedAccount');
  if (protectedKeys.has(content.subject.key) && !isOverridden) {
    return stopped('protectedAccount', `${subjectLabel(content.subject)} is marked as protected.`, now);
  }
  return null;
}

/** The address may have been given to somebody else since the plan was made. */
function addressMoved({ content }: Work, now: ObservedSubject): string | null {
  const { subject } = content;
  if (subject.kind !== 'account' || isNewAccount(subject) || now.account === null) return null;
  if (now.account.key === subject.key) return null;
  return `${subjectLabel(subject)} is another account now (${now.account.key}, planned was ${subject.key}); nothing was called. Sync and plan again.`;
}

/**
 * What the plan rests on must still be so; somebody who signed in for the first time is still the same. A change that
 * follows another one rests on the account alone: that it is the same is known by its key.
 */
function staleness({ content, change }: Work, now: ObservedSubject): string | null {
  const { basis, subject, follows } = content;
  const label = subjectLabel(subject);
  if (change.makesAccount) {
    return now.account === null ? null : `There is an account with the address ${label} now; nothing was called.`;
  }
  // What came before may have taken the credential away, or disabled it.
  if (subject.kind === 'credential') return follows === true ? null : credentialGone(content, now);
  if (follows === true) {
    const isGone = subject.kind === 'account' && now.account === null;
    return isGone ? `${label} is not in the app, though what came before made or met it; nothing was called.` : null;
  }
  if (isNewAccount(subject)) {
    return now.account === null ? null : `There is an account with the address ${label} now; nothing was called.`;
  }
  if (basis === null) return null;
  if (now.account === null) return `${label} is gone from the app; nothing was called.`;
  const changed = differences(basis, {
    email: now.account.email,
    status: now.account.status,
    roles: now.account.roles,
  });
  if (changed.length === 0) return null;
  return `${label} has changed since the plan was made (${changed.join(', ')}); nothing was called. Plan again.`;
}

function credentialGone({ subject, before }: Work['content'], now: ObservedSubject): string | null {
  const isThere = now.credentials?.some(({ key }) => key === subject.key) ?? true;
  return isThere || before === null ? null : `${subjectLabel(subject)} is gone from the app; nothing was called.`;
}

function differences(basis: Basis, now: Omit<Basis, 'key'>): string[] {
  const found: string[] = [];
  if (fold(basis.email ?? '') !== fold(now.email ?? '')) found.push(`address ${basis.email} -> ${now.email}`);
  if (presence(basis.status) !== presence(now.status)) found.push(`status ${basis.status} -> ${now.status}`);
  if (basis.roles.join(' ') !== now.roles.join(' ')) {
    found.push(`roles ${basis.roles.join(', ') || 'none'} -> ${now.roles.join(', ') || 'none'}`);
  }
  return found;
}

function presence(status: string | null): string | null {
  return status === 'pending' ? 'active' : status;
}

/** On a fresh reading, under a lease that no other such change holds: somebody must stay who can administer. */
async function guardAdministrators(
  carrier: Carrier,
  { content, change }: Work,
  now: ObservedSubject | null,
): Promise<Outcome | null> {
  if (carrier.header.override.includes('lastAdministrator') || !mayBeLast(carrier, { content, change })) return null;
  const left = await carrier.administrators();
  const key = content.subject.key;
  if (left === null || !left.includes(key) || left.some((each) => each !== key)) return null;
  return stopped(
    'lastAdministrator',
    `${subjectLabel(content.subject)} is the last who can administer the app; nothing was called.`,
    now,
  );
}

/** Whether a change ends the access of an account the plan knows to administer: such are made one at a time. */
export function mayBeLast(
  { administratorRoles }: Pick<Carrier, 'administratorRoles'>,
  { content, change }: Pick<Work, 'content' | 'change'>,
): boolean {
  return change.endsAccess && (content.basis?.roles.some((role) => administratorRoles.has(role)) ?? false);
}

function secretsGone({ content }: Work, now: ObservedSubject | null): Outcome {
  const summary = `The secrets of this change were shredded when it ended before; nothing was called. Plan ${subjectLabel(content.subject)} again.`;
  return stopped('secretsGone', summary, now);
}

function stopped(code: string, summary: string, observed: ObservedSubject | null): Outcome {
  return { end: 'failed', summary, code, proof: 'nothing', observed };
}

function answerLost(): UsherError {
  return new UsherError('transient', 'Usher was interrupted before it knew the answer of the app.', {
    code: 'answerLost',
    next: 'Run it again.',
  });
}
