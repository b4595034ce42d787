import { sql } from 'kysely';
import { fold } from '../../model/ids.ts';
import { addressOfHolderKey, type CredentialRecord, emailHolderKey } from '../../model/records.ts';
import { pageOf } from './page.ts';
import type { Page } from './page.ts';
import { COLUMNS, credentialOf } from './records.ts';
import type { CredentialRow, Stored } from './records.ts';
import { allOf, containsPattern } from './sql.ts';
import type { Query, RawBuilder, Sql } from './sql.ts';

/** What a list of a connection's credentials is narrowed to. */
export interface CredentialFilter {
  /** Key or e-mail address of the account that owns it. */
  readonly owner?: string | null;
  readonly type?: string | null;
  readonly isEnabled?: boolean | null;
  /** Part of the name, in any letter case. */
  readonly name?: string | null;
  readonly keys?: readonly string[] | null;
  /** The credentials and their owners as they were known then; volatile values (last use) are not kept and come back empty. */
  readonly asOf?: string | null;
}

/** A credential with what is known of its owner. */
export interface OwnedCredential extends Stored<CredentialRecord> {
  readonly ownerName: string | null;
  readonly ownerEmail: string | null;
}

/** A page of a connection's credentials in order of key, now or as of a past moment. */
export async function listCredentials(
  query: Query,
  connectionId: string,
  filter: CredentialFilter,
  after: string | null,
  pageSize: number,
): Promise<Page<OwnedCredential>> {
  const { rows } = await credentialsStatement(connectionId, filter, after, pageSize + 1).execute(query);
  return pageOf(rows.map(owned), pageSize);
}

interface OwnedRow extends CredentialRow {
  readonly owner_name: string | null;
  readonly owner_email: string | null;
}

/** The statement of `listCredentials`, apart so that a test can read its plan. */
export function credentialsStatement(
  connectionId: string,
  filter: CredentialFilter,
  after: string | null,
  limit: number,
): RawBuilder<OwnedRow> {
  const { asOf } = filter;
  const where = (extra: Sql | null) => allOf([...conditions(connectionId, filter), position(after), extra]);
  if (asOf === undefined || asOf === null) {
    return sql<OwnedRow>`
      select c.*, v.last_used_at, v.volatile_extra, a.display_name as owner_name, a.email as owner_email
        from (select ${COLUMNS.credential}, missing_since from credential where ${where(null)}
               order by key limit ${limit}) c
        left join credential_volatile v on v.connection_id = c.connection_id and v.key = c.key
        left join account a on a.connection_id = c.connection_id and a.key = c.owner_key
       order by c.key`;
  }
  // `order by … limit` in both branches: without it all closed versions alive then would be read.
  return sql<OwnedRow>`
    select c.*, a.display_name as owner_name, a.email as owner_email
      from (select * from (
              (select ${COLUMNS.credential}, null::timestamptz as missing_since from credential
                where ${where(begun(asOf))} order by key limit ${limit})
              union all
              (select ${COLUMNS.credential}, null::timestamptz as missing_since from credential_history
                where ${where(alive(asOf))} order by key limit ${limit})
            ) versions order by key limit ${limit}) c
      left join lateral (
        select display_name, email from account
         where connection_id = c.connection_id and key = c.owner_key and ${begun(asOf)}
        union all
        select display_name, email from account_history
         where connection_id = c.connection_id and key = c.owner_key and ${alive(asOf)}
      ) a on true
     order by c.key`;
}

function conditions(connectionId: string, filter: CredentialFilter): (Sql | null)[] {
  const { owner, type, isEnabled, name, keys, asOf } = filter;
  return [
    sql`connection_id = ${connectionId}`,
    owner ? isOwnedBy(connectionId, owner, asOf ?? null) : null,
    type ? sql`type = ${type}` : null,
    isEnabled == null ? null : sql`is_enabled = ${isEnabled}`,
    name ? sql`name ~ ${containsPattern(name)}` : null,
    keys ? sql`key = any(${[...keys]}::text[])` : null,
  ];
}

function position(after: string | null): Sql | null {
  return after === null ? null : sql`key > ${after}`;
}

/** Of a present version: it was there at the moment already. */
function begun(asOf: string): Sql {
  return sql`seen_from <= ${asOf}::timestamptz`;
}

/** Of a closed version: the moment is in its time. */
function alive(asOf: string): Sql {
  return sql`seen_from <= ${asOf}::timestamptz and seen_to > ${asOf}::timestamptz`;
}

/** By the account's key, by the address it has (or had then), or by the address that no account has. */
function isOwnedBy(connectionId: string, owner: string, asOf: string | null): Sql {
  const addressed = sql`connection_id = ${connectionId} and email_folded = ${fold(owner)}`;
  const accounts =
    asOf === null
      ? sql`select key from account where ${addressed}`
      : sql`select key from account where ${addressed} and ${begun(asOf)}
            union all select key from account_history where ${addressed} and ${alive(asOf)}`;
  // One array, so that the index on owners is used: `or` would look at every credential.
  return sql`owner_key = any(array[${owner}, ${emailHolderKey(owner)}]::text[] || array(${accounts}))`;
}

function owned(row: OwnedRow): OwnedCredential {
  const ownerEmail = row.owner_email ?? (row.owner_key === null ? null : addressOfHolderKey(row.owner_key));
  return { ...credentialOf(row), ownerName: row.owner_name, ownerEmail };
}
