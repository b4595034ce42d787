import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { silentLog } from '../src/store/log.ts';
import { openDatabase } from '../src/store/open.ts';
import { z } from 'zod';
import { runScript, type SimulatorProcess, type UsherProcess } from '../e2e/processes.ts';
import { against, atMost, median, type Report } from './report.ts';
import { MOST_GROWTH, numbersOf, ofEachSize, withUsher } from './sizes.ts';

const BENCH = 'sync';

/**
 * `bench sync --people 10000,100000`: first, unchanged and 1 %-changed sync against the floors of the same run; of several
 * sizes also time a person and peak memory, the largest against the smallest.
 */
export async function run(args: readonly string[], report: Report): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { people: { type: 'string', default: '10000,100000' }, rounds: { type: 'string', default: '3' } },
  });
  const measured = await ofEachSize(
    numbersOf(values.people).map((people) => ({ people })),
    () => ({ connector: 'lastpass' }),
    ({ people }, simulator) =>
      withUsher(simulator, (usher) =>
        measure(people, people > 200_000 ? 1 : Number(values.rounds), { simulator, usher }, report),
      ),
  );
  const [smallest] = measured;
  const largest = measured.at(-1);
  if (smallest && largest && largest !== smallest) reportGrowth(smallest, largest, report);
}

/** What one size of company took; times in milliseconds. */
interface Measured {
  readonly people: number;
  readonly firstMs: number;
  readonly sameMs: number;
  readonly changedMs: number;
  readonly peakMb: number;
}

/** The larger company against the smaller one of the same run, as if that were the floor. */
function reportGrowth(small: Measured, large: Measured, report: Report): void {
  const sizes = `${large.people} / ${small.people} people`;
  for (const [name, figure] of [
    ['first sync', 'firstMs'],
    ['unchanged', 'sameMs'],
    ['1 % changed', 'changedMs'],
  ] as const) {
    const perPerson = (measured: Measured): number => (measured[figure] * 1000) / measured.people;
    report(against(BENCH, `${name}, time a person, ${sizes}`, 'µs', perPerson(large), perPerson(small), MOST_GROWTH));
  }
  report(against(BENCH, `peak memory of serve, ${sizes}`, 'MB', large.peakMb, small.peakMb, MOST_GROWTH));
}

async function measure(
  people: number,
  rounds: number,
  { simulator, usher }: { readonly simulator: SimulatorProcess; readonly usher: UsherProcess },
  report: Report,
): Promise<Measured> {
  const allow = new URL(simulator.url).host;
  const settings = {
    company_id: simulator.credentials['company_id'],
    region: 'custom',
    base_url: simulator.url,
    requests_per_second: 100_000,
  };
  const secrets = { provisioning_hash: simulator.credentials['provisioning_hash'] };
  const name = (text: string): string => `${text}, ${people} people`;
  const floors = { fetch: [] as number[], copy: [] as number[] };
  const times = { first: [] as number[], same: [] as number[], changed: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    // Floors and syncs take turns, so that what the machine does meanwhile falls on all of them.
    const fetched = { url: simulator.url, cid: settings.company_id, provhash: secrets.provisioning_hash };
    floors.fetch.push(await floorMs('floor-fetch.ts', fetched));
    const floor = { dataDir: usher.dataDir, allow, settings, secrets, database: `floor_${round}` };
    floors.copy.push(await floorMs('floor-sync.ts', floor));
    const id = `bench-${round}`;
    await usher.call('POST', '/v1/connections', {
      id,
      connector: 'lastpass',
      settings,
      secrets,
    });
    times.first.push(await sync(usher, id));
    await expectNoWrite(usher, id, async () => {
      times.same.push(await sync(usher, id));
    });
    await simulator.inspect('POST', 'mutate', { op: 'change-share', share: 0.01, round: round + 1 });
    // The vendor renders the changed pages anew: that is its time, not ours.
    floors.fetch.push(await floorMs('floor-fetch.ts', fetched));
    times.changed.push(await sync(usher, id));
    await usher.call('DELETE', `/v1/connections/${id}?confirm=${id}`);
  }
  const floor = median(floors.copy);
  report(against(BENCH, name('first sync / floor (fetch, parse, map, COPY)'), 'ms', median(times.first), floor, 1.7));
  report(against(BENCH, name('unchanged / floor'), 'ms', median(times.same), floor, 0.5));
  report(against(BENCH, name('1 % changed / floor'), 'ms', median(times.changed), floor, 0.6));
  report(against(BENCH, name('first sync / fetch and parse'), 'ms', median(times.first), median(floors.fetch), null));
  report(against(BENCH, name('unchanged / fetch and parse'), 'ms', median(times.same), median(floors.fetch), null));
  const peakMb = await usher.peakMemoryMb();
  report(atMost(BENCH, name('peak memory of serve'), 'MB', peakMb, 400));
  const { first, same, changed } = times;
  return { people, firstMs: median(first), sameMs: median(same), changedMs: median(changed), peakMb };
}

/** Starts a sync, waits for its end and answers how long it took, in milliseconds. */
export async function sync(usher: UsherProcess, connection: string): Promise<number> {
  const { run: started } = z
    .object({ run: z.object({ id: z.string() }) })
    .parse(await usher.call('POST', `/v1/connections/${connection}/syncs`, {}));
  for (;;) {
    const run = runSchema.parse(await usher.call('GET', `/v1/syncs/${started.id}`));
    if (run.state === 'succeeded' && run.started_at && run.finished_at) {
      return Date.parse(run.finished_at) - Date.parse(run.started_at);
    }
    if (run.state !== 'queued' && run.state !== 'running')
      throw new Error(`The sync ended ${run.state}: ${JSON.stringify(run)}`);
    await wait(250);
  }
}

const runSchema = z.object({
  state: z.string(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  error: z.unknown(),
});

async function floorMs(script: string, input: unknown): Promise<number> {
  return z.object({ ms: z.number() }).parse(await runScript(join(import.meta.dirname, script), input)).ms;
}

/** Proves that `work` wrote no account row: every row is the same tuple as before. */
async function expectNoWrite(usher: UsherProcess, connection: string, work: () => Promise<void>): Promise<void> {
  const before = await tuples(usher, connection);
  await work();
  const after = await tuples(usher, connection);
  if (before !== after) throw new Error('An unchanged sync wrote account rows.');
}

async function tuples(usher: UsherProcess, connection: string): Promise<string> {
  const database = await openDatabase({ dataDir: usher.dataDir, log: silentLog, attach: true });
  try {
    const { rows } = await database.pool.query<{ sum: string }>(
      `select count(*) || ' ' || sum(hashtext(ctid::text || xmin::text)) as sum from account where connection_id = $1`,
      [connection],
    );
    return rows[0]?.sum ?? '';
  } finally {
    await database.close();
  }
}
