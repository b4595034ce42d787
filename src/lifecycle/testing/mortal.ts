// A database whose user can die: from some statement on, nothing it asks for is done any more.
import type { Pool, PoolClient } from 'pg';
import type { TestDatabase } from '../../store/testing/index.ts';

export interface Mortal {
  readonly database: TestDatabase;
  /** Dies right before the statement of this number, counted from now. */
  dieAt(statement: number): void;
  isDead(): boolean;
  /** Lives again, as another process. */
  revive(): void;
}

/** Wraps a database. */
export function mortal(database: TestDatabase): Mortal {
  let left = Number.POSITIVE_INFINITY;
  let isDead = false;
  const step = (): void => {
    isDead ||= (left -= 1) < 0;
    if (isDead) throw new Error('This process is dead.');
  };
  const watched = <On extends Pool | PoolClient>(on: On): On =>
    new Proxy(on, {
      get(target, name) {
        if (name === 'query') step();
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  return {
    database: {
      ...database,
      pool: watched(database.pool),
      transaction: (work, settings) =>
        database.transaction(async (client) => {
          const result = await work(watched(client));
          step(); // the commit
          return result;
        }, settings),
    },
    dieAt(statement) {
      left = statement;
    },
    isDead: () => isDead,
    revive() {
      isDead = false;
      left = Number.POSITIVE_INFINITY;
    },
  };
}
