import { z } from 'zod';
import type { JsonValue } from '../../model/records.ts';
import type { Clock } from '../connector.ts';

/** One request a simulator was sent, credentials masked. */
export interface LoggedRequest {
  /** Counts from 1 over the simulator's life. */
  readonly number: number;
  /** ISO 8601, UTC, by the simulator's clock. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  /** The vendor's word for what was asked (`getuserdata`); '' where it could not be told. */
  readonly operation: string;
  /** What was sent, masked. */
  readonly body: JsonValue;
  /** The fault it met, as text, or null. */
  readonly fault: string | null;
  /** The status it was answered with; null where the connection was dropped. */
  readonly status: number | null;
  /** How many requests were under way when it came, with itself. */
  readonly atOnce: number;
}

/** One change of the vendor's state, or one mail sent, on one subject. */
export interface LoggedEffect {
  /** Counts from 1 over the simulator's life. */
  readonly number: number;
  /** ISO 8601, UTC, by the simulator's clock. */
  readonly at: string;
  /** The request that caused it; null for a change made by inspection. */
  readonly request: number | null;
  /** What happened: `user.disabled`, `mail.invitation` … */
  readonly kind: string;
  /** To whom: the vendor's natural key of the thing (an e-mail address). */
  readonly subject: string;
  readonly detail: JsonValue;
}

/** A log that keeps its newest entries; numbers go on counting. */
export interface BoundedLog<Entry> {
  add(entry: Omit<Entry, 'number'>): Entry;
  /** Entries after a number (default: all kept), oldest first. */
  list(after?: number): readonly Entry[];
  /** How many there have been, kept or not. */
  readonly count: number;
}

/** A log of at most `keep` entries, going on from those given, and from the count there was. */
export function boundedLog<Entry extends { readonly number: number }>(
  keep: number,
  number: (entry: Omit<Entry, 'number'>, number: number) => Entry,
  earlier: readonly Entry[] = [],
  counted = earlier.at(-1)?.number ?? 0,
): BoundedLog<Entry> {
  let entries = earlier.slice(-keep);
  let count = counted;
  return {
    add(fields) {
      const entry = number(fields, ++count);
      entries.push(entry);
      if (entries.length > keep * 2) entries = entries.slice(-keep);
      return entry;
    },
    list: (after = 0) => entries.slice(-keep).filter((entry) => entry.number > after),
    get count() {
      return count;
    },
  };
}

/** An effect as a saved state keeps it. */
export const loggedEffectSchema = z.object({
  number: z.number(),
  at: z.string(),
  request: z.number().nullable(),
  kind: z.string(),
  subject: z.string(),
  detail: z.json(),
});

/** What a change is told to: the log of effects. The subject is the vendor's natural key of the thing. */
export type EffectRecorder = (kind: string, subject: string | number, detail?: JsonValue) => void;

/** Records effects of a request, or of an inspection (null), at the moment they happen. */
export function effectRecorder(
  { clock, effects }: { readonly clock: Clock; readonly effects: BoundedLog<LoggedEffect> },
  request: number | null,
): EffectRecorder {
  return (kind, subject, detail = null) => {
    effects.add({ at: clock.now().toISOString(), request, kind, subject: String(subject), detail });
  };
}
