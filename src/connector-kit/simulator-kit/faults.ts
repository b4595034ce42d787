import { invalidInput } from '../../model/errors.ts';
import type { Random } from './random.ts';

/**
 * What can go wrong between a client and a vendor. The first group answers before anything is done; the second does the
 * work and spoils the answer.
 */
export const FAULTS = {
  '429': { title: 'Too Many Requests, without Retry-After', isBefore: true },
  '429-retry-after': { title: 'Too Many Requests, Retry-After: value seconds (1)', isBefore: true },
  '500': { title: 'Internal Server Error', isBefore: true },
  '502': { title: 'Bad Gateway', isBefore: true },
  '503': { title: 'Service Unavailable', isBefore: true },
  'html-403': { title: 'an HTML page of the edge with status 403', isBefore: true },
  'html-503': { title: 'an HTML page of the edge with status 503', isBefore: true },
  reset: { title: 'the connection is reset before anything was done', isBefore: true },
  cut: { title: 'done; the connection breaks in the middle of the answer', isBefore: false },
  truncated: { title: 'done; the body ends in the middle, the transfer looks whole', isBefore: false },
  slow: { title: 'done; answered after value milliseconds (3000)', isBefore: false },
  'wrong-type': { title: 'done; values of the body have other types', isBefore: false },
  'lost-answer': { title: 'done; the connection is reset instead of an answer', isBefore: false },
} as const satisfies Record<string, { title: string; isBefore: boolean }>;

export type FaultKind = keyof typeof FAULTS;

/** A fault and when it strikes: with a probability, or at requests number `from` to `to` counted since it was set. */
export interface Fault {
  readonly kind: FaultKind;
  readonly when: { readonly rate: number } | { readonly from: number; readonly to: number };
  /** Strikes only this operation (`getsfdata`), and counts only its requests; absent: all. */
  readonly operation?: string;
  /** Milliseconds of `slow`, seconds of `429-retry-after`. */
  readonly value?: number;
}

/** The faults in force. */
export interface FaultKnobs {
  /** Puts these in place of all others; texts are parsed. */
  set(faults: readonly (Fault | string)[]): void;
  add(fault: Fault | string): void;
  clear(): void;
  list(): readonly Fault[];
  /** Counts a request and tells which fault it meets, if any; the first that strikes wins. */
  meet(operation: string): Fault | null;
}

const GRAMMAR =
  /^(?<kind>[a-z0-9-]+?)(?:=(?<value>\d+))?(?:\/(?<operation>[\w.-]+))?(?:(?::(?<rate>[\d.]+))|(?:@(?<from>\d+)(?:-(?<to>\d+))?))?$/;

/**
 * Parses `kind[=value][/operation][:rate | @n | @n-m]`: `429:0.1`, `slow=250@3`, `lost-answer/disableuser@1`,
 * `reset@2-4`. Without rate and number it strikes always. Throws `invalidInput` naming `fault`.
 */
export function parseFault(text: string): Fault {
  const parts = GRAMMAR.exec(text.trim())?.groups;
  if (!parts || !isFaultKind(parts.kind)) {
    throw invalidInput(
      'fault',
      `"${text}" is not a fault.`,
      `Use kind[:rate|@n], kind one of ${Object.keys(FAULTS).join(', ')}.`,
    );
  }
  return {
    kind: parts.kind,
    when:
      parts.from === undefined
        ? { rate: parseRate(text, parts.rate ?? '1') }
        : parseNumbers(text, parts.from, parts.to),
    ...(parts.operation !== undefined && { operation: parts.operation }),
    ...(parts.value !== undefined && { value: Number(parts.value) }),
  };
}

/** The text that parses to this fault. */
export function formatFault({ kind, when, operation, value }: Fault): string {
  const time = 'rate' in when ? `:${when.rate}` : when.from === when.to ? `@${when.from}` : `@${when.from}-${when.to}`;
  return `${kind}${value === undefined ? '' : `=${value}`}${operation === undefined ? '' : `/${operation}`}${time}`;
}

/** Fault knobs that draw their luck from `random`, so that the same requests meet the same faults. */
export function faultKnobs(random: Random, faults: readonly (Fault | string)[] = []): FaultKnobs {
  let armed = faults.map(arm);
  return {
    set(next) {
      armed = next.map(arm);
    },
    add(fault) {
      armed.push(arm(fault));
    },
    clear() {
      armed = [];
    },
    list: () => armed.map(({ fault }) => fault),
    meet(operation) {
      const concerned = armed.filter(({ fault }) => fault.operation === undefined || fault.operation === operation);
      const struck = concerned.map((entry) => strikes(entry, random));
      return concerned[struck.indexOf(true)]?.fault ?? null;
    },
  };
}

interface Armed {
  readonly fault: Fault;
  seen: number;
}

function arm(fault: Fault | string): Armed {
  return { fault: typeof fault === 'string' ? parseFault(fault) : fault, seen: 0 };
}

function strikes(entry: Armed, random: Random): boolean {
  entry.seen++;
  const { when } = entry.fault;
  return 'rate' in when ? random.fraction() < when.rate : entry.seen >= when.from && entry.seen <= when.to;
}

function isFaultKind(text: string | undefined): text is FaultKind {
  return text !== undefined && Object.hasOwn(FAULTS, text);
}

function parseRate(text: string, rate: string): number {
  const value = Number(rate);
  if (!(value >= 0 && value <= 1)) throw invalidInput('fault', `The rate of "${text}" is not between 0 and 1.`);
  return value;
}

function parseNumbers(text: string, first: string, last: string | undefined): { from: number; to: number } {
  const [from, to] = [Number(first), Number(last ?? first)];
  if (from < 1 || to < from) throw invalidInput('fault', `The requests of "${text}" are not a range from 1 on.`);
  return { from, to };
}
