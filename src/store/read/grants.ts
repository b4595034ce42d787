import { sql } from 'kysely';
import type { GrantRecord } from '../../model/records.ts';
import { pageOf } from './page.ts';
import type { Page } from './page.ts';
import { COLUMNS, grantOf } from './records.ts';
import type { GrantRow, Stored } from './records.ts';
import { inScope } from './scope.ts';
import type { ConnectionScope } from './scope.ts';
import { allOf } from './sql.ts';
import type { Query, RawBuilder, Sql } from './sql.ts';

/** What a list of grants is narrowed to. A holder or target is named by kind and key. */
export interface GrantFilter {
  readonly scope: ConnectionScope;
  readonly holder?: { readonly kind: GrantRecord['holderKind']; readonly key: string } | null;
  readonly target?: { readonly kind: GrantRecord['targetKind']; readonly key: string } | null;
  /** The grants as they were known then. */
  readonly asOf?: string | null;
}

/** A grant with the names of what it refers to, where those are known. */
export interface NamedGrant extends Stored<GrantRecord> {
  readonly holderName: string | null;
  readonly targetName: string | null;
  /** The type of the resource or role it is on; `group` for a group. */
  readonly targetType: string | null;
}

type NamedGrantRow = GrantRow & {
  readonly holder_name: string | null;
  readonly target_name: string | null;
  readonly target_type: string | null;
};

/** A page of grants in order of connection and key, named by what is known of holders and targets now. */
export async function listGrants(
  query: Query,
  filter: GrantFilter,
  after: { readonly connectionId: string; readonly key: string } | null,
  pageSize: number,
): Promise<Page<NamedGrant>> {
  const { rows } = await grantsStatement(filter, after, pageSize + 1).execute(query);
  const named = rows.map((row) => ({
    ...grantOf(row),
    holderName: row.holder_name,
    targetName: row.target_name,
    targetType: row.target_type,
  }));
  return pageOf(named, pageSize);
}

/** The statement of `listGrants`. */
export function grantsStatement(
  filter: GrantFilter,
  after: { readonly connectionId: string; readonly key: string } | null,
  limit: number,
): RawBuilder<NamedGrantRow> {
  const position = after && sql`(connection_id, key) > (${after.connectionId}, ${after.key})`;
  const where = (extra: Sql | null) => allOf([...conditions(filter), position, extra]);
  const { asOf } = filter;
  const page =
    asOf === undefined || asOf === null
      ? sql`select ${COLUMNS.grant}, missing_since from "grant" where ${where(null)}
             order by connection_id, key limit ${limit}`
      : sql`select * from (
          (select ${COLUMNS.grant}, null::timestamptz as missing_since from "grant"
            where ${where(sql`seen_from <= ${asOf}::timestamptz`)} order by connection_id, key limit ${limit})
          union all
          (select ${COLUMNS.grant}, null::timestamptz as missing_since from grant_history
            where ${where(sql`seen_from <= ${asOf}::timestamptz and seen_to > ${asOf}::timestamptz`)}
            order by connection_id, key limit ${limit})
        ) versions order by connection_id, key limit ${limit}`;
  return sql<NamedGrantRow>`
    select g.*,
           coalesce(holder_account.display_name, holder_account.email, holder_group.name) as holder_name,
           coalesce(target_group.name, target_role.name, target_resource.name) as target_name,
           coalesce(target_resource.type, target_role.type, case when g.target_kind = 'group' then 'group' end) as target_type
      from (${page}) g
      ${nameJoin('account', 'holder_account', 'holder')}
      ${nameJoin('group', 'holder_group', 'holder')}
      ${nameJoin('group', 'target_group', 'target')}
      ${nameJoin('role', 'target_role', 'target')}
      ${nameJoin('resource', 'target_resource', 'target')}
     order by g.connection_id, g.key`;
}

function conditions({ scope, holder, target }: GrantFilter): (Sql | null)[] {
  return [
    inScope(sql`connection_id`, scope),
    holder ? sql`holder_key = ${holder.key} and holder_kind = ${holder.kind}` : null,
    target ? sql`target_key = ${target.key} and target_kind = ${target.kind}` : null,
  ];
}

function nameJoin(kind: string, alias: string, side: 'holder' | 'target'): Sql {
  const as = sql.ref(alias);
  return sql`left join ${sql.table(kind)} ${as} on g.${sql.ref(`${side}_kind`)} = ${kind}
    and ${as}.connection_id = g.connection_id and ${as}.key = g.${sql.ref(`${side}_key`)}`;
}

/** All grants that accounts (or groups) hold on targets of a kind: what a page of users is shown with. */
export async function grantsOfHolders(
  query: Query,
  connectionId: string,
  holderKind: GrantRecord['holderKind'],
  holderKeys: readonly string[],
  targetKinds: readonly GrantRecord['targetKind'][],
): Promise<Stored<GrantRecord>[]> {
  if (holderKeys.length === 0 || targetKinds.length === 0) return [];
  const { rows } = await sql<GrantRow>`
    select ${COLUMNS.grant}, missing_since from "grant"
     where connection_id = ${connectionId} and holder_key = any(${[...holderKeys]}::text[])
       and holder_kind = ${holderKind} and target_kind = any(${[...targetKinds]}::text[])
     order by key`.execute(query);
  return rows.map(grantOf);
}

/** All grants on targets of a kind: members of groups, holders of resources. */
export async function grantsOnTargets(
  query: Query,
  connectionId: string,
  targetKind: GrantRecord['targetKind'],
  targetKeys: readonly string[],
): Promise<Stored<GrantRecord>[]> {
  if (targetKeys.length === 0) return [];
  const { rows } = await sql<GrantRow>`
    select ${COLUMNS.grant}, missing_since from "grant"
     where connection_id = ${connectionId} and target_key = any(${[...targetKeys]}::text[])
       and target_kind = ${targetKind}
     order by key`.execute(query);
  return rows.map(grantOf);
}

/** Where a list of resource holders goes on: the last grant handed out, and who held it. */
export interface HolderPosition {
  readonly resourceKey: string;
  readonly grantKey: string;
  readonly holder: string;
}

/** One holder of access to one resource, with all its grants there. */
export interface ResourceHolder {
  readonly resourceKey: string;
  readonly grants: readonly GrantRecord[];
  readonly position: HolderPosition;
}

/** Rows read at once while grants are put together by holder. */
const BATCH_FACTOR = 2;

/**
 * A page of who holds access to resources of a type (or to one), one entry a holder and resource. Goes on from the last
 * grant handed out; grants of that same holder that came in since are passed over rather than shown as a second entry.
 */
export async function listResourceHolders(
  query: Query,
  filter: { readonly connectionId: string; readonly resourceType: string; readonly resourceKey: string | null },
  after: HolderPosition | null,
  pageSize: number,
): Promise<Page<ResourceHolder>> {
  const entries: { resourceKey: string; holder: string; grants: GrantRecord[] }[] = [];
  const limit = (pageSize + 1) * BATCH_FACTOR;
  let position: Pick<HolderPosition, 'resourceKey' | 'grantKey'> | null = after;
  for (;;) {
    const { rows } = await resourceGrantsStatement(filter, position, limit).execute(query);
    for (const grant of rows.map((row) => grantOf(row).record)) {
      const holder = `${grant.holderKind} ${grant.holderKey}`;
      const last = entries.at(-1);
      if (last?.resourceKey === grant.targetKey && last.holder === holder) last.grants.push(grant);
      else if (after?.resourceKey !== grant.targetKey || after.holder !== holder) {
        entries.push({ resourceKey: grant.targetKey, holder, grants: [grant] });
      }
    }
    const lastRow = rows.at(-1);
    if (lastRow === undefined || rows.length < limit || entries.length > pageSize) break;
    position = { resourceKey: lastRow.target_key, grantKey: lastRow.key };
  }
  return pageOf(entries.map(withPosition), pageSize);
}

function withPosition(entry: { resourceKey: string; holder: string; grants: GrantRecord[] }): ResourceHolder {
  const { resourceKey, holder, grants } = entry;
  return { resourceKey, grants, position: { resourceKey, holder, grantKey: grants.at(-1)?.key ?? '' } };
}

/** The statement of `listResourceHolders`. */
export function resourceGrantsStatement(
  filter: { readonly connectionId: string; readonly resourceType: string; readonly resourceKey: string | null },
  after: { readonly resourceKey: string; readonly grantKey: string } | null,
  limit: number,
): RawBuilder<GrantRow> {
  const conditions = allOf([
    sql`g.connection_id = ${filter.connectionId} and g.target_kind = 'resource'`,
    filter.resourceKey === null ? null : sql`g.target_key = ${filter.resourceKey}`,
    after && sql`(g.target_key, g.key) > (${after.resourceKey}, ${after.grantKey})`,
  ]);
  return sql<GrantRow>`
    select g.* from (select ${COLUMNS.grant}, missing_since from "grant") g
     where ${conditions}
       and exists (select from resource r where r.connection_id = g.connection_id and r.key = g.target_key
                      and r.type = ${filter.resourceType})
     order by g.target_key, g.key limit ${limit}`;
}
