import type { Queryable } from '../principals.ts';

/** What an administrator said of an account. Times are ISO 8601, UTC. */
export interface MarkRow {
  readonly connectionId: string;
  readonly accountKey: string;
  readonly isProtected: boolean;
  readonly isService: boolean;
  readonly owner: string | null;
  readonly ignoredUntil: string | null;
  readonly note: string | null;
  readonly setBy: string;
  readonly setAt: string;
}

/** What is said anew; what is absent stays as it is. */
export type MarkPatch = Partial<Pick<MarkRow, 'isProtected' | 'isService' | 'owner' | 'ignoredUntil' | 'note'>>;

const COLUMNS = `connection_id as "connectionId", account_key as "accountKey", is_protected as "isProtected",
  is_service as "isService", owner, ignored_until as "ignoredUntil", note, set_by as "setBy", set_at as "setAt"`;

/** The marks of these accounts, by key; accounts of which nothing was said are left out. */
export async function marksOf(
  on: Queryable,
  connectionId: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, MarkRow>> {
  const { rows } = await on.query<MarkRow>(
    `select ${COLUMNS} from mark where connection_id = $1 and account_key = any($2::text[])`,
    [connectionId, keys],
  );
  return new Map(rows.map((row) => [row.accountKey, row]));
}

/** All marks of a connection, by account key. */
export async function marksOfConnection(on: Queryable, connectionId: string): Promise<readonly MarkRow[]> {
  const { rows } = await on.query<MarkRow>(
    `select ${COLUMNS} from mark where connection_id = $1 order by account_key`,
    [connectionId],
  );
  return rows;
}

/** Says something of an account, over what was said before. */
export async function saveMark(
  on: Queryable,
  place: Pick<MarkRow, 'connectionId' | 'accountKey' | 'setBy' | 'setAt'>,
  patch: MarkPatch,
): Promise<void> {
  const { isProtected, isService, owner, ignoredUntil, note } = patch;
  await on.query(
    `insert into mark as m (connection_id, account_key, is_protected, is_service, owner, ignored_until, note, set_by, set_at)
     values ($1, $2, coalesce($3, false), coalesce($4, false), $6, $8, $10, $11, $12)
     on conflict (connection_id, account_key) do update
       set is_protected = coalesce($3, m.is_protected), is_service = coalesce($4, m.is_service),
           owner = case when $5 then excluded.owner else m.owner end,
           ignored_until = case when $7 then excluded.ignored_until else m.ignored_until end,
           note = case when $9 then excluded.note else m.note end,
           set_by = excluded.set_by, set_at = excluded.set_at`,
    [
      place.connectionId, place.accountKey, isProtected ?? null, isService ?? null, owner !== undefined, owner ?? null,
      ignoredUntil !== undefined, ignoredUntil ?? null, note !== undefined, note ?? null, place.setBy, place.setAt,
    ],
  ); // prettier-ignore
}
