import type { ChainHead, LinkedEntry } from '../store/audit/chain.ts';
import type { HeadReading } from './head.ts';
import { columnsOf, digestOf, isEntryAt, isHeadSigned, nextHash, type Signer } from './link.ts';
import { createProblems, type ChainProblem } from './problems.ts';

/** What verification found of a chain. */
export interface AuditVerdict {
  /** Nothing is wrong with it. Entries that wait to be linked are no fault. */
  readonly isWhole: boolean;
  /** How many entries there are, and the last one's place. */
  readonly entries: number;
  readonly last: number;
  /** What is wrong, in order of place; the first few hundred. */
  readonly problems: readonly ChainProblem[];
  /** Entries that wait in the inbox: not signed yet. */
  readonly unlinked: number;
  /** The head outside the database; `since`: from which entry on a cut tail would show. */
  readonly head: { readonly state: HeadReading['state']; readonly seq: number | null; readonly since: number | null };
}

export interface VerifyOptions {
  readonly vault: Pick<Signer, 'isSigned'>;
  /** Read before the entries, so that these can only be more. */
  readonly kept: HeadReading;
  readonly chain: ChainHead | null;
  readonly unlinked: number;
  /** Entries after a place, oldest first; empty at the end. */
  readonly page: (after: number) => Promise<readonly LinkedEntry[]>;
}

/** How far an entry is looked for beside where it stands. */
const NEAR = 20;
/** Entries that fit nowhere near are looked for in each other's places, up to so many. */
const ASTRAY = 300;

interface Astray {
  readonly seq: number;
  readonly hash: string;
  readonly digest: string;
  readonly mac: string;
}

/**
 * Goes over a whole chain, a page at a time, and says of each fault what it is and where: edited, missing, inserted,
 * moved, cut off. Each entry's signature is over its place and content, so what is right is known to be right even where
 * its neighbours are not.
 */
export async function verifyChain(options: VerifyOptions): Promise<AuditVerdict> {
  const { vault, kept, chain, unlinked, page } = options;
  const signer = { isSigned: vault.isSigned, sign: () => '' };
  const problems = createProblems();
  const chainId = chain?.chain ?? '';
  const astray: Astray[] = [];
  const gaps: { readonly from: number; readonly to: number }[] = [];
  const keptHead = kept.state === 'kept' ? kept.head : null;
  let keptHash: string | null = null;
  let entries = 0;
  let last = 0;
  let shift = 0;
  let before: { readonly hash: string; readonly isSigned: boolean } = { hash: '', isSigned: true };

  for (let rows = await page(0); rows.length > 0; rows = await page(last)) {
    for (const row of rows) {
      if (row.seq > last + 1) {
        problems.add('missing', last + 1, row.seq - 1);
        if (gaps.length < ASTRAY) gaps.push({ from: last + 1, to: row.seq - 1 });
        before = { hash: '', isSigned: false };
      }
      const entry = { seq: row.seq, hash: row.hash, digest: digestOf(row.content), mac: row.mac };
      const isSigned = isEntryAt(signer, chainId, row.seq, entry);
      if (isSigned) {
        shift = 0;
        // Both are as they were written, yet not one after the other: the database's head was put elsewhere in between.
        if (before.isSigned && nextHash(before.hash, row.content) !== row.hash)
          problems.add('unlinked', row.seq, row.seq);
        if (!hasItsColumns(row)) problems.add('columns', row.seq, row.seq);
      } else {
        const by = shiftOf(signer, chainId, entry, shift, astray.length < ASTRAY ? NEAR : 0);
        if (by !== null) problems.add('moved', row.seq, row.seq, by);
        else if (astray.length < ASTRAY) astray.push(entry);
        else problems.add('altered', row.seq, row.seq);
        shift = by ?? shift;
      }
      if (row.seq === keptHead?.seq) keptHash = row.hash;
      before = { hash: row.hash, isSigned };
      last = row.seq;
      entries += 1;
    }
  }

  placeAstray(signer, chainId, astray, gaps, problems);
  checkEnds({ signer, chain, keptHead, keptHash, last, problems });
  return {
    isWhole: problems.count() === 0 && kept.state !== 'altered',
    entries,
    last,
    problems: problems.list(),
    unlinked,
    head: { state: kept.state, seq: keptHead?.seq ?? null, since: keptHead?.since.seq ?? null },
  };
}

/** How many places an entry stands after the one it was written for; null where none nearby is. */
function shiftOf(signer: Signer, chain: string, entry: Astray, likely: number, near: number): number | null {
  const isBy = (by: number): boolean => by !== 0 && entry.seq > by && isEntryAt(signer, chain, entry.seq - by, entry);
  if (isBy(likely)) return likely;
  for (let by = 1; by <= near; by += 1) {
    if (isBy(by)) return by;
    if (isBy(-by)) return -by;
  }
  return null;
}

/** Those that belong in each other's places, or where some are missing, were moved; the others are not as written. */
function placeAstray(
  signer: Signer,
  chain: string,
  astray: readonly Astray[],
  gaps: readonly { readonly from: number; readonly to: number }[],
  problems: ReturnType<typeof createProblems>,
): void {
  const missing = gaps.flatMap(({ from, to }) =>
    Array.from({ length: Math.min(to - from + 1, ASTRAY) }, (_, i) => from + i),
  );
  const places = [...astray.map(({ seq }) => seq), ...missing.slice(0, ASTRAY)];
  for (const entry of astray) {
    const place = places.find((seq) => seq !== entry.seq && isEntryAt(signer, chain, seq, entry));
    if (place === undefined) problems.add('altered', entry.seq, entry.seq);
    else problems.add('moved', entry.seq, entry.seq, entry.seq - place);
  }
}

/** The end of the chain against what the database and the file say of it. */
function checkEnds(ends: {
  readonly signer: Signer;
  readonly chain: ChainHead | null;
  readonly keptHead: Extract<HeadReading, { state: 'kept' }>['head'] | null;
  readonly keptHash: string | null;
  readonly last: number;
  readonly problems: ReturnType<typeof createProblems>;
}): void {
  const { signer, chain, keptHead, keptHash, last, problems } = ends;
  const known = Math.max(chain?.seq ?? 0, keptHead?.seq ?? 0);
  if (chain === null || !isHeadSigned(signer, chain)) problems.add('head', last, last);
  if (known > last) problems.add('cut', last + 1, known);
  else if (keptHead !== null && keptHead.seq > 0 && keptHash !== keptHead.hash) {
    problems.add('replaced', keptHead.seq, keptHead.seq);
  }
  for (const { seq, left } of keptHead?.lost ?? []) problems.add('cut', Math.min(left + 1, seq), seq);
}

function hasItsColumns(row: LinkedEntry): boolean {
  const right = columnsOf(row.content);
  return (
    row.at === right.at &&
    row.kind === right.kind &&
    row.outcome === right.outcome &&
    row.actorId === right.actorId &&
    row.connectionId === right.connectionId &&
    row.subjectKey === right.subjectKey &&
    row.subjectName === right.subjectName &&
    row.planId === right.planId &&
    row.runId === right.runId
  );
}
