import type { Pool, PoolClient } from 'pg';
import type { RecordKind } from '../../model/records.ts';
import { kindDescription } from './kinds.ts';
import { diffStatement } from './diff-statement.ts';

/** What a commit did to one kind. */
export interface KindChanges {
  readonly kind: RecordKind;
  readonly added: number;
  readonly updated: number;
  readonly removed: number;
  /** Newly absent from a complete pull: kept as `missing` until a second one agrees. */
  readonly missing: number;
}

/** What would be gone or changed if this run were committed, by kind: what the anomaly guard looks at. */
export interface KindForecast {
  readonly kind: RecordKind;
  /** Rows held before, missing ones not counted; not counted, and 0, where none is gone and none has changed status. */
  readonly before: number;
  /** Rows that were there and that this complete pull does not show. */
  readonly gone: number;
  readonly statusChanged: number;
}

/** Fewer rows than this are left to the database's own housekeeping. */
const ANALYZE_FROM = 1000;

/** A pulled run. */
export interface RunOfKinds {
  readonly runId: string;
  readonly connectionId: string;
  /** Those the connection's collections may yield, in commit order. */
  readonly kinds: readonly RecordKind[];
}

interface CommitInput extends RunOfKinds {
  /** No events: the first complete pull, or a new mapping. */
  readonly emitsEvents: boolean;
  /** A new mapping version: rows are rewritten without history or events of update. */
  readonly isRebase: boolean;
  /** Whether `forecast` was called in this transaction: the absent rows are known then. */
  readonly isForecast: boolean;
  readonly now: string;
}

/**
 * Counts what a run would remove or change, and notes the absent rows of each kind for the commit of the same
 * transaction. Set-based, a few statements a kind.
 */
export async function forecast(
  client: PoolClient,
  { runId, connectionId, kinds }: RunOfKinds,
): Promise<KindForecast[]> {
  await prepare(client);
  const forecasts: KindForecast[] = [];
  for (const kind of kinds) {
    await noteAbsent(client, kind, runId, connectionId);
    forecasts.push({ kind, ...(await forecastKind(client, kind, runId, connectionId)) });
  }
  return forecasts;
}

/** Counting all rows of a kind costs as much as the rest together: only where there is something to hold against it. */
async function forecastKind(
  client: PoolClient,
  kind: RecordKind,
  runId: string,
  connectionId: string,
): Promise<Omit<KindForecast, 'kind'>> {
  const { table } = kindDescription(kind);
  const { rows } = await client.query<{ gone: number; statusChanged: number }>(
    `select (select count(*) from absent_${kind} where missing_run is null and not has_joined) as gone,
            ${kind === 'account' ? statusChanges : '0'} as "statusChanged"`,
    kind === 'account' ? [runId, connectionId] : [],
  );
  const { gone, statusChanged } = rows[0] ?? { gone: 0, statusChanged: 0 };
  if (gone + statusChanged === 0) return { before: 0, gone, statusChanged };
  const counted = await client.query<{ before: number }>(
    `select count(*) as before from ${table} where connection_id = $1 and missing_run is null`,
    [connectionId],
  );
  return { before: counted.rows[0]?.before ?? 0, gone, statusChanged };
}

const statusChanges = `(select count(*) from account a join staged_account s on s.run_id = $1 and s.key = a.key
                where a.connection_id = $2 and s.status <> a.status)`;

/**
 * Finds the rows of a kind that its complete collections did not show, into a table of this transaction. An invitation
 * whose address now belongs to an account of this run has not vanished: its person joined.
 */
async function noteAbsent(client: PoolClient, kind: RecordKind, runId: string, connectionId: string): Promise<void> {
  const { table } = kindDescription(kind);
  const hasJoined =
    kind === 'account'
      ? `a.key like 'invited:%' and exists (select from staged_account j
           where j.run_id = $1 and 'invited:' || j.email_folded = a.key and j.key not like 'invited:%')`
      : 'false';
  await client.query(`create temporary table if not exists absent_${kind}
    (key text collate "C", missing_run uuid, has_joined boolean, started_at timestamptz) on commit drop`);
  await client.query(
    `insert into absent_${kind}
     with done as materialized (
       select collection, scope, started_at from sync_collection where run_id = $1 and state = 'complete'
     ),
     seen as materialized (
       select distinct unnest(keys) collate "C" as key from staged_page where run_id = $1 and kind = '${kind}'
     )
     select a.key, a.missing_run, ${hasJoined}, d.started_at
       from ${table} a join done d on a.collection = d.collection and a.scope = d.scope
      where a.connection_id = $2 and a.observed_at < d.started_at
        and not exists (select from seen s where s.key = a.key)`,
    [runId, connectionId],
  );
}

/**
 * Makes the staged run the snapshot: new and closed versions, removals and events of all kinds, in the caller's
 * transaction. The newest observation wins; only complete collections remove; what vanished is `missing` first.
 */
export async function commitRun(client: PoolClient, input: CommitInput): Promise<KindChanges[]> {
  await prepare(client);
  const changes: KindChanges[] = [];
  for (const kind of input.kinds) {
    await analyzeIfLarge(client, kind, input.runId);
    if (await isEmpty(client, kind, input.connectionId)) {
      changes.push(await insertFirst(client, kind, input));
    } else {
      if (!input.isForecast) await noteAbsent(client, kind, input.runId, input.connectionId);
      if (await hasNothingToDo(client, kind, input.runId)) {
        changes.push({ kind, added: 0, updated: 0, removed: 0, missing: 0 });
        continue;
      }
      changes.push(await applyDiff(client, kind, input));
      await writeVolatile(client, kind, input);
    }
  }
  await removeDangling(client, input, changes);
  await rememberCompleteness(client, input);
  return changes;
}

/**
 * Tells the planner what a commit has written, where it was much: a table that was empty a moment ago is planned for as
 * empty until then. Call it after the commit.
 */
export async function refreshStatistics(pool: Pool, changes: readonly KindChanges[]): Promise<void> {
  for (const { kind, added, updated, removed } of changes) {
    if (added + updated + removed < ANALYZE_FROM) continue;
    await pool.query(`analyze ${kindDescription(kind).table}`);
    if (kindDescription(kind).volatile.length > 0) await pool.query(`analyze ${kind}_volatile`);
  }
}

/** Nested loops over a table that the same statement fills were seen to be quadratic: refuse them for the diff. */
async function prepare(client: PoolClient): Promise<void> {
  await client.query('set local enable_nestloop = off');
}

async function analyzeIfLarge(client: PoolClient, kind: RecordKind, runId: string): Promise<void> {
  const { rows } = await client.query(`select from staged_${kind} where run_id = $1 offset 5000 limit 1`, [runId]);
  if (rows.length > 0) await client.query(`analyze staged_${kind} (key, run_id)`);
}

/** Nothing staged and nothing absent: the diff would find nothing, and costs several scans to say so. */
async function hasNothingToDo(client: PoolClient, kind: RecordKind, runId: string): Promise<boolean> {
  const { rows } = await client.query<{ isIdle: boolean }>(
    `select not exists (select from staged_${kind} where run_id = $1)
        and not exists (select from absent_${kind}) as "isIdle"`,
    [runId],
  );
  return rows[0]?.isIdle ?? false;
}

async function isEmpty(client: PoolClient, kind: RecordKind, connectionId: string): Promise<boolean> {
  const { table } = kindDescription(kind);
  const { rows } = await client.query(`select from ${table} where connection_id = $1 limit 1`, [connectionId]);
  return rows.length === 0;
}

/** The first rows of a kind: no anti-join; duplicates over pages are looked for only where the counts say so. */
async function insertFirst(client: PoolClient, kind: RecordKind, input: CommitInput): Promise<KindChanges> {
  const { table, columns, volatile, eventColumns } = kindDescription(kind);
  const names = columns.map((column) => column.name).join(', ');
  const { rows: counts } = await client.query<{ has_repeats: boolean }>(
    `select count(*) <> count(distinct key) as has_repeats from staged_${kind} where run_id = $1`,
    [input.runId],
  );
  const distinct = counts[0]?.has_repeats ? 'distinct on (key)' : '';
  const order = distinct ? 'order by key, observed_at desc, page desc' : '';
  const { rowCount } = await client.query(
    `insert into ${table} (connection_id, key, collection, scope, ${names}, content_hash, observed_at, seen_from)
     select ${distinct} $2, key, collection, scope, ${names}, content_hash, observed_at, observed_at
       from staged_${kind} where run_id = $1 ${order}`,
    [input.runId, input.connectionId],
  );
  if (volatile.length > 0) {
    const side = volatile.map((column) => column.name).join(', ');
    await client.query(
      `insert into ${kind}_volatile (connection_id, key, ${side}, volatile_hash)
       select ${distinct} $2, key, ${side}, volatile_hash from staged_${kind} where run_id = $1 ${order}`,
      [input.runId, input.connectionId],
    );
  }
  if (input.emitsEvents) {
    await client.query(
      `insert into change_event (connection_id, source, type, subject_kind, subject_key, occurred_at, run_id, data)
       select $1, 'sync', '${kind}.${kind === 'grant' ? 'added' : 'created'}', '${kind}', key, observed_at, $2,
              ${jsonOf('a', eventColumns)}
         from ${table} a where connection_id = $1`,
      [input.connectionId, input.runId],
    );
  }
  return { kind, added: rowCount ?? 0, updated: 0, removed: 0, missing: 0 };
}

async function applyDiff(client: PoolClient, kind: RecordKind, input: CommitInput): Promise<KindChanges> {
  const { rows } = await client.query<Record<'added' | 'updated' | 'removed' | 'missing', number>>(
    diffStatement(kind),
    [input.runId, input.connectionId, input.emitsEvents, input.isRebase],
  );
  const row = rows[0] ?? { added: 0, updated: 0, removed: 0, missing: 0 };
  return { kind, added: row.added, updated: row.updated, removed: row.removed, missing: row.missing };
}

async function writeVolatile(client: PoolClient, kind: RecordKind, input: CommitInput): Promise<void> {
  const { table, volatile } = kindDescription(kind);
  if (volatile.length === 0) return;
  const names = volatile.map((column) => column.name);
  await client.query(
    `insert into ${kind}_volatile as v (connection_id, key, ${names.join(', ')}, volatile_hash)
     select distinct on (s.key) $2, s.key, ${names.map((name) => `s.${name}`).join(', ')}, s.volatile_hash
       from staged_${kind} s join ${table} a on a.connection_id = $2 and a.key = s.key and a.observed_at <= s.observed_at
      where s.run_id = $1
      order by s.key, s.observed_at desc, s.page desc
     on conflict (connection_id, key) do update
        set ${names.map((name) => `${name} = excluded.${name}`).join(', ')}, volatile_hash = excluded.volatile_hash
      where v.volatile_hash <> excluded.volatile_hash`,
    [input.runId, input.connectionId],
  );
}

/** Grants whose holder or target was removed just now go with it, whatever the completeness of their own collection. */
async function removeDangling(client: PoolClient, input: CommitInput, changes: KindChanges[]): Promise<void> {
  const grants = changes.findIndex((change) => change.kind === 'grant');
  const { columns, eventColumns } = kindDescription('grant');
  const names = columns.map((column) => column.name).join(', ');
  for (const { kind, removed } of changes) {
    if (removed === 0 || kind === 'grant' || kind === 'credential') continue;
    const side = kind === 'account' ? ['holder'] : kind === 'group' ? ['holder', 'target'] : ['target'];
    for (const end of side) {
      const { rows } = await client.query<{ removed: number }>(
        `with dead as materialized (select key from ${kind}_history where connection_id = $2 and run_id = $1 and was_removed),
         gone as (
           delete from "grant" g using dead
            where g.connection_id = $2 and g.${end}_kind = '${kind}' and g.${end}_key = dead.key returning g.*
         ),
         closed as (
           insert into grant_history (connection_id, key, collection, scope, ${names}, content_hash, observed_at,
                                      seen_from, seen_to, was_removed, run_id)
           select connection_id, key, collection, scope, ${names}, content_hash, observed_at, seen_from,
                  greatest($3::timestamptz, seen_from), true, $1::uuid from gone
         ),
         told as (
           insert into change_event (connection_id, source, type, subject_kind, subject_key, occurred_at, run_id, data)
           select $2, 'sync', 'grant.removed', 'grant', key, $3::timestamptz, $1::uuid, ${jsonOf('gone', eventColumns)}
             from gone where $4
         )
         select count(*) as removed from gone`,
        [input.runId, input.connectionId, input.now, input.emitsEvents],
      );
      const before = changes[grants];
      if (before) changes[grants] = { ...before, removed: before.removed + (rows[0]?.removed ?? 0) };
    }
  }
}

async function rememberCompleteness(client: PoolClient, input: CommitInput): Promise<void> {
  await client.query(
    `insert into collection_state as c (connection_id, collection, scope, complete_as_of, run_id, last_end, last_reason)
     select $2, collection, scope, case when state = 'complete' then started_at end, run_id, state, reason
       from sync_collection where run_id = $1
     on conflict (connection_id, collection, scope) do update
        set complete_as_of = coalesce(excluded.complete_as_of, c.complete_as_of), run_id = excluded.run_id,
            last_end = excluded.last_end, last_reason = excluded.last_reason`,
    [input.runId, input.connectionId],
  );
}

/** SQL that makes a json object of some columns of a row. */
function jsonOf(alias: string, columns: readonly string[]): string {
  return `jsonb_build_object(${columns.map((name) => `'${name}', ${alias}.${name}`).join(', ')})`;
}
