import type { PoolClient } from 'pg';

/** What an idempotency key stands for: nothing yet, the very same request, or another one. */
export type Claim =
  | { readonly kind: 'new' }
  | { readonly kind: 'same'; readonly planId: string | null }
  | { readonly kind: 'other' };

/** How long a key is remembered, as an interval of Postgres. */
const REMEMBERED = '24 hours';

/**
 * Claims a principal's key for a request; run it in the transaction that stores what the request makes. Two at once: the
 * second waits for the first and then sees what that has made, or is `new` where the first was rolled back. Keys older
 * than 24 hours by the database's clock count as gone.
 *
 * `fingerprint` is the signature of what is asked, and `isSame` says of a kept one whether it is; `planId` is null where the request stored no plan.
 */
export async function claimKey(
  client: PoolClient,
  principalId: string,
  key: string,
  fingerprint: string,
  isSame: (kept: string) => boolean = (kept) => kept === fingerprint,
): Promise<Claim> {
  const { rowCount } = await client.query(
    `insert into idempotency_key as k (principal_id, key, fingerprint) values ($1, $2, $3)
     on conflict (principal_id, key) do update
       set fingerprint = excluded.fingerprint, plan_id = null, created_at = clock_timestamp()
       where k.created_at < clock_timestamp() - interval '${REMEMBERED}'`,
    [principalId, key, fingerprint],
  );
  if (rowCount === 1) return { kind: 'new' };
  // The statement above has locked the row: it is still there, and no longer changes.
  const { rows } = await client.query<{ fingerprint: string; planId: string | null }>(
    'select fingerprint, plan_id as "planId" from idempotency_key where principal_id = $1 and key = $2',
    [principalId, key],
  );
  const [found] = rows;
  if (found === undefined || !isSame(found.fingerprint)) return { kind: 'other' };
  return { kind: 'same', planId: found.planId };
}

/** Notes which plan the request under a key has made; in the transaction that claimed it. */
export async function setKeyPlan(client: PoolClient, principalId: string, key: string, planId: string): Promise<void> {
  await client.query('update idempotency_key set plan_id = $3 where principal_id = $1 and key = $2', [
    principalId,
    key,
    planId,
  ]);
}

/** Deletes the keys that count as gone. */
export async function forgetOldKeys(client: Pick<PoolClient, 'query'>): Promise<void> {
  await client.query(`delete from idempotency_key where created_at < clock_timestamp() - interval '${REMEMBERED}'`);
}

/** What a key stands for so far, without claiming it; null: nothing. */
export async function rememberedKey(
  on: Pick<PoolClient, 'query'>,
  principalId: string,
  key: string,
): Promise<{ readonly fingerprint: string; readonly planId: string | null } | null> {
  const { rows } = await on.query<{ fingerprint: string; planId: string | null }>(
    `select fingerprint, plan_id as "planId" from idempotency_key
      where principal_id = $1 and key = $2 and created_at > clock_timestamp() - interval '${REMEMBERED}'`,
    [principalId, key],
  );
  return rows[0] ?? null;
}
