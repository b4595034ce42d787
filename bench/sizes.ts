import { z } from 'zod';
import {
  type SimulatorProcess,
  startSimulator,
  startUsher,
  temporaryDirectory,
  type UsherProcess,
} from '../e2e/processes.ts';
import { against, type Report } from './report.ts';

/** How much more memory ten times the people may take. */
export const MOST_GROWTH = 1.3;

/** `5000,50000` as numbers. */
export function numbersOf(list: string): readonly number[] {
  return list.split(',').map(Number);
}

/** Measures each size of company, the smallest first, against a simulator of its own. */
export async function ofEachSize<Size extends { readonly people: number }, Measured>(
  sizes: readonly Size[],
  simulate: (size: Size) => { readonly connector: string; readonly args?: readonly string[] },
  measure: (size: Size, simulator: SimulatorProcess) => Promise<Measured>,
): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const size of sizes.toSorted((one, other) => one.people - other.people)) {
    const { connector, args = [] } = simulate(size);
    const simulator = await startSimulator(connector, ['--people', String(size.people), ...args]);
    try {
      measured.push(await measure(size, simulator));
    } finally {
      await simulator.stop();
    }
  }
  return measured;
}

/** Runs `work` with an Usher that may call this simulator, and ends it. */
export async function withUsher<Result>(
  simulator: SimulatorProcess,
  work: (usher: UsherProcess) => Promise<Result>,
): Promise<Result> {
  const directory = await temporaryDirectory();
  const usher = await startUsher({ allow: [new URL(simulator.url).host], dataDir: directory.path });
  try {
    return await work(usher);
  } finally {
    await usher.end('SIGTERM');
    await directory.remove();
  }
}

/** The memory of the largest company against that of the smallest, as if that were the floor; nothing for one size. */
export function reportMemoryGrowth(
  bench: string,
  measured: readonly { readonly people: number; readonly peakMb: number }[],
  noun: string,
  report: Report,
): void {
  const [small] = measured;
  const large = measured.at(-1);
  if (small === undefined || large === undefined || small === large) return;
  const name = `peak memory of serve, ${large.people} / ${small.people} ${noun}`;
  report(against(bench, name, 'MB', large.peakMb, small.peakMb, MOST_GROWTH));
}

/** How many requests the simulator has had. */
export async function countRequests(simulator: SimulatorProcess): Promise<number> {
  return z.object({ requests: z.number() }).parse(await simulator.inspect('GET', 'state')).requests;
}
