import { expect } from 'vitest';
import { UsherError } from '../../model/errors.ts';
import type { Subject } from '../../model/changes.ts';
import type { Change, ChangeDraft, ChangeParams, ItemResult, ObservedSubject } from '../changes.ts';
import type { CallTrace } from '../http/types.ts';
import { holdsNoSecret } from './seen.ts';
import type { WriteRule } from './write-conformance.ts';
import type { WriteCase, WriteConformanceOptions, WriteTarget } from './write-options.ts';
import { nameOf } from './write-plan-rules.ts';
import {
  batchesOf, callAll, earlierIn, effectsOn, entryOf, type Known, noResult, onStage, readAll, readAnew, secretsOf,
  type Stage, stateOf, type Step, stepsOf,
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
    const all = await stepsOf(stage, drafts);
    const results = new Map<Step, ItemResult>();
    for (const [change, steps] of batchesOf(stage.changes, all)) {
      const items = await readAnew(writes, steps, earlierIn(all, results));
      if (items instanceof UsherError) throw items;
      const before = target.requestCount();
      const preview = await connector.dryRunChange(change, items);
      expect(target.requestCount(), change).toBe(before);
      const sent: CallTrace[] = [];
      const called = await writes.call(change, items, (trace) => void sent.push(trace));
      for (const [at, step] of steps.entries()) results.set(step, called[at] ?? noResult());
      if (preview === null) {
        expect(sent, `${change} shows no request: it makes none`).toEqual([]);
        continue;
      }
      // Another key than the connection's signs in first, for itself.
      const begins = sent.findIndex(({ request: { method, url } }) => method === preview.method && url === preview.url);
      const first = sent[begins];
      expect(first, `the calls of ${change} are told`).toBeDefined();
      for (const { request } of sent.slice(0, begins)) expect(request.headers).not.toHaveProperty('authorization');
      expect(['GET', 'HEAD'], `${change} reads nothing: its first request is the change`).not.toContain(preview.method);
      expect({ ...preview, body: null }).toEqual({ ...first?.request, body: null });
      // A trace keeps the head of a long body; the preview shows all of it.
      expect(
        preview.body?.startsWith(first?.request.body?.replace(/…$/u, '') ?? '') ?? first?.request.body === null,
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
    for (const { draft, item } of steps) {
      // What is done to an account made anew was so of the one before it.
      const isOfNew = draft.follows === true && drafts.some(({ change }) => changes.change(change).makesAccount);
      const isSo = changes.change(draft.change).wanted(item.before, item.params);
      expect(isSo && !isOfNew, `${draft.change} is not so before`).toBe(false);
    }
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
    if (tried.again === 'nothing') expect(kindsAfter(target, once)).toEqual([]);
    else if (tried.again === 'repeats') hasExpectedEffects(target, once, tried, drafts);
    else expect(kindsAfter(target, once)).toEqual([...tried.again].sort());
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
    const results = await callAll(stage, steps);
    /** Subjects of which a later change cannot be taken back: those before it stay as well. */
    const cut = new Set<string>();
    for (const [at, { draft, item }] of [...steps.entries()].toReversed()) {
      const change = changes.change(draft.change);
      const result = results[at];
      const made = result?.kind === 'taken' ? result.made?.facts : undefined;
      const inverse = change.inverse(item.before, item.params, item.subject, made);
      if (!change.undo.isPossible) expect(inverse, `${draft.change} cannot be undone`).toBeNull();
      if (!change.undo.isPossible && change.proof.by === 'state') cut.add(draft.subject.key);
      if (inverse === null || cut.has(draft.subject.key)) continue;
      const [now] = await readAll(stage, [draft], 'before');
      const [undone] = await writes.call(
        inverse.change,
        [{ subject: draft.subject, params: inverse.params, secrets: {}, before: stateOf(now) }],
        () => undefined,
      );
      expect(undone, inverse.change).toEqual({ kind: 'taken' });
    }
    const after = await readAll(stage, drafts, 'after');
    for (const [at, { change, follows, subject }] of drafts.entries()) {
      // What follows another change may be on a subject that this one has made: then there is nothing to go back to.
      if (cut.has(subject.key) || (follows === true && before[at]?.account === null)) continue;
      if (changes.change(change).undo.isPossible) expect(shownOf(after[at])).toEqual(shownOf(before[at]));
    }
  });
}

/** What of a subject has to be as before when a change was taken back. */
function shownOf(seen: ObservedSubject | undefined): object {
  const credentials = (seen?.credentials ?? []).map(({ key, isEnabled }) => `${key} ${isEnabled}`).sort();
  if (seen?.account === null || seen?.account === undefined) return { account: null, credentials };
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
    credentials,
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
  expect(kindsAfter(target, after)).toEqual(tried.plans.flatMap(({ effects }) => effects).sort());
}

function kindsAfter(target: WriteTarget, after: number): readonly string[] {
  const kinds = target.effects().slice(after).map(({ kind }) => kind); // prettier-ignore
  return kinds.sort();
}
