import { RECORD_KINDS, type RecordKind } from '../model/records.ts';
import type { Queryable } from './principals.ts';
import { deleteSecrets } from './secrets.ts';

/** What removing a connection takes away, in rows. */
export interface ConnectionData {
  readonly rows: Readonly<Record<RecordKind, number>>;
  /** Closed versions of all kinds. */
  readonly history: number;
  readonly events: number;
  readonly syncRuns: number;
  readonly plans: number;
  readonly marks: number;
  /** Its own, not those of its plans. */
  readonly secrets: number;
}

/** Tables whose rows belong to a sync run and have no connection of their own. */
const BY_RUN = [...RECORD_KINDS.map((kind) => `staged_${kind}`), 'staged_page'];

/**
 * Tables whose rows belong to a connection. What refers to runs and plans is deleted with them (sync_collection,
 * plan_change, plan_decision) or before.
 */
const BY_CONNECTION = [
  ...RECORD_KINDS.flatMap((kind) => [`"${kind}"`, `${kind}_history`]),
  'account_volatile', 'resource_volatile', 'credential_volatile', 'collection_state', 'change_event', 'sync_run', 'api_drift', 'rate_budget',
  'connection_cursor', 'connection_seat', 'change_lease', 'read_back', 'run_change', 'run', 'plan', 'mark', 'policy', 'handoff',
]; // prettier-ignore

/** What knows a connection by its plans and hand-offs alone. */
const BY_PLAN = [
  `delete from secret s using plan p
    where p.connection_id = $1 and s.owner >= 'plan:' || p.id || ':' and s.owner < 'plan:' || p.id || ';'`,
  `delete from secret s using handoff h where h.connection_id = $1 and s.owner = 'handoff:' || h.id`,
  // The same request under the same key would be answered by a plan that is gone.
  'delete from idempotency_key k using plan p where p.connection_id = $1 and k.plan_id = p.id',
];

/** The owner of a connection's secrets. */
export function secretOwner(connectionId: string): string {
  return `connection:${connectionId}`;
}

/** Counts what a connection has. */
export async function connectionData(on: Queryable, connectionId: string): Promise<ConnectionData> {
  const count = (table: string): string => `(select count(*) from ${table} where connection_id = $1)`;
  const { rows } = await on.query<Record<RecordKind | Exclude<keyof ConnectionData, 'rows'>, number>>(
    `select ${RECORD_KINDS.map((kind) => `${count(`"${kind}"`)} as "${kind}"`).join(', ')},
       ${RECORD_KINDS.map((kind) => count(`${kind}_history`)).join(' + ')} as history,
       ${count('change_event')} as events, ${count('sync_run')} as "syncRuns",
       ${count('plan')} as plans, ${count('mark')} as marks,
       (select count(*) from secret where owner = $2) as secrets`,
    [connectionId, secretOwner(connectionId)],
  );
  const [found] = rows;
  if (found === undefined) throw new Error('A select without from answers one row.');
  const { history, events, syncRuns, plans, marks, secrets, ...kinds } = found;
  return { rows: kinds, history, events, syncRuns, plans, marks, secrets };
}

/**
 * Deletes everything a connection has but its own row: a statement a table. Run it in the transaction that locked the
 * row, so that no commit of a pull comes in between.
 */
export async function deleteConnectionData(on: Queryable, connectionId: string): Promise<void> {
  for (const table of BY_RUN) {
    await on.query(`delete from ${table} where run_id in (select id from sync_run where connection_id = $1)`, [
      connectionId,
    ]);
  }
  for (const statement of BY_PLAN) await on.query(statement, [connectionId]);
  for (const table of BY_CONNECTION) await on.query(`delete from ${table} where connection_id = $1`, [connectionId]);
  await deleteSecrets(on, secretOwner(connectionId));
}
