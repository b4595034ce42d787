import { DOUBT } from '../../connector-kit/http/failures.ts';
import type { ObservedSubject } from '../../connector-kit/changes.ts';
import { sentenceOf, toUsherError, type UsherError } from '../../model/errors.ts';
import type { Called, Outcome } from './work.ts';

/** What is said of changes that were called, in sentences. */

/** What went wrong, as far as the result tells. */
export function errorOf(result: Called['result']): UsherError {
  return result.kind === 'taken' ? toUsherError(new Error('The app took it.')) : result.error;
}

/** The app refused it. */
export function failed(error: UsherError, observed: ObservedSubject | null): Outcome {
  return {
    end: 'failed',
    summary: sentenceOf(error),
    code: error.details.code ?? error.kind,
    proof: 'nothing',
    observed,
  };
}

/** Called as often as may be, and read each time: it was not carried out. */
export function notDone({ work, result }: Called, observed: ObservedSubject | null): Outcome {
  const error = errorOf(result);
  const times = work.attempt === 1 ? 'once' : `${work.attempt} times`;
  return {
    ...failed(error, observed),
    summary: `Called ${times}, without effect as the app shows: ${error.message.replace(DOUBT, '')}`,
  };
}

/** The app shows it. Where it did more than was asked, that has to be looked at: the change is not simply done. */
export function shown(called: Called, observed: ObservedSubject | null): Outcome {
  const besides = besidesOf(called, observed);
  if (besides === null) {
    return { end: 'done', summary: doneSentence(called), code: null, proof: 'state', observed };
  }
  return {
    end: 'failed',
    summary: `The app made the change, and more than was asked: ${besides}. Put that right in the app, or by another plan.`,
    code: 'fieldChanged', proof: 'state', observed,
  }; // prettier-ignore
}

/** What else the app changed, in words; null: nothing, or this process did not see how it was before. */
export function besidesOf({ work }: Called, observed: ObservedSubject | null): string | null {
  if (work.before === null || observed === null) return null;
  const besides = work.change.besides(work.before, observed, work.content.params);
  return besides.length === 0 ? null : besides.join('; ');
}

function doneSentence({ work, result }: Called): string {
  if (result.kind === 'taken') return 'Done; read back from the app.';
  return work.calls.length === 0
    ? 'Done: Usher was interrupted in the call and kept no answer; the app shows it.'
    : 'Done: the answer was lost, the app shows it.';
}

/** The app could not be asked. */
export function unanswered(error: UsherError | null): Outcome {
  return {
    end: 'uncertain',
    summary: `It may have been done: the app could not be asked. ${error === null ? '' : sentenceOf(error)} Usher looks again by itself.`,
    code: 'unanswered',
    proof: 'nothing',
    observed: null,
  };
}

/** Taken, and not to be seen yet. */
export function unconfirmed(observed: ObservedSubject | null): Outcome {
  return {
    end: 'uncertain',
    summary: 'The app took it, and does not show it yet. Usher looks again by itself.',
    code: 'unconfirmed',
    proof: 'nothing',
    observed,
  };
}
