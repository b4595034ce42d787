import type { JsonValue } from '../model/records.ts';
import type { Database } from './open.ts';
import type { Queryable } from './principals.ts';

/** A row of `secret`. */
export interface StoredSecretRow {
  readonly owner: string;
  readonly name: string;
  readonly sealed: string;
}

/** What tells the right master key, and what was the master key before. */
export interface StoredKeys {
  readonly check: string;
  readonly retired: readonly { readonly id: string; readonly sealed: string }[];
}

/** Whether the master key is being changed, and since when (ISO 8601, UTC). */
export async function rotationSince(on: Queryable): Promise<string | null> {
  const { rows } = await on.query<{ since: string }>(
    `select updated_at as since from instance where key = 'key_rotation'`,
  );
  return rows[0]?.since ?? null;
}

/** The keys that were the master key once, as they are kept. */
export async function retiredKeys(on: Queryable): Promise<StoredKeys['retired']> {
  const { rows } = await on.query<{ value: { id: string; sealed: string }[] }>(
    `select value from instance where key = 'retired_keys'`,
  );
  return rows[0]?.value ?? [];
}

/** Makes another key the master key, unless that is not the one known by `before` any more; tells whether it did. */
export async function changeKeys(database: Database, before: string, { check, retired }: StoredKeys): Promise<boolean> {
  return database.transaction(async (client) => {
    const { rows } = await client.query<{ value: JsonValue }>(
      `select value from instance where key = 'master_key_check' for update`,
    );
    if (rows[0]?.value !== before) return false;
    await client.query(
      `insert into instance (key, value) values ('master_key_check', $1), ('retired_keys', $2), ('key_rotation', 'true')
       on conflict (key) do update set value = excluded.value, updated_at = clock_timestamp()`,
      [JSON.stringify(check), JSON.stringify(retired)],
    );
    return true;
  });
}

/**
 * Notes that the master key is no longer being changed, once that was begun ten minutes ago: by then every server has
 * gone over. Tells whether it was noted.
 */
export async function endRotation(on: Queryable): Promise<boolean> {
  const { rowCount } = await on.query(
    `delete from instance where key = 'key_rotation' and updated_at < clock_timestamp() - interval '10 minutes'`,
  );
  return rowCount === 1;
}

/** Some secrets that are sealed under another key than this. */
export async function secretsNotUnder(
  on: Queryable,
  keyId: string,
  limit: number,
): Promise<readonly StoredSecretRow[]> {
  const { rows } = await on.query<StoredSecretRow>(
    `select owner, name, sealed from secret where split_part(sealed, '.', 2) <> $1 order by owner, name limit $2`,
    [keyId, limit],
  );
  return rows;
}

/** Puts sealed texts in the place of others; what is not as it was before stays as it is. */
export async function replaceSealed(
  on: Queryable,
  rows: readonly (StoredSecretRow & { readonly before: string })[],
): Promise<void> {
  await on.query(
    `update secret s set sealed = n.sealed
       from unnest($1::text[], $2::text[], $3::text[], $4::text[]) n(owner, name, before, sealed)
      where s.owner = n.owner and s.name = n.name and s.sealed = n.before`,
    [
      rows.map(({ owner }) => owner),
      rows.map(({ name }) => name),
      rows.map(({ before }) => before),
      rows.map(({ sealed }) => sealed),
    ],
  );
}

/** Plans after an id of which something is signed under another key than this, in the order of their ids. */
export async function plansNotUnder(
  on: Queryable,
  keyId: string,
  after: string,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await on.query<{ id: string }>(
    `select p.id from plan p
      where p.id > $2 and (
        split_part(p.mac, '.', 2) <> $1
        or exists (select from plan_change c where c.plan_id = p.id and split_part(c.mac, '.', 2) <> $1)
        or exists (select from plan_decision d where d.plan_id = p.id and split_part(d.mac, '.', 2) <> $1))
      order by p.id limit $3`,
    [keyId, after, limit],
  );
  return rows.map(({ id }) => id);
}

/** What is signed of the decisions on a plan, with the id of each row. */
export async function decisionRows(
  on: Queryable,
  planId: string,
): Promise<
  readonly {
    readonly id: number;
    readonly principalId: string;
    readonly decision: 'approve' | 'reject' | 'cancel';
    readonly reason: string | null;
    readonly decidedAt: string;
    readonly mac: string;
  }[]
> {
  const { rows } = await on.query<Awaited<ReturnType<typeof decisionRows>>[number]>(
    `select id, principal_id as "principalId", decision, reason, decided_at as "decidedAt", mac
       from plan_decision where plan_id = $1 order by id`,
    [planId],
  );
  return rows;
}

/** Puts signatures of a plan in the place of those it has. */
export async function replaceMacs(
  on: Queryable,
  planId: string,
  macs: {
    readonly plan?: string;
    readonly changes?: readonly { readonly ordinal: number; readonly mac: string }[];
    readonly decisions?: readonly { readonly id: number; readonly mac: string }[];
  },
): Promise<void> {
  if (macs.plan !== undefined) await on.query('update plan set mac = $2 where id = $1', [planId, macs.plan]);
  const { changes = [], decisions = [] } = macs;
  if (changes.length > 0) {
    await on.query(
      `update plan_change c set mac = n.mac from unnest($2::int[], $3::text[]) n(ordinal, mac)
        where c.plan_id = $1 and c.ordinal = n.ordinal`,
      [planId, changes.map(({ ordinal }) => ordinal), changes.map(({ mac }) => mac)],
    );
  }
  if (decisions.length > 0) {
    await on.query(
      `update plan_decision d set mac = n.mac from unnest($2::bigint[], $3::text[]) n(id, mac)
        where d.plan_id = $1 and d.id = n.id`,
      [planId, decisions.map(({ id }) => id), decisions.map(({ mac }) => mac)],
    );
  }
}
