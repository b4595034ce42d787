import { sql } from 'kysely';
import type { GroupRecord, ResourceRecord, RoleRecord } from '../../model/records.ts';
import { pageOf } from './page.ts';
import type { Page } from './page.ts';
import { COLUMNS, groupOf, resourceOf, roleOf } from './records.ts';
import type { GroupRow, ResourceRow, RoleRow, Stored } from './records.ts';
import { inScope } from './scope.ts';
import type { ConnectionScope } from './scope.ts';
import { allOf, containsPattern } from './sql.ts';
import type { Query, RawBuilder, Sql } from './sql.ts';

/** What a list of groups, roles or resources is narrowed to. */
export interface NamedFilter {
  readonly scope: ConnectionScope;
  /** Part of the name, in any letter case. */
  readonly name?: string | null;
  readonly changedAfter?: string | null;
  readonly keys?: readonly string[] | null;
  /** Of resources and roles. */
  readonly type?: string | null;
}

type NamedPosition = { readonly connectionId: string; readonly key: string } | null;

/** A page of groups in order of connection and key. */
export async function listGroups(
  query: Query,
  filter: Omit<NamedFilter, 'type'>,
  after: NamedPosition,
  pageSize: number,
): Promise<Page<Stored<GroupRecord>>> {
  const { rows } = await statement<GroupRow>('group', filter, after, pageSize + 1).execute(query);
  return pageOf(rows.map(groupOf), pageSize);
}

/** A page of resources in order of connection and key. */
export async function listResources(
  query: Query,
  filter: NamedFilter,
  after: NamedPosition,
  pageSize: number,
): Promise<Page<Stored<ResourceRecord>>> {
  const { rows } = await statement<ResourceRow>('resource', filter, after, pageSize + 1).execute(query);
  return pageOf(rows.map(resourceOf), pageSize);
}

/** A page of roles in order of connection and key. */
export async function listRoles(
  query: Query,
  filter: NamedFilter,
  after: NamedPosition,
  pageSize: number,
): Promise<Page<Stored<RoleRecord>>> {
  const { rows } = await statement<RoleRow>('role', filter, after, pageSize + 1).execute(query);
  return pageOf(rows.map(roleOf), pageSize);
}

function statement<Row>(
  kind: 'group' | 'role' | 'resource',
  filter: NamedFilter,
  after: NamedPosition,
  limit: number,
): RawBuilder<Row> {
  const { scope, name, changedAfter, keys, type } = filter;
  const conditions: (Sql | null)[] = [
    inScope(sql`connection_id`, scope),
    name ? sql`name ~ ${containsPattern(name)}` : null,
    changedAfter ? sql`seen_from > ${changedAfter}::timestamptz` : null,
    keys ? sql`key = any(${[...keys]}::text[])` : null,
    type ? sql`type = ${type}` : null,
    after && sql`(connection_id, key) > (${after.connectionId}, ${after.key})`,
  ];
  return sql<Row>`
    select ${COLUMNS[kind]}, missing_since from ${sql.table(kind)} where ${allOf(conditions)}
     order by connection_id, key limit ${limit}`;
}
