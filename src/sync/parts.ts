import { UsherError as Failure } from '../model/errors.ts';
import { collectionsOf } from '../store/sync/runs.ts';
import { inSpan } from '../telemetry/tracing.ts';
import type { OpenedConnection, SyncDependencies } from './dependencies.ts';
import { gate } from './gate.ts';
import { pullCollection, type PullInput, PullStopped } from './pull.ts';
import { withRetries } from './retries.ts';

/** So many parts of a connection are pulled side by side; its rate is kept by all of them together. */
const SIDE_BY_SIDE = 4;

/**
 * Pulls whatever of a run is not pulled yet: each collection after those it depends on, its scopes side by side. What the
 * credentials may do is asked at the same time, since the answer is only needed before anything is committed. The first
 * that fails ends the others, each after the call it waits for; that rights are gone is told before anything else.
 */
export async function pullParts(deps: SyncDependencies, input: PullInput): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([input.signal, stop.signal]);
  const failures: unknown[] = [];
  const attempt = async (work: () => Promise<void>, isTold: (failures: unknown[], failure: unknown) => void) => {
    if (signal.aborted) return;
    try {
      await work();
    } catch (failure) {
      isTold(failures, failure);
      stop.abort(failure);
    }
  };
  const { pass } = gate(SIDE_BY_SIDE);
  const open = (await collectionsOf(deps.database.pool, input.runId)).filter(
    ({ state }) => state !== 'complete' && state !== 'partial',
  );
  const pullAll = async (id: string): Promise<void> => {
    const parts = open.filter(({ collection }) => collection === id);
    const pull = (scope: string): Promise<void> =>
      inSpan('sync.collection', { 'usher.collection': id, 'usher.scope': scope }, () =>
        pullCollection(deps, { ...input, signal }, id, scope),
      );
    await Promise.all(
      parts.map(({ scope }) => pass(() => attempt(() => pull(scope), (all, failure) => all.push(failure)))),
    ); // prettier-ignore
  };
  const ended = new Map<string, Promise<void>>();
  const { collections } = input.opened.definition;
  const known = inOrder(collections).map(({ id }) => id);
  // A run that was begun by another version may hold collections that are no more: asking for them says so.
  for (const id of new Set([...known, ...open.map(({ collection }) => collection)])) {
    const before = collections.find((each) => each.id === id)?.dependsOn ?? [];
    ended.set(
      id,
      Promise.all(before.map(async (each) => ended.get(each))).then(() => pullAll(id)),
    );
  }
  const rights = attempt(() => checkRights(deps, input.opened, signal), (all, failure) => all.unshift(failure)); // prettier-ignore
  await Promise.all([rights, ...ended.values()]);
  if (failures.length > 0) throw failures.find((failure) => !(failure instanceof PullStopped)) ?? failures[0];
  if (input.signal.aborted) throw new PullStopped(false);
}

/** Rights that shrank would look like mass deletions: the connection is paused instead. */
async function checkRights(deps: SyncDependencies, opened: OpenedConnection, signal: AbortSignal): Promise<void> {
  const probe = await withRetries(deps, signal, () => opened.connector.probe());
  const lost = opened.connection.capabilities.filter((capability) => !probe.capabilities.includes(capability));
  if (lost.length === 0) {
    const gained = probe.capabilities.filter((capability) => !opened.connection.capabilities.includes(capability));
    if (gained.length > 0) await deps.gainCapabilities?.(opened.connection.id, gained);
    return;
  }
  const reason = `The credentials of ${opened.connection.id} can do less than before: ${lost.join(', ')} is gone.`;
  await deps.pauseConnection(opened.connection.id, reason);
  throw new Failure('permission', reason, {
    connection: opened.connection.id,
    code: 'rightsShrank',
    next: `Give the rights back, then \`usher connections edit ${opened.connection.id} --resume\`; the same accepts the loss. Nothing was removed.`,
  });
}

/** Collections with what they depend on first; the definition's order otherwise. */
export function inOrder(
  collections: OpenedConnection['definition']['collections'],
): OpenedConnection['definition']['collections'] {
  const ordered: (typeof collections)[number][] = [];
  const visit = (collection: (typeof collections)[number]): void => {
    if (ordered.includes(collection)) return;
    for (const id of collection.dependsOn ?? []) {
      const dependency = collections.find((candidate) => candidate.id === id);
      if (dependency) visit(dependency);
    }
    ordered.push(collection);
  };
  for (const collection of collections) visit(collection);
  return ordered;
}
