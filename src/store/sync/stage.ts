import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { Pool, PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { JsonValue, RecordKind } from '../../model/records.ts';
import { WorkTaken } from '../../model/taken.ts';
import type { Database } from '../open.ts';
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
  /** Of the run, as whoever pulls it has taken it in hand. */
  readonly epoch: number;
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
 * Puts one page and its checkpoint into staging. Rows that equal what the snapshot holds leave only their key; of the
 * others the whole row is copied. A page without any, as most are, costs one statement. Tells whether somebody asked the
 * run to stop.
 */
export async function stagePage(database: Database, page: StagedPage): Promise<{ readonly isCancelled: boolean }> {
  const present = [...page.records].filter(([, rows]) => rows.length > 0);
  if (!page.isCompared) return writePage(database, page, present, page.records);
  const { changed, isCancelled } = await comparePage(database.pool, page, present);
  return changed === null ? { isCancelled } : writePage(database, page, present, changed);
}

/**
 * For a transaction that looks up a page's worth of addresses. Left to itself the planner reads the whole table for every
 * page of a medium connection, or of a large one that was not analysed yet, which makes the pull quadratic.
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

/** The kinds of a page that has rows of them. */
type Present = readonly (readonly [kind: RecordKind, rows: readonly EncodedRecord[]])[];

type RowsByKind = ReadonlyMap<RecordKind, readonly EncodedRecord[]>;

/** Compares a page and, where nothing differs, keeps its keys and its checkpoint. `changed` is null then. */
async function comparePage(
  pool: Pool,
  page: StagedPage,
  present: Present,
): Promise<{ readonly changed: RowsByKind | null; readonly isCancelled: boolean }> {
  const kinds = present.map(([kind]) => kind);
  const { rows } = await pool.query<Moved & { readonly [ordinals: string]: unknown }>({
    name: `compare_${kinds.join('_')}`,
    text: compareStatement(kinds),
    values: [...pageValues(page, present), ...present.flatMap(([, each]) => [keysOf(each), hashesOf(each)])],
  });
  const [answer] = rows;
  if (answer?.is_moved) return { changed: null, isCancelled: answer.is_cancelled };
  const changed = new Map<RecordKind, readonly EncodedRecord[]>();
  for (const [kind, all] of present) {
    const ordinals = answer?.[kind];
    if (!Array.isArray(ordinals) || ordinals.length === 0) continue;
    changed.set(
      kind,
      ordinals.flatMap((i: number) => all[i - 1] ?? []),
    );
  }
  if (changed.size === 0) throw lostPlace(page);
  return { changed, isCancelled: false };
}

/** Keeps a page's keys, its checkpoint and the whole of the rows that changed, in one transaction. */
async function writePage(
  database: Database,
  page: StagedPage,
  present: Present,
  changed: RowsByKind,
): Promise<{ readonly isCancelled: boolean }> {
  return database.transaction(async (client) => {
    const kinds = present.map(([kind]) => kind);
    const { rows } = await client.query<Moved>({
      name: `keep_${kinds.join('_')}`,
      text: keepStatement(kinds),
      values: [
        ...pageValues(page, present),
        ...present.flatMap(([kind, all]) => [keysOf(all), changed.get(kind)?.length ?? 0]),
      ],
    });
    const [answer] = rows;
    if (!answer?.is_moved) throw lostPlace(page);
    for (const [kind, each] of changed) if (each.length > 0) await copyRows(client, page, kind, each);
    return { isCancelled: answer.is_cancelled };
  });
}

/** What a statement that moves the checkpoint answers. */
interface Moved {
  /** Whether the page was kept and the checkpoint moved past it. */
  readonly is_moved: boolean;
  readonly is_cancelled: boolean;
}

/** The run is in other hands, or the page was staged by them: whoever pulls it has lost its place. */
function lostPlace(page: StagedPage): WorkTaken {
  return new WorkTaken(`Page ${page.page} of ${page.collection} of sync ${page.runId}`);
}

/** $1 to $11 of both statements. */
function pageValues(page: StagedPage, present: Present): readonly unknown[] {
  return [
    page.runId,
    page.collection,
    page.scope,
    page.page,
    page.observedAt,
    page.connectionId,
    JSON.stringify(page.checkpoint),
    present.reduce((sum, [, rows]) => sum + rows.length, 0),
    page.total,
    page.records.get(page.countedKind)?.length ?? 0,
    page.epoch,
  ];
}

const PAGE_VALUES = 11;

/**
 * Compares a page of these kinds with the snapshot and, where nothing differs or is doubted there, keeps its keys and
 * moves the checkpoint. `pageValues`, then keys and hashes for each kind. Answers one row: the ordinals (from 1) of what
 * differs by kind, whether the page was kept, whether somebody asked the run to stop. A kind's only hash is that of all
 * its rows.
 *
 * Where the kind has values that change without meaning, one hash beside them stands for the whole record: whoever
 * writes to an account or resource other than by a pull must take that hash away, or the next pull would take the row
 * for unchanged. Lateral with an offset: one look into the primary key a row, whatever the statistics say.
 */
export function compareStatement(kinds: readonly RecordKind[]): string {
  const parameters = kinds.map((kind, i) => ({ kind, keys: PAGE_VALUES + 2 * i + 1, hashes: PAGE_VALUES + 2 * i + 2 }));
  const differing = parameters.map(({ kind, keys, hashes }) => {
    const { table, volatile } = kindDescription(kind);
    const rows = `select '${kind}' as kind, s.i::int as i
        from unnest($${keys}::text[], $${hashes}::uuid[]) with ordinality as s(key, own, i)`;
    const hash = `coalesce(s.own, ($${hashes}::uuid[])[1])`;
    const isKey = 'where connection_id = $6 and key = s.key offset 0';
    return volatile.length === 0
      ? `${rows}
        left join lateral (select content_hash, missing_run from ${table} ${isKey}) a on true
       where a.content_hash is distinct from ${hash} or a.missing_run is not null`
      : `${rows}
        left join lateral (select volatile_hash from ${kind}_volatile ${isKey}) v on true
       where v.volatile_hash is distinct from ${hash}
          or s.key in (select key from ${table} where connection_id = $6 and missing_run is not null)`;
  });
  const seen = parameters.map(({ kind, keys }) => `('${kind}', $${keys}::text[], 0)`);
  const isSame = 'not exists (select from differing)';
  return `
    with differing as materialized (
      ${differing.length === 0 ? 'select null as kind, 0 as i where false' : differing.join('\n      union all\n      ')}
    ),
    ${keeping(seen, isSame)}
    select ${kinds.map((kind) => `array(select i from differing where kind = '${kind}') as "${kind}", `).join('')}
           exists (select from moved) as is_moved, (select cancel_requested from sync_run where id = $1) as is_cancelled`;
}

/** Keeps a page's keys and moves the checkpoint: `pageValues`, then keys and the number of changed rows for each kind. */
function keepStatement(kinds: readonly RecordKind[]): string {
  const seen = kinds.map((kind, i) => {
    const keys = PAGE_VALUES + 2 * i + 1;
    return `('${kind}', $${keys}::text[], $${keys + 1}::int)`;
  });
  return `
    with ${keeping(seen, 'true')}
    select exists (select from moved) as is_moved, (select cancel_requested from sync_run where id = $1) as is_cancelled`;
}

/** The CTEs that keep a page; $6 is of no use to it but must have a type. */
function keeping(seen: readonly string[], wanted: string): string {
  const condition = `${wanted} and $11::int = (select epoch from sync_run where id = $1)`;
  const rows = seen.length === 0 ? `select null, null::text[], 0 where false` : `values ${seen.join(', ')}`;
  return `seen (kind, keys, staged) as materialized (${rows}),
    kept as (
      insert into staged_page (run_id, collection, scope, kind, page, observed_at, keys, hashes, staged)
      select $1, $2, $3, kind, $4, $5, keys, '{}', staged from seen where ${condition}
    ),
    moved as (
      update sync_collection set state = 'pulling', checkpoint = $7, checkpoint_at = $5, pages = $4 + 1,
             records = records + $8, staged = staged + (select coalesce(sum(staged), 0) from seen),
             total = coalesce($9, total), seen = seen + $10
       where run_id = $1 and collection = $2 and scope = $3 and pages = $4 and $6::text is not null and ${condition}
      returning true
    )`;
}

/** Of many rows that say the same, as most grants do, the hash is sent once. */
function hashesOf(rows: readonly EncodedRecord[]): string {
  const [first] = rows;
  const isOne = rows.every((row) => row.hash === first?.hash);
  return `{${(isOne ? rows.slice(0, 1) : rows).map((row) => row.hash).join(',')}}`;
}

function keysOf(rows: readonly EncodedRecord[]): string {
  return arrayLiteral(rows.map((row) => row.key));
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

/** An array literal for `$n::type[]`: faster than the driver's own for thousands of short values. */
function arrayLiteral(items: readonly string[]): string {
  if (items.length === 0) return '{}';
  const safe = items.some((item) => LITERAL_SPECIAL.test(item))
    ? items.map((item) => item.replaceAll(/["\\]/g, String.raw`\$&`))
    : items;
  return `{"${safe.join('","')}"}`;
}

const LITERAL_SPECIAL = /["\\]/;
