import type { AuditEntry, NewAuditEntry } from '../model/audit.ts';
import { chainState, entriesAfter, type LinkedEntry, unlinkedEntries } from '../store/audit/chain.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import { type AuditFilter, listAuditEntries } from '../store/audit/list.ts';
import type { Database } from '../store/open.ts';
import { type ChainerOptions, type Chainer, startChainer } from './chainer.ts';
import { headFile } from './head.ts';
import { parseEntry } from './link.ts';
import { type AuditVerdict, verifyChain } from './verify.ts';

/** A linked entry: its place in the chain, its hash, and what it says; null where that cannot be read. */
export interface ChainedEntry {
  readonly seq: number;
  readonly hash: string;
  readonly entry: AuditEntry | null;
}

/** Usher's own log: what it did, refused and was told, in a chain that shows what is done to it. */
export interface AuditLog {
  /** Writes entries that belong to no transaction: what was asked for, and what was refused. */
  record(entries: readonly NewAuditEntry[]): Promise<void>;
  /** Linked entries before a place (null: the end), newest first. */
  list(
    filter: AuditFilter,
    before: number | null,
    pageSize: number,
  ): Promise<{ readonly rows: readonly ChainedEntry[]; readonly hasMore: boolean }>;
  /** Goes over the whole chain, a page at a time. */
  verify(): Promise<AuditVerdict>;
}

export interface AuditRoom extends AuditLog {
  readonly chainer: Chainer;
}

/** Entries read at once: some megabytes at most. */
const PAGE = 2000;

/** Opens the room and starts its chainer. */
export function openAudit(
  options: Omit<ChainerOptions, 'head' | 'database'> & { readonly database: Database; readonly dataDir: string },
): AuditRoom {
  const { database, vault, dataDir } = options;
  const head = headFile(dataDir, vault);
  return {
    chainer: startChainer({ ...options, head }),
    record: (entries) => addAuditEntries(database.pool, entries),
    async list(filter, before, pageSize) {
      const { rows, hasMore } = await listAuditEntries(database.query, filter, before, pageSize);
      return { rows: rows.map(chained), hasMore };
    },
    async verify() {
      const known = await chainState(database.pool);
      const kept = known === null ? ({ state: 'missing' } as const) : await head.read(known.chain);
      // What the file knows is in the database by now, and what the database's head knows is among the entries.
      const chain = await chainState(database.pool);
      const { count: unlinked } = await unlinkedEntries(database.pool);
      return verifyChain({
        vault, kept, chain, unlinked,
        page: (after) => entriesAfter(database.pool, after, PAGE),
      }); // prettier-ignore
    },
  };
}

function chained({ seq, hash, content }: Pick<LinkedEntry, 'seq' | 'hash' | 'content'>): ChainedEntry {
  return { seq, hash, entry: parseEntry(content) };
}
