import type {
  Change,
  ChangeItem,
  ChangeParams,
  ItemResult,
  LogReading,
  OpenWrites,
} from '../../connector-kit/changes.ts';
import type { CallTrace } from '../../connector-kit/http/types.ts';
import { UsherError } from '../../model/errors.ts';
import { WorkTaken } from '../../model/taken.ts';
import { addAuditEntries } from '../../store/audit/inbox.ts';
import { endChanges, type HeldRun, journal, type JournalMark } from '../../store/lifecycle/apply.ts';
import { handoffSecretOwner, insertHandoff } from '../../store/lifecycle/handoffs.ts';
import { marksOf } from '../../store/lifecycle/marks.ts';
import { decisionsOf } from '../../store/lifecycle/decisions.ts';
import { addSecrets, deleteSecretsOf, type SealedSecret, secretsOf, secretsOfOwners } from '../../store/secrets.ts';
import { collectionOfKind } from '../../store/sync/kinds.ts';
import { keepReadBacks, type ReadBackTarget } from '../../store/sync/read-back.ts';
import { administeringRoles } from '../snapshot.ts';
import { changeSecretOwner, type PlanHeader } from '../stored-plan.ts';
import { changeEntry } from '../audit.ts';
import type { ApplyDependencies } from './dependencies.ts';
import { groupWriter } from './journal.ts';
import { type Carrier, type Finished, receiptCall, type Work } from './work.ts';

export interface OpenCarrier extends Carrier {
  readonly concurrency: number;
  /** When it was opened: on the clock that never goes back, and as people tell time. */
  readonly openedMs: number;
  readonly openedAt: string;
  change(id: string): Change;
  /** Resolves when all that was finished is written. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const HANDOFF_HOURS = 24;
/** A third of a worker's lease. */
const FRESH_MS = 5000;

/** Opens the connection of a plan and binds all that carrying it out needs. */
export async function openCarrier(
  deps: ApplyDependencies,
  input: {
    readonly run: HeldRun;
    readonly header: PlanHeader;
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
  const gate = deps.gateOf(connectionId, writes.concurrency);
  const { collections } = opened.definition;
  const readBackTo: ReadBackTarget = {
    connectionId,
    collectionOf: (kind) => collectionOfKind(collections, kind),
    runId: run.id,
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
  const marks = groupWriter<JournalMark>((items) => whileOurs(() => journal(database.pool, run, items)));
  const writeEnds = async (items: readonly Finished[]): Promise<void> => {
    await database.transaction(async (client) => {
      await keepReadBacks(
        client,
        readBackTo,
        items.flatMap(({ readBack }) => (readBack === null ? [] : [readBack])),
      );
      await endChanges(
        client,
        run,
        items.map(({ ended }) => ended),
      );
      const at = clock.now().toISOString();
      await addAuditEntries(
        client,
        items.map((item) => changeEntry(header, run.id, item, at)),
      );
      for (const { handoff } of items) if (handoff !== null) await keepHandoff(handoff);
      await deleteSecretsOf(
        client,
        items.flatMap(({ secretOwners }) => secretOwners),
      );

      async function keepHandoff(handoff: NonNullable<Finished['handoff']>): Promise<void> {
        const now = clock.now();
        await insertHandoff(client, {
          id: handoff.id, connectionId, principalId: await recipient(), label: handoff.label,
          createdAt: now.toISOString(), expiresAt: new Date(now.getTime() + HANDOFF_HOURS * 3_600_000).toISOString(),
          takenAt: null,
        }); // prettier-ignore
        await addSecrets(client, handoffSecretOwner(handoff.id), [{ name: 'secret', sealed: handoff.sealed }]);
      }
    });
    deps.onEnded?.({ connectionId, ends: items.map(({ ended }) => ended.end) });
  };
  const ends = groupWriter<Finished>((items) => whileOurs(() => writeEnds(items)), 200);

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

  /** Whoever asked; what an agent asked for goes to the person who approved it. */
  const recipient = async (): Promise<string> => {
    if (header.requestedBy.kind !== 'agent') return header.requestedBy.id;
    const decisions = await decisionsOf(database.pool, [header.id]);
    return decisions.find(({ decision }) => decision === 'approve')?.principalId ?? header.requestedBy.id;
  };
  const ownerOf = ({ content }: Work): string => changeSecretOwner(header.id, content.ordinal);
  /** The sealed secrets of the works that take some, by owner. */
  const sealedSecrets = (works: readonly Work[]): Promise<ReadonlyMap<string, readonly SealedSecret[]>> =>
    secretsOfOwners(database.pool, works.filter(({ content }) => content.secrets.length > 0).map(ownerOf));
  const itemOf = (work: Work, sealed: readonly SealedSecret[]): ChangeItem<ChangeParams> => {
    const { subject, params, secrets: names } = work.content;
    const place = { table: 'secret', row: ownerOf(work) };
    const secrets: Record<string, string> = {};
    for (const { name, sealed: text } of sealed) {
      if (names.includes(name)) secrets[name] = vault.decrypt(text, { ...place, column: name });
    }
    return {
      subject,
      params,
      secrets,
      before: work.before ?? { account: null, grants: [] },
    };
  };
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
    change: (id) => writes.change(id),
    read: (works, purpose) =>
      gate.pass(() =>
        app.read(
          works.map(({ content }) => content.subject),
          purpose,
        ),
      ),
    async call(works) {
      const [first] = works;
      if (first === undefined) return [];
      const sealed = await sealedSecrets(works);
      const items = works.map((work) => itemOf(work, sealed.get(ownerOf(work)) ?? []));
      return gate.pass(() => callWhenFresh(works, () => callApp(app, first.change, works, items)));
    },
    async protectedKeys(works) {
      const keys = works.map(({ content }) => content.subject.key);
      const marked = await marksOf(database.pool, connectionId, keys);
      return new Set([...marked].flatMap(([key, mark]) => (mark.isProtected ? [key] : [])));
    },
    async withoutSecrets(works) {
      const sealed = await sealedSecrets(works);
      const isGone = (work: Work): boolean => {
        const names = (sealed.get(ownerOf(work)) ?? []).map(({ name }) => name);
        return work.content.secrets.some((name) => !names.includes(name));
      };
      return new Set(works.filter(isGone).map(({ content }) => content.ordinal));
    },
    administrators: () => gate.pass(() => app.administrators()),
    readLog,
    async mark(works, state) {
      await marks.write(works.map((work) => markOf(work, state)));
      if (state !== 'calling') return;
      for (const work of works) work.attempt += 1;
      noteCalling(works);
    },
    finish: (finished) => ends.write(finished),
    async handoffOf(work) {
      const { content } = work;
      if (content.handoff === null) return null;
      const owner = ownerOf(work);
      const sealed = (await secretsOf(database.pool, owner)).find(({ name }) => name === 'handoff');
      if (sealed === undefined) return null;
      const id = deps.newId();
      const secret = vault.decrypt(sealed.sealed, { table: 'secret', row: owner, column: 'handoff' });
      const place = { table: 'secret', row: handoffSecretOwner(id), column: 'secret' };
      return { id, label: content.handoff, sealed: vault.encrypt(secret, place) };
    },
    async flush() {
      await marks.idle();
      await ends.idle();
    },
    async close() {
      await marks.idle();
      await ends.idle();
      await opened.close();
    },
  };
}

/** Each attempt's trace goes into the receipts of all that it carried. */
function callApp(
  app: OpenWrites,
  change: Change,
  works: readonly Work[],
  items: readonly ChangeItem<ChangeParams>[],
): Promise<readonly ItemResult[]> {
  const onCall = (trace: CallTrace): void => {
    const call = receiptCall(trace, works.length);
    for (const work of works) work.calls.push(call);
  };
  return app.call(change.id, items, onCall);
}
