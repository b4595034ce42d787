import type { CollectionEnd, CollectionPage, OpenConnector } from '../connector-kit/connector.ts';
import { toUsherError, UsherError } from '../model/errors.ts';
import { WorkTaken } from '../model/taken.ts';
import type { AnyRecord, DeferredAccount, RecordKind } from '../model/records.ts';
import { addressOfHolder, heldBy } from '../model/records.ts';
import { encodeDeferred, type EncodedRecord } from '../store/sync/encode.ts';
import { encodeAny } from '../store/sync/encode-any.ts';
import type { SyncCollectionRow } from '../store/sync/runs.ts';
import { collectionsOf, endCollection, holdSyncRun, startCollection } from '../store/sync/runs.ts';
import { accountKeysByEmail, PAGE_PLANNING, stagePage, unstageCollection } from '../store/sync/stage.ts';
import { isDatabaseLoss } from './database-loss.ts';
import type { OpenedConnection, SyncDependencies } from './dependencies.ts';

/** Somebody asked the run to stop, or Usher is shutting down. */
export class PullStopped extends Error {
  readonly isCancelled: boolean;
  constructor(isCancelled: boolean) {
    super(isCancelled ? 'The sync was cancelled.' : 'Usher is shutting down.');
    this.isCancelled = isCancelled;
  }
}

/** A total that keeps changing is believed at last, but then nothing is removed. */
const MAX_RESTARTS = 3;
const DEFAULT_CHECKPOINT_AGE_MS = 30 * 60_000;

export interface PullInput {
  readonly runId: string;
  /** Of the run, as this process has taken it in hand. */
  readonly epoch: number;
  readonly opened: OpenedConnection;
  /** False where the snapshot has nothing to compare with. */
  readonly isCompared: boolean;
  readonly signal: AbortSignal;
}

/**
 * Pulls one collection of a run into staging, page by page, from where it stopped if it did. Ends it as `complete` or
 * `partial`. Failures of the moment are tried again from the last page; what remains is thrown as an UsherError.
 */
export async function pullCollection(
  deps: SyncDependencies,
  input: PullInput,
  collection: string,
  scope: string,
): Promise<void> {
  for (let tries = 0; ;) {
    const before = await placeOf(deps, input, collection, scope);
    try {
      const outcome = await pullOnce(deps, input, before);
      if (outcome !== 'restart') return;
    } catch (thrown) {
      if (thrown instanceof PullStopped || thrown instanceof WorkTaken || isDatabaseLoss(thrown)) throw thrown;
      if (input.signal.aborted) throw new PullStopped(false);
      const error = toUsherError(thrown, 'upstreamBug');
      const after = await placeOf(deps, input, collection, scope);
      if (after.pages > before.pages) tries = 0; // it moved on: the tries are for one page
      const wait = deps.retryDelaysMs[tries];
      if (!error.canRetry || wait === undefined) {
        await endCollection(deps.database.pool, addressOf(input, before), 'failed', error.message, now(deps));
        throw error;
      }
      tries += 1;
      deps.log.warn({ run: input.runId, collection, scope, page: after.pages, code: error.kind }, error.message);
      await deps.delay(wait, input.signal);
    }
  }
}

async function placeOf(
  deps: SyncDependencies,
  input: PullInput,
  collection: string,
  scope: string,
): Promise<SyncCollectionRow> {
  const rows = await collectionsOf(deps.database.pool, input.runId);
  const row = rows.find((candidate) => candidate.collection === collection && candidate.scope === scope);
  if (!row) throw new Error(`Run ${input.runId} has no collection ${collection} ${scope}.`);
  return row;
}

async function pullOnce(
  deps: SyncDependencies,
  input: PullInput,
  place: SyncCollectionRow,
): Promise<'done' | 'restart'> {
  const isResumed = canResume(deps, input, place);
  if (!isResumed) {
    if (place.pages > 0) await forget(deps, input, place);
    await startCollection(deps.database.pool, addressOf(input, place), now(deps), false);
  }
  const from = isResumed ? place.checkpoint : null;
  const pages = input.opened.connector.pull(place.collection, place.scope, from, true);
  let page = isResumed ? place.pages : 0;
  let total = isResumed ? place.total : null;
  // Whether the total had shifted before the interruption is not kept: out of restarts, it is taken to have.
  let hasShifted = isResumed && place.restarts >= MAX_RESTARTS;
  let next = ask(pages);
  let staging = Promise.resolve();
  try {
    for (;;) {
      const answer = await next;
      if ('error' in answer) {
        await staging;
        throw answer.error;
      }
      const { result } = answer;
      if (result.done) {
        await staging;
        await end(deps, input, place, result.value, hasShifted);
        return 'done';
      }
      next = ask(pages); // one page ahead, while this one is compared and staged
      if (input.signal.aborted) {
        await staging;
        throw new PullStopped(false);
      }
      const pulled = result.value;
      if (total !== null && pulled.total !== null && pulled.total !== total) {
        if (place.restarts < MAX_RESTARTS) {
          await next;
          await staging;
          await forget(deps, input, place);
          await startCollection(deps.database.pool, addressOf(input, place), now(deps), true);
          return 'restart';
        }
        hasShifted = true;
      }
      total = pulled.total ?? total;
      const before = staging;
      staging = stage(deps, input, place, pulled, page, before);
      staging.catch(() => undefined); // it is awaited when its turn comes
      page += 1;
      await before; // the database works on one page while the next is mapped and encoded, on no more
    }
  } finally {
    await staging.catch(() => undefined);
    await next.catch(() => undefined);
    await pages.return({ isComplete: false, reason: 'stopped' }).catch(() => undefined);
  }
}

type Asked = { readonly result: IteratorResult<CollectionPage, CollectionEnd> } | { readonly error: unknown };

/** Asks for the next page; a failure is kept until its turn comes, so that no rejection goes unhandled meanwhile. */
async function ask(pages: ReturnType<OpenConnector['pull']>): Promise<Asked> {
  try {
    return { result: await pages.next() };
  } catch (error) {
    return { error };
  }
}

function canResume(deps: SyncDependencies, input: PullInput, place: SyncCollectionRow): boolean {
  if (place.pages === 0 || place.checkpoint === null || place.checkpoint_at === null) return false;
  const maxAgeMs = collectionOf(input, place)?.maxCheckpointAgeMs ?? DEFAULT_CHECKPOINT_AGE_MS;
  return deps.clock.now().getTime() - Date.parse(place.checkpoint_at) <= maxAgeMs;
}

function collectionOf(
  input: PullInput,
  place: SyncCollectionRow,
): OpenedConnection['definition']['collections'][number] | undefined {
  return input.opened.definition.collections.find(({ id }) => id === place.collection);
}

async function forget(deps: SyncDependencies, input: PullInput, place: SyncCollectionRow): Promise<void> {
  await deps.database.transaction(async (client) => {
    await holdSyncRun(client, { id: input.runId, epoch: input.epoch });
    const address = { ...addressOf(input, place), connectionId: input.opened.connection.id };
    await unstageCollection(client, address, collectionOf(input, place)?.yields ?? []);
  });
}

async function end(
  deps: SyncDependencies,
  input: PullInput,
  place: SyncCollectionRow,
  ended: CollectionEnd,
  hasShifted: boolean,
): Promise<void> {
  const address = addressOf(input, place);
  if (hasShifted) {
    const reason = `The total kept changing while it was read (${MAX_RESTARTS} new starts), so rows may be missing.`;
    await endCollection(deps.database.pool, address, 'partial', reason, now(deps));
  } else if (ended.isComplete) {
    await endCollection(deps.database.pool, address, 'complete', null, now(deps));
  } else {
    await endCollection(deps.database.pool, address, 'partial', ended.reason, now(deps));
  }
}

/** Encodes a page at once and stages it when the one before is in: pages are kept in their order, each with its checkpoint. */
async function stage(
  deps: SyncDependencies,
  input: PullInput,
  place: SyncCollectionRow,
  pulled: CollectionPage,
  page: number,
  before: Promise<void>,
): Promise<void> {
  const connectionId = input.opened.connection.id;
  const { id: connector, mappingVersion } = input.opened.definition;
  const yields = collectionOf(input, place)?.yields ?? [];
  const { deferred = [], records } = pulled;
  const encoded = records.some(isHeldByEmail) ? null : encodePage(deferred, records, mappingVersion);
  await before;
  const byKind = encoded ?? encodePage(deferred, await withHolders(deps, input, records), mappingVersion);
  for (const kind of byKind.keys()) if (!yields.includes(kind)) throw undeclared(connector, place.collection, kind);
  const { isCancelled } = await stagePage(deps.database, {
    ...addressOf(input, place),
    connectionId,
    page,
    epoch: input.epoch,
    observedAt: pulled.observedAt,
    records: byKind,
    checkpoint: pulled.checkpoint,
    total: pulled.total,
    countedKind: yields[0] ?? 'account',
    isCompared: input.isCompared,
  });
  if (isCancelled) throw new PullStopped(true);
  deps.onPage?.({ connectionId, collection: place.collection, records: deferred.length + records.length });
}

/** Encodes what a page holds, by kind. The same thing twice in one page: the first is as good. */
function encodePage(
  deferred: readonly DeferredAccount[],
  records: readonly AnyRecord[],
  mappingVersion: number,
): ReadonlyMap<RecordKind, readonly EncodedRecord[]> {
  const byKind = new Map<RecordKind, Map<string, EncodedRecord>>();
  const add = (kind: RecordKind, encoded: EncodedRecord): void => {
    const rows = byKind.get(kind) ?? new Map<string, EncodedRecord>();
    if (rows.size === 0) byKind.set(kind, rows);
    if (!rows.has(encoded.key)) rows.set(encoded.key, encoded);
  };
  for (const account of deferred) add('account', encodeDeferred(account, mappingVersion));
  for (const record of records) add(record.kind, encodeAny(record));
  return new Map([...byKind].map(([kind, rows]) => [kind, [...rows.values()]]));
}

/** Only the kinds that collections say they yield are committed: what comes besides must not vanish in silence. */
function undeclared(connector: string, collection: string, kind: RecordKind): UsherError {
  return new UsherError(
    'upstreamBug',
    `The connector ${connector} handed over a ${kind} in its collection ${collection}, which does not say so.`,
    { code: 'undeclaredKind', next: `Name ${kind} in the collection's \`yields\`.` },
  );
}

function isHeldByEmail(record: AnyRecord): boolean {
  return addressOfHolder(record) !== null;
}

/** Replaces holders that the app names by address with the keys of the accounts that have these addresses. */
async function withHolders(
  deps: SyncDependencies,
  input: PullInput,
  records: readonly AnyRecord[],
): Promise<readonly AnyRecord[]> {
  const addresses = new Set<string>();
  for (const record of records) {
    const address = addressOfHolder(record);
    if (address !== null) addresses.add(address);
  }
  const keys = await deps.database.transaction(
    (client) => accountKeysByEmail(client, input.runId, input.opened.connection.id, [...addresses]),
    PAGE_PLANNING,
  );
  return records.map((record) => {
    const key = keys.get(addressOfHolder(record) ?? '');
    return key === undefined ? record : heldBy(record, key);
  });
}

function addressOf(
  input: PullInput,
  place: Pick<SyncCollectionRow, 'collection' | 'scope'>,
): { readonly runId: string; readonly collection: string; readonly scope: string } {
  return { runId: input.runId, collection: place.collection, scope: place.scope };
}

function now(deps: SyncDependencies): string {
  return deps.clock.now().toISOString();
}
