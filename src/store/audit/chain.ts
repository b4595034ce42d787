import type { PoolClient } from 'pg';
import type { Queryable } from '../principals.ts';

/** Where a chain ends. */
export interface ChainHead {
  /** The chain's id: made with the database, in every signature. */
  readonly chain: string;
  /** The last entry's place; 0 while there is none. */
  readonly seq: number;
  /** The last entry's hash; '' while there is none. */
  readonly hash: string;
  readonly mac: string;
  /** ISO 8601, UTC; null: nothing was linked yet. */
  readonly linkedAt: string | null;
}

/** What a list of entries is asked for by, taken out of the content. Times are ISO 8601, UTC. */
export interface EntryColumns {
  readonly at: string;
  readonly kind: string;
  readonly outcome: string;
  readonly actorId: string | null;
  readonly connectionId: string | null;
  readonly subjectKey: string | null;
  /** Folded. */
  readonly subjectName: string | null;
  readonly planId: string | null;
  readonly runId: string | null;
}

/** An entry as it is stored: `content` are the very bytes that were linked and signed. */
export interface LinkedEntry extends EntryColumns {
  readonly seq: number;
  readonly content: string;
  readonly hash: string;
  readonly mac: string;
}

/** What waits in the inbox. */
export interface Unlinked {
  readonly count: number;
}

const HEAD = `id as chain, seq, hash, mac, linked_at as "linkedAt"`;

/** The columns of an entry, under the names of `LinkedEntry`. */
export const ENTRY_COLUMNS = `seq, content, hash, mac, at, kind, outcome, actor_id as "actorId",
  connection_id as "connectionId", subject_key as "subjectKey", subject_name as "subjectName", plan_id as "planId",
  run_id as "runId"`;

/** The chain's head as the database has it, and whether entries wait to be linked; null where its row was taken away. */
export async function chainState(on: Queryable): Promise<(ChainHead & { readonly isWaiting: boolean }) | null> {
  const { rows } = await on.query<ChainHead & { isWaiting: boolean }>(
    `select ${HEAD}, exists (select from audit_inbox) as "isWaiting" from audit_chain`,
  );
  return rows[0] ?? null;
}

/** The chain's head, locked until the transaction ends: one writer at a time, over all processes. */
export async function lockChain(client: PoolClient): Promise<ChainHead> {
  // Somebody may have taken the row away; entries are linked all the same, and verification tells.
  await client.query('insert into audit_chain default values on conflict do nothing');
  const { rows } = await client.query<ChainHead>(`select ${HEAD} from audit_chain for update`);
  const [head] = rows;
  if (head === undefined) throw new Error('audit_chain has no row.');
  return head;
}

/** The last entry there is, wherever the head says the chain ends; null for none. */
export async function lastEntry(on: Queryable): Promise<{ readonly seq: number; readonly hash: string } | null> {
  const { rows } = await on.query<{ seq: number; hash: string }>(
    'select seq, hash from audit_entry order by seq desc limit 1',
  );
  return rows[0] ?? null;
}

/** The hash of one entry; null where there is none at that place. */
export async function hashAt(on: Queryable, seq: number): Promise<string | null> {
  const { rows } = await on.query<{ hash: string }>('select hash from audit_entry where seq = $1', [seq]);
  return rows[0]?.hash ?? null;
}

/** Takes the oldest entries out of the inbox, in their order, no more than `limit`. */
export async function takeFromInbox(client: PoolClient, limit: number): Promise<readonly string[]> {
  const { rows } = await client.query<{ content: string }>(
    `with taken as (
       delete from audit_inbox where id in (select id from audit_inbox order by id limit $1) returning id, content
     )
     select content from taken order by id`,
    [limit],
  );
  return rows.map(({ content }) => content);
}

/** Adds linked entries and moves the chain's head to the last of them. */
export async function appendEntries(
  client: PoolClient,
  entries: readonly LinkedEntry[],
  head: Pick<ChainHead, 'seq' | 'hash' | 'mac'>,
): Promise<void> {
  await client.query({
    name: 'append_audit_entries',
    text: `insert into audit_entry (seq, content, hash, mac, at, kind, outcome, actor_id, connection_id, subject_key,
             subject_name, plan_id, run_id)
           select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[],
             $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])`,
    values: [
      entries.map(({ seq }) => seq),
      entries.map(({ content }) => content),
      entries.map(({ hash }) => hash),
      entries.map(({ mac }) => mac),
      entries.map(({ at }) => at),
      entries.map(({ kind }) => kind),
      entries.map(({ outcome }) => outcome),
      entries.map(({ actorId }) => actorId),
      entries.map(({ connectionId }) => connectionId),
      entries.map(({ subjectKey }) => subjectKey),
      entries.map(({ subjectName }) => subjectName),
      entries.map(({ planId }) => planId),
      entries.map(({ runId }) => runId),
    ],
  });
  await client.query('update audit_chain set seq = $1, hash = $2, mac = $3, linked_at = clock_timestamp()', [
    head.seq,
    head.hash,
    head.mac,
  ]);
}

/** The entries after a place, oldest first. */
export async function entriesAfter(on: Queryable, seq: number, limit: number): Promise<readonly LinkedEntry[]> {
  const { rows } = await on.query<LinkedEntry>(
    `select ${ENTRY_COLUMNS} from audit_entry where seq > $1 order by seq limit $2`,
    [seq, limit],
  );
  return rows;
}

/** How many entries wait to be linked. */
export async function unlinkedEntries(on: Queryable): Promise<Unlinked> {
  const { rows } = await on.query<Unlinked>('select count(*)::int as count from audit_inbox');
  return rows[0] ?? { count: 0 };
}
