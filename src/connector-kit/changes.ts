import type { z } from 'zod';
import type { ChangeEffect, Hold, Subject } from '../model/changes.ts';
import type { UsherError } from '../model/errors.ts';
import type { AppEvent } from '../model/events.ts';
import type {
  AccountRecord, AnyRecord, CredentialRecord, GrantRecord, GroupRecord, JsonValue, ResourceRecord, RoleRecord,
} from '../model/records.ts'; // prettier-ignore
import type { ConnectorContext } from './connector.ts';
import type { CallTrace } from './http/types.ts';

/** A subject as the snapshot or the app has it. `account` null: there is none. */
export interface SubjectState {
  readonly account: AccountRecord | null;
  /** What the account holds, as far as it is known. */
  readonly grants: readonly GrantRecord[];
  /** For a subject that is a credential: it and those beside it that tell what became of it. Absent: not looked at. */
  readonly credentials?: readonly CredentialRecord[];
}

/** A subject as the app shows it now. */
export interface ObservedSubject extends SubjectState {
  /** All records of this reading that belong into the snapshot: the account, its grants, the groups they are of. */
  readonly records: readonly AnyRecord[];
  /** When the app was asked, taken before the request. ISO 8601, UTC. */
  readonly observedAt: string;
  /** Kinds of target for which `grants` is all the account holds; grants of other kinds were not looked at. */
  readonly covers: readonly GrantRecord['targetKind'][];
}

/** Parameters of a change as kept in a plan: JSON, secrets apart. */
export type ChangeParams = Readonly<Record<string, JsonValue>>;

/** One change on its way to the app. */
export interface ChangeItem<Params> {
  readonly subject: Subject;
  readonly params: Params;
  /** Opened for this call alone; never log it. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The subject as read right before. */
  readonly before: SubjectState;
  /**
   * What came of the changes before it on the same subject in the same plan, in their order. Absent: it follows none, or
   * its request is only previewed.
   */
  readonly earlier?: readonly EarlierChange[];
}

/** A change of the same chain that ended well. */
export interface EarlierChange {
  readonly change: string;
  /** What its answer told: the id of what was made. */
  readonly facts: Readonly<Record<string, JsonValue>>;
  /** Opened for this call alone; never log it. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** What only the answer of a call tells. Kept before anything else is done; the secrets sealed. */
export interface Made {
  readonly facts: Readonly<Record<string, JsonValue>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * New credentials for the connection itself: kept in the same transaction as the end of the change. Only its answer tells
 * of them, so such a change is proven by `made` and safe to be called again.
 */
export interface Adoption {
  /** By their names outside (`key_id`), as `usher connections edit` takes them. Only those that change. */
  readonly settings: Readonly<Record<string, JsonValue>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** What the app said of one change: taken, refused, or nothing that could be relied on (then it is read back). */
export type ItemResult =
  | { readonly kind: 'taken'; readonly made?: Made; readonly adopts?: Adoption }
  | { readonly kind: 'refused'; readonly error: UsherError }
  | { readonly kind: 'unclear'; readonly error: UsherError };

/**
 * What shows that a change was made. state: `wanted` of what is read back. log: an entry of the app's own log, for what
 * no state shows (a mail). answer: nothing but that the app took it; `note` says what is still to come. made: only what
 * the answer told counts (a secret shown once), so the change is done when that is kept; where it was lost, `call` is made
 * again with `before` read anew, and takes away first what the lost call has left.
 */
export type ProofBy<Params> =
  | { readonly by: 'state' }
  | { readonly by: 'log'; shows(event: AppEvent, subject: Subject, params: Params): boolean }
  | { readonly by: 'answer'; readonly note: string }
  | { readonly by: 'made'; readonly note: string };

/**
 * One kind of change an app can make to one subject. All of it but `call` is pure. Changes are kept in plans as id and
 * params, so an id keeps its meaning for good.
 */
export interface ChangeDefinition<Settings, Params> {
  /** `disable_user`: unique within the connector. */
  readonly id: string;
  /** One sentence for the plan: `Disable jane@example.com; the vault is kept`. */
  summary(subject: Subject, params: Params): string;
  /** Parsed again whenever a stored change is used. No secrets in here. */
  readonly params: z.ZodType<Params>;
  /** Names of the secrets it takes beside its params: kept encrypted, and gone when the change has ended for good. */
  readonly secrets: readonly string[];
  /** `before`: as planned; null where the subject is not there yet. */
  effect(before: SubjectState | null, params: Params): ChangeEffect;
  /** Whether the account cannot sign in, or not administer, afterwards: the last administrator is guarded against it. */
  readonly endsAccess: boolean;
  /**
   * It makes the account of a subject that has a key: there must be none when it is called (a deleted account made anew
   * under its address). A `new:` subject needs no such word.
   */
  readonly makesAccount?: boolean;
  /** Whether people get a mail from it: such a call is never made twice on a guess. */
  readonly sendsMail: boolean;
  /** Whether it can be taken back, and how or why not, for people. */
  readonly undo: { readonly isPossible: boolean; readonly how: string };
  /**
   * The kinds of target whose grants `wanted`, `inverse` and `besides` look at; [] where the account alone tells. Absent:
   * all. Where grants cost calls of their own, `read` then leaves out the others; the snapshot takes none of those from it.
   */
  readonly looksAt?: readonly GrantRecord['targetKind'][];
  /** Already so, skip; and read back, verified. Always false where no state shows it. */
  wanted(state: SubjectState, params: Params): boolean;
  /**
   * What else the app changed, from the subject right before the call and as read back: sentences without a full stop for
   * people (`locale went from de-DE to en-US`); none: nothing else. For apps whose writes replace a whole record: a change
   * that did more than was asked is told as failed, code `fieldChanged`. Absent: not looked at.
   */
  besides?(before: SubjectState, after: SubjectState, params: Params): readonly string[];
  readonly proof: ProofBy<Params>;
  /** How many changes of this kind one call takes; 1: one. */
  readonly batchSize: number;
  /**
   * The change that takes it back, from how the subject was; null: there was nothing to take back, or it cannot be. Asked
   * again with `made` once its answer told what it made. It gets no secrets and no `earlier`.
   */
  inverse(before: SubjectState, params: Params, subject: Subject, made?: Made['facts']): InverseChange | null;
  /**
   * Makes the calls for these items: one request where `batchSize` allows it. Returns a result an item, in order. What it
   * throws counts for all items: refused where the error says that the app did nothing (`isRefusal`), else unclear. It
   * reads nothing: a dry run shows its request as the plan's preview.
   */
  call(context: ConnectorContext<Settings>, items: readonly ChangeItem<Params>[]): Promise<readonly ItemResult[]>;
}

export interface InverseChange {
  readonly change: string;
  readonly params: ChangeParams;
}

/** A change wished for by an action: on one subject, with all it needs. */
export interface ChangeDraft {
  readonly change: string;
  readonly subject: Subject;
  readonly params: ChangeParams;
  readonly secrets?: Readonly<Record<string, string>>;
  /**
   * A secret that the requester gets as a one-time hand-off when it is done: made for this change, or told by its answer
   * under that name of `Made.secrets`.
   */
  readonly handoff?:
    | { readonly label: string; readonly secret: string }
    | { readonly label: string; readonly made: string };
  /** As the snapshot has it; null: not there. */
  readonly before: SubjectState | null;
  /**
   * Made only where the change before it on the same subject was done or was so already; else it fails as `blocked`. What
   * the plan rests on is checked by the first of such a chain: here only that the account is the same, and there.
   */
  readonly follows?: true;
  /**
   * Waited for before it is made; only where it follows another, or is a person's task. `{connection}` in a task stands for
   * the connection's id, so that a command in it can be typed as it is shown.
   */
  readonly hold?: Hold;
}

/** An account of the snapshot, resolved from what a caller gave. */
export interface KnownAccount {
  readonly subject: Subject;
  readonly state: SubjectState;
}

/** What an action may know of the company while it plans: the snapshot, asked in sets. */
export interface PlanSnapshot {
  /**
   * The accounts behind references (e-mail address, key or composite id), in their order. Throws `notFound` naming the
   * first that is none, with `field` as its place, `conflict` where an address belongs to several.
   */
  accounts(references: readonly string[], field: string): Promise<readonly KnownAccount[]>;
  /** The accounts at addresses, by folded address; addresses without one are left out. */
  accountsAt(addresses: readonly string[]): Promise<ReadonlyMap<string, KnownAccount>>;
  /** Those of these groups' keys that the snapshot has. */
  groups(keys: readonly string[]): Promise<ReadonlySet<string>>;
  /** All groups, for apps whose groups have a name beside their key. By key. */
  groupRecords(): Promise<readonly GroupRecord[]>;
  /** Those of these keys that the snapshot has, among resources of a type; null: all of that type. By key. */
  resources(type: string, keys: readonly string[] | null): Promise<readonly ResourceRecord[]>;
  /** Those of these keys that the snapshot has; null: all. By key. */
  roles(keys: readonly string[] | null): Promise<readonly RoleRecord[]>;
  /** Those of these keys that the snapshot has; null: all. By key. */
  credentials(keys: readonly string[] | null): Promise<readonly CredentialRecord[]>;
}

/** A writing action of the catalogue: it plans, and changes nothing itself. */
export interface WriteAction<Input extends z.ZodObject, Settings = unknown> {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** The worst effect its changes can have. */
  readonly effect: ChangeEffect;
  readonly schemaType: 'native' | 'unified';
  readonly input: Input;
  /** Paths of the input that are secrets (`users.*.password`): never stored, logged or shown. */
  readonly secretInputs?: readonly string[];
  /** `settings` hold the connection's own credentials: a plan must not lock Usher out, and never contain them. */
  plan(input: z.output<Input>, snapshot: PlanSnapshot, settings: Settings): Promise<readonly ChangeDraft[]>;
}

/** Why subjects are read. `after`: a moment ago this very address was seen with this very id, so absence is believed. */
export type ReadPurpose = 'before' | 'after';

/** What the app's own log says. */
export interface LogReading {
  readonly events: readonly AppEvent[];
  /** The log is sure to hold everything up to then; null: it cannot be told. ISO 8601, UTC. */
  readonly isCompleteTo: string | null;
}

/** The writing half of a connector. */
export interface WriteDefinition<Settings> {
  readonly changes: readonly ConnectorChange<Settings>[];
  readonly actions: readonly WriteAction<z.ZodObject, Settings>[];
  /** Calls at a time, over all runs of a connection, whichever workers carry them out. */
  readonly concurrency: number;
  /**
   * Reads accounts as they are now, by the fewest calls; an entry for every subject, by its key. A subject of another kind
   * has `account: null` and no records but, for a credential, `credentials`. Where the account of a pinned id is not found at the address of the
   * plan, it is looked for by its id before it is said to be gone (`before`): a leaver under a new address has not left.
   * The account returned for a `new:` subject is whoever has its address. `looksAt`: grants of other kinds need not be
   * read, and are not among `covers` then; absent: all that a pull has.
   */
  read(
    context: ConnectorContext<Settings>,
    subjects: readonly Subject[],
    purpose: ReadPurpose,
    looksAt?: readonly GrantRecord['targetKind'][],
  ): Promise<ReadonlyMap<string, ObservedSubject>>;
  /** Keys of the accounts that may administer the app and can sign in, live. null: the app does not tell. */
  administrators(context: ConnectorContext<Settings>): Promise<readonly string[] | null>;
  /** The app's own log since a moment, made to tell how far it is complete where that can be. Absent: it has none. */
  readLog?(context: ConnectorContext<Settings>, since: string): Promise<LogReading>;
  /** The account the connection itself signs in with, if any: nobody should lock Usher out. */
  ownAccount?(context: ConnectorContext<Settings>): string | null | Promise<string | null>;
  /** How the unified API's writes are said in this connector's actions; what is absent is `unsupported`. */
  readonly unified: UnifiedWrites;
}

/** An action with its input, as a unified write stands for. */
export interface PlannedCall {
  readonly action: string;
  readonly input: Readonly<Record<string, JsonValue>>;
}

/** What ends an account for good; `disable` can be taken back. */
export type EndMode = 'disable' | 'remove' | 'delete' | 'uninvite';

export interface UnifiedNewUser {
  readonly email: string;
  readonly name: string | null;
  readonly groups: readonly string[];
}

/** `reference` is what the caller gave for the account: an address, a key or a composite id. */
export interface UnifiedWrites {
  create?(user: UnifiedNewUser): PlannedCall;
  /** Names and the like; throws `unsupported` for a field the app cannot change. */
  update?(reference: string, change: { readonly name?: string; readonly email?: string }): PlannedCall;
  /** Throws `unsupported` to tell what to do instead, where leaving it out would not. */
  disable?(reference: string): PlannedCall;
  enable?(reference: string): PlannedCall;
  /** null: the mildest way the app has to end access for good. Throws `unsupported` for a mode it has not. */
  end?(reference: string, mode: EndMode | null): PlannedCall;
  addToGroup?(reference: string, group: string): PlannedCall;
  removeFromGroup?(reference: string, group: string): PlannedCall;
}

/** A change definition with the type of its params closed over; every `params` is parsed before it is used. */
export interface Change {
  readonly id: string;
  readonly secrets: readonly string[];
  readonly endsAccess: boolean;
  readonly makesAccount: boolean;
  /** null: all kinds. */
  readonly looksAt: readonly GrantRecord['targetKind'][] | null;
  readonly sendsMail: boolean;
  readonly undo: { readonly isPossible: boolean; readonly how: string };
  readonly proof:
    | { readonly by: 'state' }
    | { readonly by: 'log' }
    | { readonly by: 'answer' | 'made'; readonly note: string };
  readonly batchSize: number;
  summary(subject: Subject, params: ChangeParams): string;
  effect(before: SubjectState | null, params: ChangeParams): ChangeEffect;
  wanted(state: SubjectState, params: ChangeParams): boolean;
  /** Whether `besides` can have anything to tell. */
  readonly looksBesides: boolean;
  /** Empty for a change that does not look. */
  besides(before: SubjectState, after: SubjectState, params: ChangeParams): readonly string[];
  inverse(before: SubjectState, params: ChangeParams, subject: Subject, made?: Made['facts']): InverseChange | null;
  /** False for a change that is not proven by the log. */
  isShownBy(event: AppEvent, subject: Subject, params: ChangeParams): boolean;
}

/** What `defineChange` makes. */
export interface ConnectorChange<Settings> extends Change {
  call(context: ConnectorContext<Settings>, items: readonly ChangeItem<ChangeParams>[]): Promise<readonly ItemResult[]>;
}

/** The writing half of a connector as all other rooms hold it. */
export interface Writes {
  readonly concurrency: number;
  readonly hasLog: boolean;
  readonly unified: UnifiedWrites;
  /** Throws `unsupported` where the connector has no such change (any more). */
  change(id: string): Change;
}

/** The writing half of an opened connection. */
export interface OpenWrites {
  /** Validates the input and plans; throws UsherErrors, `invalidInput` naming the field. */
  plan(action: string, input: unknown, snapshot: PlanSnapshot): Promise<readonly ChangeDraft[]>;
  /** The input as it may be kept: secrets masked. */
  maskInput(action: string, input: unknown): JsonValue;
  read(
    subjects: readonly Subject[],
    purpose: ReadPurpose,
    looksAt?: readonly GrantRecord['targetKind'][],
  ): Promise<ReadonlyMap<string, ObservedSubject>>;
  administrators(): Promise<readonly string[] | null>;
  ownAccount(): Promise<string | null>;
  readLog(since: string): Promise<LogReading>;
  /** Calls the app once for these items of one change; never throws for what the app does. `onCall` gets each attempt. */
  call(
    change: string,
    items: readonly ChangeItem<ChangeParams>[],
    onCall: (trace: CallTrace) => void,
  ): Promise<readonly ItemResult[]>;
}
