import type { ObservedSubject } from '../../connector-kit/changes.ts';
import { sentenceOf } from '../../model/errors.ts';
import { backoffMs, type Called, type Carrier, finishedOf, type Outcome, type Work } from './work.ts';

/**
 * Ends changes that only their answer tells of: done where what it told is kept. Where it was lost the app may have made
 * something nobody can use: that is called again once the lost call can have no more effect, with the subject read anew, and
 * takes away what is left of it. Returns those to be called again.
 */
export async function settleByMade(carrier: Carrier, called: readonly Called[]): Promise<readonly Work[]> {
  const kept = called.filter(({ work }) => work.made !== null);
  if (kept.length > 0) {
    const observed = await readBack(carrier, kept);
    await end(carrier, kept, ({ work }) => done(work, observed?.get(work.content.subject.key) ?? null));
  }
  const lost = called.filter(({ work }) => work.made === null);
  const mayAgain = ({ work }: Called): boolean => work.attempt < carrier.settings.attempts;
  await end(
    carrier,
    lost.filter((each) => !mayAgain(each)),
    givenUp,
  );
  const again = lost.filter(mayAgain).map(({ work }) => work);
  if (again.length === 0) return [];
  const isSettled = ({ calledMs }: Work): boolean =>
    calledMs === null || carrier.nowMs() - calledMs >= carrier.settings.settleMs;
  for (let round = 0; !again.every(isSettled); round += 1) await carrier.delay(Math.max(backoffMs(carrier, round), 1));
  await carrier.mark(again, 'planned');
  return again;
}

/** The snapshot learns of it where the app answers; where it does not, the next sync tells. */
async function readBack(
  carrier: Carrier,
  kept: readonly Called[],
): Promise<ReadonlyMap<string, ObservedSubject> | null> {
  const works = kept.map(({ work }) => work).filter(({ content }) => SHOWN.has(content.subject.kind));
  if (works.length === 0) return null;
  try {
    // What was just made may not show yet: its absence is no news.
    return await carrier.read(works, 'after');
  } catch (error) {
    if (carrier.signal.aborted) throw error;
    return null;
  }
}

const SHOWN: ReadonlySet<string> = new Set(['account', 'credential']);

function done({ change, content }: Work, seen: ObservedSubject | null): Outcome {
  const note = change.proof.by === 'made' ? ` ${change.proof.note}` : '';
  const isThere = content.subject.kind === 'credential' || seen?.account != null;
  return {
    end: 'done', summary: `Done: the app told what it made, and Usher has kept it.${note}`, code: null, proof: 'answer',
    observed: isThere ? seen : null,
  }; // prettier-ignore
}

function givenUp({ work, result }: Called): Outcome {
  const error = result.kind === 'taken' ? null : result.error;
  const times = work.attempt === 1 ? 'once' : `${work.attempt} times`;
  const why = error === null ? 'The app took it without telling what it made.' : sentenceOf(error);
  return {
    end: 'uncertain',
    summary: `Called ${times}, and what the app made was never told to the end. ${why} Look in the app for what is left of it.`,
    code: 'answerLost', proof: 'nothing', observed: null,
  }; // prettier-ignore
}

async function end(carrier: Carrier, called: readonly Called[], outcome: (called: Called) => Outcome): Promise<void> {
  if (called.length === 0) return;
  await carrier.finish(await Promise.all(called.map((each) => finishedOf(carrier, each.work, outcome(each)))));
}
