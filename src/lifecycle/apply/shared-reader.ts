import type { ObservedSubject } from '../../connector-kit/changes.ts';
import type { Subject } from '../../model/changes.ts';

type Reading = ReadonlyMap<string, ObservedSubject>;
type Read = (subjects: readonly Subject[]) => Promise<Reading>;

/** More are not asked for at once: what one reading cannot tell, it cannot tell of all of them. */
const MOST = 1000;

/**
 * Lets batches that ask at the same time share one reading: an app that reads many by the page then reads each page once
 * for all of them. Who asks for one subject is read alone, beside the others. `pass` is the app's turnstile: whoever asks
 * before a reading has passed it joins that reading, so every answer is from after its question. Whoever
 * asks first waits for `others`, who are about to ask.
 */
export function sharedReader(
  pass: (work: () => Promise<Reading>) => Promise<Reading>,
  read: Read,
): (subjects: readonly Subject[], others?: () => Promise<unknown>) => Promise<Reading> {
  let waiting: { readonly subjects: Subject[]; readonly reading: Promise<Reading> } | null = null;

  return (subjects, others = () => Promise.resolve()) => {
    if (subjects.length <= 1) return pass(() => read(subjects));
    if (waiting !== null && waiting.subjects.length + subjects.length <= MOST) {
      waiting.subjects.push(...subjects);
      return waiting.reading;
    }
    const all = [...subjects];
    const begin = (): Promise<Reading> =>
      pass(() => {
        if (waiting?.subjects === all) waiting = null;
        return read(all);
      });
    const reading = others()
      .then(() => new Promise<void>((resolve) => setImmediate(resolve)))
      .then(begin);
    waiting = { subjects: all, reading };
    return reading;
  };
}
