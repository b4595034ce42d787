import { sql } from 'kysely';
import { fold } from '../../model/ids.ts';
import { addressOfHolderKey, type CredentialRecord, emailHolderKey } from '../../model/records.ts';
import { pageOf } from './page.ts';
import type { Page } from './page.ts';
import { COLUMNS, credentialOf } from './records.ts';
import type { CredentialRow, Stored } from './records.ts';
import { allOf, containsPattern } from './sql.ts';
import type { Query, Sql } from './sql.ts';

/** What a list of a connection's credentials is narrowed to. */
export interface CredentialFilter {
  /** Key or e-mail address of the account that owns it. */
  readonly owner?: string | null;
  readonly type?: string | null;
  readonly isEnabled?: boolean | null;
  /** Part of the name, in any letter case. */
  readonly name?: string | null;
  readonly keys?: readonly string[] | null;
}

/** A credential with what is known of its owner. */
export interface OwnedCredential extends Stored<CredentialRecord> {
  readonly ownerName: string | null;
  readonly ownerEmail: string | null;
}

/** A page of a connection's credentials in order of key. */
export async function listCredentials(
  query: Query,
  connectionId: string,
  filter: CredentialFilter,
  after: string | null,
  pageSize: number,
): Promise<Page<OwnedCredential>> {
  const { owner, type, isEnabled, name, keys } = filter;
  const conditions: (Sql | null)[] = [
    sql`connection_id = ${connectionId}`,
    owner ? isOwnedBy(connectionId, owner) : null,
    type ? sql`type = ${type}` : null,
    isEnabled == null ? null : sql`is_enabled = ${isEnabled}`,
    name ? sql`name ~ ${containsPattern(name)}` : null,
    keys ? sql`key = any(${[...keys]}::text[])` : null,
    after === null ? null : sql`key > ${after}`,
  ];
  const { rows } = await sql<CredentialRow & { owner_name: string | null; owner_email: string | null }>`
    select c.*, v.last_used_at, v.volatile_extra, a.display_name as owner_name, a.email as owner_email
      from (select ${COLUMNS.credential}, missing_since from credential where ${allOf(conditions)}
             order by key limit ${pageSize + 1}) c
      left join credential_volatile v on v.connection_id = c.connection_id and v.key = c.key
      left join account a on a.connection_id = c.connection_id and a.key = c.owner_key
     order by c.key`.execute(query);
  return pageOf(rows.map(owned), pageSize);
}

/** By the account's key, by the address of one, or by the address that no account has. */
function isOwnedBy(connectionId: string, owner: string): Sql {
  return sql`(owner_key in (${owner}, ${emailHolderKey(owner)}) or owner_key in (
    select a.key from account a where a.connection_id = ${connectionId} and a.email_folded = ${fold(owner)}))`;
}

function owned(row: CredentialRow & { owner_name: string | null; owner_email: string | null }): OwnedCredential {
  const ownerEmail = row.owner_email ?? (row.owner_key === null ? null : addressOfHolderKey(row.owner_key));
  return { ...credentialOf(row), ownerName: row.owner_name, ownerEmail };
}
