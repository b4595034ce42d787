import type { ItemResult } from '../../connector-kit/changes.ts';
import { resultOf } from '../../connector-kit/open-writes.ts';
import { type ErrorKind, UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import { describeReason } from './answers.ts';
import type { LastPassContext } from './config.ts';
import type { SwitchAnswer, WriteAnswer } from './write-calls.ts';

const TAKEN: ItemResult = { kind: 'taken' };

/**
 * What a batch came to for each of its addresses. `OK`: taken. Otherwise an address that a reason names is refused with
 * that reason, and of the others nothing is sure: the good entries of a `WARN` are carried out.
 */
export function batchResults(answer: WriteAnswer, addresses: readonly string[]): readonly ItemResult[] {
  if (answer.isAllDone) return addresses.map(() => TAKEN);
  return addresses.map((address): ItemResult => {
    const named = answer.reasons.filter((reason) => namesAddress(reason, address));
    if (named.length === 0) return unclear(answer);
    return { kind: 'refused', error: describeReason(answer.command, named.join('; ')) };
  });
}

/**
 * What `disableuser` or `enableuser` came to. An address in neither list was left out; one that the error names may have
 * been put among the unchanged although there is no such user.
 */
export function switchResults(answer: SwitchAnswer, addresses: readonly string[]): readonly ItemResult[] {
  const changed = new Set(answer.changed.map(fold));
  const unchanged = new Set(answer.unchanged.map(fold));
  return addresses.map((address): ItemResult => {
    if (changed.has(fold(address))) return TAKEN;
    const named = answer.reasons.filter((reason) => namesAddress(reason, address));
    if (unchanged.has(fold(address))) return named.length === 0 ? TAKEN : unclear(answer);
    if (named.length === 0) return unclear(answer);
    return { kind: 'refused', error: describeReason(answer.command, named.join('; ')) };
  });
}

/**
 * Runs a command that takes one address for each of the items, one after the other: what goes wrong with one says nothing
 * of the others.
 */
export async function oneByOne<Item>(
  { signal }: Pick<LastPassContext, 'signal'>,
  items: readonly Item[],
  call: (item: Item) => Promise<WriteAnswer>,
): Promise<readonly ItemResult[]> {
  const results: ItemResult[] = [];
  for (const item of items) {
    try {
      const answer = await call(item);
      results.push(answer.isAllDone ? TAKEN : unclear(answer));
    } catch (thrown) {
      if (signal.aborted || !(thrown instanceof UsherError)) throw thrown;
      results.push(resultOf(thrown));
    }
  }
  return results;
}

/**
 * Runs a batch. A `FAIL` did nothing: those whom its reason names are refused with it, the others because of them; where
 * it names nobody, all are refused with it. Other errors say the same of all.
 */
export async function inBatch(
  { signal }: Pick<LastPassContext, 'signal'>,
  addresses: readonly string[],
  call: () => Promise<readonly ItemResult[]>,
): Promise<readonly ItemResult[]> {
  try {
    return await call();
  } catch (thrown) {
    if (signal.aborted || !(thrown instanceof UsherError)) throw thrown;
    if (addresses.length === 1) return [resultOf(thrown)];
    const named = addresses.map((address) => namesAddress(thrown.message, address));
    if (!named.includes(true) || !named.includes(false)) return addresses.map(() => resultOf(thrown));
    const others = new UsherError(
      'conflict',
      `LastPass refused the whole batch because of others in it: ${thrown.message}`,
      {
        code: 'batchRefused',
        next: 'Nothing was done. Retry the failed changes of the run.',
      },
    );
    return named.map((isNamed) => ({ kind: 'refused', error: isNamed ? thrown : others }));
  }
}

/**
 * The same results, but for refusals that may mean that it is so already ("already a member"; "no such user" where the
 * account was to be ended): these are left to reading.
 */
export async function settledByReading(
  results: Promise<readonly ItemResult[]>,
  kinds: readonly ErrorKind[] = ['conflict'],
): Promise<readonly ItemResult[]> {
  return (await results).map((result) => {
    if (result.kind !== 'refused') return result;
    const { kind, details } = result.error;
    return kinds.includes(kind) && details.code === undefined ? { ...result, kind: 'unclear' } : result;
  });
}

/** Whether a sentence of the vendor has this very address in it, not one that merely ends or begins with it. */
export function namesAddress(sentence: string, address: string): boolean {
  const wanted = fold(address);
  return fold(sentence)
    .split(/[\s,;"<>()[\]{}]+/)
    .some((word) => word === wanted || word.replace(/^['`:]+/, '').replace(/['`:.!?]+$/, '') === wanted);
}

function unclear({ command, reasons }: WriteAnswer): ItemResult {
  const said = reasons.length === 0 ? 'without saying that it was done' : `with: ${reasons.join('; ').slice(0, 500)}`;
  const error = new UsherError('partialFailure', `LastPass answered ${command} ${said}`, {
    code: 'unclearAnswer',
    next: 'Look in the app, or make the plan again: what is done already will be skipped.',
  });
  return { kind: 'unclear', error };
}
