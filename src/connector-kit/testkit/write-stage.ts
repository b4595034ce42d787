import { toUsherError, UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import type {
  ChangeDraft,
  ChangeItem,
  ChangeParams,
  EarlierChange,
  ItemResult,
  ObservedSubject,
  OpenWrites,
  ReadPurpose,
  SubjectState,
  Writes,
} from '../changes.ts';
import type { Connector, OpenConnector } from '../connector.ts';
import { type OpenedConnector, openConnector, type OpenOptions } from './open.ts';
import { type Company, pullCompany } from './snapshot.ts';
import type { WriteCase, WriteConformanceOptions, WriteTarget } from './write-options.ts';

/** A fresh app with the connector opened on it. */
export interface Stage {
  readonly target: WriteTarget;
  readonly connector: OpenedConnector;
  readonly writes: OpenWrites;
  readonly changes: Writes;
}

/** A draft on its way, with what the app says of its subject right before. */
export interface Step {
  readonly draft: ChangeDraft;
  readonly item: ChangeItem<ChangeParams>;
}

/** Runs a test on a fresh app. */
export async function onStage(options: WriteConformanceOptions, work: (stage: Stage) => Promise<void>): Promise<void> {
  const target = await options.start();
  try {
    await using connector = openOn(options.connector, target);
    const { writes } = options.connector;
    if (writes === null) throw new Error('The connector has no writing half.');
    await work({ target, connector, writes: writesOf(connector), changes: writes });
  } finally {
    await target.close();
  }
}

/** Opens the connector on an app that runs. */
export function openOn(
  connector: Connector,
  { settings, secrets, clock }: WriteTarget,
  how: Pick<OpenOptions, 'attempts' | 'maxTimeoutMs' | 'auth'> = {},
): OpenedConnector {
  return openConnector({ connector, settings, secrets, clock, ...how });
}

/** The writing half, which the suite is for. */
export function writesOf({ writes }: Pick<OpenConnector, 'writes'>): OpenWrites {
  if (writes !== null) return writes;
  throw new Error('The connector has no writing half.');
}

/** What is the same on every start, found out once: a suite starts some hundred apps. */
export interface Known {
  /** All of the app, as the case finds it; without a case, as it starts. */
  company(tried?: WriteCase): Promise<Company>;
  /** What the case plans there. */
  drafts(tried: WriteCase): Promise<readonly ChangeDraft[]>;
}

/** Remembers what each start of the same app would show again. */
export function knownOf(options: WriteConformanceOptions): Known {
  const ids = options.connector.collections.map(({ id }) => id);
  const company = once(async (prepare: WriteCase['prepare']) => {
    const found: Company[] = [];
    await onStage(options, async ({ target, connector }) => {
      prepare?.(target);
      found.push(await pullCompany(connector, ids));
    });
    return only(found);
  });
  const drafts = once(async (tried: WriteCase) => {
    const { snapshot } = await company(tried.prepare);
    const found: (readonly ChangeDraft[])[] = [];
    await onStage(options, async ({ writes }) => {
      found.push(await writes.plan(tried.action, tried.input, snapshot));
    });
    return only(found);
  });
  return { company: (tried) => company(tried?.prepare), drafts };
}

function once<Key, Value>(work: (key: Key) => Promise<Value>): (key: Key) => Promise<Value> {
  const begun = new Map<Key, Promise<Value>>();
  return (key) => {
    const value = begun.get(key) ?? work(key);
    begun.set(key, value);
    return value;
  };
}

function only<Value>([value]: readonly Value[]): Value {
  if (value !== undefined) return value;
  throw new Error('Nothing was found out.');
}

/** Reads the subjects of drafts as they are now; what is missing in the answer fails. */
export async function readAll(
  { writes }: Pick<Stage, 'writes'>,
  drafts: readonly ChangeDraft[],
  purpose: ReadPurpose,
): Promise<readonly ObservedSubject[]> {
  const seen = await writes.read(
    drafts.map(({ subject }) => subject),
    purpose,
  );
  return drafts.map(({ subject }) => entryOf(seen, subject.key));
}

/** The entry of a subject, which every reading owes. */
export function entryOf(seen: ReadonlyMap<string, ObservedSubject>, key: string): ObservedSubject {
  const found = seen.get(key);
  if (found !== undefined) return found;
  throw new Error(`The reading has no entry for ${key}.`);
}

/** Reads right before, as every run does. */
export async function stepsOf(stage: Pick<Stage, 'writes'>, drafts: readonly ChangeDraft[]): Promise<readonly Step[]> {
  const before = await readAll(stage, drafts, 'before');
  return drafts.map((draft, at) => {
    const { subject, params, secrets = {} } = draft;
    return { draft, item: { subject, params, secrets, before: stateOf(before[at]) } };
  });
}

/** What a change is told of its subject. */
export function stateOf(seen: ObservedSubject | undefined): SubjectState {
  const { account = null, grants = [], credentials } = seen ?? {};
  return { account, grants, ...(credentials === undefined ? {} : { credentials }) };
}

/** The steps as they go into calls: those of one change together, no more than one call takes, in order. */
export function batchesOf(
  changes: Writes,
  steps: readonly Step[],
): readonly (readonly [change: string, steps: readonly Step[]])[] {
  return [...Map.groupBy(steps, ({ draft }) => draft.change)].flatMap(([change, group]) => {
    const size = Math.max(1, changes.change(change).batchSize);
    const starts = group.map((_, at) => at).filter((at) => at % size === 0);
    return starts.map((at) => [change, group.slice(at, at + size)] as const);
  });
}

/**
 * Makes the calls of all steps, batched as they can be; results in the order of the steps. As in a run, what follows
 * another change is read anew right before its call, and is not called where that one was not taken.
 */
export async function callAll(
  { writes, changes }: Pick<Stage, 'writes' | 'changes'>,
  steps: readonly Step[],
): Promise<readonly ItemResult[]> {
  const results = new Map<Step, ItemResult>();
  for (const [change, batch] of batchesOf(changes, steps)) {
    const free = batch.filter((step) => isFree(step, steps, results));
    for (const step of batch) if (!free.includes(step)) results.set(step, notCalled());
    const read = await readAnew(writes, free, earlierIn(steps, results));
    if (read instanceof UsherError) for (const step of free) results.set(step, { kind: 'refused', error: read });
    else if (free.length > 0) {
      for (const [at, result] of (await writes.call(change, read, () => undefined)).entries()) {
        const step = free[at];
        if (step !== undefined) results.set(step, result);
      }
    }
  }
  return steps.map((step) => results.get(step) ?? noResult());
}

/** The changes that came before a step on its subject and were taken, with what they made. */
export type EarlierOf = (step: Step) => readonly EarlierChange[];

/** As far as results are known. */
export function earlierIn(steps: readonly Step[], results: ReadonlyMap<Step, ItemResult>): EarlierOf {
  return (step) =>
    steps.slice(0, steps.indexOf(step)).flatMap((before) => {
      const result = results.get(before);
      if (before.draft.subject.key !== step.draft.subject.key || result?.kind !== 'taken') return [];
      const { facts = {}, secrets = {} } = result.made ?? {};
      return [{ change: before.draft.change, facts, secrets }];
    });
}

/** The items of steps as a run would call them: what follows another change with its subject as it is now. */
export async function readAnew(
  writes: OpenWrites,
  steps: readonly Step[],
  earlierOf: EarlierOf,
): Promise<readonly ChangeItem<ChangeParams>[] | UsherError> {
  const following = steps.filter(({ draft }) => draft.follows === true);
  if (following.length === 0) return steps.map(({ item }) => item);
  try {
    const seen = await writes.read(
      following.map(({ item }) => item.subject),
      'before',
    );
    return steps.map((step) => {
      const { draft, item } = step;
      if (draft.follows !== true) return item;
      return { ...item, before: stateOf(entryOf(seen, item.subject.key)), earlier: earlierOf(step) };
    });
  } catch (thrown) {
    return toUsherError(thrown);
  }
}

/** Whether what a step follows was taken; a step that follows nothing is free. */
function isFree({ draft }: Step, steps: readonly Step[], results: ReadonlyMap<Step, ItemResult>): boolean {
  if (draft.follows !== true) return true;
  const ofSubject = steps.filter(({ draft: other }) => other.subject.key === draft.subject.key);
  const before = ofSubject[ofSubject.findIndex(({ draft: other }) => other === draft) - 1];
  return before !== undefined && results.get(before)?.kind === 'taken';
}

function notCalled(): ItemResult {
  return { kind: 'refused', error: new UsherError('conflict', 'Not called: what it follows was not done.') };
}

/** For a change that was left without one. */
export function noResult(): ItemResult {
  return { kind: 'refused', error: new UsherError('upstreamBug', 'There was no result for a change.') };
}

/** Every value that must not be seen: the connection's secrets, the input's and those of the drafts. */
export function secretsOf(
  target: WriteTarget,
  tried: WriteCase,
  drafts: readonly ChangeDraft[],
): Record<string, string> {
  const own = drafts.flatMap(({ secrets, handoff }) => [
    ...Object.values(secrets ?? {}),
    ...(handoff !== undefined && 'secret' in handoff ? [handoff.secret] : []),
  ]);
  return {
    ...target.secrets,
    ...Object.fromEntries([...(tried.secrets ?? []), ...own].map((secret, at) => [`secret${at}`, secret])),
  };
}

/**
 * Kinds of the effects the app has had since `after` for the n-th draft: those on its subject (all of them where there is
 * no other), and where several drafts have that subject, of the kinds it is expected to have.
 */
export function effectsOn(
  { target, tried }: { readonly target: WriteTarget; readonly tried: WriteCase },
  after: number,
  drafts: readonly ChangeDraft[],
  at: number,
): readonly string[] {
  const subject = drafts[at]?.subject;
  const names = new Set([subject?.key, fold(subject?.email ?? '')]);
  const ofSubject = drafts.filter(({ subject: other }) => other.key === subject?.key).length;
  const isOnly = ofSubject === drafts.length;
  const isShared = ofSubject > 1;
  return target
    .effects()
    .slice(after)
    .filter(({ subject: on }) => isOnly || names.has(on) || names.has(fold(on)))
    .map(({ kind }) => kind)
    .filter((kind) => !isShared || tried.plans[at]?.effects.includes(kind) === true)
    .sort();
}
