import type {
  Adoption, Change, InverseChange, ItemResult, LogReading, ObservedSubject, SubjectState,
} from '../../connector-kit/changes.ts'; // prettier-ignore
import type { CallTrace } from '../../connector-kit/http/types.ts';
import type { ChangeEnd, Proof, Receipt, ReceiptCall } from '../../model/changes.ts';
import { FINAL_FAILURES, isNewAccount } from '../../model/changes.ts';
import type { AnyRecord, JsonValue } from '../../model/records.ts';
import type { EndedChange, Facts, StoredInverse } from '../../store/lifecycle/journal.ts';
import type { ReadBack } from '../../store/sync/read-back.ts';
import { summaryOf } from '../snapshot.ts';
import { adoptionOwner, changeSecretOwner, type PlanChangeContent, type PlanHeader } from '../stored-plan.ts';

/** How patient the carrying-out of changes is. */
export interface ApplySettings {
  /** So long a call whose answer was lost may still take effect; only then is it taken for not made. */
  readonly settleMs: number;
  /** So long an app may take to show what it has taken. */
  readonly verifyMs: number;
  /** So long an app that cannot be asked is waited for before a change is left uncertain. */
  readonly patienceMs: number;
  /** How often a change is called at most. */
  readonly attempts: number;
  readonly leaseSeconds: number;
  /** Waits between two readings, in milliseconds; the last one repeats. */
  readonly readDelaysMs: readonly number[];
}

/** A change on its way: what is planned, and what has happened to it so far. */
export interface Work {
  readonly content: PlanChangeContent;
  readonly change: Change;
  /** How often it was called. */
  attempt: number;
  /** When it was called last, by the database's clock. */
  calledAt: string | null;
  /** The same on the clock that never goes back; null: not called. */
  calledMs: number | null;
  /** When this process found it half-way: the call of whoever had it before may have begun as late as that. */
  readonly foundAt: string | null;
  /** Found half-way with the app's word that it took it. */
  readonly wasTaken: boolean;
  /** As read right before the last call; null: this process did not read it. */
  before: SubjectState | null;
  beforeSummary: JsonValue;
  /** What would take the last call back, as worked out right before it. */
  inverse: InverseChange | null;
  /** What its answer told of what it made, and is kept; null: nothing. */
  made: Facts | null;
  /** Credentials for the connection itself that its answer told, and are kept; null: none. */
  adopts: Adoption | null;
  /** Who said that what it waited for is done. */
  readonly confirmed?: Receipt['confirmed'];
  readonly calls: ReceiptCall[];
}

/** A change that was called, with what the app said; `unclear` also where this process never learnt it. */
export interface Called {
  readonly work: Work;
  readonly result: ItemResult;
}

/** An end of a change with all that is written together. */
export interface Finished {
  readonly ended: EndedChange;
  readonly content: PlanChangeContent;
  readonly readBack: ReadBack | null;
  /** Owners of secrets to shred. */
  readonly secretOwners: readonly string[];
  readonly handoff: { readonly id: string; readonly label: string; readonly sealed: string } | null;
  /** What the connection goes over to with this end; null: it stays as it is. */
  readonly adoption: Adoption | null;
}

/** Everything that carrying out a run needs, made once a run. */
export interface Carrier {
  readonly header: PlanHeader;
  readonly connectionId: string;
  /** Whether the app has a log to look into. */
  readonly hasLog: boolean;
  /** Keys of the roles that let their holder administer the app. */
  readonly administratorRoles: ReadonlySet<string>;
  readonly settings: ApplySettings;
  /** Milliseconds of a clock that never goes back. */
  nowMs(): number;
  /** Waits; rejects when the process must end at once. */
  delay(ms: number): Promise<void>;
  /** Whether nothing new should be called: paused, cancelled, shutting down. */
  isStopping(): boolean;
  /** Aborted when everything must end at once. */
  readonly signal: AbortSignal;
  /** Reads subjects, within the app's concurrency. */
  read(works: readonly Work[], purpose: 'before' | 'after'): Promise<ReadonlyMap<string, ObservedSubject>>;
  /** Calls the app once for works of one kind; their receipts get the trace. */
  call(works: readonly Work[]): Promise<readonly ItemResult[]>;
  /** Keys of the subjects that are marked as protected, asked anew. */
  protectedKeys(works: readonly Work[]): Promise<ReadonlySet<string>>;
  /** Ordinals of works whose secrets are gone: shredded when they ended once. */
  withoutSecrets(works: readonly Work[]): Promise<ReadonlySet<number>>;
  administrators(): Promise<readonly string[] | null>;
  readonly readLog: LogWatch;
  mark(works: readonly Work[], state: 'planned' | 'calling' | 'called'): Promise<void>;
  /** Keeps what answers told of what was made, durably, with the mark that the app took it. */
  keepMade(called: readonly Called[]): Promise<void>;
  /** Why the connection cannot go over to these credentials; null: it can. */
  refusalOf(adopts: Adoption): Promise<string | null>;
  /** Takes ends to be written; what is to be read by others waits until they are. */
  finish(finished: readonly Finished[]): Promise<void>;
  /** Makes the hand-off of the secret a change made; null: it made none. */
  handoffOf(work: Work): Promise<Finished['handoff']>;
}

/** Looks into the app's own log for all that wait for it at once. */
export type LogWatch = (since: string) => Promise<LogReading>;

/** How long to wait before reading or calling once more; the last of the delays repeats. */
export function backoffMs({ settings: { readDelaysMs } }: Pick<Carrier, 'settings'>, round: number): number {
  return readDelaysMs[Math.min(round, readDelaysMs.length - 1)] ?? 0;
}

/** What is said of a change when it ends. */
export interface Outcome {
  readonly end: ChangeEnd;
  readonly summary: string;
  readonly code: string | null;
  readonly proof: Proof;
  /** The subject as read back; null: it was not read. */
  readonly observed: ObservedSubject | null;
}

/** Puts an end together: receipt, inverse, what the snapshot takes from it, which secrets go. */
export async function finishedOf(carrier: Carrier, work: Work, given: Outcome): Promise<Finished> {
  const { content, made, confirmed } = work;
  const outcome = await adoptable(carrier, work, given);
  const { end, observed } = outcome;
  const adoption = end === 'done' ? work.adopts : null;
  const handoff = end === 'done' && content.handoff !== null ? await carrier.handoffOf(work) : null;
  const receipt: Receipt = {
    summary: outcome.summary,
    code: outcome.code,
    proof: outcome.proof,
    calls: work.calls,
    before: work.beforeSummary,
    after: observed === null ? null : summaryOf(observed, content.subject),
    verifiedAt: observed?.observedAt ?? null,
    handoff: handoff?.id ?? null,
    ...(made === null || Object.keys(made).length === 0 ? {} : { made }),
    ...(confirmed === undefined ? {} : { confirmed }),
  };
  const { ordinal } = content;
  return {
    ended: {
      ordinal, end, receipt, inverse: end === 'done' ? inverseOf(work, observed) : null, adopted: adoption !== null,
    },
    content,
    readBack: observed === null ? null : readBackOf(work, observed),
    secretOwners: spentSecrets(carrier.header.id, work, { end, code: outcome.code }),
    handoff,
    adoption,
  }; // prettier-ignore
}

/** Where the connection cannot go over to what was made for it, the change has failed and what follows it is not made. */
async function adoptable(carrier: Carrier, { adopts }: Work, outcome: Outcome): Promise<Outcome> {
  if (adopts === null || outcome.end !== 'done') return outcome;
  const refusal = await carrier.refusalOf(adopts);
  if (refusal === null) return outcome;
  const summary = `The app took it, but the connection cannot use what it made, and keeps what it had: ${refusal}`;
  return { ...outcome, end: 'failed', code: 'notAdopted', summary };
}

/**
 * What an uncertain change made is still to be handed on when that is known; where only the answer would have told, it
 * never will be. What its answer told stays until the run has ended. A change that failed and may be tried again keeps
 * what it takes: until the run has succeeded, a week at most.
 */
function spentSecrets(
  planId: string,
  { content, change, adopts }: Work,
  { end, code }: Pick<Outcome, 'end' | 'code'>,
): readonly string[] {
  if (end === 'uncertain' && change.proof.by !== 'answer' && change.proof.by !== 'made') return [];
  const mayRetry = end === 'failed' && !FINAL_FAILURES.some((final) => final === code);
  return [
    ...(hasSecrets(content) && !mayRetry ? [changeSecretOwner(planId, content.ordinal)] : []),
    ...(adopts === null ? [] : [adoptionOwner(planId, content.ordinal)]),
  ];
}

/** What a trace leaves in a receipt; bodies are left out but for the head of the answer. */
export function receiptCall(trace: CallTrace, changes: number): ReceiptCall {
  return {
    operation: trace.operation,
    method: trace.request.method,
    url: trace.request.url,
    at: trace.startedAt,
    ms: Math.round(trace.ms),
    status: trace.status,
    outcome: trace.outcome,
    error: trace.error,
    answer: trace.response === null ? null : trace.response.bodyHead.slice(0, ANSWER_CHARS),
    changes,
  };
}

const ANSWER_CHARS = 300;

function hasSecrets({ secrets, handoff }: PlanChangeContent): boolean {
  return secrets.length > 0 || handoff !== null;
}

/** The subject may have another key now: an account that was made, an invitation that was accepted. */
function inverseOf({ inverse, content: { subject } }: Work, observed: ObservedSubject | null): StoredInverse | null {
  if (inverse === null) return null;
  const { change, params } = inverse;
  const key = observed?.account?.key ?? subject.key;
  return { change, params, subject: { ...subject, key, email: observed?.account?.email ?? subject.email } };
}

/**
 * What the snapshot takes from the reading of a change. Of an account it has, only what the change looks at: the rest was
 * read beside it, and what writing that down would cost a large run is left to the next pull.
 */
function readBackOf({ content: { subject }, change }: Work, observed: ObservedSubject): ReadBack | null {
  const { covers, credentials = [], observedAt, records } = observed;
  if (subject.kind === 'credential') {
    return { accountKey: null, credentialKey: subject.key, records: [...records, ...credentials], covers, observedAt };
  }
  if (subject.kind !== 'account') return null;
  if (isNewAccount(subject)) return { accountKey: null, records, covers, observedAt };
  const { looksAt } = change;
  if (looksAt === null || change.makesAccount || observed.account?.key !== subject.key) {
    return { accountKey: subject.key, records, covers, observedAt };
  }
  const isLookedAt = (record: AnyRecord): boolean =>
    record.kind === 'grant' ? looksAt.includes(record.targetKind) : isOneOf(looksAt, record.kind);
  return {
    accountKey: subject.key,
    records: records.filter((record) => record.kind === 'account' || isLookedAt(record)),
    covers: covers.filter((kind) => looksAt.includes(kind)),
    observedAt,
  };
}

function isOneOf(kinds: readonly string[], kind: string): boolean {
  return kinds.includes(kind);
}
