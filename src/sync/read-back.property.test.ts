import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keepReadBacks } from '../store/sync/read-back.ts';
import { openRunOf } from '../store/sync/runs.ts';
import { type TestDatabase, testDatabase } from '../store/testing/index.ts';
import { account, accountVersions, fakeSync } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const RUN = '00000000-0000-4000-8000-00000000a992';
/** Of three pages, each shows every third person. */
const PAGES = 3;

/** The app changes (null: a person goes), or a person is read, which is kept at once or only when all was pulled. */
const happening = fc.tuple(
  fc.constantFrom('1', '2', '3', '4'),
  fc.constantFrom('a', 'b', null, 'read', 'read', 'read late'),
);
type Happening = readonly [key: string, what: 'a' | 'b' | 'read' | 'read late' | null];
const happenings = fc.array(happening, { maxLength: 3 });
/** What happens before a pull, and after each of its pages was compared. */
const courses = fc.array(
  fc.record({ isComplete: fc.boolean(), before: happenings, after: fc.tuple(happenings, happenings, happenings) }),
  { minLength: 1, maxLength: 3 },
);

it('the newest look at each person wins, whether a pull or a read-back had it', { timeout: 300_000 }, async () => {
  let number = 0;
  await fc.assert(
    fc.asyncProperty(courses, async (course) => {
      const id = `course-${(number += 1)}`;
      const company = await openCompany(id);
      const moments: { at: string; held: Record<string, string> }[] = [];
      for (const { isComplete, before, after } of course) {
        await company.happen(before);
        await company.pull(isComplete, after);
        const held = await company.kept.present();
        expect(held).toEqual(Object.fromEntries(company.model.held));
        expect(await company.kept.doubted()).toEqual([...company.model.doubted].toSorted());
        moments.push({ at: company.later(), held });
      }
      for (const { at, held } of moments) expect(await company.kept.asOf(at), `as of ${at}`).toEqual(held);
      expect(await company.kept.overlaps()).toEqual([]);
      expect(await retold(id)).toEqual(await company.kept.present());
    }),
    { numRuns: 25 },
  );
});

/** An app with three people, pulled once, and the model of what Usher should hold of it. */
async function openCompany(id: string) {
  const fake = await fakeSync(database, id);
  Object.assign(fake.deps, { anomalyLimits: { percent: 100, count: 1000 } });
  const app = new Map(['1', '2', '3'].map((key) => [key, 'a']));
  const model = createModel();
  const late: (() => Promise<void>)[] = [];

  const keep = async (key: string, name: string | undefined, observedAt: string): Promise<void> => {
    model.keep(key, name, observedAt);
    const records = name === undefined ? [] : [account(key, { displayName: name })];
    await database.transaction((client) =>
      keepReadBacks(client, { connectionId: id, collectionOf: () => 'directory', runId: RUN }, [
        { accountKey: key, records, covers: [], observedAt },
      ]),
    );
  };
  const happen = async (all: readonly Happening[]): Promise<void> => {
    for (const [key, what] of all) {
      if (what === null) app.delete(key);
      else if (what === 'a' || what === 'b') app.set(key, what);
      else {
        const [name, at] = [app.get(key), fake.later()];
        if (what === 'read') await keep(key, name, at);
        else late.push(() => keep(key, name, at));
      }
    }
  };
  const look = (page: number): void => {
    const shown = [...app].filter(([key]) => Number(key) % PAGES === page);
    fake.app.collections['directory']?.pages.splice(
      page,
      1,
      shown.map(([key, name]) => account(key, { displayName: name })),
    );
    model.look(page, shown, fake.now());
  };
  const pull = async (isComplete: boolean, after: readonly (readonly Happening[])[]): Promise<void> => {
    fake.app.collections['directory'] = {
      pages: Array.from({ length: PAGES + 1 }, () => []),
      yields: ['account'],
      end: isComplete ? { isComplete } : { isComplete, reason: 'cut' },
    };
    fake.betweenPages('after', async (page) => {
      model.compare(page);
      await happen(after[page] ?? []);
      if (page < PAGES - 1) return;
      for (const kept of late.splice(0)) await kept();
    });
    const answer = fake.app.onPage;
    fake.app.onPage = (collection, page) => {
      if (page < PAGES) look(page);
      return answer(collection, page);
    };
    const started = fake.later();
    const queued = await openRunOf(database.pool, id);
    await (queued ? fake.carryOut(queued.id) : fake.sync());
    const isOverwritten = model.commit(isComplete, started);
    expect((await openRunOf(database.pool, id)) !== null).toBe(isOverwritten);
    if (isOverwritten) await pull(isComplete, []);
  };
  await pull(true, []);
  return { kept: accountVersions(database, id), model, happen, pull, later: () => fake.later() };
}

/** Look by look what Usher should hold, and where it must ask for another pull. */
function createModel() {
  const held = new Map<string, string>();
  const doubted = new Set<string>();
  /** When each person was last read, as far as a pull still has to know. */
  const read = new Map<string, string>();
  /** Persons that the next page stages whatever it shows. */
  const taken = new Set<string>();
  const shown = new Map<string, { page: number; name: string; at: string; isStaged: boolean }>();
  return {
    held,
    doubted,
    look(page: number, people: readonly (readonly [string, string])[], at: string): void {
      for (const [key, name] of people) shown.set(key, { page, name, at, isStaged: false });
    },
    compare(page: number): void {
      for (const [key, row] of shown) {
        if (row.page === page) row.isStaged = held.get(key) !== row.name || doubted.has(key) || taken.has(key);
      }
    },
    keep(key: string, name: string | undefined, at: string): void {
      if (at < (read.get(key) ?? '')) return;
      read.set(key, at);
      doubted.delete(key);
      taken.add(key);
      if (name === undefined) held.delete(key);
      else held.set(key, name);
    },
    /** Answers whether a reading has overwritten what a newer page had found unchanged. */
    commit(isComplete: boolean, started: string): boolean {
      let isOverwritten = false;
      for (const [key, { name, at, isStaged }] of shown) {
        if (at <= (read.get(key) ?? '')) continue;
        if (!isStaged) {
          isOverwritten ||= read.has(key);
          continue;
        }
        held.set(key, name);
        doubted.delete(key);
        taken.delete(key);
      }
      for (const key of isComplete ? [...held.keys()] : []) {
        if (shown.has(key) || (read.get(key) ?? '') >= started) continue;
        if (doubted.delete(key)) held.delete(key);
        else doubted.add(key);
      }
      for (const [key, at] of read) if (at < started) read.delete(key);
      shown.clear();
      return isOverwritten;
    },
  };
}

/** Who is there by what the events say; null where they contradict each other, or tell a thing twice. */
async function retold(id: string): Promise<Record<string, string> | null> {
  const { rows } = await database.pool.query<{ type: string; subject_key: string; data: Told }>(
    `select type, subject_key, data from change_event where connection_id = $1 and subject_kind = 'account' order by id`,
    [id],
  );
  const people = new Map(['1', '2', '3'].map((key) => [key, 'a']));
  for (const { type, subject_key: key, data } of rows) {
    const name = typeof data.display_name === 'string' ? data.display_name : data.display_name.after;
    if (people.has(key) === (type === 'account.created')) return null;
    if (type === 'account.updated' && people.get(key) === name) return null;
    if (type === 'account.removed') people.delete(key);
    else people.set(key, name);
  }
  return Object.fromEntries(people);
}

interface Told {
  readonly display_name: string | { readonly before: string; readonly after: string };
}
