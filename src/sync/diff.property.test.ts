import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AccountRecord, AnyRecord } from '../model/records.ts';
import { type TestDatabase, testDatabase } from '../store/testing/index.ts';
import { accountVersions, account, fakeSync } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

/** What an app shows at one pull: for each of a few people, absent, or present with one of a few names. */
const company = fc.dictionary(fc.constantFrom('1', '2', '3', '4', '5', '6'), fc.constantFrom('a', 'b', 'c'));
const pulls = fc.array(fc.record({ company, isComplete: fc.boolean(), pageSize: fc.integer({ min: 1, max: 4 }) }), {
  minLength: 2,
  maxLength: 7,
});

/** What Usher should hold after a pull: names by key, and who is doubted. */
interface Model {
  readonly held: Map<string, string>;
  readonly doubted: Set<string>;
}

function follow(model: Model, shown: Record<string, string>, isComplete: boolean): Model {
  const held = new Map(model.held);
  const doubted = new Set(model.doubted);
  for (const [key, name] of Object.entries(shown)) {
    held.set(key, name);
    doubted.delete(key);
  }
  if (isComplete) {
    for (const key of model.held.keys()) {
      if (key in shown) continue;
      if (model.doubted.has(key)) {
        held.delete(key);
        doubted.delete(key);
      } else {
        doubted.add(key);
      }
    }
  }
  return { held, doubted };
}

it(
  'any series of pulls leaves the snapshot, the doubts and the past as they were seen',
  { timeout: 300_000 },
  async () => {
    let number = 0;
    await fc.assert(
      fc.asyncProperty(pulls, async (series) => {
        const id = `series-${(number += 1)}`;
        const fake = await fakeSync(database, id);
        const deps = { ...fake.deps, anomalyLimits: { percent: 100, count: 1000 } };
        Object.assign(fake.deps, deps);
        let model: Model = { held: new Map(), doubted: new Set() };
        const moments: { at: string; held: Map<string, string> }[] = [];
        for (const { company: shown, isComplete, pageSize } of series) {
          const records: AccountRecord[] = Object.entries(shown).map(([key, name]) =>
            account(key, { displayName: name }),
          );
          fake.app.collections = {
            directory: {
              pages: pagesOf(records, pageSize),
              yields: ['account'],
              end: isComplete ? { isComplete: true } : { isComplete: false, reason: 'cut' },
            },
          };
          const runId = await fake.sync();
          await confirmIfPaused(fake, runId);
          model = follow(model, shown, isComplete);
          moments.push({ at: fake.now(), held: model.held });
        }
        const kept = accountVersions(database, id);
        expect(await kept.present()).toEqual(Object.fromEntries(model.held));
        expect(await kept.doubted()).toEqual([...model.doubted].toSorted());
        for (const { at, held } of moments)
          expect(await kept.asOf(at), `as of ${at}`).toEqual(Object.fromEntries(held));
        expect(await kept.overlaps()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  },
);

async function confirmIfPaused(fake: Awaited<ReturnType<typeof fakeSync>>, runId: string): Promise<void> {
  const { rows } = await database.pool.query<{ state: string }>('select state from sync_run where id = $1', [runId]);
  if (rows[0]?.state !== 'paused') return;
  await fake.service.confirm(runId, 'test');
  await fake.carryOut(runId);
}

function pagesOf(records: readonly AnyRecord[], size: number): AnyRecord[][] {
  const pages: AnyRecord[][] = [[]];
  for (const record of records) {
    if ((pages.at(-1)?.length ?? 0) >= size) pages.push([]);
    pages.at(-1)?.push(record);
  }
  return pages;
}
