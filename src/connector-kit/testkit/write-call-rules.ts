import { expect } from 'vitest';
import { UsherError } from '../../model/errors.ts';
import type { Subject } from '../../model/changes.ts';
import type { Change, ChangeDraft, ChangeParams, ObservedSubject } from '../changes.ts';
import type { CallTrace } from '../http/types.ts';
import { holdsNoSecret } from './seen.ts';
import type { WriteRule } from './write-conformance.ts';
import type { WriteCase, WriteConformanceOptions, WriteTarget } from './write-options.ts';
import { nameOf } from './write-plan-rules.ts';
import {
  batchesOf, callAll, effectsOn, entryOf, type Known, onStage, readAll, readAnew, secretsOf, type Stage, stepsOf,
} from './write-stage.ts'; // prettier-ignore

type Plan = () => Promise<readonly ChangeDraft[]>;

/** What holds of the calls while all is well. */
export function callRules(options: WriteConformanceOptions, known: Known): readonly WriteRule[] {
  return options.cases.flatMap((tried) => {
    const plan = (): ReturnType<Plan> => known.drafts(tried);
    const rule = (says: string, run: typeof showsWhatItSends): WriteRule => ({
      name: `${nameOf(tried)}: ${says}`,
      run: () => run(options, tried, plan),
    });
    return [
      rule('shows in a dry run exactly what it then sends, masked', showsWhatItSends),
      rule('is wanted and not so before; is so once the app took it', makesItSo),
      rule('does nothing more when called a second time', doesNotDouble),
      rule('goes back to how it was, or says that it cannot', goesBack),
      ...(tried.bad === undefined ? [] : [rule('tells the good from the bad in one batch', tellsItemsApart)]),
    ];
  });
}

async function showsWhatItSends(options: WriteConformanceOptions, tried: WriteCase, plan: Plan): Promise<void> {
  const drafts = await plan();
  await onStage(options, async (stage) => {
    const { target, connector, writes } = stage;
    tried.prepare?.(target);
    const secrets = secretsOf(target, tried, drafts);
    for (const [change, steps] of batchesOf(stage.changes, await stepsOf(stage, drafts))) {
      const items = await readAnew(writes, steps);
      if (items instanceof UsherError) throw items;
      const before = target.requestCount();
      const preview = await connector.dryRunChange(change, items);
      expect(target.requestCount(), change).toBe(before);
      const sent: CallTrace[] = [];
      await writes.call(change, items, (trace) => void sent.push(trace));
      const [first] = sent;
      expect(first, `the calls of ${change} are told`).toBeDefined();
      expect(['GET', 'HEAD'], `${change} reads nothing: its first request is the change`).not.toContain(
        preview?.method,
      );
      expect({ ...preview, body: null }).toEqual({ ...first?.request, body: null });
      // A trace keeps the head of a long body; the preview shows all of it.
      expect(
        preview?.body?.startsWith(first?.request.body?.replace(/…$/u, '') ?? '') ?? first?.request.body === null,
      ).toBe(true);
      holdsNoSecret([preview, sent], secrets);
    }
    holdsNoSecret([connector.traces], secrets);
  });
}

async function makesItSo(options: WriteConformanceOptions, tried: WriteCase, plan: Plan): Promise<void> {
  const drafts = await plan();
  await onStage(options, async (stage) => {
    const { target, changes } = stage;
    tried.prepare?.(target);
    const steps = await stepsOf(stage, drafts);
    for (const { draft, item } of steps)
      expect(changes.change(draft.change).wanted(item.before, item.params)).toBe(false);
    const count = target.effects().length;
    const results = await callAll(stage, steps);
    expect(results.map(({ kind }) => kind)).toEqual(steps.map(() => 'taken'));
    hasExpectedEffects(target, count, tried, drafts);
    const after = await readAll(stage, drafts, 'after');
    for (const [at, { change: id, params, subject }] of drafts.entries()) {
      const change = changes.change(id);
      const isSo = change.wanted(after[at] ?? { account: null, grants: [] }, params);
      expect(isSo, `${id} is proven by ${change.proof.by}`).toBe(change.proof.by === 'state');
      await isSeenBy(stage, subject, change, params, isSo);
      const mails = (tried.plans[at]?.effects ?? []).filter((kind) => kind.startsWith('mail.'));
      if (mails.length > 0) expect(change.sendsMail, `${id} says that it sends mail`).toBe(true);
    }
    holdsNoSecret([results, stage.connector.drifts], secretsOf(target, tried, drafts));
  });
}

/** Reading no more than the change looks at tells the same. */
async function isSeenBy(
  { writes }: Stage,
  subject: Subject,
  change: Change,
  params: ChangeParams,
  isSo: boolean,
): Promise<void> {
  if (change.looksAt === null) return;
  const seen = entryOf(await writes.read([subject], 'after', change.looksAt), subject.key);
  expect(change.wanted(seen, params), `${change.id} looks at ${change.looksAt.join(', ')} alone`).toBe(isSo);
}

async function doesNotDouble(options: WriteConformanceOptions, tried: WriteCase, plan: Plan): Promise<void> {
  const drafts = await plan();
  await onStage(options, async (stage) => {
    const { target, changes } = stage;
    tried.prepare?.(target);
    await callAll(stage, await stepsOf(stage, drafts));
    const once = target.effects().length;
    const steps = await stepsOf(stage, drafts);
    for (const { draft, item } of steps) {
      const change = changes.change(draft.change);
      if (change.proof.by !== 'state') continue;
      expect(change.wanted(item.before, item.params), `${draft.change} would be skipped`).toBe(true);
      expect(
        change.inverse(item.before, item.params, item.subject),
        `${draft.change} has nothing to take back`,
      ).toBeNull();
    }
    await callAll(stage, steps);
    if (tried.again === 'nothing')
      expect(
        target
          .effects()
          .slice(once)
          .map(({ kind }) => kind),
      ).toEqual([]);
    else hasExpectedEffects(target, once, tried, drafts);
    const after = await readAll(stage, drafts, 'after');
    for (const [at, { change: id, params }] of drafts.entries()) {
      const change = changes.change(id);
      const seen = after[at];
      if (change.proof.by === 'state' && seen !== undefined) expect(change.wanted(seen, params), id).toBe(true);
    }
  });
}

async function goesBack(options: WriteConformanceOptions, tried: WriteCase, plan: Plan): Promise<void> {
  const drafts = await plan();
  await onStage(options, async (stage) => {
    const { target, changes, writes } = stage;
    tried.prepare?.(target);
    const before = await readAll(stage, drafts, 'before');
    const steps = await stepsOf(stage, drafts);
    await callAll(stage, steps);
    for (const { draft, item } of steps.toReversed()) {
      const change = changes.change(draft.change);
      const inverse = change.inverse(item.before, item.params, item.subject);
      if (!change.undo.isPossible) expect(inverse, `${draft.change} cannot be undone`).toBeNull();
      if (inverse === null) continue;
      const [now] = await readAll(stage, [draft], 'before');
      const [result] = await writes.call(
        inverse.change,
        [{ subject: draft.subject, params: inverse.params, secrets: {}, before: now ?? { account: null, grants: [] } }],
        () => undefined,
      );
      expect(result, inverse.change).toEqual({ kind: 'taken' });
    }
    const after = await readAll(stage, drafts, 'after');
    for (const [at, { change, follows }] of drafts.entries()) {
      // What follows another change may be on a subject that this one has made: then there is nothing to go back to.
      if (follows === true && before[at]?.account === null) continue;
      if (changes.change(change).undo.isPossible) expect(stateOf(after[at])).toEqual(stateOf(before[at]));
    }
  });
}

/** What of a subject has to be as before when a change was taken back. */
function stateOf(seen: ObservedSubject | undefined): object | null {
  if (seen?.account === null || seen?.account === undefined) return null;
  const { key, email, displayName, status, isLocked, mfa, roles } = seen.account;
  return {
    key,
    email,
    displayName,
    status,
    isLocked,
    mfa,
    roles,
    grants: seen.grants.map((grant) => grant.key).sort(),
  };
}

async function tellsItemsApart(options: WriteConformanceOptions, tried: WriteCase, plan: Plan): Promise<void> {
  const drafts = await plan();
  const { bad } = tried;
  await onStage(options, async (stage: Stage) => {
    const { target, changes } = stage;
    tried.prepare?.(target);
    const steps = await stepsOf(stage, drafts);
    bad?.spoil(target);
    const count = target.effects().length;
    const results = await callAll(stage, steps);
    const after = await readAll(stage, drafts, 'after');
    expect(drafts.map(({ subject }) => subject.email)).toContain(bad?.email);
    for (const [at, { subject, change, params }] of drafts.entries()) {
      const isBad = subject.email === bad?.email;
      const isSo = changes.change(change).wanted(after[at] ?? { account: null, grants: [] }, params);
      if (isBad) {
        expect(results[at]?.kind, 'nobody took the bad one').not.toBe('taken');
        expect(effectsOn({ target, tried }, count, drafts, at)).toEqual([]);
      } else if (isSo || effectsOn({ target, tried }, count, drafts, at).length > 0) {
        expect(results[at]?.kind, 'a good one is not hidden by a bad one').not.toBe('refused');
      } else {
        expect(results[at]?.kind, 'what was not done is not called taken').not.toBe('taken');
      }
    }
    holdsNoSecret([results], secretsOf(target, tried, drafts));
  });
}

function hasExpectedEffects(
  target: WriteTarget,
  after: number,
  tried: WriteCase,
  drafts: readonly ChangeDraft[],
): void {
  for (const [at, { effects }] of tried.plans.entries()) {
    expect(effectsOn({ target, tried }, after, drafts, at)).toEqual([...effects].sort());
  }
  const kinds = target
    .effects()
    .slice(after)
    .map(({ kind }) => kind);
  expect([...kinds].sort()).toEqual(tried.plans.flatMap(({ effects }) => effects).sort());
}
