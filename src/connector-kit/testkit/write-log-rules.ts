import { expect } from 'vitest';
import { UsherError } from '../../model/errors.ts';
import type { LogReading } from '../changes.ts';
import { outcomeOf } from './seen.ts';
import type { WriteRule } from './write-conformance.ts';
import type { WriteCase, WriteConformanceOptions } from './write-options.ts';
import { nameOf } from './write-plan-rules.ts';
import { callAll, type Known, onStage, type Stage, type Step, stepsOf } from './write-stage.ts';

const FAULTS = ['429', '500', 'html-503', 'reset', 'cut', 'truncated', 'wrong-type'] as const;
/** Long enough for a log that tells whole seconds to tell two calls apart. */
const PAUSE_MS = 10_000;

/** What holds of the app's own log where it has to prove what no state shows. */
export function logRules(options: WriteConformanceOptions, known: Known): readonly WriteRule[] {
  const proven = options.cases.filter(({ plans }) =>
    plans.some(({ change }) => options.connector.writes?.change(change).proof.by === 'log'),
  );
  return proven.flatMap((tried) => {
    const rule = (says: string, run: (stage: Stage, steps: readonly Step[]) => Promise<void>): WriteRule => ({
      name: `${nameOf(tried)}: ${says}`,
      run: async () => {
        const drafts = await known.drafts(tried);
        await onStage(options, async (stage) => {
          tried.prepare?.(stage.target);
          stage.target.letPass(PAUSE_MS);
          await run(stage, await stepsOf(stage, drafts));
        });
      },
    });
    return [
      rule('finds its own entry in the log, and nobody else does', findsItsEntry),
      rule('never says that the log is complete beyond what it holds', (stage, steps) => isHonest(stage, steps, tried)),
      rule('reads the log whole, or fails', readsLogWholeOrFails),
    ];
  });
}

async function findsItsEntry(stage: Stage, steps: readonly Step[]): Promise<void> {
  const since = now(stage);
  expect(shown(stage, await stage.writes.readLog(since), steps)).toEqual(steps.map(() => false));
  stage.target.letPass(PAUSE_MS);
  await callAll(stage, steps);
  stage.target.letPass(PAUSE_MS);
  const log = await stage.writes.readLog(since);
  expect(shown(stage, log, steps)).toEqual(steps.map(({ draft }) => isByLog(stage, draft.change)));
  expect(log.isCompleteTo === null || log.isCompleteTo <= now(stage)).toBe(true);
  const strangers = steps.map(({ draft, item }) => ({
    draft,
    item: { ...item, subject: { ...item.subject, key: 'no-such-one', email: 'one.absent@nowhere.example' } },
  }));
  expect(shown(stage, log, strangers)).toEqual(steps.map(() => false));
}

/** An entry that is missing before the moment the log is said to be complete to would prove a mail unsent that was sent. */
async function isHonest(stage: Stage, steps: readonly Step[], tried: WriteCase): Promise<void> {
  const { target, writes } = stage;
  const since = now(stage);
  for (const delay of target.delayLog === undefined ? [0] : [3_600_000, 0]) {
    target.delayLog?.(delay);
    target.letPass(PAUSE_MS);
    await callAll(stage, steps);
    const calledAt = now(stage);
    target.letPass(PAUSE_MS);
    const log = await writes.readLog(since);
    const isMissing = steps.some(({ draft }, at) => isByLog(stage, draft.change) && !shown(stage, log, steps)[at]);
    if (isMissing) expect(log.isCompleteTo === null || log.isCompleteTo < calledAt, nameOf(tried)).toBe(true);
    if (delay === 0) expect(isMissing, nameOf(tried)).toBe(false);
  }
}

async function readsLogWholeOrFails(stage: Stage, steps: readonly Step[]): Promise<void> {
  const { target, writes } = stage;
  const since = now(stage);
  await callAll(stage, steps);
  target.letPass(PAUSE_MS);
  const asked = target.requestCount();
  const healthy = await writes.readLog(since);
  const requests = target.requestCount() - asked;
  for (const fault of FAULTS) {
    for (let at = 1; at <= requests; at += 1) {
      target.setFaults([`${fault}@${at}`]);
      const outcome = await outcomeOf(writes.readLog(since));
      if (outcome instanceof UsherError || outcome.isCompleteTo === null) continue;
      expect(shown(stage, outcome, steps), `${fault}@${at}`).toEqual(shown(stage, healthy, steps));
    }
  }
  target.setFaults([]);
}

function shown({ changes }: Stage, { events }: LogReading, steps: readonly Step[]): readonly boolean[] {
  return steps.map(({ draft, item }) =>
    events.some((event) => changes.change(draft.change).isShownBy(event, item.subject, item.params)),
  );
}

function isByLog({ changes }: Stage, change: string): boolean {
  return changes.change(change).proof.by === 'log';
}

function now({ target }: Stage): string {
  return (target.clock?.now() ?? new Date()).toISOString();
}
