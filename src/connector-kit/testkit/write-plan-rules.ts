import { expect } from 'vitest';
import { UsherError } from '../../model/errors.ts';
import type { JsonValue } from '../../model/records.ts';
import type { ChangeDraft, PlannedCall, UnifiedWrites } from '../changes.ts';
import { failureOf, holdsNoSecret } from './seen.ts';
import type { WriteRule } from './write-conformance.ts';
import type { WriteCase, WriteConformanceOptions } from './write-options.ts';
import { type Known, onStage, secretsOf, type Stage } from './write-stage.ts';

/** What holds of actions and their plans: they are pure, whole and refuse what they cannot plan. */
export function planRules(options: WriteConformanceOptions, known: Known): readonly WriteRule[] {
  return [
    {
      name: 'is tried with every writing action it has',
      run: async () => {
        const writing = options.connector.actions.filter(({ effect }) => effect !== 'read').map(({ id }) => id);
        expect(writing.length).toBeGreaterThan(0);
        expect([...new Set(options.cases.map(({ action }) => action))].sort()).toEqual([...writing].sort());
      },
    },
    {
      name: 'is tried with several subjects at once where one call takes several',
      run: async () => {
        for (const id of new Set(options.cases.flatMap(({ plans }) => plans.map(({ change }) => change)))) {
          if ((options.connector.writes?.change(id).batchSize ?? 1) === 1) continue;
          const most = options.cases.map(({ plans }) => plans.filter(({ change }) => change === id).length);
          expect(Math.max(...most), id).toBeGreaterThan(1);
        }
      },
    },
    ...options.cases.flatMap((tried) => planRulesOf(options, known, tried)),
    {
      name: 'refuses inputs of the wrong form, naming the field and sending nothing',
      run: () => refusesForms(options, known),
    },
    { name: 'plans every unified write it has with an action of its own', run: () => plansUnified(options, known) },
    {
      name: 'plans the same whether an account is named by its address, in any case, or by its key',
      run: () => knowsReferences(options, known),
    },
  ];
}

function planRulesOf(options: WriteConformanceOptions, known: Known, tried: WriteCase): readonly WriteRule[] {
  const name = nameOf(tried);
  return [
    { name: `${name}: plans the same each time and sends nothing`, run: () => plansPurely(options, known, tried) },
    {
      name: `${name}: says what each change does, how bad it is and how it is taken back`,
      run: () => saysAll(options, known, tried),
    },
    ...(tried.refuses ?? []).map(({ input, kind, field }) => ({
      name: `${name}: refuses ${JSON.stringify(input)} with ${kind}`,
      run: () => refuses(options, known, tried, input, kind, field),
    })),
  ];
}

/** What a case is called in the names of its rules. */
export function nameOf({ action, about }: WriteCase): string {
  return about === undefined ? action : `${action} (${about})`;
}

async function plansPurely(options: WriteConformanceOptions, known: Known, tried: WriteCase): Promise<void> {
  await onStage(options, async (stage) => {
    const { snapshot, accounts } = await known.company(tried);
    const before = stage.target.requestCount();
    const drafts = await stage.writes.plan(tried.action, tried.input, snapshot);
    const again = await stage.writes.plan(tried.action, tried.input, snapshot);
    expect(stage.target.requestCount()).toBe(before);
    expect(drafts.map(({ change }) => change)).toEqual(tried.plans.map(({ change }) => change));
    const [one, two] = [drafts, again].map((plan) => withoutMadeUp(plan.map(withoutSecrets), tried.madeUp));
    expect(two).toEqual(one);
    const there = new Map(accounts.map((account) => [account.subject.key, account]));
    for (const { subject, before: was, params } of drafts) {
      // What is stored is text: a plan must survive that.
      expect(JSON.parse(JSON.stringify(params))).toEqual(params);
      expect(subject.kind === 'connection').toBe(subject.key === '');
      if (subject.kind !== 'account') continue;
      expect(subject.key).toMatch(/^new:|./);
      expect(was?.account?.key ?? null).toBe(there.get(subject.key)?.subject.key ?? null);
    }
  });
}

function withoutSecrets({ secrets: _secrets, handoff, ...draft }: ChangeDraft): object {
  return { ...draft, handoff: handoff?.label };
}

function withoutMadeUp(drafts: readonly object[], madeUp: RegExp | undefined): unknown {
  return madeUp === undefined
    ? drafts
    : JSON.parse(JSON.stringify(drafts).replaceAll(new RegExp(madeUp, 'g'), 'made up'));
}

async function saysAll(options: WriteConformanceOptions, known: Known, tried: WriteCase): Promise<void> {
  await onStage(options, async ({ target, writes, changes }) => {
    const { snapshot } = await known.company(tried);
    const drafts = await writes.plan(tried.action, tried.input, snapshot);
    const worst = options.connector.actions.find(({ id }) => id === tried.action)?.effect;
    for (const { change: id, subject, params, before, secrets = {} } of drafts) {
      const change = changes.change(id);
      expect(change.summary(subject, params), id).toMatch(/\S/u);
      expect(change.undo.how, id).toMatch(/\S/u);
      expect(change.batchSize, id).toBeGreaterThan(0);
      if (change.proof.by === 'answer') expect(change.proof.note, id).toMatch(/\S/u);
      if (change.proof.by === 'log') expect(changes.hasLog, id).toBe(true);
      const effect = change.effect(before, params);
      expect(worst === effect || worst === 'destructive', `${tried.action} is as bad as ${id}`).toBe(true);
      expect(change.secrets, id).toEqual(expect.arrayContaining(Object.keys(secrets)));
      holdsNoSecret([change.summary(subject, params)], secretsOf(target, tried, drafts));
    }
    const kept = drafts.map((draft) => withoutSecrets(draft));
    holdsNoSecret([kept, writes.maskInput(tried.action, tried.input)], secretsOf(target, tried, drafts));
  });
}

async function refuses(
  options: WriteConformanceOptions,
  known: Known,
  tried: WriteCase,
  input: Readonly<Record<string, JsonValue>>,
  kind: string,
  field: string | undefined,
): Promise<void> {
  await onStage(options, async (stage) => {
    const { snapshot } = await known.company(tried);
    const before = stage.target.requestCount();
    const error = await failureOf(stage.writes.plan(tried.action, input, snapshot));
    expect(error.kind).toBe(kind);
    if (field !== undefined) expect(error.details.field).toBe(field);
    expect(stage.target.requestCount()).toBe(before);
    holdsNoSecret([error.message, error.details], secretsOf(stage.target, tried, []));
  });
}

/** No field of an action takes this. */
const GARBAGE: JsonValue = { 'no such': { thing: [7] } };

async function refusesForms(options: WriteConformanceOptions, known: Known): Promise<void> {
  await onStage(options, async (stage) => {
    const { snapshot } = await known.company();
    const before = stage.target.requestCount();
    for (const tried of options.cases) {
      const unknown = await failureOf(stage.writes.plan(tried.action, { ...tried.input, no_such_field: 1 }, snapshot));
      expect(unknown, tried.action).toMatchObject({ kind: 'invalidInput', details: { field: 'no_such_field' } });
      const { shape = {} } = options.connector.actions.find(({ id }) => id === tried.action)?.input ?? {};
      for (const field of Object.keys(shape)) {
        const wrong = await failureOf(stage.writes.plan(tried.action, { ...tried.input, [field]: GARBAGE }, snapshot));
        expect(wrong.kind, `${tried.action} ${field}`).toBe('invalidInput');
        expect(wrong.details.field?.split('.')[0], tried.action).toBe(field);
        holdsNoSecret([wrong.message], secretsOf(stage.target, tried, []));
      }
      for (const { path, input } of spoiltInside(tried.input, [])) {
        const wrong = await failureOf(stage.writes.plan(tried.action, input, snapshot));
        expect(wrong.kind, `${tried.action} ${path}`).toBe('invalidInput');
        // A choice between forms is told of as a whole: then the field is one above.
        expect(`${path}.`, tried.action).toContain(`${wrong.details.field}.`);
      }
    }
    expect(stage.target.requestCount()).toBe(before);
  });
}

type Input = WriteCase['input'];

/** The input with each of its values, however deep, replaced in turn by what fits nowhere. */
function spoiltInside(
  value: Input,
  above: readonly string[],
): readonly { readonly path: string; readonly input: Input }[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    const here = { path: [...above, name].join('.'), input: { ...value, [name]: GARBAGE } };
    const below = insideOf(inner).flatMap((part) =>
      spoiltInside(part.value, [...above, name, ...part.at]).map(({ path, input }) => ({
        path,
        input: { ...value, [name]: part.put(input) },
      })),
    );
    return [here, ...below];
  });
}

/** The objects right inside a value: itself, or those of a list. */
function insideOf(
  value: JsonValue,
): readonly { readonly at: readonly string[]; readonly value: Input; put(input: Input): JsonValue }[] {
  if (isObject(value)) return [{ at: [], value, put: (input) => input }];
  if (!Array.isArray(value)) return [];
  return value.flatMap((each, at) =>
    isObject(each) ? [{ at: [String(at)], value: each, put: (input: Input) => value.with(at, input) }] : [],
  );
}

function isObject(value: JsonValue): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function plansUnified(options: WriteConformanceOptions, known: Known): Promise<void> {
  const { people, unified } = options;
  await onStage(options, async (stage) => {
    for (const { action, input } of unifiedCalls(stage.changes.unified, people.active, unified)) {
      const { snapshot } = await known.company();
      // Nothing to do is a plan, too; what may not happen is that the connector cannot read its own mapping.
      await expect(stage.writes.plan(action, input, snapshot), action).resolves.toBeInstanceOf(Array);
    }
  });
}

function unifiedCalls(
  writes: UnifiedWrites,
  person: string,
  { group, newUser }: WriteConformanceOptions['unified'],
): readonly PlannedCall[] {
  const calls = [
    said(() => writes.create?.(newUser)),
    said(() => writes.update?.(person, { name: 'Somebody Else' })),
    said(() => writes.disable?.(person)),
    said(() => writes.enable?.(person)),
    said(() => writes.end?.(person, null)),
    said(() => writes.addToGroup?.(person, group)),
    said(() => writes.removeFromGroup?.(person, group)),
  ];
  return calls.filter((call) => call !== undefined);
}

/** The call a unified write stands for; undefined where there is none, or where the connector says why not. */
function said(say: () => PlannedCall | undefined): PlannedCall | undefined {
  try {
    return say();
  } catch (thrown) {
    if (thrown instanceof UsherError && thrown.kind === 'unsupported') return undefined;
    throw thrown;
  }
}

/** An account is the same under its address, whatever its case, and under its key. */
async function knowsReferences(options: WriteConformanceOptions, known: Known): Promise<void> {
  await onStage(options, async (stage: Stage) => {
    const { unified } = stage.changes;
    const { snapshot, accounts } = await known.company();
    const { key } = accounts.find(({ subject }) => subject.email === options.people.active)?.subject ?? {};
    const plans = [options.people.active, options.people.active.toUpperCase(), key ?? ''].map(async (reference) => {
      const call =
        said(() => unified.disable?.(reference)) ??
        said(() => unified.removeFromGroup?.(reference, options.unified.group));
      return call === undefined ? [] : stage.writes.plan(call.action, call.input, snapshot);
    });
    const [byAddress, ...others] = await Promise.all(plans);
    for (const other of others) expect(other).toEqual(byAddress);
  });
}
