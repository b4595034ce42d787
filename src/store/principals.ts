import type { Pool, PoolClient } from 'pg';
import type { PrincipalKind, Role } from '../model/access.ts';

/** A principal as stored. Times are ISO 8601, UTC. */
export interface Principal {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly kind: PrincipalKind;
  readonly role: Role;
  /** null: may act. */
  readonly disabledAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What a query runs on: the pool, or the transaction it belongs to. */
export type Queryable = Pick<Pool | PoolClient, 'query'>;

const COLUMNS = `id, name, email, kind, role, disabled_at as "disabledAt", created_at as "createdAt", updated_at as "updatedAt"`;

/** All principals, oldest first. */
export async function allPrincipals(on: Queryable): Promise<readonly Principal[]> {
  return (await on.query<Principal>(`select ${COLUMNS} from principal order by created_at, id`)).rows;
}

/** The principal with this id, or null; locked until the transaction ends when asked for. */
export async function principalById(
  on: Queryable,
  id: string,
  options: { readonly lock?: boolean } = {},
): Promise<Principal | null> {
  const lock = options.lock === true ? 'for update' : '';
  return (await on.query<Principal>(`select ${COLUMNS} from principal where id = $1 ${lock}`, [id])).rows[0] ?? null;
}

/**
 * The persons who may administer now, oldest first. With `lock`, two transactions that each take one of them away see
 * each other: rows are locked in one order, and what the first did is known to the second.
 */
export async function activeAdministrators(
  on: Queryable,
  options: { readonly lock?: boolean } = {},
): Promise<readonly Principal[]> {
  const { rows } = await on.query<Principal>(
    `select ${COLUMNS} from principal where role = 'admin' and kind = 'person' and disabled_at is null
     order by created_at, id ${options.lock === true ? 'for update' : ''}`,
  );
  return rows;
}

/** Adds a principal; false where one with that (folded) e-mail address is there. */
export async function insertPrincipal(
  on: Queryable,
  principal: Principal,
  emailFolded: string | null,
): Promise<boolean> {
  const { rowCount } = await on.query(
    `insert into principal (id, name, email, email_folded, kind, role, disabled_at, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (email_folded) where email_folded is not null do nothing`,
    [
      principal.id, principal.name, principal.email, emailFolded, principal.kind, principal.role,
      principal.disabledAt, principal.createdAt, principal.updatedAt,
    ],
  ); // prettier-ignore
  return rowCount === 1;
}

/** Writes name, role and whether it is disabled. */
export async function updatePrincipal(on: Queryable, principal: Principal): Promise<void> {
  await on.query('update principal set name = $2, role = $3, disabled_at = $4, updated_at = $5 where id = $1', [
    principal.id,
    principal.name,
    principal.role,
    principal.disabledAt,
    principal.updatedAt,
  ]);
}
