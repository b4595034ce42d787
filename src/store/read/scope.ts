import { sql } from 'kysely';
import type { RawBuilder, Sql } from './sql.ts';

/** Which connections a query may see: those named, or all (null). An empty list sees nothing. */
export type ConnectionScope = readonly string[] | null;

/** `<column> in the scope`, written so that one connection uses an index range. */
export function inScope(column: Sql, scope: ConnectionScope): RawBuilder<unknown> {
  if (scope === null) return sql`true`;
  if (scope.length === 1) return sql`${column} = ${scope[0]}`;
  return sql`${column} = any(${[...scope]}::text[])`;
}
