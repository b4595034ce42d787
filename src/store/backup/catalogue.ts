import type { PoolClient } from 'pg';

/** A table with the columns that hold data of their own, in their order. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
}

/** What stands for the schema itself and is made anew by migrations. */
export const SCHEMA_HISTORY = 'schema_migration';

/** All tables of our schema, each after those that its rows refer to; columns that are computed are left out. */
export async function tablesInOrder(client: Pick<PoolClient, 'query'>): Promise<readonly TableShape[]> {
  const { rows } = await client.query<TableShape & { readonly parents: readonly string[] }>(
    `select c.relname as name,
            (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
            (select coalesce(array_agg(distinct p.relname::text), '{}') from pg_constraint f
               join pg_class p on p.oid = f.confrelid
              where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid) as parents
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition
      order by c.relname`,
  );
  return ordered(rows);
}

/** All sequences of our schema, by name. */
export async function sequenceNames(client: Pick<PoolClient, 'query'>): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = current_schema() and c.relkind = 'S' order by c.relname`,
  );
  return rows.map(({ name }) => name);
}

/** An identifier as SQL takes it, whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** @internal Tables in an order in which each comes after its parents; a circle is an error in our schema. */
export function ordered(
  tables: readonly (TableShape & { readonly parents: readonly string[] })[],
): readonly TableShape[] {
  const placed: TableShape[] = [];
  const names = new Set<string>();
  let waiting = [...tables];
  while (waiting.length > 0) {
    const free = waiting.filter(({ parents }) => parents.every((parent) => names.has(parent)));
    if (free.length === 0)
      throw new Error(`Tables refer to each other in a circle: ${waiting.map(({ name }) => name).join(', ')}.`);
    for (const { name, columns } of free) {
      placed.push({ name, columns });
      names.add(name);
    }
    waiting = waiting.filter(({ name }) => !names.has(name));
  }
  return placed;
}
