export const CHAIN_PROBLEMS = [
  'missing', 'altered', 'inserted', 'moved', 'columns', 'unlinked', 'replaced', 'cut', 'head',
] as const; // prettier-ignore
/**
 * missing: nothing stands there. altered: not as Usher wrote it. inserted: not written by Usher, and what follows was
 * moved to make room. moved: written for another place. columns: what lists go by is not what the entry says. unlinked:
 * right by itself, but does not follow the one before. replaced: not the entry that the kept head knows. cut: there once,
 * gone from the end. head: the database's own head is not one that Usher wrote.
 */
export type ChainProblemKind = (typeof CHAIN_PROBLEMS)[number];

/** One fault of a chain, from place to place. */
export interface ChainProblem {
  readonly kind: ChainProblemKind;
  readonly from: number;
  readonly to: number;
  /** One sentence. */
  readonly message: string;
}

interface Range {
  readonly kind: ChainProblemKind;
  readonly from: number;
  to: number;
  /** How many places later than written it stands; moved only. */
  readonly by: number;
}

/** Faults told after this many ranges are counted alone. */
const RANGES = 500;

/** Collects faults; neighbours of one sort become one. */
export function createProblems(): {
  add(kind: ChainProblemKind, from: number, to: number, by?: number): void;
  count(): number;
  list(): readonly ChainProblem[];
} {
  const ranges: Range[] = [];
  let count = 0;
  return {
    add(kind, from, to, by = 0) {
      count += 1;
      const last = ranges.findLast((range) => range.kind === kind);
      if (last !== undefined && last.by === by && last.to + 1 === from) last.to = to;
      else if (ranges.length < RANGES) ranges.push({ kind, from, to, by });
    },
    count: () => count,
    list() {
      const sorted = ranges.toSorted((a, b) => a.from - b.from || a.to - b.to);
      return sorted.map(({ kind, from, to, by }) => {
        const isInserted = kind === 'altered' && sorted.some((next) => next.from === to + 1 && next.by > 0);
        const shown = isInserted ? 'inserted' : kind;
        return { kind: shown, from, to, message: messageOf(shown, from, to, by) };
      });
    },
  };
}

interface Words {
  /** `Entry 5`, `Entries 5 to 9`. */
  readonly entries: string;
  readonly one: boolean;
  readonly from: number;
  readonly to: number;
  readonly by: number;
}

const MESSAGES: Readonly<Record<ChainProblemKind, (words: Words) => string>> = {
  missing: ({ entries, one }) => `${entries} ${one ? 'is' : 'are'} missing.`,
  altered: ({ entries, one }) =>
    `${entries} ${one ? 'is' : 'are'} not as Usher wrote ${one ? 'it' : 'them'}: edited, or put there by somebody else.`,
  inserted: ({ entries, one }) =>
    `${entries} ${one ? 'was' : 'were'} inserted: Usher did not write ${one ? 'it' : 'them'}, and what follows was moved on.`,
  moved: ({ entries, one, from, to, by }) =>
    one
      ? `${entries} was written as entry ${from - by}: somebody moved it.`
      : `${entries} were written as ${from - by} to ${to - by}: something was ${by > 0 ? 'inserted' : 'removed'} before.`,
  columns: ({ entries }) => `${entries}: the columns that lists go by do not say what the content says.`,
  unlinked: ({ entries, one }) =>
    `${entries} ${one ? 'does' : 'do'} not follow the entry before: the end of the chain was put elsewhere.`,
  replaced: ({ entries, one }) =>
    `${entries} ${one ? 'is' : 'are'} another than was there: the end of the chain was cut off and written anew.`,
  cut: ({ entries, one }) =>
    `${entries} ${one ? 'was' : 'were'} there and ${one ? 'is' : 'are'} gone: the end was cut off, or an older database restored.`,
  head: ({ from }) => `The database's record of where the chain ends (entry ${from} now) is not one that Usher wrote.`,
};

function messageOf(kind: ChainProblemKind, from: number, to: number, by: number): string {
  const one = from === to;
  return MESSAGES[kind]({ entries: one ? `Entry ${from}` : `Entries ${from} to ${to}`, one, from, to, by });
}
