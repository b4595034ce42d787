import type { Queryable } from '../principals.ts';

/** What a principal said of a plan, as it was signed. */
export interface DecisionRow {
  readonly planId: string;
  readonly principalId: string;
  readonly decision: 'approve' | 'reject' | 'cancel';
  readonly reason: string | null;
  /** ISO 8601, UTC. */
  readonly decidedAt: string;
  readonly mac: string;
}

/** All decisions on these plans, those of a plan oldest first. */
export async function decisionsOf(on: Queryable, planIds: readonly string[]): Promise<readonly DecisionRow[]> {
  const { rows } = await on.query<DecisionRow>(
    `select plan_id as "planId", principal_id as "principalId", decision, reason, decided_at as "decidedAt", mac
       from plan_decision where plan_id = any($1::text[]) order by plan_id, id`,
    [planIds],
  );
  return rows;
}

/** Adds a decision. */
export async function insertDecision(on: Queryable, row: DecisionRow): Promise<void> {
  await on.query(
    `insert into plan_decision (plan_id, principal_id, decision, reason, decided_at, mac)
     values ($1, $2, $3, $4, $5, $6)`,
    [row.planId, row.principalId, row.decision, row.reason, row.decidedAt, row.mac],
  );
}
