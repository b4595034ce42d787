import type { Queryable } from '../principals.ts';

/** A one-time hand-off; its secret is a row of `secret`. Times are ISO 8601, UTC. */
export interface HandoffRow {
  readonly id: string;
  readonly connectionId: string;
  /** The only one who may take it. */
  readonly principalId: string;
  readonly label: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly takenAt: string | null;
}

const COLUMNS = `id, connection_id as "connectionId", principal_id as "principalId", label, created_at as "createdAt",
  expires_at as "expiresAt", taken_at as "takenAt"`;

/** The owner of a hand-off's secret. */
export function handoffSecretOwner(id: string): string {
  return `handoff:${id}`;
}

/** Adds a hand-off. */
export async function insertHandoff(on: Queryable, row: HandoffRow): Promise<void> {
  await on.query(
    `insert into handoff (id, connection_id, principal_id, label, created_at, expires_at, taken_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [row.id, row.connectionId, row.principalId, row.label, row.createdAt, row.expiresAt, row.takenAt],
  );
}

/** The hand-off with this id, or null; locked until the transaction ends when asked for. */
export async function handoffById(
  on: Queryable,
  id: string,
  options: { readonly lock?: boolean } = {},
): Promise<HandoffRow | null> {
  const lock = options.lock === true ? 'for update' : '';
  return (await on.query<HandoffRow>(`select ${COLUMNS} from handoff where id = $1 ${lock}`, [id])).rows[0] ?? null;
}

/** Hand-offs for a principal that can still be taken, oldest first. */
export async function openHandoffs(on: Queryable, principalId: string, now: string): Promise<readonly HandoffRow[]> {
  const { rows } = await on.query<HandoffRow>(
    `select ${COLUMNS} from handoff where principal_id = $1 and taken_at is null and expires_at > $2
      order by created_at, id`,
    [principalId, now],
  );
  return rows;
}

/** Notes that a hand-off was taken. Its secret goes in the same transaction. */
export async function markHandoffTaken(on: Queryable, id: string, at: string): Promise<void> {
  await on.query('update handoff set taken_at = $2 where id = $1', [id, at]);
}

/** Deletes the hand-offs whose time is over, taken or not, and their secrets. */
export async function expireHandoffs(on: Queryable, now: string): Promise<void> {
  await on.query(
    `with gone as (delete from handoff where expires_at <= $1 returning id)
     delete from secret s using gone where s.owner = 'handoff:' || gone.id`,
    [now],
  );
}
