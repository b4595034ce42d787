import { setImmediate as immediate } from 'node:timers/promises';

/** Gathers what is asked in the same moment into one question; each who asks is answered for all of it. */
export function gathered<Key, Answer>(
  ask: (keys: readonly Key[]) => Promise<Answer>,
): (keys: readonly Key[]) => Promise<Answer> {
  let waiting: { readonly keys: Key[]; readonly answer: Promise<Answer> } | null = null;
  return (keys) => {
    if (waiting !== null) {
      waiting.keys.push(...keys);
      return waiting.answer;
    }
    const all = [...keys];
    const answer = immediate().then(() => {
      waiting = null;
      return ask(all);
    });
    waiting = { keys: all, answer };
    return answer;
  };
}
