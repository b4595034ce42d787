import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/index.ts';
import { replanFailed } from './journal.ts';
import { windowCounts } from './subjects.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query(`
    insert into connection (id, connector, settings, mapping_version, created_at, updated_at)
      select id, 'x', '{}', 1, now(), now() from unnest('{here,there}'::text[]) id`);
});
afterAll(() => database.close());

let runs = 0;

/** A run of one change that was asked for so many minutes ago and ended so many ago; null: it goes on. */
async function run(
  subject: string,
  { connection = 'here', by = 'ada', state = 'done', begun, ended = null as number | null, called = true }: {
    readonly connection?: string; readonly by?: string; readonly state?: string; readonly begun: number;
    readonly ended?: number | null; readonly called?: boolean;
  }, // prettier-ignore
): Promise<string> {
  runs += 1;
  const [plan, id] = [`p${runs}`, `00000000-0000-4000-8000-${String(runs).padStart(12, '0')}`];
  const ago = (minutes: number | null): string =>
    minutes === null ? 'null' : `clock_timestamp() - interval '${minutes} minutes'`;
  await database.pool.query(`
    insert into plan (id, connection_id, header, root_hash, mac, state, action, effect, requested_by, changes, created_at, expires_at)
      values ('${plan}', '${connection}', '{}', '', '', 'applied', 'a', 'write', '${by}', 1, now(), now());
    insert into run (id, plan_id, connection_id, requested_by, state, reserved_at, finished_at)
      values ('${id}', '${plan}', '${connection}', '${by}', '${ended === null ? 'running' : 'failed'}', ${ago(begun)}, ${ago(ended)});
    insert into run_change (run_id, ordinal, connection_id, requested_by, subject_key, state, reserved_at, called_at)
      values ('${id}', 0, '${connection}', '${by}', '${subject}', '${state}', ${ago(begun)}, ${called ? ago(begun) : 'null'})`);
  return id;
}

const counts = (subjectKeys: readonly string[] = []) =>
  windowCounts(database.pool, { connectionId: 'here', requestedBy: 'ada', subjectKeys, minutes: 60 });

test('the window counts whose changes were asked for within it, here or by the same principal, each once', async () => {
  await run('one', { begun: 30, ended: 20 });
  await run('one', { begun: 10 });
  await run('two', { begun: 90, ended: 10 }); // asked for before the window, though it ended within
  await run('three', { begun: 90 });
  await run('four', { begun: 5, ended: 4, by: 'ben' });
  await run('five', { begun: 5, ended: 4, connection: 'there' });
  await run('six', { begun: 5, ended: 4, by: 'ben', connection: 'there' });
  await run('seven', { begun: 5, ended: 4, state: 'skipped' });
  await run('eight', { begun: 5, ended: 4, state: 'failed', called: false });
  await run('nine', { begun: -30, ended: -29 }); // the clock was set back
  expect(await counts()).toEqual({ connection: 3, requester: 3 }); // one, four, nine; one, five, nine
  expect(await counts(['one', 'ten'])).toEqual({ connection: 4, requester: 4 });
});

test('what is tried again counts from then on', async () => {
  const before = await counts();
  const id = await run('again', { begun: 300, ended: 290, state: 'failed' });
  expect(await counts()).toEqual(before);
  await database.transaction((client) => replanFailed(client, id));
  expect(await counts()).toEqual({ connection: before.connection + 1, requester: before.requester + 1 });
});
