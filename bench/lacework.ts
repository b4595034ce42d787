import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { runScript, type SimulatorProcess, type UsherProcess } from '../e2e/processes.ts';
import { against, figure, median, type Report } from './report.ts';
import { countRequests, numbersOf, ofEachSize, reportMemoryGrowth, withUsher } from './sizes.ts';
import { sync } from './sync.ts';

const BENCH = 'lacework';

/**
 * `bench lacework --people 5000,50000 --sub-accounts 40`: first and unchanged sync of an organization, in calls against the
 * least that it takes, in time against fetching and parsing the same lists, and the memory of the largest against the
 * smallest.
 */
export async function run(args: readonly string[], report: Report): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      people: { type: 'string', default: '5000,50000' },
      'sub-accounts': { type: 'string', default: '40' },
      rounds: { type: 'string', default: '3' },
    },
  });
  const peaks = await ofEachSize(
    numbersOf(values.people).map((people) => ({ people })),
    () => ({
      connector: 'lacework',
      args: ['--sub-accounts', values['sub-accounts'], '--switch', 'rateLimitPerHour=off'],
    }),
    ({ people }, simulator) =>
      withUsher(simulator, async (usher) => ({
        people,
        peakMb: await measure(people, Number(values.rounds), { simulator, usher }, report),
      })),
  );
  reportMemoryGrowth(BENCH, peaks, 'people', report);
}

async function measure(
  people: number,
  rounds: number,
  { simulator, usher }: { readonly simulator: SimulatorProcess; readonly usher: UsherProcess },
  report: Report,
): Promise<number> {
  const name = (text: string): string => `${text}, ${people} people`;
  const { account, key_id: keyId, secret } = simulator.credentials;
  const settings = {
    account, key_id: keyId, organization: 'yes', base_url: simulator.url, requests_per_hour: 1_000_000,
  }; // prettier-ignore
  const times = { first: [] as number[], same: [] as number[], floor: [] as number[] };
  const cpu = { same: [] as number[], floor: [] as number[] };
  const calls = { first: 0, same: 0, floor: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const id = `bench-${round}`;
    await usher.call('POST', '/v1/connections', { id, connector: 'lacework', settings, secrets: { secret } });
    if (round === 0) report(figure(BENCH, name('calls to try a connection'), 'calls', await countRequests(simulator)));
    const before = await countRequests(simulator);
    times.first.push(await sync(usher, id));
    calls.first = (await countRequests(simulator)) - before;
    const begunMs = await cpuMs(usher);
    times.same.push(await sync(usher, id));
    cpu.same.push((await cpuMs(usher)) - begunMs);
    calls.same = (await countRequests(simulator)) - before - calls.first;
    // Floors and syncs take turns, so that what the machine does meanwhile falls on all of them.
    const floor = floorSchema.parse(
      await runScript(join(import.meta.dirname, 'floor-lacework.ts'), { url: simulator.url, keyId, secret }),
    );
    times.floor.push(floor.ms);
    cpu.floor.push(floor.cpuMs);
    calls.floor = floor.calls;
    await usher.call('DELETE', `/v1/connections/${id}?confirm=${id}`);
  }
  const floor = median(times.floor);
  report(against(BENCH, name('calls of a first sync / least'), 'calls', calls.first, calls.floor, 1.1));
  report(against(BENCH, name('calls of an unchanged sync / least'), 'calls', calls.same, calls.floor, 1.1));
  report(against(BENCH, name('first sync / fetch and parse'), 'ms', median(times.first), floor, null));
  report(against(BENCH, name('unchanged / fetch and parse'), 'ms', median(times.same), floor, null));
  // Processor time says the same on a busy machine; the database's is not in it. A sync reads every row twice, as a
  // person's come apart, and holds each against the snapshot by its digest.
  const used = median(cpu.same);
  report(against(BENCH, name('processor, unchanged / fetch and parse'), 'ms', used, median(cpu.floor), 8));
  const peakMb = await usher.peakMemoryMb();
  report(figure(BENCH, name('peak memory of serve'), 'MB', peakMb));
  return peakMb;
}

const floorSchema = z.object({ ms: z.number(), cpuMs: z.number(), calls: z.number() });

/** Processor time of `serve` so far (Linux only: ticks are hundredths of a second there). */
async function cpuMs({ pid }: UsherProcess): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [, rest = ''] = stat.split(') ');
  const fields = rest.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
