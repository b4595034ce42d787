import { afterAll, describe, expect, test } from 'vitest';
import { testDatabase } from '../testing/index.ts';
import { type Claim, claimKey, forgetOldKeys, setKeyPlan } from './idempotency.ts';

const database = await testDatabase();
afterAll(() => database.close());

/** Claims a key and, where it is new, notes a plan, all in one transaction. */
const ask = (key: string, body: string, plan: string, by = 'ada'): Promise<Claim> =>
  database.transaction(async (client) => {
    const claim = await claimKey(client, by, key, body);
    if (claim.kind === 'new') await setKeyPlan(client, by, key, plan);
    return claim;
  });
const age = (key: string, hours: number) =>
  database.pool.query(
    'update idempotency_key set created_at = clock_timestamp() - make_interval(hours => $2) where key = $1',
    [key, hours],
  );

describe('an idempotency key', () => {
  test('stands for the plan of its first request', async () => {
    expect(await ask('a', 'body', 'plan_1')).toEqual({ kind: 'new' });
    expect(await ask('a', 'body', 'plan_2')).toEqual({ kind: 'same', planId: 'plan_1' });
  });

  test('reused with another body is another request', async () => {
    await ask('b', 'body', 'plan_1');
    expect(await ask('b', 'other body', 'plan_2')).toEqual({ kind: 'other' });
    expect(await ask('b', 'body', 'plan_2')).toEqual({ kind: 'same', planId: 'plan_1' });
  });

  test('is each principal’s own', async () => {
    await ask('c', 'body', 'plan_1');
    expect(await ask('c', 'other body', 'plan_2', 'ben')).toEqual({ kind: 'new' });
  });

  test('used twice at once makes the second wait, and see what the first has made', async () => {
    const many = await Promise.all(['1', '2', '3', '4'].map((n) => ask('d', 'body', `plan_${n}`)));
    expect(many.filter(({ kind }) => kind === 'new')).toHaveLength(1);
    const rest = many.filter((claim) => claim.kind === 'same');
    expect(rest).toHaveLength(3);
    expect(new Set(rest.map(({ planId }) => planId)).size).toBe(1);
    expect(rest[0]?.planId).toMatch(/^plan_\d$/);
  });

  test('is free again where the first request was rolled back while the second waited', async () => {
    let second: Promise<Claim> = Promise.reject(new Error('It was not asked.'));
    second.catch(() => undefined);
    const first = database.transaction(async (client) => {
      await claimKey(client, 'ada', 'e', 'body');
      second = ask('e', 'other body', 'plan_2');
      throw new Error('It was not to be.');
    });
    await expect(first).rejects.toThrow('It was not to be.');
    expect(await second).toEqual({ kind: 'new' });
  });

  test('counts as gone after a day by the database’s clock, and not before', async () => {
    await ask('f', 'body', 'plan_1');
    await age('f', 23);
    expect(await ask('f', 'other body', 'plan_2')).toEqual({ kind: 'other' });
    await age('f', 25);
    const twice = await Promise.all([ask('f', 'other body', 'plan_2'), ask('f', 'other body', 'plan_3')]);
    expect(twice.map(({ kind }) => kind).toSorted()).toEqual(['new', 'same']);
  });

  test('is swept away once it counts as gone', async () => {
    await ask('g', 'body', 'plan_1');
    await ask('h', 'body', 'plan_1');
    await age('g', 25);
    await forgetOldKeys(database.pool);
    const { rows } = await database.pool.query(`select key from idempotency_key where key in ('g', 'h')`);
    expect(rows).toEqual([{ key: 'h' }]);
  });
});
