import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { runScript, type SimulatorProcess, type UsherProcess } from '../e2e/processes.ts';
import { against, figure, median, type Report } from './report.ts';
import { countRequests, numbersOf, ofEachSize, reportMemoryGrowth, withUsher } from './sizes.ts';
import { sync } from './sync.ts';

const BENCH = 'insightvm';

/**
 * `bench insightvm --people 2000,20000 --sites 50,500`: first and unchanged sync of a console, in calls against the least
 * that it takes, in time against the floors of the same run, and the memory of the largest against the smallest.
 */
export async function run(args: readonly string[], report: Report): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      people: { type: 'string', default: '2000,20000' },
      sites: { type: 'string', default: '50,500' },
      rounds: { type: 'string', default: '3' },
    },
  });
  const sites = numbersOf(values.sites);
  const peaks = await ofEachSize(
    numbersOf(values.people).map((people, at) => ({ people, sites: sites[at] ?? sites.at(-1) ?? 0 })),
    (size) => ({ connector: 'insightvm', args: ['--sites', String(size.sites)] }),
    (size, simulator) =>
      withUsher(simulator, async (usher) => ({
        people: size.people,
        peakMb: await measure(size, Number(values.rounds), { simulator, usher }, report),
      })),
  );
  reportMemoryGrowth(BENCH, peaks, 'users', report);
}

interface Size {
  readonly people: number;
  readonly sites: number;
}

async function measure(
  size: Size,
  rounds: number,
  { simulator, usher }: { readonly simulator: SimulatorProcess; readonly usher: UsherProcess },
  report: Report,
): Promise<number> {
  const name = (text: string): string => `${text}, ${size.people} users, ${size.sites} sites`;
  const { user = '', password = '' } = simulator.credentials;
  const settings = { base_url: simulator.url, user, requests_per_second: 100_000 };
  const counted = async (work: () => Promise<number>): Promise<{ readonly ms: number; readonly calls: number }> => {
    const before = await countRequests(simulator);
    const ms = await work();
    return { ms, calls: (await countRequests(simulator)) - before };
  };
  const times = { first: [] as number[], same: [] as number[], copy: [] as number[], floor: [] as number[] };
  const calls = { first: 0, same: 0, floor: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const id = `bench-${round}`;
    const connected = await counted(async () => {
      await usher.call('POST', '/v1/connections', { id, connector: 'insightvm', settings, secrets: { password } });
      return 0;
    });
    if (round === 0) report(figure(BENCH, name('calls to try a connection'), 'calls', connected.calls));
    const first = await counted(() => sync(usher, id));
    const same = await counted(() => sync(usher, id));
    times.first.push(first.ms);
    times.same.push(same.ms);
    // Floors and syncs take turns, so that what the machine does meanwhile falls on all of them.
    const { dataDir } = usher;
    const copied = await runScript(join(import.meta.dirname, 'floor-sync.ts'), {
      dataDir, allow: new URL(simulator.url).host, settings, secrets: { password }, database: `floor_${round}`,
      connector: 'insightvm',
    }); // prettier-ignore
    times.copy.push(z.object({ ms: z.number() }).parse(copied).ms);
    const floor = floorSchema.parse(
      await runScript(join(import.meta.dirname, 'floor-insightvm.ts'), { url: simulator.url, user, password }),
    );
    times.floor.push(floor.ms);
    // Each sync tries the connection as well.
    calls.first = first.calls;
    calls.same = same.calls;
    calls.floor = floor.calls;
    await usher.call('DELETE', `/v1/connections/${id}?confirm=${id}`);
  }
  const floor = median(times.floor);
  const copy = median(times.copy);
  // Trying the connection takes ten calls, whatever the size.
  const mostCalls = calls.floor > 200 ? 1.1 : null;
  report(against(BENCH, name('calls of a first sync / least'), 'calls', calls.first, calls.floor, mostCalls));
  report(against(BENCH, name('calls of an unchanged sync / least'), 'calls', calls.same, calls.floor, mostCalls));
  report(against(BENCH, name('first sync / floor (fetch, parse, map, COPY)'), 'ms', median(times.first), copy, 1.7));
  report(against(BENCH, name('unchanged sync / floor'), 'ms', median(times.same), copy, 0.7));
  report(against(BENCH, name('first sync / fetch and parse'), 'ms', median(times.first), floor, null));
  report(against(BENCH, name('unchanged sync / fetch and parse'), 'ms', median(times.same), floor, null));
  const peakMb = await usher.peakMemoryMb();
  report(figure(BENCH, name('peak memory of serve'), 'MB', peakMb));
  return peakMb;
}

const floorSchema = z.object({ ms: z.number(), calls: z.number() });
