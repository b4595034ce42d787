import type { PrincipalKind } from '../../model/access.ts';
import type { Queryable } from '../principals.ts';

/** A principal by name. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly kind: PrincipalKind;
}

/** The principals with these ids, by id; those that are gone are left out. */
export async function peopleByIds(on: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, Person>> {
  const { rows } = await on.query<Person>('select id, name, kind from principal where id = any($1::text[])', [
    [...new Set(ids)],
  ]);
  return new Map(rows.map((person) => [person.id, person]));
}

/** Whether another person than this one may approve now. */
export async function hasOtherApprover(on: Queryable, principalId: string): Promise<boolean> {
  const { rowCount } = await on.query(
    `select from principal where kind = 'person' and role in ('admin', 'approver') and disabled_at is null
      and id <> $1 limit 1`,
    [principalId],
  );
  return rowCount === 1;
}
