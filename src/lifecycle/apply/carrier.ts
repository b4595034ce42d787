import type {
  Adoption, Change, ChangeItem, ChangeParams, ItemResult, LogReading, OpenWrites, ReadPurpose,
} from '../../connector-kit/changes.ts'; // prettier-ignore
import type { CallTrace } from '../../connector-kit/http/types.ts';
import { createRedactor } from '../../connector-kit/http/redact.ts';
import { adoptionRefusal } from '../../connections/adoption.ts';
import type { ReceiptCall } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import type { GrantRecord } from '../../model/records.ts';
import { WorkTaken } from '../../model/taken.ts';
import type { HeldRun } from '../../store/lifecycle/applying.ts';
import { keepMade } from '../../store/lifecycle/chains.ts';
import { journal, type JournalMark } from '../../store/lifecycle/journal.ts';
import { marksOf } from '../../store/lifecycle/marks.ts';
import { collectionOfKind } from '../../store/sync/kinds.ts';
import type { ReadBackTarget } from '../../store/sync/read-back.ts';
import type { Patience } from '../../sync/gate.ts';
import { changeOf, isBuiltIn } from '../builtin.ts';
import { administeringRoles } from '../snapshot.ts';
import type { PlanHeader } from '../stored-plan.ts';
import type { ApplyDependencies } from './dependencies.ts';
import { gathered } from './gathered.ts';
import { groupWriter } from './journal.ts';
import { sharedReader } from './shared-reader.ts';
import { endsWriter } from './ends-writer.ts';
import { openItems } from './items.ts';
import { type Carrier, type Finished, receiptCall, type Work } from './work.ts';

export interface OpenCarrier extends Carrier {
  readonly concurrency: number;
  /** When it was opened: on the clock that never goes back, and as people tell time. */
  readonly openedMs: number;
  readonly openedAt: string;
  change(id: string): Change;
  /** The credentials that a change found half-way is to hand to its connection; null: none. */
  adoptionOf(ordinal: number): Promise<Adoption | null>;
  /** Whether the connection has gone over to other credentials since it was opened: open it again. */
  isOutdated(): boolean;
  /** Resolves when all that was finished is written; rejects where that failed. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Marks that one statement writes. */
const MARKS_AT_ONCE = 500;
/** Ends that one transaction writes, and how many of these go at a time: one writes down while the other is sent. */
const ENDS_AT_ONCE = 300;
const ENDS_BESIDE = 2;
/** With fewer, another transaction costs more than it saves. */
const ENDS_WORTH_IT = 100;
/** So long a reading back waits for other calls at most, in milliseconds. */
const SHARE_MS = 250;
/** A third of a worker's lease. */
const FRESH_MS = 5000;

/** Opens the connection of a plan and binds all that carrying it out needs. */
export async function openCarrier(
  deps: ApplyDependencies,
  input: {
    readonly run: HeldRun;
    readonly header: PlanHeader;
    /** Whether the run has leases of what its changes touch. */
    readonly isLeased: boolean;
    /** Aborted when nothing new should be called. */
    readonly stop: AbortSignal;
    /** Aborted when everything must end. */
    readonly end: AbortSignal;
    /** Called when it turns out that somebody else has the run in hand. */
    readonly onTaken: (taken: WorkTaken) => void;
  },
): Promise<OpenCarrier> {
  const { database, vault, clock } = deps;
  const { run, header, stop, end } = input;
  const { connectionId } = header;
  const [openedMs, openedAt] = [deps.nowMs(), clock.now().toISOString()];
  const opened = await deps.openConnection(connectionId, end);
  const app = opened.connector.writes;
  const { writes } = opened.definition;
  if (app === null || writes === null) {
    await opened.close();
    throw new UsherError('unsupported', `The connector of ${connectionId} cannot write.`, { connection: connectionId });
  }
  const administering = await administeringRoles(database.pool, opened);
  const gate = deps.gates.enter(connectionId, writes.concurrency);
  const { collections } = opened.definition;
  const readBackTo: ReadBackTarget = {
    connectionId,
    collectionOf: (kind) => collectionOfKind(collections, kind),
    runId: run.id,
    isLeased: input.isLeased,
  };

  /** Whatever this run has to write shows whether it is still ours. */
  const whileOurs = async (write: () => Promise<void>): Promise<void> => {
    try {
      await write();
    } catch (error) {
      if (error instanceof WorkTaken) input.onTaken(error);
      throw error;
    }
  };
  const marks = groupWriter<JournalMark>((written) => whileOurs(() => journal(database.pool, run, written)), {
    limit: MARKS_AT_ONCE,
    width: 1,
    besideFrom: MARKS_AT_ONCE,
  });
  const items = openItems(deps, { runId: run.id, planId: header.id });
  const into = { connectionId, connector: opened.definition, vault };
  let isOutdated = false;
  const writeEnds = endsWriter(deps, { run, header, items, readBackTo, into });
  const ends = groupWriter<Finished>(
    async (finished) => {
      await whileOurs(() => writeEnds(finished));
      isOutdated ||= finished.some(({ adoption }) => adoption !== null);
    },
    { limit: ENDS_AT_ONCE, width: ENDS_BESIDE, besideFrom: ENDS_WORTH_IT },
  );

  const calling = new Set<object>();
  /** Those that were under way when the last one ended. */
  let besideLast: readonly object[] = [];
  const followed = async <T>(call: () => Promise<T>): Promise<T> => {
    const own = {};
    calling.add(own);
    try {
      return await call();
    } finally {
      calling.delete(own);
      besideLast = [...calling];
    }
  };
  /** What was called is read back when it has ended: one reading does for all that end within a short time. */
  const forOthers = (): Patience => {
    const others = besideLast;
    return { isOver: () => !others.some((other) => calling.has(other)), mostMs: SHARE_MS };
  };
  /** Those that look at the same kinds of grant share their readings. */
  const readers = new Map<string, ReturnType<typeof sharedReader>>();
  const readerFor = (purpose: ReadPurpose, works: readonly Work[]): ReturnType<typeof sharedReader> => {
    const looksAt = looksAtOf(works);
    const name = `${purpose} ${looksAt?.join(' ') ?? '*'}`;
    const reader =
      readers.get(name) ??
      sharedReader(
        // What was called is read back before anything else is begun.
        purpose === 'after' ? gate.passFirst : gate.pass,
        (subjects) => app.read(subjects, purpose, looksAt),
      );
    readers.set(name, reader);
    return reader;
  };
  const markOf = (work: Work, state: JournalMark['state']): JournalMark => ({
    ordinal: work.content.ordinal,
    state,
    held: state === 'calling' ? { before: work.beforeSummary, inverse: work.inverse } : null,
  });
  const noteCalling = (works: readonly Work[]): void => {
    const [nowMs, now] = [deps.nowMs(), clock.now().toISOString()];
    for (const work of works) {
      work.calledMs = nowMs;
      work.calledAt = now;
    }
  };
  /**
   * Whoever finds `calling` goes by when that was written. A call that has waited for its turn, or whose process was
   * stopped, is written down anew before it goes out, which fails where the run is in other hands.
   */
  const callWhenFresh = async (works: readonly Work[], call: () => Promise<readonly ItemResult[]>) => {
    const isFresh = ({ calledMs }: Work): boolean => calledMs !== null && deps.nowMs() - calledMs < FRESH_MS;
    while (!works.every(isFresh)) {
      end.throwIfAborted();
      await marks.write(works.map((work) => markOf(work, 'calling')));
      noteCalling(works);
    }
    return call();
  };

  const protectedOf = gathered<string, ReadonlySet<string>>(async (keys) => {
    const marked = await marksOf(database.pool, connectionId, keys);
    return new Set([...marked].flatMap(([key, mark]) => (mark.isProtected ? [key] : [])));
  });

  let reading: { readonly since: string; readonly log: Promise<LogReading> } | null = null;
  let hasStarted = false;
  /** One reading serves all that ask while none is under way or the one under way has not begun. */
  const readLog = async (since: string): Promise<LogReading> => {
    if (reading !== null && !hasStarted && reading.since <= since) return reading.log;
    hasStarted = false;
    const log = gate.pass(() => {
      hasStarted = true;
      return app.readLog(since);
    });
    reading = { since, log };
    return log;
  };

  return {
    header,
    connectionId,
    hasLog: writes.hasLog,
    administratorRoles: new Set(administering),
    concurrency: writes.concurrency,
    openedMs,
    openedAt,
    settings: deps.settings,
    signal: end,
    nowMs: () => deps.nowMs(),
    delay: (ms) => deps.delay(ms, end),
    isStopping: () => stop.aborted,
    change: (id) => changeOf(writes, id),
    read: (works, purpose) =>
      readerFor(purpose, works)(
        works.map(({ content }) => content.subject),
        purpose === 'after' ? forOthers() : undefined,
      ),
    async call(works) {
      const [first] = works;
      if (first === undefined) return [];
      if (isBuiltIn(first.change.id)) return Promise.all(works.map((work) => items.restored(work)));
      const asked = await items.of(works);
      return gate.pass(() => followed(() => callWhenFresh(works, () => callApp(app, first.change, works, asked))));
    },
    protectedKeys: (works) => protectedOf(works.map(({ content }) => content.subject.key)),
    withoutSecrets: (works) => items.withoutSecrets(works),
    administrators: () => gate.pass(() => app.administrators()),
    readLog,
    async mark(works, state) {
      await marks.write(works.map((work) => markOf(work, state)));
      if (state !== 'calling') return;
      for (const work of works) work.attempt += 1;
      noteCalling(works);
    },
    async keepMade(called) {
      const made = items.madeBy(called);
      if (made.length === 0) return;
      await whileOurs(() => database.transaction((client) => keepMade(client, run, made)));
    },
    refusalOf: (adopts) => adoptionRefusal(database.pool, into, adopts),
    adoptionOf: (ordinal) => items.adoptionOf(ordinal),
    isOutdated: () => isOutdated,
    finish: (finished) => ends.writeBehind(finished),
    handoffOf: (work) => items.handoffOf(work),
    async flush() {
      await marks.idle();
      await ends.settled();
    },
    async close() {
      await marks.idle();
      await ends.idle();
      gate.leave();
      await opened.close();
    },
  };
}

/** The kinds of grant that any of these changes looks at, sorted; undefined: all. */
function looksAtOf(works: readonly Work[]): readonly GrantRecord['targetKind'][] | undefined {
  const kinds = works.map(({ change }) => change.looksAt);
  if (kinds.includes(null)) return undefined;
  return [...new Set(kinds.flatMap((each) => each ?? []))].sort();
}

/** Each attempt's trace goes into the receipts of all that it carried. */
async function callApp(
  app: OpenWrites,
  change: Change,
  works: readonly Work[],
  items: readonly ChangeItem<ChangeParams>[],
): Promise<readonly ItemResult[]> {
  const redact = createRedactor(
    items.flatMap(({ earlier = [] }) => earlier.flatMap(({ secrets }) => Object.values(secrets))),
  );
  // An answer that makes a secret tells it under whatever name: nothing of it is kept, understood or not.
  let hidesAnswers = change.proof.by === 'made';
  const calls: ReceiptCall[] = [];
  const onCall = (trace: CallTrace): void => {
    const call = receiptCall(trace, works.length);
    const [url, error] = [redact.text(call.url), call.error === null ? null : redact.text(call.error)];
    calls.push({ ...call, url, error, answer: call.answer === null ? null : redact.text(call.answer) });
  };
  try {
    const results = await app.call(change.id, items, onCall);
    hidesAnswers ||= results.some(toldSecrets);
    return results;
  } finally {
    const kept = hidesAnswers ? calls.map((call) => ({ ...call, answer: null })) : calls;
    for (const work of works) work.calls.push(...kept);
  }
}

function toldSecrets(result: ItemResult): boolean {
  if (result.kind !== 'taken') return false;
  return Object.keys(result.made?.secrets ?? {}).length + Object.keys(result.adopts?.secrets ?? {}).length > 0;
}
