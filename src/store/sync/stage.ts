import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { JsonValue, RecordKind } from '../../model/records.ts';
import type { EncodedRecord } from './encode.ts';
import { copyColumns, copyText } from './encode.ts';
import { kindDescription } from './kinds.ts';

/** Where a page belongs. */
export interface PageAddress {
  readonly runId: string;
  readonly connectionId: string;
  readonly collection: string;
  readonly scope: string;
  /** Counted from 0 within the collection and scope, across resumptions. */
  readonly page: number;
}

/** A page on its way into staging. */
export interface StagedPage extends PageAddress {
  readonly observedAt: string;
  readonly records: ReadonlyMap<RecordKind, readonly EncodedRecord[]>;
  readonly checkpoint: JsonValue;
  readonly total: number | null;
  /** The kind that `total` counts. */
  readonly countedKind: RecordKind;
  /** False on the first sync: there is nothing to compare with, every row is staged. */
  readonly isCompared: boolean;
}

/**
 * Puts one page and its checkpoint into staging: call it inside a transaction with `PAGE_PLANNING`. Rows that equal what the snapshot holds
 * leave only their key and hash; of the others the whole row is copied. Tells whether somebody asked the run to stop.
 */
export async function stagePage(client: PoolClient, page: StagedPage): Promise<{ readonly isCancelled: boolean }> {
  let staged = 0;
  let records = 0;
  for (const [kind, rows] of page.records) {
    if (rows.length === 0) continue;
    records += rows.length;
    const changed = page.isCompared ? await changedRows(client, page, kind, rows) : rows;
    if (!page.isCompared) await insertPageRow(client, page, kind, rows, rows.length);
    if (changed.length > 0) await copyRows(client, page, kind, changed);
    staged += changed.length;
  }
  return { isCancelled: await saveCheckpoint(client, page, records, staged) };
}

/**
 * A page is always small and the table mostly large, so its rows are looked up by key. Left to itself the planner reads
 * the whole table for every page of a medium connection, or of a large one that was not analysed yet, which makes the
 * pull quadratic.
 */
export const PAGE_PLANNING =
  'set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_seqscan = off';

/** Forgets what a collection has staged so far, so that it can start again. */
export async function unstageCollection(
  client: PoolClient,
  address: Omit<PageAddress, 'page'>,
  kinds: readonly RecordKind[],
): Promise<void> {
  for (const kind of kinds) {
    await client.query(`delete from staged_${kind} where run_id = $1 and collection = $2 and scope = $3`, [
      address.runId,
      address.collection,
      address.scope,
    ]);
  }
  await client.query('delete from staged_page where run_id = $1 and collection = $2 and scope = $3', [
    address.runId,
    address.collection,
    address.scope,
  ]);
  await client.query(
    `update sync_collection set checkpoint = null, checkpoint_at = null, pages = 0, records = 0, seen = 0, staged = 0, total = null
      where run_id = $1 and collection = $2 and scope = $3`,
    [address.runId, address.collection, address.scope],
  );
}

/**
 * The keys of accounts with these folded addresses, looked up in a transaction with `PAGE_PLANNING`: as this run has staged them, else as the snapshot has them. An
 * address that two accounts share resolves to neither (it would be a guess).
 */
export async function accountKeysByEmail(
  client: PoolClient,
  runId: string,
  connectionId: string,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ email_folded: string; key: string }>(resolveStatement, [
    runId,
    connectionId,
    addresses,
  ]);
  return new Map(rows.map((row) => [row.email_folded, row.key]));
}

/** $1 run, $2 connection, $3 folded addresses: the key of the one account that each belongs to. */
export const resolveStatement = `
  with wanted as materialized (select distinct unnest($3::text[]) collate "C" as email_folded),
  candidate as materialized (
    -- Lateral with an offset: one look into the index an address, whatever the statistics of a table just filled say.
    select 0 as rank, s.key, w.email_folded from wanted w
      cross join lateral (
        select key from staged_account where run_id = $1 and email_folded = w.email_folded offset 0) s
    union all
    select 1, a.key, w.email_folded from wanted w
      cross join lateral (
        select key from account where connection_id = $2 and email_folded = w.email_folded offset 0) a
  )
  select email_folded, coalesce(min(key) filter (where key not like 'invited:%'), min(key)) as key
    from (select *, min(rank) over (partition by email_folded) as best from candidate) ranked
   where rank = best
   group by email_folded
  having count(distinct key) filter (where key not like 'invited:%') <= 1`;

async function changedRows(
  client: PoolClient,
  page: StagedPage,
  kind: RecordKind,
  rows: readonly EncodedRecord[],
): Promise<readonly EncodedRecord[]> {
  const { rows: differing } = await client.query<{ i: number }>({
    name: `compare_${kind}`,
    text: compareStatement(kind),
    values: [
      page.runId,
      page.collection,
      page.scope,
      page.page,
      page.observedAt,
      arrayLiteral(rows.map((row) => row.key)),
      arrayLiteral(rows.map((row) => row.hash)),
      page.connectionId,
    ],
  });
  return differing.flatMap(({ i }) => rows[i - 1] ?? []);
}

/**
 * Notes a page's keys and hashes and answers the ordinals (from 1) of those that differ from the snapshot or are doubted
 * there: $1 run, $2 collection, $3 scope, $4 page, $5 observed at, $6 keys, $7 hashes, $8 connection. Where the kind has
 * values that change without meaning, one hash beside them stands for the whole record: whoever writes to an account or
 * resource other than by a pull must take that hash away, or the next pull would take the row for unchanged.
 */
export function compareStatement(kind: RecordKind): string {
  const { table, volatile } = kindDescription(kind);
  const differing =
    volatile.length === 0
      ? `left join ${table} a on a.connection_id = $8 and a.key = s.key
         where a.content_hash is distinct from s.hash or a.missing_run is not null`
      : `left join ${kind}_volatile v on v.connection_id = $8 and v.key = s.key
         where v.volatile_hash is distinct from s.hash
            or s.key in (select key from ${table} where connection_id = $8 and missing_run is not null)`;
  return `
    with page as (
      insert into staged_page (run_id, collection, scope, kind, page, observed_at, keys, hashes, staged)
      values ($1, $2, $3, '${kind}', $4, $5, $6::text[], $7::uuid[], 0)
    )
    select s.i::int as i from unnest($6::text[], $7::uuid[]) with ordinality as s(key, hash, i)
      ${differing}`;
}

async function insertPageRow(
  client: PoolClient,
  page: StagedPage,
  kind: RecordKind,
  rows: readonly EncodedRecord[],
  staged: number,
): Promise<void> {
  await client.query({
    name: 'insert_page',
    text: `insert into staged_page (run_id, collection, scope, kind, page, observed_at, keys, hashes, staged)
           values ($1, $2, $3, $4, $5, $6, $7::text[], $8::uuid[], $9)`,
    values: [
      page.runId,
      page.collection,
      page.scope,
      kind,
      page.page,
      page.observedAt,
      arrayLiteral(rows.map((row) => row.key)),
      arrayLiteral(rows.map((row) => row.hash)),
      staged,
    ],
  });
}

async function copyRows(
  client: PoolClient,
  page: StagedPage,
  kind: RecordKind,
  rows: readonly EncodedRecord[],
): Promise<void> {
  const description = kindDescription(kind);
  const hasVolatile = description.volatile.length > 0;
  const columns = ['run_id', 'page', 'collection', 'scope', 'observed_at', 'key', 'content_hash'];
  if (hasVolatile) columns.push('volatile_hash');
  columns.push(...copyColumns(description));
  const start = [page.runId, String(page.page), copyText(page.collection), copyText(page.scope), page.observedAt].join(
    '\t',
  );
  let lines = '';
  for (const row of rows) {
    lines += `${start}\t${copyText(row.key)}\t${row.contentHash()}`;
    if (hasVolatile) lines += `\t${row.hash}`;
    lines += `${row.copyFields()}\n`;
  }
  const sink = client.query(copyFrom(`copy staged_${kind} (${columns.join(', ')}) from stdin`));
  await pipeline(Readable.from([Buffer.from(lines)]), sink);
}

async function saveCheckpoint(client: PoolClient, page: StagedPage, records: number, staged: number): Promise<boolean> {
  const { rows } = await client.query<{ is_cancelled: boolean }>({
    name: 'save_checkpoint',
    text: `update sync_collection set state = 'pulling', checkpoint = $4, checkpoint_at = $5, pages = $6 + 1,
                  records = records + $7, staged = staged + $8, total = coalesce($9, total), seen = seen + $10
            where run_id = $1 and collection = $2 and scope = $3 and pages = $6
            returning (select cancel_requested from sync_run where id = $1) as is_cancelled`,
    values: [
      page.runId,
      page.collection,
      page.scope,
      JSON.stringify(page.checkpoint),
      page.observedAt,
      page.page,
      records,
      staged,
      page.total,
      page.records.get(page.countedKind)?.length ?? 0,
    ],
  });
  const [saved] = rows;
  if (saved) return saved.is_cancelled;
  throw new Error(
    `Page ${page.page} of ${page.collection} was staged by another process: this run has lost its place.`,
  );
}

/** An array literal for `$n::type[]`: faster than the driver's own for thousands of short values. */
function arrayLiteral(items: readonly string[]): string {
  if (items.length === 0) return '{}';
  const safe = items.some((item) => LITERAL_SPECIAL.test(item))
    ? items.map((item) => item.replaceAll(/["\\]/g, String.raw`\$&`))
    : items;
  return `{"${safe.join('","')}"}`;
}

const LITERAL_SPECIAL = /["\\]/;
