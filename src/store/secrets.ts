import type { Queryable } from './principals.ts';

/** A sealed secret: `owner` is `connection:<id>` or another thing that has secrets, `name` the field. */
export interface SealedSecret {
  readonly name: string;
  readonly sealed: string;
}

/** A sealed secret with whose it is. */
export interface OwnedSecret extends SealedSecret {
  readonly owner: string;
}

/** The sealed secrets of an owner, by name. */
export async function secretsOf(on: Queryable, owner: string): Promise<readonly SealedSecret[]> {
  return (await on.query<SealedSecret>('select name, sealed from secret where owner = $1 order by name', [owner])).rows;
}

/** The sealed secrets of several owners, by owner; one that has none is left out. */
export async function secretsOfOwners(
  on: Queryable,
  owners: readonly string[],
): Promise<ReadonlyMap<string, readonly SealedSecret[]>> {
  if (owners.length === 0) return new Map();
  const { rows } = await on.query<OwnedSecret>(
    'select owner, name, sealed from secret where owner = any($1::text[]) order by owner, name',
    [owners],
  );
  return Map.groupBy(rows, ({ owner }) => owner);
}

/** Puts these in the place of all secrets of an owner; run it in a transaction. */
export async function replaceSecrets(on: Queryable, owner: string, secrets: readonly SealedSecret[]): Promise<void> {
  await deleteSecrets(on, owner);
  await addSecrets(on, owner, secrets);
}

/** Adds secrets to an owner that has none of these names. */
export async function addSecrets(on: Queryable, owner: string, secrets: readonly SealedSecret[]): Promise<void> {
  await addOwnedSecrets(
    on,
    secrets.map((secret) => ({ ...secret, owner })),
  );
}

/** Adds secrets of several owners, in one statement. */
export async function addOwnedSecrets(on: Queryable, secrets: readonly OwnedSecret[]): Promise<void> {
  if (secrets.length === 0) return;
  await on.query(
    `insert into secret (owner, name, sealed)
     select s.owner, s.name, s.sealed from unnest($1::text[], $2::text[], $3::text[]) s(owner, name, sealed)`,
    [secrets.map(({ owner }) => owner), secrets.map(({ name }) => name), secrets.map(({ sealed }) => sealed)],
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
