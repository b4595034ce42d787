import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../connector-kit/connector.ts';
import {
  appendEntries,
  type ChainHead,
  chainState,
  hashAt,
  lastEntry,
  lockChain,
  takeFromInbox,
} from '../store/audit/chain.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import type { Log } from '../store/log.ts';
import type { Database } from '../store/open.ts';
import type { HeadFile, KeptHead } from './head.ts';
import { linkEntries, signHead, type Signer } from './link.ts';

export interface ChainerOptions {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly vault: Signer;
  readonly head: HeadFile;
  readonly clock: Clock;
  readonly log: Log;
}

/** Links what waits in the inbox, soon after each commit, and keeps the head outside the database. */
export interface Chainer {
  /** Links all that was committed before. Concurrent calls share a pass. */
  place(): Promise<void>;
  /** Links what is left and stops. */
  stop(): Promise<void>;
}

const BEAT_MS = 1000;
/** Entries linked in one transaction. */
const BATCH = 2000;

/** Starts the chainer of this process. Several processes may run one: the chain's row keeps them in turn. */
export function startChainer(options: ChainerOptions): Chainer {
  const { log } = options;
  const ended = new AbortController();
  let pass: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let lastSeen: string | null = null;
  const start = (): Promise<void> => {
    pass = linkAll(options, lastSeen)
      .then((seen) => {
        lastSeen = seen;
      })
      .finally(() => {
        pass = null;
      });
    return pass;
  };
  // A pass under way may have looked before the caller's commit: whoever comes then shares the next one.
  const place = (): Promise<void> => {
    if (pass === null) return start();
    next ??= pass
      .catch(() => undefined)
      .then(() => {
        next = null;
        return start();
      });
    return next;
  };
  const attempt = async (): Promise<void> =>
    place().catch((error: unknown) =>
      log.warn({ error: String(error) }, 'Entries of the audit log wait to be linked.'),
    );
  const beating = (async () => {
    while (!ended.signal.aborted) {
      await attempt();
      await wait(BEAT_MS, undefined, { signal: ended.signal, ref: false }).catch(() => undefined);
    }
  })();
  return {
    place,
    async stop() {
      ended.abort();
      await beating;
      await attempt();
    },
  };
}

/** One pass; `seen` is the head that the file is known to hold. Answers the one it holds now. */
async function linkAll(options: ChainerOptions, seen: string | null): Promise<string | null> {
  const { database } = options;
  let [state, kept] = [await chainState(database.pool), seen];
  const keep = async (): Promise<void> => {
    if (state === null || markOf(state) === kept) return;
    await keepHead(options, state);
    kept = markOf(state);
  };
  // Before anything is linked: what was cut off is told by the place where it was.
  await keep();
  while (state === null || state.isWaiting) {
    await linkBatch(options);
    state = await chainState(database.pool);
    await keep();
  }
  return kept;
}

function markOf({ chain, seq, hash }: ChainHead): string {
  return `${chain} ${seq} ${hash}`;
}

/** Links one batch: out of the inbox and into the chain in one transaction. Answers how many. */
export async function linkBatch({ database, vault }: Pick<ChainerOptions, 'database' | 'vault'>): Promise<number> {
  return database.transaction(async (client) => {
    const head = await lockChain(client);
    const contents = await takeFromInbox(client, BATCH);
    // Where entries go on beyond the head, somebody put the head back: going on after them keeps what there is.
    const last = await lastEntry(client);
    const from = last !== null && last.seq > head.seq ? last : head;
    const linked = linkEntries(vault, head.chain, from, contents);
    const end = linked.at(-1);
    if (end !== undefined) await appendEntries(client, linked, { ...end, mac: signHead(vault, head.chain, end) });
    return linked.length;
  });
}

/**
 * Writes the database's head to the file, unless the database lost what the file knows: then the file remembers that for
 * good, and an entry tells of it.
 */
async function keepHead(options: ChainerOptions, now: ChainHead): Promise<void> {
  const { head: file, clock, log, database } = options;
  const at = clock.now().toISOString();
  const before = await file.read(now.chain);
  const fresh = { chain: now.chain, seq: now.seq, hash: now.hash, at };
  if (before.state !== 'kept') {
    if (now.seq > 0 || before.state === 'altered') {
      log.warn(
        { chain: now.chain, state: before.state, entries: now.seq },
        'The head of the audit log is kept anew: a tail that was cut off before cannot show.',
      );
    }
    if (before.state === 'altered') await addAuditEntries(database.pool, [alteredEntry(at)]);
    await file.write({ ...fresh, since: { seq: now.seq, at }, lost: [] });
    return;
  }
  const { head } = before;
  const isThere = head.seq === 0 || (head.seq <= now.seq && (await hashAt(database.pool, head.seq)) === head.hash);
  if (isThere) {
    await file.write({ ...head, ...fresh });
    return;
  }
  const left = Math.min(head.seq, now.seq);
  log.error(
    { chain: now.chain, known: head.seq, found: now.seq },
    'The end of the audit log that was there is gone: usher audit verify tells where.',
  );
  await addAuditEntries(database.pool, [lossEntry(head, left, at)]);
  const lost = [...head.lost, { seq: head.seq, hash: head.hash, at: head.at, foundAt: at, left }].slice(-LOSSES);
  await file.write({ ...head, ...fresh, lost });
}

/** How many losses a file remembers. */
const LOSSES = 100;

function alteredEntry(at: string) {
  return {
    at,
    kind: 'audit',
    action: 'audit.headAltered',
    outcome: 'failed',
    summary: 'The head of the audit log outside the database was not one that Usher wrote; it is kept anew.',
  } as const;
}

function lossEntry({ seq, at: writtenAt }: KeptHead, left: number, at: string) {
  return {
    at,
    kind: 'audit',
    action: 'audit.tailLost',
    outcome: 'failed',
    summary: `The audit log had ${seq} entries on ${writtenAt}; the last of them is not there any more.`,
    details: { known: seq, left, known_at: writtenAt },
  } as const;
}
