import type { PrincipalKind, Role } from '../model/access.ts';
import type { Queryable } from './principals.ts';

/** A token as stored: never the token itself. Times are ISO 8601, UTC. */
export interface Token {
  readonly id: string;
  readonly principalId: string;
  readonly name: string;
  /** The first characters, to tell tokens apart. */
  readonly hint: string;
  readonly role: Role;
  /** The connections it is good for; null: all. */
  readonly connections: readonly string[] | null;
  readonly createdAt: string;
  /** The principal who made it; null: Usher itself, or a command on its machine. */
  readonly createdBy: string | null;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

/** A token and who it stands for. */
export interface TokenHolder extends Token {
  readonly principalName: string;
  readonly principalKind: PrincipalKind;
  readonly principalRole: Role;
  readonly principalDisabledAt: string | null;
}

const COLUMNS = `t.id, t.principal_id as "principalId", t.name, t.hint, t.role, t.connections, t.created_at as "createdAt",
  t.created_by as "createdBy", t.expires_at as "expiresAt", t.last_used_at as "lastUsedAt", t.revoked_at as "revokedAt"`;

/** The token whose SHA-256 this is, with its principal; revoked and expired ones too. */
export async function tokenByHash(on: Queryable, hash: Buffer): Promise<TokenHolder | null> {
  const { rows } = await on.query<TokenHolder>(
    `select ${COLUMNS}, p.name as "principalName", p.kind as "principalKind", p.role as "principalRole",
       p.disabled_at as "principalDisabledAt"
     from token t join principal p on p.id = t.principal_id where t.hash = $1`,
    [hash],
  );
  return rows[0] ?? null;
}

/** Tokens of one principal, or of all (null); newest first. */
export async function tokensOf(on: Queryable, principalId: string | null): Promise<readonly Token[]> {
  const { rows } = await on.query<Token>(
    `select ${COLUMNS} from token t where $1::text is null or t.principal_id = $1 order by t.created_at desc, t.id`,
    [principalId],
  );
  return rows;
}

/** The token with this id, or null. */
export async function tokenById(on: Queryable, id: string): Promise<Token | null> {
  return (await on.query<Token>(`select ${COLUMNS} from token t where t.id = $1`, [id])).rows[0] ?? null;
}

/** Adds a token; `hash` is the SHA-256 of its text. */
export async function insertToken(on: Queryable, token: Token, hash: Buffer): Promise<void> {
  await on.query(
    `insert into token (id, principal_id, name, hash, hint, role, connections, created_at, created_by, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      token.id, token.principalId, token.name, hash, token.hint, token.role, token.connections, token.createdAt,
      token.createdBy, token.expiresAt,
    ],
  ); // prettier-ignore
}

/** Revokes a token for good; an earlier revocation stays. False where there is no such token. */
export async function revokeToken(on: Queryable, id: string, now: Date): Promise<boolean> {
  const { rowCount } = await on.query('update token set revoked_at = coalesce(revoked_at, $2) where id = $1', [
    id,
    now,
  ]);
  return rowCount === 1;
}

/** Notes that a token was used, unless that was noted within the last minute: a busy token is not a row a request. */
export async function touchToken(on: Queryable, id: string, now: Date): Promise<void> {
  await on.query(
    `update token set last_used_at = $2::timestamptz
     where id = $1 and (last_used_at is null or last_used_at < $2::timestamptz - interval '1 minute')`,
    [id, now],
  );
}

/** Takes a connection off the lists of tokens that are limited to some; an empty list is good for none. */
export async function forgetConnectionInTokens(on: Queryable, connectionId: string): Promise<void> {
  await on.query('update token set connections = array_remove(connections, $1) where $1 = any (connections)', [
    connectionId,
  ]);
}
