import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import type { ChangeDraft, ItemResult, OpenWrites } from '../changes.ts';
import { holdsNoSecret } from './seen.ts';
import type { WriteRule } from './write-conformance.ts';
import type { WriteCase, WriteConformanceOptions, WriteTarget } from './write-options.ts';
import { nameOf } from './write-plan-rules.ts';
import {
  callAll,
  effectsOn,
  type Known,
  onStage,
  openOn,
  readAll,
  secretsOf,
  type Stage,
  type Step,
  stepsOf,
  writesOf,
} from './write-stage.ts';

/** Each strikes each request of a call. */
const FAULTS = [
  '429', '429-retry-after=1', '500', '503', 'html-403', 'html-503', 'reset', 'cut', 'truncated', 'wrong-type',
  'lost-answer',
] as const; // prettier-ignore
/** Answers when nobody waits any more. */
const SLOW = ['slow=1500'] as const;
const DEADLINE_MS = 150;

/**
 * What holds of a call when something goes wrong: `refused` only where nothing was done, `taken` only where all was,
 * everything else is unclear; and nothing is done twice, though the client would repeat what it is told is safe.
 */
export function faultRules(options: WriteConformanceOptions, known: Known): readonly WriteRule[] {
  return options.cases.map((tried) => {
    return {
      name: `${nameOf(tried)}: under every fault claims no more than is so, and does nothing twice`,
      run: async () => {
        const drafts = await known.drafts(tried);
        const requests = await strike(options, tried, drafts, { fault: 'none', at: 0 });
        const strikeEach = async (faults: readonly string[]): Promise<void> => {
          for (const fault of faults) {
            for (let at = 1; at <= requests; at += 1) await strike(options, tried, drafts, { fault, at });
          }
        };
        // Waiting takes no work: it goes on beside the others, each on an app of its own.
        await Promise.all([strikeEach(FAULTS), strikeEach(SLOW)]);
      },
    };
  });
}

/** A fault, and the request of the calls that it strikes; 0: none. */
interface Blow {
  readonly fault: string;
  readonly at: number;
}

/** Makes the calls with a fault; returns how many requests they came to. */
async function strike(
  options: WriteConformanceOptions,
  tried: WriteCase,
  drafts: readonly ChangeDraft[],
  blow: Blow,
): Promise<number> {
  let requests = 0;
  await onStage(options, async (stage) => {
    const { target } = stage;
    tried.prepare?.(target);
    const steps = await stepsOf(stage, drafts);
    const effects = target.effects().length;
    const struck = await callStruck(options, stage, steps, blow);
    requests = struck.requests;
    for (const [at, result] of struck.results.entries()) {
      const all = tried.plans[at]?.effects ?? [];
      claimsWhatIsSo(
        `${drafts[at]?.change} under ${blow.fault}@${blow.at}`,
        result,
        all,
        effectsOn({ target, tried }, effects, drafts, at),
      );
      if (result.kind === 'taken') continue;
      holdsNoSecret([result.error.message, result.error.details], secretsOf(target, tried, drafts));
    }
    await isSettledByReading(stage, tried, drafts, effects);
    holdsNoSecret([stage.connector.traces], secretsOf(target, tried, drafts));
  });
  return requests;
}

/**
 * Attempts enough to show whether a write is called safe to repeat. What is read between the calls of a chain is not
 * struck, nor impatient: there are rules for readings.
 */
async function callStruck(
  { connector }: WriteConformanceOptions,
  stage: Stage,
  steps: readonly Step[],
  { fault, at }: Blow,
): Promise<{ readonly results: readonly ItemResult[]; readonly requests: number }> {
  const { target, changes } = stage;
  const isSlow = fault.startsWith('slow');
  const patience = isSlow ? { attempts: 2, maxTimeoutMs: DEADLINE_MS } : { attempts: 4 };
  // Let in already: there are rules for that as well.
  await using struck = openOn(connector, target, { ...patience, auth: stage.connector.auth });
  const writes = writesOf(struck);
  let requests = 0;
  const call: OpenWrites['call'] = async (change, items, onCall) => {
    const [asked, told] = [target.requestCount(), struck.traces.length];
    target.setFaults(at > requests ? [`${fault}@${at - requests}`] : []);
    const results = await writes.call(change, items, onCall);
    await arrived(target, asked + struck.traces.length - told);
    target.setFaults([]);
    requests += target.requestCount() - asked;
    return results;
  };
  const read: OpenWrites['read'] = (...of) => stage.writes.read(...of);
  const results = await callAll({ writes: { ...writes, call, read }, changes }, steps);
  return { results, requests };
}

/** On a busy machine a request nobody waits for any more may still be on its way; one that was never sent is given up. */
async function arrived(target: WriteTarget, requests: number): Promise<void> {
  for (let round = 0; round < 100 && target.requestCount() < requests; round += 1) await wait(10);
}

function claimsWhatIsSo(what: string, result: ItemResult, all: readonly string[], done: readonly string[]): void {
  expect(done.length, `${what}: nothing is done twice`).toBeLessThanOrEqual(all.length);
  if (result.kind === 'taken') expect(done, `${what}: taken is done`).toEqual([...all].sort());
  else expect(result.error.message, `${what}: says what went wrong`).toMatch(/\S/u);
  if (result.kind === 'refused') expect(done, `${what}: refused is not done`).toEqual([]);
}

/** What the call left open, reading tells: wanted where all was done, not where nothing was. */
async function isSettledByReading(
  stage: Stage,
  tried: WriteCase,
  drafts: readonly ChangeDraft[],
  after: number,
): Promise<void> {
  const seen = await readAll(stage, drafts, 'after');
  for (const [at, { change: id, params }] of drafts.entries()) {
    const change = stage.changes.change(id);
    const [all, done] = [tried.plans[at]?.effects ?? [], effectsOn({ target: stage.target, tried }, after, drafts, at)];
    const isHalf = done.length > 0 && done.length < all.length;
    const state = seen[at];
    if (change.proof.by !== 'state' || all.length === 0 || isHalf || state === undefined) continue;
    expect(change.wanted(state, params), `${id} is settled by reading`).toBe(done.length > 0);
  }
}
