import type { PoolClient } from 'pg';
import type { RecordKind } from '../../model/records.ts';
import type { RunOfKinds } from './commit.ts';

/**
 * Sets what a run has staged against what was read back meanwhile: rows that are as old as a reading of their key, or
 * older, are dropped. Call it first in the transaction that commits the run, with the connection held.
 *
 * Answers whether another pull is needed: a reading older than the page that called its row unchanged came into the
 * snapshot after that page was compared. The page was right and has kept nothing but the row's key.
 */
export async function dropOutdated(client: PoolClient, { runId, connectionId, kinds }: RunOfKinds): Promise<boolean> {
  if (!(await hasReadBacks(client, connectionId))) return false;
  // As for the diff: what is staged was not analysed, and a loop over it for every reading would be quadratic.
  await client.query('set local enable_nestloop = off');
  for (const kind of kinds) await client.query(outdatedStatement(kind), [runId, connectionId]);
  await client.query(outdatedCoveredStatement, [runId, connectionId]);
  for (const kind of kinds) {
    if (kind !== 'account' && kind !== 'grant' && kind !== 'credential') continue;
    const overwritten = await client.query(overwrittenStatement(kind), [runId, connectionId]);
    if (overwritten.rows.length > 0) return true;
  }
  return false;
}

/** Whether readings came into the snapshot since the last commit, which forgot those before it. */
export async function hasReadBacks(client: PoolClient, connectionId: string): Promise<boolean> {
  const { rows } = await client.query('select from read_back where connection_id = $1 limit 1', [connectionId]);
  return rows.length > 0;
}

/** Forgets readings from before a run began: no page that is still to be committed is older. Call it after the commit. */
export async function forgetReadBacks(client: PoolClient, runId: string, connectionId: string): Promise<void> {
  await client.query(
    `delete from read_back
      where connection_id = $2 and observed_at < (select started_at from sync_run where id = $1)`,
    [runId, connectionId],
  );
}

/** $1 run, $2 connection. */
function outdatedStatement(kind: RecordKind): string {
  return `
    delete from staged_${kind} s using read_back r
     where s.run_id = $1 and r.connection_id = $2 and r.kind = '${kind}' and r.key = s.key
       and r.observed_at >= s.observed_at`;
}

/** $1 run, $2 connection. A reading that covers all grants of a holder speaks for those, too, that it did not show. */
const outdatedCoveredStatement = `
  delete from staged_grant s using read_back r
   where s.run_id = $1 and r.connection_id = $2 and r.kind = 'grant:' || s.target_kind and r.key = s.holder_key
     and s.holder_kind = 'account' and r.observed_at >= s.observed_at`;

/**
 * $1 run, $2 connection: a row that a page newer than its reading shows and did not stage, though it would have, had the
 * reading been there when the page was compared. An account or a credential always (a reading takes its hash away), a grant where the
 * reading removed or changed it; of the other kinds a reading overwrites nothing.
 */
function overwrittenStatement(kind: 'account' | 'grant' | 'credential'): string {
  const isOverwritten =
    kind !== 'grant'
      ? 'true'
      : `not exists (select from "grant" g where g.connection_id = $2 and g.key = u.key)
         or exists (select from grant_history h where h.connection_id = $2 and h.key = u.key and h.seen_to = u.read_at)`;
  return `
    with shown as materialized (
      select p.observed_at, s.key collate "C" as key
        from staged_page p cross join lateral unnest(p.keys) as s(key)
       where p.run_id = $1 and p.kind = '${kind}'
    ),
    unstaged as materialized (
      select shown.key, r.observed_at as read_at
        from shown join read_back r on r.connection_id = $2 and r.kind = '${kind}' and r.key = shown.key
       where shown.observed_at > r.observed_at
         and not exists (select from staged_${kind} s where s.run_id = $1 and s.key = shown.key)
    )
    select from unstaged u where ${isOverwritten} limit 1`;
}
