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
import { administratorRoles } from '../../store/lifecycle/subjects.ts';
import { endChanges, type HeldRun, journal, type JournalMark } from '../../store/lifecycle/apply.ts';
import { handoffSecretOwner, insertHandoff } from '../../store/lifecycle/handoffs.ts';
import { marksOf } from '../../store/lifecycle/marks.ts';
import { decisionsOf } from '../../store/lifecycle/decisions.ts';
import { addSecrets, deleteSecretsOf, secretsOf } from '../../store/secrets.ts';
import { keepReadBacks } from '../../store/sync/read-back.ts';
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
  const { writes, unified } = opened.definition;
  if (app === null || writes === null) {
    await opened.close();
    throw new UsherError('unsupported', `The connector of ${connectionId} cannot write.`, { connection: connectionId });
  }
  const { roles } = unified;
  const administering =
    roles === 'collected'
      ? await administratorRoles(database.pool, connectionId)
      : roles.filter(({ type }) => type === 'admin').map(({ key }) => key);
  const gate = deps.gateOf(connectionId, writes.concurrency);
  const collection = opened.definition.collections.find(({ yields }) => yields.includes('account'))?.id ?? '';

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
        { connectionId, collection, runId: run.id },
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
  const openSecrets = async ({ content }: Work): Promise<Readonly<Record<string, string>>> => {
    if (content.secrets.length === 0) return {};
    const owner = changeSecretOwner(header.id, content.ordinal);
    const sealed = await secretsOf(database.pool, owner);
    return Object.fromEntries(
      sealed
        .filter(({ name }) => content.secrets.includes(name))
        .map(({ name, sealed: text }) => [name, vault.decrypt(text, { table: 'secret', row: owner, column: name })]),
    );
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
      const items: ChangeItem<ChangeParams>[] = [];
      for (const work of works) items.push(await itemOf(work, openSecrets));
      return gate.pass(() => callWhenFresh(works, () => callApp(app, first.change, works, items)));
    },
    async protectedKeys(works) {
      const keys = works.map(({ content }) => content.subject.key);
      const marked = await marksOf(database.pool, connectionId, keys);
      return new Set([...marked].flatMap(([key, mark]) => (mark.isProtected ? [key] : [])));
    },
    async withoutSecrets(works) {
      const gone = new Set<number>();
      for (const work of works.filter(({ content }) => content.secrets.length > 0)) {
        const owner = changeSecretOwner(header.id, work.content.ordinal);
        const names = new Set((await secretsOf(database.pool, owner)).map(({ name }) => name));
        if (work.content.secrets.some((name) => !names.has(name))) gone.add(work.content.ordinal);
      }
      return gone;
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
    async handoffOf({ content }) {
      if (content.handoff === null) return null;
      const owner = changeSecretOwner(header.id, content.ordinal);
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

async function itemOf(
  work: Work,
  open: (work: Work) => Promise<Readonly<Record<string, string>>>,
): Promise<ChangeItem<ChangeParams>> {
  const { subject, params } = work.content;
  return { subject, params, secrets: await open(work), before: work.before ?? { account: null, grants: [] } };
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
