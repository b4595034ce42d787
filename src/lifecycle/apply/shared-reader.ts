import { setImmediate as immediate } from 'node:timers/promises';
import type { ObservedSubject } from '../../connector-kit/changes.ts';
import type { Subject } from '../../model/changes.ts';
import type { Patience } from '../../sync/gate.ts';

type Reading = ReadonlyMap<string, ObservedSubject>;
type Read = (subjects: readonly Subject[]) => Promise<Reading>;

/** More are not asked for at once: what one reading cannot tell, it cannot tell of all of them. */
const MOST = 1000;

/**
 * Lets batches that ask at the same time share one reading: an app that reads many by the page then reads each page once
 * for all of them. Who asks for one subject is read alone, beside the others. `pass` is the app's turnstile: whoever asks
 * before a reading has passed it, or in the same moment, joins that reading, so every answer is from after its question.
 * With the patience of whoever asks first it waits before the turnstile for those who are about to ask.
 */
export function sharedReader(
  pass: (work: () => Promise<Reading>, patience?: Patience) => Promise<Reading>,
  read: Read,
): (subjects: readonly Subject[], patience?: Patience) => Promise<Reading> {
  let waiting: { readonly subjects: Subject[]; readonly reading: Promise<Reading> } | null = null;

  return (subjects, patience) => {
    if (subjects.length <= 1) return pass(() => read(subjects));
    if (waiting !== null && waiting.subjects.length + subjects.length <= MOST) {
      waiting.subjects.push(...subjects);
      return waiting.reading;
    }
    const all = [...subjects];
    const reading = pass(async () => {
      await immediate();
      if (waiting?.subjects === all) waiting = null;
      return read(all);
    }, patience);
    waiting = { subjects: all, reading };
    return reading;
  };
}
