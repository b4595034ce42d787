import type { Queryable } from './principals.ts';

/** A sealed secret: `owner` is `connection:<id>` or another thing that has secrets, `name` the field. */
export interface SealedSecret {
  readonly name: string;
  readonly sealed: string;
}

/** The sealed secrets of an owner, by name. */
export async function secretsOf(on: Queryable, owner: string): Promise<readonly SealedSecret[]> {
  return (await on.query<SealedSecret>('select name, sealed from secret where owner = $1 order by name', [owner])).rows;
}

/** Puts these in the place of all secrets of an owner; run it in a transaction. */
export async function replaceSecrets(on: Queryable, owner: string, secrets: readonly SealedSecret[]): Promise<void> {
  await deleteSecrets(on, owner);
  await addSecrets(on, owner, secrets);
}

/** Adds secrets to an owner that has none of these names. */
export async function addSecrets(on: Queryable, owner: string, secrets: readonly SealedSecret[]): Promise<void> {
  await on.query(
    'insert into secret (owner, name, sealed) select $1, s.name, s.sealed from unnest($2::text[], $3::text[]) s(name, sealed)',
    [owner, secrets.map(({ name }) => name), secrets.map(({ sealed }) => sealed)],
  );
}

/** Deletes the secrets of an owner, data keys and all: sealed copies elsewhere (a backup) need the master key still. */
export async function deleteSecrets(on: Queryable, owner: string): Promise<void> {
  await on.query('delete from secret where owner = $1', [owner]);
}

/** Deletes the secrets of several owners. */
export async function deleteSecretsOf(on: Queryable, owners: readonly string[]): Promise<void> {
  if (owners.length === 0) return;
  await on.query('delete from secret where owner = any($1::text[])', [owners]);
}
