import type { RequestPreview } from '../connector-kit/http/types.ts';
import type { Caller } from '../model/access.ts';
import type {
  ChangeEffect, ChangeState, Guard, GuardFinding, Hold, PlanState, Policy, Receipt, RunState, Subject,
} from '../model/changes.ts'; // prettier-ignore
import type { JsonValue } from '../model/records.ts';

/**
 * Changes as the surfaces speak of them: the one door for writes. Everything throws UsherErrors; nothing here ever returns
 * a secret but `takeHandoff`. Times are ISO 8601, UTC. What a caller may do is checked here as well as at the routes:
 * connections a token is not good for are `notFound`, agents see all plans and act on their own only.
 */
export interface Lifecycle {
  /**
   * Plans an action. With `dryRun` nothing is stored and the view's id is ''. Throws `guarded` (code: the guard's name)
   * where a guard stops it that is not overridden, `notSynced` before the first sync, what the connector throws for input.
   * With `idempotencyKey`, the same request again answers the same plan; another request under that key is a `conflict`
   * (code `idempotencyKeyReused`).
   */
  plan(request: PlanRequest, by: Caller): Promise<PlanView>;
  /** Newest first. */
  listPlans(query: ListQuery<PlanState>, by: Caller): Promise<Page<PlanSummary>>;
  getPlan(id: string, by: Caller): Promise<PlanView>;
  /** The changes of a plan, with what came of them where a run carries them out. By ordinal, after `after`. */
  planChanges(id: string, query: ChangesQuery, by: Caller): Promise<Page<PlanChangeView>>;
  /**
   * Approves, and applies where the plan asks for that. Throws `permission` for whoever may not: an agent, a service, the
   * requester of a destructive plan while another person could (code `needsAnotherPerson`); `conflict` where it was
   * decided already or has expired, `stale` (code `planAltered`) where the stored plan is not what was signed.
   */
  approve(id: string, reason: string | null, by: Caller): Promise<PlanView>;
  reject(id: string, reason: string | null, by: Caller): Promise<PlanView>;
  /** Withdraws a plan that was not applied. */
  cancelPlan(id: string, by: Caller): Promise<PlanView>;
  /**
   * Starts the run of a plan; the same run where there is one. Throws `guarded` with code `needsApproval` where nobody has
   * approved what has to be, or where the window has filled since; with the guard's name where a guard stops it now.
   */
  apply(id: string, by: Caller): Promise<RunView>;

  /**
   * What the unified API and action calls do: plan, and where no approval is needed, apply and wait for the end, at most
   * `waitMs`. Throws `guarded` with code `needsApproval` (naming the plan and how to approve) where a person has to decide,
   * `conflict` with code `stillRunning` (naming the run) where it takes longer, with code `waiting` where it has to wait, and the change's own error where there was
   * one change and it failed; `partialFailure` where some of several did.
   */
  perform(
    request: PlanRequest,
    by: Caller,
    options: { readonly waitMs: number; readonly signal: AbortSignal },
  ): Promise<{ readonly plan: PlanView; readonly run: RunView | null }>;

  /** Newest first. */
  listRuns(query: ListQuery<RunState>, by: Caller): Promise<Page<RunView>>;
  /** By the run's id or its plan's. */
  getRun(id: string, by: Caller): Promise<RunView>;
  /** Stops at the next safe point; what is under way ends first. */
  pause(id: string, by: Caller): Promise<RunView>;
  resume(id: string, by: Caller): Promise<RunView>;
  /** What was not called yet never is. */
  cancelRun(id: string, by: Caller): Promise<RunView>;
  /**
   * Says that the task is done which a change waits for, so that the run goes on. Only persons. Throws `conflict` (code
   * `notWaiting`) where it does not wait for one.
   */
  confirmTask(id: string, ordinal: number, note: string | null, by: Caller): Promise<RunView>;
  /** Tries the failed changes again; throws `conflict` where there are none or the run has not ended. */
  retry(id: string, by: Caller): Promise<RunView>;
  /**
   * Makes a plan that takes back what the run did, as far as it can be; throws `unsupported` where nothing can. A run that
   * waits is cancelled by it.
   */
  undo(id: string, reason: string | null, by: Caller): Promise<PlanView>;
  /**
   * The run's changes as they go on, from a position (0: from the start), until it has ended or `signal` is aborted; the
   * run itself first and last. For server-sent events and `usher runs follow`.
   */
  follow(id: string, after: number, by: Caller, signal: AbortSignal): AsyncGenerator<RunProgress, void, void>;

  getMark(connectionId: string, accountKey: string, by: Caller): Promise<MarkView>;
  /** `accountKey`: key, address or composite id. Throws `notFound` where the snapshot has no such account. */
  setMark(connectionId: string, accountKey: string, change: MarkChange, by: Caller): Promise<MarkView>;
  listMarks(connectionId: string, by: Caller): Promise<readonly MarkView[]>;

  /** The guards' thresholds of a connection; null: those for all. */
  getPolicy(connectionId: string | null, by: Caller): Promise<PolicyView>;
  /** null takes a threshold of its own away. */
  setPolicy(connectionId: string | null, change: PolicyChange, by: Caller): Promise<PolicyView>;

  /** One-time hand-offs for the caller that were not taken. */
  listHandoffs(by: Caller): Promise<readonly HandoffView[]>;
  /** Shows the secret, once, to the one it is for; then it is gone. Throws `notFound` otherwise, whatever the reason. */
  takeHandoff(id: string, by: Caller): Promise<{ readonly handoff: HandoffView; readonly secret: string }>;
}

export interface PlanRequest {
  readonly connectionId: string;
  readonly action: string;
  readonly input: unknown;
  /** Why, for whoever approves; required with `override`. */
  readonly reason?: string | null;
  /** Guards an administrator lets it pass. */
  readonly override?: readonly Guard[];
  /** Whether its approval starts it; default: yes. */
  readonly appliesWhenApproved?: boolean;
  /** When it is to be carried out, ISO 8601; absent or null: as soon as it is applied. */
  readonly applyAt?: string | null;
  readonly dryRun?: boolean;
  readonly idempotencyKey?: string | null;
}

export interface ListQuery<State extends string> {
  readonly connectionId?: string;
  readonly states?: readonly State[];
  readonly limit: number;
  readonly next?: string;
}

export interface ChangesQuery {
  readonly states?: readonly ChangeState[];
  readonly limit: number;
  readonly next?: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

export interface PersonView {
  readonly id: string;
  readonly name: string;
  readonly kind: 'person' | 'service' | 'agent';
}

export interface PlanSummary {
  readonly id: string;
  readonly connectionId: string;
  readonly action: string;
  readonly title: string;
  readonly state: PlanState;
  readonly effect: ChangeEffect;
  readonly requestedBy: PersonView;
  readonly reason: string | null;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** How many changes. */
  readonly changes: number;
  /** The run that carries it out; null: none. */
  readonly runId: string | null;
}

export interface PlanView extends PlanSummary {
  /** With secrets masked. */
  readonly input: JsonValue;
  readonly appliesWhenApproved: boolean;
  /** Its run begins no earlier; null: as soon as it is applied. */
  readonly applyAt: string | null;
  /** Why a person has to approve, one sentence each; empty: nobody has to. */
  readonly approvalReasons: readonly string[];
  readonly guards: readonly GuardFinding[];
  readonly decisions: readonly DecisionView[];
  /** The first hundred; all of them with `planChanges`. */
  readonly firstChanges: readonly PlanChangeView[];
  /** How a person goes on from here, one sentence. */
  readonly next: string | null;
}

export interface DecisionView {
  readonly decision: 'approve' | 'reject' | 'cancel';
  readonly by: PersonView;
  readonly reason: string | null;
  readonly at: string;
}

export interface PlanChangeView {
  readonly ordinal: number;
  readonly subject: Subject;
  /** The connector's name for the kind of change. */
  readonly change: string;
  /** `Disable jane@example.com; the vault is kept`. */
  readonly summary: string;
  readonly effect: ChangeEffect;
  readonly undo: { readonly isPossible: boolean; readonly how: string };
  /** Without secrets. */
  readonly params: JsonValue;
  /** The subject as the snapshot had it: status, roles, groups; null: not there. */
  readonly before: JsonValue;
  /** The exact vendor call, secrets masked. */
  readonly preview: RequestPreview | null;
  /** Whether it is made only where the change before it on the same subject ended well. */
  readonly follows: boolean;
  /** What is waited for before it is made; null: nothing. */
  readonly hold: Hold | null;
  /** What came of it; null: not applied. */
  readonly outcome: {
    readonly state: ChangeState;
    readonly attempt: number;
    readonly endedAt: string | null;
    readonly receipt: Receipt | null;
    /** What it waits for now; null: nothing. */
    readonly waitsFor: Hold['kind'] | null;
    /** When that is, or was, over by itself; null: it waits for no time. */
    readonly heldUntil: string | null;
  } | null;
}

export interface RunView {
  readonly id: string;
  readonly planId: string;
  readonly connectionId: string;
  readonly action: string;
  readonly title: string;
  readonly state: RunState;
  readonly requestedBy: PersonView;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** A pause or cancellation that was asked for and is not there yet. */
  readonly pending: 'pause' | 'cancel' | null;
  /** Why it is paused or has stopped, what it waits for; null: nothing to say. */
  readonly reason: string | null;
  /** When one that waits goes on by itself; null: it waits for no time. */
  readonly wakeAt: string | null;
  readonly total: number;
  /** How many changes are in each state. */
  readonly counts: Readonly<Record<ChangeState, number>>;
  /** Whether `retry` and `undo` would find something to do. */
  readonly canRetry: boolean;
  readonly canUndo: boolean;
}

export type RunProgress =
  | { readonly kind: 'run'; readonly run: RunView }
  | { readonly kind: 'change'; readonly position: number; readonly change: RunChangeView };

/** A change in short, as progress tells it. */
export interface RunChangeView {
  readonly ordinal: number;
  readonly subject: string;
  readonly summary: string;
  readonly state: ChangeState;
  readonly attempt: number;
  /** The receipt's sentence; null while it is under way. */
  readonly outcome: string | null;
}

export interface MarkView {
  readonly connectionId: string;
  readonly accountKey: string;
  readonly isProtected: boolean;
  readonly isService: boolean;
  /** Who answers for a service's account. */
  readonly owner: string | null;
  readonly ignoredUntil: string | null;
  readonly note: string | null;
  /** null: nothing was ever said of it. */
  readonly setBy: PersonView | null;
  readonly setAt: string | null;
}

export type MarkChange = Partial<Pick<MarkView, 'isProtected' | 'isService' | 'owner' | 'ignoredUntil' | 'note'>>;

export interface PolicyView {
  /** null: for all connections. */
  readonly connectionId: string | null;
  readonly policy: Policy;
  /** Which thresholds were set for this very place. */
  readonly own: readonly (keyof Policy)[];
}

export type PolicyChange = { readonly [Name in keyof Policy]?: Policy[Name] | null | undefined };

export interface HandoffView {
  readonly id: string;
  readonly connectionId: string;
  /** What it is (`Master password of jane@example.com`). */
  readonly label: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}
