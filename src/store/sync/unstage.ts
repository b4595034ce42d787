import type { PoolClient } from 'pg';
import { COMMIT_ORDER } from './kinds.ts';

/** Drops what a run has staged: call it in the transaction that ends the run. */
export async function unstageRun(client: PoolClient, runId: string): Promise<void> {
  const tables = ['staged_page', ...COMMIT_ORDER.map((kind) => `staged_${kind}`)];
  const [last, ...others] = tables.map((table) => `delete from ${table} where run_id = $1`);
  const parts = others.map((statement, i) => `part_${i} as (${statement})`);
  await client.query(`with ${parts.join(', ')} ${last}`, [runId]);
}
