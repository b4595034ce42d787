import type { LogReading, ObservedSubject } from '../../connector-kit/changes.ts';
import { sentenceOf, toUsherError, type UsherError } from '../../model/errors.ts';
import { isBuiltIn } from '../builtin.ts';
import { settleByMade } from './settle-made.ts';
import { besidesOf, errorOf, failed, notDone, shown, unanswered, unconfirmed } from './outcomes.ts';
import { backoffMs, type Called, type Carrier, finishedOf, type Outcome, type Work } from './work.ts';

/**
 * Finds out what came of changes that were called, by reading and never by repeating, and ends them with their receipts.
 * Returns those that are proven not to have been made and may be called again.
 */
export async function settle(carrier: Carrier, called: readonly Called[]): Promise<readonly Work[]> {
  const refused = called.filter(({ result }) => result.kind === 'refused');
  const others = called.filter(({ result }) => result.kind !== 'refused');
  const by = (proof: string): readonly Called[] => others.filter(({ work }) => work.change.proof.by === proof);
  const again = await Promise.all([
    settleRefused(carrier, refused),
    settleByState(carrier, by('state')),
    settleByLog(carrier, by('log')),
    settleByAnswer(carrier, by('answer')),
    settleByMade(carrier, by('made')),
  ]);
  return again.flat();
}

/** How long ago a change was called. */
function sinceCallMs(carrier: Carrier, work: Work): number {
  return work.calledMs === null ? 0 : carrier.nowMs() - work.calledMs;
}

/** The app did nothing. Busy: again later. Else it may be so already, by somebody else's hand; or it has failed. */
async function settleRefused(carrier: Carrier, refused: readonly Called[]): Promise<readonly Work[]> {
  if (refused.length === 0) return [];
  const isLater = ({ work, result }: Called): boolean =>
    result.kind === 'refused' && result.error.canRetry && work.attempt < carrier.settings.attempts;
  const again = refused.filter(isLater);
  const final = refused.filter((called) => !isLater(called));
  if (again.length > 0)
    await carrier.mark(
      again.map(({ work }) => work),
      'planned',
    );
  const observed = await readOrNull(
    carrier,
    final.map(({ work }) => work),
  );
  await end(carrier, final, ({ work, result }) => {
    const now = observed?.get(work.content.subject.key) ?? null;
    if (now !== null && work.change.wanted(now, work.content.params)) {
      return {
        end: 'skipped',
        summary: 'It is so already: somebody else did it in the meantime.',
        code: null,
        proof: 'state',
        observed: now,
      };
    }
    return failed(errorOf(result), now);
  });
  return again.map(({ work }) => work);
}

/** Reads back until the app shows it, or until it is clear that the call had no effect. */
async function settleByState(carrier: Carrier, called: readonly Called[]): Promise<readonly Work[]> {
  const { settings } = carrier;
  const startMs = carrier.nowMs();
  const again: Work[] = [];
  let open = called;
  let failing: UsherError | null = null;
  for (let reading = 0; open.length > 0; reading += 1) {
    if (reading > 0 || open.every(({ result }) => result.kind === 'unclear')) {
      await carrier.delay(backoffMs(carrier, reading));
    }
    // Absence is believed of who was seen right before the call; not of who was called by a process that is gone.
    const purpose = open.some(({ work }) => work.before === null) ? 'before' : 'after';
    const observed = await carrier
      .read(
        open.map(({ work }) => work),
        purpose,
      )
      .catch((error: unknown) => {
        if (carrier.signal.aborted) throw error;
        failing = toUsherError(error);
        return null;
      });
    const elapsedMs = carrier.nowMs() - startMs;
    if (observed === null) {
      if (elapsedMs < settings.patienceMs) continue;
      await end(carrier, open, () => unanswered(failing));
      return again;
    }
    const seen = ({ work }: Called): ObservedSubject | null => observed.get(work.content.subject.key) ?? null;
    const isShown = (each: Called): boolean => {
      const now = seen(each);
      return now !== null && each.work.change.wanted(now, each.work.content.params);
    };
    await end(carrier, open.filter(isShown), (each) => shown(each, seen(each)));
    open = open.filter((each) => !isShown(each));
    const overdue = open.filter(({ work, result }) =>
      result.kind === 'taken' ? elapsedMs >= settings.verifyMs : sinceCallMs(carrier, work) >= settings.settleMs,
    );
    open = open.filter((each) => !overdue.includes(each));
    const unshown = overdue.filter(({ result }) => result.kind === 'taken');
    await end(carrier, unshown, (each) => unconfirmed(seen(each)));
    again.push(
      ...(await callAgain(
        carrier,
        overdue.filter(({ result }) => result.kind !== 'taken'),
        seen,
      )),
    );
  }
  return again;
}

/** What no state shows is looked for in the app's log. Where that is not sure to be whole, absence proves nothing. */
async function settleByLog(carrier: Carrier, called: readonly Called[]): Promise<readonly Work[]> {
  if (called.length === 0) return [];
  const { settings } = carrier;
  const startMs = carrier.nowMs();
  const taken = called.filter(({ result }) => result.kind === 'taken');
  if (taken.length > 0)
    await carrier.mark(
      taken.map(({ work }) => work),
      'called',
    );
  const again: Work[] = [];
  let open = called;
  let failing: UsherError | null = null;
  for (let reading = 0; open.length > 0; reading += 1) {
    if (reading > 0) {
      await carrier.delay(backoffMs(carrier, reading));
    }
    const log = carrier.hasLog ? await readLogOrNull(carrier, open).catch((error: unknown) => {
      failing = toUsherError(error);
      return null;
    }) : null; // prettier-ignore
    const elapsedMs = carrier.nowMs() - startMs;
    const isShown = ({ work }: Called): boolean =>
      log?.events.some((event) => work.change.isShownBy(event, work.content.subject, work.content.params)) ?? false;
    await end(carrier, open.filter(isShown), () => ({
      end: 'done', summary: "Done; the app's own log shows it.", code: null, proof: 'log', observed: null,
    })); // prettier-ignore
    open = open.filter((each) => !isShown(each));
    const isOver = !carrier.hasLog || elapsedMs >= (log === null ? settings.patienceMs : settings.verifyMs);
    const unshown = open.filter(
      ({ work, result }) => result.kind === 'taken' && (isOver || wasNotMade(carrier, log, work)),
    );
    await end(carrier, unshown, () => ({
      end: 'done', summary: "The app took it; nothing else of it shows, its log does not either.", code: null,
      proof: 'answer', observed: null,
    })); // prettier-ignore
    open = open.filter((each) => !unshown.includes(each));
    const notMade = open.filter(({ work }) => wasNotMade(carrier, log, work));
    again.push(...(await callAgain(carrier, notMade, () => null)));
    open = open.filter((each) => !notMade.includes(each));
    if (!isOver) continue;
    await end(carrier, open, () => unanswered(failing));
    open = [];
  }
  return again;
}

/**
 * Nothing but the answer tells: where it was lost, nobody knows. The subject is read all the same where it can show that
 * the app did more than was asked; a secret that was made is handed on nevertheless.
 */
async function settleByAnswer(carrier: Carrier, called: readonly Called[]): Promise<readonly Work[]> {
  const isTaken = ({ result }: Called): boolean => result.kind === 'taken';
  const taken = called.filter(isTaken);
  const looked = taken.map(({ work }) => work).filter(({ change, before }) => change.looksBesides && before !== null);
  const observed = await readOrNull(carrier, looked);
  await end(carrier, taken, (each) => {
    const { work } = each;
    const note = work.change.proof.by === 'answer' ? work.change.proof.note : '';
    const now = looked.includes(work) ? (observed?.get(work.content.subject.key) ?? null) : null;
    const besides = besidesOf(each, now);
    const said = `${isBuiltIn(work.change.id) ? 'Done' : 'The app took it'}: ${note}.`;
    return {
      end: 'done',
      summary:
        besides === null
          ? said
          : `${said} It did more than was asked: ${besides}. Put that right in the app, or by another plan.`,
      code: besides === null ? null : 'fieldChanged', proof: 'answer', observed: now,
    }; // prettier-ignore
  });
  await end(carrier, called.filter((each) => !isTaken(each)), ({ result }) => ({
    end: 'uncertain',
    summary: `The answer was lost, and nothing shows whether the app did it. ${sentenceOf(errorOf(result))}`,
    code: 'answerLost', proof: 'nothing', observed: null,
  })); // prettier-ignore
  return [];
}

/** Calls that had no effect: made again where that may be, else failed. */
async function callAgain(
  carrier: Carrier,
  notMade: readonly Called[],
  seen: (called: Called) => ObservedSubject | null,
): Promise<readonly Work[]> {
  const mayAgain = ({ work }: Called): boolean => work.attempt < carrier.settings.attempts;
  const again = notMade.filter(mayAgain).map(({ work }) => work);
  if (again.length > 0) await carrier.mark(again, 'planned');
  await end(
    carrier,
    notMade.filter((each) => !mayAgain(each)),
    (each) => notDone(each, seen(each)),
  );
  return again;
}

/** The log is sure to hold everything up to well after the call, and does not hold it. */
function wasNotMade(carrier: Carrier, log: LogReading | null, work: Work): boolean {
  if (log?.isCompleteTo == null || work.calledAt === null) return false;
  const begun = Math.max(Date.parse(work.calledAt), work.foundAt === null ? 0 : Date.parse(work.foundAt));
  const settled = begun + carrier.settings.settleMs;
  return Date.parse(log.isCompleteTo) >= settled && sinceCallMs(carrier, work) >= carrier.settings.settleMs;
}

async function readLogOrNull(carrier: Carrier, open: readonly Called[]): Promise<LogReading | null> {
  const since = open.map(({ work }) => work.calledAt ?? '').sort()[0];
  if (since === undefined || since === '') return null;
  return carrier.readLog(since);
}

async function readOrNull(
  carrier: Carrier,
  works: readonly Work[],
): Promise<ReadonlyMap<string, ObservedSubject> | null> {
  if (works.length === 0) return null;
  try {
    return await carrier.read(works, 'before');
  } catch (error) {
    if (carrier.signal.aborted) throw error;
    return null;
  }
}

async function end(carrier: Carrier, called: readonly Called[], outcome: (called: Called) => Outcome): Promise<void> {
  if (called.length === 0) return;
  await carrier.finish(await Promise.all(called.map((each) => finishedOf(carrier, each.work, outcome(each)))));
}
