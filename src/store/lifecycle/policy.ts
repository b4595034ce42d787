import { type Policy, policySchema } from '../../model/changes.ts';
import type { Queryable } from '../principals.ts';

/** The place of the thresholds that hold for all connections. */
export const ALL_CONNECTIONS = '';

/** Thresholds that were set at one place. */
export type OwnPolicy = Partial<Policy>;

/** The thresholds of a connection: its own, over those for all, over the defaults. '' asks for those for all. */
export async function policyOf(on: Queryable, connectionId: string): Promise<Policy> {
  const { rows } = await on.query<{ settings: OwnPolicy }>(
    `select settings from policy where connection_id in ('', $1) order by connection_id`,
    [connectionId],
  );
  return policySchema.parse(Object.assign({}, ...rows.map(({ settings }) => settings)));
}

/** The thresholds that were set for this very place. */
export async function storedPolicy(on: Queryable, connectionId: string): Promise<OwnPolicy> {
  const { rows } = await on.query<{ settings: OwnPolicy }>('select settings from policy where connection_id = $1', [
    connectionId,
  ]);
  return rows[0]?.settings ?? {};
}

/** Sets some thresholds of a place and takes others away; those that are not named stay. */
export async function savePolicy(
  on: Queryable,
  change: {
    readonly connectionId: string;
    readonly set: OwnPolicy;
    readonly unset: readonly (keyof Policy)[];
    readonly setBy: string;
    readonly setAt: string;
  },
): Promise<void> {
  await on.query(
    `insert into policy as p (connection_id, settings, set_by, set_at) values ($1, $2::jsonb, $4, $5)
     on conflict (connection_id) do update
       set settings = (p.settings - $3::text[]) || excluded.settings, set_by = excluded.set_by, set_at = excluded.set_at`,
    [change.connectionId, JSON.stringify(change.set), change.unset, change.setBy, change.setAt],
  );
}
