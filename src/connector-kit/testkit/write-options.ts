import type { AccountRecord, JsonValue } from '../../model/records.ts';
import type { UnifiedNewUser } from '../changes.ts';
import type { Connector } from '../connector.ts';
import type { LoggedEffect } from '../simulator-kit/logs.ts';
import type { ConformanceTarget } from './conformance.ts';

/** A simulator as the writing suite uses it, running. Every start gives the same company with the same ids. */
export interface WriteTarget extends Pick<
  ConformanceTarget,
  'settings' | 'secrets' | 'clock' | 'setFaults' | 'requestCount' | 'close'
> {
  /** What the app has really done, each change and each mail once; kinds of mails begin with `mail.`. */
  effects(): readonly Pick<LoggedEffect, 'kind' | 'subject'>[];
  /** Lets so much time pass on the app's clock. */
  letPass(milliseconds: number): void;
  /** Removes an account behind the API's back. */
  removeAccount(email: string): void;
  /** Gives an account another address behind the API's back. Absent: the app has no such thing. */
  changeAddress?(email: string, to: string): void;
  /** From now on entries show in the app's log only so much later. Absent: the log is told at once, or there is none. */
  delayLog?(milliseconds: number): void;
}

/** One planned change of a case, and what the app does for it. */
export interface ExpectedChange {
  readonly change: string;
  /**
   * Kinds of the effects that the simulator logs for it, in any order; [] for a change it does not log. Changes of one
   * subject in a case have to differ in them.
   */
  readonly effects: readonly string[];
}

/** An action tried: what goes in, what is planned and what the app then does. */
export interface WriteCase {
  readonly action: string;
  /** Tells cases of one action apart. */
  readonly about?: string;
  readonly input: Readonly<Record<string, JsonValue>>;
  /** Brings the app to where the action makes sense. */
  readonly prepare?: (target: WriteTarget) => void;
  /** What is planned, in order. */
  readonly plans: readonly ExpectedChange[];
  /**
   * What the app does when it is asked a second time. A mail is sent again: `repeats`. Where that is something else, the
   * kinds of its effects: a key of which nobody has the secret is deleted, and another one made.
   */
  readonly again: 'nothing' | 'repeats' | readonly string[];
  /** What plans make up anew each time, to know by it what was made of them. */
  readonly madeUp?: RegExp;
  /** Inputs that must be refused while planning. */
  readonly refuses?: readonly RefusedInput[];
  /** Values of the input that are secrets. */
  readonly secrets?: readonly string[];
  /** One subject of several, by its address, which `spoil` makes impossible after the plan was made. */
  readonly bad?: { readonly email: string; readonly spoil: (target: WriteTarget) => void };
}

export interface RefusedInput {
  readonly input: Readonly<Record<string, JsonValue>>;
  readonly kind: 'invalidInput' | 'notFound' | 'alreadyExists' | 'conflict' | 'unsupported' | 'guarded';
  /** The field that is named; absent where no single one is wrong. */
  readonly field?: string;
}

export interface WriteConformanceOptions {
  readonly name: string;
  readonly connector: Connector;
  start(): Promise<WriteTarget>;
  /** At least one for each writing action. */
  readonly cases: readonly WriteCase[];
  readonly people: {
    /** Active, no administrator. */
    readonly active: string;
    /** Another one. */
    readonly other: string;
    /** Asked to join and not there yet; null: the app knows no invitations. */
    readonly invited: string | null;
  };
  /** A group by its key, and somebody new, for what the unified API asks of the connector. */
  readonly unified: { readonly group: string; readonly newUser: UnifiedNewUser };
  /** Whether an account may administer the app and can sign in. Default: active, with a role of type `admin`. */
  readonly isAdministrator?: (account: AccountRecord) => boolean;
}
